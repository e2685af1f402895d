"""Lines of the stored history as the views take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.agreement.fields import activity_name
from bot.views.states import HistoryLine
from storage.database.sql import Record
from storage.models import Stage

_STAGES = {stage.value: stage for stage in Stage}
_CLOCKS = {
    "accept": "nobody had taken it",
    "first_touch": "no contact was reported",
    "outcome": "no outcome was reported",
    "answer": "marketing had not answered",
}


def line_of(event: Record) -> HistoryLine:
    """A row of `event` as a line that can be told; what its detail does not say is left out."""
    detail: dict[str, Any] = event.detail
    return HistoryLine(
        kind=event.kind,
        actor=detail.get("by") or event.actor,
        reason=_reason(event.kind, detail),
        note=_text(detail.get("note")),
        team=detail.get("team"),
        owner=detail.get("owner") or detail.get("user"),
        other_lead=detail.get("merged_into"),
        until=_moment(detail.get("until")),
        touch=detail.get("touch"),
        stage=_STAGES.get(event.kind.removeprefix("lead.")),
        amount_minor=detail.get("amount_minor"),
        currency=detail.get("currency"),
    )


def _reason(kind: str, detail: dict[str, Any]) -> str | None:
    if kind == "lead.activity":
        return activity_name(str(detail.get("type", ""))).replace("_", " ") or None
    if kind.startswith("clock."):
        return _CLOCKS.get(str(detail.get("clock") or detail.get("kind")))
    return detail.get("label") or detail.get("why")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


BEFORE = "before"
"""Where an event's detail keeps how things were before it, so that it can be taken back."""


def shown(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What people are told of a detail: all but how things were before."""
    return {name: value for name, value in detail.items() if name != BEFORE}
