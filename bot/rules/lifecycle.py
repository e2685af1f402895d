"""Stages and the legal moves between them: one table, and nothing else decides whether a move is legal.

Who may make a move, and what follows from it, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from storage.models import Stage


class Move(StrEnum):
    """What can happen to a lead's stage."""

    QUALIFY = "qualify"  # handed off to sales
    REINSTATE = "reinstate"  # handed off again after a rejection that did not hold
    REOPEN = "reopen"  # handed off again because it raised a hand after its end
    ACCEPT = "accept"
    RELEASE = "release"  # accepted, and then nobody acted: open to the whole team again
    SEND_BACK = "send_back"  # rejected: marketing mends it
    RECYCLE = "recycle"  # back to nurture until a date
    DISQUALIFY = "disqualify"  # closed for good
    VERIFY = "verify"  # sales verified a need
    OPEN_DEAL = "open_deal"
    AMEND_DEAL = "amend_deal"  # another amount or date
    WIN = "win"
    LOSE = "lose"


class IllegalMove(ValueError):
    """The lead cannot make that move from where it stands."""

    def __init__(self, stage: Stage, move: Move) -> None:
        self.stage, self.move = stage, move
        super().__init__(f"a lead that is {stage.value} cannot {move.value.replace('_', ' ')}")


_BEFORE_A_DEAL = (Stage.MQL, Stage.SAL, Stage.SQL)
_WORKED = (Stage.SAL, Stage.SQL, Stage.OPPORTUNITY)

MOVES: Mapping[Move, tuple[tuple[Stage, ...], Stage]] = {
    Move.QUALIFY: ((Stage.INQUIRY, Stage.RECYCLED), Stage.MQL),
    Move.REINSTATE: ((Stage.INQUIRY, Stage.RECYCLED, Stage.DISQUALIFIED), Stage.MQL),
    Move.REOPEN: ((Stage.DISQUALIFIED, Stage.LOST, Stage.WON), Stage.MQL),
    Move.ACCEPT: ((Stage.MQL,), Stage.SAL),
    Move.RELEASE: ((Stage.SAL,), Stage.MQL),
    Move.SEND_BACK: ((Stage.MQL,), Stage.INQUIRY),
    Move.RECYCLE: (_BEFORE_A_DEAL, Stage.RECYCLED),
    Move.DISQUALIFY: (_BEFORE_A_DEAL, Stage.DISQUALIFIED),
    Move.VERIFY: ((Stage.SAL,), Stage.SQL),
    Move.OPEN_DEAL: ((Stage.SAL, Stage.SQL), Stage.OPPORTUNITY),
    Move.AMEND_DEAL: ((Stage.OPPORTUNITY,), Stage.OPPORTUNITY),
    Move.WIN: (_WORKED, Stage.WON),
    Move.LOSE: (_WORKED, Stage.LOST),
}

LEGAL: dict[tuple[Stage, Move], Stage] = {
    (origin, move): target for move, (origins, target) in MOVES.items() for origin in origins
}


def after(stage: Stage, move: Move) -> Stage:
    """The stage that a move leads to. Raises IllegalMove where the table has no such move."""
    try:
        return LEGAL[stage, move]
    except KeyError:
        raise IllegalMove(stage, move) from None


# The way of a lead that is worked, one move a stage, and the moves that leave it.
_WAY: dict[Stage, Move] = {
    Stage.MQL: Move.ACCEPT,
    Stage.SAL: Move.VERIFY,
    Stage.SQL: Move.OPEN_DEAL,
    Stage.OPPORTUNITY: Move.WIN,
}
_ASIDE: dict[Stage, Move] = {
    Stage.LOST: Move.LOSE,
    Stage.RECYCLED: Move.RECYCLE,
    Stage.DISQUALIFIED: Move.DISQUALIFY,
}


def path(stage: Stage, target: Stage) -> tuple[Move, ...]:
    """The legal moves that bring a lead that sales has from one stage to another, forward only.

    Through every stage between, so that none is skipped in the counts. Raises IllegalMove where there is no
    such way, and for the stage that it is in already.
    """
    if target in _ASIDE:
        first = (Move.ACCEPT,) if (stage, target) == (Stage.MQL, Stage.LOST) else ()
        moves = (*first, _ASIDE[target])
    else:
        moves = _forward(stage, target)
    at = stage
    for move in moves:
        at = after(at, move)
    return moves


def _forward(stage: Stage, target: Stage) -> tuple[Move, ...]:
    way = (*_WAY, Stage.WON)
    start = way.index(stage) if stage in way else len(way)
    moves = tuple(_WAY[passed] for passed in way[start:-1])
    ahead = way[start + 1 :]
    if target not in ahead:
        last = next((move for move, (_, end) in MOVES.items() if end is target), Move.QUALIFY)
        raise IllegalMove(stage, last)
    return moves[: ahead.index(target) + 1]
