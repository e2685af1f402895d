"""Which Slack workspace this database belongs to, and what was ever heard from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from storage.database.sql import Query, insert_once, upsert
from storage.models import Heard, HeardKind, Workspace, heard, member_of, workspaces
from storage.models.upkeep import HeardValues, WorkspaceValues

_FIRST = Query(Workspace, select(workspaces).order_by(workspaces.c.first_at, workspaces.c.team_id).limit(1))
_HEARD = Query(Heard, select(heard).order_by(heard.c.kind))


def remember_workspace(tx: Connection, team_id: str, name: str, at: datetime) -> Workspace:
    """Keep the workspace that this database is first run with. Gives the one that it was."""
    if (known := _FIRST.one(tx)) is not None:
        return known
    fresh: WorkspaceValues = {"team_id": team_id, "name": name, "first_at": at}
    insert_once(tx, workspaces, fresh, "team_id")
    found = _FIRST.one(tx)
    assert found is not None
    return found


def first_workspace(tx: Connection) -> Workspace | None:
    """The workspace that this database was first run with; None before the first run."""
    return _FIRST.one(tx)


def remember_heard(tx: Connection, kind: HeardKind, at: datetime) -> None:
    """Keep that something of this kind was heard."""
    fresh = upsert(tx, heard).values(**HeardValues(kind=kind, first_at=at, last_at=at))
    tx.execute(fresh.on_conflict_do_update(index_elements=["kind"], set_={"last_at": at}))


def heard_so_far(tx: Connection) -> dict[HeardKind, datetime]:
    """About when each kind of thing was last heard; a kind that never was is left out."""
    return {kind: row.last_at for row in _HEARD.all(tx) if (kind := member_of(HeardKind, row.kind))}
