"""The rungs that take a lead from its owner and give it to nobody: open to the whole team, or to nurture."""

from __future__ import annotations

from bot.agreement.model import NOT_ACTED, Team
from bot.agreement.vocabulary import ReasonKind, Then
from bot.context import BATON
from bot.ladder.clock_rows import values_of
from bot.ladder.nagging import open_to_all, tell_manager
from bot.ladder.reassigning import LATE_WORDS, thread_line
from bot.ladder.round import Round
from bot.rules import sla
from bot.rules.lifecycle import LEGAL, Move
from bot.rules.roles import who_hears_of_rejections
from storage import handoffs, leads
from storage.clocks import ClockChange, Standing
from storage.models import ClockKind, DeliveryKind, EventKind, HandoffState, NagKind, SlaClock
from storage.models.details import Detail
from storage.models.values import ClockValues, HandoffValues, LeadValues
from storage.outbox import nags, posts
from storage.outbox.posts import Rank


def pool(pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, change: ClockChange) -> None:
    """Let anybody in the team claim the lead, with a fresh clock to accept.

    Once: then the manager chooses, as for a lead that somebody has contacted.
    """
    team, tx, now = pass_.team(handoff), pass_.tx, pass_.ctx.now
    accepted = handoff.state == HandoffState.ACCEPTED
    lead = leads.get(tx, handoff.lead_id)
    untouched = row.kind in (ClockKind.ACCEPT, ClockKind.FIRST_TOUCH)
    released = LEGAL.get((lead.stage, Move.RELEASE)) if lead is not None and untouched else None
    if team is None or row.owner is None or handoff.pooled_at is not None or (accepted and released is None):
        return tell_manager(pass_, row, handoff, moment.step, NagKind.CHOOSE)
    change |= {"stopped_at": now, "next_at": None}
    free: HandoffValues = {"owner": None, "owner_why": None, "given_at": None, "pooled_at": now}
    of_lead: LeadValues = {"owner": None, "updated_at": now}
    if accepted and released is not None:
        free |= {"state": HandoffState.WAITING, "accepted_at": None, "accepted_by": None}
        of_lead["stage"] = released
    handoffs.change(tx, handoff.id, free)
    leads.change(tx, handoff.lead_id, of_lead)
    start_for_all(pass_, row, handoff, team)
    open_to_all(pass_, row, handoff, moment.step)
    say(pass_, handoff, EventKind.POOLED, {"from": row.owner, "label": LATE_WORDS[row.kind]})
    return None


def start_for_all(pass_: Round, row: SlaClock, handoff: Standing, team: Team) -> None:
    """A clock to accept in the hours of all who are there."""
    now = pass_.ctx.now
    present = [rep.user for rep in team.reps if rep.user not in pass_.gone]
    agreement = pass_.agreement(row)
    known_team = agreement.team(team.name) or team
    clock = sla.start(agreement, ClockKind.ACCEPT, handoff.priority, known_team, None, now, present=present)
    if clock is not None:
        about: ClockValues = {"handoff_id": handoff.id, "lead_id": handoff.lead_id, "owner": None}
        kind: ClockValues = {"agreement_id": row.agreement_id, "kind": ClockKind.ACCEPT, "present": present}
        pass_.started.append({**values_of(clock), **about, **kind})


def marketing(
    pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, change: ClockChange
) -> None:
    """Give the lead back to nurture, because sales did not act; a deal stays, and the manager chooses."""
    tx, now = pass_.tx, pass_.ctx.now
    lead = leads.get(tx, handoff.lead_id)
    stage = LEGAL.get((lead.stage, Move.RECYCLE)) if lead is not None else None
    reason = pass_.agreement(row).reason(NOT_ACTED)
    if stage is None or reason is None or reason.kind is not ReasonKind.REJECT:
        return tell_manager(pass_, row, handoff, moment.step, NagKind.CHOOSE)
    until = now + reason.recycle.wall() if reason.recycle else None
    change |= {"stopped_at": now, "next_at": None}
    over: HandoffValues = {"reason": reason.code, "note": None, "closed_at": now, "pooled_at": None}
    if handoff.state == HandoffState.WAITING:
        over |= {"state": HandoffState.REJECTED, "rejected_at": now, "rejected_by": BATON}
    else:
        over |= {"state": HandoffState.CLOSED, "recycled_at": now}
    handoffs.change(tx, handoff.id, over)
    leads.change(tx, handoff.lead_id, {"stage": stage, "recycled_until": until, "updated_at": now})
    detail: Detail = {
        **{"reason": reason.code, "label": reason.label, "then": Then.NURTURE, "note": None},
        "until": until.isoformat() if until else None,
    }
    waiting = handoff.state == HandoffState.WAITING
    say(pass_, handoff, EventKind.REJECTED if waiting else EventKind.RECYCLED, detail)
    _tell_marketing(pass_, handoff, detail)
    return None


def _tell_marketing(pass_: Round, handoff: Standing, detail: Detail) -> None:
    body = {**detail, "by": BATON, "at": pass_.ctx.now.isoformat()}
    for place in who_hears_of_rejections(pass_.ctx.book, handoff.campaign):
        posts.post(
            pass_.tx,
            pass_.stamp,
            DeliveryKind.REJECTION,
            place=place,
            rank=Rank.FIRST,
            lead_id=handoff.lead_id,
            handoff_id=handoff.id,
            body=body,
        )


def say(pass_: Round, handoff: Standing, kind: EventKind, detail: Detail) -> None:
    """Into the history and the card's thread; card and reminders show how things are."""
    pass_.note(kind, handoff, detail)
    if handoff.card_id is not None:
        posts.post_all(pass_.tx, [thread_line(pass_, handoff, kind, detail)])
    shown = {row.id for row in nags.messages_about(pass_.tx, [handoff.id])}
    shown |= {handoff.card_id} if handoff.card_id is not None else set()
    posts.rewrite_all(pass_.tx, pass_.stamp, shown, rank=Rank.FIRST)
