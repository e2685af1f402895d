"""What follows from Slack's answer to one delivery: written down in one transaction, with all it brings."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.delivery.shown import card_shown, form_refused, place_refused
from bot.slack.errors import Answer, Verdict
from storage import reports
from storage.database.sql import known
from storage.models import DeliveryKind, DeliveryOp
from storage.outbox import lanes, posts, receipts
from storage.outbox.claims import Claimed
from storage.outbox.lanes import WORKSPACE

VISIBLE_AFTER = timedelta(seconds=10)  # a post that Slack took can be read back by then
TRY_PARKED_EVERY = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(seconds=30)
_DOUBLINGS = 10  # more would not fit into a timedelta one day
_CARDS = (DeliveryKind.CARD, DeliveryKind.LIST)
_HAS_CHARTS = (DeliveryKind.REPORT, DeliveryKind.DETAIL)  # and can be drawn without them
_NO_CHARTS = ("invalid_blocks", "invalid_blocks_format")
# Slack names a fault of the message or of the place only to a token that it takes.
_TAKES_THE_TOKEN = (Verdict.PLACE, Verdict.MESSAGE, Verdict.GONE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery as it was claimed. `probes`: the refused lanes that it tries, WORKSPACE among them."""

    row: Claimed
    probes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shown:
    """Where Slack shows it, and when it said so: in the transport's time, and in the one of the clocks.

    `refused` is why it did not take the message's own form, where it shows the plain one.
    """

    channel: str
    ts: str
    wire: datetime
    now: datetime
    refused: Answer | None = None


def record_sent(
    tx: Connection, book: AgreementBook, log: logging.Logger, attempt: Attempt, shown: Shown
) -> None:
    """Slack shows it. An answer that was recorded before, or that comes too late, moves no clock again."""
    if receipts.sent(tx, attempt.row, channel=shown.channel, ts=shown.ts, now=shown.wire):
        card_shown(tx, book, log, attempt.row, shown.wire, shown.now)
    taken_again(tx, log, attempt.probes, shown.wire)
    if shown.refused is not None:
        form_refused(tx, book, attempt.row, shown.refused, shown.wire)


def record_failure(
    tx: Connection, book: AgreementBook, log: logging.Logger, attempt: Attempt, answer: Answer, wire: datetime
) -> None:
    """Slack does not show it, or may not: what happens next depends on the verdict alone."""
    VERDICT_HANDLERS[answer.verdict](_Failure(tx, book, log, attempt.row, answer, wire))
    if answer.verdict in _TAKES_THE_TOKEN:
        taken_again(tx, log, attempt.probes & {WORKSPACE}, wire)


def taken_again(tx: Connection, log: logging.Logger, lanes_tried: frozenset[str], wire: datetime) -> None:
    """Let what was kept for these lanes go, if Slack had refused them."""
    for lane in lanes.unpark(tx, lanes_tried, now=wire) if lanes_tried else ():
        what = "the token" if lane == WORKSPACE else f"what goes to {lanes.place_of(lane)}"
        log.info("Slack takes %s again", what)


@dataclass(frozen=True, slots=True)
class _Failure:
    tx: Connection
    book: AgreementBook
    log: logging.Logger
    row: Claimed
    answer: Answer
    now: datetime

    def again(self, wait: timedelta = timedelta(0)) -> None:
        receipts.again(self.tx, self.row, due_at=self.now + wait, error=self.answer.error)

    def hold_lane(self, wait: timedelta) -> None:
        lanes.throttle(self.tx, self.row.lane, until=self.now + wait)

    def park_lane(self, lane: str) -> bool:
        return lanes.park(
            self.tx, lane, now=self.now, try_at=self.now + TRY_PARKED_EVERY, error=self.answer.error
        )


def backoff(attempts: int) -> timedelta:
    """Twice as long each time up to half a minute, half of it by chance, so that many do not come at once.

    `attempts` is how many there were, from 1.
    """
    longest = min(timedelta(seconds=2 ** min(attempts - 1, _DOUBLINGS)), LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1.0)


def _again(failure: _Failure) -> None:
    """Slack was not reached: nothing is wrong with this one, so nothing in its lane goes past it."""
    failure.again()
    failure.hold_lane(backoff(failure.row.attempts))


def _wait(failure: _Failure) -> None:
    failure.again()
    failure.hold_lane(failure.answer.wait or timedelta(seconds=1))


def _doubt(failure: _Failure) -> None:
    if failure.row.op == DeliveryOp.POST:
        receipts.in_doubt(
            failure.tx, failure.row, due_at=failure.now + VISIBLE_AFTER, error=failure.answer.error
        )
    else:  # doing it twice is doing it once
        failure.again(backoff(failure.row.attempts))


def _silence(failure: _Failure) -> None:
    if failure.row.op == DeliveryOp.POST:
        _doubt(failure)
    else:  # the lost call may still take effect, and must not undo a newer one
        failure.again(max(VISIBLE_AFTER, backoff(failure.row.attempts)))


def _place(failure: _Failure) -> None:
    failure.again()
    if failure.park_lane(failure.row.lane):
        failure.log.warning(
            "Slack refuses what goes to %s (%s): it is kept", failure.row.place, failure.answer.error
        )
        place_refused(failure.tx, failure.book, failure.row, failure.answer.error, failure.now)


def _workspace(failure: _Failure) -> None:
    failure.again()
    if failure.park_lane(WORKSPACE):
        failure.log.error(
            "Slack refuses the token (%s): everything is kept until it takes it", failure.answer.error
        )


def _message(failure: _Failure) -> None:
    if failure.row.kind in _HAS_CHARTS and failure.answer.error in _NO_CHARTS:
        posted = failure.row.id if failure.row.op == DeliveryOp.POST else known(failure.row.target_id)
        if reports.draw_plainly(failure.tx, posted):
            failure.again()
            return
    keep_back(failure.tx, failure.row, str(failure.answer), failure.now)
    form_refused(failure.tx, failure.book, failure.row, failure.answer, failure.now, kept=True)


def _gone(failure: _Failure) -> None:
    """Somebody deleted the message. An open card is posted anew, once; anything else was meant to go."""
    root = failure.row.thread_id if failure.row.op == DeliveryOp.POST else failure.row.target_id
    message = posts.get(failure.tx, root) if root is not None else None
    repeated = (
        message is not None
        and message.kind in _CARDS
        and receipts.post_anew(failure.tx, message.id, now=failure.now)
    )
    moved = message is not None and message.ts is None  # posted anew for another one already
    if failure.row.op == DeliveryOp.POST and (repeated or moved):
        failure.again()
    else:
        receipts.drop(failure.tx, failure.row, now=failure.now, why=failure.answer.error)


def keep_back(tx: Connection, row: Claimed, error: str, now: datetime) -> None:
    """A fault of this one alone: it waits until Baton starts anew. A list goes as single cards instead."""
    if row.op == DeliveryOp.POST and row.kind == DeliveryKind.LIST:
        receipts.dissolve(tx, row, now=now, error=error)
    else:
        receipts.park(tx, row, now=now, error=error)


VERDICT_HANDLERS: Mapping[Verdict, Callable[[_Failure], None]] = {
    Verdict.AGAIN: _again,
    Verdict.WAIT: _wait,
    Verdict.DOUBT: _doubt,
    Verdict.SILENCE: _silence,
    Verdict.PLACE: _place,
    Verdict.WORKSPACE: _workspace,
    Verdict.MESSAGE: _message,
    Verdict.GONE: _gone,
}
