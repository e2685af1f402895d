"""The rung that passes a lead on: to another rep by rotation, never to one who had it, at most twice.

The clock that was not kept stays with whoever had it; the next one gets a fresh and full clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.agreement.model import Team
from bot.context import BATON
from bot.ladder.clock_rows import team_and_rep, values_of
from bot.ladder.nagging import tell, tell_manager
from bot.ladder.passed_by import passed_by, tell_company_owner
from bot.ladder.roster import needed
from bot.ladder.round import Passing, Round
from bot.rules import routing, sla
from bot.rules.candidates import Candidate, Need, bar_of
from bot.rules.qualification import rank_of
from bot.rules.rotation import RotationState
from bot.rules.rungs import Follows, next_holder
from bot.rules.verdicts import decided, why_each
from storage import clocks, handoffs, leads, rotations
from storage.clocks import ClockChange, Standing
from storage.database.sql import known
from storage.handoffs import PassedOn
from storage.models import ClockKind, DeliveryKind, DeliveryState, EventKind, NagKind, SlaClock
from storage.models.details import Detail
from storage.models.values import ClockValues, DeliveryValues
from storage.outbox import nags, posts
from storage.outbox.bodies import HistoryBody
from storage.outbox.posts import Rank

LATE_WORDS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "nobody accepted it in time",
    ClockKind.FIRST_TOUCH: "no contact in time",
    ClockKind.OUTCOME: "no outcome in time",
    ClockKind.ANSWER: "no answer in time",
}


def is_anybody_able(pass_: Round, team: Team, handoff: Standing) -> bool:
    """Whether somebody of the team could take one more lead, on shift or not."""
    need = needed(pass_.current, team, handoff.priority, pass_.ctx.now)
    return any(is_able(team, each) for each in pass_.candidates(team, need))


def is_able(team: Team, candidate: Candidate) -> bool:
    """Whether nothing keeps somebody of the team from taking a lead."""
    rep = team.rep(candidate.user)
    return rep is not None and bar_of(candidate, rep) is None


def reassign(
    pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, change: ClockChange, _found: Follows
) -> None:
    """Take the lead from whoever has it. To whom it goes is settled once all of the round are known."""
    pass_.passings.append(Passing(row, handoff, moment.step, change, LATE_WORDS[row.kind]))


_Choose = Callable[[Round, Passing, Team, Need, list[Candidate], RotationState], routing.Choice]


def choose_all(pass_: Round) -> None:
    """Find who is to have each lead; where nobody can, or it went on twice, the manager must choose."""
    pass_on_each(pass_, choose_next)
    for each in pass_.passings:
        if each.user is None:
            tell_manager(pass_, each.row, each.handoff, each.step, NagKind.CHOOSE)
    stay = [
        each.row.id
        for each in pass_.passings
        if each.user is None and sla.may_reassign(each.handoff.reassigned)
    ]
    clocks.stay(pass_.tx, stay, pass_.ctx.now)


def choose_next(
    pass_: Round, each: Passing, team: Team, need: Need, candidates: list[Candidate], turns: RotationState
) -> routing.Choice:
    """Who has a late lead next, as things stand; nobody once it went on as often as it may by itself."""
    return next_holder(
        pass_.current,
        team,
        candidates,
        turns,
        holder=each.row.owner,
        need=need,
        times=each.handoff.reassigned,
    )


def pass_on_each(pass_: Round, choose: _Choose, *, companies: bool = False) -> None:
    """Let each lead of the round that changes hands go to whom this chooses, one after the other.

    `companies`: the owner of a lead's company is marked, and hears where a colleague gets it.
    """
    had = clocks.holders(pass_.tx, {each.handoff.id for each in pass_.passings})
    turns: dict[str, RotationState] = {}
    for each in pass_.passings:
        team = pass_.team(each.handoff)
        if team is None:
            continue
        if team.name not in turns:
            turns[team.name] = RotationState.from_json(rotations.rotation(pass_.tx, team.name))
        need = needed(pass_.current, team, each.handoff.priority, pass_.ctx.now)
        each.lead = leads.get(pass_.tx, each.handoff.lead_id) if companies else None
        candidates = pass_.candidates(team, need, had[each.handoff.id], each.lead)
        choice = choose(pass_, each, team, need, candidates, turns[team.name])
        turns[team.name] = choice.state
        if choice.user is not None:
            each.user, each.why = choice.user, choice.why
            each.choice = decided(choice, need, why_each(pass_.current, team, candidates, choice, need))
            if choice.among:
                turn: Detail = {"team": team.name, "user": choice.user, "why": choice.why}
                turn["among"] = dict(choice.among)
                pass_.note(EventKind.ASSIGNED, each.handoff, turn)
            if (passed := passed_by(pass_.current, team, candidates, each.choice)) is not None:
                tell_company_owner(pass_.tx, pass_.ctx, each.handoff.id, each.handoff.lead_id, passed)
            pass_.given(team, choice.user, each.handoff)
            _pass_on(pass_, each, team, choice.user)
    for name, state in sorted(turns.items()):
        rotations.set_rotation(pass_.tx, name, state.to_json())


def _pass_on(pass_: Round, each: Passing, team: Team, user: str) -> None:
    row, handoff, now = each.row, each.handoff, pass_.ctx.now
    each.change |= {"stopped_at": now, "next_at": None}
    agreement, kind = pass_.agreement(row), row.kind
    whose = team_and_rep(pass_.ctx.book, agreement, team.name, user)
    clock = sla.start(agreement, kind, handoff.priority, *whose, now)
    if clock is not None:
        about: ClockValues = {"handoff_id": handoff.id, "lead_id": handoff.lead_id, "owner": user}
        about |= {"agreement_id": row.agreement_id, "kind": kind, "present": None}
        fresh: ClockValues = {**values_of(clock), **about}
        pass_.started.append(fresh)
    tell(pass_, row, handoff, each.step, each.what, user, team)
    detail: Detail = {
        "from": row.owner,
        "owner": user,
        "why": each.why,
        "label": each.label,
        "clock": row.kind,
    }
    pass_.note(EventKind.REASSIGNED, handoff, detail)


def write(pass_: Round, *, first: bool = False) -> None:
    """Write down who has which lead now, and let the cards, their threads and earlier reminders show it.

    `first`: nobody had them before.
    """
    clocks.start_all(pass_.tx, pass_.started)
    passed = sorted((each for each in pass_.passings if each.user), key=lambda each: each.handoff.lead_id)
    if not passed:
        return
    given = [
        PassedOn(each.handoff.id, each.handoff.lead_id, each.user, each.why, each.choice)
        for each in passed
        if each.user
    ]
    handoffs.pass_on_all(pass_.tx, given, pass_.ctx.now, first=first)
    lines = [
        thread_line(pass_, each.handoff, EventKind.REASSIGNED, {"owner": each.user, "label": each.label})
        for each in passed
        if each.handoff.card_id is not None
    ]
    posts.post_all(pass_.tx, lines)
    reminders = nags.messages_about(pass_.tx, [each.handoff.id for each in passed])
    shown = {each.handoff.card_id for each in passed if each.handoff.card_id is not None}
    shown |= {row.id for row in reminders}
    posts.rewrite_all(pass_.tx, pass_.stamp, shown, rank=Rank.FIRST)


def thread_line(pass_: Round, handoff: Standing, kind: EventKind, detail: Detail) -> DeliveryValues:
    """A line of history for the thread of a lead's card, or of the list in which it stands as a row."""
    listed = handoff.card_state == DeliveryState.LISTED
    body: HistoryBody = {
        "event": kind,
        "actor": BATON,
        "at": pass_.ctx.now.isoformat(),
        "detail": detail,
    }
    return posts.new_post(
        pass_.stamp,
        DeliveryKind.HISTORY,
        place=known(handoff.card_place),
        rank=rank_of(pass_.current, handoff.priority),
        lead_id=handoff.lead_id,
        handoff_id=handoff.id,
        thread_id=handoff.card_list if listed else handoff.card_id,
        body=body,
    )
