"""A Python that has loaded Baton, most of a start, and gives off a process for each line that it reads.

`- run` is a bot; `FILE check` and such are commands beside it: their output goes to FILE.out and FILE.err,
their status to FILE.status. The clock of all is one: it was `then` at `real`, and runs at `speed`.
What Baton waits for in real seconds (an answer of Slack's, a lease) runs out `waits` times as fast. The file
`control` holds by how much the system's clock is wrong, and whether the disk of SQLite is full; who plays the
run writes it.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, Engine, event

import app
import bot.clock
import bot.delivery.carrier
import storage.database
from bot.clock import Clock, Steadied

CONTROL = struct.Struct("dd")  # seconds by which the system's clock is wrong; 1 where the disk is full
MOST_OF_A_START = (
    "bot.engine.ticker",
    "bot.setup.checkup",
    "handlers.cli.exporting",
    "handlers.cli.importing",
    "handlers.cli.reporting",
    "handlers.http.api",
    "handlers.http.server",
    "handlers.slack.bolt",
    "handlers.slack.socket_mode",
    "psycopg",
)
ROOM_AGAIN = 1 << 30  # pages


def main(then: str, real: str, speed: str, waits: str, control: str) -> None:
    """Fork a process for each line, and say its id."""
    with Path(control).open("r+b") as file:
        shared = mmap.mmap(file.fileno(), CONTROL.size)
    for module in MOST_OF_A_START:
        import_module(module)
    live_by(shared, datetime.fromisoformat(then), float(real), float(speed))
    bot.delivery.carrier.LEASE /= float(waits)
    bot.delivery.carrier.HTTP_TIMEOUT /= float(waits)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if child := os.fork():
            sys.stdout.write(f"{child}\n")
            sys.stdout.flush()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(0)
        os.dup2(2, 1)  # the parent alone speaks there
        noted, *words = line.split()
        command(words, None if noted == "-" else noted)


def command(words: list[str], noted: str | None) -> None:
    """Be one command of Baton's, and note how it ended."""
    status: object = "an exception"
    for number, end in enumerate(("out", "err"), 1) if noted else ():
        os.dup2(os.open(f"{noted}.{end}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    try:
        app.cli(words)
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        if noted:
            Path(f"{noted}.status").write_text(str(status), "utf-8")
        os._exit(0)


def live_by(shared: mmap.mmap, then: datetime, real: float, speed: float) -> None:
    """Give every `Clock` the time of the run, and every disk its end."""

    def system() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=CONTROL.unpack(shared[:])[0])

    class Machine(Steadied):
        def __init__(self) -> None:
            super().__init__()  # right when Baton starts: that is one of the provisos
            self._system = system

    class Quick(Clock):
        def __init__(self) -> None:
            passed = timedelta(seconds=(time.time() - real) * speed)
            super().__init__(start=then + passed, speed=speed, system=Machine())

    def room(tx: Connection) -> None:
        full = CONTROL.unpack(shared[:])[1] > 0
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one() if full else ROOM_AGAIN
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar_one()

    opens = storage.database._sqlite

    def sqlite(url: object) -> tuple[Engine, Engine]:
        writing, reading = opens(url)  # type: ignore[arg-type]  # passed on as it is
        event.listen(writing, "begin", room)
        return writing, reading

    bot.clock.Clock = Quick  # type: ignore[assignment, misc]  # whoever imports it from now on gets this one
    storage.database._sqlite = sqlite


if __name__ == "__main__":
    main(*sys.argv[1:])
