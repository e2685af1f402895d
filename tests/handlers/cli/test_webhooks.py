"""`webhooks list|test|replay|pause|resume`, and what `check` says of them, in the terminal."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner

import app
from bot.agreement import default_agreement
from bot.clock import Clock
from bot.errors import CannotStart
from bot.settings import Settings
from handlers.cli.checking import run_check
from handlers.cli.webhooks import (
    Command,
    list_webhooks,
    pause_webhook,
    replay_webhook,
    resume_webhook,
    test_webhook,
    webhooks_command,
)
from storage import destinations
from storage.database import Database
from storage.models import DispatchState

test_webhook.__test__ = False  # type: ignore[attr-defined]  # a command, not a test
NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
SECRET = base64.b64encode(b"a secret that both sides know!!!").decode()

Terminal: TypeAlias = Callable[[Command], tuple[int, str]]


class Tool(BaseHTTPRequestHandler):
    """Another tool on this machine: /well takes everything, /down nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204 if self.path == "/well" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is declared
        """Say nothing."""


@pytest.fixture(scope="module")
def tool() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Tool)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def agreement(tmp_path: Path, tool: str) -> Path:
    path = tmp_path / "ours.toml"
    tables = "".join(
        f'\n[[webhooks]]\nname = "{name}"\nurl = "{tool}/{name}"\nsecret_env = "HOOK_SECRET"\n'
        for name in ("well", "down")
    )
    path.write_text(default_agreement().text + tables, "utf-8")
    return path


@pytest.fixture
def terminal(agreement: Path, sqlite_url: str) -> Terminal:
    settings = Settings(
        slack_bot_token=SecretStr(""),
        database_url=SecretStr(sqlite_url),
        agreement=agreement,
        variables={"HOOK_SECRET": SecretStr(SECRET)},
    )

    def run(command: Command) -> tuple[int, str]:
        console = Console(file=io.StringIO(), width=140)
        status = webhooks_command(command, settings, Clock(start=NOW, speed=0), console)
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()

    return run


def test_each_is_listed_with_what_waits_and_how_it_is_doing(terminal: Terminal, sqlite_url: str) -> None:
    assert "nothing sent yet" in terminal(list_webhooks())[1]
    database = Database.open(sqlite_url)
    database.write_now(destinations.begin, "down")
    rows = [
        {"destination": "down", "sequence": n, "event_id": n, "lead_id": 1, "due_at": NOW}
        for n in range(1, 6)
    ]
    database.write_now(destinations.enqueue, rows)  # type: ignore[arg-type]  # rows of Dispatch
    parked = {"state": DispatchState.PARKED}
    database.write_now(destinations.change_dispatch, "down", 1, parked)  # type: ignore[arg-type]  # the same
    trouble = {"failures": 5, "trouble": "answered 503", "sequence": 9, "delivered_at": NOW}
    database.write_now(destinations.change, "down", trouble)  # type: ignore[arg-type]  # of Destination
    database.close()
    line = next(line for line in terminal(list_webhooks())[1].splitlines() if line.startswith(" down"))
    assert line.split() == [
        *("down", "4", "4", "1", "2026-11-10", "15:00"),
        *("failing,", "tried", "each", "minute:", "answered", "503"),
    ]


def test_a_test_message_says_how_it_went(terminal: Terminal) -> None:
    assert terminal(test_webhook("well")) == (0, "well accepted the test message.\n")
    assert terminal(test_webhook("down")) == (1, "down answered 503.\n")


def test_one_is_paused_and_resumed(terminal: Terminal) -> None:
    status, says = terminal(pause_webhook("well"))
    assert (status, "webhooks resume well" in says) == (0, True)
    assert "paused" in terminal(list_webhooks())[1]
    assert terminal(resume_webhook("well"))[0] == 0
    assert "paused" not in terminal(list_webhooks())[1]


def test_what_was_parked_or_happened_since_a_day_is_sent_again(terminal: Terminal) -> None:
    assert terminal(replay_webhook("well", "")) == (
        0,
        "The running bot will resend 0 events.\n",
    )
    assert terminal(replay_webhook("well", "2026-11-01"))[0] == 0
    with pytest.raises(CannotStart, match="write --since 2026-11-20"):
        terminal(replay_webhook("well", "yesterday"))


def test_a_webhook_that_is_not_agreed_is_named_beside_those_that_are(terminal: Terminal) -> None:
    with pytest.raises(CannotStart, match=r"no webhook crm\. It has: well, down"):
        terminal(pause_webhook("crm"))


def test_the_commands_are_on_the_command_line() -> None:
    result = CliRunner().invoke(app.cli, ["webhooks", "--help"])
    assert all(name in result.output for name in ("list", "test", "replay", "pause", "resume"))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('url = "http://tool.example/x"\nsecret_env = "HOOK_SECRET"', "its url is not https"),
        ('url = "https://tool.example/x"\nsecret_env = "NO_SUCH"', "NO_SUCH is not set"),
        ('url = "https://tool.example/x"\nsecret_env = "SHORT"', "SHORT is not base64 of at least 24 bytes"),
        (
            'url = "https://tool.example/x"\nsecret_env = "HOOK_SECRET"\nevents = ["lead.acepted"]',
            '"lead.acepted" matches no event',
        ),
        (
            'url = "https://tool.example/x"\nsecret_env = ["HOOK_SECRET", "HOOK_SECRET"]',
            "webhooks tool.example",
        ),
        (
            'url = "https://tool.example/x"\nsecret_env = "HOOK_SECRET"\nteams = ["Enterprize"]',
            '"Enterprize" is not a team; did you mean "Enterprise"?',
        ),
    ],
)
async def test_check_says_what_keeps_one_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str, table: str, says: str
) -> None:
    path = tmp_path / "agreement.toml"
    path.write_text(f"{default_agreement().text}\n[[webhooks]]\n{table}\n", "utf-8")
    for name, value in (
        *(("AGREEMENT", str(path)), ("DATABASE_URL", sqlite_url)),
        *(("HOOK_SECRET", SECRET), ("SHORT", "aHVudGVyMg==")),
    ):
        monkeypatch.setenv(name, value)
    out = io.StringIO()
    await run_check(Path("no such file"), Console(file=out, width=250), NOW)
    assert says in out.getvalue()
    assert SECRET not in out.getvalue()


STREAM = 'type = "nats"\nname = "warehouse"\nurl = "nats://127.0.0.1:1"'


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (STREAM, "cannot be reached ("),
        (STREAM.replace("nats://127.0.0.1:1", "nats://nats.example.com"), "its url is not tls; only this"),
        (f'{STREAM}\nsecret_env = "NO_SUCH"', "NO_SUCH is not set. Put the secret that both sides share"),
        (f'{STREAM}\nevents = ["lead.acepted"]', '"lead.acepted" matches no event'),
        (
            f'{STREAM}\nteams = ["Enterprize"]',
            '"Enterprize" is not a team; did you mean',
        ),
        (STREAM.replace("nats:", "http:"), "is not the address of a NATS server; write"),
        (f'{STREAM}\nprefix = "baton.*"', "cannot begin a subject; write words with dots"),
        (STREAM.replace("warehouse", "crm-sync"), '"crm-sync" is a webhook already; write another name'),
        (STREAM.replace('"nats"', '"kafka"'), '"kafka" is not known here'),
    ],
)
async def test_check_says_what_keeps_a_stream_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str, table: str, says: str
) -> None:
    hook = '[[webhooks]]\nname = "crm-sync"\nurl = "https://tool.example/x"\nsecret_env = "HOOK_SECRET"'
    path = tmp_path / "agreement.toml"
    path.write_text(f"{default_agreement().text}\n{hook}\n[[destinations]]\n{table}\n", "utf-8")
    for name, value in (
        *(("AGREEMENT", str(path)), ("DATABASE_URL", sqlite_url)),
        ("HOOK_SECRET", SECRET),
    ):
        monkeypatch.setenv(name, value)
    out = io.StringIO()
    await run_check(Path("no such file"), Console(file=out, width=250), NOW)
    assert says in out.getvalue()


def test_a_stream_is_tested_listed_and_paused_as_a_webhook_is(terminal: Terminal, agreement: Path) -> None:
    agreement.write_text(f"{agreement.read_text('utf-8')}\n[[destinations]]\n{STREAM}\n", "utf-8")
    status, says = terminal(test_webhook("warehouse"))
    assert (status, says.startswith("warehouse cannot be reached (")) == (1, True)
    assert terminal(pause_webhook("warehouse"))[0] == 0
    (line,) = [each for each in terminal(list_webhooks())[1].splitlines() if "warehouse" in each]
    assert line.split() == ["warehouse", "0", "0", "0", "never", "paused"]
    assert terminal(resume_webhook("warehouse"))[0] == 0
    assert terminal(replay_webhook("warehouse", "2026-11-01"))[0] == 0
