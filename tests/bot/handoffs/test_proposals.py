"""Who signs a proposed change of the agreement, and what stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.agreement import loaded
from bot.context import BATON
from bot.digest.deciding import agreed_between
from bot.errors import NotAllowed, NotPossible
from bot.handoffs.proposals import agree, decline, show, show_anew, went_live
from bot.handoffs.proposing import Propose, propose
from bot.views.ids import ProposalContext
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
            "The agreement says so already.",
        ),
        ("reason:junk", "", 'code = "junk"', 'code = "rubbish"', "There is no reason junk."),
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
