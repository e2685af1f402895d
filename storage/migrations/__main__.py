"""Writes the next revision: `python -m storage.migrations "what changes"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from storage.database import Database
from storage.migrations import VERSIONS, migrate
from storage.migrations.upgrading import configuration


def new_revision(message: str) -> None:
    """Compare the models with a fresh database that has every revision so far, and write what is missing."""
    config = configuration([VERSIONS])
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(f"sqlite:///{Path(folder, 'fresh.db')}")
        try:
            if number > 1:
                migrate(database)
            with database.engine.connect() as connection:
                config.attributes["connection"] = connection
                command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        finally:
            database.close()


if __name__ == "__main__":
    new_revision(" ".join(sys.argv[1:]) or sys.exit('usage: python -m storage.migrations "what changes"'))
