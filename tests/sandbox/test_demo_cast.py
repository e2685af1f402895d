"""The people of the demo: nobody twice, and each as interested as they were cast."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from bot.agreement import default_agreement
from bot.leadform import read_lead, to_columns
from bot.rules.qualification import facts_of, judge
from bot.sandbox.demo.cast import Cast
from bot.sandbox.demo.stage import latest_morning

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
AGREEMENT = default_agreement().agreement


@pytest.mark.parametrize("large", [True, False])
@pytest.mark.parametrize(
    ("interest", "priority"), [("hot", "P1"), ("warm", "P2"), ("mild", "P3"), ("cold", None)]
)
def test_each_is_judged_as_they_were_cast(interest: str, priority: str | None, large: bool) -> None:
    cast = Cast(Random(3))
    for _ in range(60):
        form = read_lead(cast.lead(interest, NOW, large=large), now=NOW)
        judged = judge(AGREEMENT, facts_of(to_columns(form)), form.activities, NOW)
        assert judged.qualifies is (priority is not None)
        assert priority in (judged.priority, None)


def test_the_same_seed_invents_the_same_people() -> None:
    one, other = Cast(Random(5)), Cast(Random(5))
    assert [one.lead("hot", NOW) for _ in range(30)] == [other.lead("hot", NOW) for _ in range(30)]


def test_a_long_demo_never_runs_out_of_people() -> None:
    cast = Cast(Random(1))
    leads = [cast.lead("warm", NOW) for _ in range(2_000)]
    assert len({lead["email"] for lead in leads}) == len({lead["external_id"] for lead in leads}) == 2_000
    assert all(lead["email"].endswith(".example") for lead in leads)


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 23, 0, tzinfo=UTC), datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 26, 18, 0, tzinfo=UTC), datetime(2026, 11, 25, 15, 0, tzinfo=UTC)),
        (datetime(2026, 7, 5, 18, 0, tzinfo=UTC), datetime(2026, 7, 2, 14, 0, tzinfo=UTC)),
    ],
    ids=["still Sunday in New York", "before work", "after work", "a holiday", "a long weekend in summer"],
)
def test_the_demo_begins_on_a_working_morning(now: datetime, morning: datetime) -> None:
    assert latest_morning(AGREEMENT, now) == morning
