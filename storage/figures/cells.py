"""How leads of each grade, and leads that met each scoring criterion, fared: what a calibration rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, exists, false, or_, select

from storage.figures.scope import Condition, Scope, cohort, tally
from storage.models import activities, handoffs, leads

_h = handoffs.c
_CLOSED = or_(_h.won_at.is_not(None), _h.lost_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Cell:
    """The handoffs of one grade. `exempt`: they would have been handed off whatever the line."""

    grade: str
    exempt: bool
    handed_off: int
    accepted: int
    rejected: int
    won: int
    closed: int


def cells(tx: Connection, scope: Scope, always: Sequence[str]) -> list[Cell]:
    """The cells of a scope. `always` are the types of activity that are handed off whatever the grade."""
    raised = (
        exists().where(
            activities.c.lead_id == _h.lead_id,
            activities.c.type.in_(list(always)),
            activities.c.at <= _h.handed_at,
        )
        if always
        else false()
    )
    exempt = or_(leads.c.qualified, raised).label("exempt")
    statement = (
        select(
            _h.grade,
            exempt,
            tally(_h.id.is_not(None)),
            tally(_h.accepted_at.is_not(None)),
            tally(_h.rejected_at.is_not(None)),
            tally(_h.won_at.is_not(None)),
            tally(_CLOSED),
        )
        .select_from(handoffs.join(leads, leads.c.id == _h.lead_id))
        .where(cohort(scope))
        .group_by(_h.grade, exempt)
    )
    return [Cell(grade, bool(flag), *counts) for grade, flag, *counts in tx.execute(statement)]


def criteria(tx: Connection, scope: Scope, reasons: Sequence[str]) -> list[tuple[int, int]]:
    """Accepted and rejected of the handoffs that met each criterion, by its words, in their order."""
    if not reasons:
        return []
    columns: list[ColumnElement[int]] = []
    for words in reasons:
        met = _mentions(words)
        # What is cheap to see comes first, so that no row is searched for the words more than once.
        columns.append(tally(and_(_h.accepted_at.is_not(None), met)))
        columns.append(tally(and_(_h.rejected_at.is_not(None), met)))
    row: Sequence[Any] = tx.execute(select(*columns).where(cohort(scope))).one()
    return [(int(row[i]), int(row[i + 1])) for i in range(0, len(row), 2)]


def _mentions(words: str) -> Condition:
    """The handoff's reasons hold one that begins with these words: they are a JSON list of texts."""
    written = json.dumps(words)[1:-1]  # as it stands in the column
    escaped = written.replace("~", "~~").replace("%", "~%").replace("_", "~_")
    return cast(_h.why, Text).like(f'%"{escaped} %', escape="~")
