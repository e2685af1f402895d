"""What the auditor finds, mends and reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from bot.context import BATON
from bot.engine.audit import Findings, audit, forget_old_rewrites
from bot.handoffs.leaving import report_who_left
from storage import clocks as queries
from storage.database import Database
from storage.database.sql import columns_of
from storage.models import DeliveryState, deliveries, lanes
from storage.outbox import nags
from tests.bot.ledger import ADMIN, MANAGER, MONDAY, RILEY
from tests.bot.ticking import MINUTE, TickingLedger


def found(ticking: TickingLedger) -> Findings:
    return ticking.does(BATON, audit, 1.0)


def changed(ticking: TickingLedger, kind: str, **values: Any) -> None:
    statement = update(deliveries).where(deliveries.c.kind == kind).values(**values)
    ticking.database.write_now(lambda tx: tx.execute(statement).rowcount)


def lane_ready(ticking: TickingLedger, at: datetime) -> None:
    statement = update(lanes).where(lanes.c.name == "post:C0SALES").values(ready_at=at)
    assert ticking.database.write_now(lambda tx: tx.execute(statement).rowcount) == 1


def test_all_is_well_where_nothing_is_overdue(ticking: TickingLedger) -> None:
    ticking.card_comes()
    ticking.passes(2 * MINUTE)
    assert found(ticking).well
    assert str(found(ticking)) == "The auditor found everything in order."


def test_a_clock_that_nobody_looked_at_is_found(ticking: TickingLedger) -> None:
    ticking.card_comes()
    ticking.passes(timedelta(minutes=4, seconds=50))
    assert found(ticking).overdue == 1
    assert "1 clock should have been checked" in str(found(ticking))
    ticking.ticks()
    assert found(ticking).well


def test_what_takes_a_second_takes_more_of_a_faster_clock(ticking: TickingLedger) -> None:
    ticking.card_comes()
    ticking.passes(timedelta(minutes=4, seconds=50))
    assert ticking.does(BATON, audit, 60.0).well


def test_a_lane_in_which_nothing_moves_is_found_unless_slack_refuses_it(ticking: TickingLedger) -> None:
    ticking.handoff_comes()
    lane_ready(ticking, ticking.now)
    ticking.passes(2 * MINUTE)
    assert found(ticking).stuck == ("post:C0SALES",)
    refused = update(lanes).values(parked_at=ticking.now)
    ticking.database.write_now(lambda tx: tx.execute(refused).rowcount)
    assert found(ticking).well


def test_a_lane_that_is_merely_long_is_not_stuck(ticking: TickingLedger) -> None:
    ticking.handoff_comes()
    ticking.passes(2 * MINUTE)
    lane_ready(ticking, ticking.now - timedelta(seconds=1))
    assert found(ticking).well


def test_a_claim_that_nobody_answered_for_is_taken_back(ticking: TickingLedger) -> None:
    ticking.handoff_comes()
    changed(
        ticking, "card", state=DeliveryState.CLAIMED, claimed_at=ticking.now, due_at=ticking.now, attempts=1
    )
    ticking.passes(2 * MINUTE)
    assert found(ticking).lapsed == 1
    (card,) = ticking.messages("card")
    assert card.state == DeliveryState.UNKNOWN
    assert found(ticking).lapsed == 0


def test_an_old_doubt_is_looked_into_at_once(ticking: TickingLedger) -> None:
    ticking.handoff_comes()
    later = ticking.now + timedelta(hours=1)
    changed(ticking, "card", state=DeliveryState.UNKNOWN, claimed_at=ticking.now, due_at=later)
    ticking.passes(6 * MINUTE)
    assert found(ticking).doubts == 1
    assert ticking.messages("card")[0].due_at == ticking.now


def test_who_left_is_reported_once_to_the_admins_and_to_their_manager(ticking: TickingLedger) -> None:
    ticking.leaves(RILEY)
    for _ in range(3):
        ticking.does(BATON, report_who_left)
    notices = ticking.messages("parked")
    assert [(notice.place, notice.body["place"]) for notice in notices] == [(ADMIN, RILEY), (MANAGER, RILEY)]
    notice = notices[0]
    assert "no account here any more" in ticking.reads(notice)


def test_rewrites_are_forgotten_after_a_month_and_posts_never(ticking: TickingLedger) -> None:
    ticking.card_comes()
    ticking.ticks(4 * MINUTE)
    ticking.delivers()
    assert len(ticking.messages("card", "update")) == 1
    ticking.passes(timedelta(days=29))
    assert ticking.does(BATON, forget_old_rewrites, 0) == 0
    assert len(ticking.messages("card", "update")) == 1
    ticking.passes(timedelta(days=2))
    ticking.does(BATON, forget_old_rewrites, 0)
    assert (len(ticking.messages("card", "update")), len(ticking.messages("card"))) == (0, 1)


def test_forgetting_goes_through_the_deliveries_a_stretch_at_a_time(ticking: TickingLedger) -> None:
    ticking.card_comes()
    row = columns_of(ticking.messages("card")[0])

    def many(tx: Connection) -> None:
        copies = [{**row, "id": 10_000 + n, "op": "update", "target_id": row["id"]} for n in range(3)]
        tx.execute(insert(deliveries), copies)

    ticking.database.write_now(many)
    ticking.passes(timedelta(days=31))
    went: list[int] = []
    at = 0
    while at or not went:
        at = ticking.does(BATON, forget_old_rewrites, at)
        went.append(at)
    assert went == [2000, 4000, 6000, 8000, 10_000, 0]
    assert ticking.messages("card", "update") == []


def plans(database: Database, ask: Callable[[Connection], object]) -> list[str]:
    """How SQLite goes about what is asked."""
    asked: list[str] = []

    def look(tx: Connection) -> list[str]:
        sqlite = tx.connection.driver_connection
        assert isinstance(sqlite, sqlite3.Connection)
        sqlite.set_trace_callback(asked.append)
        ask(tx)
        sqlite.set_trace_callback(None)
        return [str(row[3]) for one in asked for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")]

    return database.write_now(look)


def test_looking_for_what_is_due_reads_one_index_and_nothing_else(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    plan = plans(database, lambda tx: queries.claim_due(tx, MONDAY, 10))
    database.close()
    assert plan == ["SEARCH clock USING INDEX ix_clock_next (next_at<?)"]


def test_reminders_that_wait_are_found_by_index_however_many_messages_there_were(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    plan = plans(database, lambda tx: nags.waiting_at(tx, ["U0MGR", "C0SALES"]))
    database.close()
    assert not [step for step in plan if "uq_delivery_nag" not in step and "TEMP B-TREE" not in step]
