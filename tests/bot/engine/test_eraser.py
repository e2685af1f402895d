"""What is old enough is erased each night, and what people asked for at the next look."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import _lru_cache_wrapper
from types import FunctionType, ModuleType

import pytest
from sqlalchemy import Dialect, MetaData

from bot.agreement import default_agreement
from bot.agreement.loader import parse_agreement
from bot.clock import Clock
from bot.digest.making import Question, make_report
from bot.digest.periods import Span
from bot.engine.eraser import Eraser
from bot.engine.timekeeper import Timekeeper
from bot.handoffs import Reject, reject
from bot.handoffs.forget import ask, ask_for_age
from bot.handoffs.intake import note_activity
from bot.leadform import email_key
from bot.leadform.activities import read_activity
from storage import erasures, leads
from storage.database import Database
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


def test_whoever_did_something_since_or_is_nurtured_until_a_date_stays(ledger: Ledger, night: Night) -> None:
    waits = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(waits, "low_intent", "Next year"))  # nurtured for 90 days
    told, noted, silent = (ledger.tells(email=f"{name}@acme.example").id for name in ("ann", "bo", "cy"))
    ledger.now = MONDAY + timedelta(days=20)
    read = [{"type": "whitepaper", "at": ledger.now.isoformat()}]
    ledger.tells(email="ann@acme.example", activities=read)
    ledger.does("api:crm", note_activity, noted, read_activity({"type": "webinar"}, now=ledger.now))
    ledger.book.current = parse_agreement(default_agreement().text + '\n[retention]\nleads = "30d"\n')
    night(timedelta(days=31))
    assert [is_there(ledger, each) for each in (1, told, noted, silent)] == [True, True, True, False]
    night(timedelta(days=51))
    assert [is_there(ledger, each) for each in (1, told, noted)] == [True, False, False]


def test_whoever_is_heard_of_while_the_night_works_stays(ledger: Ledger) -> None:
    lead_id = ledger.tells(email="ann@acme.example").id
    before = MONDAY + timedelta(days=1)
    assert ledger.database.read_now(erasures.at_rest_since, before, limit=9) == [lead_id]
    ledger.now = before
    ledger.takes_in(email="ann@acme.example")
    assert not ledger.does("baton", ask_for_age, lead_id, before)
    assert is_there(ledger, lead_id)


def test_a_wrong_clock_erases_nobody(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    lead_id = ledger.tells(email="ann@acme.example").id
    ledger.book.current = parse_agreement(default_agreement().text + '\n[retention]\nleads = "3y"\n')
    clock = Clock(start=MONDAY + 2 * YEARS, speed=0)
    off = [timedelta(days=365)]
    keeper = Timekeeper(ledger.database, clock, lambda: off[0])
    eraser = Eraser(ledger.database, clock, ledger.book, LOG, keeper.is_right)
    eraser.look_now()
    assert (is_there(ledger, lead_id), caplog.text) == (True, "")
    off[0] = timedelta(0)
    eraser.look_now()
    assert not is_there(ledger, lead_id)


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


def remembered_of(roots: Sequence[object], trace: str) -> Iterator[str]:
    """The texts with a trace in them that caches hold, however deep."""
    seen, ahead = set[int](), [*roots]
    while ahead:
        found = ahead.pop()
        if id(found) in seen or isinstance(found, type | ModuleType | MetaData | Dialect):
            continue
        seen.add(id(found))
        if isinstance(found, str | bytes) and trace in str(found).casefold():
            yield str(found)
        held = gc.get_referents(found)
        ahead += [each for each in held if not (isinstance(each, FunctionType) or each is globals())]


def caches(ledger: Ledger) -> list[object]:
    """Every cache of a function of Baton's, and each engine's statements."""
    engines = (ledger.database.engine, ledger.database._reading)
    gc.unfreeze()  # what is frozen is not among the objects
    kept = [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]
    functions = [each for each in kept if each.__module__.startswith(("bot.", "storage.", "handlers."))]
    return [*functions, *(engine._compiled_cache for engine in engines)]


def test_nothing_of_whoever_was_erased_is_left_in_memory(sqlite_url: str) -> None:
    ledger = Ledger(Database.open(sqlite_url))
    lead = ledger.takes_in(
        external_id="id-zq77",
        email="zelda.zq77@zq77.example",
        first_name="Zelda-zq77",
        last_name="Zq77",
        title="VP of zq77",
        phone="+49 30 5557 7123",
        company="zq77 GmbH",
        industry="Zq77",
        country="Zq77land",
        extra_zq77="zq77",
        activities=[{"type": "zq77", "at": "2026-03-02T09:00:00Z", "detail": "zq77"}],
    )
    elsewhere = Eraser(ledger.database, Clock(start=ledger.now, speed=0), ledger.book, LOG)
    elsewhere.look_now()
    everything = caches(ledger)
    assert set(remembered_of(everything, "zq77")) != set()
    ledger.does(ADMIN, ask, lead.id)
    Eraser(ledger.database, Clock(start=ledger.now, speed=0), ledger.book, LOG).look_now()
    assert set(remembered_of(everything, "zq77")) == set()
    email_key("zelda.zq77@zq77.example")  # as a replica still has it
    elsewhere.look_now()
    assert set(remembered_of(everything, "zq77")) == set()
