"""A line is proposed where the numbers carry it, and nowhere else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.calibration import Outcomes, passes, propose, stricter

GOOD = Outcomes(handed_off=110, accepted=80, rejected=20, won=9)
BAD = Outcomes(handed_off=40, accepted=10, rejected=25, won=1)


def test_the_lines_above_a_line() -> None:
    assert stricter("B2") == ["A1", "A2", "B1"]
    assert stricter("A1") == []
    assert passes("A1", "B2")
    assert passes("B2", "B2")
    assert not passes("A3", "B2")
    assert not passes("C1", "B2")


def test_the_grade_that_sales_rejects_is_dropped() -> None:
    verdict = propose("B2", [("A1", False, GOOD), ("B2", False, BAD)])
    proposal = verdict.proposal
    assert proposal is not None
    assert proposal.then == "A1"
    assert proposal.volume == -40 / 150
    assert (proposal.acceptance_now.part, proposal.acceptance_now.n) == (90, 135)
    assert (proposal.acceptance_then.part, proposal.acceptance_then.n) == (80, 100)
    assert round(proposal.points) == 13
    assert proposal.won_lost == 1
    assert proposal.lines == '[qualification]\nmql = "A1"'


def test_hand_raisers_stay_whatever_the_line() -> None:
    verdict = propose("B2", [("A1", False, GOOD), ("B2", True, BAD)])
    assert verdict.proposal is None


def test_a_difference_that_may_be_chance_takes_more_decisions() -> None:
    verdict = propose("B2", [("A1", False, Outcomes(20, 12, 8)), ("B2", False, Outcomes(20, 10, 10))])
    assert verdict.proposal is None
    assert verdict.more_decisions is not None
    assert verdict.more_decisions > 100


def test_too_few_decisions_say_how_many_more() -> None:
    assert propose("B2", [("A1", False, Outcomes(9, 3, 3))]).more_decisions == 4
    assert propose("B2", []).more_decisions == 10


def test_a_line_that_is_right_is_left_alone() -> None:
    verdict = propose("B2", [("A1", False, BAD), ("B2", False, GOOD)])
    assert (verdict.proposal, verdict.more_decisions) == (None, None)


rows = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "B1", "B2", "C3"]),
        st.booleans(),
        st.builds(Outcomes, st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(0, 9)),
    )
)


@given(rows)
def test_no_proposal_ever_lowers_acceptance_or_rests_on_too_few(
    given_rows: list[tuple[str, bool, Outcomes]],
) -> None:
    proposal = propose("B2", given_rows).proposal
    if proposal is not None:
        assert proposal.points > 0
        assert min(proposal.acceptance_now.n, proposal.acceptance_then.n) >= 10
