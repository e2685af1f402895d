"""The running Batons on this database, each with when it was last at work and by which agreement it goes."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, bindparam, delete, select

from storage.database.runlock import AlreadyRunning
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


def require_alone(tx: Connection, now: datetime) -> None:
    """Raises AlreadyRunning if another process of this machine is at work on this SQLite file.

    The lock beside the file says so too, as long as nobody deletes it.
    """
    if tx.dialect.name != "sqlite":
        return
    host, _, _ = own_name().rpartition(":")
    for row in _ALL.all(tx):
        where, _, pid = row.name.rpartition(":")
        here = where == host and row.name != own_name() and row.at > now - AT_WORK
        if here and pid.isdecimal() and _lives(int(pid)):
            raise AlreadyRunning(
                f"Another Baton, process {pid}, is at work on {tx.engine.url.database}, although the lock "
                "file beside it was deleted. Stop it first; the lock file needs no tidying up."
            )


def _lives(pid: int) -> bool:
    """Whether there is such a process, and not only what is left of it until its parent has seen its end."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def leave(tx: Connection, name: str) -> None:
    """This one ends."""
    tx.execute(delete(replicas).where(replicas.c.name == name))
