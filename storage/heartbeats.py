"""When each part of the running bot last said that all is well, and the stretches in which none did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select

from storage.database.sql import upsert
from storage.models import heartbeats, outages
from storage.models.upkeep import HeartbeatValues, OutageValues

Gap = tuple[datetime, datetime]
"""The last beat before a silence, and the first one after it."""

_BEAT = select(heartbeats.c.at).where(heartbeats.c.name == bindparam("part")).with_for_update()
_OUTAGES = (
    select(outages.c.began_at, outages.c.ended_at)
    .where(outages.c.ended_at >= bindparam("first"), outages.c.began_at <= bindparam("last"))
    .order_by(outages.c.ended_at)
)


def beat(tx: Connection, name: str, at: datetime) -> None:
    """Say that all is well."""
    statement = upsert(tx, heartbeats).values(**HeartbeatValues(name=name, at=at))
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


def last(tx: Connection, name: str) -> datetime | None:
    """When it last said so, if ever."""
    return tx.execute(select(heartbeats.c.at).where(heartbeats.c.name == name)).scalar_one_or_none()


def beat_noting_outage(tx: Connection, part: str, at: datetime, longest: timedelta) -> Gap | None:
    """Say that this part is alive, for all replicas. A longer silence before it is kept as an outage.

    Gives the outage back, if there was one.
    """
    last: datetime | None = tx.execute(_BEAT, {"part": part}).scalar_one_or_none()
    beat(tx, part, at if last is None else max(last, at))
    if last is None or at - last <= longest:
        return None
    tx.execute(insert(outages).values(**OutageValues(began_at=last, ended_at=at)))
    return last, at


def outages_within(tx: Connection, first: datetime, last: datetime) -> Sequence[Gap]:
    """The stretches without a heartbeat (last beat before, first beat after) that touch this one."""
    return [(row.began_at, row.ended_at) for row in tx.execute(_OUTAGES, {"first": first, "last": last})]


def database_time(tx: Connection) -> datetime | None:
    """What the database's own clock shows; None where it has none, as SQLite, which asks this machine's."""
    if tx.dialect.name == "sqlite":
        return None
    shown: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return shown
