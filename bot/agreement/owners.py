"""Who gets a lead besides by turn: whoever owns its company."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from bot.agreement.durations import Duration
from bot.agreement.fields import Frozen, LongDuration
from bot.agreement.vocabulary import WhenAway


class CompanyOwner(Frozen):
    """Who owns a lead of a company has its next leads too.

    `within` is since the owner's last deed on any of them. When the owner could not act in time the lead goes
    to the `next` rep, or has to `wait`; P1 never waits.
    """

    within: LongDuration = Duration(180, "d")
    when_away: WhenAway = WhenAway.NEXT


def _owner_or_none(value: object) -> object:
    """`true` is the usual, `false` none."""
    return {True: CompanyOwner(), False: None}[value] if isinstance(value, bool) else value


class Routing(Frozen):
    """Who gets a lead besides by turn. `company_owner = false`: owning a company means nothing."""

    company_owner: Annotated[CompanyOwner | None, BeforeValidator(_owner_or_none)] = CompanyOwner()
