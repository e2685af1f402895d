"""Bots as processes: started, killed, stopped and continued; their clocks jump and their disks fill."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psutil

import app
from tests.chaos import child
from tests.chaos.world import Command

FINISH_WITHIN = 20.0
_NUMBERS = itertools.count(1)


class Bot:
    """`app.py run`, over and over on the same port, each time as a process of its own.

    `began`: when it was `then`, in seconds since 1970. `waits`: how many times as fast as usual an answer of
    Slack's and a lease are given up; by default as fast as the clock runs.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        number: int,
        then: datetime,
        began: float,
        speed: float,
        waits: float | None = None,
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder, self._log = folder, folder / f"bot{number}.log"
        self._control = folder / f"bot{number}.control"
        self._wrong_by, self._full = 0.0, False
        self._note()
        source = str(Path(app.__file__).parent)
        with self._log.open("ab") as log:
            self._parent = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    child.__name__,
                    then.isoformat(),
                    str(began),
                    str(speed),
                    str(waits or speed),
                    str(self._control),
                ],
                cwd=folder,
                env={**os.environ, **environment, "PYTHONPATH": source, "PORT": str(self.port)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._process: psutil.Process | None = None
        self.busy = asyncio.Lock()
        """Held by whoever stops, kills or starts it."""

    # ---- its life

    def start(self) -> None:
        """Let it run, if it does not."""
        if not self.lives:
            self._process = psutil.Process(self._forked("run"))

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.is_running()

    def kill(self) -> None:
        """End it by SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def freeze(self) -> None:
        """Stop it where it stands."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Continue it."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def end(self) -> None:
        """End it as a person would, and what gave it off. Raises TimeoutExpired where it had to be killed."""
        try:
            if self._process is not None and self._process.is_running():
                self.go_on()
                self._process.terminate()
                self._process.wait(FINISH_WITHIN)
        finally:
            if self.lives:
                self.kill()
            self._parent.communicate()

    async def does(self, words: str, killed_after: float | None = None) -> Command:
        """Run a command beside it, to its end or until it is killed; how it ended."""
        noted = self._folder / f"command{next(_NUMBERS)}"
        process = self._forked(words, str(noted))
        loop = asyncio.get_running_loop()
        until, killed = loop.time() + (killed_after or 0), False
        while psutil.pid_exists(process):
            if killed_after is not None and not killed and loop.time() >= until:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
                killed = True
            await asyncio.sleep(0.02)
        status, out, err = (_text(Path(f"{noted}.{end}")) for end in ("status", "out", "err"))
        return Command(words, status, out, err, killed and not status)

    def _forked(self, command: str, noted: str = "-") -> int:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(f"{noted} {command}\n".encode())
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    # ---- its machine

    def jump(self, seconds: float) -> None:
        """Let the system's clock be wrong by so much; 0 sets it right."""
        self._wrong_by = seconds
        self._note()

    def fill_disk(self, full: bool = True) -> None:
        """Let the disk of SQLite be full, or have room again."""
        self._full = full
        self._note()

    def log(self) -> str:
        """All that it has said so far, every process of it."""
        return self._log.read_text("utf-8")

    def _note(self) -> None:
        with self._control.open("r+b" if self._control.exists() else "wb") as file:
            file.write(child.CONTROL.pack(self._wrong_by, self._full))


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""
