"""The ticker against a clock that one can move: beats, outages, jumps, and faults that must not stop it."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, select, update

from bot.agreement import default_agreement, loaded
from bot.clock import Clock
from bot.context import Context
from bot.engine.ticker import Ticker
from bot.handoffs.dispute import Contest, contest
from bot.handoffs.reject import Reject, reject
from bot.ladder import tick
from storage import heartbeats, replicas
from storage.models import clocks, events, handoffs, outages
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY
from tests.bot.ticking import GROWTH, MINUTE, TickingLedger

LOG = logging.getLogger("tests.ticker")


def ticker_of(ticking: TickingLedger, clock: Clock) -> Ticker:
    return Ticker(ticking.database, clock, ticking.book, LOG)


def stopped(ticking: TickingLedger) -> Clock:
    return Clock(start=ticking.now, speed=0)


def gaps(ticking: TickingLedger) -> list[timedelta]:
    rows = ticking.database.read_now(lambda tx: tx.execute(select(outages)).all())
    return [row.ended_at - row.began_at for row in rows]


async def test_a_tick_beats_and_looks_at_all_that_is_due(ticking: TickingLedger) -> None:
    leads = [
        ticking.card_comes(email=f"l{n}@l{n}.example", external_id=f"l{n}", company=str(n)) for n in range(3)
    ]
    ticking.passes(5 * MINUTE)
    ticker = ticker_of(ticking, stopped(ticking))
    assert ticker.health() == (False, "The engine has not run yet.")
    await ticker.tick()
    assert ticker.health() == (True, "The engine is running.")
    assert [ticking.clock(lead, "accept").breached_at is not None for lead in leads] == [True] * 3
    assert ticking.database.read_now(heartbeats.last, "engine") == ticking.now


async def test_a_silence_of_over_a_minute_is_an_outage_and_a_shorter_one_is_none(
    ticking: TickingLedger,
) -> None:
    for silence in (timedelta(0), timedelta(seconds=60), timedelta(seconds=61), timedelta(hours=9)):
        ticking.passes(silence)
        await ticker_of(ticking, stopped(ticking)).tick()
    assert gaps(ticking) == [timedelta(seconds=61), timedelta(hours=9)]


async def test_what_fell_due_in_an_outage_is_excused_by_the_first_tick_after_it(
    ticking: TickingLedger,
) -> None:
    await ticker_of(ticking, stopped(ticking)).tick()
    handoff_id = ticking.card_comes()
    ticking.passes(timedelta(hours=1))
    await ticker_of(ticking, stopped(ticking)).tick()
    assert ticking.clocks(handoff_id)[0].cause == "outage"


async def test_a_fast_clock_is_no_outage(ticking: TickingLedger) -> None:
    clock = Clock(start=ticking.now, speed=100_000)
    ticker = ticker_of(ticking, clock)
    await ticker.tick()
    ticker._beaten_at = -1e9  # as if the last beat were long ago
    await ticker.tick()
    assert gaps(ticking) == []


@pytest.mark.parametrize(("speed", "seconds"), [(0, 1), (1, 1), (30, 1), (60, 0.5), (3600, 1 / 120)])
def test_the_faster_the_clock_the_closer_the_ticks(
    ticking: TickingLedger, speed: float, seconds: float
) -> None:
    assert ticker_of(ticking, Clock(start=ticking.now, speed=speed)).interval == pytest.approx(seconds)


async def test_a_jump_goes_through_every_due_moment_on_the_way(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    clock = stopped(ticking)
    await ticker_of(ticking, clock).advance(ticking.now + timedelta(minutes=10))
    assert clock.now() == ticking.now + timedelta(minutes=10)
    rows = ticking.database.read_now(
        lambda tx: tx.execute(
            select(events.c.kind, events.c.at).where(events.c.handoff_id == handoff_id)
        ).all()
    )
    at = {row.kind: (row.at - ticking.now).total_seconds() for row in rows}
    assert (at["clock.nudged"], at["clock.breached"], at["lead.reassigned"]) == (226, 301, 451)
    assert gaps(ticking) == []
    assert ticking.clock(handoff_id, "accept").breached_at is None
    assert ticking.clocks(handoff_id)[0].cause == "rep"


async def test_the_next_due_moment_is_the_first_of_clocks_reminders_and_leads_in_nurture(
    ticking: TickingLedger,
) -> None:
    ticker = ticker_of(ticking, stopped(ticking))
    assert await ticker.next_due_moment() is None
    handoff_id = ticking.card_comes()
    assert await ticker.next_due_moment() == ticking.now + timedelta(minutes=3, seconds=45)
    ticking.database.write_now(
        lambda tx: (
            tx.execute(
                update(clocks).where(clocks.c.handoff_id == handoff_id).values(stopped_at=ticking.now)
            ).rowcount
        )
    )
    assert await ticker.next_due_moment() is None


async def test_a_look_that_fails_is_tried_with_fewer_until_the_one_at_fault_is_put_off(
    ticking: TickingLedger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    leads = [
        ticking.card_comes(email=f"l{n}@l{n}.example", external_id=f"l{n}", company=str(n), **GROWTH)
        for n in range(5)
    ]
    ticking.passes(timedelta(hours=4))
    bad = leads[2]

    def fails_for_one(tx: Connection, ctx: Context, limit: int) -> object:
        done = tick(tx, ctx, limit)
        moved = tx.execute(select(clocks.c.next_step).where(clocks.c.handoff_id == bad)).scalars().all()
        if any(moved):
            raise ZeroDivisionError("the one at fault")
        return done

    monkeypatch.setattr("bot.engine.ticker.tick", fails_for_one)
    ticker = ticker_of(ticking, stopped(ticking))
    await ticker.tick()
    assert [ticking.clocks(lead)[0].breached_at is not None for lead in leads] == [n != 2 for n in range(5)]
    assert ticking.clock(bad, "accept").next_at == ticking.now + MINUTE
    assert "a look at 1 due clocks failed" in caplog.text


async def test_the_audit_beats_only_when_all_is_well(ticking: TickingLedger) -> None:
    ticker = ticker_of(ticking, stopped(ticking))
    ticking.card_comes()
    await ticker.audit()
    assert ticker.auditors_word() == (True, "The auditor found everything in order.")
    well_at = ticking.database.read_now(heartbeats.last, "auditor")
    assert well_at == ticking.now
    ticking.passes(10 * MINUTE)
    late = ticker_of(ticking, stopped(ticking))
    await late.audit()
    well, says = late.auditors_word()
    assert (well, "1 clock should have been checked" in says) == (False, True)
    assert ticking.database.read_now(heartbeats.last, "auditor") == well_at


async def test_each_beat_tells_the_others_by_which_agreement_it_goes_and_the_log_of_another(
    ticking: TickingLedger, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = ticker_of(ticking, stopped(ticking)), ticker_of(ticking, stopped(ticking))
    one.name, two.name = "one:1", "two:2"
    await one.tick()
    await two.tick()
    assert "another agreement" not in caplog.text
    ticking.agrees(loaded(default_agreement().text + "\n"))
    three = ticker_of(ticking, stopped(ticking))
    three.name = "three:3"
    await three.tick()
    assert "one:1, two:2 run another agreement" in caplog.text
    for each in (one, two):
        await each.leave()
    assert ticking.database.read_now(replicas.of_another_agreement, three._book.text_hash) == []


async def test_a_database_that_went_back_to_an_older_state_is_told_until_the_next_start(
    ticking: TickingLedger, caplog: pytest.LogCaptureFixture
) -> None:
    ticking.card_comes()
    ticker = ticker_of(ticking, stopped(ticking))
    await ticker.tick()
    ticking.database.write_now(lambda tx: tx.execute(delete(events)) and None)
    ticker._beaten_at = -1e9
    await ticker.tick()
    well, says = ticker.health()
    assert not well
    assert "went back to an older state" in says
    assert says in caplog.text
    again = ticker_of(ticking, stopped(ticking))
    await again.tick()
    assert again.health()[0]


async def test_a_new_agreement_is_fitted_to_the_open_leads_while_it_runs(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    contested = ticking.card_comes(email="b@b.example", external_id="b", company="B")
    ticking.does(RILEY, reject, Reject(contested, "bad_contact"))
    ticking.does(MARKETER, contest, Contest(contested, "It works"))
    ticker = ticker_of(ticking, stopped(ticking))
    await ticker.tick()
    text = default_agreement().text.replace('name    = "Enterprise"', 'name    = "Big"')
    before, after = ticking.book, loaded(text)
    ticking.agrees(after)
    before.go_by(ticking.book)
    await ticker.tick()
    assert ticking.handoff(handoff_id).team == "Big"
    assert [message.place for message in ticking.messages("answer")] == [MANAGER, ADMIN]

    by_the_older = update(handoffs).where(handoffs.c.id == handoff_id).values(team="Enterprise")
    ticking.database.write_now(lambda tx: tx.execute(by_the_older) and None)
    ticker._begun_at = ticker._purged_at = -1e9  # an hour later
    await ticker.audit()
    await ticker.tick()
    assert ticking.handoff(handoff_id).team == "Big"
