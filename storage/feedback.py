"""What people say of the playbook: which content helped, and what was missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from storage.database.sql import Query, upsert
from storage.models import content_feedback
from storage.models.values import FeedbackValues

MISSING = "missing"
"""The subject of what was missing; any other subject is the address of a piece of content."""


class Missed:
    """For a persona and a journey stage something was missing: how often, and one of the notes."""

    persona: str | None
    journey: str | None
    times: int
    note: str | None


_MISSED = Query(
    Missed,
    select(
        content_feedback.c.persona,
        content_feedback.c.journey,
        func.count().label("times"),
        func.max(content_feedback.c.note).label("note"),
    )
    .where(content_feedback.c.subject == MISSING, content_feedback.c.at >= bindparam("since"))
    .group_by(content_feedback.c.persona, content_feedback.c.journey)
    .order_by(func.count().desc())
    .limit(bindparam("most")),
)


def say(tx: Connection, values: FeedbackValues) -> None:
    """Keep what somebody says; what they said of the same subject for the same handoff before is replaced."""
    statement = upsert(tx, content_feedback).values(**values)
    changed = {name: statement.excluded[name] for name in ("at", "helped", "persona", "journey", "note")}
    same = ["handoff_id", "user_id", "subject"]
    tx.execute(statement.on_conflict_do_update(index_elements=same, set_=changed))


def helped_by(tx: Connection, handoff_id: int, user_id: str) -> frozenset[str]:
    """The addresses of the content of which somebody said, for this handoff, that it helped."""
    statement = select(content_feedback.c.subject).where(
        content_feedback.c.handoff_id == handoff_id,
        content_feedback.c.user_id == user_id,
        content_feedback.c.helped,
    )
    return frozenset(tx.execute(statement).scalars())


def missed_most(tx: Connection, since: datetime, *, limit: int) -> Sequence[Missed]:
    """For which personas and journey stages something was missing, the most often missed first."""
    return _MISSED.all(tx, {"since": since, "most": limit})
