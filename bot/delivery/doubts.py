"""Posts whose fate is unknown: looked for by their metadata, adopted if Slack has them, else sent again.

All doubts of one channel, or of one thread, are cleared by one look-up.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.delivery.outcomes import card_shown
from bot.delivery.verdicts import verdict_on
from bot.views.ids import METADATA_EVENT
from storage import outbox
from storage.database import Database, DatabaseAway
from storage.models import DeliveryState
from storage.sql import Record

VISIBLE_AFTER = timedelta(seconds=10)  # a post that Slack took can be read back by then
LOOK_AGAIN_AFTER = timedelta(seconds=5)
LEASE = timedelta(seconds=60)
SKEW = timedelta(minutes=15)  # how far Slack's clock and ours may be apart

Found = dict[int, tuple[str, str]]  # delivery id → channel, ts


async def clear_doubts(
    database: Database, client: AsyncWebClient, clock: Clock, book: AgreementBook, log: logging.Logger
) -> None:
    """Look for every post whose time to be visible has come."""
    try:
        rows = await database.write(outbox.take_doubts, now=clock.wire(), lease=LEASE)
        groups: dict[tuple[str, str | None], list[Record]] = defaultdict(list)
        for row in rows:
            groups[row.thread_channel or row.place, row.thread_ts].append(row)
        for (place, thread_ts), doubts in groups.items():
            await _clear(database, client, clock, book, log, place, thread_ts, doubts)
    except DatabaseAway:
        log.warning("the database is away; what is in doubt is looked for later")


async def _clear(
    database: Database,
    client: AsyncWebClient,
    clock: Clock,
    book: AgreementBook,
    log: logging.Logger,
    place: str,
    thread_ts: str | None,
    doubts: Sequence[Record],
) -> None:
    since = min(row.claimed_at for row in doubts) - SKEW
    try:
        found = await _look_up(client, place, thread_ts, since, {row.id for row in doubts})
    except Exception as error:  # sorted by verdict_on, which raises what is no failure of a call
        answer = verdict_on(error)
        log.warning("%d posts to %s are still in doubt: %s", len(doubts), place, answer.error)
        later = clock.wire() + (answer.wait or LOOK_AGAIN_AFTER)
        await database.write(_still_in_doubt, doubts, later, answer.error)
        return
    log.info("%d posts to %s were in doubt: %d had arrived", len(doubts), place, len(found))
    await database.write(_settle, book, doubts, found, clock.wire(), clock.now())


async def _look_up(
    client: AsyncWebClient, place: str, thread_ts: str | None, since: datetime, wanted: set[int]
) -> Found:
    channel, cursor, found = place, None, Found()
    if place[0] in "UW":
        channel = (await client.conversations_open(users=[place]))["channel"]["id"]
    while True:
        common: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": 200,
            "cursor": cursor,
        }
        if thread_ts is None:
            page = await client.conversations_history(**common)
        else:
            page = await client.conversations_replies(ts=thread_ts, **common)
        messages: list[dict[str, Any]] = page.get("messages", [])
        for message in messages:
            delivery = _delivery_of(message)
            if delivery in wanted:
                found[delivery] = (channel, str(message["ts"]))
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor or len(found) == len(wanted):
            return found


def _delivery_of(message: dict[str, Any]) -> int:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT:
        return 0
    return int(metadata.get("event_payload", {}).get("delivery", 0))


def _still_in_doubt(tx: Connection, doubts: Sequence[Record], later: datetime, error: str) -> None:
    for row in doubts:
        if outbox.require(tx, row.id).state == DeliveryState.UNKNOWN:
            outbox.in_doubt(tx, row.id, due_at=later, error=error)


def _settle(
    tx: Connection, book: AgreementBook, doubts: Sequence[Record], found: Found, wire: datetime, now: datetime
) -> None:
    for row in doubts:
        if outbox.require(tx, row.id).state != DeliveryState.UNKNOWN:
            continue
        if row.id in found:
            channel, ts = found[row.id]
            outbox.sent(tx, row.id, channel=channel, ts=ts, now=wire)
            card_shown(tx, book, row, now)
        else:
            outbox.again(tx, row.id, due_at=wire, error="it had not arrived")
