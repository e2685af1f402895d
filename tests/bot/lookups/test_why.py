"""`/lead why`: why this person, and why not another, as it was when it was decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from bot.handoffs.reassign import Reassign, reassign
from bot.lookups.why import WhyAsked, why_of
from storage import people
from storage.database import Database
from storage.models import EventKind, events
from tests.bot.ledger import MANAGER, MARKETER, MONDAY, Ledger
from tests.bot.teams import ANNE, BERLIN, BERT, CLEO, LOS_ANGELES, NEW_YORK, rep, with_team
from tests.bot.views.reading import said

REPS = (rep(ANNE, NEW_YORK), rep(BERT, BERLIN), rep(CLEO, LOS_ANGELES))


@pytest.fixture
def ledger(sqlite_url: str) -> Ledger:
    """Two minutes before five in New York, a hot lead comes."""
    ledger = Ledger(Database.open(sqlite_url), agreement=with_team(*REPS))
    ledger.now = MONDAY.replace(hour=21, minute=58)
    told: dict[str, Any] = {"name": "Anne Miller", "email": None, "timezone": None, "asked_at": ledger.now}
    ledger.database.write_now(lambda tx: people.remember(tx, ANNE, left=False, **told))
    ledger.handoff_comes(employees=9)
    return ledger


def answer(ledger: Ledger, typed: str, asker: str = MARKETER) -> str:
    return said(ledger.does(asker, why_of, WhyAsked(typed)))


def have_many_lines(tx: Connection, kind: EventKind) -> None:
    """Far more lines than are looked at, the newest all of one kind."""
    line = {"kind": kind, "actor": "baton", "lead_id": 1, "trace": "t", "detail": {}, "at": MONDAY}
    tx.execute(insert(events), [line] * 6_000)


def test_it_says_why_this_person_and_why_nobody_else(ledger: Ledger) -> None:
    text = answer(ledger, "#1")
    assert "Jane Doe" in text
    assert f"Assigned to <@{CLEO}>" in text
    assert "Rotation: Los Angeles shift, 0 open" in text
    assert f"• <@{ANNE}>: shift ends in 2 min, due tomorrow 9:03" in text
    assert f"• <@{BERT}>: starts tomorrow 3:00, due tomorrow 3:05" in text


@pytest.mark.parametrize("whom", [f"<@{ANNE}>", f"<@{ANNE}|anne>", "@anne"])
def test_it_says_why_not_one_that_is_asked_about(ledger: Ledger, whom: str) -> None:
    text = answer(ledger, f"jane@acme.example {whom}")
    assert f"• <@{ANNE}>: shift ends in 2 min" in text
    assert BERT not in text


def test_the_times_are_the_reader_s_own_and_as_seen_then(ledger: Ledger) -> None:
    ledger.now += timedelta(days=3)
    assert "starts tomorrow 9:00, due tomorrow 9:05" in answer(ledger, f"#1 <@{BERT}>", asker=BERT)


def test_somebody_of_no_team_was_not_in_it(ledger: Ledger) -> None:
    assert f"• <@{MARKETER}>: not in team Growth then" in answer(ledger, f"#1 <@{MARKETER}>")


def test_what_a_manager_changed_since_is_said(ledger: Ledger) -> None:
    ledger.now += timedelta(minutes=1)
    ledger.does(MANAGER, reassign, Reassign(1, BERT))
    text = answer(ledger, "#1")
    assert f"Assigned to <@{CLEO}>" in text
    assert f"Since then: 🔁 Reassigned to <@{BERT}> by <@{MANAGER}>" in text


def test_what_a_later_record_changed_does_not_change_why_it_was_decided(ledger: Ledger) -> None:
    before = answer(ledger, "#1")
    ledger.now += timedelta(days=2)
    ledger.tells(email="jane@acme.example", title="Intern", employees=9000, country="DE")
    assert ledger.lead_of(1).employees == 9000
    after = answer(ledger, "#1")
    reasons = ("shift ends in 2 min, due tomorrow 9:03", "starts tomorrow 3:00, due tomorrow 3:05")
    for words in ("Rotation: Los Angeles shift, 0 open", *reasons):
        assert words in before
        assert words in after
    assert (
        before.split("*What happened*")[1].split("\n")[:2]
        == after.split("*What happened*")[1].split("\n")[:2]
    )


def test_it_tells_what_happened_in_order_with_date_and_doer(ledger: Ledger) -> None:
    ledger.now += timedelta(minutes=1)
    ledger.does(MANAGER, reassign, Reassign(1, BERT))
    _, told = answer(ledger, "#1").split("*What happened*")
    places = [told.index(each) for each in ("Handed off", "Reassigned to", f"by <@{MANAGER}>")]
    assert places == sorted(places)
    assert told.count("<!date^") == 3
    assert "What happened" not in answer(ledger, f"#1 <@{BERT}>")


@pytest.mark.parametrize(("kind", "told"), [(EventKind.RAISED, 15), (EventKind.UPDATED, 0)])
def test_of_a_lead_with_very_many_lines_the_newest_are_told_and_where_the_others_are(
    ledger: Ledger, kind: EventKind, told: int
) -> None:
    ledger.database.write_now(have_many_lines, kind)
    text = answer(ledger, "#1")
    assert "The newest events. All of them: `/lead history #1`" in text
    assert text.split("*What happened*")[1].count("<!date^") == told


def test_a_lead_that_sales_never_had_was_nobody_s_to_choose(ledger: Ledger) -> None:
    ledger.tells(email="kim@else.example", first_name="Kim", last_name="Lee", company="Else")
    assert "was never handed off to sales" in answer(ledger, "kim@else.example")


def test_a_pool_chooses_nobody(sqlite_url: str) -> None:
    ledger = Ledger(Database.open(sqlite_url), agreement=with_team(*REPS, assign="pool"))
    ledger.handoff_comes(employees=9)
    assert "Team Growth is a pool: the first to accept gets it." in answer(ledger, "#1")


def test_what_names_no_lead_is_answered_as_elsewhere(ledger: Ledger) -> None:
    assert "nobody@nowhere.example" in answer(ledger, f"nobody@nowhere.example <@{ANNE}>")
