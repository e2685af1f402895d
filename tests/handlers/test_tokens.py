"""Tokens are rotated without a restart, and what watches Baton can stand behind one."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings, SettingsFaults
from handlers.tokens import Tokens
from storage.database import Database
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
