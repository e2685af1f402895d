"""What is old enough is erased each night, and what people asked for at the next look."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.agreement import default_agreement
from bot.agreement.loader import parse_agreement
from bot.clock import Clock
from bot.digest.making import Question, make_report
from bot.digest.periods import Span
from bot.engine.eraser import Eraser
from bot.handoffs import Reject, reject
from bot.handoffs.forget import ask
from storage import leads
from tests.bot.ledger import ADMIN, MONDAY, RILEY, Ledger

LOG = logging.getLogger("test.eraser")
YEARS = timedelta(days=3 * 365)

Night = Callable[[timedelta], None]


@pytest.fixture
def night(ledger: Ledger) -> Night:
    text = default_agreement().text + '\n[retention]\nleads = "3y"\n'
    ledger.book.current = parse_agreement(text)

    def look(after: timedelta) -> None:
        ledger.now = MONDAY + after
        Eraser(ledger.database, Clock(start=ledger.now, speed=0), ledger.book, LOG).look_now()

    return look


def is_there(ledger: Ledger, lead_id: int) -> bool:
    lead = ledger.database.read_now(leads.get, lead_id)
    return lead is not None and lead.email is not None


def test_what_is_at_rest_for_so_long_goes_and_what_sales_has_stays(
    ledger: Ledger, night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rejected = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(rejected, "junk", "No such person"))
    waits = ledger.lead_of(ledger.handoff_comes(email="jim@acme.example", external_id="2")).id
    quiet = ledger.tells(email="ann@acme.example").id
    night(YEARS - timedelta(days=1))
    assert all(is_there(ledger, each) for each in (1, waits, quiet))
    night(YEARS + timedelta(days=1))
    assert [is_there(ledger, each) for each in (1, waits, quiet)] == [False, True, False]
    assert "retention: 2 leads at rest for over 3y are erased" in caplog.text


def test_it_looks_once_a_night(ledger: Ledger, night: Night, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for hours in (0, 1, 10, 17, 18):  # 10:00, 11:00, 20:00, 03:00 and 04:00 in New York
        night(timedelta(hours=hours))
    assert caplog.text.count("retention: 0 leads") == 2


def test_what_people_asked_for_is_carried_out_and_the_report_counts_both(
    ledger: Ledger, night: Night
) -> None:
    old = ledger.tells(email="ann@acme.example").id
    ledger.now += YEARS
    asked = ledger.takes_in().id
    ledger.does(ADMIN, ask, asked)
    night(YEARS + timedelta(days=1))
    assert [is_there(ledger, each) for each in (old, asked)] == [False, False]
    day = ledger.now.date()
    span = Span("days", day, day, "UTC")
    report = ledger.database.read_now(
        make_report, ledger.book, Question(span), ledger.now + timedelta(hours=1)
    )
    assert report.removed == (1, 1)
