"""Who signs a proposed change of the agreement, and what stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.agreement import loaded, parse_agreement
from bot.agreement.changes import SetValue, change_of
from bot.agreement.writing import rewritten
from bot.context import BATON
from bot.digest.deciding import agreed_between
from bot.errors import InvalidInput, NotAllowed, NotPossible
from bot.handoffs.proposable import choices, tables_in_force, what_changes
from bot.handoffs.proposals import agree, decline, show, show_anew, went_live
from bot.handoffs.proposing import MOVED, Propose, advised_form, propose
from bot.views.ids import Advised, ProposalContext
from storage import proposals
from storage.database.sql import known
from storage.models import Proposal, ProposalState
from tests.bot.ledger import ADMIN, MANAGER, RILEY, Ledger
from tests.bot.ticking import TickingLedger

CMO = "U0CMO"


def proposed(ledger: Ledger) -> Proposal:
    shown = ProposalContext(agreement_id=ledger.book.current_id)
    ledger.does(CMO, propose, Propose(shown, "value:sla.P1.accept", "10m", team="0"))
    return now(ledger)


def now(ledger: Ledger) -> Proposal:
    return known(ledger.database.read_now(proposals.get, 1))


def test_only_who_is_asked_signs_and_only_once(ledger: Ledger) -> None:
    assert proposed(ledger).marketing_by == CMO
    for other in (RILEY, ADMIN):
        with pytest.raises(NotAllowed):
            ledger.does(other, agree, 1)
        with pytest.raises(NotAllowed):
            ledger.does(other, decline, 1)
    with pytest.raises(NotPossible):
        ledger.does(CMO, agree, 1)
    ledger.does(MANAGER, agree, 1)
    assert now(ledger).state == ProposalState.SIGNED
    ledger.does(MANAGER, went_live, 1)
    with pytest.raises(NotPossible):
        ledger.does(MANAGER, agree, 1)
    (agreed,) = ledger.database.read_now(
        agreed_between, ledger.now - timedelta(days=1), ledger.now + timedelta(days=1)
    )
    assert (agreed.by, agreed.signed, agreed.says) == (CMO, (CMO, MANAGER), ("SLA P1 accept: 5m → 10m",))


@pytest.mark.parametrize(
    ("choice", "value", "was", "becomes", "why"),
    [
        (
            "value:sla.P1.accept",
            "10m",
            'accept      = "5m"',
            'accept      = "10m"',
            "The agreement already says that.",
        ),
        ("reason:junk", "", 'code = "junk"', 'code = "rubbish"', "There is no reason called junk."),
    ],
)
def test_a_proposal_that_no_longer_fits_says_why(
    ticking: TickingLedger, choice: str, value: str, was: str, becomes: str, why: str
) -> None:
    shown = ProposalContext(agreement_id=ticking.book.current_id)
    ticking.does(CMO, propose, Propose(shown, choice, value, team="0"))
    cards = {row.place: row for row in ticking.messages("proposal")}
    assert cards.keys() == {CMO, MANAGER}
    ticking.delivers()
    text = ticking.agreement.text
    assert was in text
    ticking.agrees(loaded(text.replace(was, becomes, 1)))
    ticking.does(BATON, show_anew, 1)
    gone = now(ticking)
    assert gone.state == ProposalState.MOVED
    assert why in str(gone.trouble)
    assert ticking.database.read_now(proposals.get, 2) is None
    for card in cards.values():
        assert f"The agreement changed meanwhile, so this is off. {why}" in ticking.reads(card)
    assert [row.place for row in ticking.messages("proposal")][2:] == [CMO]  # who proposed it is told anew


def test_the_admins_sign_for_a_manager_who_went_away_meanwhile(ledger: Ledger) -> None:
    proposed(ledger)
    ledger.goes_away(MANAGER, timedelta(days=3))
    ledger.does(CMO, show, 1)
    assert ADMIN in now(ledger).cards
    ledger.does(ADMIN, agree, 1)
    assert (now(ledger).state, now(ledger).sales_by) == (ProposalState.SIGNED, ADMIN)


def test_a_form_that_was_opened_before_somebody_else_s_change_is_refused(ledger: Ledger) -> None:
    shown = ProposalContext(agreement_id=ledger.book.current_id)
    ledger.agrees(loaded(ledger.agreement.text.replace('accept      = "5m"', 'accept      = "6m"', 1)))
    with pytest.raises(InvalidInput) as refused:
        ledger.does(CMO, propose, Propose(shown, "value:sla.P1.accept", "10m", team="0"))
    assert list(refused.value.faults.values()) == [MOVED]
    assert ledger.database.read_now(proposals.get, 1) is None


def test_what_can_be_proposed_reads_as_people_say_it_and_is_written_as_the_file_says_it(
    ledger: Ledger,
) -> None:
    data = tables_in_force(ledger.book)
    labels = [each.label for each in choices(data)]
    assert "When a customer raises a hand (now tell the owner, or hand it off)" in labels
    assert "A request stays hot for (now 7d)" in labels
    assert "Fit A from (now 60)" in labels
    raw = ("Qualification", "Ladder", "Goals")  # how a key is called that has no words of its own
    assert [label for label in labels if label.startswith(raw)] == []
    shown = ProposalContext(agreement_id=ledger.book.current_id)
    ledger.does(CMO, propose, Propose(shown, "value:qualification.customers", "Hand it off", team="0"))
    change = change_of(now(ledger).change)
    assert change == SetValue("qualification.customers", "handoff")
    says = what_changes(ledger.book, change)
    assert says == ["When a customer raises a hand: tell the owner → hand it off"]


def test_of_two_signed_proposals_the_second_is_shown_anew_once_the_first_is_live(
    ticking: TickingLedger,
) -> None:
    shown = ProposalContext(agreement_id=ticking.book.current_id)
    for key, value in (("sla.P1.accept", "10m"), ("sla.P2.accept", "20m")):
        ticking.does(CMO, propose, Propose(shown, f"value:{key}", value, team="0"))
    for number in (1, 2):
        ticking.does(MANAGER, agree, number)
    ticking.does(MANAGER, went_live, 1)
    ticking.agrees(loaded(rewritten(ticking.agreement.text, [change_of(now(ticking).change)])))
    with pytest.raises(NotPossible):
        ticking.does(BATON, went_live, 2)
    ticking.does(BATON, show_anew, 2)
    before, again = (known(ticking.database.read_now(proposals.get, number)) for number in (2, 3))
    assert (before.state, again.follows, again.change) == (ProposalState.MOVED, 2, before.change)
    assert (again.marketing_by, again.sales_by) == (None, None)
    assert again.cards.keys() == {CMO, MANAGER}


def test_the_admins_sign_for_a_manager_who_left_between_the_signatures(ticking: TickingLedger) -> None:
    assert proposed(ticking).marketing_by == CMO
    for gone in (MANAGER, CMO):
        ticking.leaves(gone)
    ticking.does(BATON, show, 1)
    assert ADMIN in now(ticking).cards
    ticking.does(ADMIN, agree, 1)
    signed = now(ticking)
    assert (signed.state, signed.marketing_by, signed.sales_by) == (ProposalState.SIGNED, CMO, ADMIN)


@pytest.mark.parametrize(
    ("choice", "value", "says", "code", "label"),
    [
        (
            "label:too_small",
            "Below 20 seats",
            "“Company too small” → “Below 20 seats”",
            "too_small",
            "Below 20 seats",
        ),
        ("reasons", "  Größe passt nicht ", "added", "grosse_passt_nicht", "Größe passt nicht"),
        ("reasons", "Нет бюджета", "added", "reason_2", "Нет бюджета"),
        ("reasons", "Too small!", "added", "too_small_2", "Too small!"),
    ],
)
def test_a_reason_is_added_or_called_something_else(
    ticking: TickingLedger, choice: str, value: str, says: str, code: str, label: str
) -> None:
    shown = ProposalContext(agreement_id=ticking.book.current_id)
    said = ticking.does(CMO, propose, Propose(shown, choice, value, team="0"))
    assert says in " ".join(said)
    changed = rewritten(ticking.agreement.text, [change_of(now(ticking).change)])
    found = {reason.code: reason.label for reason in parse_agreement(changed).reasons}
    assert found[code] == label


@pytest.mark.parametrize(
    ("choice", "value", "why"),
    [
        ("reasons", " ", "Please write the new wording of the reason."),
        ("reasons", "company too SMALL", "This reason already exists. Please write another one."),
        ("label:nothing", "Words", "Please choose what should change."),
        ("label:too_small", "Company too small", "The agreement already says that."),
    ],
)
def test_words_of_a_reason_that_cannot_be(ledger: Ledger, choice: str, value: str, why: str) -> None:
    shown = ProposalContext(agreement_id=ledger.book.current_id)
    with pytest.raises(InvalidInput) as refused:
        ledger.does(CMO, propose, Propose(shown, choice, value, team="0"))
    assert why in " ".join(refused.value.faults.values())


@pytest.mark.parametrize(("place", "chosen"), [("qualification.mql", True), ("qualification.gone", False)])
def test_the_form_is_filled_in_with_what_a_report_advises(ledger: Ledger, place: str, chosen: bool) -> None:
    form = ledger.does(CMO, advised_form, Advised(place=place, value="A2"))
    assert (form.choice, form.value) == ((f"value:{place}", "A2") if chosen else (None, ""))
    with pytest.raises(NotAllowed):
        ledger.does(RILEY, advised_form, Advised(place=place, value="A2"))
