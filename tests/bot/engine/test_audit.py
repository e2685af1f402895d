"""What the auditor finds, mends and reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from bot.context import BATON
from bot.engine.audit import Findings, audit, forget_old_rewrites, report_who_left
from storage import clocks as queries
from storage.database import Database
from storage.database.sql import columns_of
from storage.models import DeliveryState, deliveries, lanes
from storage.outbox import nags
from tests.bot.house import ADMIN, MONDAY, RILEY
from tests.bot.post import MINUTE, Post


def found(post: Post) -> Findings:
    return post.does(BATON, audit, 1.0)


def changed(post: Post, kind: str, **values: Any) -> None:
    statement = update(deliveries).where(deliveries.c.kind == kind).values(**values)
    post.database.write_now(lambda tx: tx.execute(statement).rowcount)


def test_all_is_well_where_nothing_is_overdue(post: Post) -> None:
    post.card_comes()
    post.passes(2 * MINUTE)
    assert found(post).well
    assert str(found(post)) == "The auditor found everything in order."


def test_a_clock_that_nobody_looked_at_is_found(post: Post) -> None:
    post.card_comes()
    post.passes(timedelta(minutes=4, seconds=50))
    assert found(post).overdue == 1
    assert "1 clock should have been looked at" in str(found(post))
    post.ticks()
    assert found(post).well


def test_what_takes_a_second_takes_more_of_a_faster_clock(post: Post) -> None:
    post.card_comes()
    post.passes(timedelta(minutes=4, seconds=50))
    assert post.does(BATON, audit, 60.0).well


def test_a_lane_in_which_nothing_moves_is_found_unless_slack_refuses_it(post: Post) -> None:
    post.handoff_comes()
    lane: dict[str, Any] = {"name": "post:C0SALES", "ready_at": post.now}
    post.database.write_now(lambda tx: tx.execute(insert(lanes), lane).rowcount)
    post.passes(2 * MINUTE)
    assert found(post).stuck == ("post:C0SALES",)
    refused = update(lanes).values(parked_at=post.now)
    post.database.write_now(lambda tx: tx.execute(refused).rowcount)
    assert found(post).well


def test_a_lane_that_is_merely_long_is_not_stuck(post: Post) -> None:
    post.handoff_comes()
    post.passes(2 * MINUTE)
    lane: dict[str, Any] = {"name": "post:C0SALES", "ready_at": post.now - timedelta(seconds=1)}
    post.database.write_now(lambda tx: tx.execute(insert(lanes), lane).rowcount)
    assert found(post).well


def test_a_claim_that_nobody_answered_for_is_taken_back(post: Post) -> None:
    post.handoff_comes()
    changed(post, "card", state=DeliveryState.CLAIMED, claimed_at=post.now, due_at=post.now, attempts=1)
    post.passes(2 * MINUTE)
    assert found(post).lapsed == 1
    (card,) = post.messages("card")
    assert card.state == DeliveryState.UNKNOWN
    assert found(post).lapsed == 0


def test_an_old_doubt_is_looked_into_at_once(post: Post) -> None:
    post.handoff_comes()
    later = post.now + timedelta(hours=1)
    changed(post, "card", state=DeliveryState.UNKNOWN, claimed_at=post.now, due_at=later)
    post.passes(6 * MINUTE)
    assert found(post).doubts == 1
    assert post.messages("card")[0].due_at == post.now


def test_who_left_is_reported_once_to_the_admins(post: Post) -> None:
    post.leaves(RILEY)
    for _ in range(3):
        post.does(BATON, report_who_left)
    (notice,) = post.messages("parked")
    assert (notice.place, notice.body["place"]) == (ADMIN, RILEY)
    assert "no account here any more" in post.reads(notice)


def test_rewrites_are_forgotten_after_a_month_and_posts_never(post: Post) -> None:
    post.card_comes()
    post.ticks(4 * MINUTE)
    post.delivers()
    assert len(post.messages("card", "update")) == 1
    post.passes(timedelta(days=29))
    assert post.does(BATON, forget_old_rewrites, 0) == 0
    assert len(post.messages("card", "update")) == 1
    post.passes(timedelta(days=2))
    post.does(BATON, forget_old_rewrites, 0)
    assert (len(post.messages("card", "update")), len(post.messages("card"))) == (0, 1)


def test_forgetting_goes_through_the_deliveries_a_stretch_at_a_time(post: Post) -> None:
    post.card_comes()
    row = columns_of(post.messages("card")[0])

    def many(tx: Connection) -> None:
        copies = [{**row, "id": 10_000 + n, "op": "update", "target_id": row["id"]} for n in range(3)]
        tx.execute(insert(deliveries), copies)

    post.database.write_now(many)
    post.passes(timedelta(days=31))
    went: list[int] = []
    at = 0
    while at or not went:
        at = post.does(BATON, forget_old_rewrites, at)
        went.append(at)
    assert went == [2000, 4000, 6000, 8000, 10_000, 0]
    assert post.messages("card", "update") == []


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
