"""People in a scenario, and the modals and Home tabs they look at: the verbs of the sentence language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.scenario.people import Deed, find_element, find_input
from bot.sandbox.slack.api_chat import texts_in
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.model import JsonDict, Message, View

if TYPE_CHECKING:  # the scenario hands out actors, and actors wait in the scenario
    from bot.sandbox.scenario.sentences import Scenario


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts in a scenario."""

    slack: Scenario
    id: str

    def clicks(self, button: str) -> Press:
        """Press a button, by its label or its action_id; `.on(message)` says where."""
        return Press(self, button)

    def chooses(self, value: str | list[str], *, from_: str) -> Press:
        """Choose from a menu, by label or value; `from_` is its placeholder or action_id."""
        return Press(self, from_, value)

    async def says(self, command: str, text: str = "", *, in_: str = "") -> Message | None:
        """Type a slash command, in a channel or to the bot, and give the answer that comes in the ack."""
        deed = await self.slack.people.command(self.id, command, text, channel=in_)
        checked(deed, f"{self.id} said {command} {text}")
        if deed.answer is not None:
            for sighting in self.slack.sightings:
                if sighting.ts == deed.answer.ts and sighting.channel == deed.answer.channel:
                    sighting.expected = True
        return deed.answer

    async def writes(self, text: str, *, in_: str, thread: Message | None = None) -> Message:
        """Write a message in a channel, or to the bot's user id."""
        thread_ts = thread.ts if thread else ""
        return await self.slack.people.write(self.id, in_, text, thread_ts=thread_ts)

    async def deletes(self, message: Message) -> None:
        """Delete a message, as its author or an admin."""
        await self.slack.people.delete(self.id, message)

    async def sees_modal(self, title: str = "") -> Modal:
        """Wait for a modal whose title contains this, on top of all others."""

        def look() -> View | None:
            stack = self.slack.workspace.modals.get(self.id, [])
            return stack[-1] if stack and title in stack[-1].title else None

        return Modal(self, await self.slack.until(look, f"a modal {title!r} for {self.id}"))

    async def opens_home(self, *, containing: str = "") -> View:
        """Look at the app's Home and wait until this can be read there."""
        await self.slack.people.open_home(self.id)

        def look() -> View | None:
            home = self.slack.workspace.homes.get(self.id)
            return home if home and containing in view_reads(home) else None

        return await self.slack.until(look, f"a Home for {self.id} containing {containing!r}")


@dataclass(frozen=True, slots=True)
class Press:
    """A button or menu named, and not yet where it is."""

    actor: Actor
    name: str
    value: Any = None

    async def on(self, target: Message | View, *, beside: str = "") -> Deed:
        """Press it on a message or a Home tab. `beside`: the first one at or below the block that says this.

        Raises NotPossible when it is not there and AssertionError when the bot does not ack in time.
        """
        people = self.actor.slack.people
        block_id = block_beside(target.blocks, beside, self.name) if beside else ""
        if isinstance(target, View):
            deed = await people.press(target, self.name, value=self.value, block_id=block_id)
        else:
            deed = await people.click(self.actor.id, target, self.name, value=self.value, block_id=block_id)
        return checked(deed, f"{self.actor.id} pressed {self.name!r}")


@dataclass(slots=True)
class Modal:
    """An open modal. `fill` notes what to enter; `submit` enters and sends it."""

    actor: Actor
    view: View
    entries: list[tuple[str, Any]] = field(default_factory=list)

    def fill(self, **values: Any) -> Modal:
        """Enter these when it is submitted; names are block_ids, action_ids or labels."""
        self.entries += values.items()
        return self

    async def enters(self, **values: Any) -> Modal:
        """Enter these now, and let the bot react to them; an input that only appears then is waited for."""
        slack = self.actor.slack
        for name, value in values.items():

            def look(wanted: str = name) -> bool | None:
                return True if has_input(self.view.blocks, wanted) else None

            await slack.until(look, f"an input {name!r} in {self.view.title!r}")
            deed = await slack.people.fill(self.view, name, value)
            if deed is not None:
                checked(deed, f"{self.actor.id} entered {name!r}")
        return self

    async def submit(self) -> Deed:
        """Enter what was noted and send the modal. The deed's `errors` are what the person is told.

        Raises AssertionError when the bot does not ack in time, or acks with what Slack cannot show.
        """
        entries, self.entries = dict(self.entries), []
        await self.enters(**entries)
        deed = await self.actor.slack.people.submit(self.view)
        return deed if deed.ack is None else checked(deed, f"{self.actor.id} sent {self.view.title!r}")

    async def presses(self, button: str) -> Deed:
        """Press a button inside it."""
        return checked(await self.actor.slack.people.press(self.view, button), f"pressed {button!r}")

    async def closes(self) -> None:
        """Close it without sending."""
        await self.actor.slack.people.close(self.view)

    @property
    def errors(self) -> dict[str, str]:
        """The faults it shows now, by block_id."""
        return dict(self.view.errors)

    @property
    def text(self) -> str:
        """All that can be read in it now."""
        return view_reads(self.view)


def checked(deed: Deed, what: str) -> Deed:
    """The deed, if the bot took it in time and with an answer that can be shown; else AssertionError."""
    if deed.ack is None or not deed.ack.ok:
        error = f"{deed.ack.error} {deed.ack.reason}" if deed.ack else "nothing was sent"
        raise AssertionError(f"{what}, and the bot did not ack it: {error}")
    if "" in deed.errors:
        raise AssertionError(f"{what}, and the bot's answer was refused: {deed.errors['']}")
    return deed


def view_reads(view: View) -> str:
    """All that a person reads in a view, a line each."""
    return "\n".join([view.title, *texts_in(view.blocks), *texts_in([b.get("label") for b in view.blocks])])


def has_input(blocks: list[JsonDict], name: str) -> bool:
    """Whether there is an input of this name."""
    try:
        find_input(blocks, name)
    except NotPossible:
        return False
    return True


def block_beside(blocks: list[JsonDict], words: str, button: str) -> str:
    """The id of the first block from the one that says `words` that has the button. Raises NotPossible."""
    start = next((i for i, block in enumerate(blocks) if words in "\n".join(texts_in(block))), None)
    if start is None:
        raise NotPossible(f"nothing here says {words!r}")
    for block in blocks[start:]:
        try:
            found, _ = find_element([block], button)
        except NotPossible:
            continue
        return str(found["block_id"])
    raise NotPossible(f"there is no {button!r} beside {words!r}")
