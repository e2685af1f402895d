"""What people say of the playbook: "this helped", or what was missing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs.shared import require_handoff
from bot.lookups.cards import advice_for
from bot.rules.roles import Permission, require
from storage import feedback, history
from storage.models import EventKind
from storage.models.details import Detail
from storage.models.values import FeedbackValues


@dataclass(frozen=True, slots=True)
class Helped:
    """A piece of content, named by its address, helped with a lead."""

    handoff_id: int
    url: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that would have helped with a lead was not there, in the person's own words."""

    handoff_id: int
    note: str


def say_helped(tx: Connection, ctx: Context, said: Helped) -> int:
    """Keep it; saying it again changes nothing. Gives the lead's id. Raises HandoffNotFound or NotAllowed."""
    return _say(tx, ctx, said.handoff_id, said.url, None)


def say_missing(tx: Connection, ctx: Context, said: Missing) -> int:
    """Keep it for marketing, whose Home shows what is missing most often. Gives the lead's id.

    Raises HandoffNotFound, NotAllowed or InvalidInput.
    """
    if not said.note.strip():
        raise InvalidInput({"note": "What was missing? A few words are enough."})
    return _say(tx, ctx, said.handoff_id, feedback.MISSING, said.note.strip())


def _say(tx: Connection, ctx: Context, handoff_id: int, subject: str, note: str | None) -> int:
    handoff, lead = require_handoff(tx, handoff_id)
    team = ctx.book.current.team(handoff.team)
    require(ctx.book, ctx.actor, Permission.SAY_WHAT_HELPED, team, handoff.owner)
    advice = advice_for(tx, ctx.book.current, lead)
    said: FeedbackValues = {
        "at": ctx.now,
        "user_id": ctx.actor,
        "lead_id": lead.id,
        "handoff_id": handoff.id,
        "subject": subject,
        "helped": subject != feedback.MISSING,
        "persona": advice.persona if advice else None,
        "journey": advice.journey if advice else None,
        "note": note,
    }
    feedback.say(tx, said)
    kind = EventKind.CONTENT_MISSING if subject == feedback.MISSING else EventKind.CONTENT_HELPED
    detail: Detail = {"url": None if subject == feedback.MISSING else subject, "note": note}
    history.record(tx, ctx.stamp, kind, lead_id=lead.id, handoff_id=handoff.id, detail=detail)
    return lead.id
