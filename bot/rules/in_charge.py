"""Who decides for a team now: its manager, their stand-in while the manager is away, else the admins."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import MarketingSide, Team
from bot.rules.presence import away_at
from storage import people


def in_charge(
    tx: Connection, book: AgreementBook, side: Team | MarketingSide, now: datetime
) -> tuple[str, ...]:
    """Whom to ask at `now`; of a team, or of marketing."""
    named = side.deciders
    known, away = people.among(tx, named), away_at(tx, named, now)
    gone = {user for user in named if user in away or (user in known and known[user].left)}
    return deciding(book, side, gone)


def deciding(book: AgreementBook, side: Team | MarketingSide, gone: Set[str]) -> tuple[str, ...]:
    """The same, where it is known who of them is away or has left the workspace."""
    present = next((user for user in side.deciders if user not in gone), None)
    if present is not None:
        return (present,)
    admins = book.people_in(book.current.roles.admins)
    return tuple(sorted(admins - gone) or sorted(admins))
