"""The leads behind any figure: each has a key, and a key names the very condition that was counted.

Keys read `[campaign.<name>.|team.<name>.|rep.<user>.]<figure>`, where a figure is a milestone (`accepted`,
`rejected:too_small+wrong_role`), a clock (`accept.missed`, `missed`), a cause (`cause.rep.accept`), a deal
(`pipeline.USD`, `revenue.none` for deals without a currency), an answer to a rejection (`disputes.upheld`), a
reminder (`nags.nudge`), a time (`accept_wall`: the leads that were timed) or a grade (`grade.A1`).
`reasons.too_small` is short for `rejected:too_small`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, literal_column, not_, or_, select

from storage.figures import commitments, deals, disputes, milestones, reminders
from storage.figures.scope import Condition, Scope, cohort
from storage.figures.times import Measure, taken
from storage.models import Cause, ClockKind, clocks, handoffs, leads, nags

NO_CURRENCY = "none"
UNKNOWN_CAUSE = "unknown"

Found = tuple[FromClause, Condition]


class UnknownFigure(ValueError):
    """No figure has this key."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"there is no figure “{key}”")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a figure counted. `count` is the figure itself; the leads are the newest, each once."""

    key: str
    count: int
    lead_ids: tuple[int, ...]


def count(tx: Connection, scope: Scope, key: str) -> int:
    """A figure by its key. Raises UnknownFigure for a key that none has."""
    source, condition = _locate(scope, key)
    return int(tx.execute(select(func.count()).select_from(source).where(condition)).scalar_one())


def behind(tx: Connection, scope: Scope, key: str, *, limit: int = 100) -> Evidence:
    """The leads behind a figure. Raises UnknownFigure for a key that none has."""
    source, condition = _locate(scope, key)
    # The sum keeps SQLite from walking all handoffs by the index on leads for the sake of the grouping.
    lead = handoffs.c.lead_id + literal_column("0")
    newest = func.max(handoffs.c.handed_at)
    ids = (
        select(lead).select_from(source).where(condition).group_by(lead).order_by(newest.desc(), lead.desc())
    )
    found = tx.execute(ids.limit(limit)).scalars()
    return Evidence(key, count(tx, scope, key), tuple(int(one) for one in found))


def employees(tx: Connection, scope: Scope, key: str, *, limit: int = 500) -> list[int]:
    """How many employees the companies behind a figure have, in order, where it is known."""
    source, condition = _locate(scope, key)
    behind_it = select(handoffs.c.lead_id).select_from(source).where(condition).limit(limit)
    sizes = select(leads.c.employees).where(leads.c.id.in_(behind_it), leads.c.employees.is_not(None))
    return list(tx.execute(sizes.order_by(leads.c.employees)).scalars())


def _locate(scope: Scope, key: str) -> Found:
    if found := _figure(scope, key, None):
        return found
    kind, _, rest = key.partition(".")
    pieces = rest.split(".") if kind in ("campaign", "team", "rep") else []
    for size in (2, 1):  # of the figure; the name between may have dots of its own
        if len(pieces) <= size:
            continue
        narrowed, person = _narrowed(scope, kind, ".".join(pieces[:-size]))
        if found := _figure(narrowed, ".".join(pieces[-size:]), person):
            return found
    raise UnknownFigure(key)


def _narrowed(scope: Scope, kind: str, name: str) -> tuple[Scope, str | None]:
    """The scope of a group; of a group within the campaign or team that was asked for, only what is both."""
    if kind == "rep":
        return scope, name
    asked = scope.campaign if kind == "campaign" else scope.team
    if asked is not None and asked.casefold() != name.casefold():
        raise UnknownFigure(f"{kind}.{name}")
    return (replace(scope, campaign=name) if kind == "campaign" else replace(scope, team=name)), None


def _figure(scope: Scope, figure: str, person: str | None) -> Found | None:
    head, _, tail = figure.partition(".")
    finder = _milestone if ":" in figure else _SIMPLE.get(figure) or _HEADS.get(head)
    found = finder(scope, figure, tail) if finder else None
    if found is None or person is None:
        return found
    source, condition = found
    return source, and_(condition, _held_by(source, figure, person))


def _held_by(source: FromClause, figure: str, person: str) -> Condition:
    if source is commitments.JOINED and figure in set(Measure):
        return func.coalesce(clocks.c.owner, clocks.c.met_by) == person
    if source is commitments.JOINED:  # a rep is not held to what was not theirs
        own = or_(clocks.c.cause.is_(None), clocks.c.cause == Cause.REP)
        return and_(clocks.c.owner == person, own)
    if source is reminders.NAGS:
        return nags.c.place == person
    columns: Mapping[str, ColumnElement[str | None]] = {
        "accepted": handoffs.c.accepted_by,
        "touched": handoffs.c.touched_by,
        "rejected": handoffs.c.rejected_by,
        "disputes": handoffs.c.rejected_by,
    }
    return columns.get(re.split(r"[.:]", figure)[0], handoffs.c.owner) == person


def _milestone(scope: Scope, figure: str, _tail: str) -> Found | None:
    name, narrowed, reasons = figure.partition(":")
    if name not in milestones.MEASURES:
        return None
    condition = and_(cohort(scope), milestones.MEASURES[name](scope.as_of or scope.now))
    if narrowed:  # no code stands for a rejection that named none
        condition = and_(condition, func.coalesce(handoffs.c.reason, "").in_(reasons.split("+")))
    return handoffs, condition


def _complete(scope: Scope, figure: str, _tail: str) -> Found:
    joined = handoffs.join(leads, leads.c.id == handoffs.c.lead_id)
    wanted = milestones.COMPLETE if figure == "complete" else not_(milestones.COMPLETE)
    return joined, and_(cohort(scope), wanted)


def _reason(scope: Scope, _figure: str, code: str) -> Found | None:
    return _milestone(scope, f"rejected:{code}", "")


def _of_kinds(scope: Scope, measure: str, kinds: tuple[ClockKind, ...]) -> Condition:
    families = (commitments.SHORT_KINDS, commitments.LONG_KINDS)
    chosen = [tuple(kind for kind in family if kind in kinds) for family in families]
    return and_(
        commitments.MEASURES[measure](scope.now),
        or_(*(commitments.of_scope(scope, family) for family in chosen if family)),
    )


def _clock(scope: Scope, figure: str, tail: str) -> Found | None:
    kind = ClockKind(figure.partition(".")[0])
    if tail not in commitments.MEASURES:
        return None
    return commitments.JOINED, _of_kinds(scope, tail, (kind,))


def _all_clocks(scope: Scope, figure: str, _tail: str) -> Found:
    return commitments.JOINED, _of_kinds(scope, figure, commitments.SALES_KINDS)


def _cause(scope: Scope, _figure: str, tail: str) -> Found | None:
    cause, _, kind = tail.partition(".")
    if kind and kind not in set(ClockKind):
        return None
    kinds = (ClockKind(kind),) if kind else tuple(ClockKind)
    measure = "excused" if cause == Cause.OUTAGE else "missed"
    same = clocks.c.cause.is_(None) if cause == UNKNOWN_CAUSE else clocks.c.cause == cause
    return commitments.JOINED, and_(_of_kinds(scope, measure, kinds), same)


def _deal(where: Callable[[Scope], Condition]) -> Callable[[Scope, str, str], Found]:
    def found(scope: Scope, _figure: str, currency: str) -> Found:
        if not currency:
            return handoffs, where(scope)
        column = handoffs.c.currency
        same = column.is_(None) if currency == NO_CURRENCY else column == currency
        return handoffs, and_(where(scope), same)

    return found


def _dispute(scope: Scope, _figure: str, what: str) -> Found | None:
    kind, narrowed, code = what.partition(".")
    if kind not in disputes.DISPUTED:
        return None
    condition = disputes.disputed(scope, kind)
    if narrowed:  # no code stands for a rejection that named none
        condition = and_(condition, func.coalesce(handoffs.c.reason, "") == code)
    return disputes.DISPUTES, condition


def _nag(scope: Scope, _figure: str, what: str) -> Found:
    condition = reminders.nags_of(scope)
    if what == "acted":
        return reminders.NAGS, and_(condition, reminders.acted_on(scope))
    return reminders.NAGS, and_(condition, nags.c.what == what) if what else condition


def _time(scope: Scope, measure: str, _tail: str) -> Found:
    source, _, condition = taken(scope, Measure(measure))
    return source, condition


def _grade(scope: Scope, _figure: str, grade: str) -> Found:
    return handoffs, and_(cohort(scope), handoffs.c.grade == grade)


_Finder = Callable[[Scope, str, str], Found | None]
_SIMPLE: Mapping[str, _Finder] = {
    **dict.fromkeys(milestones.MEASURES, _milestone),
    **dict.fromkeys(commitments.MEASURES, _all_clocks),
    **dict.fromkeys(Measure, _time),
    "complete": _complete,
    "incomplete": _complete,
}
_HEADS: Mapping[str, _Finder] = {
    **{kind.value: _clock for kind in ClockKind},
    "reasons": _reason,
    "cause": _cause,
    "pipeline": _deal(deals.pipeline_where),
    "revenue": _deal(deals.revenue_where),
    "disputes": _dispute,
    "nags": _nag,
    "grade": _grade,
}
