"""Who is at work now: whom to call to a lead that anybody in the team may take."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.rules.presence import away_at
from bot.rules.worktime import hours_for, is_p1, runs_after_hours
from storage import people
from storage.models import Handoff, HandoffState


def present(tx: Connection, book: AgreementBook, team: Team, now: datetime) -> dict[str, bool]:
    """Who of a team is neither away nor gone, and whether they are at work now."""
    users = [rep.user for rep in team.reps]
    known, away = people.among(tx, users), away_at(tx, users, now)
    return {
        rep.user: hours_for(book.current, team, rep).is_open(now)
        for rep in team.reps
        if rep.user not in away and not (rep.user in known and known[rep.user].left)
    }


def on_shift(tx: Connection, book: AgreementBook, teams: Collection[str], now: datetime) -> tuple[str, ...]:
    """The reps of these teams who are at work now; at a time when nobody is, all who are not away."""
    found = [team for name in sorted(teams) if (team := book.current.team(name)) is not None]
    there = [each for team in found for each in present(tx, book, team, now).items()]
    at_work = [user for user, is_open in there if is_open]
    return tuple(dict.fromkeys(at_work or [user for user, _ in there]))


def called_to(tx: Connection, book: AgreementBook, handoff: Handoff, now: datetime) -> tuple[str, ...]:
    """Whom the card of a P1 calls that anybody may take: the team's `ping`, else the reps at work.

    At a time when nobody is at work it is all who are not away, if P1 runs after hours, else nobody.
    """
    agreement = book.current
    team = agreement.team(handoff.team)
    if handoff.state != HandoffState.WAITING or handoff.owner or team is None:
        return ()
    if not is_p1(agreement, handoff.priority):
        return ()
    if team.ping is not None:
        return (team.ping,)
    there = present(tx, book, team, now)
    at_work = tuple(user for user, is_open in there.items() if is_open)
    return at_work or (tuple(there) if runs_after_hours(agreement, handoff.priority) else ())
