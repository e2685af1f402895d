"""To whom a lead goes, by what is known of everybody in the team: the whole decision, in a pool and by turns.

Pure. Looking up what is known, counting the turn and telling people are the use cases'; who is to have a
lead among those able is decided in routing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.agreement import Agreement, Team
from bot.rules import routing
from bot.rules.candidates import Candidate, Facts, Need, candidates_of
from bot.rules.rotation import RotationState
from bot.rules.routing import Choice


class CompanyOwner(Protocol):
    """Somebody who owns leads at a company; `given_at` is when they were last given one."""

    @property
    def owner(self) -> str:
        """Who."""

    @property
    def given_at(self) -> datetime | None:
        """When they were last given one."""


def assigned(
    agreement: Agreement,
    team: Team,
    facts: Mapping[str, Facts],
    state: RotationState,
    need: Need,
    *,
    company: str | None,
    knows: str | None,
    pooled: bool,
) -> tuple[list[Candidate], Choice] | None:
    """Whom a lead goes to, with everybody who was considered; None: nobody is to be chosen.

    Where it is `pooled`, it is nobody's turn: who neither knows the lead nor owns its company is not to be
    surprised.
    """
    if pooled and knows is None and not any(each.owns_company for each in facts.values()):
        return None
    candidates = candidates_of(agreement, team, need, facts)
    choice = routing.choose(agreement, team, candidates, state, company=company, need=need, knows=knows)
    if pooled and (choice.among or choice.user is None):
        return None
    return candidates, choice


def with_company_owner(
    agreement: Agreement,
    owners: Sequence[CompanyOwner],
    facts: Mapping[str, Facts],
    deeds: Callable[[Sequence[str]], Mapping[str, datetime]],
    now: datetime,
) -> dict[str, Facts]:
    """The facts with the owner of the company marked: the first still here who did something lately.

    `deeds` tells when each of some people last did anything about another lead of the company; it is asked
    only where it matters.
    """
    rule = agreement.routing.company_owner
    here = [each for each in owners if each.owner in facts and not facts[each.owner].left]
    if rule is None or not here:
        return dict(facts)
    since = now - rule.within.wall()
    last = {each.owner: each.given_at for each in here}
    if (first := here[0]).given_at is None or first.given_at < since:
        found = deeds(list(last))
        last = {user: _later(given_at, found.get(user)) for user, given_at in last.items()}
    recent = (each.owner for each in here if (moment := last[each.owner]) is not None and moment >= since)
    owner = next(recent, None)
    if owner is None:
        return dict(facts)
    return {**facts, owner: replace(facts[owner], owns_company=True, company_deed_at=last[owner])}


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)
