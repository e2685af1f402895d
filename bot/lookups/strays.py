"""Looks up the open leads that name what the agreement in force no longer has."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.views.strays import Stray, StrayKind
from storage import disputes, strays


def strays_of(tx: Connection, book: AgreementBook) -> tuple[Stray, ...]:
    """What is gone, and how many open leads name it; the most leads first within each kind."""
    found: Counter[tuple[StrayKind, str]] = Counter()
    priorities = {each.name for each in book.current.priorities}
    for group in strays.groups(tx):
        for kind, name in gone_of(book, group.team, group.owner, group.place):
            found[kind, name] += int(group.number)
        if group.priority not in priorities:
            found[StrayKind.PRIORITY, group.priority] += int(group.number)
    for owed in strays.owed_by_reason(tx):
        if book.current.reason(owed.reason) is None:
            found[StrayKind.REASON, owed.reason] += int(owed.number)
    for contested in disputes.undecided_by_team(tx):
        if successor(book, contested.team) is None:
            found[StrayKind.CONTESTED, contested.team] += int(contested.number)
    order = list(StrayKind)
    ranked = sorted(found.items(), key=lambda one: (order.index(one[0][0]), -one[1], one[0][1]))
    return tuple(Stray(kind, name, number) for (kind, name), number in ranked)


def gone_of(
    book: AgreementBook, team: str, owner: str | None, place: str | None
) -> list[tuple[StrayKind, str]]:
    """What of an open lead's team, owner and card's place the agreement no longer has."""
    present = book.current.team(team)
    if present is None:
        return [(StrayKind.TEAM, team)]
    gone = []
    if owner is not None and not may_hold(book, present, owner):
        gone.append((StrayKind.REP, owner))
    if place is not None and place != present.channel:
        gone.append((StrayKind.CHANNEL, place))
    return gone


def may_hold(book: AgreementBook, team: Team, user: str) -> bool:
    """Whether somebody can work on a lead of this team: a rep of it, its manager, or an admin."""
    return (
        team.rep(user) is not None
        or user in team.deciders
        or user in book.people_in(book.current.roles.admins)
    )


def teams_astray(tx: Connection, book: AgreementBook) -> frozenset[str]:
    """The teams, there or gone, of which open leads are to be offered anew."""
    return frozenset(row.team for row in strays.groups(tx) if gone_of(book, row.team, row.owner, row.place))


def gone_teams(tx: Connection, book: AgreementBook) -> tuple[str, ...]:
    """The teams that the agreement no longer has and open leads still name."""
    present = {team.name for team in book.current.teams}
    return tuple(sorted({row.team for row in strays.groups(tx)} - present))


def successor(book: AgreementBook, team: str) -> Team | None:
    """The team of this name, or else the one that says it was renamed from it."""
    renamed = (each for each in book.current.teams if team in each.renamed_from)
    return book.current.team(team) or next(renamed, None)
