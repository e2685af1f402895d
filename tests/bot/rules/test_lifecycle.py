"""The table of stages and moves, and the way along it that the CRM is followed."""

from __future__ import annotations

import pytest

from bot.rules.lifecycle import LEGAL, IllegalMove, Move, after, path
from storage.models import Stage

_ENDED = (Stage.WON, Stage.LOST)
WAY = {Stage.MQL: 0, Stage.SAL: 1, Stage.SQL: 2, Stage.OPPORTUNITY: 3, Stage.WON: 4}


@pytest.mark.parametrize(
    ("stage", "move", "target"),
    [
        (Stage.INQUIRY, Move.QUALIFY, Stage.MQL),
        (Stage.RECYCLED, Move.QUALIFY, Stage.MQL),
        (Stage.INQUIRY, Move.REINSTATE, Stage.MQL),
        (Stage.RECYCLED, Move.REINSTATE, Stage.MQL),
        (Stage.DISQUALIFIED, Move.REINSTATE, Stage.MQL),
        (Stage.DISQUALIFIED, Move.REOPEN, Stage.MQL),
        (Stage.LOST, Move.REOPEN, Stage.MQL),
        (Stage.WON, Move.REOPEN, Stage.MQL),
        (Stage.MQL, Move.ACCEPT, Stage.SAL),
        (Stage.SAL, Move.RELEASE, Stage.MQL),
        (Stage.MQL, Move.SEND_BACK, Stage.INQUIRY),
        (Stage.MQL, Move.RECYCLE, Stage.RECYCLED),
        (Stage.SAL, Move.RECYCLE, Stage.RECYCLED),
        (Stage.SQL, Move.RECYCLE, Stage.RECYCLED),
        (Stage.MQL, Move.DISQUALIFY, Stage.DISQUALIFIED),
        (Stage.SAL, Move.DISQUALIFY, Stage.DISQUALIFIED),
        (Stage.SQL, Move.DISQUALIFY, Stage.DISQUALIFIED),
        (Stage.SAL, Move.VERIFY, Stage.SQL),
        (Stage.SAL, Move.OPEN_DEAL, Stage.OPPORTUNITY),
        (Stage.SQL, Move.OPEN_DEAL, Stage.OPPORTUNITY),
        (Stage.OPPORTUNITY, Move.AMEND_DEAL, Stage.OPPORTUNITY),
        (Stage.SAL, Move.WIN, Stage.WON),
        (Stage.SQL, Move.WIN, Stage.WON),
        (Stage.OPPORTUNITY, Move.WIN, Stage.WON),
        (Stage.SAL, Move.LOSE, Stage.LOST),
        (Stage.SQL, Move.LOSE, Stage.LOST),
        (Stage.OPPORTUNITY, Move.LOSE, Stage.LOST),
    ],
)
def test_a_legal_move_leads_to_its_stage(stage: Stage, move: Move, target: Stage) -> None:
    assert after(stage, move) is target


def test_there_are_no_other_moves() -> None:
    assert len(LEGAL) == 27
    for stage in Stage:
        for move in Move:
            if (stage, move) not in LEGAL:
                with pytest.raises(IllegalMove) as refused:
                    after(stage, move)
                assert (refused.value.stage, refused.value.move) == (stage, move)


def test_only_a_raised_hand_leads_on_from_a_deal_that_ended() -> None:
    assert {move for stage, move in LEGAL if stage in _ENDED} == {Move.REOPEN}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("target", Stage)
def test_a_path_is_made_of_legal_moves_and_skips_no_stage(stage: Stage, target: Stage) -> None:
    try:
        moves = path(stage, target)
    except IllegalMove:
        forward = stage in WAY and target in WAY and WAY[target] > WAY[stage]
        aside = target in (Stage.LOST, Stage.RECYCLED, Stage.DISQUALIFIED) and stage in WAY
        before_a_deal = stage not in (Stage.OPPORTUNITY, Stage.WON) or target is Stage.LOST
        assert not forward
        assert not (aside and before_a_deal and stage is not Stage.WON)
        return
    at = stage
    for move in moves:
        at = after(at, move)
    assert at is target
    if target in WAY:
        assert len(moves) == WAY[target] - WAY[stage]
