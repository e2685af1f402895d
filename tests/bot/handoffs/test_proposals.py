"""Who signs a proposed change of the agreement, and what stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.digest.deciding import agreed_between
from bot.errors import NotAllowed, NotPossible
from bot.handoffs.proposals import agree, decline, show, went_live
from bot.handoffs.proposing import Propose, propose
from bot.views.ids import ProposalContext
from storage import proposals
from storage.database.sql import known
from storage.models import Proposal, ProposalState
from tests.bot.ledger import ADMIN, MANAGER, RILEY, Ledger

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


def test_the_admins_sign_for_a_manager_who_went_away_meanwhile(ledger: Ledger) -> None:
    proposed(ledger)
    ledger.goes_away(MANAGER, timedelta(days=3))
    ledger.does(CMO, show, 1)
    assert ADMIN in now(ledger).cards
    ledger.does(ADMIN, agree, 1)
    assert (now(ledger).state, now(ledger).sales_by) == (ProposalState.SIGNED, ADMIN)
