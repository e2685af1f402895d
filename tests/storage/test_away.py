"""A database that cannot be used is told in a sentence that says what to do, and comes back by itself."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import psycopg
import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from storage.database import BadDatabaseUrl, Database, DatabaseAway
from storage.database.away import as_away
from storage.database.pulse import Pulse
from storage.migrations import migrate
from tests.databases import PostgresServer

BAD_URLS = {
    "": "not one that Baton can use",
    "baton.db": "not one that Baton can use",
    "mysql://root@localhost/baton": "not one that Baton can use",
    "postgresql+asyncpg://localhost/baton": "not one that Baton can use",
    "postgresql://user@host:port/baton": "not one that Baton can use",
    "sqlite://": "in memory",
    "sqlite:///:memory:": "in memory",
    "sqlite:///file:baton?mode=memory&uri=true": "in memory",
    "sqlite://baton.db": "needs three slashes",
    "sqlite:///baton.db?mode=ro": "leave out",
}


def one(tx: Connection) -> int:
    answer: int = tx.execute(text("SELECT 1")).scalar_one()
    return answer


def make(tx: Connection) -> None:
    tx.execute(text("CREATE TABLE big (bytes BLOB)"))


def fill(tx: Connection) -> None:
    tx.execute(text("INSERT INTO big VALUES (zeroblob(10000))"))


def sizes(tx: Connection) -> int:
    answer: int = tx.execute(text("SELECT count(*) FROM big")).scalar_one()
    return answer


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    database = Database.open(sqlite_url)
    yield database
    database.close()


@pytest.mark.parametrize(("url", "words"), BAD_URLS.items(), ids=BAD_URLS.keys())
def test_a_bad_url_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=words):
        Database.open(url)


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("sqlite:///baton.db", "sqlite"),
        ("sqlite+pysqlite:////var/baton.db", "sqlite"),
        ("postgres://u@h/d", "postgresql"),
        ("postgresql://u@h/d", "postgresql"),
        (" postgresql+psycopg://u@h/d\n", "postgresql"),
    ],
)
def test_the_usual_ways_to_write_a_url_are_understood(url: str, dialect: str) -> None:
    database = Database.open(url)
    assert database.dialect == dialect
    assert database.url.drivername in {"sqlite+pysqlite", "postgresql+psycopg"}
    database.close()


def away_text(database: Database) -> str:
    """What writing, reading and migrating say; they must agree that the database is away."""
    with pytest.raises(DatabaseAway) as write:
        database.write_now(one)
    with pytest.raises(DatabaseAway):
        database.read_now(lambda tx: tx.dialect.has_table(tx, "lead"))
    with pytest.raises(DatabaseAway):
        migrate(database)
    return str(write.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/none/baton.db")
    assert away_text(database) == (
        f"The folder {tmp_path}/none for the database file does not exist; "
        "create it, or correct DATABASE_URL."
    )
    database.close()


def test_a_folder_in_the_place_of_the_file_cannot_be_opened(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}")
    assert f"The database file {tmp_path} cannot be opened; check that" in away_text(database)
    database.close()


def test_a_file_of_another_kind_is_not_taken_for_a_database(tmp_path: Path) -> None:
    (tmp_path / "baton.db").write_text("name,email\n" * 200)
    database = Database.open(f"sqlite:///{tmp_path}/baton.db")
    assert "is not a SQLite database; name another file" in away_text(database)
    (tmp_path / "baton.db").unlink()
    assert database.write_now(one) == 1
    database.close()


async def test_a_full_disk_loses_all_that_waited_together_and_nothing_else(sqlite_database: Database) -> None:
    await sqlite_database.write(make)
    await sqlite_database.write(fill)

    def no_more(tx: Connection) -> None:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages + 4}"))

    await sqlite_database.write(no_more)
    answers = await asyncio.gather(*(sqlite_database.write(fill) for _ in range(12)), return_exceptions=True)
    lost = [str(answer) for answer in answers if isinstance(answer, DatabaseAway)]
    assert lost
    assert all(
        re.match(r"The disk that holds .*baton\.db is full; make room on it\.$", text) for text in lost
    )
    assert answers.count(None) + len(lost) == 12
    assert await sqlite_database.read(sizes) == 1 + answers.count(None)
    await sqlite_database.write(lambda tx: tx.execute(text("PRAGMA max_page_count = 1000000")).scalar_one())
    await sqlite_database.write(fill)  # there is room again


async def test_whoever_found_the_disk_full_is_told_so_where_the_next_loses_all(
    sqlite_database: Database,
) -> None:
    await sqlite_database.write(make)
    await sqlite_database.write(
        lambda tx: tx.execute(text("CREATE TABLE rows (n INTEGER UNIQUE, bytes BLOB)"))
    )

    def fill_with_many(tx: Connection) -> None:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        many = "INSERT INTO rows SELECT value, zeroblob(5000) FROM json_each('[1, 2, 3]')"
        tx.execute(text(many))  # a full disk undoes this statement alone, as it does with any of several rows

    calls = (
        lambda _tx: time.sleep(0.1),
        fill_with_many,
        fill,
    )  # the first, so that the others are one commit
    _, *lost = await asyncio.gather(*map(sqlite_database.write, calls), return_exceptions=True)
    assert [type(answer) for answer in lost] == [DatabaseAway] * 2
    assert await sqlite_database.read(sizes) == 0


def test_a_disk_that_fills_within_a_savepoint_is_told(sqlite_database: Database) -> None:
    sqlite_database.write_now(make)

    def fill_up(tx: Connection) -> None:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        with tx.begin_nested():
            fill(tx)

    with pytest.raises(DatabaseAway, match="is full; make room on it"):
        sqlite_database.write_now(fill_up)


def test_a_lock_that_does_not_end_is_told(
    sqlite_database: Database, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.sqlite.LOCK_SECONDS", 0.05)
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway, match="locked by another program for too long; end what holds it"):
        sqlite_database.write_now(one)
    other.close()
    assert sqlite_database.write_now(one) == 1


async def test_nobody_waits_for_a_lock_again_who_has_waited_for_it_in_the_queue(
    sqlite_database: Database, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.sqlite.LOCK_SECONDS", 0.5)
    monkeypatch.setattr("storage.database.sqlite.LEAST_PATIENCE", 0.01)
    await sqlite_database.write(one)
    other = sqlite3.connect(sqlite_file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    waiting = [asyncio.create_task(sqlite_database.write(one)) for _ in range(50)]
    await asyncio.wait(waiting[:1])
    asyncio.get_running_loop().call_later(0.75, other.close)  # when the third would get it by waiting anew
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in found] == [DatabaseAway] * 50


def test_nobody_listening_is_told_without_the_password() -> None:
    database = Database.open("postgresql://baton:s3cret@127.0.0.1:1/leads")
    told = away_text(database)
    assert told.startswith("The PostgreSQL database leads on 127.0.0.1:1 cannot be reached (")
    assert told.endswith("start it, or correct DATABASE_URL.")
    assert "s3cret" not in told
    database.close()


def test_a_database_that_does_not_exist_is_told(postgres_server: PostgresServer) -> None:
    database = Database.open(postgres_server.url("nowhere"))
    assert 'database "nowhere" does not exist' in away_text(database)
    database.close()


@pytest.mark.parametrize(
    ("turned_away", "words"),
    [
        ("FATAL:  sorry, too many clients already", "is short of connections or memory; raise its limits"),
        ('FATAL:  password authentication failed for user "x"', "refuses this user; correct the name and"),
        ("FATAL:  the database system is starting up", "is shutting down or starting up; try again"),
        ("Connection refused", "cannot be reached (Connection refused); start it, or correct"),
    ],
)
def test_what_a_server_says_as_it_turns_somebody_away_is_told(turned_away: str, words: str) -> None:
    url = make_url("postgresql+psycopg://baton:s3cret@db/leads")
    told = as_away(DBAPIError("", None, psycopg.OperationalError(turned_away)), url, writing=True)
    assert words in str(told)


def sleepers(tx: Connection) -> int:
    """How many others the server has sleeping."""
    found = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    answer: int = tx.execute(text(found)).scalar_one()
    return answer


async def test_postgresql_that_stops_is_away_until_it_comes_back() -> None:
    server = PostgresServer()
    database = Database.open(server.url(server.create()))
    assert await asyncio.gather(*(database.write(one) for _ in range(8))) == [1] * 8
    running = asyncio.create_task(database.write(lambda tx: tx.execute(text("SELECT pg_sleep(20)"))))
    async with asyncio.timeout(20):
        while not await database.read(sleepers):
            await asyncio.sleep(0.01)
    server.stop()
    with pytest.raises(DatabaseAway):
        await running
    assert "cannot be reached" in await asyncio.to_thread(away_text, database)
    server.start()
    assert await asyncio.gather(*(database.write(one) for _ in range(8))) == [1] * 8
    assert await database.read(one) == 1
    database.close()
    server.remove()


async def test_nobody_is_given_a_connection_that_the_server_ended_meanwhile(own_postgres_url: str) -> None:
    database, other = Database.open(own_postgres_url), Database.open(own_postgres_url)
    assert await asyncio.gather(*(database.write(one) for _ in range(8))) == [1] * 8
    end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
    await other.write(lambda tx: tx.execute(text(f"{end} AND pid <> pg_backend_pid()")).all())
    assert await asyncio.gather(*(database.write(one) for _ in range(8))) == [1] * 8
    database.close()
    other.close()


def test_a_connection_that_breaks_amid_many_rows_is_told_in_a_line(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database.open(postgres_url)

    def break_off(tx: Connection) -> None:
        driver = cast("psycopg.Connection", tx.connection.driver_connection)
        driver.pgconn.enter_pipeline_mode()  # as it is left where the server ends amid several rows
        tx.execute(text("SELECT 1"))

    with pytest.raises(DatabaseAway, match="cannot be reached"):
        database.write_now(break_off)
    assert caplog.text == ""
    assert database.write_now(one) == 1
    database.close()


@pytest.mark.parametrize(("least_free", "says"), [(0, "I/O error"), (1 << 62, "is full; make room on it")])
def test_an_io_error_on_a_full_disk_is_that_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least_free: int, says: str
) -> None:
    """The files beside the database are the first that find no room, and SQLite calls that an I/O error."""
    monkeypatch.setattr("storage.database.files.LEAST_FREE", least_free)
    file = tmp_path / "baton.db"
    file.with_name("baton.db-wal").mkdir()  # so that SQLite cannot make its log
    database = Database.open(f"sqlite:///{file}")
    with pytest.raises(DatabaseAway) as away:
        database.write_now(make)
    assert says in str(away.value)
    database.close()


def test_its_own_connection_is_closed_though_the_loop_that_asked_has_ended(postgres_url: str) -> None:
    """The answer can then be passed on to nobody, and the one who asks must not be taken for waiting."""
    pulse = Pulse(make_url(postgres_url))

    async def ask_and_leave() -> None:
        pulse._ask()

    asyncio.run(ask_and_leave())
    for thread in threading.enumerate():
        if thread.name == "pulse":
            thread.join(30)
    connection = pulse._connection
    assert connection is not None
    pulse.close()
    assert connection.closed
