"""What stands beside the code to run it (container, compose, systemd, Slack's command line) fits the code."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from typer.main import get_command
from typer.testing import CliRunner

import app
from bot.instruments import Instruments
from bot.settings import load_settings
from storage.database import Database
from storage.stats import figures
from tests.handlers.http.api_client import api_of

ROOT = Path(app.__file__).parent
COMMANDS = set(getattr(get_command(app.cli), "commands"))  # noqa: B009 - a group has them, a lone command not
CALL = re.compile(r"(?<!-u )\b(?:app\.py|baton) ((?!baton)[a-z]+)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text_of("compose.yaml"))
    return found


def instructions(name: str) -> list[str]:
    """The last stage of the Dockerfile's words of one kind."""
    last = text_of("Dockerfile").rpartition("\nFROM ")[2]
    return re.findall(rf"^{name} (.+)$", last, re.MULTILINE)


@pytest.fixture
def routes(sqlite_url: str) -> set[str]:
    database = Database.open(sqlite_url)
    api = api_of(database)
    database.close()
    return set(api.openapi()["paths"])


def test_what_the_container_runs_is_a_command() -> None:
    assert json.loads(instructions("ENTRYPOINT")[-1]) == ["baton"]
    assert json.loads(instructions("CMD")[-1])[0] in COMMANDS
    assert compose()["services"]["baton"]["command"][0] in COMMANDS
    assert instructions("USER") == ["baton"]


def test_what_the_health_checks_ask_for_is_a_route(routes: set[str]) -> None:
    asked = re.findall(r"'GET', '([^']+)'", text_of("Dockerfile") + text_of("compose.yaml"))
    assert asked == ["/livez", "/readyz"]
    assert set(asked) <= routes


class Answers(BaseHTTPRequestHandler):
    """Answers as Baton would: alive, and not ready."""

    def do_GET(self) -> None:
        self.send_response({"/livez": 200, "/readyz": 503}[self.path])
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        """Nothing is logged."""


def test_the_health_checks_pass_and_fail_by_what_is_answered() -> None:
    words = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    ready = compose()["services"]["baton"]["healthcheck"]["test"]
    assert (words[:2], ready[:3]) == (["python", "-c"], ["CMD", "python", "-c"])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = str(server.server_port)
    ended = [
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PORT": at}, capture_output=True, check=False
        ).returncode
        for program, at in (
            (words[2], port),
            (ready[3].replace("3000", port), port),
            (words[2], "1"),
        )
    ]
    server.shutdown()
    server.server_close()
    assert ended == [0, 1, 1]


class Guarded(Answers):
    """Ready, and says so to whoever has the token."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Authorization"] == "Bearer watch" else 401)
        self.end_headers()


@pytest.mark.parametrize(
    ("env", "status"), [("MONITOR_TOKEN=watch\n", 0), ("MONITOR_TOKEN=old\n", 1), ("", 1)]
)
def test_the_health_check_of_compose_shows_the_token_that_readyz_asks_for(
    tmp_path: Path, env: str, status: int
) -> None:
    (tmp_path / ".env").write_text(env, "utf-8")
    ready = compose()["services"]["baton"]["healthcheck"]["test"][3]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asks = [sys.executable, "-c", ready.replace("3000", str(server.server_port))]
    ended = subprocess.run(asks, cwd=tmp_path, capture_output=True, check=False).returncode
    server.shutdown()
    server.server_close()
    assert ended == status


def test_the_image_has_all_that_the_package_is_built_from() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    packages = {
        each.removesuffix("*") for each in project["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    modules = {f"{each}.py" for each in project["tool"]["setuptools"]["py-modules"]}
    wanted = packages | modules | {"pyproject.toml", "README.md", "LICENSE", "constraints.txt"}
    let_in = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
    assert let_in == wanted
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", text_of("Dockerfile"), re.MULTILINE)
        for word in line.split()[:-1]
    }
    assert copied == wanted


def test_the_replicas_are_set_by_variables_that_baton_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    service = compose()["services"]["baton"]
    assert service["deploy"]["replicas"] == 2
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, value)
    settings = load_settings(env_file=ROOT / "none", with_slack=False)
    assert (settings.host, settings.port, settings.log_format) == ("0.0.0.0", 3000, "json")
    (folder,) = service["volumes"]
    assert str(settings.agreement.parent) == folder.split(":")[1]
    # .env is read where Baton is started, and again by `reload`: what stood in the environment never would be
    assert instructions("WORKDIR") == [folder.split(":")[1]]
    assert "env_file" not in service
    assert not {name for name in service["environment"] if "TOKEN" in name or "SECRET" in name}
    database = Database.open(settings.database_url.get_secret_value())
    assert (database.dialect, database.url.host) == ("postgresql", "db")
    database.close()
    assert "db" in compose()["services"]


def test_the_replicas_wait_until_the_database_takes_them() -> None:
    """The first start of PostgreSQL's image listens on its socket alone, and then starts once more."""
    service = compose()["services"]["baton"]
    assert service["depends_on"]["db"] == {"condition": "service_healthy"}
    assert "--host=127.0.0.1" in compose()["services"]["db"]["healthcheck"]["test"]


def test_the_user_and_the_group_in_the_image_are_those_the_page_for_operators_gives_files_to() -> None:
    made = " ".join(re.split(r"[\s\\]+", text_of("Dockerfile")))
    assert "groupadd --system --gid 10001 baton" in made
    assert "useradd --system --uid 10001 --gid baton" in made
    assert set(re.findall(r"-o (\d+) -g (\d+)", text_of("docs/operate.md"))) == {("10001", "10001")}


def test_the_unit_runs_a_command_as_a_user_of_its_own() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names as they are written
    unit.read_string(text_of("docs/baton.service"))
    service = unit["Service"]
    assert shlex.split(service["ExecStart"])[1] in COMMANDS
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == (
        "baton",
        "yes",
        "strict",
    )
    assert shlex.split(service["ExecReload"]) == [shlex.split(service["ExecStart"])[0], "reload"]
    assert "reload" in COMMANDS


def test_slack_run_gets_the_manifest_as_json_and_starts_the_bot() -> None:
    hooks = json.loads(text_of(".slack/hooks.json"))
    asked = [shlex.split(hooks["hooks"][name]) for name in ("get-manifest", "start")]
    assert {tuple(words[:2]) for words in asked} == {(".venv/bin/python", "app.py")}
    said = CliRunner().invoke(app.cli, asked[0][2:])
    assert said.exit_code == 0
    assert json.loads(said.stdout) == yaml.safe_load(text_of("manifest.yml"))
    assert asked[1][2:] == ["run"]
    assert hooks["config"] == {"sdk-managed-connection-enabled": True}  # Baton has its own Socket Mode


def test_a_manifest_of_another_form_is_refused_in_words() -> None:
    said = CliRunner().invoke(app.cli, ["manifest", "--format", "xml"])
    assert (said.exit_code, said.stderr) == (
        1,
        "xml is not a format of the manifest; write --format yaml or json.\n",
    )


def test_the_version_is_the_projects() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    command = [sys.executable, "app.py", "--version"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"baton {version}\n", "")


def metrics(url: str) -> set[str]:
    database = Database.open(url)
    scraped = (
        Instruments()
        .render(database.read_now(figures), ready=True, agreement=("1", "hash"), drain=timedelta(0))
        .decode()
    )
    database.close()
    return set(re.findall(r"^# TYPE (baton_\w+)", scraped, re.MULTILINE))


def named(told: Iterable[str], pattern: str = r"\b(baton_\w+)") -> set[str]:
    return {name.removesuffix("_bucket") for text in told for name in re.findall(pattern, text)}


def test_the_page_for_operators_names_commands_and_metrics_that_exist(sqlite_url: str) -> None:
    page = text_of("docs/operate.md")
    assert set(CALL.findall("\n".join(re.findall(r"`+([^`]+)`+", page)))) <= COMMANDS
    assert set() < named([page], r"`(baton_\w+)") <= metrics(sqlite_url)


def test_each_alert_is_of_a_metric_that_exists_and_says_what_to_do(sqlite_url: str) -> None:
    rules = yaml.safe_load(text_of("docs/alerts.yml"))["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    known = metrics(sqlite_url)
    for rule in rules:
        assert set() < named([rule["expr"]]) <= known, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        words = rule["annotations"]
        assert words["summary"].endswith(".")
        assert words["description"].endswith(".")
        assert set(CALL.findall("\n".join(re.findall(r"`([^`]+)`", words["description"])))) <= COMMANDS


def test_the_dashboard_draws_metrics_that_exist(sqlite_url: str) -> None:
    panels = json.loads(text_of("docs/dashboard.json"))["panels"]
    drawn = [target["expr"] for panel in panels for target in panel["targets"]]
    apart = {"baton_sender_beat_timestamp", "baton_delivery_seconds_created"}  # moments, of one process
    assert named(drawn) == metrics(sqlite_url) - apart


def test_what_each_replica_counts_alike_is_not_added_up(sqlite_url: str) -> None:
    """And what goes down too is no counter: Prometheus takes a step down for a restart, and adds it all."""
    of_one = generate_latest(Instruments().registry).decode()
    own = set(re.findall(r"^# TYPE (baton_\w+)", of_one, re.MULTILINE))
    shared = "|".join(sorted(metrics(sqlite_url) - own))
    rules = yaml.safe_load(text_of("docs/alerts.yml"))["groups"][0]["rules"]
    panels = json.loads(text_of("docs/dashboard.json"))["panels"]
    targets = [target for panel in panels for target in panel["targets"]]
    asked = [each["expr"] for each in (*rules, *targets)]
    added_up = rf"sum( by \([^)]*\))? ?\(\s*(\w+\()?({shared})\b|(rate|increase)\(({shared})\b"
    assert [each for each in asked if re.search(added_up, each)] == []


def test_each_long_option_of_the_tests_stands_in_the_table_for_contributors() -> None:
    read = {
        name
        for file in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r'environ(?:\.get\(|\[)"((?:BATON|REPLAY)_\w+)"', file.read_text("utf-8"))
    }
    told = set(re.findall(r"`((?:BATON|REPLAY)_\w+)=", text_of(".github/CONTRIBUTING.md")))
    assert read - {"BATON_CHAOS_SEED"} <= told <= read


def test_the_newest_of_the_changelog_is_the_version_that_baton_prints() -> None:
    newest = re.search(r"^## (\d\S+)", text_of("CHANGELOG.md"), re.MULTILINE)
    printed = CliRunner().invoke(app.cli, ["--version"]).output
    assert newest is not None
    assert printed.split() == ["baton", newest[1]]
