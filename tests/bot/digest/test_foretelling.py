"""Forecast and outcome side by side: over the same time, once, and only of what was foretold before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import cast

import pytest

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.digest.foretelling import foretold_by, side_by_side
from bot.digest.periods import week_of
from bot.digest.posting import weekly_report
from bot.digest.report import Foretold
from bot.lookups.digest import alignment_answer
from bot.metrics import Rate
from bot.views.digest.lines import foretold_line
from bot.views.digest.message import Posted, digest_message
from storage import forecasts
from storage.database import Database
from storage.models import AgreementVersion, Forecast
from storage.models.upkeep import ForecastValues
from tests.bot.ledger import MANAGER, MONDAY, Ledger
from tests.bot.views.reading import texts

DAY = timedelta(days=1)
WEEK = week_of(date(2026, 12, 14), "America/New_York")  # ends 34.6 days after the version went live


def foretells(digest: str, **changed: int) -> ForecastValues:
    """A quarter of 90 days."""
    row: ForecastValues = {
        "hash": digest,
        "made_at": MONDAY - DAY,
        "from_at": MONDAY - 91 * DAY,
        "to_at": MONDAY - DAY,
        "handoffs": 360,
        "missed": 45,
        "missed_low": 27,
        "missed_high": 63,
        "unknown": 0,
        "decided": 200,
        "accepted": 150,
    }
    return cast(ForecastValues, {**row, **changed})


def beside(**changed: int) -> Foretold | None:
    version = AgreementVersion(id=2, version="2027-Q1", hash="h", text="", first_seen_at=MONDAY)
    came = {"handed_off": 117, "accepted": 76, "decided": 110}
    return side_by_side(Forecast(**foretells("h", **changed)), version, MONDAY + 30 * DAY, came, 16)


def test_counts_are_scaled_to_the_time_that_was_and_shares_are_not() -> None:
    assert beside() == Foretold(
        version="2027-Q1",
        days=30,
        handoffs=(120, 117),
        missed=(15, 16),
        missed_between=(5, 25),
        at_least=False,
        accepted=(Rate("", 150, 200), Rate("", 76, 110)),
    )


def test_it_is_said_in_one_line_with_n() -> None:
    told = beside()
    assert told is not None
    assert foretold_line(told) == (
        "Forecast for *2027-Q1* (30 days): 120 handoffs, 15 SLAs missed (5 to 25), "
        "accepted 75% (n = 200) within 69% to 80%; actual: 117 handoffs, 16 missed, accepted 69% (n = 110)."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"missed_low": 45, "missed_high": 45}, "15 SLAs missed, accepted"),
        ({"unknown": 3}, "at least 15 SLAs missed"),
        ({"decided": 9, "accepted": 4}, "accepted 4 of 9; actual"),
        ({"decided": 0, "accepted": 0}, "(5 to 25); actual"),
    ],
)
def test_what_nobody_can_tell_is_not_said(changed: dict[str, int], said: str) -> None:
    told = beside(**changed)
    assert told is not None
    assert said in foretold_line(told)


def test_a_forecast_over_no_time_is_none() -> None:
    version = AgreementVersion(id=2, version="2027-Q1", hash="h", text="", first_seen_at=MONDAY)
    none = Forecast(**foretells("h"))
    none.from_at = none.to_at
    assert side_by_side(none, version, MONDAY + 30 * DAY, {}, 0) is None


def another(name: str) -> LoadedAgreement:
    return loaded(default_agreement().text.replace('version = "2026-Q4"', f'version = "{name}"'))


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """Something was foretold of the version that goes live on Monday, and a lead comes a week later."""
    ledger = Ledger(database, now=MONDAY - 30 * DAY)
    after = another("2027-Q1")
    assert database.write_now(forecasts.keep, foretells(after.hash))
    ledger.passes(30 * DAY)
    ledger.agrees(after)
    ledger.passes(7 * DAY)
    ledger.takes_in()
    return ledger


def shown(ledger: Ledger, until: datetime) -> Foretold | None:
    return ledger.database.read_now(foretold_by, until, until + timedelta(hours=9))


def test_the_digest_four_weeks_after_shows_it_once(ledger: Ledger) -> None:
    seen = [shown(ledger, WEEK.until + weeks * timedelta(days=7)) for weeks in (-2, -1, 0, 1)]
    assert [told is not None for told in seen] == [False, False, True, False]
    now = WEEK.until + timedelta(hours=9)
    report = ledger.database.read_now(weekly_report, ledger.book, WEEK, "C0LEADS", now)
    assert report.foretold == seen[2]
    assert report.foretold is not None
    assert report.foretold.handoffs == (138, 1)
    assert report.foretold.missed[1] == 1  # nobody accepted the lead
    said = "\n".join(texts(digest_message(report, Posted(1, {})).blocks))
    assert "Forecast for *2027-Q1* (35 days): 138 handoffs" in said


def test_who_asks_for_that_week_reads_the_same_words_and_who_asks_for_one_team_does_not(
    ledger: Ledger,
) -> None:
    context = replace(ledger.context(MANAGER), now=WEEK.until + timedelta(hours=9))

    def answered(asked: str) -> str:
        answer = ledger.database.read_now(alignment_answer, context, asked)
        return "\n".join(texts(answer.best.blocks))

    assert "Forecast for *2027-Q1* (35 days): 138 handoffs" in answered("last week")
    assert "Forecast for *2027-Q1*" not in answered("last week team Enterprise")


def test_a_version_that_another_followed_is_judged_by_its_own_time(ledger: Ledger) -> None:
    ledger.passes(3 * DAY)
    ledger.agrees(another("2027-Q2"))
    told = shown(ledger, WEEK.until)
    assert told is not None
    assert (told.days, told.handoffs) == (10, (40, 1))


def test_of_a_version_that_stood_for_days_nothing_is_said(database: Database) -> None:
    ledger = Ledger(database, now=MONDAY - DAY)
    after = another("2027-Q1")
    database.write_now(forecasts.keep, foretells(after.hash))
    ledger.passes(DAY)
    ledger.agrees(after)
    ledger.passes(3 * DAY)
    ledger.agrees(another("2027-Q2"))
    assert shown(ledger, WEEK.until) is None


def test_a_later_forecast_takes_the_place_of_an_earlier_one_until_it_is_live(ledger: Ledger) -> None:
    ahead, live = another("2027-Q3"), ledger.book.text_hash
    keep, of = forecasts.keep, forecasts.of
    for handoffs in (1, 2):
        assert ledger.database.write_now(keep, foretells(ahead.hash, handoffs=handoffs))
    assert not ledger.database.write_now(keep, foretells(live, handoffs=3))
    kept = [ledger.database.read_now(of, digest) for digest in (ahead.hash, live)]
    assert [row and row.handoffs for row in kept] == [2, 360]
