"""A CRM's past comes in: leads, and the handoffs that they went through before Baton, of their own dates.

Nothing is posted, and no clock starts that would have run out: the history is for the report, for calibration
and for whoever asks where a lead stood. How a row is read is leadform's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.agreement.book import named_in
from bot.agreement.model import Agreement, Reason
from bot.agreement.vocabulary import Then
from bot.context import IMPORT, Context
from bot.handoffs.arriving import told_columns
from bot.handoffs.identity import Stored, whose_record
from bot.handoffs.intake import take_in
from bot.handoffs.owners import owner_named
from bot.handoffs.pastclocks import start_what_runs
from bot.handoffs.taken import Door, Taken
from bot.leadform import FieldFault, LeadFaults, LeadForm, record_digest
from bot.leadform.past import PastForm
from bot.leadform.text import simplify
from bot.lookups.history import HISTORY
from bot.lookups.judgement import did_of, facts_about
from bot.rules import routing
from bot.rules.qualification import facts_of, judge
from storage import handoffs, history, leads
from storage.database.sql import columns_of
from storage.models import EventKind, Handoff, HandoffState, Lead, Stage
from storage.models.details import Detail, without_empty
from storage.models.values import EventValues, HandoffValues, LeadValues, changes

FROM_HISTORY = "from the CRM's history"

_COLUMNS = {
    "accepted_at": "accepted_at",
    "first_touch_at": "touched_at",
    "sql_at": "sql_at",
    "opportunity_at": "opportunity_at",
    "won_at": "won_at",
    "lost_at": "lost_at",
    "rejected_at": "rejected_at",
    "recycled_at": "recycled_at",
    "disqualified_at": "disqualified_at",
}
_EVENTS: Mapping[str, EventKind] = {
    "handed_at": EventKind.HANDED_OFF,
    "accepted_at": EventKind.ACCEPTED,
    "touched_at": EventKind.TOUCHED,
    "rejected_at": EventKind.REJECTED,
    "sql_at": EventKind.SQL,
    "opportunity_at": EventKind.OPPORTUNITY,
    "won_at": EventKind.WON,
    "lost_at": EventKind.LOST,
    "recycled_at": EventKind.RECYCLED,
    "disqualified_at": EventKind.DISQUALIFIED,
}
_STAGES: tuple[tuple[str, Stage], ...] = (
    ("won_at", Stage.WON),
    ("lost_at", Stage.LOST),
    ("recycled_at", Stage.RECYCLED),
    ("disqualified_at", Stage.DISQUALIFIED),
    ("opportunity_at", Stage.OPPORTUNITY),
    ("sql_at", Stage.SQL),
    ("accepted_at", Stage.SAL),
)
"""Where a lead stands by the first of these that its newest handoff reached."""
_ENDS = ("won_at", "lost_at", "recycled_at", "disqualified_at")
_REJECTED = {Then.NURTURE: Stage.RECYCLED, Then.CLOSE: Stage.DISQUALIFIED, Then.MERGE: Stage.DISQUALIFIED}
_OF_A_DEAL = frozenset({"stage", "amount", "closed_at", "currency"})
_WHO = frozenset({"external_id", "email", "first_name", "last_name", "activities"})


class Fate(StrEnum):
    """What became of a row of a history."""

    WON = "won"
    LOST = "lost"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"
    REJECTED = "rejected"
    RUNNING = "still open"
    KNOWN = "known before"
    HERE = "with sales here already"
    LEAD = "without a handoff"


@dataclass(frozen=True, slots=True)
class TakenPast(Taken):
    """What became of a row of a history. `unknown_owner` and `unknown_reason` are whom and what the agreement
    does not know, as written; `clock` says that a clock runs because of it."""

    fate: Fate = Fate.LEAD
    unknown_owner: str | None = None
    unknown_reason: str | None = None
    clock: bool = False


def take_past(tx: Connection, ctx: Context, past: PastForm, door: Door) -> TakenPast:
    """Store a lead of the past and its handoff, as it was. The same row again changes nothing.

    Raises NotTaken as `take_in` does, or LeadFaults where nobody can say which team had it; both before
    anything is written.
    """
    agreement = ctx.book.current
    owner = owner_named(tx, named_in(agreement)[0], past.form.owner)
    form, known = _of_the_lead(tx, past, door)
    team = _team(agreement, past, owner, form, known)
    if past.handed_at is not None and team is None:
        raise LeadFaults([FieldFault("team", "is missing, and no team of the agreement matches the lead")])
    began = replace(ctx, now=past.began) if past.began is not None and known is None else ctx
    taken = take_in(tx, began, form, replace(door, hands_off=False))
    lead = leads.get(tx, taken.id, lock=True)
    fate, clock = Fate.LEAD, False
    if past.handed_at is not None and team is not None and lead is not None:
        fate, clock = _handoff(tx, ctx, lead, past, team, owner)
    reason = _reason(agreement, past.reason)
    return TakenPast(
        **{each.name: getattr(taken, each.name) for each in fields(taken)},
        fate=fate,
        unknown_owner=past.form.owner if owner is None else None,
        unknown_reason=past.reason if reason is None else None,
        clock=clock,
    )


def _of_the_lead(tx: Connection, past: PastForm, door: Door) -> tuple[LeadForm, Lead | None]:
    """The record without its deal, and the lead if it is known: to that it only adds what nobody has told."""
    told: dict[str, Any] = {
        name: getattr(past.form, name) for name in past.form.model_fields_set if name not in _OF_A_DEAL
    }
    form = LeadForm(**told)
    digest = record_digest(door.system, form)
    verdict = whose_record(Stored(tx), door.system, form.external_id, told_columns(form), digest)
    known = leads.get(tx, verdict.lead) if verdict.lead is not None else None
    if known is None:
        return form, None
    has = {**columns_of(known), "owner": known.crm_owner}
    kept = {name: value for name, value in told.items() if name in _WHO or not has.get(name)}
    if "extra" in told:
        kept["extra"] = {name: text for name, text in told["extra"].items() if name not in known.extra}
    return LeadForm(**kept), known


def _team(
    agreement: Agreement, past: PastForm, owner: str | None, form: LeadForm, known: Lead | None
) -> str | None:
    """The team that had it: the one named, the owner's, or the one that the lead matches."""
    if past.team:
        known_team = next((t for t in agreement.teams if simplify(t.name) == simplify(past.team)), None)
        return known_team.name if known_team else past.team
    own = next((team for team in agreement.teams if owner and team.rep(owner)), None)
    facts = facts_of({**(columns_of(known) if known else {}), **told_columns(form)})
    found = own or routing.team_for(agreement, facts)
    return found.name if found else None


def _handoff(
    tx: Connection, ctx: Context, lead: Lead, past: PastForm, team: str, owner: str | None
) -> tuple[Fate, bool]:
    """Write the handoff, or what a newer export adds to one that was open."""
    of_lead, values = handoffs.of_lead(tx, lead.id), _values(ctx.book.current, past, owner)
    before = next((each for each in of_lead if each.handed_at == values["handed_at"]), None)
    if before is not None and (not before.history or before.closed_at or not changes(before, values)):
        return Fate.KNOWN, False
    if before is None and "closed_at" not in values and any(each.closed_at is None for each in of_lead):
        return Fate.HERE, False
    if before is None:
        values |= _judged_then(tx, ctx, lead, values["handed_at"], team)
        handoff_id = handoffs.add(tx, values)
    else:
        handoff_id = before.id
        handoffs.change(tx, handoff_id, changes(before, values))
    history.record_all(tx, list(_lines(ctx, lead.id, handoff_id, values, before)))
    if any(each.handed_at > values["handed_at"] for each in of_lead):
        return _fate(values), False
    leads.change(tx, lead.id, _of_lead_now(ctx.book.current, values))
    written = handoffs.get(tx, handoff_id)
    return _fate(values), written is not None and start_what_runs(tx, ctx, written)


def _values(agreement: Agreement, past: PastForm, owner: str | None) -> HandoffValues:
    """The handoff as the row tells it."""
    moments = past.moments
    values: HandoffValues = {"handed_at": moments["handed_off_at"], "history": True}
    reached = {column: moments[name] for name, column in _COLUMNS.items() if name in moments}
    values |= reached  # type: ignore[typeddict-item]  # the columns of _COLUMNS are moments, all of them
    by = owner or IMPORT
    if owner is not None:
        values["owner"] = owner
    if "accepted_at" in reached:
        values["accepted_by"] = by
    if "touched_at" in reached:
        values["touched_by"] = by
    if "rejected_at" in reached:
        values |= {"rejected_by": by, "closed_at": reached["rejected_at"]}
    ends = [reached[name] for name in _ENDS if name in reached]
    if ends:
        values["closed_at"] = ends[0]
    if past.reason is not None and "closed_at" in values:
        reason = _reason(agreement, past.reason)
        values |= {"reason": reason.code} if reason else {"note": past.reason}
    if "opportunity_at" in reached:
        amount = past.form.amount
        values |= {
            "amount_minor": None if amount is None else int(amount * 100),
            "currency": past.form.currency,
            "deal_at": past.deal_at,
        }
    return values | {"state": _state(values)}


def _state(values: HandoffValues) -> HandoffState:
    if values.get("rejected_at"):
        return HandoffState.REJECTED
    if values.get("closed_at"):
        return HandoffState.CLOSED
    return HandoffState.ACCEPTED if values.get("accepted_at") else HandoffState.WAITING


def _judged_then(tx: Connection, ctx: Context, lead: Lead, handed_at: datetime, team: str) -> HandoffValues:
    """What a handoff keeps besides: the grade that the lead would have had on that day."""
    did = did_of(tx, ctx.book.current, lead.id, handed_at)
    judged = judge(ctx.book.current, facts_about(lead), did, handed_at)
    return {
        "lead_id": lead.id,
        "agreement_id": ctx.book.current_id,
        "team": team,
        "priority": judged.priority,
        "grade": judged.grade,
        "why": list(judged.reasons),
        "campaign": lead.campaign,
    }


def _lines(
    ctx: Context, lead_id: int, handoff_id: int, values: HandoffValues, before: Handoff | None
) -> Iterator[EventValues]:
    """A line of history for each thing that happened, when it happened."""
    actor, owner = values.get("owner") or str(IMPORT), values.get("owner")
    for column, kind in _EVENTS.items():
        at = values.get(column)
        if not isinstance(at, datetime) or (before is not None and getattr(before, column) is not None):
            continue
        detail: Detail = {HISTORY: True}
        if kind is EventKind.HANDED_OFF:
            detail |= {"team": values.get("team"), "owner": owner, "grade": values.get("grade")}
            detail["why"] = FROM_HISTORY
        if kind in (EventKind.REJECTED, EventKind.LOST, EventKind.DISQUALIFIED):
            reason = ctx.book.current.reason(values["reason"] or "") if "reason" in values else None
            label = reason.label if reason else None
            detail |= {"reason": values.get("reason"), "label": label, "note": values.get("note")}
        if kind in (EventKind.OPPORTUNITY, EventKind.WON):
            detail |= {"amount_minor": values.get("amount_minor"), "currency": values.get("currency")}
        line = history.new_line(
            replace(ctx.stamp, now=at, actor=str(IMPORT) if kind is EventKind.HANDED_OFF else actor),
            kind,
            lead_id=lead_id,
            handoff_id=handoff_id,
            detail=without_empty(detail),
        )
        yield line


def _of_lead_now(agreement: Agreement, values: HandoffValues) -> LeadValues:
    """Where the lead stands after its newest handoff."""
    stage = next((stage for name, stage in _STAGES if values.get(name)), Stage.MQL)
    if values.get("rejected_at"):
        code = values.get("reason")
        reason = agreement.reason(code) if code else None
        stage = _REJECTED.get(reason.then, Stage.INQUIRY) if reason else Stage.INQUIRY
    found: LeadValues = {"stage": stage}
    if stage in (Stage.WON, Stage.LOST, Stage.DISQUALIFIED):
        found["closed_at"] = values.get("closed_at")
    if values.get("owner"):
        found["owner"] = values["owner"]
    if values.get("amount_minor") is not None:
        found |= {"amount_minor": values["amount_minor"], "currency": values.get("currency")}
    return found


def _fate(values: HandoffValues) -> Fate:
    if values.get("rejected_at"):
        return Fate.REJECTED
    ended = {"won_at": Fate.WON, "lost_at": Fate.LOST, "recycled_at": Fate.RECYCLED}
    found = next((fate for name, fate in ended.items() if values.get(name)), None)
    return found or (Fate.DISQUALIFIED if values.get("disqualified_at") else Fate.RUNNING)


def _reason(agreement: Agreement, written: str | None) -> Reason | None:
    """The reason of the agreement that is meant, by its code or its label."""
    wanted = simplify(written or "")
    return next(
        (each for each in agreement.reasons if wanted in (simplify(each.code), simplify(each.label))), None
    )
