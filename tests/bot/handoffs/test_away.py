"""Who gets a lead, by rules that reps find fair: continuity, capacity, absence, no way back; going away."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot.agreement import default_agreement, loaded
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.lookups.home import home_of
from bot.rules.prefs import timezone_of
from storage import people
from storage.database import Database
from storage.database.sql import known
from tests.bot.ledger import MANAGER, MARKETER, ROBIN, SASHA, TONI, Ledger

NOON = timedelta(hours=3)  # 13:00 in New York, 10:00 in Los Angeles: both of Growth are at work


@pytest.fixture
def ledger(database: Database) -> Ledger:
    ledger = Ledger(database)
    ledger.passes(NOON)
    return ledger


def comes(ledger: Ledger, number: int, **fields: object) -> int:
    """A lead for Growth, each of a company of its own."""
    told = {"external_id": f"g-{number}", "email": f"p{number}@firm{number}.example", "employees": 5}
    return ledger.handoff_comes(**{**told, "company": f"Firm {number}", **fields})


def test_a_second_person_at_a_company_goes_to_whoever_owns_it(ledger: Ledger) -> None:
    first = comes(ledger, 1)
    owner = ledger.handoff(first).owner
    for number in range(2, 5):
        again = comes(ledger, number, email=f"p{number}@firm1.example", company="Firm 1")
        assert ledger.handoff(again).owner == owner
        assert "Already owns" in known(ledger.handoff(again).owner_why)


def test_the_reason_of_each_turn_stands_on_the_card(ledger: Ledger) -> None:
    assert ledger.handoff(comes(ledger, 1)).owner_why == "Rotation: New York shift, 0 of 30 open"


def test_whoever_is_full_gets_no_more_and_then_the_manager_is_asked(database: Database) -> None:
    ledger = Ledger(
        database, agreement=loaded(default_agreement().text.replace("capacity = 30", "capacity = 1"))
    )
    ledger.passes(NOON)
    owners = {ledger.handoff(comes(ledger, number)).owner for number in (1, 2)}
    assert owners == {SASHA, TONI}
    third = comes(ledger, 3)
    assert ledger.handoff(third).owner is None
    assert ledger.handoff(third).owner_why == "Nobody can take it: 2 at capacity"
    assert [message.place for message in ledger.messages("nag")] == [MANAGER]


def test_whoever_is_away_gets_no_leads_until_back(ledger: Ledger) -> None:
    gone = ledger.does(SASHA, go_away, GoAway("2h"))
    assert gone.own
    assert not gone.ahead
    assert {ledger.handoff(comes(ledger, number)).owner for number in range(1, 5)} == {TONI}
    assert ledger.does(SASHA, come_back, ComeBack()).was_away
    assert not ledger.does(SASHA, come_back, ComeBack()).was_away
    assert SASHA in {ledger.handoff(comes(ledger, number)).owner for number in range(5, 9)}


def test_an_absence_ends_by_itself(ledger: Ledger) -> None:
    ledger.does(SASHA, go_away, GoAway("2h"))
    ledger.passes(timedelta(hours=2, minutes=1))
    assert SASHA in {ledger.handoff(comes(ledger, number)).owner for number in range(1, 5)}


def test_turns_are_counted_against_what_was_due(ledger: Ledger) -> None:
    for number in range(1, 5):
        comes(ledger, number)
    home = ledger.database.read_now(home_of, ledger.book, MANAGER, ledger.now)
    assert {(share.user, share.had, share.due) for share in home.shares} == {(SASHA, 2, 2.0), (TONI, 2, 2.0)}
    ledger.does(SASHA, go_away, GoAway("1 day"))
    comes(ledger, 9)
    home = ledger.database.read_now(home_of, ledger.book, MANAGER, ledger.now)
    due = {share.user: share.due for share in home.shares}
    assert due[TONI] > due[SASHA], "an absence is no debt"


def test_a_time_zone_is_the_agreements_word_for_a_rep_else_slacks_else_the_agreements(ledger: Ledger) -> None:
    for user, zone in ((MARKETER, "Asia/Tokyo"), (SASHA, "Mars/Olympus")):
        remember = partial(people.remember, name=None, email=None, left=False, asked_at=ledger.now)
        ledger.database.write_now(remember, user, timezone=zone)
    zones = [ledger.database.read_now(timezone_of, ledger.book, user) for user in (ROBIN, MARKETER, SASHA)]
    assert zones == ["Europe/Berlin", "Asia/Tokyo", "America/New_York"]
