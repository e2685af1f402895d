"""The database that a command at the terminal reads: it must be there, for an empty one answers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import CannotStart
from bot.settings import Settings
from storage.database import Database
from storage.database.away import name_of
from storage.migrations import migrate


@contextmanager
def existing_database(settings: Settings) -> Iterator[Database]:
    """The database that the settings name, brought up to date.

    Raises CannotStart where there is none, which makes none, and DatabaseAway or BadDatabaseUrl.
    """
    database = Database.open(settings.database_url.get_secret_value())
    try:
        if not database.exists():
            raise CannotStart(
                f"{name_of(database.url)} does not exist, or is not Baton's. Check DATABASE_URL "
                "and the directory you are in."
            )
        migrate(database)
        yield database
    finally:
        database.close()
