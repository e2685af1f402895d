"""What the workspace still shows of the past: the last days' messages, as they read now, at their times.

The bot's own views make them and the sandbox checks them like any other; only nobody has to wait for them.
What is older is closed: it is no longer in Slack, and nothing that happens later asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, union, update

from bot.agreement.book import AgreementBook
from bot.context import BATON
from bot.delivery.rendering import render
from bot.sandbox.slack import api_chat
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.server import Sandbox
from bot.sandbox.slack.traffic import Exchange
from bot.views.ids import METADATA_EVENT
from storage import installation
from storage.database.sql import Query, known
from storage.models import (
    Answer,
    Delivery,
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    HandoffState,
    clocks,
    deliveries,
    disputes,
    handoffs,
    nags,
)
from storage.outbox import posts
from storage.outbox.posts import PENDING, Rank
from storage.stamp import Stamp

REMEMBERED = timedelta(days=7)

_d, _h = deliveries.c, handoffs.c
_POSTED = (_d.op == DeliveryOp.POST.value, _d.state == DeliveryState.SENT.value)
_AT_WORK = select(_h.id).where(_h.state.in_((HandoffState.WAITING.value, HandoffState.ACCEPTED.value)))
_UNANSWERED = select(clocks.c.handoff_id).where(clocks.c.met_at.is_(None), clocks.c.stopped_at.is_(None))
_UNRULED = select(disputes.c.handoff_id).where(
    disputes.c.answer == Answer.CONTESTED.value, disputes.c.ruling.is_(None)
)
_OPEN = union(_AT_WORK, _UNANSWERED, _UNRULED)
_REPORTS = (DeliveryKind.REPORT.value, DeliveryKind.DETAIL.value)
_OTHERS = update(deliveries).where(*_POSTED, _d.kind != DeliveryKind.NAG.value)
_PLACED = (
    update(deliveries)
    .where(_d.id == bindparam("delivery"))
    .values(channel=bindparam("in_channel"), ts=bindparam("at_ts"))
)
_CLOSED = {"state": DeliveryState.DROPPED, "channel": None, "ts": None}
_LOST = update(deliveries).where(_d.id == bindparam("delivery")).values(_CLOSED)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A message of the past: `delivery` posted it `at` that moment, if into a `thread` then of that one."""

    installation: str
    delivery: int
    place: str
    thread: int | None
    lead: int | None
    at: datetime
    text: str
    blocks: Sequence[JsonDict]


def remember(tx: Connection, book: AgreementBook, now: datetime) -> list[Remembered]:
    """The messages that are still to be seen at `now`, oldest first; all others of the past are closed."""
    installation.make_id(tx)
    tx.execute(delete(deliveries).where(PENDING, _d.op != DeliveryOp.POST.value))
    kept = _kept(tx, now - REMEMBERED)
    tx.execute(_OTHERS.where(_d.id.not_in(kept)).values(_CLOSED))
    posts.rewrite_all(tx, Stamp(now, now, BATON, "past"), kept, rank=Rank.COLOUR)
    rewrites = select(deliveries).where(PENDING, _d.op == DeliveryOp.UPDATE.value)
    shown = {row.id: row for row in posts.these(tx, kept)}
    found = [
        _as_it_reads(tx, book, row, shown[known(row.target_id)], now)
        for row in Query(Delivery, rewrites).all(tx)
    ]
    tx.execute(delete(deliveries).where(PENDING, _d.op != DeliveryOp.POST.value))
    return sorted((one for one in found if one is not None), key=lambda one: (one.at, one.delivery))


def _kept(tx: Connection, since: datetime) -> list[int]:
    """The posts of the last days, all that is about open leads and open questions, and every report."""
    about_open = select(nags.c.delivery_id).where(nags.c.handoff_id.in_(_OPEN))
    told = or_(_d.sent_at >= since, _d.handoff_id.in_(_OPEN), _d.id.in_(about_open), _d.kind.in_(_REPORTS))
    kept = set(tx.execute(select(_d.id).where(*_POSTED, told)).scalars())
    threads = tx.execute(select(_d.id, _d.thread_id).where(_d.id.in_(kept))).all()
    return [row.id for row in threads if row.thread_id is None or row.thread_id in kept]


def _as_it_reads(
    tx: Connection, book: AgreementBook, rewrite: Delivery, post: Delivery, now: datetime
) -> Remembered | None:
    message = render(tx, book, rewrite, now)
    if message is None:
        tx.execute(_LOST, {"delivery": post.id})
        return None
    return Remembered(
        installation.own_id(tx),
        post.id,
        post.place,
        post.thread_id,
        post.lead_id,
        known(post.sent_at),
        message.text,
        message.blocks,
    )


class _Then:
    """The workspace's clock while the past is put into it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def wire(self) -> datetime:
        return self.at


def show(sandbox: Sandbox, messages: Sequence[Remembered]) -> dict[int, tuple[str, str]]:
    """Put the messages where they were, and give channel and ts of each by its delivery.

    What the sandbox refuses is noted in its traffic, as a refused call of the bot's.
    """
    workspace, shown = sandbox.workspace, dict[int, tuple[str, str]]()
    clock = workspace.clock
    try:
        for message in messages:
            workspace.clock = _Then(message.at)
            try:
                answer = api_chat.post_message(sandbox.context, _as_call(message, shown))
            except ApiError as refusal:
                sandbox.traffic.add(_refused(message, refusal))
            else:
                shown[message.delivery] = answer["channel"], answer["ts"]
    finally:
        workspace.clock = clock
    return shown


def _as_call(message: Remembered, shown: Mapping[int, tuple[str, str]]) -> JsonDict:
    channel, thread_ts = shown.get(message.thread or 0, (message.place, ""))
    return {
        "channel": channel,
        "thread_ts": thread_ts,
        "text": message.text,
        "blocks": list(message.blocks),
        "metadata": {
            "event_type": METADATA_EVENT,
            "event_payload": {
                "delivery": message.delivery,
                "lead": message.lead or 0,
                "installation": message.installation,
            },
        },
    }


def _refused(message: Remembered, refusal: ApiError) -> Exchange:
    return Exchange(
        "in",
        "chat.postMessage",
        ok=False,
        ms=0.0,
        error=refusal.name,
        reason=refusal.reason,
        channel=message.place,
        at=message.at.isoformat(),
    )


def settle(tx: Connection, messages: Sequence[Remembered], shown: Mapping[int, tuple[str, str]]) -> None:
    """Note where each message is; one that was refused is closed."""
    places = [
        {"delivery": delivery, "in_channel": channel, "at_ts": ts}
        for delivery, (channel, ts) in shown.items()
    ]
    lost = [{"delivery": message.delivery} for message in messages if message.delivery not in shown]
    if places:
        tx.execute(_PLACED, places)
    if lost:
        tx.execute(_LOST, lost)
