"""Whether the database is still the file that was opened: not deleted, replaced or damaged under the bot."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from storage.database.away import DatabaseAway
from storage.database.files import is_full

_ANYBODY_WRITES = 0o222
BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a file that is in use: the newest changes, and who is at them."""
_Identity = tuple[int, int] | None
"""A file by device and number; None where there is none."""
_HEADER = 100  # bytes: https://www.sqlite.org/fileformat2.html#the_database_header
_MAGIC = b"SQLite format 3\x00"
_MODE, _SIZE = slice(18, 20), slice(28, 32)
_WAL = b"\x02\x02"
SWEEP_EVERY = 600.0
"""Seconds at least between two looks through the whole file …"""
SWEEP_SHARE = 100
"""… and so many times as long as the last one took."""
FIRST_SWEEP_AFTER = 60.0


class OpenedFile:
    """A SQLite file as it was first used. SQLite itself goes on writing into one that was deleted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._paths_beside = [Path(f"{path}{end}") for end in BESIDE]
        self._known: _Identity = None
        self._beside: tuple[_Identity, ...] = (None,) * len(BESIDE)
        self._rescued = False
        self._damage: str | None = None
        self._raw: int | None = None
        self._in_use, self._pages = False, 0
        self._sweep_at = time.monotonic() + FIRST_SWEEP_AFTER
        self._sweeping: sqlite3.Connection | None = None

    def note(self) -> None:
        """Remember the file, once it has been used with success; the next time, if it cannot be looked at."""
        if self._known is None:
            with suppress(OSError):  # what was done is done, and whoever did it waits for the answer
                found = self._path.stat()
                # Kept open until the end: closing a file drops every lock that this process has on it. The
                # next command to end would then take itself for the last and delete the WAL.
                self._raw = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
                self._known = found.st_dev, found.st_ino
        if None in self._beside:  # SQLite makes them as it first writes
            self._beside = self._beside_now()

    def note_damage(self, says: str) -> None:
        """It was found damaged: nothing more is read or written by this process."""
        if self._known is not None:
            self._damage = says

    def close(self) -> None:
        """Give the file back, once no connection to it is open."""
        if self._raw is not None:
            os.close(self._raw)
            self._raw = None

    # ---- what each transaction asks

    def require_same(self, connection: sqlite3.Connection | None = None) -> None:
        """Raise DatabaseAway if the file in its place is another, or none, or is known to be damaged.

        And if what SQLite keeps beside it is gone. `connection` is one to the file, which is in no
        transaction, if there is one.
        """
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
        self._require_header()
        self._require_beside(connection)

    def _beside_now(self) -> tuple[_Identity, ...]:
        return tuple(map(_identity, self._paths_beside))

    def require_writable(self) -> None:
        """Raise DatabaseAway if the file is read-only: it is written while it is open, and never again."""
        if self._known is not None and not self._path.stat().st_mode & _ANYBODY_WRITES:
            raise DatabaseAway(
                f"The database file {self._path} has become read-only; let Baton's user write it again."
            )

    def _require_beside(self, connection: sqlite3.Connection | None) -> None:
        """Raise DatabaseAway if what stood beside it is gone: these are the same files while it is in use.

        SQLite would go on writing into a deleted file that nobody else can read. What is in it is brought
        into the database first, unless somebody has begun another.
        """
        found = self._beside_now()
        if all(was in (None, now) for was, now in zip(self._beside, found, strict=True)):
            return
        if found[0] is None and connection is not None and not self._rescued:
            with suppress(sqlite3.Error):
                _, pages, written = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                self._rescued = pages == written
        what = f"The files beside the database {self._path}, which end in {' and '.join(BESIDE)}, were "
        if self._rescued or found[0] is None:
            raise DatabaseAway(f"{what}deleted while Baton ran. Nothing is lost; restart Baton.")
        raise DatabaseAway(
            f"{what}replaced while Baton ran, and the newest changes may be lost. Stop Baton and its "
            "commands, then start it again; if leads are missing, restore a copy."
        )

    # ---- what is asked now and then

    def require_sound(self) -> None:
        """As `require_same`; and it may be written, and the disk has room. Raises DatabaseAway."""
        self.require_same()
        if self._known is None:
            return
        self.require_writable()
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

    def _require_header(self) -> None:
        """Raise DatabaseAway if it does not begin as SQLite's files do, or no more as one in use does.

        A backup that is copied over it is no file in use. One that gets smaller is looked through.
        """
        header = os.pread(self._raw, _HEADER, 0) if self._raw is not None else b""
        if not header.startswith(_MAGIC):
            if not self._pages:
                return  # nobody has written into it yet
            raise DatabaseAway(f"The database file {self._path} is damaged; restore a copy of it.")
        is_in_use, pages = header[_MODE] == _WAL, int.from_bytes(header[_SIZE])
        if self._in_use and not is_in_use:
            self._damage = (
                f"The database file {self._path} was overwritten while Baton ran, and what it held is mixed "
                "with what came over it. Stop Baton, remove the file and those beside it that end in "
                f"{' and '.join(BESIDE)}, and restore a copy."
            )
            raise DatabaseAway(self._damage)
        if pages < self._pages:
            self._sweep_at = 0
        self._in_use, self._pages = is_in_use, pages

    def sweep(self) -> None:
        """Read the whole file for damage, if it is time for that; what is found ends all work with it.

        SQLite notices damage in a page as it reads it, and an odd byte in some not even then. Takes as long
        as reading the file does; nobody waits for it. Raises DatabaseAway.
        """
        if self._known is None or time.monotonic() < self._sweep_at:
            return
        began = time.monotonic()
        try:
            found = self._quick_check()
        finally:
            ended = time.monotonic()
            self._sweep_at = ended + max(SWEEP_EVERY, (ended - began) * SWEEP_SHARE)
        if found is not None:
            self.note_damage(f"The database file {self._path} is damaged ({found}); restore a copy of it.")
        self.require_same()

    def end_sweep(self) -> None:
        """Break off a look through the file that is under way."""
        if (sweeping := self._sweeping) is not None:
            sweeping.interrupt()

    def _quick_check(self) -> str | None:
        """What is wrong with the file, in SQLite's words; None if that is nothing, or nobody can tell."""
        uri = f"{self._path.as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as connection:
                self._sweeping = connection
                connection.execute("PRAGMA ignore_check_constraints=ON")  # a matter of words, not of bytes
                (says,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            is_damage = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            return str(error) if is_damage else None
        finally:
            self._sweeping = None
        return None if says == "ok" else str(says).splitlines()[-1]


def _identity(path: Path) -> _Identity:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
