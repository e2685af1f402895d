"""Under the agreements that were in force a replay gives what was recorded, all of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.replay.comparing import Compared, compare, differences
from bot.replay.record import read
from bot.replay.running import replay
from storage.database import Database
from tests.bot.replay.histories import History

LEADS = int(os.environ.get("REPLAY_LEADS", "120"))
"""How many leads a history has; the promise is made for 2,000."""
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def again(database: Database) -> tuple[list[Compared], dict[int, str]]:
    """What comes of the whole history, run again under what was in force."""

    def run(tx: object) -> tuple[list[Compared], dict[int, str]]:
        record = read(tx)  # type: ignore[arg-type]
        replayed = replay(record)
        return compare(record, replayed, *ALWAYS), replayed.unknown

    return database.read_now(run)


@pytest.mark.parametrize("seed", range(3))
def test_all_of_a_history_comes_out_as_it_was_recorded(sqlite_url: str, seed: int) -> None:
    database = Database.open(sqlite_url)
    history = History(database, seed)
    history.plays(LEADS)
    compared, unknown = again(database)
    assert len(compared) > LEADS / 3
    assert differences(compared) == []
    assert unknown == {}
    database.close()


def test_a_history_is_not_vacuous(sqlite_url: str, tmp_path: Path) -> None:
    del tmp_path
    history = History(Database.open(sqlite_url), 1)
    history.plays(30)
    assert history.done
