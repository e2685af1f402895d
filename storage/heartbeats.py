"""When each part of the running bot last said that all is well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from storage.database.sql import upsert
from storage.models import heartbeats


def beat(tx: Connection, name: str, at: datetime) -> None:
    """Say that all is well."""
    statement = upsert(tx, heartbeats).values(name=name, at=at)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


def last(tx: Connection, name: str) -> datetime | None:
    """When it last said so, if ever."""
    return tx.execute(select(heartbeats.c.at).where(heartbeats.c.name == name)).scalar_one_or_none()
