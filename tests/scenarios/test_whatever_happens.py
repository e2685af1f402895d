"""Records, clicks and time in whatever order, in a real bot: the ledger explains every message that is seen.

And every one that it says was sent is seen. BATON_STEPS=2000 plays for long.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Connection, and_, func, or_, select

from bot.sandbox.scenario.sentences import anything
from bot.sandbox.slack.model import Message
from storage.models import DeliveryOp, DeliveryState, deliveries
from tests.bot.truth import FALSE, times
from tests.scenarios.conftest import Story

STEPS = int(os.environ.get("BATON_STEPS", "25"))
PEOPLE = ("U0REP1", "U0REP2", "U0REP3", "U0REP4", "U0MGR", "U0MARA")
BUTTONS = ("Accept", "Log contact", "Take it myself", "Reject")


class Chaos:
    """People who click on whatever they see, and a clock that jumps."""

    def __init__(self, story: Story, seed: int) -> None:
        self.story, self.chance, self.leads = story, random.Random(seed), 0
        self.done: Counter[str] = Counter()

    async def step(self) -> None:
        deed = self.chance.choice((self.record, self.click, self.click, self.click, self.time, self.absence))
        await deed()

    async def record(self) -> None:
        """Somebody asks for a demo; small firms are Growth's."""
        self.leads += 1
        told = {"email": f"p{self.leads}@firm{self.leads}.example", "company": f"Firm {self.leads}"}
        await self.story.lead_comes_in(**told, employees=self.chance.choice((9, 450)))
        self.done["record"] += 1

    async def click(self) -> None:
        """Somebody presses a button of a message; what opens is closed again."""
        user, slack = self.chance.choice(PEOPLE), self.story.slack
        seen = [
            (each, name)
            for each in self.messages()
            for name in BUTTONS
            if f"'text': '{name}'" in str(each.blocks)
        ]
        seen = [(each, name) for each, name in seen if self.sees(user, each)]
        if not seen:
            return
        message, name = self.chance.choice(seen)
        deed = await slack.people.click(user, message, name, late=True)
        assert deed.ok
        self.done["click"] += 1
        if slack.workspace.modals.get(user):
            await slack.people.close(slack.people.modal(user))

    async def time(self) -> None:
        by = timedelta(seconds=self.chance.choice((20, 61, 240, 900, 3600)))
        await self.story.baton.engine.advance(self.story.clock.now() + by)
        self.done["time"] += 1

    async def absence(self) -> None:
        words = self.chance.choice(("away 2h", "back", "back"))
        await self.story.slack.person(self.chance.choice(PEOPLE[:5])).says("/lead", words)

    def messages(self) -> list[Message]:
        """What Baton posted and is there, answers to one person aside."""
        places = self.story.slack.workspace.messages.values()
        every = (message for place in places for message in place.values())
        return [each for each in every if each.by_bot and not each.ephemeral_to and not each.deleted]

    def sees(self, user: str, message: Message) -> bool:
        return user in self.story.slack.workspace.channels[message.channel].members


@pytest.mark.parametrize("seed", [11])
async def test_every_message_is_one_that_the_ledger_explains(quick_story: Story, seed: int) -> None:
    quick_story.slack.ignores(anything())
    chaos, database = Chaos(quick_story, seed), quick_story.baton.desk.database
    for _ in range(STEPS):
        await chaos.step()
    while await database.read(_under_way, quick_story):
        await quick_story.slack.stays_quiet(0.02)
    seen = Counter((message.channel, message.ts) for message in chaos.messages())
    assert seen == Counter(await database.read(_sent))
    assert min(chaos.done["record"], chaos.done["click"], chaos.done["time"]) > 0
    for what, query in FALSE.items():
        assert await database.read(times, query) == 0, what


def _under_way(tx: Connection, story: Story) -> int:
    """How much may go now and has not."""
    waits = deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.UNKNOWN))
    may_go = and_(waits, deliveries.c.due_at <= story.clock.wire())
    goes = deliveries.c.state == DeliveryState.CLAIMED  # due again at the end of the lease
    return int(tx.execute(select(func.count()).where(or_(may_go, goes))).scalar_one())


def _sent(tx: Connection) -> list[tuple[str, str]]:
    """Every message that the outbox says Slack has, by channel and ts."""
    posted = deliveries.c.op == DeliveryOp.POST
    found = select(deliveries.c.channel, deliveries.c.ts).where(posted, deliveries.c.ts.is_not(None))
    return [(row.channel, row.ts) for row in tx.execute(found)]
