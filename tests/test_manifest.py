"""manifest.yml asks Slack for exactly what the listeners need."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from slack_bolt.async_app import AsyncApp

from bot.errors import CannotStart
from bot.sandbox.slack.context import DEFAULT_SCOPES
from bot.setup.manifest import EVENTS, MANIFEST, SCOPES, WRONG_WAY, manifest_faults, manifest_text
from bot.views.ids import Command, Step
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
        def register_for(what: Any, _matchers: Any = (), **_how: Any) -> Callable[..., None]:
            self.heard.setdefault(kind, []).append(what)
            return lambda _listener: None

        return register_for


@pytest.fixture
def heard() -> dict[str, list[Any]]:
    app = Listening()
    desk: Any = None  # a listener is bound to it, and none is called
    register(cast(AsyncApp, app), desk, desk, desk, desk)
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


def test_the_hint_of_alignment_names_what_it_can_be_asked(manifest: dict[str, Any]) -> None:
    commands = {item["command"]: item["usage_hint"] for item in manifest["features"]["slash_commands"]}
    asked = {part.split()[0] for part in commands["/alignment"].split(" | ")}
    assert asked >= {"week", "month", "quarter", "why", "propose"}


def test_its_events_are_those_that_are_heard(manifest: dict[str, Any], heard: dict[str, list[Any]]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert events == list(EVENTS)
    assert {event.partition(".")[0] for event in events} == {*heard["event"], "function_executed"}


def test_its_steps_are_those_that_are_heard(manifest: dict[str, Any], heard: dict[str, list[Any]]) -> None:
    assert (
        list(manifest["functions"])
        == [str(each) for each in heard["function"]]
        == [str(each) for each in Step]
    )
    for step in manifest["functions"].values():
        for told in (*step["input_parameters"].values(), *step["output_parameters"].values()):
            assert told.keys() == {"type", "title", "description", "is_required"}


def test_its_scopes_are_those_that_baton_needs_and_no_other(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    assert set(SCOPES) == set(DEFAULT_SCOPES)


def test_socket_mode_interactivity_and_home_are_on(manifest: dict[str, Any]) -> None:
    settings, home = manifest["settings"], manifest["features"]["app_home"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["org_deploy_enabled"] is True  # else an organisation's Slack sends no events
    assert settings["token_rotation_enabled"] is False
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
        (
            "      - users:read.email\n",
            "",
            "oauth_config.scopes.bot lacks users:read.email: owners are not matched by e-mail address.",
        ),
        ("      - app_mention\n", "", "bot_events lacks app_mention: mentions of Baton get no answer."),
        ("      - message.im\n", "", "direct messages to Baton get no answer"),
        ("messages_tab_read_only_enabled: false", "messages_tab_read_only_enabled: true", "nobody can write"),
        (
            "socket_mode_enabled: true",
            "socket_mode_enabled: false",
            "Socket Mode is off and settings.event_subs",
        ),
        ("- im:write", "- im:write\n      - chat:write.public", "has chat:write.public, which"),
        ("command: /lead", "command: /leads", "features.slash_commands lacks /lead."),
        ("- app_home_opened", "- app_uninstalled", "bot_events lacks app_home_opened: Home stays empty."),
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


def test_without_an_address_it_is_the_file_itself() -> None:
    assert manifest_text() == MANIFEST.read_text("utf-8")


@pytest.mark.parametrize(
    "url",
    [
        "https://baton.example.com",
        "https://baton.example.com/",
        "https://baton.example.com/slack/events",
    ],
)
def test_over_http_every_way_in_has_the_address(tmp_path: Path, url: str) -> None:
    address = "https://baton.example.com/slack/events"
    text = manifest_text(url)
    found = yaml.safe_load(text)
    assert found["settings"]["event_subscriptions"]["request_url"] == address
    assert found["settings"]["interactivity"]["request_url"] == address
    assert {item["url"] for item in found["features"]["slash_commands"]} == {address}
    assert found["settings"]["socket_mode_enabled"] is False
    (tmp_path / "http.yml").write_text(text, "utf-8")
    assert manifest_faults(tmp_path / "http.yml", socket_mode=False) == []
    same = {**found, "settings": {**found["settings"], "socket_mode_enabled": True}}
    assert same["oauth_config"] == yaml.safe_load(manifest_text())["oauth_config"]


@pytest.mark.parametrize(
    "url", ["http://baton.example.com", "baton.example.com", "https://", "https://a.b?c=d"]
)
def test_an_address_that_slack_cannot_call_is_refused(url: str) -> None:
    with pytest.raises(CannotStart, match="not an address that Slack can call"):
        manifest_text(url)


def test_a_manifest_of_the_other_way_in_is_named(tmp_path: Path) -> None:
    (tmp_path / "http.yml").write_text(manifest_text("https://baton.example.com"), "utf-8")
    assert manifest_faults(tmp_path / "http.yml", socket_mode=True) == [WRONG_WAY[False]]
    assert manifest_faults(MANIFEST, socket_mode=False) == [WRONG_WAY[True]]


def test_a_manifest_as_the_apps_settings_show_it_is_read_as_json_too(tmp_path: Path) -> None:
    exported = tmp_path / "manifest.json"
    exported.write_text(json.dumps(yaml.safe_load(MANIFEST.read_text("utf-8"))), "utf-8")
    assert manifest_faults(exported) == []
    exported.write_text("[]", "utf-8")
    assert "is not a manifest" in manifest_faults(exported)[0]
