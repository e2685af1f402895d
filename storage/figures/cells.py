"""How leads of each grade, and leads that met each scoring rule, fared: what a calibration rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)

from storage.figures.scope import Condition, Scope, cohort, same_name, tally, within
from storage.models import activities, handoffs, leads

MOST_RULES = 62
"""So many fit into one number, a bit for each."""

_h = handoffs.c
_CLOSED = or_(_h.won_at.is_not(None), _h.lost_at.is_not(None))
_OPEN = and_(_h.opportunity_at.is_not(None), _h.closed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Cell:
    """Leads of one grade that meet the same rules, and what became of them.

    `exempt`: they did what is handed off whatever the line. `by_hand`: marketing said that they qualify.
    `half` is 0 or 1, by what has nothing to do with them. `met` has a bit for each rule. `deals` are won or
    still open; `revenue` is in hundredths of `currency`, which only won deals have.
    """

    grade: str
    exempt: bool
    by_hand: bool
    half: int
    met: int
    leads: int
    handed_off: int
    accepted: int
    rejected: int
    won: int
    closed: int
    deals: int
    revenue: int
    currency: str | None = None


def cells(tx: Connection, scope: Scope, always: Sequence[str], rules: Sequence[Sequence[str]]) -> list[Cell]:
    """The cells of a scope: its handoffs, and the leads that came in and were never handed off.

    `always` are the types of activity that are handed off whatever the grade; `rules` the words under which
    each rule stands, or ever stood, among a lead's reasons.
    """
    known = rules[:MOST_RULES]
    return [*_handed_off(tx, scope, always, known), *_kept(tx, scope, known)]


def _handed_off(
    tx: Connection, scope: Scope, always: Sequence[str], rules: Sequence[Sequence[str]]
) -> list[Cell]:
    raised = (
        exists().where(
            activities.c.lead_id == _h.lead_id,
            activities.c.type.in_(list(always)),
            activities.c.at <= _h.handed_at,
        )
        if always
        else false()
    )
    keys = (
        _h.grade,
        raised.label("exempt"),
        leads.c.qualified,
        (_h.lead_id % 2).label("half"),
        _met(cast(_h.why, Text), rules).label("met"),
        case((_h.won_at.is_not(None), _h.currency)).label("paid_in"),
    )
    counts = (
        tally(_h.id.is_not(None)),
        tally(_h.accepted_at.is_not(None)),
        tally(_h.rejected_at.is_not(None)),
        tally(_h.won_at.is_not(None)),
        tally(_CLOSED),
        tally(or_(_h.won_at.is_not(None), _OPEN)),
        func.coalesce(func.sum(case((_h.won_at.is_not(None), _h.amount_minor))), 0),
    )
    statement = (
        select(*keys, *counts)
        .select_from(handoffs.join(leads, leads.c.id == _h.lead_id))
        .where(cohort(scope))
        .group_by(*keys)
    )
    found = []
    for grade, exempt, by_hand, half, met, paid_in, *numbers in tx.execute(statement):
        handed, accepted, rejected, won, closed, deals, revenue = map(int, numbers)
        key = grade, bool(exempt), bool(by_hand), int(half), int(met)
        found.append(Cell(*key, handed, handed, accepted, rejected, won, closed, deals, revenue, paid_in))
    return found


def _kept(tx: Connection, scope: Scope, rules: Sequence[Sequence[str]]) -> list[Cell]:
    """Leads that came in and never went to sales; none where a team is asked for, since they have none."""
    if scope.team is not None:
        return []
    conditions: list[Condition] = [
        within(leads.c.created_at, scope),
        leads.c.grade.is_not(None),
        leads.c.merged_into.is_(None),
        ~exists().where(_h.lead_id == leads.c.id),
    ]
    if scope.campaign is not None:
        conditions.append(same_name(leads.c.campaign, scope.campaign))
    keys = (
        leads.c.grade,
        (leads.c.id % 2).label("half"),
        _met(cast(leads.c.why, Text), rules).label("met"),
    )
    statement = select(*keys, func.count()).where(*conditions).group_by(*keys)
    return [
        Cell(grade, False, False, int(half), int(met), count, 0, 0, 0, 0, 0, 0, 0)
        for grade, half, met, count in tx.execute(statement)
    ]


def _met(why: ColumnElement[Any], rules: Sequence[Sequence[str]]) -> ColumnElement[int]:
    """A number with a bit for each rule that the reasons name."""
    bits: ColumnElement[int] = literal(0, BigInteger)
    for place, words in enumerate(rules):
        if words:
            named = or_(*(_mentions(why, each) for each in words))
            bits = bits + case((named, literal(1 << place, BigInteger)), else_=literal(0, BigInteger))
    return bits


def _mentions(why: ColumnElement[Any], words: str) -> Condition:
    """The reasons hold one that begins with these words: they are a JSON list of texts."""
    written = json.dumps(words)[1:-1]  # as it stands in the column
    escaped = written.replace("~", "~~").replace("%", "~%").replace("_", "~_")
    return why.like(f'%"{escaped} %', escape="~")
