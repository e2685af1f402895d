"""What became of a lead, as a person sets it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import AlreadyDecided, InvalidInput, NotAllowed, NotPossible
from bot.handoffs import Accept, accept
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.touch import Touch, touch
from storage.database import Database
from storage.models import HandoffState, Outcome, SlaClock, Stage, TouchKind
from tests.bot.ledger import RILEY, ROBIN, Ledger

DEAL = Entered(amount="12,500.50", currency="eur", deal_on="2026-12-24")


@pytest.fixture
def touched(ledger: Ledger) -> int:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=4))
    ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    ledger.passes(timedelta(hours=1))
    return handoff_id


def sets(ledger: Ledger, handoff_id: int, outcome: Outcome, **entered: str) -> None:
    ledger.does(RILEY, set_outcome, SetOutcome(handoff_id, outcome, Entered(**entered)))


def test_a_verified_need_is_an_outcome_and_the_lead_stays_open(ledger: Ledger, touched: int) -> None:
    sets(ledger, touched, Outcome.SQL)
    handoff, clock = ledger.handoff(touched), met(ledger, touched, "outcome")
    assert (handoff.sql_at, handoff.state, handoff.closed_at) == (ledger.now, HandoffState.ACCEPTED, None)
    assert (clock.met_at, clock.met_by) == (ledger.now, RILEY)
    assert ledger.lead_of(touched).stage == Stage.SQL
    assert ledger.running(touched).keys() == {"outcome"}, "so that it does not rot"


def met(ledger: Ledger, handoff_id: int, kind: str) -> SlaClock:
    """The first clock of a kind: a qualified lead has another one for what comes next."""
    return next(row for row in ledger.clocks(handoff_id) if row.kind == kind)


def test_an_opportunity_has_an_amount_and_a_day(ledger: Ledger, touched: int) -> None:
    ledger.does(RILEY, set_outcome, SetOutcome(touched, Outcome.OPPORTUNITY, DEAL))
    handoff, lead = ledger.handoff(touched), ledger.lead_of(touched)
    assert (handoff.amount_minor, handoff.currency) == (1_250_050, "EUR")
    assert handoff.deal_at == datetime(2026, 12, 24, 5, 0, tzinfo=UTC)  # midnight in New York
    assert (handoff.sql_at, handoff.opportunity_at) == (ledger.now, ledger.now)
    assert (lead.stage, lead.amount_minor, lead.currency) == (Stage.OPPORTUNITY, 1_250_050, "EUR")
    told = ledger.messages("history")[-1].body["detail"]
    assert (told["stage"], told["amount_minor"], told["currency"]) == ("opportunity", 1_250_050, "EUR")


def test_a_deal_can_be_amended_and_won(ledger: Ledger, touched: int) -> None:
    ledger.does(RILEY, set_outcome, SetOutcome(touched, Outcome.OPPORTUNITY, DEAL))
    opened_at = ledger.now
    ledger.passes(timedelta(days=1))
    sets(ledger, touched, Outcome.OPPORTUNITY, amount="20000", currency="EUR")
    assert ledger.handoff(touched).amount_minor == 2_000_000
    sets(ledger, touched, Outcome.WON, amount="18000", currency="EUR")
    handoff = ledger.handoff(touched)
    assert (handoff.opportunity_at, handoff.won_at) == (opened_at, ledger.now)
    assert (handoff.state, handoff.closed_at) == (HandoffState.CLOSED, ledger.now)
    assert handoff.amount_minor == 1_800_000
    assert handoff.deal_at == datetime(2026, 11, 17, 5, 0, tzinfo=UTC)
    assert ledger.lead_of(touched).closed_at == ledger.now


@pytest.mark.parametrize(
    ("outcome", "entered", "stage", "milestone"),
    [
        (Outcome.LOST, {"note": "Chose another"}, Stage.LOST, "lost_at"),
        (Outcome.RECYCLED, {"until": "2027-02-01"}, Stage.RECYCLED, "recycled_at"),
        (
            Outcome.DISQUALIFIED,
            {"reason": "other_after_contact", "note": "Spam"},
            Stage.DISQUALIFIED,
            "disqualified_at",
        ),
        (Outcome.DISQUALIFIED, {"reason": "no_response"}, Stage.RECYCLED, "recycled_at"),
    ],
)
def test_an_end_closes_the_handoff(
    ledger: Ledger, touched: int, outcome: Outcome, entered: dict[str, str], stage: Stage, milestone: str
) -> None:
    sets(ledger, touched, outcome, **entered)
    handoff = ledger.handoff(touched)
    assert (handoff.state, handoff.closed_at) == (HandoffState.CLOSED, ledger.now)
    assert getattr(handoff, milestone) == ledger.now
    assert ledger.lead_of(touched).stage == stage
    assert ledger.clock(touched, "outcome").met_at == ledger.now
    assert ledger.running(touched) == {}
    assert ledger.kinds(touched)[-1] == f"lead.{stage.value}"


def test_a_lead_rests_until_somebody_is_there_on_its_day(ledger: Ledger, touched: int) -> None:
    sets(ledger, touched, Outcome.RECYCLED, until="2027-01-16")  # a Saturday before a holiday
    assert ledger.lead_of(touched).recycled_until == datetime(2027, 1, 19, 14, 0, tzinfo=UTC)


def test_a_reason_says_how_long_a_disqualified_lead_rests(ledger: Ledger, touched: int) -> None:
    sets(ledger, touched, Outcome.DISQUALIFIED, reason="no_response")
    assert ledger.lead_of(touched).recycled_until == ledger.now + timedelta(days=90)
    assert ledger.handoff(touched).reason == "no_response"


def test_an_outcome_without_a_contact_counts_as_the_first(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=5))
    sets(ledger, handoff_id, Outcome.SQL)
    assert ledger.handoff(handoff_id).touched_at == ledger.now
    for kind in ("first_touch", "outcome"):
        assert met(ledger, handoff_id, kind).met_at == ledger.now


@pytest.mark.parametrize(
    ("outcome", "entered", "fields"),
    [
        (Outcome.OPPORTUNITY, {}, {"amount"}),
        (
            Outcome.OPPORTUNITY,
            {"amount": "much", "currency": "Taler", "deal_on": "2026-11-01"},
            {"amount", "currency", "deal_on"},
        ),
        (Outcome.OPPORTUNITY, {"amount": "12.000", "currency": "EUR"}, {"amount"}),
        (Outcome.OPPORTUNITY, {"amount": "12", "currency": "Taler"}, {"currency"}),
        (Outcome.WON, {"amount": "1", "deal_on": "2026-11-20"}, {"deal_on"}),
        (Outcome.WON, {"amount": "-1"}, {"amount"}),
        (Outcome.RECYCLED, {}, {"until"}),
        (Outcome.RECYCLED, {"until": "2026-11-16"}, {"until"}),
        (Outcome.RECYCLED, {"until": "soon"}, {"until"}),
        (Outcome.DISQUALIFIED, {}, {"reason"}),
        (Outcome.DISQUALIFIED, {"reason": "junk"}, {"reason"}),
        (Outcome.DISQUALIFIED, {"reason": "no_budget"}, {"note"}),
        (None, {}, {"outcome"}),
    ],
)
def test_every_fault_stands_at_its_field(
    ledger: Ledger, touched: int, outcome: Outcome, entered: dict[str, str], fields: set[str]
) -> None:
    before = ledger.handoff(touched)
    with pytest.raises(InvalidInput) as refused:
        sets(ledger, touched, outcome, **entered)
    assert refused.value.faults.keys() == fields
    assert all(fault.endswith((".", "?")) for fault in refused.value.faults.values())
    assert ledger.handoff(touched) == before


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("$12,000", 1_200_000, "USD"),
        ("€ 1.200,50", 120_050, "EUR"),
        ("CHF 99", 9_900, "CHF"),
        ("7", 700, "USD"),
    ],
)
def test_amounts_are_read_as_people_write_them(
    ledger: Ledger, touched: int, text: str, minor: int, currency: str
) -> None:
    sets(ledger, touched, Outcome.OPPORTUNITY, amount=text)
    handoff = ledger.handoff(touched)
    assert (handoff.amount_minor, handoff.currency) == (minor, currency)


def test_a_move_that_is_not_legal_is_refused_at_the_menu(ledger: Ledger, touched: int) -> None:
    ledger.does(RILEY, set_outcome, SetOutcome(touched, Outcome.OPPORTUNITY, DEAL))
    with pytest.raises(InvalidInput) as refused:
        sets(ledger, touched, Outcome.RECYCLED, until="2027-02-01")
    assert refused.value.faults.keys() == {"outcome"}


def test_the_same_person_may_say_the_same_twice(ledger: Ledger, touched: int) -> None:
    sets(ledger, touched, Outcome.LOST)
    assert ledger.does(RILEY, set_outcome, SetOutcome(touched, Outcome.LOST)).again
    with pytest.raises(AlreadyDecided):
        sets(ledger, touched, Outcome.WON, amount="5")


def test_only_an_accepted_lead_has_an_outcome_and_only_its_owner_sets_it(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    with pytest.raises(NotPossible):
        sets(ledger, handoff_id, Outcome.SQL)
    ledger.does(RILEY, accept, Accept(handoff_id))
    with pytest.raises(NotAllowed) as refused:
        ledger.does(ROBIN, set_outcome, SetOutcome(handoff_id, Outcome.SQL))
    assert refused.value.holder == RILEY


def test_a_qualified_lead_and_a_deal_have_a_clock_of_their_own_so_that_none_rots(database: Database) -> None:
    ledger = Ledger(database)
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.MEETING_BOOKED))
    deal = Entered(amount="12k", currency="EUR")
    for outcome, entered in ((Outcome.SQL, Entered()), (Outcome.OPPORTUNITY, deal)):
        ledger.does(RILEY, set_outcome, SetOutcome(handoff_id, outcome, entered))
        clock = ledger.running(handoff_id)["outcome"]
        assert (clock.started_at, clock.owner) == (ledger.now, RILEY)
        assert clock.duration == 20 * 8 * 3600, "20 working days"
        ledger.passes(timedelta(days=1))
    assert ledger.handoff(handoff_id).amount_minor == 1_200_000
    ledger.does(RILEY, set_outcome, SetOutcome(handoff_id, Outcome.LOST))
    assert ledger.running(handoff_id) == {}
