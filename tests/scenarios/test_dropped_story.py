"""A process dies while it reads a file dropped into the form: the person hears of it all the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from bot.handoffs import importing
from bot.sandbox.scenario.sentences import dm_to
from handlers.slack.dropped import go_on
from storage import dropped
from storage.models import DroppedFile, dropped_files, leads
from storage.models.values import DroppedFileValues
from tests.scenarios.conftest import Story

ROWS = b"Email,First Name,Company\nsam@big.example,Sam,Big\n,Nobody,\n"


async def left_by_another(story: Story, content: bytes, *, tries: int = 1, told: bool = False) -> DroppedFile:
    """A file in Slack that a process was reading as it died; another looks for such files now."""
    file = story.slack.people.put_file("U0MARA", "fair.csv", content)
    past = story.baton.desk.clock.real() - timedelta(seconds=1)
    values: DroppedFileValues = {
        "user_id": "U0MARA",
        "file_id": file["id"],
        "name": file["name"],
        "size": file["size"],
        "url": str(file.get("url_private_download") or file["url_private"]),
        "asked_at": past,
        "lease_until": past,
        "tries": tries,
        "told": told,
    }
    left = await story.baton.desk.database.write(dropped.add, values)
    await go_on(story.baton.desk)
    return left


async def none_is_left(story: Story) -> None:
    async with asyncio.timeout(30):
        while await story.baton.desk.database.read(lambda tx: tx.execute(dropped_files.select()).all()):
            await asyncio.sleep(0.05)


async def test_a_file_that_a_dead_process_left_is_read_to_its_end(quick_story: Story) -> None:
    await left_by_another(quick_story, ROWS)
    said = ("2 rows: 1 new lead", "Baton stopped while it read this file", "Line 3:")
    await quick_story.slack.expects(dm_to("U0MARA"), containing=said)
    await quick_story.slack.expects(dm_to("U0MARA"), containing="fair.rejected.csv")
    await none_is_left(quick_story)


async def test_whoever_has_the_summary_gets_the_refused_rows_alone(quick_story: Story) -> None:
    await left_by_another(quick_story, ROWS, told=True)
    await quick_story.slack.expects(dm_to("U0MARA"), containing="fair.rejected.csv")
    await none_is_left(quick_story)
    messages = quick_story.slack.workspace.messages.values()
    assert not any("2 rows" in each.text for channel in messages for each in channel.values())


async def test_a_file_that_stops_baton_each_time_is_given_up_in_words(quick_story: Story) -> None:
    await left_by_another(quick_story, ROWS, tries=3)
    await quick_story.slack.expects(dm_to("U0MARA"), containing="Import it in the terminal")
    await none_is_left(quick_story)


async def test_a_bot_that_is_told_to_stop_leaves_the_file_to_the_next_at_once(
    quick_story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "GAP", 0.5)
    desk = quick_story.baton.desk
    await left_by_another(quick_story, b"Email\n" + b"".join(b"p%d@example.com\n" % n for n in range(600)))
    async with asyncio.timeout(30):
        while await desk.database.read(_leads_stored) == 0:
            await asyncio.sleep(0.02)
    await desk.background.finish(timedelta(0))
    monkeypatch.setattr(importing, "GAP", 0)
    await go_on(desk)
    said = ("600 rows:", "Baton stopped while it read this file")
    await quick_story.slack.expects(dm_to("U0MARA"), containing=said)
    await none_is_left(quick_story)


def _leads_stored(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).select_from(leads)).scalar_one())
