"""A Python that has loaded Baton, most of a start, and gives off a process for each line that it reads.

`run` is a bot; `import FILE` an import beside it, whose status is written to FILE.status. Their clock is one:
it was `then` at `real`, and runs at `speed`. What Baton waits for in real seconds (an answer of Slack's, a
lease) runs out `waits` times as fast. The file `control` holds by how much the system's clock is wrong, and
whether the disk of SQLite is full; who plays the run writes it.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import time
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
    "handlers.cli.importing",
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
        command(line.split())


def command(words: list[str]) -> None:
    """Be one command of Baton's, and note how an import ended."""
    status: object = 1
    try:
        app.cli(words)
    except SystemExit as end:
        status = end.code
    finally:
        if words[0] == "import":
            Path(f"{words[1]}.status").write_text(str(status or 0), "utf-8")
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
