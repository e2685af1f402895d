"""How fast a file of leads comes in: `python -m tests.benchmarks.importing [--rows 100000]`.

Beside two yardsticks in the same run, all in transactions of 500 rows as durable as Baton's: the file read
with `csv` and its cells inserted into one plain table with `executemany`; and every row that Baton made of
it, in all of its tables with their indexes, inserted into an empty database likewise. The second is what is
promised against: those inserts alone take many times the first. Processor time is compared, which says more
than the wall's on a machine that does other things too; the wall's includes the pauses that leave a running
bot the database. Then the same file again, and how much memory longer files take beyond a short one.
"""

from __future__ import annotations

import csv
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.handoffs.importing import import_file
from storage.database import Database
from storage.database.sql import in_portions
from storage.migrations import migrate
from tests.benchmarks.table import Row, table

SHORT_FILE = 10_000
AT_ONCE = 500
MOST_TIMES = 6  # of the second yardstick
MOST_MEMORY = 15  # MB, beyond that for a short file
HEADER = ("Lead ID", "Email", "First Name", "Last Name", "Job Title", "Company", "# Employees", "Activity")
TABLES = ("lead", "lead_alias", "lead_word", "lead_record", "activity", "event")


def main(arguments: Sequence[str]) -> None:
    """Print all figures."""
    print(
        table(_measured(int(arguments[arguments.index("--rows") + 1]) if "--rows" in arguments else 100_000))
    )


def rows(quick: bool = False) -> list[Row]:
    """Short and long files, beside both yardsticks; then what the long ones hold beyond the shortest."""
    return _measured(20_000 if quick else 100_000)


def _measured(many: int) -> list[Row]:
    peaks: dict[int, float] = {}
    rows_: list[Row] = []
    for count in sorted({SHORT_FILE, min(40_000, many), many}):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", __spec__.name, "measure", folder, str(count)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)
        peaks[count] = found.pop("peak") / 1024
        print(f"{count:,} rows, peak {peaks[count]:.0f} MB resident")
        for name in ("import", "the same file again"):
            work, wall = found[name]
            print(f"{name}: {work / count * 1e6:.1f} µs a row, {wall:.1f} s wall")
            for beside, most in (("csv + executemany", None), ("the same rows in all tables", MOST_TIMES)):
                what = f"{name}, {count:,} rows, beside {beside}"
                rows_.append(Row(what, work, "s", found[beside][0], most, of_yardstick=True))
    return [*rows_, *_memory(peaks)]


def _memory(peaks: dict[int, float]) -> list[Row]:
    shortest = min(peaks)
    return [
        Row(
            f"memory, {count:,} rows, beyond that for {shortest:,}",
            peak - peaks[shortest],
            "MB",
            most=MOST_MEMORY,
        )
        for count, peak in peaks.items()
        if count != shortest
    ]


def measure(folder: str, count: str) -> None:
    """Print the seconds of processor and wall of each, and the peak of resident memory in KB."""
    place = Path(folder)
    path, empty = _file(place, int(count)), place / "empty.db"
    clock, database = Clock(), Database.open(f"sqlite:///{place}/baton.db")
    migrate(database)
    book = database.write_now(open_book, default_agreement(), clock.now())
    database.close()
    shutil.copy(place / "baton.db", empty)
    database = Database.open(f"sqlite:///{place}/baton.db")
    found: dict[str, Any] = {}
    for name in ("import", "the same file again"):
        report, found[name] = _timed(
            lambda: import_file(path, database, clock, book, lambda _done, _size: None)
        )
        assert report.total == int(count), report
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    database.close()
    _, found["csv + executemany"] = _timed(lambda: _plain(path, place / "plain.db"))
    _, found["the same rows in all tables"] = _timed(
        lambda: _same(place / "baton.db", empty), less=lambda: _read(place / "baton.db")
    )
    print(json.dumps(found))


def _timed(call: Callable[[], Any], less: Callable[[], Any] | None = None) -> tuple[Any, tuple[float, float]]:
    """What a call gives, and its seconds of processor and wall, without those of `less`."""
    spent = _timed(less)[1] if less is not None else (0.0, 0.0)
    processor, wall = time.process_time(), time.perf_counter()
    result = call()
    return result, (time.process_time() - processor - spent[0], time.perf_counter() - wall - spent[1])


def _file(folder: Path, count: int) -> Path:
    path = folder / "leads.csv"
    with path.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(HEADER)
        for n in range(count):
            company, done = f"Company {n % 200}", "download" if n % 20 == 0 else ""
            title = "VP Engineering" if n % 2 else "Analyst"
            address = f"jane.roe{n}@company{n % 200}.com"
            writer.writerow([n, address, "Jane", f"Roe{n % 5000}", title, company, 40 + n % 1000, done])
    return path


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _plain(path: Path, into: Path) -> None:
    connection = _open(into)
    names = ", ".join(f"c{n} TEXT" for n in range(len(HEADER)))
    connection.execute(f"CREATE TABLE lead (id INTEGER PRIMARY KEY, {names})")
    marks = ", ".join("?" * len(HEADER))
    with path.open(newline="") as text:
        for rows in in_portions(islice(csv.reader(text), 1, None), AT_ONCE):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(f"INSERT INTO lead VALUES (NULL, {marks})", rows)
            connection.execute("COMMIT")
    connection.close()


def _same(made: Path, into: Path) -> None:
    connection = _open(into)
    for name, rows in _portions(made):
        connection.execute("BEGIN IMMEDIATE")
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        connection.execute("COMMIT")
    connection.close()


def _read(made: Path) -> None:
    for _ in _portions(made):
        pass


def _portions(made: Path) -> Iterator[tuple[str, list[Any]]]:
    source = sqlite3.connect(made)
    for name in TABLES:
        for rows in in_portions(source.execute(f"SELECT * FROM {name}"), AT_ONCE):
            yield name, rows
    source.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(*sys.argv[2:])
    else:
        main(sys.argv[1:])
