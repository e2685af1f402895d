"""Asks Slack for the addresses of cards, beside the sending: a row of a list links to its card.

Each is asked for once and kept with the post. Nothing waits for it: until it is known a row has no link.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import FAILURES, Verdict, verdict_on
from storage.database import Database
from storage.outbox import links

LOOK_EVERY = timedelta(seconds=5)
AT_ONCE = 4  # 48 a minute: Slack allows 50
_LATER = frozenset({Verdict.AGAIN, Verdict.WAIT, Verdict.DOUBT, Verdict.SILENCE, Verdict.WORKSPACE})


class CardLinks:
    """Looks up the addresses that are not known yet, a few at a time."""

    def __init__(self, database: Database, client: AsyncWebClient, log: logging.Logger) -> None:
        self._database, self._client, self._log = database, client, log

    async def look(self) -> None:
        """Ask for the newest that are missing. What Slack cannot say now is asked again next time."""
        for post in await self._database.read(links.unlinked, limit=AT_ONCE):
            try:
                answer = await self._client.chat_getPermalink(
                    channel=str(post.channel), message_ts=str(post.ts)
                )
                address = str(answer.get("permalink") or "")
            except FAILURES as error:
                found = verdict_on(error)
                if found.verdict in _LATER:
                    return
                self._log.info("no address for delivery %d: %s", post.id, found.error)
                address = ""
            await self._database.write(links.note, post.id, str(post.ts), address)
