"""When nobody of a team can take a lead: what keeps them, and when the first may be able again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.candidates import Facts, candidates_of, need_of
from bot.rules.spans import Span
from bot.rules.vacancy import Vacancy, vacancy_of
from tests.bot.teams import ANNE, BERLIN, BERT, NEW_YORK, rep, with_team

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York, 16:00 in Berlin
DAY = timedelta(days=1)
AGREED = with_team(
    rep(ANNE, NEW_YORK, "capacity = 5, per_day = 2, per_week = 3"), rep(BERT, BERLIN)
).agreement


def found(**facts: Facts) -> Vacancy | None:
    team = AGREED.teams[0]
    known = {ANNE: facts["anne"], BERT: facts["bert"]}
    return vacancy_of(AGREED, team, candidates_of(AGREED, team, need_of(AGREED, team, "P3", NOW), known), NOW)


AWAY = Facts(absences=(Span(NOW - DAY, None),))
GONE = Facts(left=True)


def back_on(day: int, hour: int) -> Facts:
    return Facts(absences=(Span(NOW - DAY, datetime(2026, 11, day, hour, tzinfo=UTC)),))


@pytest.mark.parametrize(
    ("anne", "bert", "why", "until"),
    [
        (Facts(5), AWAY, "1 at capacity, 1 away", None),
        (AWAY, AWAY, "2 away", None),
        (GONE, GONE, "2 left the workspace", None),
        (AWAY, back_on(18, 3), "2 away", datetime(2026, 11, 18, 8, tzinfo=UTC)),  # nine in Berlin
        (back_on(17, 23), back_on(20, 9), "2 away", datetime(2026, 11, 18, 14, tzinfo=UTC)),
        (
            Facts(0, 2),
            AWAY,
            "1 reached their limit for today, 1 away",
            datetime(2026, 11, 17, 14, tzinfo=UTC),
        ),
        (
            Facts(0, 1, 3),
            AWAY,
            "1 reached their limit for this week, 1 away",
            NOW + 7 * DAY - timedelta(hours=1),
        ),
    ],
)
def test_what_keeps_everybody_and_until_when(
    anne: Facts, bert: Facts, why: str, until: datetime | None
) -> None:
    assert found(anne=anne, bert=bert) == Vacancy(f"Nobody can take it: {why}", until)


@pytest.mark.parametrize("bert", [Facts(), Facts(held_before=False, open_leads=99)])
def test_while_somebody_can_there_is_no_vacancy(bert: Facts) -> None:
    assert found(anne=AWAY, bert=bert) is None
