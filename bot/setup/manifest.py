"""What the Slack app must be allowed and told; manifest.yml says the same, and a test holds them equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.views.ids import Command, Shortcut

MANIFEST = Path(__file__).with_name("manifest.yml")
"""The same as the file at the top, which an installed package does not have; a test holds them equal."""
EVENTS = ("app_home_opened",)
SCOPES = (
    "chat:write",
    "commands",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "channels:read",
    "channels:history",
    "groups:read",
    "groups:history",
    "im:write",
    "im:history",
)


def manifest_faults(path: Path = MANIFEST) -> list[str]:
    """What manifest.yml lacks or has too much of, a sentence each; none if it is as it should be."""
    try:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return [f"{path.name} cannot be read ({type(error).__name__}); restore the one that Baton came with."]
    return [fault for part in _PARTS for fault in part(manifest if isinstance(manifest, dict) else {})]


def _at(manifest: dict[str, Any], *keys: str) -> Any:
    here: Any = manifest
    for key in keys:
        here = here.get(key) if isinstance(here, dict) else None
    return here


def _lists(manifest: dict[str, Any]) -> list[str]:
    commands = [item.get("command") for item in _at(manifest, "features", "slash_commands") or ()]
    shortcuts = [item.get("callback_id") for item in _at(manifest, "features", "shortcuts") or ()]
    wanted: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
        ("oauth_config.scopes.bot", _at(manifest, "oauth_config", "scopes", "bot"), SCOPES),
        ("settings.event_subscriptions.bot_events", _events(manifest), EVENTS),
        ("features.slash_commands", commands, tuple(command.value for command in Command)),
        ("features.shortcuts", shortcuts, tuple(shortcut.value for shortcut in Shortcut)),
    )
    faults = []
    for place, found, expected in wanted:
        has = set(found or ())
        if missing := [one for one in expected if one not in has]:
            faults.append(f"{place} lacks {', '.join(missing)}.")
        if excess := sorted(has.difference(expected)):
            faults.append(f"{place} has {', '.join(excess)}, which Baton does not use.")
    return faults


def _events(manifest: dict[str, Any]) -> Any:
    return _at(manifest, "settings", "event_subscriptions", "bot_events")


def _switches(manifest: dict[str, Any]) -> list[str]:
    wanted = (
        (("settings", "interactivity", "is_enabled"), True),
        (("features", "app_home", "home_tab_enabled"), True),
        (("features", "app_home", "messages_tab_enabled"), True),
    )
    return [
        f"{'.'.join(keys)} must be {str(value).lower()}."
        for keys, value in wanted
        if _at(manifest, *keys) is not value
    ]


_PARTS = (_lists, _switches)
