"""Who decides for a team now: its manager, their stand-in while the manager is away, else the admins."""

from __future__ import annotations

from collections.abc import Iterable, Set
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
    admins = book.people_in(book.current.roles.admins)
    return deciding(book, side, _gone(tx, {*side.deciders, *admins}, now))


def in_place_of(tx: Connection, book: AgreementBook, user: str, at: datetime) -> tuple[str, ...]:
    """Who decides at `at` in the place of somebody who is away then; nobody where they decide nothing."""
    sides: list[Team | MarketingSide] = [*book.current.teams, book.current.marketing]
    theirs = [side for side in sides if user in side.deciders]
    admins = book.people_in(book.current.roles.admins)
    gone = _gone(tx, {*admins, *(one for side in theirs for one in side.deciders)}, at)
    led = [side for side in theirs if user in deciding(book, side, gone - {user})]
    return tuple(dict.fromkeys(one for side in led for one in deciding(book, side, gone | {user})))


def _gone(tx: Connection, users: Iterable[str], at: datetime) -> set[str]:
    """Who of these people is away then, or has left the workspace."""
    asked = sorted(users)
    known, away = people.among(tx, asked), away_at(tx, asked, at)
    return {user for user in asked if user in away or (user in known and known[user].left)}


def deciding(book: AgreementBook, side: Team | MarketingSide, gone: Set[str]) -> tuple[str, ...]:
    """The same, where it is known who of them is away or has left the workspace."""
    present = next((user for user in side.deciders if user not in gone), None)
    if present is not None:
        return (present,)
    admins = book.people_in(book.current.roles.admins)
    return tuple(sorted(admins - gone) or sorted(admins))
