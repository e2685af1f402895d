"""The system's clock jumps, Baton's time does not: what lasts is believed, what passes leaves no trace."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, insert, select, update

from bot.clock import BELIEVED_AFTER, Clock, Steadied, steady_seconds
from bot.engine.scheduler import Engine, Job
from bot.engine.ticker import ENGINE, Ticker
from bot.engine.timekeeper import Timekeeper
from bot.handoffs.accept import Accept, accept
from bot.handoffs.snooze import Snooze, snooze
from bot.sandbox import Sandbox
from bot.slack.errors import LONGEST_WAIT
from bot.slack.link import SlackLink, web_client
from bot.slack.pace import PACE
from storage import ahead, heartbeats
from storage.database import Database
from storage.models import (
    DeliveryKind,
    clocks,
    crm_feeds,
    destinations,
    dispatches,
    dropped_files,
    lanes,
    outages,
)
from storage.outbox import bounds, claims
from storage.outbox import lanes as lane_rows
from tests.bot.ledger import MONDAY, RILEY
from tests.bot.ticking import TickingLedger

DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)
LOG = logging.getLogger("tests.clock")


@dataclass
class Machine:
    """A machine whose clock somebody sets. `passed` are the seconds that really went by."""

    passed: float = 0.0
    wrong_by: timedelta = timedelta(0)
    begun: datetime = field(default=MONDAY)

    def clock(self) -> Clock:
        return Clock(system=Steadied(lambda: self.truth + self.wrong_by, lambda: self.passed))

    @property
    def truth(self) -> datetime:
        return self.begun + timedelta(seconds=self.passed)


def ticker_of(ticking: TickingLedger, clock: Clock) -> Ticker:
    ticker = Ticker(ticking.database, clock, ticking.book, LOG)
    ticker._beaten_at = None
    return ticker


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([-1, 1]).flatmap(lambda sign: st.floats(0.01, 1.0).map(lambda days: sign * days)),
            st.floats(0.0, BELIEVED_AFTER - 1),
            st.floats(0.0, 4000.0),
        ),
        max_size=12,
    )
)
def test_a_jump_that_is_set_right_within_a_minute_is_never_seen(
    jumps: list[tuple[float, float, float]],
) -> None:
    machine = Machine()
    clock = machine.clock()
    for days, lasting, between in jumps:
        machine.wrong_by = DAY * days
        for _ in range(4):
            machine.passed += lasting / 4
            assert abs(clock.now() - machine.truth) < MOMENT
            assert abs(clock.wire() - machine.truth) < MOMENT
        assert clock.system_jump is not None
        machine.wrong_by = timedelta(0)
        machine.passed += between
        assert abs(clock.now() - machine.truth) < MOMENT
        assert clock.system_jump is None
    assert clock.jumps_believed == 0


@pytest.mark.parametrize("by", [DAY, -DAY])
def test_a_jump_that_lasts_is_believed_once(by: timedelta) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wrong_by = by
    assert clock.now() == machine.truth
    machine.passed += BELIEVED_AFTER
    for _ in range(3):
        assert clock.now() == machine.truth + by
    assert clock.jumps_believed == 1


def test_small_steps_are_followed_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(10):
        machine.wrong_by += timedelta(seconds=1.5)
        assert clock.now() == machine.truth + machine.wrong_by
    assert clock.jumps_believed == 0


async def test_a_day_ahead_for_ten_seconds_stops_no_post_and_breaches_no_clock(
    ticking: TickingLedger,
) -> None:
    machine = Machine(begun=ticking.now)
    clock = machine.clock()
    ticker = ticker_of(ticking, clock)
    handoff_id = ticking.card_comes()
    for by in (DAY, -DAY):
        for wrong in (by, timedelta(0)):
            machine.wrong_by = wrong
            for _ in range(5):
                machine.passed += 2
                await ticker.tick()
                _claim_all(ticking.database, clock.wire())
    assert ticking.clock(handoff_id, "accept").breached_at is None
    assert ticking.database.read_now(lambda tx: tx.execute(select(outages)).all()) == []
    ticking.now = clock.now()
    ticking.handoff_comes(external_id="2", email="b@b.example", company="B")
    assert [row.kind for row in _claim_all(ticking.database, clock.wire())] == ["card"]


async def test_a_clock_that_was_set_ahead_for_good_makes_an_outage_and_no_breach_of_a_rep(
    ticking: TickingLedger,
) -> None:
    machine = Machine(begun=ticking.now)
    clock = machine.clock()
    ticker = ticker_of(ticking, clock)
    handoff_id = ticking.card_comes()
    await ticker.tick()
    machine.wrong_by = DAY
    clock.now()
    machine.passed += BELIEVED_AFTER
    await ticker.tick()
    [gap] = ticking.database.read_now(lambda tx: tx.execute(select(outages)).all())
    assert gap.ended_at - gap.began_at > DAY
    assert ticking.clocks(handoff_id)[0].cause == "outage"


async def test_a_machine_that_slept_beats_before_it_looks_at_what_fell_due(ticking: TickingLedger) -> None:
    machine = Machine(begun=ticking.now)
    ticker = ticker_of(ticking, machine.clock())
    handoff_id = ticking.card_comes()
    await ticker.tick()
    machine.passed += 3600  # while the event loop's clock stood still
    await ticker.tick()
    assert ticking.clocks(handoff_id)[0].cause == "outage"


async def test_what_was_written_a_day_ahead_is_set_right_once_the_clock_is_set_back(
    ticking: TickingLedger,
) -> None:
    machine = Machine(begun=ticking.now, wrong_by=DAY)  # it starts under the wrong time
    clock = machine.clock()
    ticker = ticker_of(ticking, clock)
    await ticker.tick()
    ticking.now = clock.now()
    handoff_id = ticking.card_comes()
    ticking.handoff_comes(external_id="2", email="b@b.example", company="B")
    _claim_all(ticking.database, clock.wire())
    machine.wrong_by = timedelta(0)
    clock.now()
    machine.passed += BELIEVED_AFTER
    await ticker.tick()
    now = machine.truth
    assert ticking.database.read_now(heartbeats.last, ENGINE) == now
    running = ticking.running(handoff_id)["accept"]
    assert running.started_at == now
    assert running.due_at - running.started_at == timedelta(minutes=5)
    late = ticking.database.read_now(
        lambda tx: tx.execute(select(lanes.c.name).where(lanes.c.ready_at > now + LONGEST_WAIT)).all()
    )
    assert late == []
    ticking.now = now
    ticking.handoff_comes(external_id="3", email="c@c.example", company="C")
    assert "card" in [row.kind for row in _claim_all(ticking.database, now + timedelta(seconds=5))]


def test_a_lane_that_was_shut_for_years_is_open_again(ticking: TickingLedger) -> None:
    ticking.handoff_comes()
    far = ticking.now + timedelta(seconds=1e9)
    database = ticking.database
    database.write_now(lambda tx: lane_rows.throttle(tx, "post:C0SALES", until=far))
    assert _claim_all(database, ticking.now) == []
    assert database.write_now(lambda tx: bounds.bound(tx, wire=ticking.now, now=ticking.now)) == 1
    assert [row.kind for row in _claim_all(database, ticking.now)] == ["card"]


FAR = datetime(2058, 1, 1, tzinfo=UTC)
ELSEWHERE: list[tuple[str, Table, dict[str, object], str]] = [
    ("a lease of a webhook", destinations, {"name": "w", "cursor": 0, "lease_until": FAR}, "lease_until"),
    ("a breaker", destinations, {"name": "w", "cursor": 0, "retry_at": FAR}, "retry_at"),
    ("a lease of a CRM", crm_feeds, {"name": "f", "position": "", "lease_until": FAR}, "lease_until"),
    ("a CRM's next question", crm_feeds, {"name": "f", "position": "", "polled_at": FAR}, "polled_at"),
    (
        "a dropped file",
        dropped_files,
        {"user_id": "U1", "file_id": "F1", "name": "n", "size": 1, "url": "u", "asked_at": MONDAY}
        | {"lease_until": FAR},
        "lease_until",
    ),
]


@pytest.mark.parametrize(("_what", "table", "row", "column"), ELSEWHERE, ids=[each[0] for each in ELSEWHERE])
def test_what_another_clock_put_off_for_years_goes_on(
    database: Database, _what: str, table: Table, row: dict[str, object], column: str
) -> None:
    database.write_now(lambda tx: tx.execute(insert(table).values(**row)) and None)
    assert database.write_now(lambda tx: bounds.bound(tx, wire=MONDAY, now=MONDAY)) == 1
    found = database.read_now(lambda tx: tx.execute(select(table.c[column])).scalar_one())
    assert found in (None, MONDAY)
    assert database.write_now(lambda tx: bounds.bound(tx, wire=MONDAY, now=MONDAY)) == 0


def test_a_clock_and_an_event_that_were_put_off_for_years_are_seen_to(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    event: dict[str, object] = {"destination": "w", "sequence": 1, "event_id": 1, "lead_id": 1, "due_at": FAR}
    ticking.database.write_now(lambda tx: tx.execute(insert(dispatches).values(**event)) and None)
    ticking.database.write_now(lambda tx: tx.execute(update(clocks).values(next_at=FAR)) and None)
    ticking.passes(timedelta(minutes=6))
    ticking.ticks()
    assert ticking.clock(handoff_id, "accept").breached_at is None
    assert ticking.database.write_now(lambda tx: bounds.bound(tx, wire=ticking.now, now=ticking.now)) == 2
    ticking.ticks()
    assert ticking.clock(handoff_id, "accept").breached_at is not None


def test_a_clock_that_was_paused_under_a_time_ahead_goes_on_when_it_should(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.does(RILEY, accept, Accept(handoff_id))
    before = ticking.running(handoff_id)["first_touch"].due_at
    right, ticking.now = ticking.now, ticking.now + 7 * DAY
    ticking.does(RILEY, snooze, Snooze(handoff_id, "1h", "They asked for a later time"))
    ticking.database.write_now(ahead.set_right, (ENGINE,), right)
    paused = ticking.running(handoff_id)["first_touch"]
    assert (paused.paused_at, paused.paused_until) == (right, right + timedelta(hours=1))
    assert paused.due_at < before + 2 * DAY


def test_nothing_waits_for_longer_than_its_kind_can() -> None:
    assert set(bounds.MAY_WAIT) < set(DeliveryKind)
    assert bounds.LONGEST == LONGEST_WAIT


async def test_a_scheduler_goes_on_where_the_systems_clock_was_set_back(database: Database) -> None:
    turns: list[float] = []

    async def turn() -> None:
        turns.append(asyncio.get_running_loop().time())

    ledger = TickingLedger(database)
    ticker = Ticker(database, Clock(start=MONDAY), ledger.book, LOG)
    engine = Engine(ticker, [Job("turn", timedelta(seconds=0.05), turn)], LOG)
    engine.start()
    try:
        for job in engine._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC) + DAY)
        turns.clear()
        engine.catch_up(datetime.now(UTC))
        async with asyncio.timeout(10):
            while len(turns) < 2:
                await asyncio.sleep(0.01)
    finally:
        await engine.stop()


@pytest.mark.parametrize(
    ("off", "well", "says"),
    [
        (None, True, "The clock agrees with the others."),
        (timedelta(seconds=50), True, "The clock agrees with the others."),
        (timedelta(minutes=5), False, "This machine's clock is 0:05:00 ahead of Slack's. Set it by NTP."),
        (-DAY, False, "This machine's clock is 1 day, 0:00:00 behind of Slack's. Set it by NTP."),
    ],
)
async def test_the_clock_is_held_against_slacks(
    database: Database, off: timedelta | None, well: bool, says: str
) -> None:
    assert await Timekeeper(database, Clock(), lambda: off).health() == (well, says)


async def test_a_replica_whose_clock_is_not_the_databases_judges_no_clock(own_postgres_url: str) -> None:
    database = Database.open(own_postgres_url)
    try:
        ticking = TickingLedger(database)
        machine = Machine(begun=datetime.now(UTC) + DAY)
        clock = machine.clock()
        handoff_id = ticking.card_comes()
        keeper = Timekeeper(database, clock, lambda: None)
        ticker = Ticker(database, clock, ticking.book, LOG, keeper.look)
        await ticker.tick()
        assert ticker.health() == (False, "The engine waits: this machine's clock is wrong, as `clock` says.")
        assert (await keeper.health())[1].startswith("This machine's clock is 1 day, 0:00:00 ahead of the ")
        assert ticking.clock(handoff_id, "accept").breached_at is None
        agreed = Timekeeper(database, clock, lambda: timedelta(0))  # Slack says that the database's is wrong
        await Ticker(database, clock, ticking.book, LOG, agreed.look).tick()
        assert ticking.database.read_now(heartbeats.last, ENGINE) is not None
    finally:
        database.close()


def _claim_all(database: Database, wire: datetime) -> list[claims.Claimed]:
    lease = timedelta(seconds=30)
    claimed = database.write_now(lambda tx: claims.claim(tx, now=wire, limit=100, lease=lease, pace=PACE))
    return list(claimed.rows)


async def test_slacks_date_says_how_far_the_clock_is_off() -> None:
    wrong = Clock(system=Steadied(lambda: datetime.now(UTC) + DAY, steady_seconds))
    async with Sandbox(rate_limits=False) as slack, aiohttp.ClientSession() as session:
        link = SlackLink(web_client(slack.bot_token, slack.api_url, session), wrong)
        await link.ask()
    assert link.off is not None
    assert abs(link.off - DAY) < timedelta(seconds=30)
