"""What the forms of work on a lead offer to whom, and when they are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.agreement.vocabulary import ReasonKind
from bot.errors import AlreadyDecided, HandoffNotFound, NotAllowed, NotPossible, Obstacle
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.dispute import Agree, agree
from bot.handoffs.forms import (
    AskDispute,
    AskOutcome,
    AskReject,
    AskSnooze,
    dispute_form,
    outcome_form,
    reassign_form,
    reject_form,
    snooze_form,
    touch_form,
)
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.snooze import Snooze, snooze
from storage import people
from storage.database import Database
from storage.models import Outcome
from tests.bot.ledger import MANAGER, MARKETER, RILEY, ROBIN, Ledger


@pytest.fixture
def ledger(sqlite_url: str) -> Any:
    database = Database.open(sqlite_url)
    yield Ledger(database)
    database.close()


@pytest.fixture
def accepted(ledger: Ledger) -> int:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    return handoff_id


def test_only_legal_outcomes_are_offered_and_what_is_known_is_filled_in(
    ledger: Ledger, accepted: int
) -> None:
    everything = ("sql", "opportunity", "won", "lost", "recycled", "disqualified")
    assert ledger.does(RILEY, outcome_form, AskOutcome(accepted)).outcomes == everything
    deal = Entered(amount="500", currency="EUR", deal_on="2026-12-24")
    ledger.does(RILEY, set_outcome, SetOutcome(accepted, Outcome.OPPORTUNITY, deal))
    form = ledger.does(RILEY, outcome_form, AskOutcome(accepted, Outcome.OPPORTUNITY))
    assert form.outcomes == ("opportunity", "won", "lost")
    assert (form.amount_minor, form.currency, str(form.deal_on)) == (50_000, "EUR", "2026-12-24")
    assert str(form.today) == "2026-11-16"
    assert {reason.code for reason in form.reasons} >= {"no_budget", "no_response"}


def test_the_form_of_a_rejection_knows_until_when_each_reason_recycles(ledger: Ledger) -> None:
    form = ledger.does(RILEY, reject_form, AskReject(ledger.handoff_comes()))
    agreement = ledger.book.current
    dated = {reason.code: reason.until for reason in form.reasons if reason.until}
    assert dated == {
        reason.code: ledger.now + reason.recycle.wall()
        for reason in agreement.reasons_of(ReasonKind.REJECT)
        if reason.recycle
    }
    assert dated


def test_a_rep_may_put_off_and_a_manager_both(ledger: Ledger, accepted: int) -> None:
    rep = ledger.does(RILEY, snooze_form, AskSnooze(accepted))
    assert (rep.snoozes, rep.extensions) == (("15m", "1h", "tomorrow"), ())
    manager = ledger.does(MANAGER, snooze_form, AskSnooze(accepted))
    assert (len(manager.snoozes), len(manager.extensions)) == (3, 5)
    assert ledger.does(MANAGER, snooze_form, AskSnooze(accepted, only_more=True)).snoozes == ()


def test_once_put_off_only_a_manager_is_offered_more(ledger: Ledger, accepted: int) -> None:
    ledger.does(RILEY, snooze, Snooze(accepted, "15m", "Lunch"))
    with pytest.raises(NotPossible) as refused:
        ledger.does(RILEY, snooze_form, AskSnooze(accepted))
    assert refused.value.obstacle is Obstacle.SNOOZED_BEFORE
    assert ledger.does(MANAGER, snooze_form, AskSnooze(accepted)).snoozes == ()


def test_the_managers_choice_is_by_team_and_says_who_is_away_or_busy(ledger: Ledger, accepted: int) -> None:
    def robin_is_away(tx: Connection) -> None:
        people.remember(tx, ROBIN, name="Robin", email=None, timezone=None, left=False, asked_at=ledger.now)

    ledger.database.write_now(robin_is_away)
    ledger.goes_away(ROBIN, timedelta(days=1))
    form = ledger.does(MANAGER, reassign_form, accepted)
    assert form.teams[0] == ("Enterprise", ((ROBIN, "Robin (0 open, away)"),))
    assert [team for team, _ in form.teams] == ["Enterprise", "Growth"]


@pytest.mark.parametrize(
    ("ask", "about"),
    [
        (touch_form, lambda handoff_id: handoff_id),
        (outcome_form, AskOutcome),
        (snooze_form, AskSnooze),
        (reassign_form, lambda handoff_id: handoff_id),
        (dispute_form, AskDispute),
    ],
)
def test_every_form_is_refused_as_its_deed_would_be(
    ledger: Ledger, accepted: int, ask: Any, about: Any
) -> None:
    with pytest.raises(HandoffNotFound):
        ledger.does(MANAGER, ask, about(99))
    somebody = RILEY if ask is dispute_form else MARKETER
    with pytest.raises(NotAllowed):
        ledger.does(somebody, ask, about(accepted))


def test_a_form_that_comes_too_late_says_what_happened(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    with pytest.raises(NotPossible):
        ledger.does(RILEY, touch_form, handoff_id)
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    for ask, about in ((touch_form, handoff_id), (reassign_form, handoff_id)):
        with pytest.raises(AlreadyDecided):
            ledger.does(MANAGER, ask, about)
    assert ledger.does(MARKETER, dispute_form, AskDispute(handoff_id)).reason == "Bad or missing contact data"
    ledger.does(MARKETER, agree, Agree(handoff_id))
    with pytest.raises(NotPossible) as answered:
        ledger.does(MARKETER, dispute_form, AskDispute(handoff_id))
    assert answered.value.obstacle is Obstacle.ANSWERED
