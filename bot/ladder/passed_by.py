"""The owner of a company hears that a colleague has one of its leads, and why, once they are at work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Team
from bot.context import Context
from bot.rules.candidates import Candidate
from bot.rules.verdicts import KeptChoice, in_zone
from storage import history
from storage.models import DeliveryKind, EventKind
from storage.models.details import Detail
from storage.outbox import posts
from storage.outbox.bodies import HistoryBody
from storage.outbox.posts import Rank

_OF_THE_COMPANY = "owns the company, but: "


@dataclass(frozen=True, slots=True)
class PassedBy:
    """The owner of a company, whose lead a colleague has: why, and when the owner is at work again."""

    owner: str
    taker: str
    why: str
    opens_at: datetime


def passed_by(
    agreement: Agreement, team: Team, candidates: Collection[Candidate], kept: Mapping[str, Any]
) -> PassedBy | None:
    """The owner of the company, if by the choice that is kept a colleague has the lead, and why, in the
    owner's own time zone."""
    choice = KeptChoice.from_json(kept)
    owner = next((one for one in candidates if one.user == choice.instead_of), None)
    if owner is None or choice.user is None:
        return None
    said = next(one.words for one in choice.each if one.user == owner.user)
    zone = agreement.timezone_of(team, owner.user)
    words = in_zone(said.removeprefix(_OF_THE_COMPANY), choice.at, zone)
    return PassedBy(owner.user, choice.user, words, owner.opens_at)


def tell_company_owner(tx: Connection, ctx: Context, handoff_id: int, lead_id: int, passed: PassedBy) -> None:
    """Tell the owner of a company that a colleague has one of its leads, once the owner is at work."""
    detail: Detail = {"owner": passed.taker, "why": passed.why, "company_owner": passed.owner}
    history.record(tx, ctx.stamp, EventKind.PASSED_BY, lead_id=lead_id, handoff_id=handoff_id, detail=detail)
    body: HistoryBody = {
        "event": EventKind.PASSED_BY,
        "actor": ctx.actor,
        "at": ctx.now.isoformat(),
        "detail": detail,
    }
    posts.post(
        tx,
        ctx.stamp,
        DeliveryKind.HISTORY,
        place=passed.owner,
        rank=Rank.CLICK,
        lead_id=lead_id,
        handoff_id=handoff_id,
        due_at=ctx.wire + max(passed.opens_at - ctx.now, timedelta(0)),
        body=body,
    )
