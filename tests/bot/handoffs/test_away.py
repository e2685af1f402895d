"""Who gets a lead, by rules that reps find fair: continuity, capacity, absence, no way back; going away."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot.agreement import default_agreement, loaded
from bot.errors import InvalidInput, NotAllowed
from bot.handoffs import Accept, accept, away
from bot.handoffs.away import GoAway, come_back, go_away
from bot.handoffs.reassign import Reassign, reassign
from bot.lookups.home import home_of
from bot.rules.prefs import timezone_of
from storage import people
from storage.database import Database
from storage.database.sql import known
from tests.bot.ledger import MANAGER, MARKETER, RILEY, ROBIN, SASHA, TONI, Ledger

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
    assert gone.until == ledger.now + timedelta(hours=2)
    assert {ledger.handoff(comes(ledger, number)).owner for number in range(1, 5)} == {TONI}
    assert ledger.does(SASHA, come_back)
    assert not ledger.does(SASHA, come_back)
    assert SASHA in {ledger.handoff(comes(ledger, number)).owner for number in range(5, 9)}


def test_an_absence_ends_by_itself(ledger: Ledger) -> None:
    ledger.does(SASHA, go_away, GoAway("2h"))
    ledger.passes(timedelta(hours=2, minutes=1))
    assert SASHA in {ledger.handoff(comes(ledger, number)).owner for number in range(1, 5)}


def test_open_leads_of_whoever_goes_away_go_on_with_fresh_clocks(ledger: Ledger) -> None:
    leads = [comes(ledger, number) for number in range(1, 5)]
    mine = [each for each in leads if ledger.handoff(each).owner == SASHA]
    ledger.does(SASHA, accept, Accept(mine[0]))
    ledger.passes(timedelta(minutes=1))
    gone = ledger.does(SASHA, go_away, GoAway())
    assert (gone.until, gone.passed, gone.stuck, gone.last) == (None, len(mine), 0, None)
    for each in mine:
        assert ledger.handoff(each).owner == TONI
        (clock,) = ledger.running(each).values()
        assert (clock.owner, clock.started_at) == (TONI, ledger.now)
        last = ledger.events(each)[-1]
        assert (last.kind, last.actor, last.detail["owner"]) == ("lead.reassigned", SASHA, TONI)
    assert [message.place for message in ledger.messages("nag")] == [TONI], "told once, of all of them"


def test_a_lead_never_goes_back_to_whoever_had_it(ledger: Ledger) -> None:
    lead = comes(ledger, 1)
    first = ledger.handoff(lead).owner
    other = TONI if first == SASHA else SASHA
    ledger.does(MANAGER, reassign, Reassign(lead, other))
    gone = ledger.does(other, go_away, GoAway())
    assert (gone.passed, gone.stuck) == (0, 1)
    assert ledger.handoff(lead).owner is None, "nobody had accepted it, so it waits in the queue"
    assert MANAGER in [message.place for message in ledger.messages("nag")]


def test_a_lead_in_a_pool_goes_on_to_a_colleague_once_somebody_had_taken_it(ledger: Ledger) -> None:
    lead = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(lead))
    gone = ledger.does(RILEY, go_away, GoAway("tomorrow"))
    assert gone.passed == 1
    assert ledger.handoff(lead).owner == ROBIN
    assert ledger.lead_of(lead).owner == ROBIN


def test_many_leads_are_handed_on_in_parts(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "AT_ONCE", 2)
    leads = [comes(ledger, number) for number in range(1, 9)]
    mine = [each for each in leads if ledger.handoff(each).owner == SASHA]
    gone = ledger.does(SASHA, go_away, GoAway())
    assert gone.passed == 2
    last, rounds = gone.last, 1
    while last is not None:
        last, rounds = ledger.does(SASHA, away.hand_on, last).last, rounds + 1
    assert {ledger.handoff(each).owner for each in mine} == {TONI}
    assert rounds == len(mine) // 2 + 1


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


@pytest.mark.parametrize("until", ["31 June", "yesterday", "whenever", "in 9999 days"])
def test_an_impossible_date_is_a_fault_of_its_field(ledger: Ledger, until: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ledger.does(SASHA, go_away, GoAway(until))
    assert refused.value.faults.keys() == {"until"}
    person = ledger.database.read_now(people.get, SASHA)
    assert person is None or person.away_until is None


def test_whoever_takes_no_leads_cannot_go_away(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed):
        ledger.does(MARKETER, go_away, GoAway("2h"))


def test_a_time_zone_is_the_agreements_word_for_a_rep_else_slacks_else_the_agreements(ledger: Ledger) -> None:
    for user, zone in ((MARKETER, "Asia/Tokyo"), (SASHA, "Mars/Olympus")):
        remember = partial(people.remember, name=None, email=None, left=False, asked_at=ledger.now)
        ledger.database.write_now(remember, user, timezone=zone)
    zones = [ledger.database.read_now(timezone_of, ledger.book, user) for user in (ROBIN, MARKETER, SASHA)]
    assert zones == ["Europe/Berlin", "Asia/Tokyo", "America/New_York"]
