"""Migrations end at the tables of the models, survive a kill, and take their turn."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, MetaData, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from storage import models
from storage.database import Database, DatabaseAway
from storage.migrations import VERSIONS, migrate
from storage.migrations.upgrading import DatabaseTooNew, configuration
from tests.storage.ddl import ddl

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def postgres_url(own_postgres_url: str) -> str:
    """A database of its own for each test, because its tables are changed."""
    return own_postgres_url


@pytest.fixture
def migrated_ddl(database: Database) -> set[str]:
    return database.read_now(ddl)


@pytest.fixture
def models_copy() -> MetaData:
    """The models' tables, to be spoiled."""
    copy = MetaData()
    for table in SQLModel.metadata.sorted_tables:
        table.to_metadata(copy)
    return copy


def plant(folder: Path, body: str) -> list[Path]:
    """A revision on top of ours whose `upgrade` has this body; returns the folders to migrate with."""
    head = ScriptDirectory.from_config(configuration([VERSIONS])).get_current_head()
    lines = "\n    ".join(body.strip().splitlines())
    (folder / "planted.py").write_text(
        "import time\nfrom pathlib import Path\nimport sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = 'planted'\ndown_revision = {head!r}\ndef upgrade():\n    {lines}\n"
    )
    return [VERSIONS, folder]


def start_migration(url: str, versions: list[Path]) -> subprocess.Popen[str]:
    code = (
        "import os, sys; from pathlib import Path; from storage.database import Database\n"
        "from storage.migrations import migrate\n"
        "Path(sys.argv[-1], f'came-{os.getpid()}').touch()\n"
        "migrate(Database.open(sys.argv[1]), [Path(v) for v in sys.argv[2:]])"
    )
    command = [sys.executable, "-W", "error", "-c", code, url, *map(str, versions)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def family(tx: Connection) -> None:
    """A lead with an alias and an activity."""
    tx.execute(insert(models.leads).values(id=1, created_at=NOW, updated_at=NOW))
    tx.execute(insert(models.lead_aliases).values(system="crm", external_id="a", lead_id=1))
    tx.execute(insert(models.activities).values(lead_id=1, type="visit", at=NOW))


def sizes(tx: Connection) -> list[int]:
    tables = (models.leads, models.lead_aliases, models.activities)
    return [tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def has_table(tx: Connection, name: str) -> bool:
    return tx.dialect.has_table(tx, name)


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(configuration([VERSIONS])).get_heads()) == 1


def test_a_migrated_database_has_the_tables_of_the_models(database: Database, empty: Database) -> None:
    empty.write_now(SQLModel.metadata.create_all)
    assert database.read_now(ddl) == empty.read_now(ddl)


def test_a_wrong_check_is_seen(database: Database, empty: Database, models_copy: MetaData) -> None:
    clock = models_copy.tables["clock"]
    wrong = next(c for c in clock.constraints if isinstance(c, CheckConstraint) and c.name == "ck_kind")
    wrong.sqltext = text("kind IN ('accept')")
    empty.write_now(models_copy.create_all)
    assert {line.split()[0] for line in database.read_now(ddl) ^ empty.read_now(ddl)} <= {"clock:", "clock"}
    assert len(database.read_now(ddl) ^ empty.read_now(ddl)) == 2  # the right one, and the wrong one


def test_a_missing_partial_index_is_seen(database: Database, empty: Database, models_copy: MetaData) -> None:
    handoff = models_copy.tables["handoff"]
    handoff.indexes.remove(next(i for i in handoff.indexes if i.name == "uq_handoff_open"))
    empty.write_now(models_copy.create_all)
    (line,) = database.read_now(ddl) ^ empty.read_now(ddl)
    assert "uq_handoff_open" in line
    assert "WHERE" in line


def test_a_rebuild_keeps_child_rows_and_foreign_keys(database: Database, tmp_path: Path) -> None:
    database.write_now(family)
    versions = plant(
        tmp_path,
        """with op.batch_alter_table("lead", recreate="auto") as lead:
    lead.alter_column("source", type_=sa.Text(), existing_type=sa.String())""",
    )
    before = database.read_now(ddl)
    migrate(database, versions)
    assert database.read_now(sizes) == [1, 1, 1]
    assert all(re.search(r"lead[:.] ?source ", line) for line in before ^ database.read_now(ddl))
    with pytest.raises(IntegrityError):
        database.write_now(
            lambda tx: tx.execute(
                insert(models.lead_aliases).values(system="crm", external_id="b", lead_id=9)
            )
        )


def test_a_migration_that_leaves_orphans_is_undone(sqlite_url: str, tmp_path: Path) -> None:
    database = Database.open(sqlite_url)
    database.write_now(family)
    with pytest.raises(
        DatabaseAway, match=r"has 2 rows that refer to rows which do not exist \(in activity, lead_al"
    ):
        migrate(database, plant(tmp_path, 'op.execute("DELETE FROM lead")'))
    assert database.read_now(sizes) == [1, 1, 1]
    database.close()


def test_a_migration_killed_in_the_middle_starts_again_cleanly(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    go, reached = tmp_path / "go", tmp_path / "reached"
    versions = plant(
        tmp_path,
        f"""op.execute("CREATE TABLE half_way (id INTEGER)")
if not Path({str(go)!r}).exists():
    Path({str(reached)!r}).touch()
    time.sleep(60)""",
    )
    process = start_migration(database_url, versions)
    wait_for(reached, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not database.read_now(has_table, "half_way")
    go.touch()
    migrate(database, versions)
    assert database.read_now(has_table, "half_way")


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def test_four_starters_at_once_all_come_up(empty: Database, empty_url: str, tmp_path: Path) -> None:
    """The planted revision holds the first one back until all four have come."""
    came = f"list(Path({str(tmp_path)!r}).glob('came-*'))"
    versions = plant(tmp_path, f"while len({came}) < 4: time.sleep(0.01)")
    starters = [start_migration(empty_url, versions) for _ in range(4)]
    faults = [starter.communicate(timeout=60)[1] for starter in starters]
    assert faults == [""] * 4
    assert [starter.returncode for starter in starters] == [0] * 4
    assert empty.read_now(has_table, "lead")


def test_a_database_of_a_newer_baton_is_refused_in_words(database: Database) -> None:
    database.write_now(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(DatabaseTooNew, match=r"newer Baton \(revision 9999\); install that version"):
        migrate(database)


def test_a_database_of_another_program_is_left_as_it_is(empty: Database) -> None:
    empty.write_now(lambda tx: tx.execute(text("CREATE TABLE lead (theirs text)")))
    with pytest.raises(DatabaseAway, match=r"another program: it has tables of Baton's names \(lead\)"):
        migrate(empty)
    assert not empty.read_now(has_table, "handoff")


def test_a_start_that_finds_nothing_to_do_waits_for_nobody(sqlite_url: str, sqlite_file: Path) -> None:
    database = Database.open(sqlite_url)
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    migrate(database)
    other.close()
    database.close()


def test_a_start_that_finds_nothing_to_do_does_not_load_alembic(sqlite_url: str) -> None:
    code = (
        "import sys; from storage.database import Database; from storage.migrations import migrate\n"
        "migrate(Database.open(sys.argv[1])); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, sqlite_url], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
