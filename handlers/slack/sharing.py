"""Sharing an answer with a channel: only where nobody but members of this workspace reads it."""

from __future__ import annotations

import asyncio

from bot.errors import Obstacle
from bot.slack.errors import FAILURES, verdict_on
from handlers.desk import Desk

ASK_SECONDS = 1.5
"""Real seconds that Slack has to describe the channel: the command must be acked within 3."""


async def kept_private(desk: Desk, channel: str) -> Obstacle | None:
    """Why an answer must not be shown to all of a channel; None where it may be.

    Other organisations read a channel that is shared with them. Where Slack does not tell, nothing is shared.
    """
    if channel.startswith("D"):
        return None
    try:
        async with asyncio.timeout(ASK_SECONDS):
            told = (await desk.client.conversations_info(channel=channel))["channel"]
    except FAILURES as error:
        desk.log.info("nothing is shared in %s: %s", channel, verdict_on(error).error)
        return Obstacle.READERS_UNKNOWN
    outside = told.get("is_ext_shared") or told.get("is_pending_ext_shared")
    return Obstacle.OUTSIDERS_READ if outside else None
