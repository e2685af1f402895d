"""Why a figure of the report is what it is: what happened to the leads behind it, in order."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.context import Context
from bot.digest import asking
from bot.digest.words import figure_name
from bot.lookups.cards import lead_facts
from bot.lookups.history import line_of
from bot.views.digest.why import LEADS_SHOWN, LeadStory, why_answer
from bot.views.message import Rendered
from bot.views.status import Told
from storage import history, leads
from storage.models import EventKind

TELLING = (
    *(EventKind.CREATED, EventKind.RETURNED, EventKind.HANDED_OFF, EventKind.RAISED, EventKind.ACCEPTED),
    *(EventKind.REJECTED, EventKind.REROUTED, EventKind.MERGED, EventKind.REASSIGNED, EventKind.POOLED),
    *(EventKind.TOUCHED, EventKind.SNOOZED, EventKind.MORE_TIME, EventKind.UNDONE, EventKind.CLOCK_BREACHED),
    *(EventKind.SQL, EventKind.OPPORTUNITY, EventKind.WON, EventKind.LOST, EventKind.RECYCLED),
    *(EventKind.DISQUALIFIED, EventKind.AGREED, EventKind.RESUBMITTED, EventKind.CONTESTED),
    *(EventKind.UPHELD, EventKind.OVERTURNED),
)
"""The events that make figures."""
_MOST = 50
"""So many events of one lead are fetched; fewer are shown."""


def why_figure(tx: Connection, ctx: Context, asked: asking.Asked) -> Rendered:
    """The leads behind a figure, the first to come first, each with what happened since the period began.

    Raises Unanswerable for a figure that there is not.
    """
    span, key = asked.question.span, asked.key or ""
    found = asking.leads_behind(tx, ctx.book, asked.question, key, ctx.now, LEADS_SHOWN)
    stories = []
    for lead_id in found.lead_ids:
        lead = leads.get(tx, lead_id)
        rows, whole = history.newest_of_kinds(tx, lead_id, TELLING, limit=_MOST)
        told = tuple(Told(row.at, line_of(row)) for row in rows if row.at >= span.since)
        if lead is not None:
            stories.append(LeadStory(lead_facts(lead), told, older=not whole and len(told) == len(rows)))
    stories.sort(key=lambda each: each.told[0].at if each.told else ctx.now)
    title = f"{figure_name(found.key)}, {span.title}"
    return why_answer(title, found.count, stories, f"leads {found.key} {asked.words}")
