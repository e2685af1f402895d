"""What is made once for each installation and kept in its database: its id, and the keys of its hashes."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import Connection, bindparam, delete, select

from storage.database.sql import insert_once, text_of
from storage.models import installations

_ID = "id"
_VALUE = select(installations.c.value).where(installations.c.name == bindparam("wanted"))


def make_id(tx: Connection) -> str:
    """This installation's id, which its messages bear; made if it has none."""
    return made_once(tx, _ID, lambda: secrets.token_hex(8))


def own_id(tx: Connection) -> str:
    """This installation's id; empty before it was made."""
    return value_of(tx, _ID) or ""


def value_of(tx: Connection, name: str) -> str | None:
    """What is kept under a name; None before it was made."""
    return text_of(tx, _VALUE, wanted=name)


def made_once(tx: Connection, name: str, make: Callable[[], str]) -> str:
    """What is kept under a name, made now if nothing is. Of two that come at once the first one's counts."""
    found = value_of(tx, name)
    if found is None:
        insert_once(tx, installations, {"name": name, "value": make()}, "name")
        found = value_of(tx, name)
    return found or ""


def forget(tx: Connection, name: str) -> None:
    """Keep nothing under a name any more."""
    tx.execute(delete(installations).where(installations.c.name == name))
