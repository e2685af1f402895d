"""Before the first lead there are no data: nothing is compared with that time or committed for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.digest.making import Question, make_report
from bot.digest.periods import read_period
from bot.digest.report import DigestReport
from bot.metrics import Count, Place, Quotient
from storage.database import Database
from tests.bot.digest.histories import NOW, SINCE, History, asked_of
from tests.bot.digest.test_agenda import accepted, history, week_of


def report_of(database: Database, rows: History, period: str) -> DigestReport:
    def ask(tx: Connection, book: AgreementBook) -> DigestReport:
        return make_report(tx, book, Question(read_period(period, NOW, "America/New_York")), NOW)

    return asked_of(database, rows, ask)


def began(days: int, count: int = 20, **fields: Any) -> History:
    """So many leads, of which the first came so many days after week 47 began."""
    day = SINCE + timedelta(days=days, hours=10)
    return history(*({"handed_at": day, **accepted("q4-webinar"), **fields} for _ in range(count)))


def test_the_commitment_of_a_week_begins_with_the_data(database: Database) -> None:
    whole = history(*week_of((20, accepted())), *week_of((20, accepted()), back=5))
    assert [report_of(database, rows, "2026-W47").line("volume").goal for rows in (whole, began(3))] == [9, 5]


def test_a_week_that_began_without_data_says_since_when(database: Database) -> None:
    report = report_of(database, began(3), "2026-W47")
    assert report.opening.startswith("Week 47, 16 to 22 Nov 2026, since 19 Nov: ")
    assert report_of(database, began(0), "2026-W47").about.data_since is None


def test_a_week_before_the_data_has_no_rates_and_no_commitment(database: Database) -> None:
    report = report_of(database, began(3), "2026-W46")
    assert report.opening == (
        "Week 46, 9 to 15 Nov 2026: no data. The first lead was handed off on 19 Nov 2026."
    )
    assert report.line("volume").goal is None
    assert report.trend == ()


@pytest.mark.parametrize(
    ("back", "compared", "usual"), [(0, False, False), (2, True, False), (5, True, True)]
)
def test_only_weeks_with_data_are_compared_with(
    database: Database, back: int, compared: bool, usual: bool
) -> None:
    rows = history(*week_of((20, accepted())), *week_of((10, accepted()), back=back))
    [mql, *_] = report_of(database, rows, "2026-W47").at(Place.FUNNEL)
    assert isinstance(mql.before, Count) is compared
    assert (mql.usual is not None) is usual


def test_a_quarter_is_held_to_the_part_of_its_goals_that_has_data(database: Database) -> None:
    [mqls, *_] = report_of(database, began(3), "2026-W47").goals
    assert mqls.forecast.goal == round(120 * 43 / 92)  # 19 Nov to 31 Dec of the 92 days
    assert mqls.words == "too early to forecast"
    assert not mqls.foretold


@pytest.mark.parametrize("days", [-20, 3])
def test_there_is_no_roi_before_a_deal_could_have_closed(database: Database, days: int) -> None:
    """The only deal won, of another campaign, took ten days."""
    rows = began(days)
    day = SINCE + timedelta(days=-30)
    won = accepted("search-ads") | {"handed_at": day, "won_at": day + timedelta(days=10), "currency": "USD"}
    both = history(*(row for row in rows.handoffs), won)
    report = report_of(database, both, "2026-W47")
    [webinar] = [campaign for campaign in report.campaigns if campaign.name == "q4-webinar"]
    [roi] = [line.now for line in webinar.lines if line.figure == "roi"]
    expected = (
        Quotient(-1.0, "share")
        if days < 0
        else Quotient(None, "share", "too early: no deal could have closed yet")
    )
    assert roi == expected
