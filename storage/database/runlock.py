"""Only one running bot on a SQLite file: a lock that the system takes back when its holder dies in any way.

PostgreSQL needs none: there any number of replicas run at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fasteners import InterProcessLock
from sqlalchemy import URL

from storage.database.away import DatabaseAway
from storage.database.files import make_alone


class AlreadyRunning(Exception):
    """Another Baton runs on this database file; the text names the file and says what to do."""


@contextmanager
def only_one(url: URL) -> Iterator[None]:
    """Hold the database file for one running bot; at once `AlreadyRunning` if another one holds it.

    Raises `DatabaseAway` if the lock file beside the database cannot be written, or if hard links give the
    database another name: each name would have a lock and a log of changes of its own.
    """
    if url.get_backend_name() != "sqlite":
        yield
        return
    path = Path(f"{Path(url.database or '').resolve()}.lock")  # one file, whatever link leads to it
    if not path.parent.is_dir():  # the lock would create it
        raise DatabaseAway(f"The folder {path.parent} does not exist; create it, or correct DATABASE_URL.")
    _require_one_name(Path(url.database or ""))
    make_alone(path)
    lock = InterProcessLock(path)
    try:
        held = lock.acquire(blocking=False)
    except OSError as error:
        raise DatabaseAway(
            f"The file {path} cannot be written ({error.strerror}); let this user write there."
        ) from error
    if not held:
        lock.lockfile.close()
        raise AlreadyRunning(
            f"Another Baton is already running on {url.database}; stop it first, or give this one another "
            "DATABASE_URL. Several can share a PostgreSQL database."
        )
    try:
        yield
    finally:
        lock.release()


def _require_one_name(file: Path) -> None:
    try:
        names = file.stat().st_nlink
    except OSError:  # there is none yet
        return
    if names > 1:
        raise DatabaseAway(
            f"The database file {file} has {names} names (hard links), and what is written under one of them "
            "would be missing under the others. Remove all but one; `python app.py backup FILE` makes a copy."
        )
