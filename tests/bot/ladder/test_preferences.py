"""How people want to be reminded is respected; what cannot wait comes through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from storage import people
from storage.database import Database
from tests.bot.ladder.test_nagging import ONE_REP, QUALIFIED, agreed, comes, only
from tests.bot.ledger import SASHA
from tests.bot.ticking import GROWTH, MINUTE, TickingLedger


def wants(ticking: TickingLedger, user: str, **prefs: Any) -> None:
    ticking.database.write_now(people.set_prefs, user, prefs)


def test_a_reminder_goes_to_the_thread_for_whoever_wants_it_there(database: Database) -> None:
    ticking = agreed(database, ONE_REP)
    wants(ticking, SASHA, nudges="thread")
    comes(ticking, "ann", **GROWTH, **QUALIFIED)
    ticking.delivers()
    ticking.ticks(125 * MINUTE)
    message = only(ticking.waiting())
    assert message.place == "C0GROWTH"
    assert message.thread_id is not None
    assert f"<@{SASHA}>" in ticking.reads(message)


def test_nobody_is_reminded_in_the_hours_that_they_want_quiet(database: Database) -> None:
    ticking = agreed(database, ONE_REP)
    wants(ticking, SASHA, quiet="12:00-13:00")
    comes(ticking, "ann", **GROWTH, **QUALIFIED)
    ticking.delivers()
    ticking.ticks(125 * MINUTE)  # 12:05 in New York
    assert only(ticking.waiting()).due_at == ticking.now + timedelta(minutes=55)


def test_the_most_urgent_comes_through_all_the_same(database: Database) -> None:
    ticking = agreed(database, ONE_REP)
    wants(ticking, SASHA, quiet="12:00-13:00")
    ticking.now += 125 * MINUTE
    comes(ticking, "ann", **GROWTH)
    ticking.delivers()
    ticking.ticks(4 * MINUTE)
    assert only(ticking.waiting()).due_at == ticking.now
