"""Somebody is removed while the bot runs: the card in Slack says so, and its thread with it."""

from __future__ import annotations

import asyncio

from bot.context import IMPORT
from bot.handoffs.forget import ask, carry_out
from bot.sandbox.scenario.sentences import post_in, reply_to, update_of
from storage.database import Database
from tests.scenarios.conftest import Story
from tests.scenarios.test_asking_story import told


async def test_the_card_and_its_thread_are_rewritten(story: Story) -> None:
    slack, desk = story.slack, story.baton.desk
    taken = await story.lead_comes_in()
    card = await slack.expects(post_in("C0SALES"), containing="Jane Doe")
    await slack.person("U0REP1").clicks("Accept").on(card)
    await slack.expects(update_of(card), containing="Jane Doe")
    line = await slack.expects(reply_to(card), containing="Accepted")
    await story.all_is_delivered()

    def at_the_terminal() -> None:
        database = Database.open(story.settings.database_url.get_secret_value())
        asked = database.write_now(ask, desk.context(IMPORT, "t"), taken.id)
        carry_out(database, lambda: desk.context(IMPORT, "t"), asked)
        database.close()

    await asyncio.to_thread(at_the_terminal)
    for message in (card, line):
        await slack.expects(update_of(message), containing="This person was removed from Baton")
    assert "Jane" not in f"{card.text} {card.blocks}"
    assert "There is no lead" in await told(story, f"status #{taken.id}")
