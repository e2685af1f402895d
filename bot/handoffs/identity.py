"""Whose record it is: the leads that it may be about are fetched, and the rules say which of them it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from bot.leadform import FieldFault, LeadFaults
from bot.rules.identity import Came, Hold, Known, Verdict, decide
from bot.rules.identity import Outcome as Whose
from bot.rules.names import Name
from storage import leads, records
from storage.leads import BY_ID, FORMER, Found
from storage.models import Lead, RefusedCause
from storage.models.values import LeadValues

JOINED_NAME = "joined"
"""Marks a name in `names_before` that came with a lead that was merged into this one."""

_AGAIN = "It is the same record again."


class NotTaken(LeadFaults):
    """A record that is about nobody in particular: it is kept among the refused, and nothing is overwritten.

    `lead_id` is the lead whose id it bears, if there is one.
    """

    def __init__(self, verdict: Verdict, field: str) -> None:
        self.lead_id = verdict.lead
        self.cause = RefusedCause.NOBODY if verdict.outcome is Whose.NOBODY else RefusedCause.IDENTITY
        super().__init__([FieldFault(field, verdict.words)])

    def __str__(self) -> str:
        return self.faults[0].message


class Among(Protocol):
    """The leads that a record may be about, as they are stored or as they were fetched for many records."""

    def candidates(self, system: str, external_id: str | None, key: str | None) -> Sequence[Found]:
        """By the record's id in its system, and at its address now or formerly."""

    def by_phone_key(self, key: str) -> Sequence[int]:
        """The leads with this phone number."""

    def survivor(self, lead_id: int) -> int:
        """The lead that this one was merged into; itself if never merged."""

    def get(self, lead_id: int) -> Lead | None:
        """A lead's row."""

    def ids_in(self, lead_id: int, system: str) -> frozenset[str]:
        """The ids under which a system knows a lead."""

    def told_before(self, lead_ids: Collection[int], digest: str) -> set[int]:
        """Of which of these leads the same record was told before."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Each is asked of the database as it is needed."""

    tx: Connection

    def candidates(self, system: str, external_id: str | None, key: str | None) -> Sequence[Found]:
        """As `Among`."""
        return leads.candidates(self.tx, system, external_id, key)

    def by_phone_key(self, key: str) -> Sequence[int]:
        """As `Among`."""
        return leads.by_phone_key(self.tx, key)

    def survivor(self, lead_id: int) -> int:
        """As `Among`."""
        return leads.survivor(self.tx, lead_id)

    def get(self, lead_id: int) -> Lead | None:
        """As `Among`."""
        return leads.get(self.tx, lead_id)

    def ids_in(self, lead_id: int, system: str) -> frozenset[str]:
        """As `Among`."""
        return leads.ids_in(self.tx, lead_id, system)

    def told_before(self, lead_ids: Collection[int], digest: str) -> set[int]:
        """As `Among`."""
        return records.told_before(self.tx, lead_ids, digest)


def whose_record(
    among: Among, system: str, external_id: str | None, columns: LeadValues, digest: str | None = None
) -> Verdict:
    """Whom a record is about. Raises NotTaken for one that means two people, several, or nobody.

    `system` is the one whose id `external_id` is, `columns` what the record says. One of which the same was
    said before, by its `digest`, is about the same lead as then, whoever has come to the mailbox since.
    """
    came = Came.of(system, external_id, columns)
    found = among.candidates(system, external_id, columns.get("email_key"))
    by_id = next((each.lead_id for each in found if each.how == BY_ID), None)
    at_address = [(each.lead_id, each.how == FORMER) for each in found if each.how != BY_ID]
    phone = columns.get("phone_key")
    at_phone = among.by_phone_key(phone) if phone and external_id is None and not came.email_key else []
    verdict = decide(
        came,
        _known(among, system, by_id, former=False) if by_id is not None else None,
        _each(among, system, at_address),
        _each(among, system, [(lead_id, False) for lead_id in at_phone]),
    )
    ids = {*(each.lead_id for each in found), *at_phone}
    sure = verdict.outcome is Whose.KNOWN and (by_id is not None or ids == {verdict.lead})
    if digest is not None and ids and not sure:
        told = {each for each in among.told_before(ids, digest) if among.survivor(each) == each}
        if told and not (verdict.outcome is Whose.KNOWN and verdict.lead in told):
            return Verdict(Whose.KNOWN, _AGAIN, lead=min(told))
    if verdict.outcome in (Whose.CONFLICT, Whose.AMBIGUOUS, Whose.NOBODY):
        raise NotTaken(verdict, "email" if came.email_key is not None else "external_id")
    return verdict


def _each(among: Among, system: str, found: Iterable[tuple[int, bool]]) -> list[Known]:
    """Each lead once; where it has the address now, that it had it before says nothing more."""
    known: dict[int, Known] = {}
    for lead_id, former in sorted(found, key=lambda each: each[1]):
        lead = _known(among, system, lead_id, former=former)
        if lead is not None:
            known.setdefault(lead.id, lead)
    return list(known.values())


def _known(among: Among, system: str, lead_id: int, *, former: bool) -> Known | None:
    kept_id = among.survivor(lead_id)
    lead = among.get(kept_id)
    if lead is None:
        return None
    hold = Hold.FORMER if former else Hold.JOINED if kept_id != lead_id else Hold.PRESENT
    return Known.of(
        lead.id,
        {name: getattr(lead, name) for name in _TOLD},
        ids=among.ids_in(lead.id, system),
        former_names=tuple(name for name, joined in _names(lead) if not joined),
        joined_names=tuple(name for name, joined in _names(lead) if joined),
        hold=hold,
    )


_TOLD = ("first_name", "last_name", "email_key", "company_domain", "company_key")
"""Of a lead's columns those that say who it is."""


def _names(lead: Lead) -> list[tuple[Name, bool]]:
    return [(Name(kept[0], kept[1]), kept[2:] == [JOINED_NAME]) for kept in lead.names_before]
