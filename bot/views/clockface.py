"""How urgent a handoff's clock is, in a sign and in words. When a clock falls due is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from bot.views.states import RunningClock
from bot.views.text import about, local_time, mention
from storage.models import ClockKind


class Tone(StrEnum):
    """The sign that leads a card; words always say the same."""

    CALM = "🔵"
    AMBER = "🟠"
    RED = "🔴"
    PAUSED = "⏸️"


DUE_WORDS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "Please accept by",
    ClockKind.FIRST_TOUCH: "First contact due by",
    ClockKind.OUTCOME: "Outcome due by",
    ClockKind.ANSWER: "Marketing's answer due by",
}
# Who has not done what: without a person to name, with one, and to that person.
LATE_WORDS: Mapping[ClockKind, tuple[str, str, str]] = {
    ClockKind.ACCEPT: ("nobody has accepted it yet", "{owner} has not accepted it yet", "not accepted yet"),
    ClockKind.FIRST_TOUCH: (
        "no contact logged yet",
        "{owner} has not logged contact yet",
        "no contact logged yet",
    ),
    ClockKind.OUTCOME: ("no outcome set yet", "{owner} has not set an outcome yet", "no outcome set yet"),
    ClockKind.ANSWER: ("marketing has not answered yet", "{owner} has not answered yet", "not answered yet"),
}
NOTICE_WORDS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "accept within",
    ClockKind.FIRST_TOUCH: "first contact within",
    ClockKind.OUTCOME: "outcome within",
    ClockKind.ANSWER: "answer within",
}


def tone(clock: RunningClock | None, now: datetime) -> Tone:
    """Red from the moment it fell due, amber when little time is left, else calm. Without a clock: calm."""
    if clock is None:
        return Tone.CALM
    if clock.breached_at is not None or clock.due_at <= now:
        return Tone.RED
    if clock.paused_until is not None and clock.paused_until > now:
        return Tone.PAUSED
    return Tone.AMBER if clock.amber_at is not None and clock.amber_at <= now else Tone.CALM


def clock_words(clock: RunningClock, now: datetime, *, to_owner: bool = False) -> str:
    """What is due when, or since when it is late and with whom it lies, as one line of mrkdwn.

    `to_owner`: its owner reads it, and need not be told their name.
    """
    due, mood = local_time(clock.due_at), tone(clock, now)
    if mood is Tone.RED:
        alone, named, own = LATE_WORDS[clock.kind]
        owner = mention(clock.owner) if clock.owner else ""
        late = (own if to_owner else named.format(owner=owner)) if owner else alone
        return f"*Late since {due}* — {late}"
    if mood is Tone.PAUSED and clock.paused_until is not None:
        return f"Snoozed until {local_time(clock.paused_until)}"
    words = f"{DUE_WORDS[clock.kind]} {due}"
    return f"*Almost due.* {words}" if mood is Tone.AMBER else words


def clock_notice(clock: RunningClock, now: datetime) -> str:
    """The same for a notification, which knows no time zone: "accept within 5 min", "12 min late"."""
    if tone(clock, now) is Tone.RED:
        return f"{about(now - clock.due_at)} late"
    return f"{NOTICE_WORDS[clock.kind]} {about(clock.due_at - now)}"
