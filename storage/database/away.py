"""What a database error means for the person who runs Baton: one sentence that says what to do.

Decides whether an error means that the database is away; leaves every other error as it is.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.database.files import is_full


class DatabaseAway(Exception):
    """The database cannot be used now; the text says in a sentence why and what to do, without secrets."""


class DatabaseLocked(DatabaseAway):
    """Another program holds what was to be read or changed; the rest of the database may answer."""


class DatabaseFull(DatabaseAway):
    """PostgreSQL found no room for what was to be written; what needs none may be written all the same."""


class BadDatabaseUrl(DatabaseAway):
    """`DATABASE_URL` names no database that Baton can use."""


# SQLite's primary result codes: https://www.sqlite.org/rescode.html
_SQLITE = {
    3: "{file} may not be used by this user; grant the right to read and write it and its folder",
    5: "{file} has been locked by another program for too long; end what holds it, then try again",
    6: "{file} has been locked by another program for too long; end what holds it, then try again",
    8: "{file} may not be written; grant this user the right to write it and its folder",
    10: "{file} could not be read or written (I/O error); check the disk that holds it",
    11: "{file} is damaged; restore a copy of it",
    13: "The disk that holds {the_file} is full; make room on it",
    14: "{file} cannot be opened; check that this user may read and write it and its folder",
    15: "{file} has been locked by another program for too long; end what holds it, then try again",
    26: "{file} is not a SQLite database; name another file in DATABASE_URL",
}
_SQLITE_READONLY = 8
_SQLITE_IO = 10
_SQLITE_FULL = 13
_SQLITE_CANNOT_OPEN = 14
_SQLITE_DAMAGED = (11, 26)

# PostgreSQL's codes, whole or by their class: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES = {
    "08": "cannot be reached; start it, or correct DATABASE_URL",
    "28": "refuses this user; correct the name and the password in DATABASE_URL",
    "3D000": "does not exist; create it, or correct DATABASE_URL",
    "40": "is too busy: changes wait for one another; try again in a moment",
    "42501": "does not let this user do what Baton needs; make the user the owner of the database",
    "25006": "takes no writes just now; point DATABASE_URL at the primary server",
    "53100": "has a full disk; make room on its server",
    "53": "is short of connections or memory; raise its limits or run fewer replicas",
    "55P03": "has been locked by another program for too long; end what holds it, then try again",
    "57014": "cancelled a statement that took too long; look at what keeps it busy",
    "57P": "is shutting down or starting up; try again when it is up",
    "58": "reports a system error; look into its log",
    "XX001": "reports damaged data; look into its log",
}
_UNREACHABLE = _POSTGRES["08"]
# A server that turns a connection away says why without a code.
_TURNED_AWAY = {
    "too many clients": "53",
    "too many connections": "53",
    "connection slots": "53",
    "authentication failed": "28",
    "no pg_hba.conf entry": "28",
    "is starting up": "57P",
    "is shutting down": "57P",
    "recovery mode": "57P",
}
_KINDS = {"55P03": DatabaseLocked, "53100": DatabaseFull}
_NO_SUCH_ROW = "23503"
_READ_ONLY_TRANSACTION = "25006"
_LOST = frozenset({"OperationalError", "InterfaceError"})  # psycopg's, which need not be installed


def name_of(url: URL) -> str:
    """The database as a person knows it, with neither user nor password."""
    if url.get_backend_name() == "sqlite":
        return f"The database file {url.database}"
    host = url.host or url.query.get("host") or "this machine"
    port = f":{url.port}" if url.port else ""
    return f"The PostgreSQL database {url.database or ''} on {host}{port}"


def as_away(error: BaseException, url: URL, *, writing: bool) -> DatabaseAway | None:
    """The error as `DatabaseAway`, or None if it is of another kind (a broken rule, a mistake in a query).

    `writing`: False for a read-only transaction, whose refusal to write is a mistake in the code.
    """
    if isinstance(error, PoolTimeout):
        return DatabaseAway(f"{name_of(url)} is too busy to answer; try again in a moment.")
    if not isinstance(error, DBAPIError | sqlite3.Error) and not hasattr(error, "sqlstate"):
        return None
    read = _sqlite if url.get_backend_name() == "sqlite" else _postgres
    cause = error.orig if isinstance(error, DBAPIError) else error
    text = read(cause, url, writing)
    if not text and "no such savepoint" in str(error) and error.__context__ is not None:
        return as_away(error.__context__, url, writing=writing)  # a full disk has undone all, savepoints too
    kind = _KINDS.get(getattr(cause, "sqlstate", None) or "", DatabaseAway)
    return kind(text + ".") if text else None


def is_lost(fault: BaseException | None) -> bool:
    """Whether psycopg says that a connection broke: by itself, without a code of the server's, or because
    the server ends. It may not have noticed itself yet, as where the server ended amid several rows."""
    state = getattr(fault, "sqlstate", "")
    ends = state is None or str(state).startswith("57P")
    return ends and any(kind.__name__ in _LOST for kind in type(fault).__mro__)


def takes_no_writes(fault: BaseException | None) -> bool:
    """Whether PostgreSQL refused a write because its transaction reads only."""
    return getattr(fault, "sqlstate", "") == _READ_ONLY_TRANSACTION


def refers_to_nothing(error: IntegrityError) -> bool:
    """Whether a row was refused because one that it refers to is not there."""
    of_sqlite = getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
    return of_sqlite or getattr(error.orig, "sqlstate", None) == _NO_SUCH_ROW


def is_damage(error: BaseException) -> bool:
    """Whether SQLite found the file damaged."""
    found = error.orig if isinstance(error, DBAPIError) else error
    return getattr(found, "sqlite_errorcode", 0) & 0xFF in _SQLITE_DAMAGED


def _sqlite(error: BaseException | None, url: URL, writing: bool) -> str | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte; above it stands the detail
    if code == _SQLITE_READONLY and not writing:
        return None
    folder = Path(url.database or "").parent
    if code == _SQLITE_CANNOT_OPEN and not folder.is_dir():
        return f"The folder {folder} for the database file does not exist; create it, or correct DATABASE_URL"
    if str(error).startswith("Could not decode to UTF-8"):  # of Python's own, without a code
        code = _SQLITE_DAMAGED[0]
    if code == _SQLITE_IO and is_full(Path(url.database or "")):  # as it makes the files beside it
        code = _SQLITE_FULL
    text = _SQLITE.get(code)
    name = name_of(url)
    return text.format(file=name, the_file=name.replace("The", "the", 1)) if text else None


def _postgres(error: BaseException | None, url: URL, writing: bool) -> str | None:
    state = getattr(error, "sqlstate", None) or ""
    if state == _READ_ONLY_TRANSACTION and not writing:
        return None
    text = next((_POSTGRES[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRES), None)
    if not state and is_lost(error):
        why = next((code for words, code in _TURNED_AWAY.items() if words in str(error)), "08")
        text = _POSTGRES[why]
    if text is _UNREACHABLE:
        text = f"cannot be reached ({_first_line(error, url)}); start it, or correct DATABASE_URL"
    return f"{name_of(url)} {text}" if text else None


def _first_line(error: BaseException | None, url: URL) -> str:
    line = (str(error).strip().splitlines() or ["connection lost"])[0].rstrip(".")
    return line.replace(url.password, "***") if url.password else line
