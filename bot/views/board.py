"""A manager's boards on Home: who is at work and who will be, what nobody has, how fair the turns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.spans import Span
from bot.views.blocks import Block, actions, section
from bot.views.ids import Action
from bot.views.labels import labelled_button
from bot.views.people import joined
from bot.views.rows import LeadRow, rows
from bot.views.text import cut, local_day, local_time, mention, plural, short

OWNERLESS_SHOWN = 4
_WORKERS_SHOWN = 25
_AWAY_SHOWN = 5
_SHARES_SHOWN = 40
_PART = 2900
SET_FOR_REP = "rep"
"""The value of the button that sets somebody else away."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A rep on the team's board. `capacity` None: no limit.

    `opens_at` is when they are at work next, None for who is now. `ahead` is the next absence. `bar` says
    what else keeps new leads from them.
    """

    user: str
    open: int
    capacity: int | None
    late: int
    away: Span | None = None
    left: bool = False
    opens_at: datetime | None = None
    ahead: Span | None = None
    bar: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A team at a glance. `ownerless` are leads that nobody has and somebody should, each with why."""

    team: str
    open: int
    waiting: int
    late: int
    workers: tuple[Worker, ...]
    ownerless: tuple[LeadRow, ...] = ()
    ownerless_total: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """The turns that a rep had in a team's rotation, and how many were due by weight after absences.

    `back` were given back and are still to be made up for.
    """

    team: str
    user: str
    had: int
    due: float
    back: int = 0


def boards_blocks(boards: Sequence[Board], now: datetime, reader: str) -> list[Block]:
    """The boards at `now`, and what can be done about who is away and what nobody has."""
    blocks = [section(_board(board)) for board in boards]
    gone = [worker for board in boards for worker in board.workers if worker.away and not worker.left]
    for worker in list({each.user: each for each in gone}.values())[:_AWAY_SHOWN]:
        words = f"🌴 {mention(worker.user)} is away{until_words(worker.away)}" if worker.away else ""
        blocks.append(section(words, accessory=labelled_button(Action.BACK, worker.user, own=False)))
    if any(board.workers for board in boards):
        blocks.append(actions([labelled_button(Action.AWAY, SET_FOR_REP)]))
    ownerless = [row for board in boards for row in board.ownerless][:OWNERLESS_SHOWN]
    if ownerless:
        total = sum(board.ownerless_total for board in boards)
        blocks.append(section(f"*Without an owner*: {plural(total, 'lead')}"))
        blocks += rows(ownerless, now, reader=reader)
    return blocks


def _board(board: Board) -> str:
    head = f"*{short(board.team, 75)}*: {board.open:,} open, {board.waiting:,} waiting, {board.late:,} late"
    workers = [_worker(worker) for worker in sorted(board.workers, key=_order)[:_WORKERS_SHOWN]]
    return cut("\n".join([head, *workers]), _PART)


def _order(worker: Worker) -> tuple[bool, bool, float]:
    """At work first, then by when they will be; who is away or gone last."""
    return worker.left, worker.away is not None, worker.opens_at.timestamp() if worker.opens_at else 0.0


def until_words(away: Span) -> str:
    """Until when somebody is away; nothing where only they can say."""
    return f" until {local_time(away.ends)}" if away.ends else ""


def _worker(worker: Worker) -> str:
    load = f"{worker.open:,}" if worker.capacity is None else f"{worker.open:,} of {worker.capacity:,}"
    marks = (
        f"{worker.late:,} late" if worker.late else "",
        f"*{short(worker.bar, 60)}*" if worker.bar else "",
        f"away from {local_day(worker.ahead.begins)}" if worker.ahead else "",
        "*left the workspace*: remove them from the agreement" if worker.left else "",
    )
    return joined((f"• {_sign(worker)} {mention(worker.user)} {load} open", *marks), ", ")


def _sign(worker: Worker) -> str:
    """Whether somebody is at work, or when they will be."""
    if worker.left:
        return "🚪"
    if worker.away:
        return f"🌴 away{until_words(worker.away)}:"
    return f"⚪ from {local_time(worker.opens_at)}:" if worker.opens_at else "🟢 at work:"


def fairness_blocks(shares: Sequence[Share]) -> list[Block]:
    """How many turns each rep had, and how many were due; nothing where no turn was taken."""
    if not shares:
        return []
    lines = [
        f"• {mention(each.user)} ({short(each.team, 40)}): "
        + joined((f"{each.had:,} assigned", f"fair share {round(each.due):,}", _back(each)), ", ")
        for each in shares[:_SHARES_SHOWN]
    ]
    words = "*Lead rotation, last 30 days* — leads assigned, and the fair share of each rep who was available"
    return [section(cut("\n".join([words, *lines]), _PART))]


def _back(share: Share) -> str:
    return f"{share.back:,} returned, so next in line" if share.back else ""
