"""What people do in the scripted story, with real clicks, and how the clock goes on between them.

The clock stands still while somebody acts or something falls due, so that every moment of the story is exact.
It goes on only as far as messages have to wait for each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.digest.posting import post_due_digest
from bot.sandbox.demo.cards import Card, held_by, waiting_in
from bot.sandbox.demo.pacing import Pacer
from bot.sandbox.demo.stage import Stage
from bot.sandbox.demo.telling import Teller
from bot.sandbox.scenario.sentences import Scenario, Sighting, reads
from bot.sandbox.slack.model import Message

PATIENCE = 30.0
"""Real seconds after which a message that does not come is a fault."""
SALES, GROWTH, MARKETING, LEADS = "C0SALES", "C0GROWTH", "C0MKTG", "C0LEADS"


@dataclass(slots=True)
class Play:
    """The running bot, the people, and who tells of them."""

    stage: Stage
    slack: Scenario
    teller: Teller
    pacer: Pacer
    rng: Random
    reported: set[str] = field(default_factory=set)
    """The leads of which somebody has said what became of them."""

    @property
    def now(self) -> datetime:
        """What time it is in the story, to the second."""
        return self.stage.clock.now()

    # ---- time

    async def at(self, moment: datetime) -> None:
        """Let the time pass until then, with all that falls due on the way, and tell of it."""
        engine = self.stage.bot.engine
        while (due := await engine.next_due_moment()) is not None and due < moment:
            await self.reach(due)
        await self.reach(moment)

    async def reach(self, moment: datetime) -> list[Sighting]:
        """Go to a moment, and tell what Slack shows because of it."""
        desk = self.stage.bot.desk
        async with self.pacer.at_work():
            await self.stage.bot.engine.advance(max(moment, self.now))
            await post_due_digest(desk.database, self.stage.clock, desk.book)
        await self.settle()
        seen = [one for one in self.teller.taken() if one.kind != "update"]
        self.teller.shown([one for one in seen if one.channel != LEADS], at=moment)
        for one in seen:
            if one.channel == LEADS and one.kind == "post":
                self.teller.report(moment, one.text)
        return seen

    async def next_minute(self) -> None:
        """Let the clock come to a full minute: what people do they do then, on any machine."""
        begun = self.now.replace(second=0, microsecond=0)
        await self.at(begun if begun == self.now else begun + minutes(1))

    async def settle(self) -> None:
        """Wait until Slack shows everything that it should show by now."""
        async with asyncio.timeout(PATIENCE):
            await self.pacer.settle()

    # ---- deeds

    async def does(
        self, who: str, what: str, *deeds: Callable[[], Awaitable[None]], updates: bool = False
    ) -> list[Sighting]:
        """Somebody acts; tell it, and what Slack showed of it: with `updates` also how messages changed.

        Lines of history in threads are left out: they say the same again.
        """
        self.teller.deed(self.now, who, what)
        for deed in deeds:
            await deed()
        await self.settle()
        kinds = ("post", "ephemeral", "update") if updates else ("post", "ephemeral")
        seen = [one for one in self.teller.taken() if one.kind in kinds]
        self.teller.shown(seen)
        return seen

    async def click(self, who: str, button: str, message: Message, block: str = "") -> None:
        """Press a button of a message as this person sees it; `block` says which of several."""
        deed = await self.slack.people.click(who, message, button, block_id=block)
        if not deed.ok:
            raise AssertionError(f"{who} pressed “{button}”, and the bot did not take it")

    async def press(self, who: str, button: str, card: Card) -> None:
        """Press a button of a lead's card, or of its row."""
        await self.click(who, button, card.message, card.block)

    async def fill_in(self, who: str, button: str, message: Message, block: str = "", **entries: str) -> None:
        """Open the form behind a button, fill it in field by field, and send it."""
        await self.click(who, button, message, block)
        modal = await self.slack.person(who).sees_modal()
        for name, value in entries.items():
            await modal.enters(**{name: value})
        deed = await modal.submit()
        if not deed.ok:
            raise AssertionError(f"{who} could not send “{button}”: {deed.errors}")

    # ---- what is there

    def waiting(self, channel: str, *, alone: bool = False) -> list[Card]:
        """The leads of a channel on which nobody has decided; `alone`: those with a card of their own."""
        return waiting_in(self.slack.workspace, channel, alone=alone)

    def held(self, who: str) -> list[Card]:
        """The leads that somebody is at work on, and of which nothing has come yet."""
        there = held_by(self.slack.workspace, who, (SALES, GROWTH))
        return [card for card in there if card.lead not in self.reported]

    def latest(self, channel: str, words: str) -> Message:
        """The newest message of a channel in which this can be read."""
        found = [one for one in self.slack.workspace.messages[channel].values() if words in reads(one)]
        return found[-1]


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)
