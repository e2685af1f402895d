"""One running bot on a SQLite file; the lock goes with its holder, however that one ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage import replicas
from storage.database import Database
from storage.database.away import DatabaseAway
from storage.database.runlock import AlreadyRunning, only_one
from tests.bot.ledger import MONDAY

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from sqlalchemy import make_url
from storage.database.runlock import only_one
with only_one(make_url(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds `tmp_path / "baton.db"`."""
    command = [sys.executable, "-c", HOLD, f"sqlite:///{tmp_path}/baton.db"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_run_on_the_same_file_is_refused_in_words(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "baton.db")
    for name in ("baton.db", "link.db"):
        with (
            pytest.raises(
                AlreadyRunning, match=r"already running on .*; stop it first, or give this one another"
            ),
            only_one(make_url(f"sqlite:///{tmp_path}/{name}")),
        ):
            pytest.fail("two hold one file")


def test_a_file_that_has_a_second_name_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "baton.db").touch()
    (tmp_path / "other.db").hardlink_to(tmp_path / "baton.db")
    for name in ("baton.db", "other.db"):
        with (
            pytest.raises(DatabaseAway, match=r"has 2 names \(hard links\).* Remove all but one"),
            only_one(make_url(f"sqlite:///{tmp_path}/{name}")),
        ):
            pytest.fail("held under one of its names")


def test_other_files_are_free(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    with only_one(make_url(f"sqlite:///{tmp_path}/other.db")):
        assert (tmp_path / "other.db.lock").exists()


def test_a_killed_holder_holds_no_longer(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    with only_one(make_url(f"sqlite:///{tmp_path}/baton.db")):
        assert (tmp_path / "baton.db.lock").exists()


def test_whoever_is_at_work_is_seen_although_the_lock_file_was_deleted(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        name = f"{replicas.own_name().rpartition(':')[0]}:{other.pid}"
        for each in (name, f"elsewhere:{other.pid}", replicas.own_name()):
            database.write_now(replicas.beat, each, MONDAY, "hash")
        with pytest.raises(AlreadyRunning, match=f"process {other.pid}, is at work on .*lock file"):
            database.read_now(replicas.require_alone, MONDAY)
        database.read_now(replicas.require_alone, MONDAY + 2 * replicas.AT_WORK)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has asked how
        database.read_now(replicas.require_alone, MONDAY)
    database.close()


def test_it_can_be_held_again_after_it_was_given_back(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path}/baton.db")
    for _ in range(2):
        with only_one(url):
            assert (tmp_path / "baton.db.lock").exists()


def test_a_missing_folder_is_told_and_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(DatabaseAway, match="does not exist; create it"),
        only_one(make_url(f"sqlite:///{tmp_path}/none/baton.db")),
    ):
        pytest.fail("held in a folder that does not exist")
    assert not (tmp_path / "none").exists()


def test_postgresql_takes_any_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = make_url("postgresql+psycopg://localhost/baton")
    with only_one(url), only_one(url):
        assert list(tmp_path.iterdir()) == []
