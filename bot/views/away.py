"""What somebody is told who goes away or comes back."""

from __future__ import annotations

from datetime import datetime

from bot.views.people import joined
from bot.views.text import local_time, plural

BACK = "Welcome back. You take leads again; `/lead queue` shows what waits."
NOT_AWAY = "You were not away, so nothing has changed: you take leads."


def away_words(until: datetime | None, passed: int, stuck: int, *, more: bool) -> str:
    """Until when, and what became of the open leads; `more` are being handed on this minute."""
    when = f"until {local_time(until)}" if until else "until you say `/lead back`"
    first = f"You are away {when}: no new leads come to you."
    if not passed and not stuck:
        return f"{first} You had no open leads to hand on."
    went = f"{plural(passed, 'open lead')} went to colleagues" if passed else ""
    left = f"for {plural(stuck, 'lead')} nobody could be found, and the manager was asked" if stuck else ""
    rest = "the rest follow within a minute" if more else ""
    return f"{first} {joined((went, left, rest), '; ').capitalize()}."
