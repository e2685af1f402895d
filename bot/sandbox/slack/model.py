"""What a workspace is made of: people, channels, messages, views, and how each looks on the wire.

Values only. Who may change them, and who is told of the change, is the business of `state`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

JsonDict = dict[str, Any]

TEAM_ID = "T0TEAM"
TEAM_NAME = "Sandbox"
TEAM_DOMAIN = "sandbox"
APP_ID = "A0BATON"
BOT_ID = "B0BATON"
NOTICE_AUTHOR = "USLACKBOT"
"""Who signs the notices that the workspace itself shows, such as a command that failed."""


@dataclass(slots=True)
class Person:
    """A member of the workspace, or the bot's own user. `tz` is an IANA name.

    `is_restricted` is a guest of several channels, `is_ultra_restricted` one of a single channel;
    `is_stranger` is somebody of another organisation (`team_id`) who can be seen in a shared channel.
    """

    id: str
    name: str
    real_name: str
    email: str = ""
    tz: str = "America/New_York"
    title: str = ""
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    team_id: str = TEAM_ID

    def to_api(self, *, with_email: bool, at: datetime) -> JsonDict:
        """The user object of the Web API; the address only for those who may read it."""
        offset = at.astimezone(ZoneInfo(self.tz)).utcoffset()
        profile: JsonDict = {"real_name": self.real_name, "display_name": self.real_name, "title": self.title}
        if with_email and self.email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "profile": profile,
            "is_admin": self.is_admin,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_restricted": self.is_restricted or self.is_ultra_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.is_stranger,
        }


@dataclass(slots=True)
class UserGroup:
    """A group of people who can be mentioned together."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)

    def to_api(self) -> JsonDict:
        """The user-group object of the Web API."""
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "user_count": len(self.users),
            "users": list(self.users),
            "date_delete": 0,
        }


@dataclass(slots=True)
class Channel:
    """A channel, or with `dm_with` the direct conversation between the bot and one person."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    dm_with: str = ""
    is_ext_shared: bool = False

    @property
    def kind(self) -> str:
        """The word that scopes are named by: channels, groups or im."""
        if self.dm_with:
            return "im"
        return "groups" if self.is_private else "channels"

    def to_api(self, bot_user: str) -> JsonDict:
        """The conversation object of the Web API."""
        common: JsonDict = {"id": self.id, "created": 0, "is_archived": self.is_archived, "is_mpim": False}
        if self.dm_with:
            return common | {"is_im": True, "is_channel": False, "user": self.dm_with}
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_private": self.is_private,
            "is_member": bot_user in self.members,
            "num_members": len(self.members),
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "context_team_id": TEAM_ID,
        }


@dataclass(slots=True)
class Message:
    """One message. `ephemeral_to` names the only person who sees it; `ts` is its identity in its channel.

    `blocks_before` is what stood there before its last edit: a screen may still show that to somebody.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[JsonDict] = field(default_factory=list)
    attachments: list[JsonDict] = field(default_factory=list)
    thread_ts: str = ""
    metadata: JsonDict | None = None
    edited_ts: str = ""
    blocks_before: list[JsonDict] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_to: str = ""
    broadcast: bool = False
    by_bot: bool = False
    deleted: bool = False
    values: dict[str, dict[str, JsonDict]] = field(default_factory=dict)

    @property
    def in_thread(self) -> bool:
        """Whether it is a reply, not the message that a thread hangs on."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def at(self) -> datetime:
        """When it was posted, in UTC, by the workspace's clock."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    def to_api(self, *, with_metadata: bool = True) -> JsonDict:
        """The message object of the Web API."""
        body: JsonDict = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
            "team": TEAM_ID,
        }
        optional: JsonDict = {
            "bot_id": BOT_ID if self.by_bot else None,
            "app_id": APP_ID if self.by_bot else None,
            "blocks": self.blocks or None,
            "attachments": self.attachments or None,
            "thread_ts": self.thread_ts or None,
            "metadata": self.metadata if with_metadata else None,
            "edited": {"user": self.user, "ts": self.edited_ts} if self.edited_ts else None,
            "reactions": [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
            or None,
            "is_ephemeral": True if self.ephemeral_to else None,
            "subtype": "tombstone" if self.deleted else ("thread_broadcast" if self.broadcast else None),
        }
        return body | {name: value for name, value in optional.items() if value is not None}


@dataclass(slots=True)
class View:
    """An open modal or a published Home tab. `payload` is what the bot sent, with ids filled in."""

    id: str
    user: str
    payload: JsonDict
    hash: str
    root_id: str
    previous_id: str = ""
    values: dict[str, dict[str, JsonDict]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[JsonDict]:
        """The blocks as shown now."""
        return list(self.payload.get("blocks", []))

    @property
    def title(self) -> str:
        """The heading that the person reads; empty on a Home tab."""
        return str(self.payload.get("title", {}).get("text", ""))

    def to_api(self) -> JsonDict:
        """The view object of the Web API and of interaction payloads."""
        defaults: JsonDict = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "title": None,
            "close": None,
            "submit": None,
        }
        return (
            defaults
            | self.payload
            | {
                "id": self.id,
                "team_id": TEAM_ID,
                "app_id": APP_ID,
                "app_installed_team_id": TEAM_ID,
                "bot_id": BOT_ID,
                "state": {"values": self.values},
                "hash": self.hash,
                "previous_view_id": self.previous_id or None,
                "root_view_id": self.root_id,
            }
        )


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command that the app declares; people can type no other."""

    name: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut that the app declares, on messages or, without a message, everywhere."""

    callback_id: str
    name: str
    on_message: bool = False


class BlockIds:
    """Names the blocks and elements that the bot left unnamed, as Slack does."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count(1)

    def fill(self, blocks: list[JsonDict]) -> list[JsonDict]:
        """A copy of the blocks in which everything that a person can act on has its ids."""
        return [self._named(block) for block in blocks]

    def _named(self, block: JsonDict) -> JsonDict:
        named = dict(block)
        named.setdefault("block_id", f"b{next(self._numbers):04x}")
        if block.get("type") == "actions":
            named["elements"] = [self._with_action(element) for element in block["elements"]]
        for slot in ("accessory", "element"):
            if isinstance(block.get(slot), dict) and block[slot].get("type") != "image":
                named[slot] = self._with_action(block[slot])
        return named

    def _with_action(self, element: JsonDict) -> JsonDict:
        return {"action_id": f"a{next(self._numbers):04x}"} | element


@dataclass
class Workflow:
    """A workflow that starts from a webhook, with the variables that its builder named, all of them texts."""

    variables: frozenset[str]
    runs: list[dict[str, str]] = field(default_factory=list)
