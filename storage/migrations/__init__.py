"""Brings a database to the tables of this code: `migrate(database)`, run at every start.

A migration only goes forward. After a change of models.py, `python -m storage.migrations "what changes"`
writes the next revision into versions/. Read it and complete it: Alembic sees neither a changed CHECK nor the
condition of a partial index, nor, on SQLite, an index on an expression, which a rebuild there drops. The
tests see them all: they compare the DDL with that of the models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from storage.database import Database

VERSIONS = Path(__file__).parent / "versions"
LOCK = 0x4261746F6E
"""PostgreSQL's advisory lock that starters share: "Baton" in ASCII."""
UNFINISHED = "unfinished-copy-"
"""How the revision begins that an unfinished copy bears beside its own, so that no Baton works with it."""

_REVISION = re.compile(r"""^revision = ["'](.+)["']$""", re.MULTILINE)
_BUILDS_ON = re.compile(r"""^down_revision = ["'](.+)["']$""", re.MULTILINE)


def migrate(database: Database, versions: Sequence[Path] = (VERSIONS,)) -> None:
    """Bring the database to the newest revision found in `versions`. Blocks.

    Raises what `upgrade` raises. Alembic, which a start has no time for, is loaded only if there is something
    to do.
    """
    if database.read_now(revisions) != heads(versions):
        from storage.migrations.upgrading import upgrade

        upgrade(database, versions)


def revisions(tx: Connection) -> set[str]:
    """The revisions that the database is at; none before the first migration."""
    if not tx.dialect.has_table(tx, "alembic_version"):
        return set()
    return set(tx.execute(text("SELECT version_num FROM alembic_version")).scalars())


def heads(versions: Sequence[Path]) -> set[str]:
    """The revisions that no other one builds on."""
    files = [path.read_text("utf-8") for folder in versions for path in folder.glob("*.py")]
    revisions, built_on = (
        {found[1] for file in files if (found := pattern.search(file))} for pattern in (_REVISION, _BUILDS_ON)
    )
    return revisions - built_on
