"""The bodies that Slack sends for what people do: clicks, submissions, commands, shortcuts."""

from __future__ import annotations

import re

from bot.sandbox.slack.model import APP_ID, TEAM_DOMAIN, TEAM_ID, Channel, JsonDict, Message, Person, View
from bot.sandbox.slack.state import VALUE_FIELDS, initial_values

_SLACKS_OWN = re.compile(r"(<(?:[@#][A-Z0-9]+|mailto:|tel:|https?://)[^<>]*>)")
CARRIED = ("value", "style", "url", "text", "placeholder", "confirm")


def as_typed(text: str) -> str:
    """What somebody typed as it goes over the wire: escaped, save for Slack's own links and mentions."""
    parts = _SLACKS_OWN.split(text)
    return "".join(part if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def who(person: Person) -> JsonDict:
    """The part that every interaction has: who did it, in which workspace, to which app."""
    return {
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": APP_ID,
        "token": "verification",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def action(block: JsonDict, element: JsonDict, state: JsonDict, action_ts: str) -> JsonDict:
    """One entry of `actions`: the element, and what was chosen or entered (`state`, empty for a button)."""
    kind = element["type"]
    body: JsonDict = {
        "type": kind,
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": action_ts,
    }
    body |= {name: element[name] for name in CARRIED if name in element}
    body |= {name: value for name, value in state.items() if name != "type"}
    initial = VALUE_FIELDS.get(kind, ("", ""))[1]
    if initial in element:
        body[initial] = element[initial]
    return body


def actions_on_message(
    person: Person, channel: Channel, message: Message, actions: list[JsonDict]
) -> JsonDict:
    """A block_actions body for something done in a message, without its passes."""
    container: JsonDict = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(message.ephemeral_to),
    }
    if message.in_thread:
        container["thread_ts"] = message.thread_ts
    body = who(person) | {
        "type": "block_actions",
        "container": container,
        "channel": {"id": channel.id, "name": "directmessage" if channel.dm_with else channel.name},
        "state": {"values": initial_values(message.blocks, message.values)},
        "actions": actions,
    }
    return body if message.ephemeral_to else body | {"message": message.to_api()}


def actions_on_view(person: Person, view: View, actions: list[JsonDict]) -> JsonDict:
    """A block_actions body for something done in a modal or on the Home tab, without its passes."""
    return who(person) | {
        "type": "block_actions",
        "container": {"type": "view", "view_id": view.id},
        "view": view.to_api(),
        "actions": actions,
    }


def submission(person: Person, view: View) -> JsonDict:
    """A view_submission body, without its trigger."""
    return who(person) | {"type": "view_submission", "view": view.to_api(), "response_urls": []}


def closing(person: Person, view: View, *, cleared: bool) -> JsonDict:
    """A view_closed body."""
    return who(person) | {"type": "view_closed", "view": view.to_api(), "is_cleared": cleared}


def suggestion(person: Person, view: View | None, block: JsonDict, element: JsonDict, query: str) -> JsonDict:
    """A block_suggestion body: an external select asks for its options."""
    body = who(person) | {
        "type": "block_suggestion",
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": query,
    }
    if view is None:
        return body | {"container": {"type": "message"}}
    return body | {"container": {"type": "view", "view_id": view.id}, "view": view.to_api()}


def command(person: Person, channel: Channel, name: str, text: str) -> JsonDict:
    """A slash command's body, without its passes."""
    return {
        "token": "verification",
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.dm_with else channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": as_typed(text),
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
    }


def shortcut(person: Person, callback_id: str, action_ts: str) -> JsonDict:
    """A global shortcut's body, without its trigger."""
    return who(person) | {"type": "shortcut", "callback_id": callback_id, "action_ts": action_ts}


def message_shortcut(
    person: Person, channel: Channel, message: Message, callback_id: str, ts: str
) -> JsonDict:
    """A message shortcut's body, without its passes."""
    return who(person) | {
        "type": "message_action",
        "callback_id": callback_id,
        "action_ts": ts,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel.name},
        "message": message.to_api(),
    }
