"""The workspace: what there is, how it changes, and the numbered stream of its changes.

It keeps what everybody can see. Whether a call may change it is decided in the Web API, and what a person
does with what they see in `people`.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from bot.sandbox.slack.model import (
    BlockIds,
    Channel,
    Command,
    JsonDict,
    Message,
    Person,
    Shortcut,
    UserGroup,
    View,
    Workflow,
)

KEPT_CHANGES = 20_000
Listener = Callable[[JsonDict], None]


class WireClock(Protocol):
    """The part of Baton's clock that the workspace lives by."""

    def wire(self) -> datetime:
        """The transport's time, aware, in UTC."""
        ...


class Workspace:
    """People, channels, messages and views, with a listener hook for every change.

    A change is a small JSON-able dict: `seq` (increasing from 1), `kind`, `audience` (user ids, or None for
    everybody) and what the kind needs. Kinds: `message`, `message_changed`, `message_deleted`, `reaction`,
    `modal`, `modal_closed`, `home`, `channel`, `traffic`.
    """

    def __init__(
        self,
        *,
        clock: WireClock,
        bot_user: str,
        people: Iterable[Person],
        channels: Iterable[Channel] = (),
        groups: Iterable[UserGroup] = (),
        commands: Iterable[Command] = (),
        shortcuts: Iterable[Shortcut] = (),
    ) -> None:
        self.clock = clock
        self.bot_user = bot_user
        self.people = {person.id: person for person in people}
        self.channels = {channel.id: channel for channel in channels}
        self.groups = {group.id: group for group in groups}
        self.commands = {command.name: command for command in commands}
        self.shortcuts = {shortcut.callback_id: shortcut for shortcut in shortcuts}
        self.messages: dict[str, dict[str, Message]] = {}
        self.threads: dict[tuple[str, str], list[Message]] = {}
        self.homes: dict[str, View] = {}
        self.modals: dict[str, list[View]] = {}
        self.steps: dict[str, JsonDict] = {}  # of workflows, by their executions; empty until they end
        self.workflows: dict[str, Workflow] = {}  # that start from a webhook, by their secrets
        self.messages_tab_enabled = True
        self._block_ids = BlockIds()
        self._view_numbers = itertools.count(1)
        self._last_micros = 0
        self._seq = 0
        self._changes: deque[JsonDict] = deque(maxlen=KEPT_CHANGES)
        self._listeners: list[Listener] = []

    # ---- the stream of changes

    @property
    def seq(self) -> int:
        """The number of the latest change; 0 before the first."""
        return self._seq

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every change from now on; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, kind: str, *, audience: Iterable[str] | None, **detail: Any) -> None:
        """Number a change, keep it and tell the listeners."""
        self._seq += 1
        seen_by = None if audience is None else sorted(set(audience))
        change: JsonDict = {"seq": self._seq, "kind": kind, "audience": seen_by} | detail
        self._changes.append(change)
        for listener in tuple(self._listeners):
            listener(change)

    def changes_since(self, seq: int, user: str | None = None) -> list[JsonDict] | None:
        """The changes after number `seq` that `user` may see (None: all); None if they are no longer kept."""
        if self._changes and self._changes[0]["seq"] > seq + 1:
            return None
        later = itertools.takewhile(lambda change: change["seq"] > seq, reversed(self._changes))
        return [change for change in later if visible_to(change, user)][::-1]

    def snapshot_for(self, user: str, *, per_channel: int = 200) -> JsonDict:
        """All that one person sees now, with the number of the change it includes. JSON-able."""
        mine = [channel for channel in self.channels.values() if user in channel.members]
        at = self.clock.wire()
        home = self.homes.get(user)
        return {
            "seq": self._seq,
            "you": user,
            "people": [person.to_api(with_email=False, at=at) for person in self.people.values()],
            "channels": [channel.to_api(self.bot_user) for channel in mine],
            "messages": {c.id: self.shown(c.id, user, limit=per_channel) for c in mine},
            "home": home.to_api() if home else None,
            "modals": [shown_view(view) for view in self.modals.get(user, [])],
            "commands": [
                {"name": c.name, "description": c.description, "usage_hint": c.usage_hint}
                for c in self.commands.values()
            ],
            "shortcuts": [
                {"callback_id": s.callback_id, "name": s.name, "on_message": s.on_message}
                for s in self.shortcuts.values()
            ],
        }

    def shown(self, channel: str, user: str, *, limit: int = 200, before: str = "") -> list[JsonDict]:
        """The latest messages of a channel as a person sees them, oldest first; `before` a ts: older ones."""
        seen = [
            shown_message(message)
            for message in self.messages.get(channel, {}).values()
            if not message.deleted
            and message.ephemeral_to in ("", user)
            and (not before or message.ts < before)
        ]
        return seen[-limit:]

    # ---- channels

    def audience(self, channel: str, ephemeral_to: str = "") -> list[str]:
        """Who sees what happens in a channel."""
        return [ephemeral_to] if ephemeral_to else list(self.channels[channel].members)

    def direct(self, user: str) -> Channel:
        """The direct conversation between the bot and a person, opened if it is not yet."""
        channel_id = "D" + user[1:]
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(
                id=channel_id,
                name=f"dm-{self.people[user].name}",
                members=[user, self.bot_user],
                dm_with=user,
            )
            self.tell_channel(channel_id)
        return self.channels[channel_id]

    def archive(self, channel: str, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self.channels[channel].is_archived = archived
        self.tell_channel(channel)

    def invite(self, channel: str, user: str) -> None:
        """Make someone, the bot included, a member of a channel."""
        if user not in self.channels[channel].members:
            self.channels[channel].members.append(user)
        self.tell_channel(channel)

    def remove(self, channel: str, user: str) -> None:
        """Take someone, the bot included, out of a channel."""
        self.channels[channel].members.remove(user)
        self.tell_channel(channel)

    def tell_channel(self, channel: str) -> None:
        """Announce that a channel is new or has changed."""
        shape = self.channels[channel]
        self.emit("channel", audience=shape.members, channel=shape.to_api(self.bot_user))

    # ---- messages

    def next_ts(self) -> str:
        """A timestamp of the workspace's clock that no message has had and that is later than all of them."""
        micros = int(self.clock.wire().timestamp() * 1_000_000)
        self._last_micros = max(micros, self._last_micros + 1)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def message(self, channel: str, ts: str) -> Message | None:
        """A message that is there and not deleted."""
        found = self.messages.get(channel, {}).get(ts)
        return None if found is None or found.deleted else found

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """What everybody can read in a thread, oldest first, without the message it hangs on."""
        thread = self.threads.get((channel, thread_ts), [])
        return [message for message in thread if not message.deleted and not message.ephemeral_to]

    def post(self, channel: str, user: str, **content: Any) -> Message:
        """Add a message. `content`: the fields of `Message` that it needs."""
        content["blocks"] = self._block_ids.fill(content.get("blocks") or [])
        message = Message(
            channel=channel, ts=self.next_ts(), user=user, by_bot=user == self.bot_user, **content
        )
        self.messages.setdefault(channel, {})[message.ts] = message
        if message.in_thread:
            self.threads.setdefault((channel, message.thread_ts), []).append(message)
        audience = self.audience(channel, message.ephemeral_to)
        self.emit("message", audience=audience, channel=channel, message=shown_message(message))
        return message

    def update(self, message: Message, **content: Any) -> None:
        """Change a message's text, blocks, attachments or metadata; what is not named stays."""
        if "blocks" in content:
            content["blocks"] = self._block_ids.fill(content["blocks"])
            message.blocks_before = message.blocks
        for name, value in content.items():
            setattr(message, name, value)
        message.edited_ts = self.next_ts()
        audience = self.audience(message.channel, message.ephemeral_to)
        self.emit(
            "message_changed", audience=audience, channel=message.channel, message=shown_message(message)
        )

    def delete(self, message: Message) -> None:
        """Take a message away. It stays known, so that its thread can be read."""
        message.deleted = True
        audience = self.audience(message.channel, message.ephemeral_to)
        self.emit("message_deleted", audience=audience, channel=message.channel, ts=message.ts)

    def react(self, message: Message, name: str, user: str) -> None:
        """Add one person's reaction."""
        message.reactions.setdefault(name, []).append(user)
        audience = self.audience(message.channel)
        self.emit("reaction", audience=audience, channel=message.channel, message=shown_message(message))

    # ---- views

    def view(self, view_id: str) -> View | None:
        """An open modal or a Home tab by its id."""
        return next((view for view in self._views() if view.id == view_id), None)

    def view_by_external_id(self, external_id: str) -> View | None:
        """An open modal or a Home tab by the id that the bot gave it."""
        return next((view for view in self._views() if view.payload.get("external_id") == external_id), None)

    def _views(self) -> Iterable[View]:
        return itertools.chain(self.homes.values(), *self.modals.values())

    def open_modal(self, user: str, payload: JsonDict, *, push: bool = False) -> View:
        """Show a modal, on top of the ones that are open (`push`) or instead of them."""
        stack = self.modals.setdefault(user, []) if push else []
        view = self._new_view(user, payload)
        if stack:
            view.root_id, view.previous_id = stack[0].root_id, stack[-1].id
        stack.append(view)
        self.modals[user] = stack
        self.tell_modals(user)
        return view

    def replace_view(self, view: View, payload: JsonDict) -> None:
        """Show other content in an open view; what was typed into inputs that remain is kept."""
        view.payload = self._named(payload)
        view.hash = self._new_hash()
        view.errors = {}
        view.values = initial_values(view.blocks, view.values)
        if view.payload["type"] == "home":
            self.emit("home", audience=[view.user], view=view.to_api())
        else:
            self.tell_modals(view.user)

    def close_modal(self, view: View, *, clear: bool = False) -> None:
        """Close the top modal, or with `clear` all of them."""
        stack = self.modals.get(view.user, [])
        self.modals[view.user] = [] if clear else [other for other in stack if other is not view]
        self.emit("modal_closed", audience=[view.user], view_id=view.id)
        self.tell_modals(view.user)

    def tell_modals(self, user: str) -> None:
        """Announce what modals a person sees now, the top one last."""
        self.emit("modal", audience=[user], modals=[shown_view(view) for view in self.modals.get(user, [])])

    def publish_home(self, user: str, payload: JsonDict) -> View:
        """Show a Home tab."""
        if user in self.homes:
            self.replace_view(self.homes[user], payload)
        else:
            view = self._new_view(user, payload)
            self.homes[user] = view
            self.emit("home", audience=[user], view=view.to_api())
        return self.homes[user]

    def _new_view(self, user: str, payload: JsonDict) -> View:
        view_id = f"V{next(self._view_numbers):06d}"
        named = self._named(payload)
        view = View(id=view_id, user=user, payload=named, hash=self._new_hash(), root_id=view_id)
        view.values = initial_values(view.blocks, {})
        return view

    def _named(self, payload: JsonDict) -> JsonDict:
        return payload | {"blocks": self._block_ids.fill(payload.get("blocks") or [])}

    def _new_hash(self) -> str:
        return f"{self.next_ts()}.h"


def visible_to(change: JsonDict, user: str | None) -> bool:
    """Whether a change is for a person's eyes; None sees everything."""
    return user is None or change["audience"] is None or user in change["audience"]


def shown_message(message: Message) -> JsonDict:
    """A message as the page and the tests see it: the Web API's form, and who alone may see it."""
    return message.to_api() | {"channel": message.channel, "ephemeral_to": message.ephemeral_to}


def shown_view(view: View) -> JsonDict:
    """A modal as its reader sees it: the Web API's form, and the faults shown beside its inputs."""
    return view.to_api() | {"errors": dict(view.errors)}


def initial_values(
    blocks: list[JsonDict], kept: dict[str, dict[str, JsonDict]]
) -> dict[str, dict[str, JsonDict]]:
    """The state of a view's elements: what was entered where the element remains, else its initial value."""
    state: dict[str, dict[str, JsonDict]] = {}
    for block in blocks:
        for element in stateful_elements(block):
            before = kept.get(block["block_id"], {}).get(element["action_id"])
            same = before is not None and before["type"] == element["type"]
            entry = before if same and before is not None else initial_value(element)
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return state


def stateful_elements(block: JsonDict) -> list[JsonDict]:
    """The elements of a block that hold a value: everything to fill in, but no buttons or overflow menus."""
    candidates = [block.get("element"), block.get("accessory"), *block.get("elements", ())]
    return [e for e in candidates if isinstance(e, dict) and e.get("type") in VALUE_FIELDS]


VALUE_FIELDS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
"""Element type → the field of `state.values` that holds what was entered, and the field it starts from."""


def initial_value(element: JsonDict) -> JsonDict:
    """The state entry of an element that nobody has touched."""
    name, initial = VALUE_FIELDS[element["type"]]
    empty: Any = [] if name.endswith("s") and name != "value" else None
    return {"type": element["type"], name: element.get(initial, empty)}
