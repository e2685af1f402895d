"""The open leads of a team that the agreement no longer has go to the team that matches them now."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from bot.agreement.model import Team
from bot.context import Context
from bot.handoffs import hand_off, posts
from bot.handoffs.assignment import assign, choose
from bot.handoffs.reassign import give
from bot.handoffs.shared import record_and_announce
from bot.ladder.nagging import Given, tell_given
from bot.lookups.judgement import facts_about
from bot.rules import routing
from bot.rules.qualification import rank_of
from storage import clocks, handoffs, leads, people
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, HandoffState, Lead

AT_ONCE = 50
_LABEL = "team {team} left the agreement"


def offer_to_present_teams(tx: Connection, ctx: Context, after: int) -> int | None:
    """Offer the next of these leads, from the handoff after `after` on, and tell the admins what became of
    them; gives the handoff to go on after, None at the end.

    What no team matches stays as it is, and the admins are asked to choose once it is late.
    """
    present = [team.name for team in ctx.book.current.teams]
    ids = handoffs.open_of_others(tx, present, after=after, limit=AT_ONCE)
    went: Counter[tuple[str, str | None]] = Counter()
    for handoff_id in ids:
        found = handoffs.lock(tx, handoff_id)
        lead = leads.get(tx, found.lead_id) if found is not None else None
        if found is not None and lead is not None:
            former = found.team
            went[former, _offer(tx, ctx, found, lead)] += 1
    for (former, team), count in sorted(went.items(), key=str):
        posts.tell_admins_team_gone(tx, ctx, former, team, count)
    return ids[-1] if len(ids) == AT_ONCE else None


def _offer(tx: Connection, ctx: Context, found: LockedHandoff, lead: Lead) -> str | None:
    """The team that has the lead now, None where none matches."""
    kept = found.state == HandoffState.ACCEPTED and found.owner is not None
    team = _team_of(tx, ctx, found.owner) if kept and found.owner else None
    stays = team is not None
    team = team or routing.team_for(ctx.book.current, facts_about(lead))
    if team is None:
        return None
    detail = {"team": team.name, "from_team": found.team, "label": _LABEL.format(team=found.team)}
    record_and_announce(tx, ctx, found, EventKind.REROUTED, detail)
    handoffs.change(tx, found.id, {"team": team.name, "pooled_at": None})
    rank = rank_of(ctx.book.current, found.priority)
    posts.post_card(tx, ctx, handoff_id=found.id, lead_id=lead.id, channel=team.channel, rank=rank)
    if found.state == HandoffState.WAITING:
        _waits_there(tx, ctx, found, lead, team)
    elif not stays:
        _goes_to_somebody(tx, ctx, found, lead, team)
    return team.name


def _team_of(tx: Connection, ctx: Context, owner: str) -> Team | None:
    """A team of the agreement in which the owner is, who is still in the workspace."""
    person = people.get(tx, owner)
    if person is not None and person.left:
        return None
    return next((team for team in ctx.book.current.teams if team.rep(owner)), None)


def _waits_there(tx: Connection, ctx: Context, found: LockedHandoff, lead: Lead, team: Team) -> None:
    clocks.stop_all(tx, found.id, at=ctx.now)
    knows = (found.owner,) if found.owner else ()
    assigned = assign(tx, ctx, team, lead, found.priority, knows=knows)
    handoffs.change(tx, found.id, hand_off.columns_of_choice(ctx, assigned))
    leads.change(tx, lead.id, {"owner": assigned.user, "updated_at": ctx.now})
    hand_off.start_clock(
        tx,
        ctx,
        ClockKind.ACCEPT,
        found.id,
        lead.id,
        found.priority,
        team=team,
        owner=assigned.user,
        agreement_id=found.agreement_id,
    )
    hand_off.tell_of_choice(tx, ctx, found.id, lead.id, team, assigned)


def _goes_to_somebody(tx: Connection, ctx: Context, found: LockedHandoff, lead: Lead, team: Team) -> None:
    """It was accepted by somebody who is in no team any more."""
    assigned = choose(tx, ctx, team, lead, found.priority, handoff_id=found.id)
    if assigned.user is None:
        hand_off.tell_nobody_can(tx, ctx, found.id)
        return
    give(tx, ctx, found, assigned.user, team)
    handoffs.change(tx, found.id, hand_off.columns_of_choice(ctx, assigned))
    tell_given(tx, ctx, [Given(found.id, assigned.user, _LABEL.format(team=found.team))])
