"""A lead comes in: whose record it is, what it brings, what is news of it, and what follows.

Each of these is decided by the rules; here the records of a lead meet them, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import LeadNotFound
from bot.handoffs import commitments, crm, hand_off, posts
from bot.handoffs.arriving import Arriving, Newcomer, activity_row, taken_of
from bot.handoffs.forgotten import require_not_forgotten
from bot.handoffs.hand_off import Again, who_knows
from bot.handoffs.heat import heat_up, held_of
from bot.handoffs.identity import Stored, whose_record
from bot.handoffs.lead_changes import Merged
from bot.handoffs.taken import KNOWN_RECORD, Door, Taken, as_past
from bot.handoffs.touch import hear_of_contact
from bot.leadform import ActivityForm, LeadForm
from bot.lookups.judgement import did_of, facts_about, judgement_of
from bot.rules.arrivals import Before, Came, came_by_activity, came_by_record
from bot.rules.heat import shown
from bot.rules.identity import Verdict
from bot.rules.lifecycle import Move
from bot.rules.news import AnswerClock, News, Outcome, Standing, news, standing_of
from bot.rules.qualification import Judgement, rank_of
from bot.rules.unknown import notes_on
from storage import handoffs, history, leads, records
from storage.database.sql import columns_of
from storage.models import Activity, EventKind, Handoff, Lead, Stage
from storage.models.details import Detail
from storage.models.values import LeadValues, changes


def take_in(tx: Connection, ctx: Context, form: LeadForm, door: Door | None = None) -> Taken:
    """Store a lead or what is new about it, judge it, and hand it off if it qualifies.

    Raises NotTaken, before anything is written, for a record that means two people, several or nobody, and
    Forgotten for one about somebody who was erased.
    """
    door = door or Door.of(ctx)
    record = Arriving.of(form, door)
    require_not_forgotten(tx, form, record.columns, door, ctx.now)
    verdict = whose_record(Stored(tx), door.system, form.external_id, record.columns, record.digest)
    taken = _take_new(tx, ctx, record) if verdict.lead is None else _take_known(tx, ctx, record, verdict)
    return replace(taken, notes=(*taken.notes, *notes_on(ctx.book.current, form)))


def note_activity(tx: Connection, ctx: Context, lead_id: int, activity: ActivityForm) -> Taken:
    """Note what a lead did and judge it anew. The same type at the same moment counts once.

    Raises LeadNotFound for an id that does not exist.
    """
    door, lead = Door.of(ctx), _lock(tx, leads.survivor(tx, lead_id))
    last = handoffs.latest_of_lead(tx, lead.id)
    known = did_of(tx, ctx.book.current, lead.id, ctx.now)
    added = _add_activities(tx, lead.id, (activity,), door)
    if added:
        detail: Detail = {"type": activity.type, "at": activity.at.isoformat()}
        history.record(tx, ctx.stamp, EventKind.ACTIVITY, lead_id=lead.id, detail=detail)
    before = _before(tx, ctx, lead, last, known)
    came = came_by_activity(ctx.book.current, before, added, facts_about(lead), ctx.now)
    taken = _follow(tx, ctx, lead, last, came, door)
    hear_of_contact(tx, ctx, lead.id, added)
    return replace(taken, created=bool(added), notes=activity.remarks)


def _take_new(tx: Connection, ctx: Context, record: Arriving) -> Taken:
    """A lead that is judged before it is stored: one INSERT instead of three statements."""
    form, door, new = record.form, record.door, Newcomer.of(ctx, record)
    lead_id = leads.add(tx, new.columns, door.system, form.external_id)
    added = _add_activities(tx, lead_id, form.activities, door)
    records.add(tx, lead_id, record.digest, ctx.now)
    detail = record.detail(None, new.given, len(added), form.external_id)
    history.record(tx, ctx.stamp, EventKind.CREATED, lead_id=lead_id, detail=detail)
    handed = None
    if new.judged.qualifies and door.hands_off:
        handed = hand_off.hand_off(tx, ctx, _lock(tx, lead_id), new.facts, new.judged)
    taken = taken_of(
        lead_id, Stage.INQUIRY, form.external_id, new.judged, handed, handed_off=handed is not None
    )
    return _followed(tx, ctx, replace(taken, created=True), record, added)


def _take_known(tx: Connection, ctx: Context, record: Arriving, verdict: Verdict) -> Taken:
    form, door = record.form, record.door
    known = _lock(tx, verdict.lead or 0)
    last = handoffs.latest_of_lead(tx, known.id)
    if not records.add(tx, known.id, record.digest, ctx.now):
        return _unchanged(tx, ctx, known, last, form)
    merged = Merged.of(known, record.columns, verdict, ctx.now)
    lead = known
    if merged.columns:
        lead = leads.change_and_get(tx, known.id, {**merged.columns, "updated_at": ctx.now})
    if merged.former_address is not None:
        leads.add_former_address(tx, known.id, merged.former_address)
    new_id = record.new_id(leads.ids_in(tx, known.id, door.system))
    if new_id is not None:
        leads.add_alias(tx, known.id, door.system, new_id)
    before = _before(tx, ctx, known, last, did_of(tx, ctx.book.current, known.id, ctx.now))
    added = _add_activities(tx, known.id, form.activities, door)
    given = dict(merged.columns)
    came = came_by_record(ctx.book.current, before, given, form.qualified, added, facts_about(known), ctx.now)
    if merged.columns or added or new_id is not None:
        detail = record.detail(known, merged.columns, len(added), new_id)
        history.record(tx, ctx.stamp, EventKind.UPDATED, lead_id=known.id, detail=detail)
        merged.tell_owner(tx, ctx, known, last)
    taken = _follow(tx, ctx, lead, last, came, door, form.external_id)
    return _followed(tx, ctx, taken, record, added)


def _before(
    tx: Connection, ctx: Context, lead: Lead, last: Handoff | None, known: Sequence[Activity]
) -> Before:
    """How a lead stood before what comes now; `known` is what it had done."""
    if last is None:
        return Before(columns_of(lead), lead.stage, known)
    reason = None
    if last.reason is not None:
        reason = ctx.book.of(tx, last.agreement_id).reason(last.reason)
    rejected = last.rejected_at is not None
    return Before(columns_of(lead), lead.stage, known, True, rejected, reason, last.closed_at)


def _follow(
    tx: Connection,
    ctx: Context,
    lead: Lead,
    last: Handoff | None,
    came: Came,
    door: Door,
    external_id: str | None = None,
) -> Taken:
    """Judge a known lead anew, and do what the news of it asks for."""
    judged = judgement_of(tx, ctx.book.current, lead, ctx.now, qualified=came.qualified)
    judged = as_past(ctx, door, judged, came.activities)
    standing = standing_of(lead.stage, last.state if last is not None else None)
    found = news(ctx.book.current, standing, came.told, qualifies=judged.qualifies)
    open_handoff = last if last is not None and last.closed_at is None else None
    handed = None
    if found.outcome in _HANDS_OFF and door.hands_off and came.any:
        handed = _hand_off(tx, ctx, lead, last, judged, found)
    elif found.outcome is Outcome.TELL_OWNER:
        _tell_owner_of_customer(tx, ctx, lead, last, found)
    elif found.outcome is Outcome.RAISE and open_handoff is not None:
        heat_up(tx, ctx, open_handoff, judged, hand=came.hand_raised)
    _answer(tx, ctx, last, found, handed)
    if came.any and last is not None and handed is None:
        posts.refresh_card(tx, ctx, last.card_id, rank=rank_of(ctx.book.current, last.priority))
    return _stands(tx, ctx, lead, judged, handed, external_id, found.reason)


_HANDS_OFF = (Outcome.HAND_OFF, Outcome.HAND_OFF_TO_LAST_OWNER)
_MOVES = {
    Standing.DISQUALIFIED: Move.REOPEN,
    Standing.LOST: Move.REOPEN,
    Standing.WON: Move.REOPEN,
}


def _hand_off(
    tx: Connection, ctx: Context, lead: Lead, last: Handoff | None, judged: Judgement, found: News
) -> int | None:
    standing = standing_of(lead.stage, last.state if last is not None else None)
    return hand_off.hand_off(
        tx,
        ctx,
        lead,
        facts_about(lead),
        judged,
        move=_MOVES.get(standing, Move.QUALIFY),
        again=Again(found.reason, knows=who_knows(last)) if last is not None else None,
    )


def _tell_owner_of_customer(
    tx: Connection, ctx: Context, lead: Lead, last: Handoff | None, found: News
) -> None:
    owner = (last.owner if last is not None else None) or lead.owner
    detail: Detail = {"why": found.reason, "owner": owner}
    handoff_id = last.id if last is not None else None
    history.record(
        tx, ctx.stamp, EventKind.CUSTOMER_RAISED, lead_id=lead.id, handoff_id=handoff_id, detail=detail
    )
    posts.tell_customer_owner(tx, ctx, lead.id, last, owner, found.reason)


def _answer(tx: Connection, ctx: Context, last: Handoff | None, found: News, handed: int | None) -> None:
    """What becomes of marketing's clock: it is met by what was contested, and stops for a lead with sales."""
    if last is None:
        return
    if found.answer is AnswerClock.MET:
        commitments.answered_by_coming(tx, ctx, last, handed)
    elif found.answer is AnswerClock.MOOT and handed is not None:
        commitments.stop_answer(tx, ctx, last)


def _stands(
    tx: Connection,
    ctx: Context,
    lead: Lead,
    judged: Judgement,
    handed: int | None,
    external_id: str | None,
    reason: str,
) -> Taken:
    """The answer: grade and priority are those that every place shows."""
    latest = handoffs.latest_of_lead(tx, lead.id)
    open_handoff = latest if latest is not None and latest.closed_at is None else None
    held = held_of(tx, ctx, open_handoff)[0] if open_handoff is not None else None
    grade, priority = shown(held, judged)
    verdict: LeadValues = {"grade": grade, "priority": priority, "why": list(judged.reasons)}
    if changes(lead, verdict):
        leads.change(tx, lead.id, verdict)
    name = external_id or next((each for _, each in leads.aliases(tx, lead.id)), None)
    open_id = open_handoff.id if open_handoff is not None else None
    taken = taken_of(lead.id, lead.stage, name, judged, open_id, handed_off=handed is not None)
    return replace(taken, grade=grade, priority=priority, reason=reason)


def _unchanged(tx: Connection, ctx: Context, lead: Lead, last: Handoff | None, form: LeadForm) -> Taken:
    """The same record again: it is no event and no news, whenever it comes."""
    judged = judgement_of(tx, ctx.book.current, lead, ctx.now, qualified=lead.qualified and last is None)
    taken = _stands(tx, ctx, lead, judged, None, form.external_id, KNOWN_RECORD)
    return replace(taken, notes=(KNOWN_RECORD,))


def _followed(
    tx: Connection, ctx: Context, taken: Taken, record: Arriving, added: Iterable[ActivityForm]
) -> Taken:
    """What came of it once the lead has followed what its record tells of the work on it."""
    form = record.form
    if record.tells_of_work:
        crm.follow(tx, ctx, taken.id, form, fresh=taken.handed_off)
    hear_of_contact(tx, ctx, taken.id, added)
    if not record.tells_of_work:
        return taken
    lead, last = leads.get(tx, taken.id), handoffs.latest_of_lead(tx, taken.id)
    open_id = last.id if last is not None and last.closed_at is None else None
    stage, notes = lead.stage if lead else taken.stage, taken.notes
    if form.stage not in (None, stage):
        notes = (*notes, f"stage {form.stage} was ignored: it does not follow from {stage}")
    return replace(taken, stage=stage, handoff_id=open_id, notes=notes)


def _lock(tx: Connection, lead_id: int) -> Lead:
    lead = leads.get(tx, lead_id, lock=True)
    if lead is None:
        raise LeadNotFound(f"#{lead_id}")
    return lead


def _add_activities(
    tx: Connection, lead_id: int, given: Iterable[ActivityForm], door: Door
) -> tuple[ActivityForm, ...]:
    """Note what is new, and give it."""
    return tuple(each for each in given if leads.add_activity(tx, activity_row(lead_id, each, door)))
