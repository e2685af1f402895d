"""manifest.yml asks Slack for exactly what the listeners need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from slack_bolt.async_app import AsyncApp

from bot.sandbox.slack.context import DEFAULT_SCOPES
from bot.setup.manifest import EVENTS, MANIFEST, SCOPES, manifest_faults
from bot.views.ids import Command
from handlers import register


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(MANIFEST.read_text("utf-8"))
    return found


class Listening:
    """Stands where Bolt's app would, and notes what is registered."""

    def __init__(self) -> None:
        self.heard: dict[str, list[Any]] = {}

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., None]]:
        def register_for(what: Any, _matchers: Any = ()) -> Callable[..., None]:
            self.heard.setdefault(kind, []).append(what)
            return lambda _listener: None

        return register_for


@pytest.fixture
def heard() -> dict[str, list[Any]]:
    app = Listening()
    desk: Any = None  # a listener is bound to it, and none is called
    register(cast(AsyncApp, app), desk)
    return app.heard


def test_its_commands_are_those_that_are_heard(manifest: dict[str, Any], heard: dict[str, list[Any]]) -> None:
    commands = [item["command"] for item in manifest["features"]["slash_commands"]]
    assert commands == [str(command) for command in heard["command"]] == [str(command) for command in Command]


def test_its_shortcuts_are_those_that_are_heard(
    manifest: dict[str, Any], heard: dict[str, list[Any]]
) -> None:
    shortcuts = manifest["features"]["shortcuts"]
    assert [item["callback_id"] for item in shortcuts] == [str(each) for each in heard["shortcut"]]
    assert [item["type"] for item in shortcuts] == ["global", "message"]


def test_every_command_says_how_it_is_used(manifest: dict[str, Any]) -> None:
    for command in manifest["features"]["slash_commands"]:
        assert 0 < len(command["description"]) <= 2000
        assert 0 < len(command["usage_hint"]) <= 1000
        assert command["should_escape"] is False


def test_its_events_are_those_that_are_heard(manifest: dict[str, Any], heard: dict[str, list[Any]]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert events == heard["event"] == list(EVENTS)


def test_its_scopes_are_those_that_baton_needs_and_no_other(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    assert set(SCOPES) == set(DEFAULT_SCOPES)


def test_socket_mode_interactivity_and_home_are_on(manifest: dict[str, Any]) -> None:
    settings, home = manifest["settings"], manifest["features"]["app_home"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["org_deploy_enabled"] is settings["token_rotation_enabled"] is False
    assert home == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_what_people_read_keeps_slacks_limits(manifest: dict[str, Any]) -> None:
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80


def test_check_finds_nothing_wrong_with_it() -> None:
    assert manifest_faults() == []


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("      - users:read.email\n", "", "oauth_config.scopes.bot lacks users:read.email."),
        ("- im:write", "- im:write\n      - chat:write.public", "has chat:write.public, which"),
        ("command: /lead", "command: /leads", "features.slash_commands lacks /lead."),
        ("- app_home_opened", "- app_mention", "bot_events lacks app_home_opened."),
        ("messages_tab_enabled: true", "messages_tab_enabled: false", "messages_tab_enabled must be true."),
        ("display_information:", "\tdisplay_information:", "cannot be read"),
        ("features:", "features_:", "features.slash_commands lacks /lead, /alignment."),
    ],
)
def test_check_finds_what_was_changed(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    text = MANIFEST.read_text("utf-8")
    assert was in text
    changed = tmp_path / "manifest.yml"
    changed.write_text(text.replace(was, becomes, 1), "utf-8")
    assert says in " ".join(manifest_faults(changed))
