"""How people want to be reminded is respected; what cannot wait comes through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from storage import people
from storage.database import Database
from tests.bot.house import SASHA
from tests.bot.ladder.test_nagging import ONE_REP, QUALIFIED, agreed, comes, only
from tests.bot.post import GROWTH, MINUTE, Post


def wants(post: Post, user: str, **prefs: Any) -> None:
    post.database.write_now(people.set_prefs, user, prefs)


def test_a_reminder_goes_to_the_thread_for_whoever_wants_it_there(database: Database) -> None:
    post = agreed(database, ONE_REP)
    wants(post, SASHA, nudges="thread")
    comes(post, "ann", **GROWTH, **QUALIFIED)
    post.delivers()
    post.ticks(125 * MINUTE)
    message = only(post.waiting())
    assert message.place == "C0GROWTH"
    assert message.thread_id is not None
    assert f"<@{SASHA}>" in post.reads(message)


def test_nobody_is_reminded_in_the_hours_that_they_want_quiet(database: Database) -> None:
    post = agreed(database, ONE_REP)
    wants(post, SASHA, quiet="12:00-13:00")
    comes(post, "ann", **GROWTH, **QUALIFIED)
    post.delivers()
    post.ticks(125 * MINUTE)  # 12:05 in New York
    assert only(post.waiting()).due_at == post.now + timedelta(minutes=55)


def test_the_most_urgent_comes_through_all_the_same(database: Database) -> None:
    post = agreed(database, ONE_REP)
    wants(post, SASHA, quiet="12:00-13:00")
    post.now += 125 * MINUTE
    comes(post, "ann", **GROWTH)
    post.delivers()
    post.ticks(4 * MINUTE)
    assert only(post.waiting()).due_at == post.now
