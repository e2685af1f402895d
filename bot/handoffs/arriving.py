"""A record that comes by a door, and what it makes of somebody new or changes of somebody known.

Pure: what is stored is an argument. Whoever takes records in, one by one or many at once, carries it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.context import Context
from bot.handoffs.lead_changes import merged_columns, note_identity, with_phone_key
from bot.handoffs.taken import Door, Taken, as_past
from bot.leadform import ActivityForm, LeadForm, activity_key, record_digest, to_columns
from bot.rules.qualification import Judgement, facts_of, judge
from storage.models import Lead, Stage
from storage.models.details import Detail
from storage.models.values import ActivityValues, LeadValues


@dataclass(frozen=True, slots=True)
class Arriving:
    """A record and its door. `columns` are what it says as columns of the lead, `digest` is what makes it the
    same as one that came before."""

    form: LeadForm
    door: Door
    columns: LeadValues
    digest: str

    @classmethod
    def of(cls, form: LeadForm, door: Door) -> Arriving:
        """With the columns and the digest that follow from the form."""
        return cls(form, door, told_columns(form), record_digest(door.system, form))

    @property
    def tells_of_work(self) -> bool:
        """Whether it says how far the work on the lead has come."""
        form = self.form
        return form.stage is not None or form.amount is not None or form.closed_at is not None

    def new_id(self, ids: Collection[str]) -> str | None:
        """Its id, if that is none of those by which its system knows the lead."""
        return self.form.external_id if self.form.external_id not in ids else None

    def detail(self, known: Lead | None, written: LeadValues, added: int, external_id: str | None) -> Detail:
        """What the history keeps of what was `written` because of it; `external_id` is one that is new."""
        return {
            "fields": sorted(self.form.model_fields_set),
            "activities": added,
            **note_identity(known, written, self.door.system, external_id),
            **self.door.kept,
        }


def told_columns(form: LeadForm) -> LeadValues:
    """What a record tells, as columns of the lead."""
    columns = to_columns(form)
    if "owner" in columns:
        columns["crm_owner"] = columns.pop("owner")
    return with_phone_key(columns)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody of whom nothing was known, judged before they are stored: `columns` are all of the new row."""

    columns: LeadValues
    given: LeadValues
    facts: Mapping[str, Any]
    judged: Judgement

    @classmethod
    def of(cls, ctx: Context, came: Arriving) -> Newcomer:
        """As a record tells of them."""
        now, activities = ctx.now, came.form.activities
        given = merged_columns(None, came.columns, now)
        facts = facts_of({**given, "updated_at": now})
        judged = as_past(ctx, came.door, judge(ctx.book.current, facts, activities, now), activities)
        columns: LeadValues = {"created_at": now, "updated_at": now, **given, **verdict_of(judged)}
        return cls(columns, given, facts, judged)


def verdict_of(judged: Judgement) -> LeadValues:
    """A judgement as columns of the lead."""
    return {"grade": judged.grade, "priority": judged.priority, "why": list(judged.reasons)}


def taken_of(
    lead_id: int,
    stage: Stage,
    external_id: str | None,
    judged: Judgement,
    handoff_id: int | None = None,
    *,
    created: bool = False,
    handed_off: bool = False,
) -> Taken:
    """What became of a record, as the judgement has it."""
    return Taken(
        id=lead_id,
        external_id=external_id,
        created=created,
        stage=Stage.MQL if handed_off else stage,
        grade=judged.grade,
        priority=judged.priority,
        handoff_id=handoff_id,
        handed_off=handed_off,
        why=judged.reasons,
        reason=judged.reason_qualified,
        judged=judged,
    )


def activity_row(lead_id: int, activity: ActivityForm, door: Door) -> ActivityValues:
    """An activity as it is stored."""
    return {
        "lead_id": lead_id,
        "type": activity.type,
        "at": activity.at,
        "detail": activity.detail,
        "key": activity_key(activity),
        "dated": activity.dated,
        "summary": activity.summary,
        "automated": activity.automated,
        "by": activity.by,
        "system": door.system,
    }


def unknown_of(given: Sequence[ActivityForm], keys: Collection[str]) -> tuple[ActivityForm, ...]:
    """Those activities that have none of the known `keys`; of several with one key the first."""
    found: dict[str, ActivityForm] = {}
    for each in given:
        found.setdefault(activity_key(each), each)
    return tuple(each for key, each in found.items() if key not in keys)
