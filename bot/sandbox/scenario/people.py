"""What people do in the workspace: click, choose, fill in and submit, type commands, delete, look at Home.

Each deed checks that the person could do it, tells the bot, and shows what the bot's ack says.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.scenario.choices import client_side_errors, entered, option_named, sent_option
from bot.sandbox.slack import api_chat, api_files, api_views, payloads
from bot.sandbox.slack.context import Context
from bot.sandbox.slack.dispatch import Ack, Dispatcher, Envelope
from bot.sandbox.slack.elements import offered
from bot.sandbox.slack.errors import ApiError, NotPossible
from bot.sandbox.slack.model import APP_ID, NOTICE_AUTHOR, Channel, JsonDict, Message, Person, View
from bot.sandbox.slack.state import VALUE_FIELDS, stateful_elements
from bot.sandbox.slack.traffic import Exchange, Traffic

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, slots=True)
class Deed:
    """What came of something a person did. `errors` are the faults a modal shows, by block id."""

    ack: Ack | None
    errors: dict[str, str]
    answer: Message | None = None

    @property
    def ok(self) -> bool:
        """Whether the bot took it in time and the person sees no fault."""
        return self.ack is not None and self.ack.ok and not self.errors


class People:
    """The deeds of everybody in one workspace. `subscriptions` are the bot events of the app's manifest.

    `deleting` is the channel and ts of the message that a person deleted last.
    """

    def __init__(
        self, context: Context, dispatcher: Dispatcher, traffic: Traffic, *, subscriptions: Iterable[str]
    ) -> None:
        self.context = context
        self.workspace = context.workspace
        self.dispatcher = dispatcher
        self.subscriptions = frozenset(subscriptions)
        self.deleting = ("", "")
        self._traffic = traffic
        self.workspace.subscribe(self._echo)

    # ---- in messages

    async def click(
        self,
        user: str,
        message: Message,
        button: str,
        *,
        value: Any = None,
        block_id: str = "",
        late: bool = False,
    ) -> Deed:
        """Press a button, choose from an overflow menu or a select, pick a date: whatever is in a message.

        `button` is a visible label or an action_id; `value` what is chosen or entered, nothing for a button.
        `late`: also what stood there before the last edit, for a click that crossed it on its way.
        Raises NotPossible when the person sees no such thing.
        """
        person = self._person(user)
        channel = self.workspace.channels[message.channel]
        self._check_sees(person, channel, message)
        try:
            block, element = find_element(message.blocks, button, block_id)
        except NotPossible:
            if not late or not message.blocks_before:
                raise
            block, element = find_element(message.blocks_before, button, block_id)
        state = self._chosen(element, value)
        if element["type"] in VALUE_FIELDS:
            message.values.setdefault(block["block_id"], {})[element["action_id"]] = state
        deed = payloads.action(block, element, state, self.workspace.next_ts())
        body = payloads.actions_on_message(person, channel, message, [deed])
        return Deed(await self._interact(body, user, channel=channel.id, message_ts=message.ts), {})

    async def delete(self, user: str, message: Message) -> None:
        """Delete a message, as its author or an admin may."""
        person = self._person(user)
        if not (person.is_admin or message.user == user):
            raise NotPossible(f"{person.name} may not delete this message")
        self.deleting = (message.channel, message.ts)
        self.workspace.delete(message)
        event = {"type": "message", "subtype": "message_deleted", "deleted_ts": message.ts, "hidden": True}
        await self._message_event(self.workspace.channels[message.channel], event)

    async def write(self, user: str, channel: str, text: str, *, thread_ts: str = "") -> Message:
        """Say something in a channel; `channel` may be the bot's user id for a direct message to it."""
        place = self.workspace.direct(user) if channel == self.workspace.bot_user else self._channel(channel)
        if user not in place.members or place.is_archived:
            raise NotPossible(f"{user} cannot write in {place.name}")
        text = payloads.as_typed(text)
        message = self.workspace.post(place.id, user, text=text, thread_ts=thread_ts)
        event: JsonDict = {"type": "message", "user": user, "text": text, "ts": message.ts}
        event |= {"thread_ts": thread_ts} if thread_ts else {}
        await self._message_event(place, event)
        if f"<@{self.workspace.bot_user}>" in text and not place.dm_with:
            mention = {**event, "type": "app_mention", "channel": place.id, "event_ts": message.ts}
            await self.event(mention)
        return message

    async def run_step(self, callback_id: str, inputs: JsonDict) -> str:
        """Let a workflow come to a step of the app; gives the execution under which the step ends."""
        execution = f"Fx{secrets.token_hex(5).upper()}"
        self.workspace.steps[execution] = {}
        function = {"id": "Fn0STEP", "callback_id": callback_id, "type": "app", "app_id": APP_ID}
        event = {"type": "function_executed", "function": function, "inputs": inputs}
        event |= {"function_execution_id": execution, "event_ts": self.workspace.next_ts()}
        await self.event(event)
        return execution

    # ---- in modals and on Home

    def modal(self, user: str) -> View:
        """The top modal that a person has open. Raises NotPossible when there is none."""
        stack = self.workspace.modals.get(user, [])
        if not stack:
            raise NotPossible(f"{user} has no modal open")
        return stack[-1]

    async def fill(self, view: View, name: str, value: Any) -> Deed | None:
        """Enter something into an input, named by block_id, action_id or label.

        Tells the bot where the block asks for it (`dispatch_action`, or an element outside an input block).
        """
        block, element = find_input(view.blocks, name)
        state = self._chosen(element, value)
        view.values.setdefault(block["block_id"], {})[element["action_id"]] = state
        view.errors.pop(block["block_id"], None)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        return await self._act_on_view(view, block, element, state)

    async def press(self, view: View, button: str, *, value: Any = None, block_id: str = "") -> Deed:
        """Press a button or choose from a menu in a modal or on the Home tab, by label or action_id."""
        block, element = find_element(view.blocks, button, block_id)
        state = self._chosen(element, value)
        if element["type"] in VALUE_FIELDS:
            view.values.setdefault(block["block_id"], {})[element["action_id"]] = state
        return await self._act_on_view(view, block, element, state)

    async def submit(self, view: View) -> Deed:
        """Send a modal. What Slack's client refuses is not sent; what the bot answers is shown."""
        errors = client_side_errors(view.blocks, view.values)
        if errors:
            view.errors = errors
            self.workspace.tell_modals(view.user)
            return Deed(None, errors)
        view.errors = {}
        body = payloads.submission(self._person(view.user), view)
        body["trigger_id"] = self.context.tickets.trigger(view.user, view.id)
        ack = await self.dispatcher.send(Envelope("interactive", "view_submission", body))
        if not ack.ok:
            return self._in_trouble(view, ack)
        try:
            api_views.apply_submission(self.context, view, ack.payload)
        except ApiError as error:
            self._note_refusal("view_submission", error)
            return self._in_trouble(view, ack)
        return Deed(ack, dict(view.errors))

    def put_file(self, user: str, name: str, content: bytes) -> JsonDict:
        """Upload a file, to be entered into a file input."""
        return api_files.put(self.context, self._person(user).id, name, content)

    async def close(self, view: View, *, clear: bool = False) -> None:
        """Close a modal, or with `clear` (or where the view says so) the whole stack.

        The bot hears of it if the view asked for that.
        """
        clear = clear or bool(view.payload.get("clear_on_close"))
        self.workspace.close_modal(view, clear=clear)
        if view.payload.get("notify_on_close"):
            body = payloads.closing(self._person(view.user), view, cleared=clear)
            await self.dispatcher.send(Envelope("interactive", "view_closed", body))

    async def suggestions(
        self, view: View | None, blocks: list[JsonDict], name: str, query: str, user: str
    ) -> Any:
        """The options that the bot offers for what was typed into an external select."""
        block, element = find_input(blocks, name)
        body = payloads.suggestion(self._person(user), view, block, element, query)
        ack = await self.dispatcher.send(Envelope("interactive", "block_suggestion", body))
        return ack.payload.get("options", [])

    async def open_home(self, user: str, tab: str = "home") -> Ack | None:
        """Look at the app's Home, or with `tab` `messages` at its conversation."""
        direct = self.workspace.direct(user)
        event: JsonDict = {
            "type": "app_home_opened",
            "user": user,
            "channel": direct.id,
            "tab": tab,
            "event_ts": self.workspace.next_ts(),
        }
        if tab == "home" and user in self.workspace.homes:
            event["view"] = self.workspace.homes[user].to_api()
        return await self.event(event)

    # ---- commands and shortcuts

    async def command(self, user: str, name: str, text: str = "", *, channel: str = "") -> Deed:
        """Type a slash command, in a channel or, without one, in the conversation with the bot.

        The answer that comes in the ack is shown to that person, or to all when it says so.
        Raises NotPossible for a command that the app does not declare.
        """
        if name not in self.workspace.commands:
            raise NotPossible(f"{name} is not a valid command")
        place = self._channel(channel) if channel else self.workspace.direct(user)
        body = payloads.command(self._person(user), place, name, text)
        body |= self._passes(user, place.id)
        ack = await self.dispatcher.send(Envelope("slash_commands", name, body))
        try:
            answer = api_chat.answer_command(self.context, user, place.id, ack.payload) if ack.ok else None
        except ApiError as error:
            self._note_refusal(name, error)
            return Deed(ack, {"": error.name}, self._command_failed(user, place, name, error.name))
        if not ack.ok:
            failure = "operation_timeout" if ack.error == "timeout" else "dispatch_failed"
            return Deed(ack, {"": failure}, self._command_failed(user, place, name, failure))
        return Deed(ack, {}, answer)

    async def shortcut(self, user: str, callback_id: str, *, message: Message | None = None) -> Ack:
        """Use a global shortcut, or one on a message."""
        person, ts = self._person(user), self.workspace.next_ts()
        if message is None:
            body = payloads.shortcut(person, callback_id, ts)
            body["trigger_id"] = self.context.tickets.trigger(user)
        else:
            place = self.workspace.channels[message.channel]
            body = payloads.message_shortcut(person, place, message, callback_id, ts)
            body |= self._passes(user, place.id, message.ts)
        return await self.dispatcher.send(Envelope("interactive", body["type"], body))

    # ---- the parts that deeds share

    def _person(self, user: str) -> Person:
        person = self.workspace.people.get(user)
        if person is None or person.is_bot or person.deleted:
            raise NotPossible(f"nobody here is {user}")
        return person

    def _channel(self, channel: str) -> Channel:
        found = self.workspace.channels.get(channel)
        if found is None:
            raise NotPossible(f"there is no channel {channel}")
        return found

    def _check_sees(self, person: Person, channel: Channel, message: Message) -> None:
        gone = self.workspace.message(channel.id, message.ts) is None
        if gone or person.id not in channel.members or message.ephemeral_to not in ("", person.id):
            raise NotPossible(f"{person.name} does not see this message")

    def _chosen(self, element: JsonDict, value: Any) -> JsonDict:
        """What is sent for an element: nothing for a button, a menu's choice, an input's content."""
        kind = element["type"]
        if kind == "overflow":
            return {"selected_option": sent_option(option_named(offered(element), str(value)))}
        return entered(element, value) if kind in VALUE_FIELDS else {}

    async def _act_on_view(self, view: View, block: JsonDict, element: JsonDict, state: JsonDict) -> Deed:
        deed = payloads.action(block, element, state, self.workspace.next_ts())
        body = payloads.actions_on_view(self._person(view.user), view, [deed])
        body["trigger_id"] = self.context.tickets.trigger(view.user, view.id)
        return Deed(await self.dispatcher.send(Envelope("interactive", "block_actions", body)), {})

    async def _interact(self, body: JsonDict, user: str, *, channel: str, message_ts: str) -> Ack:
        body |= self._passes(user, channel, message_ts)
        return await self.dispatcher.send(Envelope("interactive", "block_actions", body))

    def _passes(self, user: str, channel: str, message_ts: str = "") -> JsonDict:
        path = self.context.tickets.response_url(channel, user, message_ts)
        return {
            "trigger_id": self.context.tickets.trigger(user),
            "response_url": self.context.base_url + path,
        }

    def _in_trouble(self, view: View, ack: Ack) -> Deed:
        view.errors = {"": TROUBLE}
        self.workspace.tell_modals(view.user)
        return Deed(ack, dict(view.errors))

    def _note_refusal(self, name: str, error: ApiError) -> None:
        self._traffic.add(
            Exchange("in", f"{name} ack", ok=False, ms=0.0, error=error.name, reason=error.reason)
        )

    def _command_failed(self, user: str, place: Channel, name: str, error: str) -> Message:
        text = f"{name} failed with the error “{error}”"
        return self.workspace.post(place.id, NOTICE_AUTHOR, text=text, ephemeral_to=user)

    async def _message_event(self, place: Channel, event: JsonDict) -> Ack | None:
        subscribed = {"channels": "message.channels", "groups": "message.groups", "im": "message.im"}[
            place.kind
        ]
        if subscribed not in self.subscriptions or self.workspace.bot_user not in place.members:
            return None
        kind = {"channels": "channel", "groups": "group", "im": "im"}[place.kind]
        common = {"channel": place.id, "channel_type": kind, "event_ts": self.workspace.next_ts()}
        event = {"client_msg_id": secrets.token_hex(8)} | event | common
        return await self.dispatcher.event(event, authorized_user=self.workspace.bot_user)

    def _echo(self, change: JsonDict) -> None:
        """The bot hears of its own direct messages too, as of everybody's."""
        place = (
            self.workspace.channels.get(str(change.get("channel"))) if change["kind"] == "message" else None
        )
        if place is None or not place.dm_with or "message.im" not in self.subscriptions or not _runs():
            return
        if not self.dispatcher.transport.connected:  # what was posted in the past is no news
            return
        message = change["message"]
        if message["user"] == self.workspace.bot_user and not message["ephemeral_to"]:
            named = ("user", "text", "ts", "thread_ts", "bot_id", "app_id")
            event = {"type": "message", **{name: message[name] for name in named if name in message}}
            self.dispatcher.spawn(self._message_event(place, event))

    async def event(self, event: JsonDict) -> Ack | None:
        """Tell the bot of something, if its manifest asks for that kind of event."""
        if event["type"] not in self.subscriptions:
            return None
        if (
            event["type"] == "app_mention"
            and self.workspace.bot_user not in self.workspace.channels[event["channel"]].members
        ):
            return None
        return await self.dispatcher.event(event, authorized_user=self.workspace.bot_user)


def _runs() -> bool:
    """Whether anything runs that could hear: what is laid down before that is heard by nobody."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def elements_of(block: JsonDict) -> list[JsonDict]:
    """The elements of a block that a person can act on."""
    candidates = [block.get("element"), block.get("accessory"), *(block.get("elements") or ())]
    return [e for e in candidates if isinstance(e, dict) and "action_id" in e]


def readings(element: JsonDict) -> set[str]:
    """The words by which a person may know an element: its label, its placeholder, its action_id."""
    texts = (element.get("text"), element.get("placeholder"))
    return {element["action_id"], *(str(t["text"]) for t in texts if isinstance(t, dict))}


def find_element(blocks: list[JsonDict], wanted: str, block_id: str = "") -> tuple[JsonDict, JsonDict]:
    """The block and element meant by a label or an action_id. Raises NotPossible for none or several."""
    here = [block for block in blocks if block_id in ("", block["block_id"])]
    pairs = [(block, element) for block in here for element in elements_of(block)]
    found = [(block, element) for block, element in pairs if wanted in readings(element)]
    if not found:
        seen = ", ".join(sorted(" / ".join(sorted(readings(element))) for _, element in pairs))
        raise NotPossible(f"there is no {wanted!r} here; there is: {seen or 'nothing to press'}")
    if len(found) > 1 and not block_id:
        raise NotPossible(f"there are {len(found)} of {wanted!r} here: name the block_id")
    return found[0]


def find_input(blocks: list[JsonDict], wanted: str) -> tuple[JsonDict, JsonDict]:
    """The block and element that a person fills in, by block_id, action_id or label. Raises NotPossible."""
    for block in blocks:
        for element in stateful_elements(block):
            label = str(block.get("label", {}).get("text", ""))
            if wanted in (block["block_id"], element["action_id"], label):
                return block, element
    names = [f"{b['block_id']} / {e['action_id']}" for b in blocks for e in stateful_elements(b)]
    raise NotPossible(f"there is no input {wanted!r} here; there are: {', '.join(names) or 'none'}")
