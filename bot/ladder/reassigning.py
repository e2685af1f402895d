"""The rung that passes a lead on: to another rep by rotation, never to one who had it, at most twice.

The clock that was not kept stays with whoever had it; the next one gets a fresh and full clock.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import routing, sla
from bot.agreement.model import Team
from bot.candidates import bar_of
from bot.clockwork import columns_of, team_and_rep
from bot.context import BATON
from bot.handoffs.showing import rank_of
from bot.ladder.nagging import ASSIGNED, CHOOSE, tell, tell_manager
from bot.ladder.round import Passing, Round
from bot.rotation import RotationState
from bot.routing import Candidate
from storage import clocks, handoffs, nags, outbox
from storage.models import ClockKind, DeliveryKind, DeliveryState
from storage.outbox import Rank
from storage.sql import Record

LATE = {
    ClockKind.ACCEPT: "nobody had taken it in time",
    ClockKind.FIRST_TOUCH: "there was no contact in time",
    ClockKind.OUTCOME: "there was no outcome in time",
}


def is_able(team: Team, candidate: Candidate) -> bool:
    """Whether somebody could take one more lead, on shift or not."""
    rep = team.rep(candidate.user)
    return rep is not None and bar_of(candidate, rep) is None


def reassign(it: Round, row: Record, handoff: Record, moment: sla.Moment, change: dict[str, Any]) -> None:
    """Take the lead from whoever has it. To whom it goes is settled once all of the round are known."""
    it.passings.append(Passing(row, handoff, moment.step, change))


def choose_all(it: Round) -> None:
    """Find who is to have each lead; where nobody can, or it went on twice, the manager must choose."""
    had = clocks.holders(it.tx, {each.handoff.lead_id for each in it.passings})
    turns: dict[str, RotationState] = {}
    for each in it.passings:
        team = it.team(each.handoff)
        if team is not None and each.handoff.reassigned < sla.REASSIGNMENTS:
            if team.name not in turns:
                turns[team.name] = RotationState.from_json(handoffs.rotation(it.tx, team.name))
            choice = _choose(it, team, had[each.handoff.lead_id], turns[team.name])
            turns[team.name], each.user, each.why = choice.state, choice.user, choice.why
        if team is None or each.user is None:
            tell_manager(it, each.row, each.handoff, each.step, CHOOSE)
        else:
            _pass_on(it, each, team, each.user)
    for name, state in sorted(turns.items()):
        handoffs.set_rotation(it.tx, name, state.to_json())


def _choose(it: Round, team: Team, had: set[str], turns: RotationState) -> routing.Choice:
    roster = it.roster(team)
    candidates = [replace(one, held_before=one.user in had) for one in roster]
    choice = routing.choose(it.current, team, candidates, turns)
    for n, one in enumerate(roster):
        if one.user == choice.user:
            roster[n] = replace(one, open_leads=one.open_leads + 1)
    return choice


def _pass_on(it: Round, each: Passing, team: Team, user: str) -> None:
    row, handoff, now = each.row, each.handoff, it.ctx.now
    each.change |= {"stopped_at": now, "next_at": None}
    agreement, kind = it.agreement(row), ClockKind(row.kind)
    whose = team_and_rep(it.ctx.book, agreement, team.name, user)
    clock = sla.start(agreement, kind, handoff.priority, *whose, now)
    if clock is not None:
        same = {"handoff_id": handoff.id, "lead_id": handoff.lead_id, "agreement_id": row.agreement_id}
        it.started.append({**columns_of(clock), **same, "kind": kind, "owner": user})
    tell(it, row, handoff, each.step, ASSIGNED, user, team)
    detail = {"from": row.owner, "owner": user, "why": each.why, "label": LATE[kind], "clock": row.kind}
    it.note("lead.reassigned", handoff, detail)


def write(it: Round) -> None:
    """Write down who has which lead now, and let the cards, their threads and earlier reminders show it."""
    clocks.start_all(it.tx, it.started)
    passed = sorted((each for each in it.passings if each.user), key=lambda each: int(each.handoff.lead_id))
    if not passed:
        return
    rows = [
        {
            "handoff": each.handoff.id,
            "lead": each.handoff.lead_id,
            "user": each.user,
            "because": each.why,
            "now": it.ctx.now,
        }
        for each in passed
    ]
    handoffs.pass_on_all(it.tx, rows)
    outbox.post_all(it.tx, [_history(it, each) for each in passed if each.handoff.card_id is not None])
    reminders = nags.messages_about(it.tx, [each.handoff.id for each in passed])
    shown = {each.handoff.card_id for each in passed if each.handoff.card_id is not None}
    shown |= {row.id for row in reminders}
    outbox.rewrite_all(it.tx, shown, rank=Rank.FIRST, now=it.ctx.wire, trace=it.ctx.trace)


def _history(it: Round, each: Passing) -> dict[str, Any]:
    handoff, ctx = each.handoff, it.ctx
    listed = handoff.card_state == DeliveryState.LISTED
    detail = {"owner": each.user, "label": LATE[ClockKind(each.row.kind)]}
    return outbox.new_post(
        DeliveryKind.HISTORY,
        place=handoff.card_place,
        rank=rank_of(it.current, handoff.priority),
        now=ctx.wire,
        trace=ctx.trace,
        lead_id=handoff.lead_id,
        handoff_id=handoff.id,
        thread_id=handoff.card_list if listed else handoff.card_id,
        body={"event": "lead.reassigned", "actor": BATON, "at": ctx.now.isoformat(), "detail": detail},
    )
