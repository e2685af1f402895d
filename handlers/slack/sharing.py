"""Sharing an answer with a channel: only where nobody but members of this workspace reads it."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.errors import Obstacle
from bot.slack.directory import is_outsider
from bot.slack.errors import FAILURES, verdict_on
from handlers.desk import Desk
from storage import people

ASK_SECONDS = 1.5
"""Real seconds that Slack has to describe the channel: the command must be acked within 3."""
MOST_READERS = 1000
ASKED_AT_ONCE = 30
"""So many readers of whom nothing is known are asked about while somebody waits; more, in the background."""
PACE_SECONDS = 0.7  # users.info: some 100 a minute


async def kept_private(desk: Desk, channel: str) -> Obstacle | None:
    """Why an answer must not be shown to all of a channel; None where it may be.

    Other organisations read a channel that is shared with them, and guests one that they are in, unless the
    agreement names them. Where Slack does not tell, nothing is shared.
    """
    if channel.startswith("D"):
        return None
    try:
        async with asyncio.timeout(ASK_SECONDS):
            told = (await desk.client.conversations_info(channel=channel))["channel"]
            if told.get("is_ext_shared") or told.get("is_pending_ext_shared"):
                return Obstacle.OUTSIDERS_READ
            return await _readers(desk, channel)
    except FAILURES as error:
        desk.log.info("nothing is shared in %s: %s", channel, verdict_on(error).error)
        return Obstacle.READERS_UNKNOWN


async def _readers(desk: Desk, channel: str) -> Obstacle | None:
    page = await desk.client.conversations_members(channel=channel, limit=MOST_READERS)
    readers = [user for user in page["members"] if not desk.book.names(user)]
    known = await desk.database.read(people.among, readers)
    if any(row.outsider for row in known.values()):
        return Obstacle.OUTSIDERS_READ
    unknown = [user for user in readers if user not in known or known[user].outsider is None]
    if (page.get("response_metadata") or {}).get("next_cursor"):
        return Obstacle.READERS_UNKNOWN
    if len(unknown) > ASKED_AT_ONCE:
        desk.background.start(_learn(desk, unknown), "ask who reads a channel")
        return Obstacle.READERS_UNKNOWN
    return Obstacle.OUTSIDERS_READ if any(await asyncio.gather(*(_asked(desk, u) for u in unknown))) else None


async def _learn(desk: Desk, users: list[str]) -> None:
    """Ask about many, at Slack's pace, so that it is known the next time."""
    for user in users:
        await _asked(desk, user)
        await asyncio.sleep(PACE_SECONDS)


async def _asked(desk: Desk, user: str) -> bool:
    """Whether somebody is a guest, by Slack's word, which is kept. Raises what Slack refuses."""
    told: dict[str, Any] = (await desk.client.users_info(user=user))["user"]
    outsider = not told.get("is_bot") and is_outsider(told, None, None)
    await desk.database.write(people.remember_outsider, user, outsider)
    return outsider
