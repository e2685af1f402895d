"""What DATABASE_URL names: a SQLite file or a PostgreSQL database. Whether it is there is not asked here."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.database.away import BadDatabaseUrl

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_NAME_SHOWN = 200  # characters


def address_of(url: str) -> URL:
    """Where the database is, by the driver that Baton uses. Raises BadDatabaseUrl for what it cannot use."""
    try:
        parsed = make_url(url.strip())
        driver = _DRIVERS[parsed.drivername]
    except (ArgumentError, KeyError, ValueError):
        raise BadDatabaseUrl(
            "DATABASE_URL is not one that Baton can use; write sqlite:///baton.db for a file, or "
            "postgresql+psycopg://user:password@host/database."
        ) from None
    parsed = parsed.set(drivername=driver)
    if driver.startswith("postgresql"):
        return parsed
    if parsed.host or parsed.username:
        raise BadDatabaseUrl(
            "DATABASE_URL for SQLite needs three slashes before the file: sqlite:///baton.db."
        )
    name = parsed.database or ":memory:"
    if name == ":memory:" or name.startswith("file:") or "uri" in parsed.query:
        raise BadDatabaseUrl(
            "DATABASE_URL names a SQLite database in memory, which only one connection could see and which "
            "forgets everything at the end; name a file, as in sqlite:///baton.db."
        )
    if parsed.query:  # which nobody would go by
        raise BadDatabaseUrl(
            "DATABASE_URL for SQLite ends with the file's name: leave out “?” and what follows."
        )
    return parsed.set(database=str(_reachable(Path(name).absolute())))


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL. Raises `BadDatabaseUrl`."""
    parsed = address_of(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _reachable(file: Path) -> Path:
    """A file of which the system can say whether it is there. Raises BadDatabaseUrl."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return file  # which is said, in its own words, by whoever needs it to be there
    except (OSError, ValueError) as error:  # the latter for a name with a zero byte
        why = getattr(error, "strerror", None) or error
        raise BadDatabaseUrl(
            f"The database file {str(file)[:_NAME_SHOWN]!r} cannot be reached ({why}); correct DATABASE_URL, "
            "or let this user read the folders above it."
        ) from None
    return file
