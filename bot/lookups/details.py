"""Everything known of a lead, gathered for its modal."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.agreement.fields import activity_name
from bot.context import Context
from bot.errors import LeadNotFound
from bot.lookups.cards import advice_for, colleagues_of, lead_facts, running_clock
from bot.lookups.history import line_of
from bot.lookups.judgement import scored_of
from bot.lookups.status import next_steps
from bot.pressed import require_own
from bot.rules.roles import MAY, Permission, roles_of
from bot.views.details import (
    ACTIVITIES_SHOWN,
    HISTORY_SHOWN,
    Commitment,
    Details,
    DidLine,
    Score,
    ScoreLine,
    ended_words,
)
from bot.views.status import Told
from storage import clocks, feedback, handoffs, history, leads, newest
from storage.models import ClockKind, Handoff, Lead
from storage.outbox import links

OWED_WORDS: Mapping[ClockKind, str] = {
    ClockKind.ACCEPT: "Accept or reject",
    ClockKind.FIRST_TOUCH: "First contact",
    ClockKind.OUTCOME: "Outcome",
    ClockKind.ANSWER: "Marketing's answer",
}
_CLOCKS_SHOWN = 20


def details_of(tx: Connection, ctx: Context, lead_id: int) -> Details:
    """All of a lead, or of the one that it was merged into. Raises LeadNotFound. Everybody may read it."""
    lead = leads.get(tx, leads.survivor(tx, lead_id))
    if lead is None:
        raise LeadNotFound(f"#{lead_id}")
    handoff = handoffs.latest_of_lead(tx, lead.id)
    events = history.of_lead(tx, lead.id, limit=HISTORY_SHOWN)
    return Details(
        lead_facts(lead),
        lead.created_at,
        handoff_id=handoff.id if handoff is not None else None,
        team=handoff.team if handoff is not None else None,
        owner=handoff.owner if handoff is not None else lead.owner,
        owner_why=handoff.owner_why if handoff is not None else None,
        clock=running_clock(tx, ctx.book, handoff) if handoff is not None else None,
        score=_score(tx, ctx, lead),
        advice=advice_for(tx, ctx.book.current, lead),
        colleagues=colleagues_of(tx, lead),
        commitments=_commitments(tx, lead.id),
        history=tuple(Told(row.at, line_of(row)) for row in events),
        history_total=history.count_of_lead(tx, lead.id),
        external_ids=tuple(f"{system}:{each}" for system, each in leads.aliases(tx, lead.id)),
        said=feedback.helped_by(tx, handoff.id, ctx.actor) if handoff is not None else frozenset(),
        may=next_steps(tx, ctx, handoff) if handoff is not None else frozenset(),
        card_url=links.of_handoffs(tx, [handoff.id]).get(handoff.id) if handoff is not None else None,
        may_advise=handoff is not None and _may_advise(ctx, handoff),
    )


def details_of_handoff(tx: Connection, ctx: Context, handoff_id: int) -> Details:
    """The same, for the lead of a handoff. Raises LeadNotFound."""
    handoff = handoffs.get(tx, handoff_id)
    if handoff is None:
        raise LeadNotFound(f"handoff {handoff_id}")
    require_own(handoff.id, handoff.token)
    return details_of(tx, ctx, handoff.lead_id)


def _score(tx: Connection, ctx: Context, lead: Lead) -> Score:
    judged, activities = scored_of(tx, ctx.book.current, lead, ctx.now)
    lines = (ScoreLine(why.text, str(why.half_life) if why.half_life else None) for why in judged.why)
    return Score(
        judged.grade,
        judged.priority,
        judged.fit_points,
        judged.engagement_points,
        tuple(lines),
        judged.reason_qualified,
        tuple(
            DidLine(each.activity.at, activity_name(each.activity.type), each.points, each.because)
            for each in activities[:ACTIVITIES_SHOWN]
        ),
        newest.count(tx, lead.id),
    )


def _commitments(tx: Connection, lead_id: int) -> tuple[Commitment, ...]:
    return tuple(
        Commitment(
            OWED_WORDS[row.kind],
            row.owner,
            row.due_at,
            ended_words(row.met_at, row.met_by, row.breached_at, stopped=row.stopped_at is not None),
        )
        for row in clocks.of_lead(tx, lead_id)[-_CLOCKS_SHOWN:]
    )


def _may_advise(ctx: Context, handoff: Handoff) -> bool:
    team = ctx.book.current.team(handoff.team)
    return bool(MAY[Permission.SAY_WHAT_HELPED] & roles_of(ctx.book, ctx.actor, team, handoff.owner))
