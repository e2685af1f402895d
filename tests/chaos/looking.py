"""Looks at what a run left: at Slack, the destination, each bot's doors and log, and the database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import aiohttp
from sqlalchemy import Connection, Select, func, select

from bot.events.types import TYPES
from bot.sandbox.slack.api_chat import texts_in
from bot.views.ids import METADATA_EVENT
from storage.database import Database
from storage.models import (
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    clocks,
    deliveries,
    destinations,
    dispatches,
    events,
    handoffs,
    lead_aliases,
    leads,
    nags,
)
from storage.outbox import posts
from tests.chaos.bots import Bot
from tests.chaos.driver import Run
from tests.chaos.world import Delivered, Left, Line, Ran, Shown

TOLD = "lead.*"
SOON = timedelta(minutes=45)
"""What falls due within it is waited for: the clocks of hot leads. All others run for hours."""
RUNGS = {"accept": 1, "first_touch": 1}
"""So many reminders come before the breach, by the agreement of the runs."""

_UNSEEN = (
    select(func.count())
    .select_from(events)
    .where(events.c.id > select(func.coalesce(func.max(destinations.c.cursor), 0)).scalar_subquery())
)


async def quiet(run: Run, database: Database, patience: float) -> list[str]:
    """Wait until nothing is on its way and no step is ahead; what still is, if that never comes."""
    now = run.slack.clock.now
    left: list[str] = ["nothing was looked at"]
    try:
        async with asyncio.timeout(patience):
            while left := await database.read(still_to_do, now()):
                await asyncio.sleep(0.2)
    except TimeoutError:
        return [f"still to do: {each}" for each in left]
    return []


def still_to_do(tx: Connection, now: datetime) -> list[str]:
    """Posts and rewrites that Slack does not show yet, events that were not told, steps that are ahead."""
    ahead = select(func.count()).where(clocks.c.next_at < now + SOON, clocks.c.met_at.is_(None))
    counts = {
        **posts.backlog(tx),
        "steps ahead": tx.execute(ahead.where(clocks.c.stopped_at.is_(None))).scalar_one(),
        "events to tell": tx.execute(select(func.count()).select_from(dispatches)).scalar_one(),
        "events to look at": tx.execute(_UNSEEN).scalar_one(),
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


async def unready(bots: Sequence[Bot], http: aiohttp.ClientSession, patience: float) -> list[str]:
    """What each bot says that is not ready, once it had some time to come to itself."""
    said: list[str] = []
    for bot in bots:
        said += await _unready(bot, http, patience)
    return said


async def _unready(bot: Bot, http: aiohttp.ClientSession, patience: float) -> list[str]:
    says = "no answer"
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while loop.time() < end:
        try:
            async with http.get(f"{bot.url}/readyz") as answer:
                if answer.status == 200:
                    return []
                says = await answer.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            says = type(error).__name__
        await asyncio.sleep(0.2)
    return [f"not ready in the end: {says}"]


def left_behind(
    tx: Connection, run: Run, unready: Sequence[str], waiting: Sequence[str], tracebacks: Sequence[str]
) -> Left:
    """Everything that the invariants are held against."""
    lead_ids = _pairs(tx, select(lead_aliases.c.external_id, lead_aliases.c.lead_id))
    handed_off = _pairs(tx, select(handoffs.c.id, handoffs.c.lead_id))
    return Left(
        now=run.slack.clock.now(),
        leads=lead_ids,
        lead_count=tx.execute(select(func.count()).select_from(leads)).scalar_one(),
        handoffs=handed_off,
        shown=_shown(run),
        listed=_listed(tx, run, handed_off),
        private=[
            (message.ephemeral_to, message.text)
            for messages in run.slack.workspace.messages.values()
            for message in messages.values()
            if message.ephemeral_to and message.by_bot
        ],
        posts=_posts(tx),
        history=_history(tx),
        clocks=[
            Ran(
                row.handoff_id,
                row.kind,
                row.due_at,
                row.met_at is None and row.stopped_at is None,
                RUNGS[row.kind],
            )
            for row in tx.execute(select(clocks))
            if row.kind in RUNGS
        ],
        nags=[
            (row.clock_id, row.step, row.what, row.place)
            for row in tx.execute(select(nags.c.clock_id, nags.c.step, nags.c.what, nags.c.place))
        ],
        told=_told(run),
        bots=len(run.bots),
        unready=unready,
        waiting=waiting,
        tracebacks=tracebacks,
    )


def _pairs(tx: Connection, statement: Select[Any]) -> dict[Any, Any]:
    return {row[0]: row[1] for row in tx.execute(statement)}


def _shown(run: Run) -> list[Shown]:
    found = []
    for channel, messages in run.slack.workspace.messages.items():
        for message in messages.values():
            if message.deleted or message.ephemeral_to or not message.by_bot:
                continue
            metadata = message.metadata or {}
            own = metadata.get("event_type") == METADATA_EVENT
            payload = metadata.get("event_payload", {}) if own else {}
            lead = int(payload.get("lead", 0))
            found.append(Shown(channel, message.ts, payload.get("delivery"), lead, message.in_thread))
    return found


def _listed(tx: Connection, run: Run, handed_off: dict[int, int]) -> dict[str, list[int]]:
    """The rows of each list, known by the names of their companies."""
    names = _pairs(tx, select(leads.c.id, leads.c.company))
    lists = select(deliveries.c.channel, deliveries.c.ts).where(
        deliveries.c.kind == DeliveryKind.LIST, deliveries.c.state == DeliveryState.SENT
    )
    found: dict[str, list[int]] = {}
    for channel, ts in tx.execute(lists):
        message = run.slack.workspace.messages.get(channel, {}).get(ts)
        texts = ["\n".join(texts_in(block)) for block in message.blocks] if message else []
        found[ts] = [handoff for text in texts for handoff, lead in handed_off.items() if names[lead] in text]
    return found


def _posts(tx: Connection) -> list[Delivered]:
    sent = select(deliveries).where(
        deliveries.c.op == DeliveryOp.POST, deliveries.c.state == DeliveryState.SENT
    )
    return [
        Delivered(row.id, row.kind, row.state, row.channel, row.ts, row.handoff_id, row.list_id)
        for row in tx.execute(sent)
    ]


def _history(tx: Connection) -> list[Line]:
    return [
        Line(
            row.id,
            row.kind,
            row.actor,
            row.lead_id,
            row.handoff_id,
            str(row.detail.get("clock", "")),
            fnmatchcase(TYPES.get(row.kind) or "", TOLD),
        )
        for row in tx.execute(select(events).order_by(events.c.id))
    ]


def _told(run: Run) -> list[tuple[int, int]]:
    """The events as the destination took each for the first time."""
    first: dict[int, int] = {}
    for body in run.hook.taken:
        first.setdefault(int(body["id"].removeprefix("evt_")), (body["lead"] or {}).get("id", 0))
    return list(first.items())
