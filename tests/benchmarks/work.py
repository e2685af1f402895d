"""What processors have worked, which does not depend on what else the machine does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from storage.database import Database


def work_of(database: Database) -> Callable[[], float]:
    """How to read what processors have worked so far, in seconds: here, and in the server's processes."""
    if database.dialect != "postgresql":
        return time.process_time
    pids = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    with database.engine.connect() as connection:
        stats = [Path(f"/proc/{pid}/schedstat") for pid in connection.exec_driver_sql(pids).scalars()]

    def work() -> float:
        served = sum(int(stat.read_text().split()[0]) for stat in stats)
        return time.process_time() + served / 1e9

    return work
