"""The past of the demo: plausible whatever the seed, the same for the same seed, and closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.digest.posting import due_digest
from bot.sandbox import Sandbox
from bot.sandbox.demo import recall
from bot.sandbox.demo.history import LENGTH, write_history
from storage import installation
from storage.database import Database
from storage.migrations import migrate
from storage.models import (
    ClockKind,
    DeliveryOp,
    DeliveryState,
    HandoffState,
    Stage,
    clocks,
    deliveries,
    disputes,
    events,
    handoffs,
    leads,
    reports,
)

MONDAY, THURSDAY = (datetime(2026, 11, day, 15, 0, tzinfo=UTC) for day in (16, 19))
THE_PAST = (leads, handoffs, clocks, events, disputes, reports)


def written(folder: Path, name: str, seed: int, now: datetime) -> Database:
    """A database with a past, and the messages that are still seen of it."""
    database = Database.open(f"sqlite:///{folder / name}.db")
    migrate(database)

    def write(tx: Connection) -> list[recall.Remembered]:
        book = open_book(tx, default_agreement(), now - LENGTH)
        write_history(tx, book, seed, now)
        return recall.remember(tx, book, now)

    messages = database.write_now(write)
    sandbox = Sandbox(clock=Clock(start=now))
    database.write_now(recall.settle, messages, recall.show(sandbox, messages))
    assert [entry for entry in sandbox.traffic.entries if not entry.ok] == []
    assert messages
    own = database.read_now(installation.own_id)
    assert own
    assert {message.installation for message in messages} == {own}
    return database


Pasts = Callable[[int, datetime], Database]


@pytest.fixture(scope="module")
def pasts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pasts]:
    """Gives the past of a seed and a moment. Each is written once, and only looked at."""
    known: dict[tuple[int, datetime], Database] = {}

    def of(seed: int, now: datetime) -> Database:
        if (seed, now) not in known:
            known[seed, now] = written(tmp_path_factory.mktemp("past"), "past", seed, now)
        return known[seed, now]

    yield of
    for database in known.values():
        database.close()


@pytest.fixture(params=[(7, MONDAY), (1, THURSDAY)], ids=str)
def past(request: pytest.FixtureRequest, pasts: Pasts) -> Database:
    return pasts(*request.param)


def rows(database: Database, table: Any) -> list[Any]:
    return list(database.read_now(lambda tx: tx.execute(select(table)).all()))


def test_leads_of_every_stage_are_there(past: Database) -> None:
    found = Counter(row.stage for row in rows(past, leads))
    assert set(found) == set(Stage)
    assert 55 <= found.total() <= 90
    assert 4 <= found[Stage.WON] <= 6
    assert found[Stage.INQUIRY] >= 10


def test_sales_accepts_most_and_rejects_with_reasons(past: Database) -> None:
    found = rows(past, handoffs)
    accepted = [row for row in found if row.accepted_at]
    rejected = [row for row in found if row.state == HandoffState.REJECTED]
    assert len(accepted) > 1.5 * len(rejected)
    assert len({row.reason for row in rejected}) >= 6
    assert all(row.note or row.reason in ("junk", "duplicate") for row in rejected)
    assert {row.team for row in found} == {"Enterprise", "Growth"}
    assert {row.priority for row in found} == {"P1", "P2", "P3"}
    assert all(row.amount_minor for row in found if row.won_at)


def test_some_promises_were_not_kept_but_most_were(past: Database) -> None:
    found = rows(past, clocks)
    ended = [row for row in found if row.met_at or row.breached_at]
    missed = [row for row in ended if row.breached_at]
    assert 0.04 < len(missed) / len(ended) < 0.3
    assert {ClockKind.ACCEPT, ClockKind.FIRST_TOUCH} <= {row.kind for row in missed}
    assert any(row.reassigned for row in rows(past, handoffs))


def test_rejections_were_answered_and_ruled_on_and_one_still_waits(past: Database) -> None:
    found = Counter((row.answer, row.ruling) for row in rows(past, disputes))
    kinds = {("agreed", None), ("resubmitted", None), ("contested", "upheld"), ("contested", "overturned")}
    assert kinds <= set(found)
    assert found["contested", None] >= 1
    assert [row for row in rows(past, clocks) if row.kind == ClockKind.ANSWER and not row.met_at]


def test_leads_wait_for_a_decision_now(past: Database) -> None:
    waiting = [row for row in rows(past, handoffs) if row.state == HandoffState.WAITING]
    assert 4 <= len(waiting) <= 7
    assert {row.team for row in waiting} == {"Enterprise", "Growth"}


def test_the_last_digests_were_posted_and_one_was_talked_about(past: Database) -> None:
    assert len(rows(past, reports)) == 2
    assert any(row.kind == "report.decided" for row in rows(past, events))


def test_the_digest_of_this_week_is_not_posted_again(pasts: Pasts) -> None:
    due = due_digest(default_agreement().agreement, THURSDAY)
    assert due is not None
    assert due.span.label in {row.period for row in rows(pasts(1, THURSDAY), reports)}


def test_nothing_of_the_past_waits_to_be_sent_but_reminders_for_later(past: Database) -> None:
    pending = [row for row in rows(past, deliveries) if row.state == DeliveryState.PENDING]
    assert {row.kind for row in pending} <= {"nag"}
    assert {row.op for row in pending} <= {DeliveryOp.POST}


def test_what_slack_shows_is_where_slack_put_it_and_the_rest_is_closed(past: Database) -> None:
    found = rows(past, deliveries)
    shown = {row.id: row for row in found if row.state == DeliveryState.SENT and row.kind != "nag"}
    assert all(row.ts.count(".") == 1 and row.channel[0] in "CD" for row in shown.values())
    dropped = [row for row in found if row.state == DeliveryState.DROPPED]
    assert dropped
    assert all(row.ts is None for row in dropped)
    for handoff in rows(past, handoffs):
        if handoff.state in (HandoffState.WAITING, HandoffState.ACCEPTED):
            assert handoff.card_id in shown


def test_the_same_seed_has_the_same_past(pasts: Pasts, tmp_path: Path) -> None:
    again = written(tmp_path, "again", 7, MONDAY)
    for table in THE_PAST:
        assert told(again, table) == told(pasts(7, MONDAY), table)
    assert told(again, leads) != told(pasts(1, THURSDAY), leads)
    again.close()


def told(database: Database, table: Any) -> list[dict[str, Any]]:
    """The rows of a table, without the marks of single runs."""
    return [
        {key: value for key, value in row._asdict().items() if key not in ("trace", "token")}
        for row in rows(database, table)
    ]
