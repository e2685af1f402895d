"""The sender: takes what may go from the outbox, says it to Slack, and writes down what Slack answered.

Which rows may go is decided in storage/claims.py, what they say in rendering.py, what an answer means in
verdicts.py, and what to do when there was no answer in doubts.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.delivery.doubts import VISIBLE_AFTER, clear_doubts
from bot.delivery.outcomes import card_shown, place_refused
from bot.delivery.rendering import render
from bot.delivery.verdicts import Answer, Verdict, verdict_on
from bot.views.ids import METADATA_EVENT
from bot.views.message import Rendered
from storage import claims, outbox
from storage.claims import Claims, Pace
from storage.database import Database, DatabaseAway
from storage.models import DeliveryKind, DeliveryOp
from storage.outbox import WORKSPACE
from storage.sql import Record

AT_ONCE = 16  # calls under way to Slack
HTTP_TIMEOUT = timedelta(seconds=10)
LEASE = timedelta(seconds=30)  # longer than a call can take
LOOK_EVERY = timedelta(seconds=1)  # other processes write into the same outbox
TRY_PARKED_EVERY = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=1)
STUCK_AFTER = timedelta(seconds=15)  # of not looking at the outbox

# One message a second in a channel; chat.update allows 50 a minute (tier 3), of which 15 may come at once.
PACE = {
    "post": Pace(timedelta(seconds=1.05)),
    "update": Pace(timedelta(seconds=1.75), burst=15),
}


class Sender:
    """Carries the outbox to Slack until it is stopped. One for each process; several may share a database."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
    ) -> None:
        self._database, self._client, self._clock, self._book, self._log = database, client, clock, book, log
        self._wake = asyncio.Event()
        self._stopping = False
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._doubts: asyncio.Task[None] | None = None
        self._looked_at = self._tidied_at = clock.wire()
        self._trouble: str | None = None

    async def run(self) -> None:
        """Send until stopped. A lost database is waited for; nothing else ends it."""
        self._database.on_commit(outbox.TOPIC, self._wake.set)
        with contextlib.suppress(DatabaseAway):  # it is asked again below, every second
            await self._database.write(outbox.unpark_messages, now=self._clock.wire())
        while not self._stopping:
            self._wake.clear()
            try:
                wait = await self._look()
                self._trouble = None
            except DatabaseAway as error:
                self._trouble, wait = str(error), LOOK_EVERY
            self._looked_at = self._clock.wire()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._clock.real_seconds(wait))

    async def stop(self, within: timedelta) -> None:
        """Take nothing new, and let the calls under way finish within this much real time."""
        self._stopping = True
        self._wake.set()
        tasks = [*self._under_way.values(), *([self._doubts] if self._doubts else [])]
        if tasks:
            await asyncio.wait(tasks, timeout=within.total_seconds())

    def health(self) -> tuple[bool, str]:
        """Whether it works, and a sentence that says so."""
        if self._trouble:
            return False, f"The sender waits for the database: {self._trouble}"
        idle = self._clock.wire() - self._looked_at
        if self._clock.real_seconds(idle) > STUCK_AFTER.total_seconds():
            seconds = self._clock.real_seconds(idle)
            return False, f"The sender has not looked at the outbox for {seconds:.0f} s."
        return True, f"The sender is at work, {len(self._under_way)} calls under way."

    async def _look(self) -> timedelta:
        """Start what may go now. Gives how long nothing else will."""
        now = self._clock.wire()
        if now - self._tidied_at >= LOOK_EVERY:
            await self._tidy(now)
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            return LOOK_EVERY
        claimed: Claims = await self._database.write(
            claims.claim, now=now, limit=room, lease=LEASE, pace=PACE
        )
        for row in claimed.rows:
            task = asyncio.create_task(self._deliver(row))
            self._under_way[row.id] = task
            task.add_done_callback(partial(self._done, row.id))
        if claimed.rows and claimed.next_at is not None and claimed.next_at <= now:
            return timedelta(0)
        nearest = max(claimed.next_at - self._clock.wire(), timedelta(0)) if claimed.next_at else LOOK_EVERY
        return min(nearest or LOOK_EVERY / 4, LOOK_EVERY)

    async def _tidy(self, now: datetime) -> None:
        """Take back what a dead process had claimed, and look for what is in doubt."""
        self._tidied_at = now
        mine = tuple(self._under_way)
        await self._database.write(outbox.expire_leases, now=now, visible_after=VISIBLE_AFTER, but=mine)
        if self._doubts is None or self._doubts.done():
            doubts = clear_doubts(self._database, self._client, self._clock, self._book, self._log)
            self._doubts = asyncio.create_task(doubts)

    def _done(self, row_id: int, _task: asyncio.Task[None]) -> None:
        del self._under_way[row_id]
        self._wake.set()

    async def _deliver(self, row: Record) -> None:
        try:
            message = await self._database.read(render, self._book, row, self._clock.now())
        except DatabaseAway:
            return  # the lease runs out and it is tried again
        except Exception as error:  # a fault of ours in one message must not stop the others
            self._log.exception("delivery %d cannot be rendered", row.id, extra={"trace": row.trace})
            await self._write(outbox.park, row.id, now=self._clock.wire(), error=f"rendering: {error!r}")
            return
        if message is None:
            await self._write(outbox.drop, row.id, now=self._clock.wire(), why="nothing left to show")
            return
        try:
            response = await asyncio.wait_for(self._call(row, message), HTTP_TIMEOUT.total_seconds())
        except Exception as error:  # sorted by verdict_on, which raises what is no failure of a call
            await self._failed(row, verdict_on(error))
        else:
            await self._sent(row, str(response["channel"]), str(response["ts"]))

    def _call(self, row: Record, message: Rendered) -> Awaitable[Any]:
        if row.op == DeliveryOp.UPDATE:
            return self._client.chat_update(
                channel=row.target_channel, ts=row.target_ts, text=message.text, blocks=message.blocks
            )
        return self._client.chat_postMessage(
            channel=row.thread_channel or row.place,
            thread_ts=row.thread_ts,
            text=message.text,
            blocks=message.blocks,
            metadata={
                "event_type": METADATA_EVENT,
                "event_payload": {"delivery": row.id, "lead": row.lead_id or 0},
            },
            unfurl_links=False,
            unfurl_media=False,
        )

    async def _sent(self, row: Record, channel: str, ts: str) -> None:
        now = self._clock.wire()
        self._log.info(
            "delivered %s %d after %.2f s",
            row.kind,
            row.id,
            (now - row.created_at).total_seconds(),
            extra={"trace": row.trace},
        )
        await self._write(_record_sent, row, channel, ts, now, self._clock.now(), self._book)

    async def _failed(self, row: Record, answer: Answer) -> None:
        self._log.warning(
            "delivery %s %d: %s (%s)",
            row.kind,
            row.id,
            answer.verdict.value,
            answer.error,
            extra={"trace": row.trace},
        )
        await self._write(_record_failure, self._book, row, answer, self._clock.wire())

    async def _write(self, f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Write down what happened. If the database is away, the lease runs out and it is looked up."""
        with contextlib.suppress(DatabaseAway):
            await self._database.write(f, *args, **kwargs)


def _record_sent(
    tx: Any, row: Record, channel: str, ts: str, wire: datetime, now: datetime, book: AgreementBook
) -> None:
    outbox.sent(tx, row.id, channel=channel, ts=ts, now=wire)
    for lane in (row.lane, WORKSPACE):
        outbox.unpark_lane(tx, lane, now=wire)
    if row.op == DeliveryOp.POST and row.kind in (DeliveryKind.CARD, DeliveryKind.LIST):
        card_shown(tx, book, row, now)


def _record_failure(tx: Any, book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    _AFTER[answer.verdict](tx, book, row, answer, now)


def _backoff(attempts: int) -> timedelta:
    """Twice as long each time up to a minute, the half of it by chance, so that many do not come at once."""
    longest = min(timedelta(seconds=2**attempts), LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1.0)


def _again(tx: Any, _book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    outbox.again(tx, row.id, due_at=now + _backoff(row.attempts), error=answer.error)


def _wait(tx: Any, _book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    outbox.again(tx, row.id, due_at=now, error=answer.error)
    pace = PACE[row.op]
    wait = answer.wait or timedelta(seconds=1)
    outbox.hold_lane(tx, row.lane, until=now + wait + pace.every * (pace.burst - 1))


def _doubt(tx: Any, book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    if row.op == DeliveryOp.UPDATE:  # doing it twice is doing it once
        return _again(tx, book, row, answer, now)
    return outbox.in_doubt(tx, row.id, due_at=now + VISIBLE_AFTER, error=answer.error)


def _place(tx: Any, book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    outbox.again(tx, row.id, due_at=now, error=answer.error)
    if outbox.park_lane(tx, row.lane, now=now, try_at=now + TRY_PARKED_EVERY, error=answer.error):
        place_refused(tx, book, row, answer.error, now)


def _workspace(tx: Any, _book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    outbox.again(tx, row.id, due_at=now, error=answer.error)
    outbox.park_lane(tx, WORKSPACE, now=now, try_at=now + TRY_PARKED_EVERY, error=answer.error)


def _message(tx: Any, _book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    outbox.park(tx, row.id, now=now, error=answer.error)


def _gone(tx: Any, _book: AgreementBook, row: Record, answer: Answer, now: datetime) -> None:
    """The message was deleted. An open card is posted anew, once; anything else was meant to go."""
    outbox.drop(tx, row.id, now=now, why=answer.error)
    if row.kind in (DeliveryKind.CARD, DeliveryKind.LIST):
        outbox.post_anew(tx, row.target_id, now=now)


_AFTER: dict[Verdict, Callable[[Any, AgreementBook, Record, Answer, datetime], None]] = {
    Verdict.AGAIN: _again,
    Verdict.WAIT: _wait,
    Verdict.DOUBT: _doubt,
    Verdict.PLACE: _place,
    Verdict.WORKSPACE: _workspace,
    Verdict.MESSAGE: _message,
    Verdict.GONE: _gone,
}
