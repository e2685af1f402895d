"""Posts whose fate is unknown: looked for by their metadata, adopted if Slack has them, else sent again.

All doubts of one channel, or of one thread, are cleared by one look-up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.delivery.outcomes import TRY_PARKED_EVERY, backoff, taken_again
from bot.delivery.shown import cards_shown, place_refused
from bot.slack.errors import FAILURES, Answer, Verdict, verdict_on
from bot.views.ids import METADATA_EVENT
from storage import installation
from storage.database import Database, DatabaseAway
from storage.database.sql import known
from storage.outbox import lanes, receipts
from storage.outbox.lanes import WORKSPACE
from storage.outbox.ready import HELD_BACK_FOR
from storage.outbox.receipts import Doubt

LOOK_AGAIN_AFTER = timedelta(seconds=5)
LEASE = timedelta(seconds=60)
SKEW = timedelta(minutes=15)  # how far Slack's clock and ours may be apart
LOOKS_AT_ONCE = 4
PAGE = 200

Found = dict[int, tuple[str, str]]  # delivery id → channel, ts


class Doubts:
    """Clears up what became of posts that nobody answered for."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        slack_off: Callable[[], timedelta | None] = lambda: None,
    ) -> None:
        """`slack_off` is how far the clock here is ahead of Slack's, as last heard."""
        self._database, self._client, self._clock, self._book, self._log = database, client, clock, book, log
        self._slack_off = slack_off

    async def clear(self, rows: Sequence[Doubt]) -> None:
        """Look for posts that `receipts.take_doubts` gave. Never raises; what is left is taken again."""
        groups: dict[tuple[str, str | None], list[Doubt]] = defaultdict(list)
        for row in rows:
            groups[row.thread_channel or row.place, row.thread_ts].append(row)
        few = asyncio.Semaphore(LOOKS_AT_ONCE)

        async def clear_one(place: str, thread_ts: str | None, doubts: Sequence[Doubt]) -> None:
            async with few:
                try:
                    await self._clear(place, thread_ts, doubts)
                except DatabaseAway as away:
                    self._log.warning("what is in doubt waits for the database: %s", away)
                except Exception:  # one channel's fault must not keep the others in doubt
                    self._log.exception("looking for what is in doubt in %s broke off", place)

        await asyncio.gather(*(clear_one(*where, doubts) for where, doubts in groups.items()))

    async def _clear(self, place: str, thread_ts: str | None, doubts: Sequence[Doubt]) -> None:
        since = since_when((known(row.claimed_at) for row in doubts), self._clock.wire(), self._slack_off())
        try:
            own = await self._database.read(installation.own_id)
            wanted = {row.id for row in doubts}
            found = await look_up(self._client, place, thread_ts, since, wanted, own)
        except FAILURES as error:
            answer = verdict_on(error)
            self._log.warning("%d posts to %s are still in doubt: %s", len(doubts), place, answer.error)
            await self._database.write(
                _still_in_doubt, self._book, self._log, doubts, answer, self._clock.wire()
            )
            return
        self._log.info("%d posts to %s were in doubt: %d had arrived", len(doubts), place, len(found))
        await self._database.write(
            _settle, self._book, self._log, doubts, found, self._clock.wire(), self._clock.now()
        )


def since_when(claimed: Iterable[datetime], wire: datetime, off: timedelta | None) -> datetime:
    """From when on to look, by Slack's clock: before any of these posts can have been made.

    What was claimed under a clock that was ahead then, and is right now, was made before now all the same.
    """
    earliest = min(*claimed, wire)
    return min(earliest, earliest - (off or timedelta(0))) - SKEW


async def look_up(
    client: AsyncWebClient,
    place: str,
    thread_ts: str | None,
    since: datetime,
    wanted: set[int],
    own: str = "",
) -> Found:
    """Which of these deliveries stand in a channel, a thread or with a person, posted by the installation
    `own`. Raises as the client does."""
    channel, cursor, found = place, None, Found()
    if place[0] in "UW":
        channel = str((await client.conversations_open(users=[place]))["channel"]["id"])
    while True:
        common: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
            "cursor": cursor,
        }
        try:
            if thread_ts is None:
                page = await client.conversations_history(**common)
            else:
                page = await client.conversations_replies(ts=thread_ts, **common)
        except SlackApiError as error:
            if verdict_on(error).verdict is Verdict.GONE:
                return found  # the thread was deleted, and with it whatever stood in it
            raise
        messages: list[dict[str, Any]] = page.get("messages", [])
        for message in messages:
            delivery = _delivery_of(message, own)
            if delivery in wanted:
                found[delivery] = (channel, str(message["ts"]))
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor or len(found) == len(wanted):
            return found


def _delivery_of(message: dict[str, Any], own: str) -> int:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT or message.get("subtype") == "tombstone":
        return 0
    payload = metadata.get("event_payload") or {}
    if str(payload.get("installation", "")) != own:  # another Baton's, which counts from 1 as well
        return 0
    found = str(payload.get("delivery", ""))
    return int(found) if found.isdecimal() else 0


def _still_in_doubt(
    tx: Connection,
    book: AgreementBook,
    log: logging.Logger,
    doubts: Sequence[Doubt],
    answer: Answer,
    wire: datetime,
) -> None:
    """Slack could not be asked: ask later. Where it will not be asked, somebody has to mend that."""
    parks = answer.verdict in (Verdict.PLACE, Verdict.WORKSPACE)
    wait = TRY_PARKED_EVERY if parks else answer.wait or LOOK_AGAIN_AFTER
    for row in doubts:
        receipts.in_doubt(tx, row, due_at=wire + wait, error=answer.error)
    if parks:
        first = doubts[0]
        lane = WORKSPACE if answer.verdict is Verdict.WORKSPACE else _looking_in(first.place)
        news = lanes.park(tx, lane, now=wire, try_at=wire + wait, error=answer.error)
        if news and lane != WORKSPACE:
            log.warning("Slack does not let me read %s (%s)", first.place, answer.error)
            place_refused(tx, book, first, answer.error, wire)


def _settle(
    tx: Connection,
    book: AgreementBook,
    log: logging.Logger,
    doubts: Sequence[Doubt],
    found: Found,
    wire: datetime,
    now: datetime,
) -> None:
    shown = []
    for row in doubts:
        if row.id in found:
            channel, ts = found[row.id]
            if receipts.sent(tx, row, channel=channel, ts=ts, now=wire):
                shown.append(row)
        else:
            wait = backoff(row.attempts) if row.attempts > HELD_BACK_FOR else timedelta(0)
            receipts.again(tx, row, due_at=wire + wait, error="it had not arrived")
    cards_shown(tx, book, log, shown, wire, now)
    taken_again(tx, log, frozenset({WORKSPACE, _looking_in(doubts[0].place)}), wire)


def _looking_in(place: str) -> str:
    return f"look:{place}"
