"""Files that were dropped into the form: kept from the drop until its person knows what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from storage.database.sql import Query
from storage.models import DroppedFile, dropped_files
from storage.models.values import DroppedFileValues

_ADD = Query(DroppedFile, insert(dropped_files).returning(dropped_files))
_CHANGE = update(dropped_files).where(dropped_files.c.id == bindparam("number"))
_TAKE_OVER = Query(
    DroppedFile,
    update(dropped_files)
    .where(dropped_files.c.lease_until <= bindparam("moment"))
    .values(lease_until=bindparam("until"), tries=dropped_files.c.tries + 1)
    .returning(dropped_files),
)


def add(tx: Connection, values: DroppedFileValues) -> DroppedFile:
    """Keep one that is to be read."""
    return _ADD.the(tx, dict(values))


def any_kept(tx: Connection) -> bool:
    """Whether any is."""
    return bool(tx.execute(select(exists().where(dropped_files.c.id.is_not(None)))).scalar_one())


def take_over(tx: Connection, moment: datetime, until: datetime) -> Sequence[DroppedFile]:
    """Those whose reader has died by this moment, held by the caller until another one."""
    return _TAKE_OVER.all(tx, {"moment": moment, "until": until})


def hold(tx: Connection, number: int, until: datetime) -> None:
    """Say that it is being read until then."""
    tx.execute(_CHANGE.values(lease_until=bindparam("until")), {"number": number, "until": until})


def mark_told(tx: Connection, number: int) -> None:
    """Say that its person has the summary."""
    tx.execute(_CHANGE.values(**DroppedFileValues(told=True)), {"number": number})


def drop(tx: Connection, number: int) -> None:
    """Keep one no longer."""
    tx.execute(delete(dropped_files).where(dropped_files.c.id == number))
