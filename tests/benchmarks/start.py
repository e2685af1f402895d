"""How long a start takes and how much it holds: `python -m tests.benchmarks.start`.

From the command to the first 200 of /readyz, over Socket Mode against the local Slack, beside a Python that
does no more than import the libraries. The first start makes the database, and compiles what was not compiled
yet, as after an upgrade; the others find both. What a start leaves for later is loaded once it is up: what it
holds then stands in a line of its own.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

import app
from bot.agreement import default_agreement
from bot.sandbox import Sandbox
from tests.benchmarks.table import Row, table

TURNS = 5
SETTLES_WITHIN = 5  # seconds after it is ready
READY_WITHIN = 1.5  # seconds
MOST_RESIDENT = 120_000_000  # bytes
LIBRARIES = "import slack_bolt.async_app, aiohttp, fastapi, uvicorn, sqlmodel, apscheduler.schedulers.asyncio"
_APP = str(Path(app.__file__))


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds by the clock and of work until it was ready, bytes resident then and when it had settled."""

    seconds: float
    worked: float
    resident: int
    settled: int = 0


def rows(_quick: bool = False) -> list[Row]:
    """The first start and the middle of the others, beside the libraries alone."""
    return asyncio.run(_measured_starts())


async def _measured_starts() -> list[Row]:
    bare: list[Start] = []
    others: list[Start] = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "agreement.toml").write_text(default_agreement().text, "utf-8")
        async with Sandbox() as slack:
            first = await asyncio.to_thread(_bot, slack, folder)
            for _ in range(TURNS):  # by turns, so that what else the machine is at weighs on both
                bare.append(await asyncio.to_thread(_libraries))
                others.append(await asyncio.to_thread(_bot, slack, folder))
    libraries, usual = _middle(bare), _middle(others)
    held = libraries.resident / 1e6
    most = MOST_RESIDENT / 1e6
    return [
        Row("first start, ready after", first.seconds, "s", libraries.seconds),
        Row("first start, work of a processor", first.worked, "s", libraries.worked),
        Row("start, ready after", usual.seconds, "s", libraries.seconds, most=READY_WITHIN),
        Row("start, work of a processor", usual.worked, "s", libraries.worked),
        Row("start, resident when ready", usual.resident / 1e6, "MB", held, most=most),
        Row(f"start, resident {SETTLES_WITHIN} s later", usual.settled / 1e6, "MB", held, most=most),
    ]


def _libraries() -> Start:
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", f"{LIBRARIES}\nprint(flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        start = _measured(process.pid, begun)
        process.communicate(b"\n")
    return start


def _bot(slack: Sandbox, folder: str) -> Start:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {
        **inherited,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{folder}/baton.db",
        "PORT": str(port),
    }
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, _APP, "run"], cwd=folder, env=environment, stderr=subprocess.DEVNULL
    ) as process:
        while not _is_ready(port):
            assert process.poll() is None, "the bot did not come up"
            time.sleep(0.005)
        start = _measured(process.pid, begun)
        time.sleep(SETTLES_WITHIN)
        start = replace(start, settled=psutil.Process(process.pid).memory_info().rss)
        process.terminate()
    return start


def _is_ready(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # nobody listens yet, or it says 503
        return False


def _measured(pid: int, begun: float) -> Start:
    itself = psutil.Process(pid)
    worked = itself.cpu_times()
    return Start(time.perf_counter() - begun, worked.user + worked.system, itself.memory_info().rss)


def _middle(starts: list[Start]) -> Start:
    return sorted(starts, key=lambda start: start.seconds)[len(starts) // 2]


if __name__ == "__main__":
    print(table(rows()))
