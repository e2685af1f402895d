"""What somebody is told who goes away or comes back."""

from __future__ import annotations

from datetime import datetime

from bot.views.people import joined
from bot.views.text import local_time, plural

BACK = "Welcome back. You get leads again; `/lead queue` shows what is waiting."
NOT_AWAY = "You were not away, so nothing has changed: you get leads."


def away_words(until: datetime | None, passed: int, stuck: int, *, more: bool) -> str:
    """Until when, and what became of the open leads; `more` are being handed on this minute."""
    when = f"until {local_time(until)}" if until else "until you say `/lead back`"
    first = f"You are away {when}. You get no new leads."
    if not passed and not stuck:
        return f"{first} You had no open leads to reassign."
    were = "was" if passed == 1 else "were"
    went = f"{plural(passed, 'open lead')} {were} reassigned to colleagues" if passed else ""
    left = f"nobody could take {plural(stuck, 'lead')}, so the manager was asked" if stuck else ""
    rest = "the rest follow within a minute" if more else ""
    return f"{first} {joined((went, left, rest), '; ').capitalize()}."
