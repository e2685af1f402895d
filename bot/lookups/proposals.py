"""A proposed change of the agreement as its card shows it to one reader."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.rules.signing import Side, asked_to_sign, may_sign, team_of
from bot.views.ids import Action
from bot.views.proposal import ProposalFacts, Signature
from storage import proposals
from storage.models import UNSETTLED_PROPOSAL, Proposal


def proposal_facts(
    tx: Connection, book: AgreementBook, number: int, reader: str, now: datetime
) -> ProposalFacts | None:
    """What is known of it, and what the reader may do about it; None where there is none."""
    found = proposals.get(tx, number)
    if found is None:
        return None
    team = team_of(book, found.team)
    asked = asked_to_sign(tx, book, team, now)
    signed = {Side.MARKETING: found.marketing_by, Side.SALES: found.sales_by}
    return ProposalFacts(
        number=number,
        state=found.state,
        by=found.by,
        team=found.team,
        says=tuple(found.says),
        why=found.why,
        live_at=found.live_at,
        signatures=tuple(Signature(side, signed[side], asked[side]) for side in Side),
        ended_by=found.ended_by,
        ended_at=found.ended_at,
        trouble=found.trouble,
        replayed=found.replayed,
        may=_may(found, may_sign(tx, book, team, reader, now), reader),
    )


def _may(found: Proposal, sides: frozenset[Side], reader: str) -> tuple[Action, ...]:
    if found.state not in UNSETTLED_PROPOSAL or not (sides or reader == found.by):
        return ()
    signed = {Side.MARKETING: found.marketing_by, Side.SALES: found.sales_by}
    if any(signed[side] is None for side in sides):
        return Action.AGREE, Action.COUNTER, Action.DECLINE
    return (Action.DECLINE,)
