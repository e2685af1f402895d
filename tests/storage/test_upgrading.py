"""An upgrade beside old replicas: they finish what they have in hand, and one of the new ones migrates."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, inspect, select, text

from storage import models
from storage.database import Database
from storage.migrations import migrate
from storage.migrations.upgrading import DatabaseTooNew
from tests.bot.ledger import Ledger
from tests.storage.test_migrations import plant, start_migration, wait_for

COLUMN = 'op.add_column("lead", sa.Column("planted", sa.Text()))'


@pytest.fixture
def postgres_url(own_postgres_url: str) -> str:
    """A database of its own for each test, because its tables are changed."""
    return own_postgres_url


@pytest.fixture
def versions(tmp_path: Path) -> list[Path]:
    """The next version's migrations. Whoever carries out its own leaves a file."""
    noted = f"import os; Path({str(tmp_path)!r}, f'migrated-{{os.getpid()}}').touch()"
    return plant(tmp_path, f"{noted}\n{COLUMN}")


def lead_count(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(models.leads)).scalar_one()


def has_column(tx: Connection) -> bool:
    return any(each["name"] == "planted" for each in inspect(tx).get_columns("lead"))


@contextmanager
def at_work(what: Callable[[], object]) -> Iterator[list[Exception]]:
    """Somebody does it over and over; what went wrong."""
    over, faults = threading.Event(), list[Exception]()

    def work() -> None:
        while not over.is_set():
            try:
                what()
            except Exception as fault:
                faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield faults
    finally:
        over.set()
        thread.join(30)


def test_the_new_one_waits_until_the_old_one_has_finished_what_it_has_in_hand(
    database: Database, database_url: str, versions: list[Path], tmp_path: Path
) -> None:
    old = Ledger(database)
    begun, finish = threading.Event(), threading.Event()

    def slowly(tx: Connection) -> None:
        tx.execute(text("UPDATE lead SET company = 'Later' WHERE id = 1"))
        begun.set()
        finish.wait(30)

    old.takes_in()
    request = threading.Thread(target=database.write_now, args=(slowly,))
    request.start()
    begun.wait(30)
    new = start_migration(database_url, versions)
    wait_for(tmp_path / f"came-{new.pid}", new)
    time.sleep(0.3)  # in which it would be done, if it did not wait
    assert new.poll() is None
    assert not database.read_now(has_column)
    finish.set()
    request.join(30)
    assert new.communicate(timeout=60)[1] == ""
    assert new.returncode == 0
    assert database.read_now(has_column)
    assert database.read_now(lambda tx: tx.execute(select(models.leads.c.company)).scalar_one()) == "Later"


def test_two_new_ones_migrate_once_beside_an_old_one_at_work_and_older_code_is_refused(
    own_postgres_url: str, versions: list[Path], tmp_path: Path
) -> None:
    database = Database.open(own_postgres_url)
    old, taken = Ledger(database), list[int]()

    def lead_comes() -> None:
        number = len(taken)
        told = {"email": f"jane@firm{number}.example", "company": f"Firm {number}"}
        taken.append(old.takes_in(external_id=f"hs-{number}", **told).id)

    for _ in range(8):  # PostgreSQL's driver keeps what it has run so often, and its plan
        lead_comes()
    with at_work(lead_comes) as faults:
        new = [start_migration(own_postgres_url, versions) for _ in range(2)]
        assert [each.communicate(timeout=60)[1] for each in new] == ["", ""]
        after, end = len(taken), time.monotonic() + 30
        while len(taken) < after + 3 and not faults and time.monotonic() < end:
            time.sleep(0.01)
    assert faults == []
    assert len(list(tmp_path.glob("migrated-*"))) == 1
    assert database.read_now(has_column)
    assert database.read_now(lead_count) == len(set(taken)) == len(taken) >= after + 3
    with pytest.raises(DatabaseTooNew, match=r"newer Baton \(revision planted\); install that version"):
        migrate(database)
    database.close()
