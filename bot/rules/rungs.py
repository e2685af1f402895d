"""What becomes of a handoff when a rung of its ladder is reached: who is told, and what changes.

Pure: how things stand is told by the caller. The live ladder writes it and says it in Slack, a replay does it
to a world of its own; both ask here, and nowhere else, what a rung does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from bot.agreement.model import NOT_ACTED, Agreement, Team
from bot.agreement.vocabulary import ReasonKind, Verb
from bot.rules import routing, sla
from bot.rules.candidates import Candidate, Need
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.rotation import RotationState
from bot.rules.value import value
from storage.models import Actor, ClockKind, HandoffState, NagKind, Stage
from storage.models.values import HandoffValues, LeadValues


@value
class Reached:
    """How a handoff stands as a rung of one of its clocks is reached.

    `agreement` is the version that the clock goes by. `team_stands`: whether the agreement in force has its
    team. What takes looking up is asked only where it matters: the lead's `stage`, None where it is gone,
    whether the clock's owner is away or left (`is_gone`), and whether marketing has anybody to remind
    (`marketing_hears`).
    """

    now: datetime
    kind: ClockKind
    owner: str | None
    state: HandoffState
    pooled: bool
    team_stands: bool
    agreement: Agreement
    stage: Callable[[], Stage | None]
    is_gone: Callable[[str], bool]
    marketing_hears: Callable[[], bool]


@value
class Follows:
    """What follows. `says`: what is said, None for nothing. `to_pool`: to a pool, as `said_to_pool` has it
    once all of this is written.

    `stops`: the clock ends without its being met, and `handoff` and `lead` are written. `opens`: a clock to
    accept starts for the whole team. `changes_hands`: somebody else is to have it, whom the round finds.
    """

    says: NagKind | None = None
    to_pool: bool = False
    stops: bool = False
    opens: bool = False
    changes_hands: bool = False
    handoff: HandoffValues = field(default_factory=lambda: HandoffValues())
    lead: LeadValues = field(default_factory=lambda: LeadValues())


CHOOSE = Follows(NagKind.CHOOSE)
"""Baton cannot act by itself: whoever is in charge has to choose."""


def follows(verb: Verb, reached: Reached) -> Follows:
    """What becomes of a handoff as a rung with this verb is reached."""
    return FOLLOWS[verb](reached)


def said_to_pool(what: NagKind, *, vacant: bool) -> NagKind:
    """What is said to a pool; where nobody in it can take the lead, whoever is in charge has to choose."""
    return NagKind.CHOOSE if vacant else what


def _nudge(at: Reached) -> Follows:
    if at.kind is ClockKind.ANSWER:
        return Follows(NagKind.NUDGE if at.marketing_hears() else None)
    if at.owner is not None:
        return CHOOSE if at.is_gone(at.owner) else Follows(NagKind.NUDGE)
    return Follows(NagKind.NUDGE, to_pool=True) if at.team_stands else CHOOSE


def _notify_manager(_at: Reached) -> Follows:
    return Follows(NagKind.BREACH)


def _notify_channel(at: Reached) -> Follows:
    of_team = at.kind is not ClockKind.ANSWER and at.team_stands
    return Follows(NagKind.NUDGE if of_team else NagKind.BREACH)


def _reassign(_at: Reached) -> Follows:
    return Follows(changes_hands=True)


def _pool(at: Reached) -> Follows:
    """Anybody in the team may claim it, once; a lead that somebody has contacted stays theirs."""
    accepted = at.state is HandoffState.ACCEPTED
    untouched = at.kind in (ClockKind.ACCEPT, ClockKind.FIRST_TOUCH)
    stage = at.stage() if untouched else None
    released = LEGAL.get((stage, Move.RELEASE)) if stage is not None else None
    if not at.team_stands or at.owner is None or at.pooled or (accepted and released is None):
        return CHOOSE
    free: HandoffValues = {"owner": None, "owner_why": None, "given_at": None, "pooled_at": at.now}
    of_lead: LeadValues = {"owner": None, "updated_at": at.now}
    if accepted and released is not None:
        free |= {"state": HandoffState.WAITING, "accepted_at": None, "accepted_by": None}
        of_lead["stage"] = released
    return Follows(NagKind.POOLED, to_pool=True, stops=True, opens=True, handoff=free, lead=of_lead)


def _marketing(at: Reached) -> Follows:
    """Back to nurture, because sales did not act; a deal stays, and so does a lead without that reason."""
    before = at.stage()
    stage = LEGAL.get((before, Move.RECYCLE)) if before is not None else None
    reason = at.agreement.reason(NOT_ACTED)
    if stage is None or reason is None or reason.kind is not ReasonKind.REJECT:
        return CHOOSE
    until = at.now + reason.recycle.wall() if reason.recycle else None
    over: HandoffValues = {"reason": reason.code, "note": None, "closed_at": at.now, "pooled_at": None}
    if at.state is HandoffState.WAITING:
        over |= {"state": HandoffState.REJECTED, "rejected_at": at.now, "rejected_by": Actor.BATON}
    else:
        over |= {"state": HandoffState.CLOSED, "recycled_at": at.now}
    of_lead: LeadValues = {"stage": stage, "recycled_until": until, "updated_at": at.now}
    return Follows(stops=True, handoff=over, lead=of_lead)


FOLLOWS: Mapping[Verb, Callable[[Reached], Follows]] = {
    Verb.NUDGE: _nudge,
    Verb.NOTIFY_MANAGER: _notify_manager,
    Verb.NOTIFY_CHANNEL: _notify_channel,
    Verb.REASSIGN: _reassign,
    Verb.POOL: _pool,
    Verb.MARKETING: _marketing,
}
"""What follows of each verb."""


def clock_for_all(
    agreement: Agreement, team: Team, priority: str, present: Sequence[str], now: datetime
) -> sla.Clock | None:
    """A clock to accept in the hours of all who are there. `agreement` is the version that it goes by, which
    may know the team in another shape."""
    known = agreement.team(team.name) or team
    return sla.start(agreement, ClockKind.ACCEPT, priority, known, None, now, present=present)


def next_holder(
    agreement: Agreement,
    team: Team,
    candidates: Sequence[Candidate],
    turns: RotationState,
    *,
    holder: str | None,
    need: Need,
    times: int,
) -> routing.Choice:
    """Who has a late lead next, as things stand; nobody once it went on as often (`times`) as it may."""
    if not sla.may_reassign(times):
        return routing.Choice(None, "", turns)
    return routing.reassign(agreement, team, candidates, turns, holder=holder, need=need)
