"""Lines of the history as the views take them: from a row of `event`, or from what a message keeps of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from bot.agreement.fields import activity_name
from bot.views.people import STAGE_WORDS
from bot.views.states import HistoryLine
from storage.models import ClockKind, Event, EventKind, Stage, TouchKind, member_of
from storage.models.details import Detail

LATE_WORDS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "nobody had accepted it",
    ClockKind.FIRST_TOUCH: "no contact was logged",
    ClockKind.OUTCOME: "no outcome was set",
    ClockKind.ANSWER: "marketing had not answered",
}


def line_of(event: Event) -> HistoryLine:
    """A row of `event` as a line of history."""
    return history_line_of(event.kind, event.actor, event.detail)


def history_line_of(kind: str, actor: str, detail: Detail) -> HistoryLine:
    """An event as a line of history; what its detail does not say is left out."""
    return HistoryLine(
        kind=kind,
        actor=detail.get("by") or actor,
        reason=_reason(kind, detail),
        note=_text(detail.get("note")),
        team=detail.get("team"),
        owner=detail.get("owner") or detail.get("user"),
        other_lead=detail.get("merged_into") or detail.get("split_into"),
        until=_moment(detail.get("until")),
        touch=member_of(TouchKind, detail.get("touch")),
        amount_minor=detail.get("amount_minor"),
        currency=detail.get("currency"),
    )


def _reason(kind: str, detail: Detail) -> str | None:
    if kind == EventKind.ACTIVITY:
        return activity_name(str(detail.get("type", ""))).replace("_", " ") or None
    if kind == EventKind.CLOCK_BREACHED:
        clock = member_of(ClockKind, detail.get("clock"))
        return LATE_WORDS[clock] if clock is not None else None
    if kind == EventKind.STAGE_REFUSED:
        stage = member_of(Stage, detail.get("stage"))
        return STAGE_WORDS[stage] if stage is not None else None
    if kind == EventKind.SPLIT and "split_from" in detail:
        return f"from lead #{detail['split_from']}"
    if "away" in detail:
        return f"{detail['away']}; {detail['why']}" if detail.get("why") else str(detail["away"])
    return detail.get("label") or detail.get("why")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


HISTORY: Final = "history"
"""Stands in the detail of what happened before Baton recorded it: an import told of it."""
BEFORE: Final = "before"
"""Where an event's detail keeps how things were before it, so that it can be taken back."""
WAS: Final = "was"
"""Where it keeps what stood in the columns that a record changed: a lead can be judged as it was."""
DOOR: Final = "door"
"""Where it keeps what may not follow from a record, for the door that it came by."""
_OWN: Final = (BEFORE, WAS, DOOR)


def shown(detail: Detail) -> Detail:
    """What people are told of a detail: all but how things were before, and what only a replay asks for."""
    return cast(Detail, {name: value for name, value in detail.items() if name not in _OWN})
