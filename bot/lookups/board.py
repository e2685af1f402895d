"""Looks up a manager's boards: who is at work now and who will be, what nobody has, how the turns fell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Rep, Team
from bot.agreement.vocabulary import Assign
from bot.ladder.roster import facts_of, needed
from bot.lookups.rows import rows_of
from bot.rules.absence import absence_at, next_absence
from bot.rules.candidates import Bar, Candidate, Facts, bar_of, candidates_of
from bot.rules.rotation import RotationState, Standing, expected_turns
from bot.rules.worktime import hours_for
from bot.views.board import OWNERLESS_SHOWN, Board, Share, Worker
from storage import boards, rotations
from storage.boards import Load

FAIR_OVER = timedelta(days=30)
_SHOWN_OTHERWISE = (Bar.LEFT, Bar.AWAY, Bar.HELD_BEFORE)


def boards_of(
    tx: Connection, book: AgreementBook, teams: Sequence[Team], now: datetime, reader: str
) -> tuple[Board, ...]:
    """The board of each of these teams at `now`, as `reader` sees it."""
    loads: dict[str, list[Load]] = defaultdict(list)
    for row in boards.loads_in(tx, [team.name for team in teams], now):
        loads[row.team].append(row)
    return tuple(_board(tx, book, team, loads[team.name], now, reader) for team in teams)


def _board(
    tx: Connection, book: AgreementBook, team: Team, rows: Sequence[Load], now: datetime, reader: str
) -> Board:
    by_user = {row.owner: row for row in rows}
    agreement = book.current
    facts = facts_of(tx, agreement, team, now)
    need = needed(agreement, team, agreement.priorities[-1].name, now)
    candidates = {each.user: each for each in candidates_of(agreement, team, need, facts)}
    workers = [
        _worker(book, team, rep, by_user.get(rep.user), facts[rep.user], candidates[rep.user], now)
        for rep in team.reps
    ]
    rotating = [team.name] if team.assign is Assign.ROTATE else []
    found = boards.ownerless_in(tx, [team.name], rotating, limit=OWNERLESS_SHOWN)
    whys = {row.handoff_id: row.owner_why for row in found}
    return Board(
        team.name,
        open=sum(int(row.open) for row in rows),
        waiting=sum(int(row.waiting) for row in rows),
        late=sum(int(row.late) for row in rows),
        workers=tuple(workers),
        ownerless=tuple(
            replace(row, note=whys.get(row.handoff_id or 0)) for row in rows_of(tx, book, found, reader)
        ),
        ownerless_total=boards.count_ownerless_in(tx, [team.name], rotating),
    )


def _worker(
    book: AgreementBook,
    team: Team,
    rep: Rep,
    load: Load | None,
    known: Facts,
    candidate: Candidate,
    now: datetime,
) -> Worker:
    hours, bar = hours_for(book.current, team, rep), bar_of(candidate, rep)
    return Worker(
        rep.user,
        int(load.open) if load is not None else 0,
        rep.capacity,
        int(load.late) if load is not None else 0,
        away=absence_at(known.absences, now),
        left=known.left,
        opens_at=None if hours.is_open(now) else hours.opens_next(now),
        ahead=next_absence(known.absences, now),
        bar=bar.value if bar is not None and bar not in _SHOWN_OTHERWISE else None,
    )


def shares_of(tx: Connection, teams: Sequence[Team], now: datetime) -> tuple[Share, ...]:
    """How the turns of each team's rotation fell, against what was due to whoever could be chosen."""
    turns: dict[str, list[dict[str, object]]] = defaultdict(list)
    if teams:
        for turn in boards.turns_since(tx, now - FAIR_OVER):
            turns[str(turn["team"])].append(turn)
    shares = []
    for team in teams:
        had = Counter(str(turn["user"]) for turn in turns[team.name])
        due = expected_turns(among for turn in turns[team.name] if isinstance(among := turn["among"], dict))
        standings = RotationState.from_json(rotations.standing(tx, team.name)).standings if due else {}
        shares += [
            Share(
                team.name,
                rep.user,
                had[rep.user],
                float(due.get(rep.user, 0)),
                standings.get(rep.user, Standing()).back,
            )
            for rep in team.reps
            if rep.user in due
        ]
    return tuple(shares)
