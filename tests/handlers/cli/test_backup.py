"""`backup FILE`: a copy made beside the bot that comes back as it was, or a sentence and no file at all."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, make_url, text
from typer.testing import CliRunner

import app
from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.context import Context
from bot.errors import CannotStart
from bot.handoffs import take_in
from bot.handoffs.taken import Door
from bot.leadform import read_lead
from bot.settings import Settings
from handlers.cli.backup import backup_command
from storage.database import Database
from storage.database.backup import COUNTED
from storage.migrations import migrate
from tests.databases import PostgresServer

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
PERSON = {"email": "jane@acme.com", "company": "ACME", "activities": [{"type": "demo_request"}]}


def filled(database: Database) -> None:
    book = database.write_now(open_book, default_agreement(), NOW)
    context = Context(NOW, NOW, book, "api:test", "trace")
    database.write_now(take_in, context, read_lead(PERSON, now=NOW), Door("crm"))


def counts(tx: Connection) -> dict[str, int]:
    return {name: tx.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in COUNTED}


def counted(url: str) -> dict[str, int]:
    database = Database.open(url)
    try:
        migrate(database)
        return database.read_now(counts)
    finally:
        database.close()


def backed_up(url: str, file: Path) -> str:
    said: list[str] = []
    settings = Settings(slack_bot_token=SecretStr(""), database_url=SecretStr(url))
    assert backup_command(file, settings, said.append) == 0
    return " ".join(said)


def test_a_copy_of_sqlite_is_made_while_the_bot_writes_and_is_restored_by_copying_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "copy.db"
    database = Database.open(sqlite_url)
    filled(database)
    before = database.read_now(counts)
    said = backed_up(sqlite_url, file)  # the bot's own connection is open, with its log of pages
    filled_later = database.write_now(
        lambda tx: tx.execute(text("UPDATE lead SET company = 'later'")).rowcount
    )
    database.close()
    assert "1 lead, 1 handoff, " in said
    assert "found nothing wrong" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["copy.db"]
    assert filled_later == 1
    shutil.copy(file, tmp_path / "restored.db")
    assert counted(f"sqlite:///{tmp_path / 'restored.db'}") == before


def test_a_writer_between_two_steps_is_neither_held_up_nor_copied(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(sqlite_url)
    filled(database)
    database.write_now(lambda tx: tx.execute(text("UPDATE lead SET company = 'before'")).rowcount)
    written: list[int] = []

    def write(_seconds: float) -> None:
        rename = text(f"UPDATE lead SET company = 'step {len(written)}'")
        written.append(database.write_now(lambda tx: tx.execute(rename).rowcount))

    monkeypatch.setattr("storage.database.backup._PAGES", 20)
    monkeypatch.setattr("storage.database.backup.time.sleep", write)
    backed_up(sqlite_url, tmp_path / "copy.db")
    monkeypatch.undo()
    database.close()
    assert len(written) > 3
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT company FROM lead").fetchall() == [("before",)]


def test_a_file_that_exists_stays_as_it_is(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_text("mine")
    with pytest.raises(CannotStart, match="exists already and stays as it is"):
        backed_up(sqlite_url, tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_text() == "mine"


def test_a_copy_that_finds_no_room_leaves_nothing_behind(sqlite_file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_file)) as filler:  # more than SQLite keeps in memory
        filler.execute("CREATE TABLE filler AS SELECT zeroblob(10000000)")
    size = sqlite_file.stat().st_size // 2  # of any file; Python ignores the signal that comes with it

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = subprocess.run(
        [sys.executable, app.__file__, "backup", str(tmp_path / "copy.db")],
        env={**os.environ, "DATABASE_URL": f"sqlite:///{sqlite_file}"},
        preexec_fn=little_room,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "check it, and the room on the disk" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_not_written_to_a_pipe(sqlite_file: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="not to the standard output"):
        backed_up(f"sqlite:///{sqlite_file}", tmp_path / "-")


def test_a_folder_that_is_not_there_is_named(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be written"):
        backed_up(sqlite_url, tmp_path / "nowhere" / "copy.db")


def test_a_damaged_database_leaves_no_copy(sqlite_file: Path, tmp_path: Path) -> None:
    bytes_of = bytearray(sqlite_file.read_bytes())
    bytes_of[8192:] = b"\xff" * (len(bytes_of) - 8192)
    sqlite_file.write_bytes(bytes_of)
    said = CliRunner().invoke(
        app.cli, ["backup", str(tmp_path / "copy.db")], env={"DATABASE_URL": f"sqlite:///{sqlite_file}"}
    )
    assert said.exit_code == 1
    assert said.exception is None or isinstance(said.exception, SystemExit)
    assert list(tmp_path.iterdir()) == []


def test_there_is_nothing_to_copy_where_there_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="does not exist, or is not Baton's"):
        backed_up(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_of_postgresql_is_restored_by_pg_restore(
    own_postgres_url: str, postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgres_server.programs), prepend=":")
    database = Database.open(own_postgres_url)
    filled(database)
    before = database.read_now(counts)
    said = backed_up(own_postgres_url, tmp_path / "baton.dump")
    database.close()
    assert "pg_restore can read it" in said
    assert stat.S_IMODE((tmp_path / "baton.dump").stat().st_mode) == 0o600
    fresh = postgres_server.create()
    address = make_url(postgres_server.url(fresh)).set(drivername="postgresql").render_as_string()
    restore = ["pg_restore", "--no-owner", f"--dbname={address}", str(tmp_path / "baton.dump")]
    done = subprocess.run(restore, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert counted(postgres_server.url(fresh)) == before
    postgres_server.drop(fresh)


def test_without_pg_dump_a_sentence_says_what_to_do(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match="Install PostgreSQL's client programs"):
        backed_up(postgres_url, tmp_path / "baton.dump")
    assert list(tmp_path.iterdir()) == []
