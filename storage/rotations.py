"""Whose turn it is in a team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from storage.database.sql import insert_once
from storage.models import rotations

_ROTATION = select(rotations.c.state).where(rotations.c.team == bindparam("name")).with_for_update()

_ALL = select(rotations.c.team).order_by(rotations.c.team).with_for_update()
_LOOK = select(rotations.c.state).where(rotations.c.team == bindparam("name"))
_TURN = update(rotations).where(rotations.c.team == bindparam("name"))


def rotation(tx: Connection, team: str) -> dict[str, Any]:
    """Whose turn it is in a team, locked until the commit; empty for a team that has had no turn."""
    state = tx.execute(_ROTATION, {"name": team}).scalar_one_or_none()
    if state is None:
        insert_once(tx, rotations, {"team": team, "state": {}}, "team")
        state = tx.execute(_ROTATION, {"name": team}).scalar_one()
    return dict(state)


def lock_all(tx: Connection) -> None:
    """Lock whose turn it is in every team, in one order, for a transaction that needs several of them.

    Two that took them as they came to them would wait for each other. SQLite has one writer.
    """
    if tx.dialect.name != "sqlite":
        tx.execute(_ALL)


def standing(tx: Connection, team: str) -> dict[str, Any]:
    """The same, only to be looked at."""
    return dict(tx.execute(_LOOK, {"name": team}).scalar_one_or_none() or {})


def set_rotation(tx: Connection, team: str, state: Mapping[str, Any]) -> None:
    """Remember whose turn it is in a team."""
    tx.execute(_TURN, {"name": team, "state": dict(state)})
