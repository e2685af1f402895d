"""The rungs that take a lead from its owner and give it to nobody: open to the whole team, or to nurture."""

from __future__ import annotations

from bot.agreement.model import NOT_ACTED, Team
from bot.agreement.vocabulary import Then
from bot.context import BATON
from bot.ladder.clock_rows import values_of
from bot.ladder.nagging import open_to_all, tell_manager
from bot.ladder.reassigning import LATE_WORDS, thread_line
from bot.ladder.round import Round
from bot.rules import sla
from bot.rules.roles import who_hears_of_rejections
from bot.rules.rungs import Follows, clock_for_all
from storage import handoffs, leads
from storage.clocks import ClockChange, Standing
from storage.models import ClockKind, DeliveryKind, EventKind, HandoffState, NagKind, SlaClock
from storage.models.details import Detail
from storage.models.values import ClockValues
from storage.outbox import nags, posts
from storage.outbox.posts import Rank


def pool(
    pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, change: ClockChange, found: Follows
) -> None:
    """Let anybody in the team claim the lead, with a fresh clock to accept.

    Once: then the manager chooses, as for a lead that somebody has contacted.
    """
    team = pass_.team(handoff)
    if not found.stops or team is None:
        return tell_manager(pass_, row, handoff, moment.step, NagKind.CHOOSE)
    _write(pass_, handoff, change, found)
    start_for_all(pass_, row, handoff, team)
    open_to_all(pass_, row, handoff, moment.step)
    say(pass_, handoff, EventKind.POOLED, {"from": row.owner, "label": LATE_WORDS[row.kind]})
    return None


def _write(pass_: Round, handoff: Standing, change: ClockChange, found: Follows) -> None:
    change |= {"stopped_at": pass_.ctx.now, "next_at": None}
    handoffs.change(pass_.tx, handoff.id, found.handoff)
    leads.change(pass_.tx, handoff.lead_id, found.lead)


def start_for_all(pass_: Round, row: SlaClock, handoff: Standing, team: Team) -> None:
    """A clock to accept in the hours of all who are there."""
    present = [rep.user for rep in team.reps if rep.user not in pass_.gone]
    clock = clock_for_all(pass_.agreement(row), team, handoff.priority, present, pass_.ctx.now)
    if clock is not None:
        about: ClockValues = {"handoff_id": handoff.id, "lead_id": handoff.lead_id, "owner": None}
        kind: ClockValues = {"agreement_id": row.agreement_id, "kind": ClockKind.ACCEPT, "present": present}
        pass_.started.append({**values_of(clock), **about, **kind})


def marketing(
    pass_: Round, row: SlaClock, handoff: Standing, moment: sla.Moment, change: ClockChange, found: Follows
) -> None:
    """Give the lead back to nurture, because sales did not act; a deal stays, and the manager chooses."""
    reason = pass_.agreement(row).reason(NOT_ACTED)
    if not found.stops or reason is None:
        return tell_manager(pass_, row, handoff, moment.step, NagKind.CHOOSE)
    _write(pass_, handoff, change, found)
    until = found.lead.get("recycled_until")
    detail: Detail = {
        **{"reason": reason.code, "label": reason.label, "then": Then.NURTURE, "note": None},
        "until": until.isoformat() if until else None,
    }
    rejects = found.handoff.get("state") is HandoffState.REJECTED
    say(pass_, handoff, EventKind.REJECTED if rejects else EventKind.RECYCLED, detail)
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
