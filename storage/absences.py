"""Who is away, and when: stretches of time, each kept until it is over and for a while after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, literal_column, or_, select, update

from storage.database.sql import Query, insert_one
from storage.models import Absence, absences
from storage.models.values import AbsenceValues

_NOT_OVER = or_(absences.c.ends.is_(None), absences.c.ends > bindparam("now"))
_AHEAD = Query(
    Absence,
    select(absences)
    .where(absences.c.user_id.in_(bindparam("users", expanding=True)), _NOT_OVER)
    .order_by(absences.c.begins, absences.c.id),
)
_GET = Query(Absence, select(absences).where(absences.c.id == bindparam("absence")))
_LAST = Query(
    Absence,
    select(absences)
    .where(absences.c.user_id == bindparam("user"), absences.c.begins <= bindparam("now"))
    .order_by(absences.c.begins.desc(), absences.c.id.desc())
    .limit(literal_column("1")),
)
_SPEAK = Query(
    Absence,
    select(absences)
    .where(and_(absences.c.speak_at.is_not(None), absences.c.speak_at <= bindparam("now")))
    .order_by(absences.c.speak_at, absences.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True),
)
_NEXT_WORD = (
    select(absences.c.speak_at)
    .where(and_(absences.c.speak_at.is_not(None), absences.c.speak_at > bindparam("after")))
    .order_by(absences.c.speak_at)
    .limit(1)
)
_CHANGE = update(absences).where(absences.c.id == bindparam("absence"))
_DELETE = delete(absences).where(absences.c.id == bindparam("absence"))


def ahead(tx: Connection, users: Iterable[str], now: datetime) -> dict[str, Sequence[Absence]]:
    """The absences of these people that are not over, the first first; who has none is not in it."""
    found: dict[str, list[Absence]] = defaultdict(list)
    for row in _AHEAD.all(tx, {"users": list(users), "now": now}):
        found[row.user_id].append(row)
    return dict(found)


def get(tx: Connection, absence_id: int) -> Absence | None:
    """One absence."""
    return _GET.one(tx, {"absence": absence_id})


def last_begun(tx: Connection, user: str, now: datetime) -> Absence | None:
    """The absence of somebody's that began last, over or not."""
    return _LAST.one(tx, {"user": user, "now": now})


def add(tx: Connection, values: AbsenceValues) -> int:
    """Keep an absence; gives its id."""
    return insert_one(tx, absences, values)


def change(tx: Connection, absence_id: int, values: AbsenceValues) -> None:
    """Set these columns of an absence."""
    tx.execute(_CHANGE, {"absence": absence_id, **values})


def remove(tx: Connection, absence_id: int) -> None:
    """Forget an absence: it was cancelled, or became part of another."""
    tx.execute(_DELETE, {"absence": absence_id})


def to_speak_of(tx: Connection, now: datetime, limit: int) -> Sequence[Absence]:
    """The absences of which something is to be said by now; nobody else takes them until the commit."""
    return _SPEAK.all(tx, {"now": now, "most": limit})


def next_word(tx: Connection, after: datetime) -> datetime | None:
    """When something is to be said of an absence next."""
    moment: datetime | None = tx.execute(_NEXT_WORD, {"after": after}).scalar_one_or_none()
    return moment
