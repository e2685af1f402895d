"""Which of a body's values became which field of the lead, for whoever sets a source up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.intake.mapping import Read
from bot.leadform import ActivityForm, LeadForm, field_of
from bot.leadform.text import any_text

_PARTS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("id",),
    "first_name": ("name",),
    "last_name": ("name",),
    "company": ("name",),
    "employees": ("company_size",),
    "currency": ("amount",),
    "stage": ("status",),
    "activities": ("activity_at", "activity_detail", "summary"),
}
"""The names besides its own that make up a field."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One field of the lead: its value as people read it, and where in the body that stood."""

    field: str
    value: str
    origin: str


def explained(read: Read) -> list[Explained]:
    """Every field of a record that was read as a lead, those of Baton's first, then the sender's own."""
    if not isinstance(read.lead, LeadForm) or read.mapped is None:
        return []
    told = sorted(read.lead.model_fields_set - {"extra"}, key=list(LeadForm.model_fields).index)
    own = [Explained(name, _value(getattr(read.lead, name)), _origin(read, name)) for name in told]
    beside = read.mapped.origins
    return [
        *own,
        *(
            Explained(f"({name})", text, beside.get(name, "kept with the other fields"))
            for name, text in read.lead.extra.items()
        ),
    ]


def _origin(read: Read, field: str) -> str:
    assert read.mapped is not None
    for wanted in ((field,), _PARTS.get(field, ())):
        names = [name for name in read.mapped.record if field_of(name) in wanted]
        if names:
            return "; ".join(dict.fromkeys(read.mapped.origins[name] for name in names))
    return "worked out"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_activity, value))
    return any_text(value)


def _activity(activity: ActivityForm) -> str:
    when = f" at {activity.at:%Y-%m-%d %H:%M} UTC" if activity.dated else " just now"
    detail = f" ({activity.detail})" if activity.detail else ""
    return f"{activity.type}{when}{detail}"
