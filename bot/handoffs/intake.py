"""A lead comes in: one record becomes one lead, is judged, and is handed off if it qualifies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import LeadNotFound
from bot.handoffs import crm, hand_off, posts
from bot.handoffs.commitments import answered_by_coming
from bot.handoffs.touch import hear_of_contact
from bot.leadform import ActivityForm, FieldFault, LeadFaults, LeadForm, is_touch, to_columns
from bot.rules.qualification import Judgement, facts_of, judge, rank_of
from storage import handoffs, history, leads
from storage.database.sql import columns_of
from storage.models import EventKind, Lead, Stage
from storage.models.values import LeadValues, changes


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a record: the answer of `POST /leads`.

    `created`: the lead, or the activity, was not known before. `handoff_id` is the open handoff;
    `handed_off` says that it began just now.
    """

    id: int
    external_id: str | None
    created: bool
    stage: Stage
    grade: str
    priority: str
    handoff_id: int | None
    handed_off: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _News:
    """What a record told that was not known before."""

    created: bool = False
    changed: bool = False
    activities: tuple[ActivityForm, ...] = ()
    qualified: bool = False

    @property
    def any(self) -> bool:
        return self.of_the_lead or bool(self.activities)

    @property
    def of_the_lead(self) -> bool:
        """Whether any of it is more than what a rep did with the lead."""
        return self.created or self.changed or self.qualified or self.engagement

    @property
    def engagement(self) -> bool:
        return not all(is_touch(activity.type) for activity in self.activities)


def take_in(tx: Connection, ctx: Context, form: LeadForm) -> Taken:
    """Store a lead or what is new about it, judge it, and hand it off if it qualifies.

    The same external id, else the same e-mail address, is the same lead. Raises LeadFaults, before anything
    is written, if the record names two different leads at once.
    """
    columns = _columns(form)
    lead_id, by_email = _find(tx, form.external_id, columns.get("email_key"))
    if lead_id is None:
        return _take_new(tx, ctx, form, columns)
    if by_email not in (None, lead_id):  # the address of a lead that joined this one stays with that lead
        columns.pop("email", None)
        columns.pop("email_key", None)
    return _take_known(tx, ctx, lead_id, form, columns)


def note_activity(tx: Connection, ctx: Context, lead_id: int, activity: ActivityForm) -> Taken:
    """Note what a lead did and judge it anew. The same type at the same moment counts once.

    Raises LeadNotFound for an id that does not exist.
    """
    lead = _lock(tx, leads.survivor(tx, lead_id))
    added = _add_activities(tx, lead.id, (activity,))
    if added:
        detail = {"type": activity.type, "at": activity.at.isoformat()}
        history.record(tx, ctx.stamp, EventKind.ACTIVITY, lead_id=lead.id, detail=detail)
    taken = _judge_known(tx, ctx, lead, _News(activities=added), None, created=bool(added))
    hear_of_contact(tx, ctx, lead.id, added)
    return taken


def _find(tx: Connection, external_id: str | None, email_key: str | None) -> tuple[int | None, int | None]:
    """The lead that a record is about, and the one that its e-mail address belongs to."""
    by_id, by_email = leads.by_either(tx, external_id, email_key)
    named = {leads.survivor(tx, found) for found in (by_id, by_email) if found is not None}
    if len(named) > 1:
        both = f"belongs to lead #{by_email}, but the external_id is lead #{by_id}; send one or the other"
        raise LeadFaults([FieldFault("email", both)])
    return next(iter(named), None), by_email


def _columns(form: LeadForm) -> LeadValues:
    columns = to_columns(form)
    if "owner" in columns:
        columns["crm_owner"] = columns.pop("owner")
    return columns


def _take_new(tx: Connection, ctx: Context, form: LeadForm, columns: LeadValues) -> Taken:
    """A lead that is judged before it is stored: one INSERT instead of three statements."""
    facts = facts_of(columns)
    judged = judge(ctx.book.current, facts, form.activities, ctx.now)
    new: LeadValues = {"created_at": ctx.now, "updated_at": ctx.now}
    lead = leads.add(tx, {**new, **columns, **_verdict(judged)}, form.external_id)
    news = _News(created=True, activities=_add_activities(tx, lead.id, form.activities))
    history.record(tx, ctx.stamp, EventKind.CREATED, lead_id=lead.id, detail=_told(form, news))
    handoff_id = hand_off.hand_off(tx, ctx, lead, facts, judged) if judged.qualifies else None
    taken = _taken(
        lead, form.external_id, judged, handoff_id, created=True, handed_off=handoff_id is not None
    )
    return _followed(tx, ctx, taken, form, news)


def _take_known(tx: Connection, ctx: Context, lead_id: int, form: LeadForm, columns: LeadValues) -> Taken:
    known = _lock(tx, lead_id)
    different = _differences(known, columns)
    lead = leads.change_and_get(tx, lead_id, {**different, "updated_at": ctx.now}) if different else known
    if form.external_id is not None:
        leads.add_alias(tx, lead_id, form.external_id)
    added = _add_activities(tx, lead_id, form.activities)
    news = _News(changed=bool(different), activities=added, qualified=form.qualified is True)
    if news.any:
        history.record(tx, ctx.stamp, EventKind.UPDATED, lead_id=lead_id, detail=_told(form, news))
    taken = _judge_known(tx, ctx, lead, news, form.external_id, created=False)
    return _followed(tx, ctx, taken, form, news)


def _followed(tx: Connection, ctx: Context, taken: Taken, form: LeadForm, news: _News) -> Taken:
    """What came of it once the lead has followed what its record tells of the work on it."""
    tells_of_work = form.stage is not None or form.amount is not None or form.closed_at is not None
    if tells_of_work:
        crm.follow(tx, ctx, taken.id, form, fresh=taken.handed_off)
    hear_of_contact(tx, ctx, taken.id, news.activities)
    if not tells_of_work:
        return taken
    lead, last = leads.get(tx, taken.id), handoffs.latest_of_lead(tx, taken.id)
    open_id = last.id if last is not None and last.closed_at is None else None
    return replace(taken, stage=lead.stage if lead else taken.stage, handoff_id=open_id)


def _differences(known: Lead, columns: LeadValues) -> LeadValues:
    """What a record changes; an address that is known in another spelling stays as it was."""
    told = columns.copy()
    if told.get("email_key") == known.email_key:
        told.pop("email", None)
    if "extra" in told:
        told["extra"] = {**known.extra, **told["extra"]}
    return changes(known, told)


def _judge_known(
    tx: Connection, ctx: Context, lead: Lead, news: _News, external_id: str | None, *, created: bool
) -> Taken:
    last = handoffs.latest_of_lead(tx, lead.id)
    facts = facts_of(columns_of(lead))
    facts["qualified"] = news.qualified or (lead.qualified and last is None)
    judged = judge(ctx.book.current, facts, leads.activities_of(tx, lead.id), ctx.now)
    verdict = _verdict(judged)
    if changes(lead, verdict):
        leads.change(tx, lead.id, verdict)
    handoff_id = last.id if last is not None and last.closed_at is None else None
    passed = None
    if _worth_passing(lead.stage, judged, news, handed_before=last is not None):
        passed = hand_off.hand_off(tx, ctx, lead, facts, judged)
        if passed is not None:
            answered_by_coming(tx, ctx, last, passed)
    elif news.any and last is not None:
        posts.refresh_card(tx, ctx, last.card_id, rank=rank_of(ctx.book.current, last.priority))
    name = external_id or next(iter(leads.aliases(tx, lead.id)), None)
    return _taken(lead, name, judged, passed or handoff_id, created=created, handed_off=passed is not None)


def _worth_passing(stage: Stage, judged: Judgement, news: _News, *, handed_before: bool) -> bool:
    """Whether a known lead goes to sales now.

    One that sales sent back waits for news, and a recycled one for new engagement: else the next routine
    update from the CRM would hand the same lead over again.
    """
    if stage is Stage.INQUIRY:
        return judged.qualifies and (news.of_the_lead or not handed_before)
    if stage is Stage.RECYCLED:
        return judged.qualifies and (news.engagement or news.qualified)
    return False


def _taken(
    lead: Lead,
    external_id: str | None,
    judged: Judgement,
    handoff_id: int | None,
    *,
    created: bool,
    handed_off: bool,
) -> Taken:
    return Taken(
        id=lead.id,
        external_id=external_id,
        created=created,
        stage=Stage.MQL if handed_off else lead.stage,
        grade=judged.grade,
        priority=judged.priority,
        handoff_id=handoff_id,
        handed_off=handed_off,
        why=judged.reasons,
    )


def _verdict(judged: Judgement) -> LeadValues:
    return {"grade": judged.grade, "priority": judged.priority, "why": list(judged.reasons)}


def _lock(tx: Connection, lead_id: int) -> Lead:
    lead = leads.get(tx, lead_id, lock=True)
    if lead is None:
        raise LeadNotFound(f"#{lead_id}")
    return lead


def _add_activities(tx: Connection, lead_id: int, told: Iterable[ActivityForm]) -> tuple[ActivityForm, ...]:
    """Note what is new, and give it."""
    return tuple(each for each in told if leads.add_activity(tx, lead_id, each.type, each.at, each.detail))


def _told(form: LeadForm, news: _News) -> dict[str, object]:
    return {"fields": sorted(form.model_fields_set), "activities": len(news.activities)}
