"""A lead comes in: one record becomes one lead, is judged, and is handed off if it qualifies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import LeadNotFound
from bot.handoffs import passing, showing
from bot.leadform import ActivityForm, FieldFault, LeadFaults, LeadForm, to_columns
from bot.qualification import Judgement, judge
from storage import handoffs, history, leads
from storage.models import Stage
from storage.sql import Record

_NOT_FACTS = {"why", "extra", "grade", "priority", "stage"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a record: the answer of `POST /leads`."""

    id: int
    external_id: str | None
    created: bool
    stage: Stage
    grade: str
    priority: str
    handoff_id: int | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _News:
    """What a record told that was not known before."""

    created: bool
    changed: bool
    activities: int
    qualified: bool

    @property
    def any(self) -> bool:
        return self.created or self.changed or self.activities > 0 or self.qualified


def take_in(tx: Connection, ctx: Context, form: LeadForm) -> Taken:
    """Store a lead or what is new about it, judge it, and hand it off if it qualifies.

    The same external id, else the same e-mail address, is the same lead. Raises LeadFaults if the record
    names two different leads at once.
    """
    lead_id = _find(tx, form)
    created = lead_id is None
    changed = False
    if lead_id is None:
        lead_id = leads.add(tx, {"created_at": ctx.now, "updated_at": ctx.now, **_columns(form, None)})
    else:
        changed = _update(tx, ctx, lead_id, form)
    if form.external_id is not None:
        leads.add_alias(tx, lead_id, form.external_id)
    added = sum(_add_activity(tx, lead_id, activity) for activity in form.activities)
    news = _News(created, changed, added, form.qualified is True)
    if news.any:
        kind = "lead.created" if created else "lead.updated"
        detail = {"fields": sorted(form.model_fields_set), "activities": added}
        history.record(tx, kind, at=ctx.now, actor=ctx.actor, trace=ctx.trace, lead_id=lead_id, detail=detail)
    return _judge(tx, ctx, lead_id, news, form.external_id)


def note_activity(tx: Connection, ctx: Context, lead_id: int, activity: ActivityForm) -> Taken:
    """Note what a lead did and judge it anew. The same type at the same moment counts once.

    Raises LeadNotFound for an id that does not exist.
    """
    lead_id = leads.survivor(tx, lead_id)
    if leads.get(tx, lead_id) is None:
        raise LeadNotFound(f"#{lead_id}")
    added = _add_activity(tx, lead_id, activity)
    if added:
        history.record(
            tx,
            "lead.activity",
            at=ctx.now,
            actor=ctx.actor,
            trace=ctx.trace,
            lead_id=lead_id,
            detail={"type": activity.type, "at": activity.at.isoformat()},
        )
    return _judge(tx, ctx, lead_id, _News(False, False, int(added), False), None)


def _add_activity(tx: Connection, lead_id: int, activity: ActivityForm) -> bool:
    return leads.add_activity(tx, lead_id, activity.type, activity.at, activity.detail)


def _find(tx: Connection, form: LeadForm) -> int | None:
    columns = to_columns(form)
    by_id = leads.by_external_id(tx, form.external_id) if form.external_id else None
    key = columns.get("email_key")
    by_email = leads.by_email_key(tx, key) if key else None
    if by_id is not None and by_email is not None and by_id != by_email:
        both = f"belongs to lead #{by_email}, but the external_id is lead #{by_id}; send one or the other"
        raise LeadFaults([FieldFault("email", both)])
    found = by_id if by_id is not None else by_email
    return None if found is None else leads.survivor(tx, found)


def _columns(form: LeadForm, known: Record | None) -> dict[str, Any]:
    """The told fields as columns; an address that is known in another spelling stays as it was."""
    columns = to_columns(form)
    if "owner" in columns:
        columns["crm_owner"] = columns.pop("owner")
    if known is None:
        return columns
    if columns.get("email_key") == known.email_key:
        columns.pop("email", None)
    if "extra" in columns:
        columns["extra"] = {**known.extra, **columns["extra"]}
    return columns


def _update(tx: Connection, ctx: Context, lead_id: int, form: LeadForm) -> bool:
    known = leads.get(tx, lead_id, lock=True)
    if known is None:
        raise LeadNotFound(f"#{lead_id}")
    told = _columns(form, known)
    different = {name: value for name, value in told.items() if getattr(known, name) != value}
    if different:
        leads.change(tx, lead_id, {**different, "updated_at": ctx.now})
    return bool(different)


def facts_of(lead: Record) -> dict[str, Any]:
    """A lead's row as the rules see it: its fields by name, and whatever else was told of it."""
    known = {name: value for name, value in lead._mapping.items() if name not in _NOT_FACTS}
    return {**lead.extra, **known}


def _judge(tx: Connection, ctx: Context, lead_id: int, news: _News, external_id: str | None) -> Taken:
    lead = leads.get(tx, lead_id)
    if lead is None:
        raise LeadNotFound(f"#{lead_id}")
    last = handoffs.latest_of_lead(tx, lead_id)
    facts = facts_of(lead)
    facts["qualified"] = news.qualified or (lead.qualified and last is None)
    judged = judge(ctx.book.current, facts, leads.activities_of(tx, lead_id), ctx.now)
    why = [reason.text for reason in judged.why]
    rescored = {"grade": judged.grade, "priority": judged.priority, "why": why}
    if any(getattr(lead, name) != value for name, value in rescored.items()):
        leads.change(tx, lead_id, rescored)
    stage, handoff_id = Stage(lead.stage), last.id if last is not None and last.closed_at is None else None
    if _worth_passing(stage, judged, news, handed_before=last is not None):
        handoff_id = passing.hand_off(tx, ctx, lead, facts, judged)
        stage = Stage.MQL if handoff_id else stage
    elif news.any and last is not None:
        showing.refresh_card(tx, ctx, last.card_id, rank=showing.rank_of(ctx.book.current, last.priority))
    names = leads.aliases(tx, lead_id) if external_id is None else [external_id]
    return Taken(
        id=lead_id,
        external_id=names[0] if names else None,
        created=news.created,
        stage=stage,
        grade=judged.grade,
        priority=judged.priority,
        handoff_id=handoff_id,
        why=tuple(why),
    )


def _worth_passing(stage: Stage, judged: Judgement, news: _News, *, handed_before: bool) -> bool:
    """Whether the lead goes to sales now.

    One that sales sent back waits for news, and a recycled one for new engagement: else the next routine
    update from the CRM would hand the same lead over again.
    """
    if stage is Stage.INQUIRY:
        return judged.qualifies and (news.any or not handed_before)
    if stage is Stage.RECYCLED:
        return judged.qualifies and (news.activities > 0 or news.qualified)
    return False
