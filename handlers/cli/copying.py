"""`copy --to URL` in the terminal: from SQLite to PostgreSQL, with everything."""

from __future__ import annotations

from collections.abc import Callable

from bot.errors import CannotStart
from bot.settings import Settings
from handlers.cli.opening import existing_database
from storage.copying import CopyFailed, copy_all
from storage.database import Database, file_of
from storage.database.runlock import AlreadyRunning, only_one


def copy_command(to: str, settings: Settings, say: Callable[[str], None]) -> int:
    """Copy the SQLite database to an empty PostgreSQL one, and say of each table that it is the same there.

    Gives the exit status. Raises CannotStart, DatabaseAway and BadDatabaseUrl.
    """
    file = file_of(settings.database_url.get_secret_value())
    if file is None or file_of(to) is not None:
        raise CannotStart(
            "copy goes from SQLite (DATABASE_URL) to PostgreSQL (--to postgresql+psycopg://user@host/name). "
            "For anything else, make a backup and restore it."
        )
    target = Database.open(to)
    try:
        with existing_database(settings) as source, only_one(source.url):
            both = copy_all(source, target, say)
    except AlreadyRunning:
        raise CannotStart(
            f"Baton is running on {file}. Stop it first, or what it writes now is left behind."
        ) from None
    except CopyFailed as failed:
        raise CannotStart(str(failed)) from None
    finally:
        target.close()
    say(
        f"Both hold the same {both.rows:,} rows (checksum {both.check:016x}). Now set DATABASE_URL to the "
        f"new database and start Baton. Do not start it on {file} again."
    )
    return 0
