"""The command line and the life of a bot: it starts, refuses in words, and ends tidily."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner

import app
from app import running
from bot.agreement import default_agreement
from bot.clock import Clock
from bot.delivery.sender import STUCK_AFTER
from bot.errors import CannotStart
from bot.sandbox import FaultKind, Sandbox
from bot.settings import Settings
from bot.slack.link import TokenRefused
from handlers.http.server import PortTaken
from storage.database import Database
from storage.database.away import DatabaseAway
from storage.migrations import migrate
from storage.models import leads

ROOT = Path(app.__file__).parent
RESIDENT = 150_000_000


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run commands in, and an environment that says nothing."""
    for name in [
        name for name in os.environ if name.startswith(("SLACK_", "DATABASE_", "AGREEMENT", "PORT"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings_for(slack: Sandbox, folder: Path, **others: Any) -> Settings:
    known = {
        "slack_bot_token": SecretStr(slack.bot_token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_api_url": slack.api_url,
        "database_url": SecretStr(f"sqlite:///{folder}/baton.db"),
        "port": 0,
    }
    return Settings.model_validate(known | others)


async def refused(settings: Settings) -> Exception:
    with pytest.raises((CannotStart, DatabaseAway)) as caught:
        async with running(settings, default_agreement(), Clock()):
            pass
    return caught.value


# ---- what keeps it from starting


async def test_a_bot_token_that_slack_refuses_is_named(slack: Sandbox, tmp_path: Path) -> None:
    error = await refused(settings_for(slack, tmp_path, slack_bot_token=SecretStr("xoxb-wrong")))
    assert isinstance(error, TokenRefused)
    assert "Slack refuses SLACK_BOT_TOKEN (invalid_auth). Give" in str(error)


async def test_an_app_token_that_slack_refuses_is_named(slack: Sandbox, tmp_path: Path) -> None:
    error = await refused(settings_for(slack, tmp_path, slack_app_token=SecretStr("xapp-wrong")))
    assert "Slack refuses SLACK_APP_TOKEN (invalid_auth). Give" in str(error)


async def test_a_second_bot_on_the_same_file_is_refused(slack: Sandbox, tmp_path: Path) -> None:
    async with running(settings_for(slack, tmp_path), default_agreement(), Clock()):
        second = Process(slack, tmp_path)  # the lock is between processes
        _, said = await asyncio.to_thread(second.popen.communicate, timeout=60)
    assert second.popen.returncode == 1
    assert "Another Baton is already running" in said


async def test_a_port_in_use_is_named(slack: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = await refused(settings_for(slack, tmp_path, port=port))
    assert isinstance(error, PortTaken)
    assert f"Port {port} on 127.0.0.1 is in use" in str(error)


async def test_an_address_of_another_machine_is_named(slack: Sandbox, tmp_path: Path) -> None:
    error = await refused(settings_for(slack, tmp_path, host="192.0.2.1", port=3000))
    assert "cannot listen on 192.0.2.1:3000" in str(error)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////no/such/folder/baton.db", "does not exist; create it"),
        ("postgresql+psycopg://me@127.0.0.1:1/baton", "cannot be reached"),
        ("mysql://host/baton", "DATABASE_URL is not one that Baton can use"),
    ],
)
async def test_a_database_that_is_not_there_is_named(
    slack: Sandbox, tmp_path: Path, url: str, says: str
) -> None:
    assert says in str(await refused(settings_for(slack, tmp_path, database_url=SecretStr(url))))


# ---- what does not


async def test_a_slack_out_of_reach_is_waited_for(slack: Sandbox, tmp_path: Path) -> None:
    slack.fault("*", FaultKind.SERVER_ERROR, times=None)
    async with running(settings_for(slack, tmp_path), default_agreement(), Clock()) as baton:
        status, body = await get(f"{baton.url}/readyz")
        assert status == 503
        assert "Slack does not answer" in body
        assert "Socket Mode is not connected" in body
        assert (await get(f"{baton.url}/livez"))[0] == 200

        slack.faults.lift()
        assert baton.socket is not None
        await asyncio.gather(baton.link.ask(), baton.socket.watch())
        await slack.sockets.wait_connected()
        await ready(baton.url)


async def test_a_revoked_token_makes_it_not_ready(slack: Sandbox, tmp_path: Path) -> None:
    async with running(settings_for(slack, tmp_path), default_agreement(), Clock()) as baton:
        await ready(baton.url)
        slack.revoke_token()
        await baton.link.ask()
        status, body = await get(f"{baton.url}/readyz")
        assert status == 503
        assert "Slack refuses SLACK_BOT_TOKEN (token_revoked)" in body
        slack.revoke_token(False)
        await baton.link.ask()
        await ready(baton.url)


async def test_a_stuck_sender_makes_it_not_ready(slack: Sandbox, tmp_path: Path) -> None:
    clock = Clock()
    async with running(settings_for(slack, tmp_path), default_agreement(), clock) as baton:
        await ready(baton.url)
        await baton.sender.stop(timedelta(0))
        clock.jump(STUCK_AFTER + timedelta(seconds=1))
        status, body = await get(f"{baton.url}/readyz")
        assert status == 503
        assert "The sender has not looked at the outbox for 16 s" in body


async def test_a_channel_without_the_bot_is_only_a_warning_at_the_start(
    slack: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slack.workspace.remove("C0GROWTH", slack.workspace.bot_user)
    async with running(settings_for(slack, tmp_path), default_agreement(), Clock()) as baton:
        async with asyncio.timeout(20):
            while "C0GROWTH" not in caplog.text:
                await asyncio.sleep(0.01)
        assert "channel C0GROWTH (team Growth) does not have the bot in it" in caplog.text
        await ready(baton.url)


async def test_http_mode_serves_slack_and_socket_mode_does_not(slack: Sandbox, tmp_path: Path) -> None:
    async with running(settings_for(slack, tmp_path), default_agreement(), Clock()) as baton:
        assert (await get(f"{baton.url}/slack/events", b"{}"))[0] == 404
    http = settings_for(
        slack, tmp_path, slack_app_token=None, slack_signing_secret=SecretStr(slack.signing_secret)
    )
    async with running(http, default_agreement(), Clock()) as baton:
        assert (await get(f"{baton.url}/slack/events", b"{}"))[0] == 401  # not signed
        assert (await get(f"{baton.url}/slack/events", b" " * 1_000_001))[0] == 413
        assert (await get(f"{baton.url}/slack/events", b"\xff\xfe"))[0] == 401  # nor read before that


async def test_starting_and_stopping_leaves_nothing_behind(slack: Sandbox, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    for _ in range(2):  # the port, the lock and the database are given back
        async with running(settings_for(slack, tmp_path), default_agreement(), Clock()):
            pass
    assert asyncio.all_tasks() == before


async def ready(url: str) -> None:
    """Wait until it says that it is ready; the first turn of the engine comes after the start."""
    async with asyncio.timeout(20):
        while (await get(f"{url}/readyz"))[0] != 200:
            await asyncio.sleep(0.02)


async def get(url: str, data: bytes | None = None) -> tuple[int, str]:
    def ask() -> tuple[int, str]:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, data, 5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(ask)


# ---- the command line


def say(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app.cli, list(words))
    return done.exit_code, done.output


@pytest.mark.parametrize("words", [(), ("run",)])
def test_run_names_everything_that_the_environment_lacks(home: Path, words: tuple[str, ...]) -> None:
    status, said = say(*words)
    assert status == 1
    assert "SLACK_BOT_TOKEN: is missing" in said
    assert "SLACK_APP_TOKEN: is missing" in said


def test_run_without_an_agreement_names_init(home: Path) -> None:
    home.joinpath(".env").write_text("SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-1\n", "utf-8")
    status, said = say("run")
    assert (status, "python app.py init" in said) == (1, True)


def test_init_writes_what_is_missing_and_overwrites_nothing(home: Path) -> None:
    status, said = say("init")
    assert status == 0
    assert "python app.py check" in said
    assert 'extends = "default"' in home.joinpath("agreement.toml").read_text("utf-8")
    assert home.joinpath(".env").read_text("utf-8") == ROOT.joinpath(".env.example").read_text("utf-8")
    assert home.joinpath(".env").stat().st_mode & 0o777 == 0o600

    home.joinpath("agreement.toml").write_text("mine", "utf-8")
    status, said = say("init")
    assert (status, "agreement.toml" in said) == (0, True)
    assert home.joinpath("agreement.toml").read_text("utf-8") == "mine"


def test_init_writes_the_whole_agreement_on_request(home: Path) -> None:
    assert say("init", "--full")[0] == 0
    assert home.joinpath("agreement.toml").read_text("utf-8") == default_agreement().text


def test_init_in_a_folder_that_does_not_exist_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGREEMENT", "no/such/folder/agreement.toml")
    status, said = say("init")
    assert status == 1
    assert "no/such/folder/agreement.toml cannot be written (No such file or directory)" in said


CTRL_C_AT = """
import os, runpy, signal, sys
class Finds:
    def find_spec(self, name, path=None, target=None):
        if name == at:
            os.kill(os.getpid(), signal.SIGINT)
at, sys.argv = sys.argv[1], sys.argv[2:]
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in the background of a script
sys.meta_path.insert(0, Finds())
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("module", ["typer", "handlers.cli.commands", "bot.setup.zonedata", "bot.agreement"])
def test_ctrl_c_at_any_stage_of_the_start_ends_it_without_a_traceback(home: Path, module: str) -> None:
    command = [sys.executable, "-c", CTRL_C_AT, module, str(ROOT / "app.py"), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode in (130, -signal.SIGINT), done.stderr.strip()) == (True, "")


def test_help_names_every_command(home: Path) -> None:
    status, said = say("--help")
    assert status == 0
    assert {"run", "check", "init"} <= set(said.split())


async def test_a_file_is_imported_beside_a_running_bot(
    slack: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{home}/baton.db")
    home.joinpath("agreement.toml").write_text(default_agreement().text, "utf-8")
    home.joinpath("leads.csv").write_text(
        "Email Address;Company Name;Qualified;Employees\njosé@acme.example;Café;yes;450\nnobody;;;\n",
        "cp1252",
    )
    async with running(settings_for(slack, home), default_agreement(), Clock()):
        status, said = await asyncio.to_thread(say, "import", "leads.csv")
        assert (status, "line 3: email: is not an e-mail address" in said) == (1, True)
        async with asyncio.timeout(20):  # the bot finds what another process put into the outbox
            while not slack.workspace.messages.get("C0SALES"):
                await asyncio.sleep(0.02)
        [card] = slack.workspace.messages["C0SALES"].values()
        assert "Café" in card.text


# ---- the process


class Process:
    """A bot as a process of its own."""

    def __init__(self, slack: Sandbox, folder: Path, **more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        folder.joinpath("agreement.toml").write_text(default_agreement().text, "utf-8")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLACK_")},
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": f"sqlite:///{folder}/baton.db",
            "PORT": str(self.port),
            **more,
        }
        self.popen = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            cwd=folder,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def ready(self) -> None:
        """Wait until it is ready."""
        while self.popen.poll() is None:
            try:
                if (await get(f"http://127.0.0.1:{self.port}/readyz"))[0] == 200:
                    return
            except OSError:
                await asyncio.sleep(0.02)
        raise AssertionError(self.popen.communicate()[1])

    async def end(self, number: signal.Signals) -> str:
        """Send a signal, and wait for the end; gives what was logged."""
        self.popen.send_signal(number)
        return (await asyncio.to_thread(self.popen.communicate, timeout=60))[1]


async def test_a_command_beside_it_takes_nothing_along_when_it_is_killed(
    slack: Sandbox, tmp_path: Path
) -> None:
    """A look at the health, a command that begins and ends, leads, a kill, and a start again."""
    process = Process(slack, tmp_path, INTAKE_TOKEN="hubspot:s3cret")
    await process.ready()
    bearer, at = {"Authorization": "Bearer s3cret"}, f"http://127.0.0.1:{process.port}"
    taken = []
    async with aiohttp.ClientSession(headers=bearer) as http:
        for number in range(9):
            body = {"email": f"p{number}@firm{number}.example", "company": f"Firm {number}"}
            async with http.post(f"{at}/leads", json=body) as answer:
                taken.append((await answer.json())["id"])
            if number == 4:
                await get(f"{at}/readyz")
                command = [sys.executable, str(ROOT / "app.py"), "refused", "list"]
                url = {"DATABASE_URL": f"sqlite:///{tmp_path}/baton.db"}
                await asyncio.to_thread(
                    subprocess.run,
                    command,
                    cwd=tmp_path,
                    env={**os.environ, **url},
                    check=True,
                    capture_output=True,
                )
    await process.end(signal.SIGKILL)
    database = Database.open(f"sqlite:///{tmp_path}/baton.db")
    kept = database.read_now(lambda tx: [*tx.execute(select(leads.c.id)).scalars()])
    database.close()
    assert sorted(kept) == sorted(taken)
    again = Process(slack, tmp_path)
    await again.ready()
    assert "Traceback" not in await again.end(signal.SIGTERM)


async def test_a_hangup_has_it_read_the_changed_agreement(slack: Sandbox, tmp_path: Path) -> None:
    process = Process(slack, tmp_path)
    await process.ready()
    path = tmp_path / "agreement.toml"
    path.write_text(path.read_text("utf-8").replace('"2026-Q4"', '"2027-Q1"', 1), "utf-8")
    said = ""
    async with asyncio.timeout(30):
        while "Version 2027-Q1" not in said:
            process.popen.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.1)
            said = (await get(f"http://127.0.0.1:{process.port}/readyz"))[1]
    log = await process.end(signal.SIGTERM)
    assert (process.popen.returncode, "the agreement has changed: 2027-Q1" in log) == (0, True)


async def test_a_hangup_while_it_starts_is_heard_once_it_is_up(slack: Sandbox, tmp_path: Path) -> None:
    process = Process(slack, tmp_path)
    path = tmp_path / "agreement.toml"
    before = path.read_text("utf-8")

    def change(_asked: object) -> bool:
        """As Slack is asked for the first time, which is after the file was read."""
        if path.read_text("utf-8") == before:
            path.write_text(before.replace('"2026-Q4"', '"2027-Q1"', 1), "utf-8")
            process.popen.send_signal(signal.SIGHUP)
        return False

    slack.fault("auth.test", FaultKind.SLOW, when=change)
    await process.ready()
    async with asyncio.timeout(30):
        while "Version 2027-Q1" not in (await get(f"http://127.0.0.1:{process.port}/readyz"))[1]:
            await asyncio.sleep(0.1)
    await process.end(signal.SIGTERM)
    assert process.popen.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_becomes_ready_stays_small_and_ends_tidily(
    slack: Sandbox, tmp_path: Path, number: signal.Signals
) -> None:
    process = Process(slack, tmp_path)
    await process.ready()
    resident = psutil.Process(process.popen.pid).memory_info().rss
    log = await process.end(number)
    assert process.popen.returncode == 0, log
    assert "stopping; finishing the work in hand" in log
    assert "Traceback" not in log
    assert resident < RESIDENT


async def test_over_http_the_log_says_what_to_try(slack: Sandbox, tmp_path: Path) -> None:
    process = Process(slack, tmp_path, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=slack.signing_secret)
    await process.ready()
    log = await process.end(signal.SIGTERM)
    assert f"http://127.0.0.1:{process.port}/slack/events" in log
    assert "python app.py manifest --url" in log


NEVER = {
    "sqlalchemy.dialects.postgresql",
    "psycopg",
    "re2",
    "tomlkit",
    "pydantic_settings",
    "alembic",
    "rich",
    "numpy",
    *("fastapi", "starlette.routing", "opentelemetry", "email_validator", "anyio"),
}
"""What a bot on SQLite with the built-in agreement is up without, and stays without."""
LATER = {
    *("bot.delivery.rendering", "bot.digest.report", "bot.engine.proposals", "bot.events.payload"),
    *("bot.handoffs.importing", "bot.handoffs.split", "handlers.slack.dropped"),
    *("bot.handoffs.refused", "bot.handoffs.team_gone", "bot.lookups.api_lead", "bot.views.history"),
    "handlers.http.shapes",
}
"""What comes once it is up."""
WHAT_A_START_LOADS = """
import asyncio, sys
import app
from bot.agreement import default_agreement
from bot.clock import Clock
from bot.settings import Settings

async def start(database, never, later):
    settings = Settings.model_validate(
        {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "slack_api_url": "http://127.0.0.1:9/api/",
         "database_url": database, "port": 0}
    )
    async with app.running(settings, default_agreement(), Clock()):
        print(*sorted({*never.split(), *later.split()} & sys.modules.keys()))
        app._load_the_rest()
        print(*sorted({*never.split()} & sys.modules.keys()))

asyncio.run(start(*sys.argv[1:]))
"""


def test_a_start_loads_what_it_needs_and_no_more(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/baton.db"
    database = Database.open(url)
    migrate(database)
    database.close()
    asked = [sys.executable, "-c", WHAT_A_START_LOADS, url, " ".join(NEVER), " ".join(LATER)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["", "", ""], done.stdout


async def test_no_token_is_in_the_log_of_a_bot_that_cannot_start(slack: Sandbox, tmp_path: Path) -> None:
    process = Process(slack, tmp_path, SLACK_BOT_TOKEN="xoxb-s3cret-s3cret", LOG_FORMAT="json")
    said, log = await asyncio.to_thread(process.popen.communicate, timeout=60)
    assert process.popen.returncode == 1
    last = json.loads(log.splitlines()[-1])  # why it ended is a line of the log as any other
    assert (last["level"], "Slack refuses SLACK_BOT_TOKEN" in last["message"]) == ("critical", True)
    assert "Traceback" not in log
    assert "s3cret" not in log + said
