"""The last rungs: a lead that its owner leaves alone is opened to the team, or goes back to nurture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.handoffs import Reject, reject
from bot.handoffs.accept import Accept, accept
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.touch import Touch, touch
from bot.lookups.cards import card_state
from bot.setup.checkup import warnings_of
from storage.database import Database
from storage.models import Outcome, Stage, TouchKind
from tests.bot.ledger import MANAGER, MONDAY
from tests.bot.teams import ANNE, CLEO, NEW_YORK, rep, with_team
from tests.bot.ticking import MINUTE, TickingLedger

HOUR = timedelta(hours=1)
TWO = (rep(ANNE, NEW_YORK), rep(CLEO, NEW_YORK))
_ACCEPT = '{ at = 1.5,  do = "reassign" },'
_TOUCH = 'first_touch = [ { at = 0.75, do = "nudge" }, { at = 1.0, do = "notify_manager" } ]'
_OUTCOME = _TOUCH.replace("first_touch", "outcome    ")
_ANSWER = _TOUCH.replace("first_touch", "answer     ")


def ladder(verb: str, *, of: str = "accept", reasons: str = "") -> LoadedAgreement:
    """An agreement in which the ladder of a clock ends with this rung."""
    text = with_team(*TWO).text
    rung = f'{{ at = 1.5, do = "{verb}" }}'
    last = {"first_touch": _TOUCH, "outcome": _OUTCOME, "answer": _ANSWER}
    if of == "accept":
        return loaded(text.replace(_ACCEPT, f"{rung},") + reasons)
    assert last[of] in text
    return loaded(text.replace(last[of], f"{last[of][:-1]}, {rung} ]") + reasons)


def late(database: Database, agreement: LoadedAgreement, **fields: Any) -> tuple[TickingLedger, int, str]:
    ticking = TickingLedger(database, agreement=agreement)
    handoff_id = ticking.card_comes(employees=9, **fields)
    owner = ticking.handoff(handoff_id).owner
    assert owner in (ANNE, CLEO)
    return ticking, handoff_id, owner


def test_a_lead_that_is_opened_to_the_team_is_claimed_by_whoever_comes_first(database: Database) -> None:
    ticking, handoff_id, first = late(database, ladder("pool"))
    ticking.ticks(8 * MINUTE)
    row = ticking.handoff(handoff_id)
    assert (row.owner, row.given_at, row.pooled_at) == (None, None, ticking.now)
    fresh = ticking.running(handoff_id)["accept"]
    assert (fresh.owner, fresh.started_at, fresh.present) == (None, ticking.now, [ANNE, CLEO])
    [message] = [one for one in ticking.waiting() if one.thread_id is not None]
    said = ticking.reads(message)
    assert "Open to the whole team: the first to accept gets it." in said
    assert f"<@{ANNE}> <@{CLEO}>" in said
    assert "lead.pooled" in ticking.kinds(handoff_id)
    ticking.ticks(MINUTE)
    assert ticking.handoff(handoff_id).owner is None  # nobody is chosen for it any more
    other = CLEO if first == ANNE else ANNE
    ticking.does(other, accept, Accept(handoff_id))
    assert (ticking.handoff(handoff_id).owner, ticking.handoff(handoff_id).pooled_at) == (other, None)
    assert ticking.clock(handoff_id, "accept").worked == 9 * 60


def test_what_nobody_claims_is_the_manager_s_to_give(database: Database) -> None:
    ticking, handoff_id, _ = late(database, ladder("pool"))
    ticking.ticks(8 * MINUTE)
    ticking.ticks(8 * MINUTE)
    assert ticking.handoff(handoff_id).owner is None
    assert (MANAGER, "choose", 3) in ticking.lines()


def test_an_accepted_lead_that_nobody_contacts_is_open_again(database: Database) -> None:
    ticking, handoff_id, owner = late(database, ladder("pool", of="first_touch"))
    ticking.does(owner, accept, Accept(handoff_id))
    ticking.ticks(25 * MINUTE)
    row = ticking.handoff(handoff_id)
    assert (row.state, row.owner, row.accepted_at) == ("waiting", None, None)
    assert ticking.lead_of(handoff_id).stage == Stage.MQL
    assert list(ticking.running(handoff_id)) == ["accept"]
    ticking.does(CLEO, accept, Accept(handoff_id))
    assert ticking.lead_of(handoff_id).stage == Stage.SAL


def test_a_lead_that_somebody_has_contacted_stays_and_the_manager_chooses(database: Database) -> None:
    ticking, handoff_id, owner = late(database, ladder("pool", of="outcome"))
    ticking.does(owner, accept, Accept(handoff_id))
    ticking.does(owner, touch, Touch(handoff_id, TouchKind.CALL))
    ticking.ticks(timedelta(days=12))
    assert (ticking.handoff(handoff_id).owner, ticking.handoff(handoff_id).state) == (owner, "accepted")
    assert (MANAGER, "choose", 2) in ticking.lines()


def test_a_lead_on_which_sales_does_not_act_goes_back_to_nurture(database: Database) -> None:
    ticking, handoff_id, _ = late(database, ladder("marketing"), campaign="q4-webinar")
    ticking.ticks(8 * MINUTE)
    row, lead = ticking.handoff(handoff_id), ticking.lead_of(handoff_id)
    assert (row.state, row.rejected_by, row.reason) == ("rejected", "baton", "sales_did_not_act")
    assert (lead.stage, lead.recycled_until) == (Stage.RECYCLED, None)
    assert ticking.running(handoff_id) == {}
    [notice] = ticking.messages("rejection")
    assert "was rejected: *Sales did not act*" in ticking.reads(notice)
    shown = database.read_now(card_state, ticking.book, handoff_id)
    assert shown is not None
    assert shown.decision is not None
    assert (shown.decision.by, shown.decision.reason) == ("baton", "Sales did not act")
    ticking.ticks(timedelta(days=5))
    assert not [line for line in ticking.lines() if line[2] > 3]


def test_the_agreement_may_say_until_when_such_a_lead_is_nurtured(database: Database) -> None:
    reasons = """
[[reasons]]
code = "sales_did_not_act"
label = "Nobody got to it"
kind = "reject"
then = "nurture"
recycle = "30d"
"""
    ticking, handoff_id, _ = late(database, ladder("marketing", reasons=reasons))
    ticking.ticks(8 * MINUTE)
    assert ticking.lead_of(handoff_id).recycled_until == ticking.now + timedelta(days=30)
    [notice] = ticking.messages("rejection")
    assert "Nobody got to it" in ticking.reads(notice)


def test_an_accepted_lead_goes_to_nurture_and_a_deal_stays(database: Database) -> None:
    ticking, handoff_id, owner = late(database, ladder("marketing", of="outcome"))
    deal = ticking.card_comes(employees=9, external_id="deal", email="d@deal.example", company="Deal")
    seller = ticking.handoff(deal).owner or ""
    ticking.does(owner, accept, Accept(handoff_id))
    ticking.does(seller, accept, Accept(deal))
    for each, user in ((handoff_id, owner), (deal, seller)):
        ticking.does(user, touch, Touch(each, TouchKind.CALL))
    sold = Entered(amount="900", currency="USD", deal_on="2026-12-24")
    ticking.does(seller, set_outcome, SetOutcome(deal, Outcome.OPPORTUNITY, sold))
    ticking.ticks(timedelta(days=12))
    row = ticking.handoff(handoff_id)
    assert (row.state, row.reason, row.recycled_at is None) == ("closed", "sales_did_not_act", False)
    shown = database.read_now(card_state, ticking.book, handoff_id)
    assert shown is not None
    assert shown.decision is not None
    assert shown.decision.by == "baton"
    assert ticking.handoff(deal).state == "accepted"


@pytest.mark.parametrize("verb", ["pool", "marketing", "notify_channel"])
def test_nothing_is_said_to_have_no_effect(verb: str) -> None:
    found = [each for each in warnings_of(ladder(verb).agreement) if "no effect" in each.says]
    assert found == []


def test_the_team_s_channel_hears_of_a_late_lead_once(database: Database) -> None:
    ticking, handoff_id, owner = late(database, ladder("notify_channel"))
    ticking.ticks(4 * MINUTE)
    assert "C0GROWTH" not in {place for place, _, _ in ticking.lines()}
    ticking.ticks(4 * MINUTE)
    assert [line for line in ticking.lines() if line[0] == "C0GROWTH"] == [("C0GROWTH", "nudge", 3)]
    [message] = [row for row in ticking.waiting() if row.place == "C0GROWTH"]
    assert "Jane" in ticking.reads(message)
    assert ticking.handoff(handoff_id).owner == owner  # it stays whose it is
    ticking.does(owner, accept, Accept(handoff_id))
    assert ticking.shown(message) is None


def test_of_an_answer_that_is_late_marketing_s_manager_hears_and_no_channel(database: Database) -> None:
    ticking, handoff_id, owner = late(database, ladder("notify_channel", of="answer"))
    ticking.does(owner, reject, Reject(handoff_id, "bad_contact", note="No such number"))
    ticking.ticks(timedelta(days=14))
    assert ("U0CMO", "breach", 2) in ticking.lines()
    assert "C0GROWTH" not in {place for place, _, _ in ticking.lines()}


def test_where_clocks_run_day_and_night_the_manager_is_told_at_once(database: Database) -> None:
    text = default_agreement().text.replace('clock = "business"', 'clock = "wall"')
    ticking = TickingLedger(database, agreement=loaded(text), now=MONDAY.replace(hour=3))
    ticking.card_comes()
    ticking.ticks(5 * MINUTE)
    told = [row for row in ticking.waiting() if row.place == MANAGER]
    assert [row.due_at for row in told] == [ticking.now]
