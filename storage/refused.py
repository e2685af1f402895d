"""Bodies and rows that were not taken: kept until they are taken after all, dropped, or a month old.

What of a body may be kept is decided where it was refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from storage.database.sql import Query, insert_one
from storage.models import Refused, RefusedCause, refused
from storage.models.values import RefusedValues

_CHANGE = update(refused).where(refused.c.id == bindparam("number"))
_GET = Query(Refused, select(refused).where(refused.c.id == bindparam("number")))
_LOCK = Query(Refused, select(refused).where(refused.c.id == bindparam("number")).with_for_update())
_BEFORE = (
    select(refused.c.id).where(refused.c.digest == bindparam("digest")).order_by(refused.c.id.desc()).limit(1)
)
_NEWEST = select(refused).order_by(refused.c.at.desc(), refused.c.id.desc()).limit(bindparam("most"))
_NO_TEST = refused.c.cause != RefusedCause.TEST
_NUMBERS = select(refused.c.id).where(_NO_TEST).order_by(refused.c.id)
_NUMBERS_OF = _NUMBERS.where(refused.c.door == bindparam("door"))
_BY_DOOR = select(refused.c.door, refused.c.cause, func.count()).group_by(refused.c.door, refused.c.cause)
_SINCE = _BY_DOOR.where(refused.c.at >= bindparam("since"), _NO_TEST)
_PURGE = delete(refused).where(
    refused.c.id.in_(select(refused.c.id).where(refused.c.at < bindparam("before")).limit(bindparam("most")))
)


def add(tx: Connection, values: RefusedValues) -> tuple[int, bool]:
    """Keep what was refused; give its number, and whether it is new.

    The same body at the same door again is not kept twice: it goes to the top, with the latest reason.
    """
    digest = _digest(values)
    before: int | None = tx.execute(_BEFORE, {"digest": digest}).scalar_one_or_none()
    if before is not None:
        change(tx, before, values)
        return before, False
    return insert_one(tx, refused, {**values, "digest": digest}), True


def _digest(values: RefusedValues) -> str:
    """What makes two of them the same: the door, the system, whose address it is, and the body."""
    said = [values["door"], values["system"], values.get("email_key"), values["body"]]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def change(tx: Connection, number: int, values: RefusedValues) -> None:
    """Change what is kept of one."""
    tx.execute(_CHANGE.values(**values), {"number": number})


def get(tx: Connection, number: int, *, lock: bool = False) -> Refused | None:
    """One of them, if it is still kept; locked against other writers on PostgreSQL if asked."""
    return (_LOCK if lock else _GET).one(tx, {"number": number})


def newest(
    tx: Connection,
    *,
    limit: int,
    door: str | None = None,
    cause: RefusedCause | None = None,
    tests: bool = False,
) -> Sequence[Refused]:
    """The latest, newest first, by one door or for one cause if asked; test leads only if asked for."""
    asked = [refused.c.cause == cause] if cause is not None else []
    if door is not None:
        asked.append(refused.c.door == door)
    if not tests:
        asked.append(_NO_TEST)
    return Query(Refused, _NEWEST.where(*asked)).all(tx, {"most": limit})


def numbers(tx: Connection, door: str = "") -> Sequence[int]:
    """The numbers of all that are no test leads, the oldest first; of one door if asked."""
    chosen = tx.execute(_NUMBERS_OF, {"door": door}) if door else tx.execute(_NUMBERS)
    return list(chosen.scalars())


def drop(tx: Connection, chosen: Collection[int]) -> int:
    """Forget these; gives how many there were."""
    return tx.execute(delete(refused).where(refused.c.id.in_(chosen))).rowcount


def counts_since(tx: Connection, since: datetime) -> dict[tuple[str, RefusedCause], int]:
    """How many were refused since then and are still kept, by door and cause, without test leads."""
    return {(door, cause): count for door, cause, count in tx.execute(_SINCE, {"since": since})}


def counts(tx: Connection) -> dict[tuple[str, ...], int]:
    """How many are kept, by door and cause."""
    return {(door, cause.value): count for door, cause, count in tx.execute(_BY_DOOR)}


def purge(tx: Connection, before: datetime, *, limit: int = 500) -> int:
    """Forget some that were last refused before this moment; gives how many, 0 once none is left."""
    return tx.execute(_PURGE, {"before": before, "most": limit}).rowcount
