"""A lead that goes to somebody who is away, in whatever way: they hear of it once they are back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.context import BATON
from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import ComeBack, GoAway, cancel_absence, come_back, go_away
from bot.handoffs.crm import hand_over
from bot.handoffs.forms import AskGive, give_form
from bot.handoffs.reassign import Reassign, reassign
from bot.handoffs.reject import Reject, reject
from bot.handoffs.returning import return_due
from bot.handoffs.touch import Touch, touch
from storage.database.sql import known
from storage.models import Delivery, TouchKind
from storage.outbox.bounds import bound
from tests.bot.ledger import MANAGER, MONDAY, RILEY
from tests.bot.memory import InMemory
from tests.bot.teams import ANNE, BERT, CLEO, NEW_YORK, rep, with_team
from tests.bot.ticking import MINUTE, TickingLedger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CALM = {"activities": [], "qualified": True, "title": "Engineer", "company": "ACME"}


@pytest.fixture
def ticking(sqlite_url: str) -> TickingLedger:
    """Three reps in New York, where it is ten in the morning; Bert has a customer at ACME."""
    team = with_team(
        *(rep(user, NEW_YORK) for user in (BERT, ANNE, CLEO)), company_owner='{ when_away = "wait" }'
    )
    ticking = TickingLedger(InMemory(sqlite_url), agreement=team)
    first = ticking.card_comes(**CALM)
    assert ticking.handoff(first).owner == BERT
    ticking.does(BERT, accept, Accept(first))
    ticking.does(BERT, touch, Touch(first, TouchKind.CALL))
    ticking.ticks(10 * MINUTE)
    ticking.delivers()
    return ticking


def other(ticking: TickingLedger, **fields: object) -> int:
    """Joe's lead comes; gives its handoff's id."""
    told = {
        **CALM,
        "external_id": "hs-2",
        "email": "joe@other.example",
        "first_name": "Joe",
        "company": "Other",
    }
    return ticking.card_comes(**{**told, **fields})


def by_hand(ticking: TickingLedger) -> int:
    lead = other(ticking)
    ticking.does(MANAGER, reassign, Reassign(lead, BERT, "Knows Joe"))
    return lead


def by_the_crm(ticking: TickingLedger) -> int:
    lead = other(ticking)
    assert ticking.does("crm", hand_over, ticking.handoff(lead).lead_id, BERT)
    return lead


def for_the_company(ticking: TickingLedger) -> int:
    return other(ticking, email="joe@acme.example", company="ACME")


def heard(ticking: TickingLedger, user: str) -> list[Delivery]:
    """What somebody is sent now, as a message of their own."""
    return [row for row in ticking.delivers() if row.place == user and row.kind != "absence"]


@pytest.mark.parametrize(
    ("way", "text"),
    [
        (by_hand, "2h"),
        (by_hand, "until tomorrow"),
        (by_hand, "until further notice"),
        (by_the_crm, "until tomorrow"),
        (for_the_company, "until further notice"),
    ],
)
def test_who_is_away_hears_of_a_lead_as_they_are_back(
    ticking: TickingLedger, way: Callable[[TickingLedger], int], text: str
) -> None:
    ticking.does(BERT, go_away, GoAway(text))
    lead = way(ticking)
    assert ticking.handoff(lead).owner == BERT
    for _ in range(4):
        assert heard(ticking, BERT) == []
        ticking.ticks(20 * MINUTE)
    ticking.does(BERT, come_back, ComeBack())
    [told] = heard(ticking, BERT)
    assert "Joe" in ticking.reads(told)
    assert "Please accept by" in ticking.reads(told)


def test_what_waits_for_a_return_without_a_date_is_not_taken_for_stuck(ticking: TickingLedger) -> None:
    ticking.does(BERT, go_away, GoAway("until further notice"))
    by_hand(ticking)
    bounded = ticking.database.write_now(lambda tx: bound(tx, wire=ticking.now, now=ticking.now))
    assert (bounded, heard(ticking, BERT)) == (0, [])
    ticking.does(BERT, come_back, ComeBack())
    assert len(heard(ticking, BERT)) == 1


@pytest.mark.parametrize("way", [by_hand, by_the_crm, for_the_company])
def test_an_absence_that_ends_by_itself_ends_the_silence(
    ticking: TickingLedger, way: Callable[[TickingLedger], int]
) -> None:
    ticking.does(BERT, go_away, GoAway("1h"))
    way(ticking)
    ticking.passes(59 * MINUTE)
    assert heard(ticking, BERT) == []
    ticking.passes(MINUTE)
    assert len(heard(ticking, BERT)) == 1


def test_an_absence_ahead_holds_back_what_would_be_told_in_it(ticking: TickingLedger) -> None:
    ticking.now = MONDAY + 8 * HOUR  # their shift is over
    by_hand(ticking)
    ticking.does(BERT, go_away, GoAway("tomorrow"))
    ticking.now = MONDAY + DAY
    assert heard(ticking, BERT) == []
    ticking.now += DAY
    assert len(heard(ticking, BERT)) == 1


def test_one_that_is_cancelled_holds_nothing_back(ticking: TickingLedger) -> None:
    gone = ticking.does(BERT, go_away, GoAway("tomorrow"))
    ticking.now = MONDAY + 8 * HOUR
    by_hand(ticking)
    ticking.does(BERT, cancel_absence, gone.planned[0].absence)
    ticking.now = MONDAY + DAY
    assert len(heard(ticking, BERT)) == 1


def test_a_lead_that_heats_up_while_its_owner_is_away_is_told_to_who_decides(ticking: TickingLedger) -> None:
    lead = other(ticking)
    owner = ticking.handoff(lead).owner
    assert owner is not None
    ticking.does(owner, go_away, GoAway("2h"))
    ticking.delivers()
    ticking.tells(external_id="hs-2", activities=[{"type": "demo_request", "at": ticking.now.isoformat()}])
    assert heard(ticking, owner) == []
    ticking.ticks(5 * MINUTE)
    told = [row for row in ticking.messages("nag") if row.place == MANAGER]
    assert "Its owner is away" in ticking.reads(told[0])


def test_a_message_in_a_channel_names_who_is_away_and_rings_them_not(ticking: TickingLedger) -> None:
    ticking.is_called(BERT, "Bert Berg")
    ticking.does(BERT, go_away, GoAway("2h"))
    lead = for_the_company(ticking)
    card = next(row for row in ticking.messages("card") if row.handoff_id == lead)
    shown = ticking.shown(card)
    assert shown is not None
    assert "For Bert Berg" in json.dumps(shown.blocks)
    assert f"<@{BERT}>" not in json.dumps(shown.blocks)
    ticking.does(BERT, come_back, ComeBack())
    shown = ticking.shown(card)
    assert shown is not None
    assert f"For <@{BERT}>" in json.dumps(shown.blocks)


def test_who_gives_a_lead_to_somebody_away_is_asked_first(ticking: TickingLedger) -> None:
    ticking.is_called(BERT, "Bert Berg")
    lead = other(ticking)
    assert ticking.does(MANAGER, give_form, AskGive(lead, BERT)) is None
    ticking.does(BERT, go_away, GoAway("until 23 november"))
    asked = ticking.does(MANAGER, give_form, AskGive(lead, BERT))
    assert asked is not None
    assert asked.away == ("Bert Berg", "until Monday 23 November")
    assert asked.chosen == BERT
    assert ticking.does(MANAGER, give_form, AskGive(lead, RILEY)) is None  # is in no team, which it says then


def test_a_lead_back_from_nurture_does_not_go_to_who_is_away(ticking: TickingLedger) -> None:
    lead = other(ticking)
    had = ticking.handoff(lead)
    assert had.owner is not None
    ticking.does(had.owner, reject, Reject(lead, "low_intent"))
    ticking.does(had.owner, go_away, GoAway("until further notice"))
    ticking.passes(200 * DAY)
    ticking.does(BATON, return_due)
    again = known(ticking.messages("card")[-1].handoff_id)
    assert again != lead
    assert ticking.handoff(again).owner not in (None, had.owner)
