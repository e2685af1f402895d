"""Whether the database is still the file that was opened: not deleted, replaced or damaged under the bot."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from storage.database.away import DatabaseAway
from storage.database.files import is_full

_ANYBODY_WRITES = 0o222


class OpenedFile:
    """A SQLite file as it was first used. SQLite itself goes on writing into one that was deleted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[int, int] | None = None
        self._damage: str | None = None

    def note(self) -> None:
        """Remember the file, once it has been used with success; the next time, if it cannot be looked at."""
        if self._known is None:
            with suppress(OSError):  # what was done is done, and whoever did it waits for the answer
                found = self._path.stat()
                self._known = found.st_dev, found.st_ino

    def note_damage(self, says: str) -> None:
        """SQLite found it damaged: nothing more is read or written by this process."""
        if self._known is not None:
            self._damage = says

    def require_same(self) -> None:
        """Raise DatabaseAway if the file in its place is another, or none, or was found damaged."""
        if self._known is None:
            return
        if self._damage is not None:
            raise DatabaseAway(self._damage)
        try:
            found = self._path.stat()
        except OSError:
            raise DatabaseAway(
                f"The database file {self._path} was deleted or moved while Baton ran; "
                "put it back, or restore a copy of it and start Baton again."
            ) from None
        if (found.st_dev, found.st_ino) != self._known:
            raise DatabaseAway(
                f"The database file {self._path} was replaced while Baton ran; "
                "start Baton again, so that it works with the one that is there."
            )

    def require_writable(self) -> None:
        """Raise DatabaseAway if the file is read-only: it is written while it is open, and never again."""
        if self._known is not None and not self._path.stat().st_mode & _ANYBODY_WRITES:
            raise DatabaseAway(
                f"The database file {self._path} has become read-only; let Baton's user write it again."
            )

    def require_sound(self) -> None:
        """As `require_same`; and it begins as SQLite's files do, may be written, and the disk has room.

        Raises DatabaseAway.
        """
        self.require_same()
        if self._known is None:
            return
        self.require_writable()
        if _is_no_database(self._path):
            raise DatabaseAway(f"The database file {self._path} is damaged; restore a copy of it.")
        disk = os.statvfs(self._path)
        if disk.f_flag & os.ST_RDONLY or not os.access(self._path, os.W_OK):
            raise DatabaseAway(
                f"The database file {self._path} may not be written: its disk is mounted read-only, or this "
                "user has lost the right to it. Fix that."
            )
        if is_full(self._path):
            raise DatabaseAway(
                f"The disk that holds the database file {self._path} is full; make room on it."
            )


def _is_no_database(path: Path) -> bool:
    """Whether a file does not begin as SQLite's do. `immutable`: what stands in the file, not in its WAL.

    SQLite is asked because closing the file past it would drop every lock that this process has on it. The
    next command to end would then take itself for the last and delete the WAL, which this process goes on
    writing: all of it would be lost.
    """
    if path.stat().st_size == 0:
        return True
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            file.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_NOTADB
    return False
