"""`copy --to URL`: PostgreSQL goes on where SQLite stopped, or a sentence says why not."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, insert, select, update
from sqlmodel import SQLModel

import app
from bot.agreement import LoadedAgreement, default_agreement
from bot.agreement.book import open_book
from bot.errors import CannotStart
from bot.sandbox.demo.history import LENGTH, write_history
from bot.sandbox.scenario.sentences import Scenario, anything, dm_to, post_in, reply_to, update_of
from bot.settings import Settings
from handlers.cli.copying import copy_command
from storage import installation
from storage.database import Database, DatabaseAway
from storage.database.runlock import only_one
from storage.migrations import migrate
from storage.models import clocks, leads
from tests.databases import PostgresServer
from tests.scenarios.conftest import MONDAY, Story, quick_clock, settings_for

ROOT = Path(app.__file__).parent


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with four weeks of a made-up company, and an installation's id."""
    file = tmp_path_factory.mktemp("past") / "baton.db"
    database = Database.open(f"sqlite:///{file}")
    migrate(database)

    def write(tx: Connection) -> None:
        book = open_book(tx, default_agreement(), MONDAY - LENGTH)
        write_history(tx, book, 7, MONDAY)
        installation.make_id(tx)
        odd = {"what": "\N{SNOWMAN} 'quoted' \\n \t", "list": [1, 2.5, None, True], "none": None}
        tx.execute(update(leads).where(leads.c.id == 1).values(extra=odd, last_name="O'\\N\tBrien\n"))

    database.write_now(write)
    database.close()
    return file


@pytest.fixture
def source(past: Path, tmp_path: Path) -> str:
    shutil.copy(past, tmp_path / "baton.db")
    return f"sqlite:///{tmp_path / 'baton.db'}"


@pytest.fixture
def target(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a database without any table."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


def copied(source: str, target: str) -> list[str]:
    said: list[str] = []
    settings = Settings(slack_bot_token=SecretStr(""), database_url=SecretStr(source))
    assert copy_command(target, settings, said.append) == 0
    return said


def begun(source: str, target: str) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, ROOT / "app.py", "copy", "--to", target],
        env={**os.environ, "DATABASE_URL": source, "PYTHONUNBUFFERED": "1"},
        cwd=Path(source.removeprefix("sqlite:///")).parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def everything(url: str) -> dict[str, list[str]]:
    """Every row as Baton reads it, by table."""

    def read(tx: Connection) -> dict[str, list[str]]:
        return {
            table.name: sorted(repr(tuple(row)) for row in tx.execute(select(table)))
            for table in SQLModel.metadata.sorted_tables
        }

    database = Database.open(url)
    try:
        migrate(database)
        return database.read_now(read)
    finally:
        database.close()


def plainly(target: str, statement: str) -> Any:
    with psycopg.connect(target.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []


def test_every_row_is_the_same_and_numbers_go_on(source: str, own_postgres_url: str) -> None:
    target = own_postgres_url  # with its tables, and nothing in them
    said = copied(source, target)
    before, after = everything(source), everything(target)
    assert after == before
    assert len([name for name in before if before[name]]) > 12
    assert any(line.startswith("lead: ") and line.endswith(" copied, and identical.") for line in said)
    assert "set DATABASE_URL to the new database and start Baton" in said[-1]
    [(kind, asked)] = plainly(
        target, "SELECT extra->>'what', (created_at AT TIME ZONE 'UTC')::text FROM lead WHERE id = 1"
    )
    assert kind == "\N{SNOWMAN} 'quoted' \\n \t"
    with closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as raw:
        assert raw.execute("SELECT created_at FROM lead WHERE id = 1").fetchone()[0].startswith(asked)
    [(in_business_time,)] = plainly(target, "SELECT count(*) FROM clock WHERE NOT wall")
    assert in_business_time > 0
    database = Database.open(target)
    last = len(before["lead"])
    now = datetime(2026, 11, 20, tzinfo=UTC)
    new = insert(leads).values(created_at=now, updated_at=now).returning(leads.c.id)
    assert database.write_now(lambda tx: tx.execute(new).scalar_one()) == last + 1
    database.close()


def test_a_copy_that_was_killed_is_no_database_to_run_on_and_goes_on_where_it_was(
    source: str, own_postgres_url: str
) -> None:
    target = own_postgres_url
    database = Database.open(target)
    blocked = psycopg.connect(target.replace("+psycopg", ""))
    blocked.execute("LOCK TABLE event IN SHARE MODE")
    copying = begun(source, target)
    assert copying.stdout is not None
    watchdog = threading.Timer(60, copying.kill)
    watchdog.start()
    for line in copying.stdout:
        if line.startswith("dispute: "):  # the last table before
            break
    copying.send_signal(signal.SIGKILL)
    copying.wait()
    copying.communicate()
    watchdog.cancel()
    blocked.close()
    with pytest.raises(DatabaseAway, match="holds a copy that was broken off; run copy again"):
        migrate(database)
    database.close()
    changed = Database.open(source)
    changed.write_now(lambda tx: tx.execute(update(clocks).values(next_step=clocks.c.next_step + 1)) and None)
    changed.close()
    said = copied(source, target)
    of = {line.partition(": ")[0]: line for line in said}
    assert of["lead"].endswith(" already there, and identical.")
    assert of["clock"].endswith(" copied, and identical.")
    assert of["event"].endswith(" copied, and identical.")
    assert everything(target) == everything(source)


def test_a_target_that_is_not_empty_is_left_as_it_is(source: str, own_postgres_url: str) -> None:
    held = "INSERT INTO ping (place, at) VALUES ('U0REP1', now())"
    plainly(own_postgres_url, held)
    with pytest.raises(CannotStart, match=r"holds rows already \(ping\), and was left as it is"):
        copied(source, own_postgres_url)
    assert plainly(own_postgres_url, "SELECT count(*) FROM lead") == [(0,)]


@pytest.mark.parametrize(
    ("prepared", "says"),
    [
        ("CREATE TABLE lead (id int)", "has tables called lead already"),
        (
            "CREATE TABLE alembic_version (version_num varchar(32));"
            "INSERT INTO alembic_version VALUES ('0001')",
            r"the tables of another version of Baton \(revision 0001\)",
        ),
        (
            "CREATE TABLE alembic_version (version_num varchar(32));"
            "INSERT INTO alembic_version VALUES ('unfinished-copy-0123456789abcdef')",
            "an unfinished copy of another database",
        ),
    ],
)
def test_a_target_of_another_kind_is_refused(source: str, target: str, prepared: str, says: str) -> None:
    plainly(target, prepared)
    with pytest.raises(CannotStart, match=says):
        copied(source, target)
    assert plainly(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(1,)]


def test_a_source_on_which_a_bot_runs_is_refused(source: str, target: str) -> None:
    database = Database.open(source)
    with only_one(database.url):  # a lock among processes
        copying = begun(source, target)
        _, says = copying.communicate(timeout=60)
    database.close()
    assert copying.returncode == 1
    assert re.match(r"Baton is running on .*baton\.db\. Stop it first", says)
    assert plainly(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_other_ways_and_wrong_places_are_named(source: str, target: str, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="copy goes from SQLite"):
        copied(source, source)
    with pytest.raises(CannotStart, match="copy goes from SQLite"):
        copied(target, target)
    with pytest.raises(CannotStart, match="does not exist"):
        copied(f"sqlite:///{tmp_path / 'none.db'}", target)
    with pytest.raises(DatabaseAway, match='"nowhere" does not exist'):
        copied(source, re.sub(r"/test_\d+\?", "/nowhere?", target))


async def test_the_bot_goes_on_in_postgresql_with_the_clocks_that_ran(sqlite_url: str, target: str) -> None:
    clock = quick_clock()
    agreement: LoadedAgreement = default_agreement()
    async with Scenario(clock=clock) as slack:
        settings = settings_for(slack, "socket", sqlite_url)
        async with app.running(settings, agreement, clock) as baton:
            story = Story(slack, baton, clock, settings)
            await story.lead_comes_in()
            card = await slack.expects(post_in("C0SALES"))
            await story.all_is_delivered()
        copied(sqlite_url, target)
        settings = settings_for(slack, "socket", target)
        async with app.running(settings, agreement, clock) as baton:
            story = Story(slack, baton, clock, settings)
            clock.jump(timedelta(minutes=6))
            await baton.engine.advance(clock.now())
            nag = await slack.expects(reply_to(card))
            slack.ignores(update_of(nag), update_of(card), dm_to("U0MGR"), anything())
            await slack.person("U0REP1").clicks("Accept").on(card)
            await slack.expects(update_of(card), containing="Accepted")
            await slack.expects(reply_to(card), containing="Accepted by Riley Ross")
