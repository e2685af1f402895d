"""The demo as somebody meets it: a week told in the terminal, and a workspace to click in."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import app

ROOT = Path(app.__file__).parent
PATIENCE = 60.0
A_DEAD_END = "http://127.0.0.1:9"
Ask = Callable[..., Any]


def environment(folder: Path) -> dict[str, str]:
    """One in which only the demo's own wiring works: a proxy that leads nowhere, no Slack, no database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DATABASE_"))}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), A_DEAD_END)
    return kept | proxies | {"TMPDIR": str(folder), "COLUMNS": "100", "DATABASE_URL": "sqlite:///never.db"}


def script(folder: Path, seed: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", str(ROOT / "app.py"), "demo", "--script", "--seed", str(seed)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(folder: Path, seed: int) -> tuple[int, str, str]:
    """A whole week: how it ended, what it said, and its faults."""
    with script(folder, seed) as process:
        said, faults = process.communicate(timeout=2 * PATIENCE)
    return process.returncode, said, faults


def differs(folder: Path, seed: int, other: Sequence[str]) -> bool:
    """Whether a week is told otherwise than these lines; it is told no further than is needed to see it."""
    with script(folder, seed) as process:
        assert process.stdout is not None
        found = any(line != known for known, line in zip(other, process.stdout, strict=False))
        process.kill()
    return found


@pytest.mark.slow
def test_a_week_is_told_in_the_terminal_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    ended, first, faults = told(tmp_path, 7)
    assert ended == 0, first + faults
    for words in (
        "imports sample_leads.csv: 41 rows",
        "line 17 is not imported",
        "accepted it first",
        "Bad or missing contact data",
        "Wrong territory or team",
        "Duplicate of another lead",
        "contests a rejection",
        "overturns it",
        "types /lead status",
        "min late",
        "Reassigned to",
        "posts the weekly report in #leads-weekly",
        "Slack accepted everything the bot sent.",
    ):
        assert words in first
    assert faults == ""
    assert list(tmp_path.iterdir()) == []
    lines = first.splitlines(keepends=True)
    assert len(lines) > 200
    assert not differs(tmp_path, 7, lines[: len(lines) // 2])
    assert differs(tmp_path, 11, lines)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(folder: Path, port: int, *options: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A demo that runs: the process, where it says that it is, and what it said up to that line."""
    command = [sys.executable, "-u", str(ROOT / "app.py"), "demo", "--no-open", "--port", str(port), *options]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if "is open at" in line:
                break
        assert "is open at" in said, said
        yield process, said.split()[-1].partition("/#")[0], said
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def asked(address: str, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(address + path)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def until(look: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def leads_in(address: str) -> set[str]:
    """The texts of the cards in the two sales channels."""
    messages = asked(address, "/page/state?as=U0REP1")["messages"]
    there = [message["text"] for channel in ("C0SALES", "C0GROWTH") for message in messages[channel]]
    return {text for text in there if text.startswith("New ")}


def test_the_demo_has_a_past_and_a_present_and_ends_tidily(tmp_path: Path) -> None:
    port = free_port()
    with demo(tmp_path, port) as (process, address, _):
        assert address == f"http://127.0.0.1:{port}"
        state = asked(address, "/page/state")
        assert state["you"] == "U0REP1"
        assert state["can_jump"] is True
        assert all(state["messages"][channel] for channel in ("C0SALES", "C0GROWTH", "C0MKTG", "C0LEADS"))
        shown = max(float(message["ts"]) for there in state["messages"].values() for message in there)
        assert shown <= state["clock"]["now"]
        assert [entry for entry in state["traffic"] if not entry["ok"]] == []

        sent = asked(address, "/page/lead", {"email": "jane@acme.example", "qualified": True})
        assert sent["status"] == 201
        until(lambda: any("jane@acme.example" in text for text in leads_in(address)))

        before = state["clock"]["now"]
        jumped = asked(address, "/page/clock", {"jump": True})
        assert jumped["words"]
        assert jumped["clock"]["now"] > before + 20

        asked(address, "/page/act", {"do": "home", "as": "U0MGR"})
        until(lambda: asked(address, "/page/state?as=U0MGR")["home"])

        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        rest = process.stdout.read()
        assert process.wait(PATIENCE) == 0
        assert "Ctrl-C" in rest
        assert "nothing of this is kept" in rest
        assert "Traceback" not in rest
        assert "warning" not in rest
    assert list(tmp_path.iterdir()) == []


def test_new_leads_keep_arriving_by_the_clock_and_a_taken_port_gives_way(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        with demo(tmp_path, port, "--speed", "60", "--seed", "3") as (process, address, said):
            assert f"Port {port} is in use; the demo is on" in said
            assert address != f"http://127.0.0.1:{port}"
            known = leads_in(address)
            until(lambda: leads_in(address) - known)
            assert asked(address, "/page/state")["clock"]["speed"] == 60
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
    assert list(tmp_path.iterdir()) == []
