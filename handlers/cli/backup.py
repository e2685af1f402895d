"""`backup FILE` in the terminal: a copy of the database as it is, whatever version wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.errors import CannotStart
from bot.settings import Settings
from storage.database import Database
from storage.database.away import name_of
from storage.database.backup import BackupFailed, back_up


def backup_command(file: Path, settings: Settings, say: Callable[[str], None]) -> int:
    """Copy the database to a new file and say what was checked. Gives the exit status.

    Migrates nothing: a backup is wanted before an upgrade. Raises CannotStart, DatabaseAway, BadDatabaseUrl.
    """
    database = Database.open(settings.database_url.get_secret_value())
    try:
        if not database.exists():
            raise CannotStart(
                f"{name_of(database.url)} does not exist, or is not Baton's. Check DATABASE_URL "
                "and the directory you are in."
            )
        checked = back_up(database.url, file)
    except BackupFailed as failed:
        raise CannotStart(str(failed)) from None
    finally:
        database.close()
    say(f"{file} is a copy of the database ({checked}). Only this user can read it.")
    return 0
