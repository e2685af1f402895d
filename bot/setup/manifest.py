"""What the Slack app must be allowed and told, and what does not work without it.

manifest.yml says the same for Socket Mode, and a test holds them equal; for HTTP the addresses are added.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.errors import CannotStart
from bot.settings import PROGRAM
from bot.views.ids import Command, Shortcut, Step

MANIFEST = Path(__file__).with_name("manifest.yml")
"""The same as the file at the top, which an installed package does not have; a test holds them equal."""
EVENTS_PATH = "/slack/events"
EVENTS: Mapping[str, str] = {
    "app_home_opened": "Home stays empty",
    "app_mention": "mentions of Baton get no answer",
    "message.im": "direct messages to Baton get no answer",
    "user_change": "Baton learns an hour late who left or changed their name",
    "team_join": "Baton learns an hour late who joined",
    "subteam_members_changed": "Baton learns an hour late who joined or left a user group",
    "function_executed": "the step of Workflow Builder never ends",
}
"""The bot events, each with what happens without it."""
SCOPES: Mapping[str, str] = {
    "chat:write": "nothing is posted",
    "commands": "/lead, /alignment and the shortcuts do not exist",
    "app_mentions:read": "mentions of Baton get no answer",
    "users:read": "nobody's name or time zone is known, and guests are not told from members",
    "users:read.email": "owners are not matched by e-mail address",
    "usergroups:read": "user groups in the agreement stay empty",
    "channels:read": "check cannot look at public channels",
    "channels:history": "after a lost connection a post in a public channel may be doubled",
    "groups:read": "check cannot look at private channels",
    "groups:history": "after a lost connection a post in a private channel may be doubled",
    "im:write": "nobody gets a direct message",
    "im:history": "direct messages to Baton get no answer",
    "files:read": "the form to add a lead does not open, because it takes files",
    "files:write": "refused rows of a dropped file are not sent back",
}
"""The bot's scopes, each with what does not work without it."""


def manifest_text(url: str = "", form: str = "yaml") -> str:
    """The manifest to create the app from: for Socket Mode, or for HTTP at a public address.

    `form`: "yaml", or "json" as Slack's own command line reads it. Raises CannotStart for an address that
    Slack would not take, and for another form.
    """
    import yaml  # the scopes alone are asked for at a start, and need none

    if form not in ("yaml", "json"):
        raise CannotStart(f"{form} is not a format of the manifest; write --format yaml or json.")
    text = MANIFEST.read_text(encoding="utf-8")
    if url:
        text = _over_http(text, _events_address(url))
    if form == "json":
        return json.dumps(yaml.safe_load(text), ensure_ascii=False, indent=2) + "\n"
    return text


def _over_http(text: str, address: str) -> str:
    import yaml

    manifest: dict[str, Any] = yaml.safe_load(text)
    settings = manifest["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"] = {"request_url": address, **settings["event_subscriptions"]}
    settings["interactivity"]["request_url"] = address
    for command in manifest["features"]["slash_commands"]:
        command["url"] = address
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=110)


def _events_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise CannotStart(
            f"{url} is not an address that Slack can call. Give Baton's public one, like --url https://baton.example.com"
        )
    return url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH


def manifest_faults(path: Path = MANIFEST, *, socket_mode: bool | None = None) -> list[str]:
    """What a manifest lacks or has too much of, a sentence each; none if it is as it should be.

    YAML, or JSON as Slack's app settings show it. `socket_mode`: how this Baton is reached, if that is known.
    """
    import yaml

    try:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return [f"{path.name} cannot be read ({type(error).__name__}); restore the one that Baton came with."]
    if not isinstance(manifest, dict):
        return [f"{path.name} is not a manifest; `{PROGRAM} manifest` writes one."]
    return [*_lists(manifest), *_switches(manifest), *_way_in(manifest, socket_mode)]


def without(missing: Collection[str], uses: Mapping[str, str]) -> str:
    """What does not work without these, in the table's order: "im:write: nobody gets a direct message"."""
    return "; ".join(f"{one}: {use}" for one, use in uses.items() if one in missing)


def _at(manifest: dict[str, Any], *keys: str) -> Any:
    here: Any = manifest
    for key in keys:
        here = here.get(key) if isinstance(here, dict) else None
    return here


def _lists(manifest: dict[str, Any]) -> Iterator[str]:
    wanted: tuple[tuple[str, Any, Mapping[str, str]], ...] = (
        ("oauth_config.scopes.bot", _at(manifest, "oauth_config", "scopes", "bot"), SCOPES),
        (
            "settings.event_subscriptions.bot_events",
            _at(manifest, "settings", "event_subscriptions", "bot_events"),
            EVENTS,
        ),
        (
            "features.slash_commands",
            _named(manifest, "slash_commands", "command"),
            dict.fromkeys(Command, ""),
        ),
        ("features.shortcuts", _named(manifest, "shortcuts", "callback_id"), dict.fromkeys(Shortcut, "")),
        ("functions", list(manifest.get("functions") or ()), dict.fromkeys(Step, "")),
    )
    for place, found, expected in wanted:
        has = set(found or ())
        if missing := [one for one in expected if one not in has]:
            uses = without(missing, expected) if any(expected.values()) else ", ".join(missing)
            yield f"{place} lacks {uses}."
        if excess := sorted(has.difference(expected)):
            yield f"{place} has {', '.join(excess)}, which Baton does not use."


def _named(manifest: dict[str, Any], what: str, key: str) -> list[Any]:
    return [item.get(key) for item in _at(manifest, "features", what) or ()]


def _switches(manifest: dict[str, Any]) -> Iterator[str]:
    wanted = (
        ("settings", "interactivity", "is_enabled"),
        ("features", "app_home", "home_tab_enabled"),
        ("features", "app_home", "messages_tab_enabled"),
    )
    for keys in wanted:
        if _at(manifest, *keys) is not True:
            yield f"{'.'.join(keys)} must be true."
    if _at(manifest, "features", "app_home", "messages_tab_read_only_enabled") is True:
        yield "features.app_home.messages_tab_read_only_enabled must be false, or nobody can write."


def _way_in(manifest: dict[str, Any], socket_mode: bool | None) -> Iterator[str]:
    """Whether what happens in Slack can reach Baton at all."""
    over_socket = _at(manifest, "settings", "socket_mode_enabled") is True
    if socket_mode is not None and over_socket is not socket_mode:
        yield WRONG_WAY[over_socket]
    if over_socket:
        return
    places = {
        "settings.event_subscriptions.request_url": ("settings", "event_subscriptions", "request_url"),
        "settings.interactivity.request_url": ("settings", "interactivity", "request_url"),
    }
    missing = [place for place, keys in places.items() if not _at(manifest, *keys)]
    commands = _at(manifest, "features", "slash_commands") or ()
    missing += [f"the url of {item.get('command')}" for item in commands if not item.get("url")]
    if missing:
        yield f"Socket Mode is off and {', '.join(missing)} missing. Use `{PROGRAM} manifest --url https://…`."


WRONG_WAY = {
    True: "It switches Socket Mode on, and Slack then sends nothing over HTTP. Set SLACK_APP_TOKEN, or use "
    f"`{PROGRAM} manifest --url https://…`.",
    False: "It switches Socket Mode off, and SLACK_APP_TOKEN is set. Use manifest.yml, or remove the token.",
}
"""What to do where the manifest and the environment go different ways, by whether it has Socket Mode on."""
