"""Open leads that name what the agreement no longer has go on: to the team that was renamed, or matches them.

The same for an owner who is no longer in the team, and for a card in a channel that the team no longer has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.model import Team
from bot.context import Context
from bot.handoffs import hand_off, posts
from bot.handoffs.assignment import assign, choose
from bot.handoffs.reassign import give
from bot.handoffs.shared import record_and_announce
from bot.ladder.nagging import Given, tell_given
from bot.lookups.judgement import facts_about
from bot.lookups.strays import gone_of, may_hold, successor, teams_astray
from bot.rules import routing
from bot.rules.qualification import rank_of
from bot.views.strays import StrayKind
from storage import clocks, handoffs, leads, people, strays
from storage.handoffs import LockedHandoff
from storage.models import ClockKind, EventKind, HandoffState, Lead
from storage.models.details import Detail

AT_ONCE = 50
_TEAM_LEFT = "team {team} was removed"
_RENAMED = "team {team} was renamed"
_REP_LEFT = "its owner left the team"


@dataclass(frozen=True, slots=True)
class _Went:
    """What is gone, the team that has the lead now (None: no team matches it), and whether it is only new in
    name."""

    kind: StrayKind
    name: str
    team: str | None
    renamed: bool = False


def offer_to_present_teams(
    tx: Connection, ctx: Context, after: int, teams: Collection[str] | None = None
) -> int | None:
    """Offer the next of these leads, from the handoff after `after` on, and tell the admins what became of
    them; gives the handoff to go on after, None at the end. `teams` are those to look at, if that is known.

    A team that was renamed keeps its leads, their owners and their clocks. Cards follow the team's channel.
    What no team matches stays as it is: the admins are told of it once, and asked to choose once it is late.
    """
    looked_at = teams_astray(tx, ctx.book) if teams is None else teams
    ids = strays.open_of_teams(tx, looked_at, after=after, limit=AT_ONCE)
    went: Counter[_Went] = Counter()
    for handoff_id in ids:
        found = handoffs.lock(tx, handoff_id)
        lead = leads.get(tx, found.lead_id) if found is not None else None
        if found is None or lead is None:
            continue
        for kind, name in gone_of(ctx.book, found.team, found.owner, found.card_place):
            went[_offer(tx, ctx, found, lead, kind, name)] += 1
    for each, count in sorted(went.items(), key=str):
        _tell_admins(tx, ctx, each, count)
    return ids[-1] if len(ids) == AT_ONCE else None


def _offer(
    tx: Connection, ctx: Context, found: LockedHandoff, lead: Lead, kind: StrayKind, name: str
) -> _Went:
    if kind is StrayKind.CHANNEL:
        team = ctx.book.current.team(found.team)
        if team is not None:
            _card_in(tx, ctx, found, team)
            posts.refresh_card(tx, ctx, found.card_id)
        return _Went(kind, name, found.team)
    team, stays = _next_team(tx, ctx, found, lead)
    if team is None:
        return _Went(kind, name, None)
    if kind is StrayKind.TEAM:
        _goes_to_team(tx, ctx, found, team)
    if found.state == HandoffState.WAITING and not stays:
        _waits_there(tx, ctx, found, lead, team)
    elif not stays:
        _goes_to_somebody(tx, ctx, found, lead, team)
    if kind is StrayKind.REP:
        now = handoffs.get(tx, found.id)
        detail: Detail = {"from": found.owner, "owner": now.owner if now else None, "label": _REP_LEFT}
        record_and_announce(tx, ctx, found, EventKind.REASSIGNED, detail)
    return _Went(kind, name, team.name, renamed=found.team in team.renamed_from)


def _next_team(tx: Connection, ctx: Context, found: LockedHandoff, lead: Lead) -> tuple[Team | None, bool]:
    """The team that is to have the lead, and whether its owner stays."""
    same = successor(ctx.book, found.team)
    if same is not None and (found.owner is None or may_hold(ctx.book, same, found.owner)):
        return same, True
    kept = found.state == HandoffState.ACCEPTED and found.owner is not None
    theirs = _team_of(tx, ctx, found.owner) if kept and found.owner else None
    if theirs is not None and same is None:
        return theirs, True
    return same or routing.team_for(ctx.book.current, facts_about(lead)), False


def _goes_to_team(tx: Connection, ctx: Context, found: LockedHandoff, team: Team) -> None:
    renamed = found.team in team.renamed_from
    label = (_RENAMED if renamed else _TEAM_LEFT).format(team=found.team)
    detail: Detail = {"team": team.name, "from_team": found.team, "label": label}
    record_and_announce(tx, ctx, found, EventKind.REROUTED, detail)
    handoffs.change(tx, found.id, {"team": team.name, **({} if renamed else {"pooled_at": None})})
    if found.card_place != team.channel:
        _card_in(tx, ctx, found, team)


def _card_in(tx: Connection, ctx: Context, found: LockedHandoff, team: Team) -> None:
    rank = rank_of(ctx.book.current, found.priority)
    posts.post_card(tx, ctx, handoff_id=found.id, lead_id=found.lead_id, channel=team.channel, rank=rank)


def _tell_admins(tx: Connection, ctx: Context, went: _Went, count: int) -> None:
    if went.kind is StrayKind.CHANNEL:
        return  # the cards are in the channel that the agreement names, for all to see
    leads = "1 open lead" if count == 1 else f"{count} open leads"
    became = f"{leads} offered to team {went.team}"
    if went.renamed:
        became = f"{leads} carried over to team {went.team}"
    if went.team is None:
        became = f"{leads} without a team; please choose an owner, or write renamed_from on a team"
    about: Detail = {"to": went.team, "leads": count, "label": became}
    about["team" if went.kind is StrayKind.TEAM else "user"] = went.name
    posts.tell_admins_team_gone(tx, ctx, about, once=went.team is None)


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
        hand_off.tell_nobody_can(tx, ctx, found.id, assigned.why)
        return
    give(tx, ctx, found, assigned.user, team)
    handoffs.change(tx, found.id, hand_off.columns_of_choice(ctx, assigned))
    tell_given(tx, ctx, [Given(found.id, assigned.user, _why(ctx, found))])


def _why(ctx: Context, found: LockedHandoff) -> str:
    gone = ctx.book.current.team(found.team) is None
    return _TEAM_LEFT.format(team=found.team) if gone else _REP_LEFT
