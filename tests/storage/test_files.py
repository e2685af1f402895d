"""Files with people's data are made for the user who runs Baton, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from storage.database import BadDatabaseUrl, Database
from storage.database.files import is_open_to_others, make_alone
from storage.database.runlock import only_one
from storage.migrations import migrate
from storage.models import heartbeats


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def test_the_database_what_stands_beside_it_and_its_lock(tmp_path: Path) -> None:
    file = tmp_path / "baton.db"
    database = Database.open(f"sqlite:///{file}")
    with only_one(database.url):
        migrate(database)
        database.write_now(lambda tx: tx.execute(heartbeats.delete()) and None)
        modes = {path.name: mode(path) for path in tmp_path.iterdir()}
    database.close()
    assert modes.keys() >= {"baton.db", "baton.db-wal", "baton.db.lock"}
    assert set(modes.values()) == {"0o600"}


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("kept")
    file.chmod(0o640)
    make_alone(file)
    assert (file.read_text(), mode(file), is_open_to_others(file)) == ("kept", "0o640", True)
    assert not is_open_to_others(tmp_path / "none")


def test_whoever_changed_something_is_answered_although_the_file_went_at_once(tmp_path: Path) -> None:
    """What is noted of the file comes after the commit: nobody waits for ever because it cannot be."""
    file = tmp_path / "baton.db"
    database = Database.open(f"sqlite:///{file}")

    def change(tx: Connection) -> int:
        tx.execute(text("CREATE TABLE one (id INTEGER)"))
        file.unlink()
        return 1

    assert database.write_now(change) == 1
    database.close()


@pytest.mark.parametrize("name", ["x" * 5000, f"{'x' * 5000}/baton.db", "a\0b"])
def test_a_file_at_which_nobody_can_look_is_refused_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=r"cannot be reached .* correct DATABASE_URL"):
        Database.open(f"sqlite:///{tmp_path}/{name}")
