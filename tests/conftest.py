"""Fixtures that every floor uses: an empty, migrated database of each kind."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.setup.zonedata import use_newer_zones
from storage.database import Database
from tests.databases import KeptEngines, PostgresServer, migrated, prepare_in_haste


def pytest_configure() -> None:
    """Read zones from the data that every command of Baton reads them from.

    What a process of the tests has compiled, the others find compiled, even if the environment says not to
    keep it: they are so many, and compiling is a fifth of a bot's start.
    """
    use_newer_zones()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    settings.register_profile("baton", deadline=None)  # no test judges by the clock on the wall
    settings.load_profile("baton")
    gc.disable()  # nothing of what is collected goes away


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Have each process of a run begin elsewhere: what one compiles, others find compiled."""
    report = yield
    if isinstance(collector, pytest.Dir) and report.result:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        workers = os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
        first = len(report.result) * int(worker) // int(workers)
        report.result = [*report.result[first:], *report.result[:first]]
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process is left alone with it in the end."""
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, item.path))


def pytest_collection_finish() -> None:
    """Leave out of every later garbage collection what was loaded and collected: it all stays."""
    gc.enable()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL of this test process. It starts with the first test that asks."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "baton.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: PostgresServer) -> str:
    name = postgres_server.create()
    migrated(postgres_server.url(name))
    return name


@pytest.fixture(scope="session", autouse=True)
def _sqlite_waits_for_no_disk() -> Iterator[None]:
    """No test pulls the plug, so that a commit of this process need not wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.database._prepare_writer", prepare_in_haste)
        yield


@pytest.fixture(scope="session", autouse=True)
def kept_engines() -> Iterator[KeptEngines]:
    """What opens a `Database` in this process. It keeps the engines of the addresses that tests share."""
    kept = KeptEngines()
    with pytest.MonkeyPatch.context() as patch:
        for opens in ("_sqlite", "_postgres"):
            patch.setattr(f"storage.database.{opens}", kept.take)
        yield kept


@pytest.fixture(scope="session")
def _sqlite_place(tmp_path_factory: pytest.TempPathFactory, kept_engines: KeptEngines) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "baton.db"
    kept_engines.keep(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_file(_sqlite_template: Path, _sqlite_place: Path) -> Path:
    """A fresh migrated SQLite file. It lies where that of the test before lay."""
    for left in _sqlite_place.parent.iterdir():
        left.unlink()
    shutil.copy(_sqlite_template, _sqlite_place)
    return _sqlite_place


@pytest.fixture
def sqlite_url(sqlite_file: Path) -> str:
    """The URL of a fresh migrated SQLite file."""
    return f"sqlite:///{sqlite_file}"


@pytest.fixture(scope="session")
def _shared_postgres(
    postgres_server: PostgresServer, _postgres_template: str, kept_engines: KeptEngines
) -> str:
    name = postgres_server.create(_postgres_template)
    kept_engines.keep(postgres_server.url(name))
    return name


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, _shared_postgres: str) -> str:
    """The URL of an empty migrated PostgreSQL database. All tests have the same, one after the other."""
    postgres_server.empty(_shared_postgres)
    return postgres_server.url(_shared_postgres)


@pytest.fixture
def own_postgres_url(postgres_server: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database that nobody else gets, for a test that changes its tables."""
    name = postgres_server.create(_postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Makes a test run once with each kind of database."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty migrated database; the test runs once with each kind."""
    url: str = request.getfixturevalue("sqlite_url" if database_kind == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def own_database(database_kind: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated database that nobody else gets, open; the test runs once with each kind."""
    url = request.getfixturevalue("sqlite_url" if database_kind == "sqlite" else "own_postgres_url")
    database = Database.open(url)
    yield database
    database.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty migrated database, open; the test runs once with each kind."""
    database = Database.open(database_url)
    yield database
    database.close()
