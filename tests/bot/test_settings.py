"""The environment: everything that is wrong is said at once, and no secret is shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsFaults, load_settings

NAMES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "DATABASE_URL",
    "AGREEMENT",
    "INTAKE_TOKEN",
    "MONITOR_TOKEN",
    "HOST",
    "PORT",
    "LOG_FORMAT",
)
SOCKET_MODE = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in {**SOCKET_MODE, **values}.items():
        monkeypatch.setenv(name, value)
    return load_settings(env_file=Path("no such file"))


def faults(monkeypatch: pytest.MonkeyPatch, **values: str) -> dict[str, str]:
    with pytest.raises(SettingsFaults) as caught:
        settings(monkeypatch, **values)
    return caught.value.faults


def test_two_tokens_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch)
    assert found.socket_mode
    assert found.slack_api_url == "https://slack.com/api/"
    assert found.database_url.get_secret_value() == "sqlite:///baton.db"
    assert (found.agreement, found.host, found.port) == (Path("agreement.toml"), "127.0.0.1", 3000)
    assert (found.log_format, found.names_by_token()) == ("text", {})


def test_a_signing_secret_alone_means_http(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not settings(monkeypatch, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="s3cret").socket_mode


def test_everything_that_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = faults(monkeypatch, SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="", PORT="http", LOG_FORMAT="xml")
    assert set(found) == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "PORT", "LOG_FORMAT"}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-A", "does not begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "does not begin with xapp-"),
        ("SLACK_API_URL", "https://slack.com/api", "ends in /api/"),
        ("SLACK_API_URL", "slack.com/api/", "begins with http"),
        ("SLACK_API_URL", "http://[bad", "is not an address"),
        ("SLACK_API_URL", "http://slack.example/api/", "would send the token unencrypted to another machine"),
        ("SLACK_API_URL", "http://localhost.example/api/", "write https://"),
        ("SLACK_API_URL", "http://127.0.0.1.example/api/", "write https://"),
        ("PORT", "65536", "give a number from 0 to 65535"),
        ("PORT", "-1", "give a number from 0 to 65535"),
        ("LOG_FORMAT", "JSON", "write text or json"),
        ("INTAKE_TOKEN", "crm:", "neither part may be empty"),
        ("INTAKE_TOKEN", "my crm:abc", "A name is letters"),
        ("INTAKE_TOKEN", "crm:abc,crm:def", "twice"),
        ("INTAKE_TOKEN", "crm:abc,web:abc", "twice"),
    ],
)
def test_a_wrong_value_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    assert says in faults(monkeypatch, **{name: value})[name]


@pytest.mark.parametrize("host", ["127.0.0.1:3001", "localhost:3001", "[::1]:3001"])
def test_a_slack_on_this_machine_may_be_reached_without_encryption(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    found = settings(monkeypatch, SLACK_API_URL=f"http://{host}/api/")
    assert found.slack_api_url == f"http://{host}/api/"


def test_the_credentials_of_a_distributed_app_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = faults(monkeypatch, SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="abc")
    assert "unset both" in found["SLACK_CLIENT_ID and SLACK_CLIENT_SECRET"]


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        ("abc", {"abc": "default"}),
        ("crm:abc", {"abc": "crm"}),
        (" crm : abc , web:def,", {"abc": "crm", "def": "web"}),
    ],
)
def test_intake_tokens_have_names(
    monkeypatch: pytest.MonkeyPatch, value: str, tokens: dict[str, str]
) -> None:
    assert settings(monkeypatch, INTAKE_TOKEN=value).names_by_token() == tokens


def test_a_command_without_slack_needs_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(env_file=Path("no such file"), with_slack=False).port == 3000


def test_env_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("SLACK_BOT_TOKEN=xoxb-file\nSLACK_APP_TOKEN=xapp-file\nPORT=4000\nHOST=\n", "utf-8")
    monkeypatch.setenv("PORT", "5000")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-file")
    found = load_settings(env_file=env)
    assert found.slack_bot_token.get_secret_value() == "xoxb-file"
    assert (found.port, found.host, found.outvoted) == (5000, "127.0.0.1", ("PORT",))


def test_the_tokens_of_slack_run_win_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("SLACK_BOT_TOKEN=xoxb-file\nSLACK_APP_TOKEN=xapp-file\n", "utf-8")
    monkeypatch.setenv("SLACK_CLI_XOXB", "xoxb-run")
    monkeypatch.setenv("SLACK_CLI_XAPP", "xapp-run")
    found = load_settings(env_file=env)
    assert found.secrets()[:2] == ("xoxb-run", "xapp-run")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-environment")
    assert load_settings(env_file=env).secrets()[:2] == ("xoxb-environment", "xapp-run")


def test_an_env_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("# für uns", "latin-1")
    with pytest.raises(SettingsFaults, match="not UTF-8"):
        load_settings(env_file=env)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('A=1\nINTAKE_TOKEN="abc\n', 2),
        ("INTAKE_TOKEN: crm:abc\n", 1),
        ("A=1\n\n# so\nsome words\n", 4),
        ("A=1\n\n=abc\n", 3),
        ("A='1'2\n", 1),
    ],
)
def test_a_line_of_the_env_file_that_sets_nothing_is_a_fault(tmp_path: Path, text: str, line: int) -> None:
    env = tmp_path / ".env"
    env.write_text(text, "utf-8")
    with pytest.raises(SettingsFaults, match=f"line {line}: does not read NAME=value"):
        load_settings(env_file=env, with_slack=False)


@pytest.mark.parametrize(
    "text", ["", "\ufeffPORT=4000\r\n", "export PORT = '4000' # so\n", "NAME\n\n#\n PORT=4000"]
)
def test_an_env_file_as_editors_and_shells_write_it_is_read(tmp_path: Path, text: str) -> None:
    env = tmp_path / ".env"
    env.write_bytes(text.encode())
    assert load_settings(env_file=env, with_slack=False).port == (4000 if text else 3000)


def test_an_env_file_that_is_no_file_is_a_fault(tmp_path: Path) -> None:
    loop, folder, pipe = tmp_path / "loop", tmp_path / "folder", tmp_path / "pipe"
    loop.symlink_to(loop)
    folder.mkdir()
    os.mkfifo(pipe)
    for env in (loop, folder, pipe):
        with pytest.raises(SettingsFaults, match="it is a directory, a pipe, or a link that leads nowhere"):
            load_settings(env_file=env, with_slack=False)


def test_no_secret_shows_in_the_settings_or_in_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "SLACK_SIGNING_SECRET": "signing-s3cret",
        "INTAKE_TOKEN": "crm:intake-s3cret",
        "DATABASE_URL": "postgresql+psycopg://me:db-s3cret@host/baton",
    }
    shown = repr(settings(monkeypatch, **secrets)) + str(settings(monkeypatch, **secrets))
    assert not re.search("s3cret|1-secret", shown)
    said = str(
        SettingsFaults(faults(monkeypatch, **secrets, SLACK_BOT_TOKEN="s3cret", SLACK_APP_TOKEN="s3cret"))
    )
    assert "s3cret" not in said


def test_the_example_names_every_variable_and_sets_none() -> None:
    lines = Path(__file__).parents[2].joinpath(".env.example").read_text("utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [f"{name}=" for name in NAMES]
