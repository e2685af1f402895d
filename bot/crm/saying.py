"""What Baton has to say of a lead in the CRM, as things stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.vocabulary import CrmSays
from bot.crm.port import Person
from storage import clocks, handoffs, leads, people
from storage.models import ClockKind, Handoff, HandoffState, Lead, Outcome, Stage, member_of

_DEEDS = {
    HandoffState.ACCEPTED: "Accepted",
    HandoffState.REJECTED: "Rejected",
    HandoffState.CLOSED: "Closed",
}
_STEPS = {
    ClockKind.ACCEPT: "Accept or reject",
    ClockKind.FIRST_TOUCH: "First contact",
    ClockKind.OUTCOME: "Set the outcome",
    ClockKind.ANSWER: "Marketing answers the rejection",
}
"""What is due while a clock runs."""
NOTHING_DUE = "Nothing due"
REJECTED = "rejected"
"""The lead status of what sales sent back to marketing."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A value as the agreement's tables know it, and in words where they have none for it."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Said:
    """A lead's person, its ids in the CRM, and what there is to say; the owner is an e-mail address."""

    person: Person
    records: tuple[str, ...]
    values: dict[CrmSays, Saying]


def said_of(tx: Connection, book: AgreementBook, system: str, lead_id: int) -> Said | None:
    """What to say of a lead, or of the one that it was merged into; None for somebody who was erased."""
    lead = leads.get(tx, leads.survivor(tx, lead_id))
    if lead is None or lead.forgotten_at is not None:
        return None
    handoff = handoffs.latest_of_lead(tx, lead.id)
    values = {CrmSays.LEAD_STATUS: Saying(lead.stage.value, "")}
    if handoff is not None:
        values |= dict(_of_handoff(tx, book, lead, handoff))
    person = Person(lead.id, lead.email, lead.first_name, lead.last_name, lead.company)
    return Said(person, tuple(sorted(leads.ids_in(tx, lead.id, system))), values)


def _of_handoff(
    tx: Connection, book: AgreementBook, lead: Lead, handoff: Handoff
) -> Iterator[tuple[CrmSays, Saying]]:
    if handoff.state is HandoffState.REJECTED and lead.stage is Stage.INQUIRY:
        yield CrmSays.LEAD_STATUS, Saying(REJECTED, "")
    if handoff.owner and (owner := people.get(tx, handoff.owner)) and owner.email:
        yield CrmSays.OWNER, _plain(owner.email)
    reason = book.of(tx, handoff.agreement_id).reason(handoff.reason) if handoff.reason else None
    if reason is not None:
        yield CrmSays.REJECTION_REASON, Saying(reason.code, reason.label)
    if note := _note(tx, handoff):
        yield CrmSays.NOTE, _plain(note)
    if handoff.touched_at is not None:
        yield CrmSays.FIRST_TOUCH, _plain(_moment(handoff.touched_at))
    if member_of(Outcome, lead.stage) is not None:
        yield CrmSays.OUTCOME, _plain(lead.stage.value)
    if handoff.amount_minor is not None:
        yield CrmSays.AMOUNT, _plain(f"{handoff.amount_minor / 100:.2f}")
    yield CrmSays.NEXT_STEP, _plain(_next_step(tx, lead, handoff))


def _plain(words: str) -> Saying:
    return Saying(words, words)


def _note(tx: Connection, handoff: Handoff) -> str | None:
    """Who did what last, and what they said: Baton writes as itself, and names whoever acted."""
    deed = _DEEDS.get(handoff.state)
    if deed is None:
        return None
    by = (
        handoff.rejected_by
        if handoff.state is HandoffState.REJECTED
        else handoff.owner or handoff.accepted_by
    )
    person = people.get(tx, by) if by else None
    name = person.name or person.email if person is not None else None
    says = f"{deed} by {name} in Slack" if name else deed
    return f"{says}: {handoff.note}" if handoff.note else says


def _next_step(tx: Connection, lead: Lead, handoff: Handoff) -> str:
    running = next(iter(clocks.running(tx, handoff.id)), None)
    if running is not None:
        return f"{_STEPS[running.kind]} by {running.due_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if lead.recycled_until is not None:
        return f"Back from nurture on {lead.recycled_until.astimezone(UTC):%Y-%m-%d}"
    return NOTHING_DUE


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
