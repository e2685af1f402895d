"""A team leaves the agreement with open leads: the team that matches now gets them, and the admins hear."""

from __future__ import annotations

from typing import Any

import pytest

from bot.agreement import LoadedAgreement, loaded
from bot.context import BATON
from bot.handoffs.accept import Accept, accept
from bot.handoffs.elsewhere import leave_refused_channels
from bot.handoffs.reject import Reject, reject
from bot.handoffs.team_gone import offer_to_present_teams
from storage.database import Database
from storage.models import DeliveryKind
from storage.outbox import lanes
from tests.bot.ledger import ADMIN, MONDAY
from tests.bot.teams import ANNE, BERT, CLEO, NEW_YORK, rep, with_team
from tests.bot.ticking import MINUTE, TickingLedger

BEFORE = with_team(rep(ANNE, NEW_YORK), rep(BERT, NEW_YORK))


def renamed(*reps: str, match: str = "") -> LoadedAgreement:
    """The team is another one, with another channel."""
    text = with_team(*reps).text.replace('name = "Growth"\nchannel = "C0GROWTH"', "_name_")
    return loaded(text.replace("_name_", f'name = "Sales"\nchannel = "C0SALES"{match}'))


@pytest.fixture
def ticking(database: Database) -> TickingLedger:
    return TickingLedger(database, agreement=BEFORE, now=MONDAY)


def comes(ticking: TickingLedger, name: str) -> int:
    told: dict[str, Any] = {"external_id": name, "email": f"p@{name}.example", "company": name}
    return ticking.card_comes(**told, employees=9)


def leaves(ticking: TickingLedger, agreement: LoadedAgreement) -> None:
    ticking.agrees(agreement)
    ticking.now += MINUTE
    assert ticking.does(BATON, offer_to_present_teams, 0) is None


def test_what_waits_is_offered_to_the_team_that_matches_now(ticking: TickingLedger) -> None:
    handoff_id = comes(ticking, "one")
    leaves(ticking, renamed(rep(CLEO, NEW_YORK)))
    row = ticking.handoff(handoff_id)
    assert (row.team, row.owner, row.given_at) == ("Sales", CLEO, ticking.now)
    fresh = ticking.running(handoff_id)["accept"]
    assert (fresh.owner, fresh.due_at) == (CLEO, ticking.now + 5 * MINUTE)
    assert [card.place for card in ticking.messages("card")] == ["C0GROWTH", "C0SALES"]
    told = [each for each in ticking.messages(DeliveryKind.HISTORY) if each.place == ADMIN]
    said = [ticking.reads(each) for each in told]
    assert said == ["🧭 Team Growth was removed: 1 open lead offered to team Sales"] * len(told)
    assert told
    assert "lead.rerouted" in ticking.kinds(handoff_id)


def test_whoever_works_on_a_lead_keeps_it_in_the_team_where_they_are_now(ticking: TickingLedger) -> None:
    handoff_id = comes(ticking, "one")
    owner = ticking.handoff(handoff_id).owner or ""
    ticking.does(owner, accept, Accept(handoff_id))
    due = ticking.running(handoff_id)["first_touch"].due_at
    leaves(ticking, renamed(rep(CLEO, NEW_YORK), rep(owner, NEW_YORK)))
    row = ticking.handoff(handoff_id)
    assert (row.team, row.owner, row.state) == ("Sales", owner, "accepted")
    assert ticking.running(handoff_id)["first_touch"].due_at == due


def test_who_is_in_no_team_any_more_is_followed_by_somebody_who_is(ticking: TickingLedger) -> None:
    handoff_id = comes(ticking, "one")
    ticking.does(ticking.handoff(handoff_id).owner or "", accept, Accept(handoff_id))
    leaves(ticking, renamed(rep(CLEO, NEW_YORK)))
    row = ticking.handoff(handoff_id)
    assert (row.team, row.owner, row.state) == ("Sales", CLEO, "accepted")
    assert ticking.running(handoff_id)["first_touch"].owner == CLEO
    assert [place for place, _, _ in ticking.lines()] == [CLEO]


def test_where_no_team_matches_the_admins_choose_and_not_marketing(ticking: TickingLedger) -> None:
    handoff_id = comes(ticking, "one")
    leaves(ticking, renamed(rep(CLEO, NEW_YORK), match='\nmatch = { employees = ">=1000" }'))
    assert ticking.handoff(handoff_id).team == "Growth"
    ticking.ticks(10 * MINUTE)
    late = [place for place, what, _ in ticking.lines() if what in ("breach", "choose")]
    assert late
    assert set(late) == {ADMIN}


def test_leads_of_teams_that_are_there_stay_as_they_are(ticking: TickingLedger) -> None:
    handoff_id = comes(ticking, "one")
    before = ticking.handoff(handoff_id)
    leaves(ticking, BEFORE)
    assert ticking.handoff(handoff_id) == before


def test_a_renamed_team_keeps_its_leads_their_owners_and_their_clocks(ticking: TickingLedger) -> None:
    handoff_id = comes(ticking, "one")
    owner, due = ticking.handoff(handoff_id).owner or "", ticking.running(handoff_id)["accept"].due_at
    text = BEFORE.text.replace('name = "Growth"', 'name = "Sales"\nrenamed_from = ["Growth"]')
    leaves(ticking, loaded(text))
    row = ticking.handoff(handoff_id)
    assert (row.team, row.owner) == ("Sales", owner)
    assert ticking.running(handoff_id)["accept"].due_at == due
    assert [card.place for card in ticking.messages("card")] == ["C0GROWTH"]
    assert told_to_admin(ticking) == ["🧭 Team Growth was removed: 1 open lead carried over to team Sales"]


def test_a_lead_whose_owner_left_the_team_goes_to_somebody_who_is_in_it(ticking: TickingLedger) -> None:
    for user, name in ((ANNE, "Anne"), (BERT, "Bert")):
        ticking.is_called(user, name)
    waiting, accepted = comes(ticking, "one"), comes(ticking, "two")
    owners = [ticking.handoff(each).owner or "" for each in (waiting, accepted)]
    ticking.does(owners[1], accept, Accept(accepted))
    leaves(ticking, with_team(rep(CLEO, NEW_YORK)))
    for handoff_id, state in ((waiting, "waiting"), (accepted, "accepted")):
        row = ticking.handoff(handoff_id)
        assert (row.team, row.owner, row.state) == ("Growth", CLEO, state)
        assert "lead.reassigned" in ticking.kinds(handoff_id)
    assert sorted(told_to_admin(ticking)) == [
        f"🧭 {name} left their team: 1 open lead offered to team Growth" for name in ("Anne", "Bert")
    ]


def test_cards_follow_a_team_to_another_channel(ticking: TickingLedger) -> None:
    handoff_id = comes(ticking, "one")
    before = ticking.handoff(handoff_id)
    leaves(ticking, loaded(BEFORE.text.replace('channel = "C0GROWTH"', 'channel = "C0NEW"')))
    assert [card.place for card in ticking.messages("card")] == ["C0GROWTH", "C0NEW"]
    row = ticking.handoff(handoff_id)
    assert (row.team, row.owner, row.card_id) == (before.team, before.owner, ticking.messages("card")[1].id)
    leaves(ticking, loaded(BEFORE.text.replace('channel = "C0GROWTH"', 'channel = "C0NEW"')))
    assert len(ticking.messages("card")) == 2


def test_what_waits_for_a_refused_channel_goes_where_its_like_goes_once_the_channel_is_gone(
    ticking: TickingLedger,
) -> None:
    shown, rejected = comes(ticking, "one"), comes(ticking, "two")
    waiting = ticking.handoff_comes(external_id="3", email="p@three.example", company="three", employees=9)
    ticking.does(ticking.handoff(rejected).owner or "", reject, Reject(rejected, "bad_contact"))
    for lane in ("post:C0GROWTH", "update:C0GROWTH", "post:C0MKTG"):
        ticking.database.write_now(lanes.park, lane, now=ticking.now, try_at=ticking.now, error="is_archived")
    text = BEFORE.text.replace('channel = "C0GROWTH"', 'channel = "C0NEW"').replace('"C0MKTG"', '"C0ALL"')
    leaves(ticking, loaded(text))
    while ticking.does(BATON, leave_refused_channels):
        pass
    assert ticking.database.read_now(lanes.refused_and_needed) == []
    assert [each.place for each in ticking.messages("rejection")] == ["C0ALL"]
    cards = {each.id: each for each in ticking.messages("card")}
    assert [cards[ticking.handoff(each).card_id or 0].place for each in (shown, waiting)] == ["C0NEW"] * 2
    assert {each.state for each in cards.values() if each.place == "C0GROWTH"} == {"sent", "dropped"}


def test_admins_are_told_once_of_leads_that_no_team_takes(ticking: TickingLedger) -> None:
    comes(ticking, "one")
    other = renamed(rep(CLEO, NEW_YORK), match='\nmatch = { employees = ">=1000" }')
    for _ in range(3):
        leaves(ticking, other)
    assert told_to_admin(ticking) == [
        "🧭 Team Growth was removed: 1 open lead without a team; please choose an owner, or write "
        "renamed_from on a team"
    ]


def told_to_admin(ticking: TickingLedger) -> list[str]:
    return [ticking.reads(each) for each in ticking.messages(DeliveryKind.HISTORY) if each.place == ADMIN]
