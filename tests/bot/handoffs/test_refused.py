"""What was refused: kept without secrets, taken after all once that is mended, forgotten after a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.context import BATON, Context
from bot.errors import RefusedNotFound
from bot.handoffs import Taken, take_in
from bot.handoffs.refused import API, FILE, drop, forget_old_refused, keep, retry
from bot.handoffs.taken import Door
from bot.leadform import FieldFault, LeadFaults, read_lead
from bot.leadform.secrets import is_secret, without_secrets
from storage import history, leads, refused
from storage.database import Database
from storage.models import RefusedCause

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
BAD = LeadFaults([FieldFault("email", "is not an address")])


@pytest.fixture
def context(database: Database) -> Context:
    return Context(NOW, NOW, database.write_now(open_book, default_agreement(), NOW), BATON, "t")


def kept(database: Database, context: Context, raw: object, door: str = API, bad: LeadFaults = BAD) -> int:
    return database.write_now(keep, context, door, "hubspot", raw, bad)


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("google_key", True),
        ("API Key", True),
        ("apikey", True),
        ("accessToken", True),
        ("token_type", True),
        ("client-secret", True),
        ("PASSWORD", True),
        ("Proxy-Authorization", True),
        ("key", False),
        ("keyword", False),
        ("email", False),
        ("Monkey", False),
    ],
)
def test_a_key_that_looks_like_a_secrets_is_one(key: str, *, secret: bool) -> None:
    assert is_secret(key) is secret


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("api_key=abc&email=a@example.com", "api_key=[secret]&email=a@example.com"),
        ('{"token": "abc", "email": "x"', '{"token": [secret], "email": "x"'),
        ("Authorization: Bearer abc.def", "Authorization: [secret]"),
        ("https://example.com/?utm_source=x&token=abc", "https://example.com/?utm_source=x&token=[secret]"),
        ("Our monkey: a token of thanks", "Our monkey: a token of thanks"),
    ],
)
def test_a_secret_in_a_text_is_left_out(text: str, left: str) -> None:
    assert without_secrets([text]) == [left]


def test_a_record_that_is_mended_by_now_is_taken_by_its_own_door(
    database: Database, context: Context
) -> None:
    number = kept(database, context, {"external_id": "7", "email": "jane@example.com"})
    taken = database.write_now(retry, context, number)
    assert isinstance(taken, Taken)
    assert taken.created
    assert database.read_now(leads.aliases, taken.id) == [("hubspot", "7")]
    assert {event.actor for event in database.read_now(history.of_lead, taken.id)} == {"api:hubspot"}
    with pytest.raises(RefusedNotFound):
        database.write_now(retry, context, number)


def test_what_is_still_wrong_stays_with_todays_reason(database: Database, context: Context) -> None:
    number = kept(database, context, {"email": "jane at example.com"})
    assert isinstance(database.write_now(retry, context, number), LeadFaults)
    one = database.read_now(refused.get, number)
    assert one is not None
    assert (one.cause, str(BAD) in one.why, "email:" in one.why) == (RefusedCause.FIELDS, False, True)


def test_what_means_two_people_is_taken_once_the_other_is_gone(database: Database, context: Context) -> None:
    def come(external_id: str, email: str) -> Taken:
        form = read_lead({"external_id": external_id, "email": email}, now=NOW)
        return database.write_now(take_in, context, form, Door("hubspot"))

    first, second = come("1", "a@example.com"), come("2", "b@example.com")
    number = kept(database, context, {"external_id": "1", "email": "b@example.com"})
    assert isinstance(database.write_now(retry, context, number), LeadFaults)
    one = database.read_now(refused.get, number)
    assert one is not None
    assert (one.cause, one.lead_id) == (RefusedCause.IDENTITY, first.id)
    database.write_now(leads.merge, second.id, first.id, NOW)
    taken = database.write_now(retry, context, number)
    assert isinstance(taken, Taken)
    assert taken.id == first.id


@pytest.mark.parametrize(
    ("door", "raw", "is_taken"),
    [
        (API, {"email": "a@example.com", "employees": "lots"}, False),
        (FILE, {"email": "a@example.com", "employees": "lots"}, True),
        (API, '{"email": "a@example.com"}', True),
        (API, '{"email": "a@example.com"', False),
        (API, 7, False),
        (FILE, ["a@example.com", "Ada"], False),
    ],
)
def test_each_door_reads_as_it_does(
    database: Database, context: Context, door: str, raw: object, *, is_taken: bool
) -> None:
    outcome = database.write_now(retry, context, kept(database, context, raw, door))
    assert isinstance(outcome, Taken) is is_taken


def test_a_source_reads_its_own_bodies(database: Database, context: Context) -> None:
    number = kept(database, context, {"e": "a@example.com"}, "forms")
    assert isinstance(database.write_now(retry, context, number), LeadFaults)

    def read(body: Any, now: datetime) -> Any:
        return read_lead({"email": body["e"]}, now=now)

    assert isinstance(database.write_now(retry, context, number, {"forms": read}), Taken)


def test_what_was_refused_is_kept_for_a_month(database: Database, context: Context) -> None:
    number = kept(database, context, {"email": "x"})
    for days, gone in ((30, 0), (31, 1)):
        later = Context(NOW + timedelta(days=days), NOW, context.book, BATON, "t")
        assert database.write_now(forget_old_refused, later) == gone
    with pytest.raises(RefusedNotFound):
        database.write_now(drop, context, number)
