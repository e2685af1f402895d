"""What was refused: kept once, found again newest first, and forgotten after its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from storage import refused
from storage.database import Database
from storage.models import RefusedCause
from storage.models.values import RefusedValues

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def one(
    at: datetime = NOW,
    door: str = "api",
    cause: RefusedCause = RefusedCause.FIELDS,
    key: str | None = None,
    **body: Any,
) -> RefusedValues:
    told: RefusedValues = {"at": at, "door": door, "system": "crm", "cause": cause, "why": "is wrong"}
    return {**told, "lead_id": None, "email_key": key, "body": body, "trace": "t"}


def add(database: Database, values: RefusedValues) -> int:
    return database.write_now(refused.add, values)[0]


def numbers(database: Database, **asked: Any) -> list[int]:
    return [each.id for each in database.read_now(refused.newest, **{"limit": 10, **asked})]


def test_the_newest_comes_first_and_a_filter_leaves_the_others_out(database: Database) -> None:
    old = add(database, one(NOW - DAY, "import", a=1))
    new = add(database, one(cause=RefusedCause.IDENTITY, a=2))
    test = add(database, one(cause=RefusedCause.TEST, a=3))
    assert numbers(database) == [new, old]
    assert numbers(database, tests=True) == [test, new, old]
    assert numbers(database, door="import") == [old]
    assert numbers(database, cause=RefusedCause.IDENTITY) == [new]
    assert numbers(database, limit=1) == [new]
    assert database.read_now(refused.numbers) == [old, new]


def test_the_same_body_again_is_kept_once_with_the_latest_reason(database: Database) -> None:
    first = add(database, one(NOW - DAY, key="a@example.com", email="a@example.com"))
    other = add(database, one(NOW - DAY / 2, key="a@example.com", email="A@example.com"))
    again: RefusedValues = {**one(key="a@example.com", email="a@example.com"), "why": "is worse"}
    assert database.write_now(refused.add, again) == (first, False)
    kept = database.read_now(refused.get, first)
    assert kept is not None
    assert (kept.at, kept.why) == (NOW, "is worse")
    assert numbers(database) == [first, other]
    elsewhere: RefusedValues = {**again, "door": "import"}
    assert add(database, elsewhere) not in (first, other)


def test_what_is_older_than_asked_is_forgotten(database: Database) -> None:
    add(database, one(NOW - 31 * DAY, a=1))
    kept = add(database, one(NOW - 29 * DAY, a=2))
    assert database.write_now(refused.purge, NOW - 30 * DAY) == 1
    assert numbers(database) == [kept]


def test_counts_are_by_door_and_cause_and_since_a_moment(database: Database) -> None:
    add(database, one(NOW - 8 * DAY, a=1))
    add(database, one(a=2))
    add(database, one(cause=RefusedCause.TEST, a=3))
    assert database.read_now(refused.counts_since, NOW - 7 * DAY) == {("api", RefusedCause.FIELDS): 1}
    assert database.read_now(refused.counts) == {("api", "fields"): 2, ("api", "test"): 1}


def test_what_is_dropped_is_gone_and_what_is_not_there_is_not_counted(database: Database) -> None:
    number = add(database, one(a=1))
    assert database.write_now(refused.drop, [number, number + 1]) == 1
    assert database.read_now(refused.get, number) is None


def test_a_body_of_no_address_is_known_again_however_much_came_between(database: Database) -> None:
    def each(tx: Connection) -> list[tuple[int, bool]]:
        return [refused.add(tx, one(n=n, list=[{"b": 1, "a": 2}])) for n in range(100)]

    first, *_ = database.write_now(each)
    assert database.write_now(refused.add, one(list=[{"a": 2, "b": 1}], n=0)) == (first[0], False)
    assert len(database.read_now(refused.numbers)) == 100
