"""What every Web API method needs: the workspace, the passes, the scopes, and its arguments read safely."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import APP_ID, TEAM_ID, TEAM_NAME, Channel, JsonDict, Message, Person
from bot.sandbox.slack.schema import Fault
from bot.sandbox.slack.state import Workspace
from bot.sandbox.slack.tickets import Tickets

DEFAULT_SCOPES = (
    "chat:write",
    "commands",
    "app_mentions:read",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "channels:read",
    "channels:history",
    "groups:read",
    "groups:history",
    "im:write",
    "im:history",
    "files:read",
    "files:write",
)


@dataclass(slots=True)
class Context:
    """The workspace as one app sees it. `base_url`: the sandbox's own address, without a slash at the end.

    `app_id`, `team_id`: whose bot token it is; another than the workspace's own plays a mix-up of tokens.
    """

    workspace: Workspace
    tickets: Tickets
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    base_url: str = ""
    uploads: dict[str, JsonDict] = field(default_factory=dict)
    app_id: str = APP_ID
    team_id: str = TEAM_ID
    team_name: str = TEAM_NAME

    def require(self, scope: str) -> None:
        """Raise ApiError `missing_scope` unless the app was given the scope."""
        if scope not in self.scopes:
            raise ApiError("missing_scope", needed=scope, provided=",".join(self.scopes))

    def person(self, user: str) -> Person:
        """A person by id. Raises ApiError `user_not_found`."""
        found = self.workspace.people.get(user)
        if found is None:
            raise ApiError("user_not_found")
        return found

    def channel(self, reference: str, scope_kind: str = "") -> Channel:
        """A conversation that the app may know of, by id or `#name`; `scope_kind`: `read`, `history` or none.

        Raises ApiError `channel_not_found` or `missing_scope`.
        """
        name = reference.removeprefix("#")
        found = self.workspace.channels.get(reference) or next(
            (c for c in self.workspace.channels.values() if c.name == name and not c.dm_with), None
        )
        if found is None or (found.is_private and self.workspace.bot_user not in found.members):
            raise ApiError("channel_not_found")
        if scope_kind:
            self.require(f"{found.kind}:{scope_kind}")
        return found

    def writable(self, reference: str) -> Channel:
        """A conversation that the bot may write to; a user id is that person's direct conversation.

        Raises ApiError `channel_not_found`, `is_archived`, `not_in_channel` or `messages_tab_disabled`.
        """
        to_person = reference in self.workspace.people
        channel = self._direct(reference) if to_person else self.channel(reference)
        if channel.is_archived:
            raise ApiError("is_archived")
        if self.workspace.bot_user not in channel.members:
            raise ApiError("not_in_channel")
        if channel.dm_with and not self.workspace.messages_tab_enabled:
            raise ApiError("messages_tab_disabled")
        return channel

    def _direct(self, user: str) -> Channel:
        person = self.workspace.people[user]
        if person.deleted or person.is_bot:
            raise ApiError("channel_not_found")
        return self.workspace.direct(user)

    def message(self, channel: Channel, ts: str) -> Message:
        """A message that everybody in the channel sees. Raises ApiError `message_not_found`."""
        found = self.workspace.message(channel.id, ts)
        if found is None or found.ephemeral_to:
            raise ApiError("message_not_found")
        return found


def needed(args: JsonDict, name: str) -> str:
    """A required argument. Raises ApiError `invalid_arguments`."""
    value = args.get(name)
    if value in (None, ""):
        raise ApiError("invalid_arguments", faults=[Fault(f"missing required field: {name}", f"/{name}")])
    return str(value)


def flag(args: JsonDict, name: str) -> bool:
    """A yes-or-no argument, as JSON or as a form sends it."""
    return str(args.get(name, "")).lower() in ("1", "true")


def number(args: JsonDict, name: str, default: int, maximum: int) -> int:
    """A whole-number argument from 1 to `maximum`. Raises ApiError `invalid_arguments`."""
    text = str(args.get(name) or default)
    if not text.isdecimal() or not 1 <= int(text) <= maximum:
        raise ApiError(f"invalid_{name}" if name == "limit" else "invalid_arguments")
    return int(text)


def decoded(args: JsonDict, name: str, error: str) -> Any:
    """A structured argument, which forms send as JSON text. Raises ApiError `error` when it is not JSON."""
    value = args.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ApiError(error) from None
