"""Who is away now, and who will be: absences as the rules take them.

What an absence does to routing and to reminders is decided where these are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.rules.absence import absence_at
from bot.rules.spans import Span
from storage import absences, people


def absences_of(tx: Connection, users: Iterable[str], now: datetime) -> dict[str, tuple[Span, ...]]:
    """The absences of these people that are not over at `now`; who has none is not in it."""
    found = absences.ahead(tx, users, now)
    return {user: tuple(Span(row.begins, row.ends) for row in rows) for user, rows in found.items()}


def is_present(tx: Connection, user: str, now: datetime) -> bool:
    """Whether somebody is neither away at `now` nor gone from the workspace."""
    person = people.get(tx, user)
    return not (person is not None and person.left) and user not in away_at(tx, [user], now)


def to_ask(tx: Connection, users: Sequence[str], now: datetime) -> list[str]:
    """Of these people those who are present; all of them where nobody is."""
    return [user for user in users if is_present(tx, user, now)] or [*users]


def away_at(tx: Connection, users: Iterable[str], now: datetime) -> dict[str, Span]:
    """Who of these people is away at `now`, from when and until when."""
    found = {user: absence_at(spans, now) for user, spans in absences_of(tx, users, now).items()}
    return {user: span for user, span in found.items() if span is not None}
