"""Tokens are rotated without a restart, and what watches Baton can stand behind one."""

from __future__ import annotations

import base64
import io
import logging
from pathlib import Path

import pytest
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.agreement import default_agreement, loaded
from bot.clock import Clock
from bot.crm.side import CrmSide
from bot.events.reaching import subscriptions
from bot.events.sinks import Subscription
from bot.intake.sources import secrets_of
from bot.logs import set_up_logs
from bot.settings import Settings, SettingsFaults, load_settings
from handlers.tokens import Tokens
from storage.database import Database
from tests.bot.ledger import Ledger
from tests.handlers.http.api_client import api_of, client_of


def settings(**changes: object) -> Settings:
    return Settings.model_validate({"slack_bot_token": "xoxb-old", "slack_signing_secret": "old", **changes})


class Socket:
    """Where the app token goes."""

    def __init__(self) -> None:
        self.token = ""

    def rotate(self, app_token: str) -> None:
        self.token = app_token


def test_each_token_is_the_new_one_after_the_environment_was_read_again() -> None:
    new = settings(
        slack_bot_token="xoxb-new",
        slack_app_token="xapp-new",
        slack_signing_secret="new",
        intake_tokens={SecretStr("fresh"): "crm"},
        monitor_token="watch",
    )
    client, socket = AsyncWebClient(token="xoxb-old"), Socket()
    tokens = Tokens(settings(intake_tokens={SecretStr("stale"): "crm"}), client, socket, lambda: new)
    names = tokens.names
    assert names == {"stale": "crm"}
    assert tokens.read_again()
    assert names == {"fresh": "crm"}
    assert (client.token, socket.token, tokens.signing, tokens.monitor) == (
        "xoxb-new",
        "xapp-new",
        "new",
        "watch",
    )


def test_a_faulty_environment_leaves_all_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    def faulty() -> Settings:
        raise SettingsFaults({"SLACK_BOT_TOKEN": "is missing."})

    client = AsyncWebClient(token="xoxb-old")
    tokens = Tokens(settings(), client, None, faulty)
    assert not tokens.read_again()
    assert (client.token, tokens.signing) == ("xoxb-old", "old")
    assert "the tokens stay as they were" in caplog.text


def test_tokens_that_came_from_no_file_are_not_taken_from_the_one_that_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    client = AsyncWebClient(token="xoxb-old")
    tokens = Tokens(settings(), client, None)
    assert tokens.read_again()  # the demo's team was edited, and there is no .env
    Path(".env").write_text("SLACK_BOT_TOKEN=xoxb-real\nSLACK_SIGNING_SECRET=real\n", "utf-8")
    assert tokens.read_again()  # nor is a real workspace's token sent to the demo
    assert (client.token, tokens.signing, caplog.text) == ("xoxb-old", "old", "")
    file = load_settings(env_file=Path(".env"))
    of_a_file = Tokens(file, client, None)
    Path(".env").write_text("SLACK_BOT_TOKEN=xoxb-new\nSLACK_SIGNING_SECRET=real\n", "utf-8")
    assert of_a_file.read_again()
    assert client.token == "xoxb-new"


def test_a_token_that_the_environment_holds_on_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-old")
    file = tmp_path / ".env"
    file.write_text("SLACK_BOT_TOKEN=xoxb-new\nSLACK_SIGNING_SECRET=old\n", "utf-8")
    client = AsyncWebClient(token="xoxb-old")
    assert Tokens(load_settings(env_file=file), client, None).read_again()
    assert client.token == "xoxb-old"
    assert "the environment sets SLACK_BOT_TOKEN otherwise than .env, and wins" in caplog.text
    assert "xoxb-new" not in caplog.text


async def test_a_rotated_intake_token_is_taken_and_the_old_one_is_not(database: Database) -> None:
    names = {"old": "crm"}
    app = api_of(database, tokens=names)
    async with client_of(app, token="old") as api:
        assert (await api.get("/leads/1")).status_code == 404
        names.clear()
        names["new"] = "crm"
        assert (await api.get("/leads/1")).status_code == 401
    async with client_of(app, token="new") as api:
        assert (await api.get("/leads/1")).status_code == 404


@pytest.mark.parametrize("path", ["/readyz", "/metrics", "/docs", "/openapi.json"])
async def test_what_watches_asks_for_the_token_where_there_is_one(database: Database, path: str) -> None:
    token: list[str | None] = [None]
    app = api_of(database, monitor_token=lambda: token[0])
    async with client_of(app, token=None) as api:
        assert (await api.get(path)).status_code == 200
        token[0] = "watch"
        refused = await api.get(path)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert (await api.get("/livez")).status_code == 200
    async with client_of(app, token="watch") as api:
        assert (await api.get(path)).status_code == 200


# ---- the secrets that the agreement names

TABLES = """
[[intake]]
name = "website"
secret_env = ["SITE_KEY", "SITE_KEY_NEW"]

[[webhooks]]
url = "https://tool.example.com/hook"
secret_env = "HOOK_SECRET"

[[destinations]]
type = "nats"
name = "warehouse"
url = "tls://nats.example.com:4222"
secret_env = "NATS_SECRET"

[crm]
kind = "hubspot"
token_env = "HUBSPOT_TOKEN"
"""
KEY = "whsec_" + base64.b64encode(b"a secret that both sides know!!!").decode()
OTHER_KEY = "whsec_" + base64.b64encode(b"another that both sides know!!!!").decode()
HELD = {
    "SITE_KEY": "the-old-key",
    "HOOK_SECRET": KEY,
    "NATS_SECRET": "baton:the-old-login",
    "HUBSPOT_TOKEN": "pat-the-old",
}


def named(**changes: str) -> Settings:
    held = {**HELD, **changes}
    return settings(variables={name: SecretStr(value) for name, value in held.items()})


async def test_either_of_two_secrets_of_a_source_will_do(
    database: Database,
) -> None:
    now = [named()]
    tokens = Tokens(now[0], AsyncWebClient(), None, lambda: now[0])
    app = api_of(database, agreement=loaded(default_agreement().text + TABLES), variable=tokens.variable)
    lead = {"email": "jane@acme.example"}

    async def given(secret: str) -> int:
        async with client_of(app, token=secret) as api:
            return (await api.post("/intake/website", json=lead)).status_code

    assert [await given("the-old-key"), await given("the-new-key")] == [201, 401]
    now[0] = named(SITE_KEY_NEW="the-new-key")
    assert tokens.read_again()
    assert [await given("the-old-key"), await given("the-new-key")] == [200, 200]
    now[0] = named(SITE_KEY="the-new-key")
    assert tokens.read_again()
    assert [await given("the-old-key"), await given("the-new-key")] == [401, 200]


@pytest.mark.parametrize(
    ("variable", "value", "told_anew"),
    [
        ("HOOK_SECRET", OTHER_KEY, "tool.example.com"),
        ("NATS_SECRET", "baton:the-new-login", "warehouse"),
        ("HUBSPOT_TOKEN", "pat-the-new", "crm"),
    ],
)
def test_whoever_is_told_is_reached_anew_with_a_rotated_secret_and_nobody_else_is(
    database: Database, variable: str, value: str, told_anew: str
) -> None:
    agreement = loaded(default_agreement().text + TABLES).agreement
    now = [named()]
    tokens = Tokens(now[0], AsyncWebClient(), None, lambda: now[0])
    book = Ledger(database).book
    side = CrmSide(database, Clock(), book, logging.getLogger("test"), tokens.variable)

    def told() -> set[Subscription]:
        return {*subscriptions(agreement, tokens.variable, Clock()), *side.subscriptions(agreement)}

    before = told()
    assert told() == before
    now[0] = named(**{variable: value})
    assert tokens.read_again()
    after = told()
    assert {each.name for each in before - after} == {told_anew}
    assert {each.name for each in after - before} == {told_anew}
    assert not any(secret in repr(after) for secret in (*HELD.values(), value))


def test_no_log_shows_a_secret_that_the_agreement_names() -> None:
    agreement = loaded(default_agreement().text + TABLES).agreement
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    set_up_logs("text", stream=stream)
    try:
        new = named(NATS_SECRET="baton:the-new-login")
        tokens = Tokens(
            named(), AsyncWebClient(), None, lambda: new, lambda held: secrets_of(agreement, held)
        )
        assert tokens.read_again()
        root.warning("%s %s %s", "baton:the-new-login", "pat-the-old", "the-old-key")
    finally:
        logging.captureWarnings(False)
        root.handlers = handlers
        root.setLevel(level)
    assert stream.getvalue().strip().endswith("[token] [token] [token]")
