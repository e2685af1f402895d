"""The admins hear of what was refused: gathered, at most once an hour, and only of what is new."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.context import BATON
from bot.delivery.rendering import render
from bot.handoffs.refused import API, FILE, drop, keep
from bot.leadform import FieldFault, LeadFaults
from storage.database import Database
from storage.models import Delivery
from tests.bot.ledger import ADMIN, Ledger

BAD = LeadFaults([FieldFault("email", "is not an address")])
HOUR = timedelta(hours=1)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def refuses(ledger: Ledger, door: str = API, **body: object) -> int:
    return ledger.does(BATON, keep, door, "crm", body, BAD)


def told(ledger: Ledger) -> list[Delivery]:
    return ledger.messages("refused")


def says(ledger: Ledger, message: Delivery) -> str:
    """What a message reads like now; empty where there is nothing left to say."""
    shown = ledger.database.read_now(render, ledger.book, message, ledger.now)
    return str(shown.blocks) if shown is not None else ""


def test_many_at_once_are_one_message_by_door_and_cause(ledger: Ledger) -> None:
    for number in range(12):
        refuses(ledger, API if number % 3 else FILE, email=f"x{number}")
    ledger.does(BATON, keep, API, "crm", "no record", BAD)
    (message,) = told(ledger)
    assert message.place == ADMIN
    assert message.due_at == ledger.now + timedelta(minutes=1)
    text = says(ledger, message)
    assert "13 records were refused." in text
    assert "*api*: 8 records with unreadable fields" in text
    assert "*api*: 1 unreadable request" in text
    assert "*import*: 4 records with unreadable fields" in text
    assert "#13 *api*: email: is not an address" in text
    assert "app.py refused retry --all" in text


def test_the_next_message_is_an_hour_later_and_tells_only_what_came_since(ledger: Ledger) -> None:
    refuses(ledger, email="one")
    ledger.passes(timedelta(minutes=2))
    ledger.slack_shows("refused")
    refuses(ledger, email="two")
    ledger.passes(timedelta(minutes=50))
    refuses(ledger, email="three")
    first, second = told(ledger)
    assert second.due_at - first.due_at == HOUR
    assert "2 records were refused." in says(ledger, second)


def test_the_same_body_over_and_over_is_no_news(ledger: Ledger) -> None:
    refuses(ledger, email="one")
    ledger.slack_shows("refused")
    for _ in range(5):
        ledger.passes(HOUR)
        refuses(ledger, email="one")
    assert len(told(ledger)) == 1


def test_what_was_dropped_meanwhile_is_not_told(ledger: Ledger) -> None:
    number = refuses(ledger, email="one")
    ledger.does(BATON, drop, number)
    (message,) = told(ledger)
    assert says(ledger, message) == ""
