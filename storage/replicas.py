"""The running Batons on this database, each with when it was last at work and by which agreement it goes."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from storage.database.sql import Query, upsert
from storage.models import Replica, replicas
from storage.models.upkeep import ReplicaValues

AT_WORK = timedelta(seconds=60)
"""Whoever has beaten within so much of the latest beat of all is at work."""
_ALL = Query(Replica, select(replicas).order_by(replicas.c.name))
_GONE = delete(replicas).where(replicas.c.at < bindparam("before"))


def own_name() -> str:
    """What this process is called among them."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(tx: Connection, name: str, at: datetime, agreement: str) -> None:
    """Say that this one is at work, and the hash of its agreement. Who is long gone is dropped."""
    row: ReplicaValues = {"name": name, "at": at, "agreement": agreement}
    statement = upsert(tx, replicas).values(**row)
    tx.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"at": at, "agreement": agreement})
    )
    tx.execute(_GONE, {"before": at - 60 * AT_WORK})


def of_another_agreement(tx: Connection, agreement: str) -> Sequence[str]:
    """Those at work beside this one that go by another agreement than the one of this hash, by name."""
    rows, own = _ALL.all(tx), own_name()
    since = max((row.at for row in rows), default=None)
    differ = [row for row in rows if row.agreement != agreement and row.name != own]
    return [row.name for row in differ if since and row.at >= since - AT_WORK]


def leave(tx: Connection, name: str) -> None:
    """This one ends."""
    tx.execute(delete(replicas).where(replicas.c.name == name))
