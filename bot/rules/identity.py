"""Who a record is about: an id says which record, an address which mailbox, a name which person.

No single one of them may overwrite the others. Fetching the leads that may be meant, and carrying out the
verdict, is the caller's; which values a known lead changes is identity_changes.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from bot.leadform.mailboxes import is_shared_mailbox
from bot.rules.names import NO_NAME, Likeness, Name, fullness, likeness, says_who

_LONGEST_NAME = 80  # characters in a sentence


class Outcome(StrEnum):
    """What became clear of whom a record is about."""

    NEW = "new"
    """Somebody whom Baton does not know."""
    KNOWN = "known"
    """A known lead; `Verdict.changes` says what of it changes."""
    CONFLICT = "conflict"
    """Its id and what else it says mean two people: not taken, and nothing is overwritten."""
    AMBIGUOUS = "ambiguous"
    """Several people at a shared mailbox may be meant: not taken."""
    NOBODY = "nobody"
    """It says nothing that would tell one person from another."""


class Change(StrEnum):
    """What of a known lead a record changes, beside filling in what was not known."""

    ADDRESS = "address"
    NAME = "name"


class Tie(StrEnum):
    """By what a known lead was found."""

    ID = "id"
    ADDRESS = "address"
    ADDRESS_AND_NAME = "address_and_name"
    PHONE_AND_NAME = "phone_and_name"


class Hold(StrEnum):
    """How an address belongs to a lead."""

    PRESENT = "present"
    FORMER = "former"
    """It was the lead's before a change of address."""
    JOINED = "joined"
    """It is of a lead that was merged into this one."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a record says of whom it is about; `external_id`, in `system`, is one to rely on."""

    system: str
    external_id: str | None = None
    email_key: str | None = None
    name: Name = NO_NAME
    company_domain: str | None = None
    company_key: str | None = None
    has_phone: bool = False

    @classmethod
    def of(cls, system: str, external_id: str | None, columns: Mapping[str, Any]) -> Came:
        """From a record's columns, as `leadform.to_columns` gives them."""
        return cls(system, external_id, has_phone=bool(columns.get("phone")), **_columns(columns))


@dataclass(frozen=True, slots=True)
class Known:
    """A lead that a record may be about; of a merged one, the lead that it joined.

    `ids` are its other ids in the record's system. `former_names` it bore itself, `joined_names` are those of
    leads that were merged into it. `hold` is how it has the record's address, where it was found by that.
    """

    id: int
    email_key: str | None = None
    name: Name = NO_NAME
    company_domain: str | None = None
    company_key: str | None = None
    ids: frozenset[str] = frozenset()
    former_names: tuple[Name, ...] = ()
    joined_names: tuple[Name, ...] = ()
    hold: Hold = Hold.PRESENT

    @classmethod
    def of(cls, lead_id: int, columns: Mapping[str, Any], **more: Any) -> Known:
        """From a lead's columns; `more` are the fields that stand elsewhere (`ids`, `former_names` …)."""
        return cls(lead_id, **_columns(columns), **more)


def _columns(columns: Mapping[str, Any]) -> dict[str, Any]:
    name = Name(columns.get("first_name"), columns.get("last_name"))
    return {"name": name, **{key: columns.get(key) for key in ("email_key", "company_domain", "company_key")}}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whom a record is about. `lead` is set where it is `KNOWN`, and the id's lead in a conflict.

    `keeps` are the record's fields that must not be written: the lead's own say more, or are the present
    ones. `others` are further leads in question. `words` say it to a person, without an address.
    """

    outcome: Outcome
    words: str
    lead: int | None = None
    tie: Tie | None = None
    changes: frozenset[Change] = frozenset()
    keeps: frozenset[str] = frozenset()
    others: tuple[int, ...] = ()


def decide(
    came: Came, by_id: Known | None, at_address: Sequence[Known] = (), at_phone: Sequence[Known] = ()
) -> Verdict:
    """Whom a record is about, given the leads that may be meant.

    To be fetched, by one indexed query each, merged leads resolved to the one that they joined: `by_id`, the
    lead of (system, external_id); `at_address`, each lead that has the address with the record's key, now
    (several at a shared mailbox), formerly or by a merge; and only for a record with neither id nor address,
    `at_phone`, the leads with its phone number. With each lead its other ids in the record's system.

    A known id at another address under another name is somebody else: a conflict. It is the same person if
    the name is the same, or one of them is missing; and also if only the family name changed and both
    addresses are at one company, because a wedding changes both. Where record or lead has no address, another
    company stands for another address. At a shared mailbox, address and name make the person.
    """
    if by_id is not None:
        return _of_the_id(came, by_id, at_address)
    if came.email_key is not None:
        return _at_the_address(came, at_address)
    if came.external_id is not None:
        return Verdict(Outcome.NEW, f"{_record(came)} has an id that is not known yet.")
    return _without_either(came, at_phone)


def _of_the_id(came: Came, known: Known, at_address: Sequence[Known]) -> Verdict:
    here = [lead for lead in at_address if lead.hold is not Hold.FORMER]
    others = [lead for lead in here if lead.id != known.id]
    own = came.email_key is not None and (
        came.email_key == known.email_key or any(lead.id == known.id for lead in here)
    )
    like = _likeness(came, known)
    if own and like is Likeness.SAME:
        return _known(came, known, Tie.ID, like, keep_email=came.email_key != known.email_key)
    shared = came.email_key is not None and _is_shared(came.email_key, here)
    claims = [lead for lead in others if _bears_the_name(came, lead)] if own or shared else others
    if claims:
        return _two_leads(came, known, claims[0])
    if not own:
        return _elsewhere(came, known, like)
    if shared and like is Likeness.OTHER:
        return _somebody_else(came, known, "at a mailbox that several people share")
    return _known(came, known, Tie.ID, like, keep_email=came.email_key != known.email_key)


def _elsewhere(came: Came, known: Known, like: Likeness) -> Verdict:
    """The lead of the id, where the record does not have the lead's address."""
    moved = came.email_key is not None and known.email_key is not None
    same_company = _is_same_company(came, known)
    if like is not Likeness.SAME:
        hers = like is Likeness.FAMILY and (same_company or _was_called(came, known))
        if moved and not hers:
            return _somebody_else(came, known, "at another address")
        if not moved and like is Likeness.OTHER and same_company is False:
            return _somebody_else(came, known, "at another company")
    return _known(came, known, Tie.ID, like, moved=moved)


def _is_same_company(came: Came, known: Known) -> bool | None:
    """Whether both are at one company, by its domain or its name; None where nothing can be compared."""
    pairs = ((came.company_domain, known.company_domain), (came.company_key, known.company_key))
    told = [one == other for one, other in pairs if one is not None and other is not None]
    return any(told) if told else None


def _at_the_address(came: Came, at_address: Sequence[Known]) -> Verdict:
    here = [lead for lead in at_address if lead.hold is not Hold.FORMER]
    if not here:
        return _at_a_former_address(came, at_address)
    if _is_shared(came.email_key or "", here):
        return _at_a_shared_mailbox(came, here)
    lead = max(here, key=lambda each: (_likeness(came, each) is Likeness.SAME, -each.id))
    like = _likeness(came, lead)
    if like is Likeness.OTHER and came.external_id is not None and lead.ids:
        words = f"{_record(came)} shares the mailbox of {_called(lead)}: another record of {came.system}."
        return Verdict(Outcome.NEW, words)
    return _known(came, lead, Tie.ADDRESS, like)


def _at_a_former_address(came: Came, former: Sequence[Known]) -> Verdict:
    """Whoever had the address before; under another name it is somebody who was given it since."""
    for lead in former:
        like = _likeness(came, lead)
        if like in (Likeness.SAME, Likeness.FAMILY):
            return _known(came, lead, Tie.ADDRESS, like, keep_email=True)
    return Verdict(Outcome.NEW, f"{_record(came)} has an address that is not known yet.")


def _at_a_shared_mailbox(came: Came, here: Sequence[Known]) -> Verdict:
    nameless = [lead for lead in here if not says_who(lead.name)]
    if not says_who(came.name):
        only = here if len(here) == 1 else nameless
        if only:
            return _known(came, only[0], Tie.ADDRESS, Likeness.SAME)
        return Verdict(Outcome.NEW, "The record names nobody of those who share the mailbox.")
    found = [lead for lead in here if _bears_the_name(came, lead)]
    if not found and nameless and len(here) == 1:
        found = nameless
    if not found:
        return Verdict(Outcome.NEW, f"{_record(came)} is new at a mailbox that several people share.")
    return _one_of(came, found, Tie.ADDRESS_AND_NAME)


def _without_either(came: Came, at_phone: Sequence[Known]) -> Verdict:
    """A phone is no person's own, as a shared mailbox is not: number and name make the person."""
    found = [lead for lead in at_phone if _bears_the_name(came, lead)]
    if found:
        return _one_of(came, found, Tie.PHONE_AND_NAME)
    if says_who(came.name) or came.has_phone:
        return Verdict(Outcome.NEW, f"{_record(came)} has neither an id nor an address.")
    return Verdict(Outcome.NOBODY, "The record has no id, no address, no phone number and no name.")


def _one_of(came: Came, found: Sequence[Known], tie: Tie) -> Verdict:
    """The lead that bears the name best. Of several with one name, which were never merged, the oldest."""
    best = [lead for lead in found if fullness(lead.name) == fullness(came.name)] or list(found)
    best.sort(key=lambda lead: lead.id)  # named in one order, in whichever they were found
    if any(likeness(a.name, b.name) is not Likeness.SAME for a, b in combinations(best, 2)):
        who = " or ".join(map(_called, best))
        words = f"{_record(came)} may be {who}. Send the whole name, or an id."
        return Verdict(Outcome.AMBIGUOUS, words, others=tuple(lead.id for lead in best))
    return _known(came, best[0], tie, Likeness.SAME)


def _known(
    came: Came, lead: Known, tie: Tie, like: Likeness, *, moved: bool = False, keep_email: bool = False
) -> Verdict:
    keeps = {"email"} if keep_email or (lead.hold is not Hold.PRESENT and not moved) else set[str]()
    changes = {Change.ADDRESS} if moved else set[Change]()
    if like is not Likeness.SAME:
        changes.add(Change.NAME)
    elif came.name != lead.name and (not says_who(came.name) or _says_less(came, lead, tie)):
        keeps |= {"first_name", "last_name"}
    what = " and ".join(f"another {change}" for change in Change if change in changes)
    words = f"{_called(lead)} has {what}: {_record(came)}." if what else f"It is {_called(lead)}."
    return Verdict(
        Outcome.KNOWN, words, lead=lead.id, tie=tie, changes=frozenset(changes), keeps=frozenset(keeps)
    )


def _says_less(came: Came, lead: Known, tie: Tie) -> bool:
    """Whether the lead's name is the better one: "J. Doe" does not overwrite "Jane Doe".

    Of two that say as much only the id's own system may turn first and last name round.
    """
    said, known = fullness(came.name), fullness(lead.name)
    return said < known or (said == known and tie is not Tie.ID)


def _somebody_else(came: Came, known: Known, where: str) -> Verdict:
    words = (
        f"The id {came.external_id} of {came.system} is {_called(known)}, and this record is {_record(came)}"
        f" {where}. Give each person an id of their own."
    )
    return Verdict(Outcome.CONFLICT, words, lead=known.id, tie=Tie.ID)


def _two_leads(came: Came, known: Known, other: Known) -> Verdict:
    words = (
        f"The id {came.external_id} of {came.system} is {_called(known)}, and the address belongs to"
        f" {_called(other)}. Merge them if they are one person, else send one or the other."
    )
    return Verdict(Outcome.CONFLICT, words, lead=known.id, tie=Tie.ID, others=(other.id,))


def _likeness(came: Came, lead: Known) -> Likeness:
    """How alike the record's name is to the lead's, or to one that a person has said to be the lead's too."""
    like = likeness(came.name, lead.name)
    if like is not Likeness.SAME and any(_same(came.name, name) for name in lead.joined_names):
        return Likeness.SAME
    return like


def _was_called(came: Came, lead: Known) -> bool:
    """Whether the record has a name that the lead bore before."""
    return any(_same(came.name, name) for name in lead.former_names)


def _same(a: Name, b: Name) -> bool:
    return says_who(a) and says_who(b) and likeness(a, b) is Likeness.SAME


def _bears_the_name(came: Came, lead: Known) -> bool:
    return any(_same(came.name, name) for name in (lead.name, *lead.joined_names))


def _is_shared(key: str, here: Sequence[Known]) -> bool:
    """Whether a mailbox is several people's: of a role, or because two names are known at it."""
    return (
        is_shared_mailbox(key)
        or _are_several(lead.name for lead in here)
        or any(likeness(name, lead.name) is Likeness.OTHER for lead in here for name in lead.former_names)
    )


def _are_several(names: Iterable[Name]) -> bool:
    named = (name for name in names if says_who(name))
    return any(likeness(a, b) is not Likeness.SAME for a, b in combinations(named, 2))


def _called(lead: Known) -> str:
    name = _shown(lead.name)
    return f"{name} (lead #{lead.id})" if name else f"lead #{lead.id}"


def _record(came: Came) -> str:
    if name := _shown(came.name):
        return name
    return f"somebody at {came.company_domain}" if came.company_domain else "somebody without a name"


def _shown(name: Name) -> str:
    """A name as a sentence has it: cut where it is a novel, empty where it names nobody or is an address."""
    text = str(name) if says_who(name) else ""
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
