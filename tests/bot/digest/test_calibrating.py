"""What the calibration says of grades and criteria agrees with plain Python over the same handoffs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.digest.calibration import Calibration, calibration_of
from bot.digest.making import Question
from bot.digest.periods import read_period
from storage.database import Database
from tests.bot.digest.histories import NOW, SINCE, asked_of
from tests.bot.digest.test_agenda import history

WEEK = read_period("2026-W47", NOW, "America/New_York")
HANDED, LATER = SINCE + timedelta(hours=1), SINCE + timedelta(hours=2)
FATES: dict[str, dict[str, Any]] = {
    "waiting": {},
    "accepted": {"accepted_at": LATER},
    "rejected": {"rejected_at": LATER, "reason": "too_small"},
    "won": {"accepted_at": LATER, "won_at": LATER},
    "lost": {"accepted_at": LATER, "lost_at": LATER},
}
CRITERIA = ("Senior title", "200+ employees", "50+ employees")
Drawn = tuple[str, str, frozenset[str]]
HANDOFFS = st.lists(
    st.tuples(
        st.sampled_from(("A1", "B2", "C3")),
        st.sampled_from(sorted(FATES)),
        st.frozensets(st.sampled_from(CRITERIA)),
    ),
    min_size=1,
    max_size=40,
)


def calibrated(database: Database, drawn: list[Drawn]) -> Calibration:
    rows = [
        {
            "handed_at": HANDED,
            "grade": grade,
            "why": [f"{words} (+30)" for words in sorted(why)],
            **FATES[fate],
        }
        for grade, fate, why in drawn
    ]
    return asked_of(database, history(*rows), lambda tx, book: calibration_of(tx, book, Question(WEEK), NOW))


def pair(drawn: list[Drawn], part: tuple[str, ...], rest: tuple[str, ...]) -> tuple[int, int]:
    """How many had one of the fates of `part`, and of those or the ones of `rest`."""
    fates = [fate for _, fate, _ in drawn]
    return sum(fate in part for fate in fates), sum(fate in part + rest for fate in fates)


@given(HANDOFFS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_rate_of_the_calibration_can_be_counted_by_hand(database: Database, drawn: list[Drawn]) -> None:
    found = calibrated(database, drawn)
    taken = ("accepted", "won", "lost")
    assert {
        cell.grade: ((cell.accepted.part, cell.accepted.n), (cell.won.part, cell.won.n))
        for cell in found.grades
    } == {
        grade: (pair(own, taken, ("rejected",)), pair(own, ("won",), ("lost",)))
        for grade in {grade for grade, _, _ in drawn}
        for own in [[one for one in drawn if one[0] == grade]]
    }
    told_of = {each.words: each for each in found.criteria}
    for words in CRITERIA:
        with_it = pair([one for one in drawn if words in one[2]], taken, ("rejected",))
        without = pair([one for one in drawn if words not in one[2]], taken, ("rejected",))
        each = told_of[words]
        assert ((each.with_it.part, each.with_it.n), (each.without.part, each.without.n)) == (
            with_it,
            without,
        )
        if min(with_it[1], without[1]) >= 10 and without[0]:
            assert each.lift == (with_it[0] / with_it[1]) / (without[0] / without[1])


def test_a_grade_that_sales_turns_down_becomes_the_exact_line_to_change(database: Database) -> None:
    nobody: frozenset[str] = frozenset()
    drawn = [("A1", "won", nobody)] * 60 + [("B2", "rejected", nobody)] * 60
    verdict, *lines = calibrated(database, drawn).lines
    assert verdict.startswith("Raise the MQL line from B2 to ")
    assert "-50% volume, +50 points acceptance" in verdict
    assert 'under [qualification]: mql = "' in verdict
    assert "A1: accepted 100% (n = 60), won 100% (n = 60)" in lines
