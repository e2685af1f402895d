"""Transactions: what is answered is stored, what fails leaves nothing, and reading waits for nobody."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from functools import partial
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.database import Database, DatabaseAway, announce
from tests.databases import prepare_durably

notes = Table("note", MetaData(), Column("id", Integer, primary_key=True), Column("word", Text, unique=True))


@pytest.fixture
def postgres_url(own_postgres_url: str) -> str:
    """A database of its own for each test, because it gets a table more."""
    return own_postgres_url


@pytest.fixture(autouse=True)
def _note_table(request: pytest.FixtureRequest) -> None:
    if "database" in request.fixturenames:
        database: Database = request.getfixturevalue("database")
        database.write_now(notes.metadata.create_all)


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    database = Database.open(sqlite_url)
    database.write_now(notes.metadata.create_all)
    yield database
    database.close()


def note(tx: Connection, word: str, topic: str | None = None) -> str:
    tx.execute(insert(notes).values(word=word))
    if topic:
        announce(tx, topic)
    return word


def note_and_fail(tx: Connection, word: str) -> None:
    note(tx, word, "notes")
    raise LookupError(word)


def words(tx: Connection) -> list[str]:
    return list(tx.execute(select(notes.c.word).order_by(notes.c.word)).scalars())


async def test_a_write_is_stored_and_answers_with_what_it_returns(database: Database) -> None:
    assert await database.write(note, "a") == "a"
    assert await database.write(note, word="b") == "b"
    assert await database.read(words) == ["a", "b"]


def test_commands_without_a_loop_write_and_read(database: Database) -> None:
    assert database.write_now(note, "a") == "a"
    assert database.read_now(words) == ["a"]


async def test_an_error_undoes_its_transaction_and_reaches_the_caller(database: Database) -> None:
    await database.write(note, "a")
    with pytest.raises(LookupError, match="b"):
        await database.write(note_and_fail, "b")
    with pytest.raises(IntegrityError):
        await database.write(note, "a")
    assert await database.read(words) == ["a"]


async def test_of_many_at_once_each_fails_or_succeeds_alone(database: Database) -> None:
    await database.write(note, "taken")
    calls = [("note", f"w{n:02}") for n in range(40)] + [("fail", "f1"), ("note", "taken"), ("fail", "f2")]
    answers = await asyncio.gather(
        *(database.write(note if kind == "note" else note_and_fail, word) for kind, word in calls),
        return_exceptions=True,
    )
    assert answers[:40] == [word for _, word in calls[:40]]
    assert [type(answer) for answer in answers[40:]] == [LookupError, IntegrityError, LookupError]
    assert await database.read(words) == ["taken", *(f"w{n:02}" for n in range(40))]


async def test_every_answer_comes_after_its_commit(sqlite_database: Database, sqlite_file: Path) -> None:
    other = sqlite3.connect(sqlite_file)

    async def write_and_look(word: str) -> bool:
        await sqlite_database.write(note, word)
        return len(other.execute("SELECT 1 FROM note WHERE word = ?", [word]).fetchall()) == 1

    assert all(await asyncio.gather(*(write_and_look(f"w{n}") for n in range(40))))
    other.close()


async def test_listeners_hear_of_a_topic_on_the_loop_after_the_commit(database: Database) -> None:
    heard: list[tuple[str, list[str], bool]] = []
    loop_thread = threading.get_ident()

    def hear(topic: str) -> None:
        seen = database.read_now(words)
        heard.append((topic, seen, threading.get_ident() == loop_thread))

    database.on_commit("notes", lambda: hear("notes"))
    database.on_commit("others", lambda: hear("others"))
    await database.write(note, "a", "notes")
    await asyncio.sleep(0)
    assert heard == [("notes", ["a"], True)]


async def test_nobody_hears_of_what_was_undone(database: Database) -> None:
    heard: list[str] = []
    for topic in ("notes", "others"):
        database.on_commit(topic, partial(heard.append, topic))
    with pytest.raises(LookupError):
        await database.write(note_and_fail, "a")
    await database.write(note, "b", "others")
    await asyncio.sleep(0)
    assert heard == ["others"]


def test_without_a_loop_listeners_are_called_at_once(database: Database) -> None:
    heard: list[str] = []
    database.on_commit("notes", lambda: heard.append("notes"))
    database.write_now(note, "a", "notes")
    assert heard == ["notes"]


def test_a_listener_that_fails_is_logged_and_stops_nobody(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []
    database.on_commit("notes", lambda: heard.remove("never there"))
    database.on_commit("notes", lambda: heard.append("notes"))
    for word in ("a", "b"):
        database.write_now(note, word, "notes")
    assert heard == ["notes", "notes"]
    assert "a listener of notes failed" in caplog.text


async def test_a_function_that_runs_off_an_iterator_keeps_nobody_waiting(database: Database) -> None:
    with pytest.raises(RuntimeError, match="ran off the end of an iterator"):
        await asyncio.wait_for(database.write(lambda _tx: next(iter([]))), 5)


async def test_errors_do_not_tell_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(DBAPIError) as error:
        await database.write(
            lambda tx: tx.execute(text("INSERT INTO nowhere VALUES (:a)"), {"a": "ann@example.com"})
        )
    assert "ann@example.com" not in str(error.value)


async def test_on_sqlite_one_transaction_writes_at_a_time(sqlite_database: Database) -> None:
    threads = await asyncio.gather(
        *(sqlite_database.write(lambda _tx: threading.get_ident()) for _ in range(30))
    )
    assert len(set(threads)) == 1


async def test_reading_does_not_wait_for_a_long_write(database: Database) -> None:
    inside, go = threading.Event(), threading.Event()

    def long_write(tx: Connection) -> None:
        note(tx, "late")
        inside.set()
        assert go.wait(10)

    write = asyncio.create_task(database.write(long_write))
    await asyncio.to_thread(inside.wait, 10)
    assert await asyncio.wait_for(database.read(words), 5) == []
    go.set()
    await write
    assert await database.read(words) == ["late"]


async def test_a_read_sees_one_state_from_its_beginning_to_its_end(database: Database) -> None:
    inside, go = threading.Event(), threading.Event()

    def look_twice(tx: Connection) -> tuple[list[str], list[str]]:
        before = words(tx)
        inside.set()
        assert go.wait(10)
        return before, words(tx)

    read = asyncio.create_task(database.read(look_twice))
    await asyncio.to_thread(inside.wait, 10)
    await database.write(note, "a")
    go.set()
    assert await read == ([], [])


async def test_a_read_may_not_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await database.read(note, "a")
    await database.write(note, "b")
    assert await database.read(words) == ["b"]


async def test_a_caller_who_gives_up_stops_nobody(database: Database) -> None:
    inside, go = threading.Event(), threading.Event()

    def slow(tx: Connection) -> None:
        inside.set()
        assert go.wait(10)
        note(tx, "a")

    write = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(inside.wait, 10)
    write.cancel()
    go.set()
    await database.write(note, "b")
    database.close()  # finishes what has begun
    again = Database.open(database.url.render_as_string(hide_password=False))
    assert again.read_now(words) == ["a", "b"]
    again.close()


async def test_a_transaction_runs_in_the_context_of_its_caller(database: Database) -> None:
    trace: ContextVar[str] = ContextVar("trace")
    trace.set("t1")
    assert await database.write(lambda _tx: trace.get()) == "t1"


def test_what_is_queued_is_finished_before_closing_and_nothing_after(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    database.write_now(notes.metadata.create_all)
    threads = [threading.Thread(target=database.write_now, args=(note, f"w{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    with pytest.raises(DatabaseAway, match="closed"):
        database.write_now(note, "late")


async def test_postgresql_runs_the_victim_of_a_deadlock_again(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    await database.write(notes.metadata.create_all)
    for word in ("a", "b"):
        await database.write(note, word)
    meet, tries = threading.Barrier(2), []

    def cross(tx: Connection, first: str, second: str) -> None:
        tries.append(first)
        tx.execute(update(notes).where(notes.c.word == first).values(word=first))
        if len(tries) <= 2:
            meet.wait(10)
        tx.execute(update(notes).where(notes.c.word == second).values(word=second))

    await asyncio.gather(database.write(cross, "a", "b"), database.write(cross, "b", "a"))
    assert len(tries) >= 3  # once each, and the victim again until it gets past the other
    database.close()


async def test_postgresql_gives_up_a_transaction_that_never_goes_through(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    tries = []

    def collide(tx: Connection) -> None:
        tries.append(1)
        tx.execute(text("DO $$ BEGIN RAISE EXCEPTION 'collision' USING ERRCODE = '40001'; END $$"))

    with pytest.raises(DatabaseAway, match="is too busy: changes wait for one another"):
        await database.write(collide)
    assert len(tries) > 2
    database.close()


def test_the_writer_of_sqlite_is_durable_and_minds_foreign_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pragmas(tx: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [tx.execute(text(f"PRAGMA {name}")).scalar_one() for name in names]

    monkeypatch.setattr("storage.database._prepare_writer", prepare_durably)
    database = Database.open(f"sqlite:///{tmp_path}/durable.db")
    assert database.write_now(pragmas) == ["wal", 2, 1]  # 2: FULL
    database.close()


async def test_a_short_lock_of_another_program_is_waited_for(
    sqlite_database: Database, sqlite_file: Path
) -> None:
    other = sqlite3.connect(sqlite_file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.1, other.execute, "COMMIT")
    assert await sqlite_database.write(note, "a") == "a"
    other.close()


def test_a_database_is_opened_without_touching_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database.open("sqlite:///here.db")
    assert list(tmp_path.iterdir()) == []
    database.write_now(notes.metadata.create_all)
    assert (tmp_path / "here.db").exists()
    assert database.read_now(lambda tx: tx.execute(select(func.count()).select_from(notes)).scalar_one()) == 0
    database.close()


ANOTHER_COMMAND = """
import contextlib, sqlite3, sys
with contextlib.closing(sqlite3.connect(sys.argv[1])) as file:
    print(*(word for (word,) in file.execute("SELECT word FROM note ORDER BY id")))
"""


def test_a_look_at_the_file_leaves_its_locks_so_that_no_command_takes_the_wal_along(
    sqlite_database: Database,
) -> None:
    def another_reads() -> str:
        command = [sys.executable, "-c", ANOTHER_COMMAND, sqlite_database.url.database or ""]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    sqlite_database.write_now(note, "before")
    for _ in range(3):
        sqlite_database.require_sound()
    assert another_reads() == "before"  # and ends: the last connection to a file deletes its WAL
    sqlite_database.write_now(note, "after")
    assert another_reads() == "before after"


def test_a_look_at_the_file_keeps_no_more_of_it_open(sqlite_database: Database) -> None:
    def opened() -> int:
        return sum(each.path == sqlite_database.url.database for each in psutil.Process().open_files())

    sqlite_database.require_sound()
    first = opened()
    for _ in range(20):
        sqlite_database.require_sound()
    assert opened() == first
