"""Which lead somebody means by what they typed: one, several to choose from, or none and what is near.

An e-mail address, a number and a phone number mean one lead, a mention means what somebody has. A person is
found by any words of the name in any order, a company by its key, its domain, any word of it, the beginning
of its key, and where all that fails by likeness.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.errors import AmbiguousId
from bot.leadform import company_domain, company_key, email_domain, email_key, host_of
from bot.views.text import flat
from storage import leads, people, search, words
from storage.models import Lead

NEAR_SHOWN = 5
SAME_START_SHOWN = 10
PEOPLE_SHOWN = 10
LONGEST = 320  # characters; nothing that names a lead is longer
_ENOUGH_DIGITS = 8  # the last ones of a phone number, however its beginning is written
_MARK = re.compile(r"<((?:https?://|mailto:|tel:)[^<>|]+)(?:\|[^<>]*)?>")
_SCHEMES = ("mailto:", "tel:")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_HANDLE = re.compile(r"@([^@]+)")
_PHONE = re.compile(r"\+?[\d\s().\-/]{6,}(?:\s*(?:ext\.?|x)\s*\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CompanyRef:
    """A company that may be meant: what to ask for, and what to call it. `leads` is how many, up to 1,000."""

    key: str
    name: str
    leads: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found: one lead, one person of the team, a company or domain with its people, or a choice.

    A choice is of `people`, of `companies`, or of both. With none of these nothing was found, and `near`
    holds the e-mail addresses that are much alike.
    """

    typed: str
    lead: Lead | None = None
    rep: str | None = None  # the Slack id of somebody whose leads are meant
    company: str | None = None  # a company's key
    domain: str | None = None
    people: tuple[Lead, ...] = ()
    companies: tuple[CompanyRef, ...] = ()
    alike: bool = False  # the companies are near misses, not matches
    near: tuple[str, ...] = ()


def find(tx: Connection, typed: str) -> Asked:
    """What somebody means by a name, a company, an address, a domain, a phone number, "#12" or a mention."""
    if mentioned := _MENTION.fullmatch(typed.strip()):
        return Asked(typed.strip(), rep=mentioned[1])
    wanted = plainly(typed)
    lead = find_lead(tx, wanted)
    if lead is not None:
        return Asked(wanted, lead=lead)
    if _PHONE.fullmatch(wanted):
        return _at_phone(tx, wanted)
    if handle := _HANDLE.fullmatch(wanted):
        return Asked(wanted, rep=people.called(tx, handle[1]))
    if "@" in wanted:
        return _nobody_with_the_address(tx, wanted)
    if wanted.startswith(("#", "ext:")) or not wanted:
        return Asked(wanted)
    typed_host = host_of(wanted)
    host = (company_domain(typed_host, None) if typed_host else None) or typed_host
    if host and search.at_domain(tx, host, limit=1):
        return _only(tx, Asked(wanted, domain=host))
    return _called(tx, wanted, company_key(host.partition(".")[0] if host else wanted))


def plainly(typed: str) -> str:
    """What somebody typed or pasted, on one line, with links that Slack made of it as text again."""
    said = _MARK.sub(lambda mark: mark[1], typed)
    for scheme in _SCHEMES:
        said = said.replace(scheme, "")
    return flat(said)[:LONGEST]


def _called(tx: Connection, wanted: str, key: str) -> Asked:
    """People and companies of this name; first those that bear it as it stands, then those that begin so."""
    said = words.words_in(wanted)
    exact = _with_words(tx, said, begins=False)
    if search.at_company(tx, key, limit=1):
        named = tuple(lead for lead in exact if _is_name(said, lead))
        alone = _only(tx, Asked(wanted, company=key))
        return Asked(wanted, people=named, companies=_refs(tx, [key])) if named else alone
    domain = None if exact else search.domain_called(tx, key.replace(" ", ""))
    if domain is not None:
        return _only(tx, Asked(wanted, domain=domain))
    keys = search.companies_starting(tx, key, limit=SAME_START_SHOWN)
    found = _choice(tx, wanted, said, exact or _with_words(tx, said, begins=True), keys)
    if found is not None:
        return found
    if (shorter := words.without_digraphs(wanted)) != wanted:  # Mueller may be Müller
        return replace(_called(tx, shorter, company_key(shorter)), typed=wanted)
    return Asked(wanted, companies=_refs(tx, most_alike(key, search.companies_near(tx, key))), alike=True)


def _choice(
    tx: Connection, wanted: str, said: Sequence[str], found: Sequence[Lead], keys: Sequence[str]
) -> Asked | None:
    """One lead or company where there is one, else those to choose from; None where nobody was found."""
    named = tuple(lead for lead in found if _is_name(said, lead))
    at = dict.fromkeys((*keys, *(str(lead.company_key) for lead in found if not _is_name(said, lead))))
    if len(named) + len(at) == 0:
        return None
    if len(named) == 1 and not at:
        return Asked(wanted, lead=named[0])
    if not named and len(at) == 1:
        return _only(tx, Asked(wanted, company=next(iter(at))))
    companies = _refs(tx, list(at)[:SAME_START_SHOWN])
    return Asked(wanted, people=named[:PEOPLE_SHOWN], companies=companies)


def _with_words(tx: Connection, said: Sequence[str], *, begins: bool) -> Sequence[Lead]:
    found = words.leads_with(tx, said, begins=begins, limit=5 * PEOPLE_SHOWN)
    return search.these(tx, found)


def _is_name(said: Sequence[str], lead: Lead) -> bool:
    """Whether a word that was typed is of the lead's own name, and not only of its company."""
    key = lead.company_key or ""
    at_company = [*words.words_in(key), *(o for w in words.words_in(key) for o in words.spellings(w, key))]
    return not all(any(word.startswith(each) for word in at_company) for each in said)


def _at_phone(tx: Connection, wanted: str) -> Asked:
    word = words.phone_word(wanted)
    if word is None:
        return Asked(wanted)
    for part in dict.fromkeys((word, word[: _ENOUGH_DIGITS + 2])):
        found = search.these(tx, words.leads_with(tx, [part], begins=True, limit=PEOPLE_SHOWN))
        if found:
            lead = found[0] if len(found) == 1 else None
            return Asked(wanted, lead=lead, people=() if lead else tuple(found))
    return Asked(wanted)


def most_alike(key: str, candidates: Sequence[str], most: int = NEAR_SHOWN) -> list[str]:
    """The candidates that differ from the key by a slip or two, the likest first.

    Counts letters that are wrong, missing, too many, or swapped with their neighbour; one slip is allowed in
    up to four letters, two in up to eight, three beyond. Of the equally near, those that begin and end alike.
    """
    from rapidfuzz.distance import OSA  # a start does without it

    slips = 1 if len(key) <= 4 else 2 if len(key) <= 8 else 3
    near = []
    for candidate in set(candidates):
        distance = OSA.distance(key, candidate, score_cutoff=slips)
        if distance <= slips:
            unlike = (candidate[:1] != key[:1]) + (candidate[-1:] != key[-1:])
            near.append((distance, unlike, candidate))
    return [candidate for _, _, candidate in sorted(near)[:most]]


def _only(tx: Connection, asked: Asked) -> Asked:
    """Where a company has one lead, that lead is meant."""
    if asked.company is not None:
        people = search.at_company(tx, asked.company, limit=2)
    else:
        people = search.at_domain(tx, asked.domain or "", limit=2)
    return Asked(asked.typed, lead=people[0]) if len(people) == 1 else asked


def _nobody_with_the_address(tx: Connection, wanted: str) -> Asked:
    """An address that nobody has: the company it is of, or addresses there that are much like it."""
    domain = email_domain(wanted)
    there = search.at_domain(tx, domain, limit=200) if domain else ()
    keys = {row.email_key: row.email for row in there if row.email_key}
    near = tuple(str(keys[key]) for key in most_alike(email_key(wanted), list(keys)))
    return Asked(wanted, near=near, domain=domain if there else None)


def _refs(tx: Connection, keys: Sequence[str]) -> tuple[CompanyRef, ...]:
    return tuple(_ref(tx, key) for key in keys)


def _ref(tx: Connection, key: str) -> CompanyRef:
    newest = search.at_company(tx, key, limit=1)
    name = newest[0].company if newest else None
    return CompanyRef(key, name or key, search.count_at_company(tx, key))


_NUMBER = re.compile(r"#?(\d{1,18})")


def find_lead(tx: Connection, typed: str) -> Lead | None:
    """The lead behind "#12", "ext:<external id>", "ext:<system>:<external id>", an e-mail address or an id.

    One that was merged stands for the lead that it joined. Raises AmbiguousId for an id that several systems
    have for different leads.
    """
    wanted = typed.strip()
    lead_id = _id_of(tx, wanted)
    lead = None if lead_id is None else leads.get(tx, leads.survivor(tx, lead_id))
    return lead if lead is not None and lead.forgotten_at is None else None


def _id_of(tx: Connection, wanted: str) -> int | None:
    if wanted.startswith("ext:"):
        return _by_external_id(tx, wanted.removeprefix("ext:"))
    if number := _NUMBER.fullmatch(wanted):
        return int(number[1])
    if "@" in wanted:
        found = {leads.survivor(tx, lead_id) for lead_id in leads.by_email_key(tx, email_key(wanted))}
        return found.pop() if len(found) == 1 else None  # a shared mailbox: several to choose from
    return _by_external_id(tx, wanted)


def _by_external_id(tx: Connection, wanted: str) -> int | None:
    """The lead behind an id, or behind "system:id". Raises AmbiguousId where the id alone means several."""
    found = leads.by_external_id(tx, wanted)
    if not found and ":" in wanted:
        system, _, external_id = wanted.partition(":")
        return leads.by_external_id(tx, external_id, system).get(system)
    if len({leads.survivor(tx, lead_id) for lead_id in found.values()}) > 1:
        raise AmbiguousId(wanted, found)
    return next(iter(found.values()), None)


def leads_meant(tx: Connection, typed: str) -> Sequence[Lead]:
    """The leads that an address, of now or of before, or a number means; of several none is chosen.

    One that was merged stands for the one that it joined; whoever was erased is not among them.
    """
    if "@" not in typed:
        one = find_lead(tx, typed)
        return [one] if one is not None else []
    key = email_key(typed)
    ids = {*leads.by_email_key(tx, key), *leads.by_former_address(tx, key)}
    rows = (leads.get(tx, each) for each in sorted({leads.survivor(tx, each) for each in ids}))
    return [row for row in rows if row is not None and row.forgotten_at is None]
