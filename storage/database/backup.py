"""A copy of the whole database in one file, made beside a running bot, and looked at before it is called one.

SQLite is copied page by page from one snapshot: in its WAL mode that holds up no writer. PostgreSQL has a
program of its own for it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL

from storage.models import events, handoffs, leads

COUNTED = {table.name: table for table in (leads, handoffs, events)}
"""What is counted in the database and in the copy."""
_PAGES = 256  # a megabyte of pages at a time …
_PAUSE = 0.005  # … and so many seconds between, which leave the disk to whoever answers clicks
_PATIENCE = 5  # seconds that another program may hold the file


class BackupFailed(Exception):
    """No copy was made; the text says why and what to do, without secrets."""


def back_up(url: URL, file: Path) -> str:
    """Copy the database to a new file, which this user alone can read. Gives what was checked, in words.

    There is a file of that name only once the copy is whole and sound. Blocks. Raises BackupFailed.
    """
    copy = _COPIES[url.get_backend_name()]
    with _new_file(file) as part:
        return copy(url, part)


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside the one that is wanted, which takes its name in the end, or is removed."""
    try:
        if file.name == "-":  # elsewhere the name of a pipe, and here of a file that nobody finds again
            raise BackupFailed("A backup is written to a file, and not to the standard output; name one.")
        if file.exists() or file.is_symlink():
            raise BackupFailed(f"{file} exists already and stays as it is; give the backup another name.")
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # 0600
        os.close(handle)
    except OSError as error:
        raise BackupFailed(
            f"{file} cannot be written ({error.strerror}); name a file in a folder that this user may write."
        ) from None
    part = Path(name)
    try:
        yield part
        part.rename(file)
    except OSError as error:
        raise BackupFailed(f"{file} cannot be written ({error.strerror}); nothing is left there.") from None
    finally:
        for beside in ("", "-journal", "-wal", "-shm"):  # a full disk keeps SQLite from removing its own
            part.with_name(part.name + beside).unlink(missing_ok=True)


def _sqlite(url: URL, part: Path) -> str:
    try:
        with (
            closing(_opened(url.database or "")) as source,
            closing(_opened(str(part))) as target,
        ):
            source.execute("BEGIN")
            counts = _counts(source)  # begins the snapshot that the copy is made of
            source.backup(target, pages=_PAGES, progress=lambda *_: time.sleep(_PAUSE))
            target.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            found = [row[0] for row in target.execute("PRAGMA integrity_check")]
            copied = _counts(target)
    except sqlite3.Error as error:
        raise BackupFailed(
            f"The database could not be copied ({error}); check it, and the room on the disk."
        ) from None
    if found != ["ok"]:
        raise BackupFailed(f"The copy is damaged, and so is probably the database: {found[0]}.")
    if copied != counts:
        raise BackupFailed(f"The copy lacks rows: it has {_told(copied)} of {_told(counts)}. Try again.")
    return f"{_told(copied)}, as in the database; its integrity check found nothing wrong"


def _opened(file: str) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # our own tables' names
        for name in COUNTED
    }


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items())


def _postgres(url: URL, part: Path) -> str:
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        raise BackupFailed(
            "A PostgreSQL database is copied by pg_dump, which is not installed here. Install PostgreSQL's "
            "client programs, or run pg_dump --format=custom where the database is."
        )
    password = url.password or url.query.get("password")
    address = url.set(drivername="postgresql", password=None).difference_update_query(["password"])
    secret = {"PGPASSWORD": str(password)} if password else {}
    dump = ["pg_dump", "--format=custom", "--no-password", f"--file={part}"]
    _run([*dump, f"--dbname={address.render_as_string(hide_password=False)}"], secret)
    tables = _run(["pg_restore", "--list", str(part)], {}).count(" TABLE DATA ")
    if tables < len(COUNTED):
        raise BackupFailed("The copy has none of Baton's tables; check DATABASE_URL.")
    return f"pg_restore can read it, and it has the data of {tables} tables"


def _run(command: list[str], secret: dict[str, str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **secret}, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise BackupFailed(
            f"{command[0]} failed: {lines[0]}. Check DATABASE_URL; its version must be the server's or newer."
        )
    return done.stdout


_COPIES: dict[str, Callable[[URL, Path], str]] = {"sqlite": _sqlite, "postgresql": _postgres}
