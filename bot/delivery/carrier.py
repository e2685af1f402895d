"""One delivery on its way: rendered from the live state, said to Slack, and the answer written down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.delivery.outcomes import Attempt, Shown, keep_back, record_failure, record_sent
from bot.instruments import Instruments
from bot.slack.errors import FORM_FAULTS, Answer, NoPlace, Verdict, verdict_on
from bot.spans import Attribute, Attributes, span
from bot.views.ids import METADATA_EVENT
from bot.views.message import Rendered
from bot.views.plain import plainly
from storage import installation
from storage.database import Database, DatabaseAway
from storage.database.sql import known
from storage.models import DeliveryKind, DeliveryOp
from storage.outbox import receipts
from storage.outbox.claims import Claimed

T = TypeVar("T")

HTTP_TIMEOUT = timedelta(seconds=10)  # of real time
LEASE = timedelta(seconds=30)  # longer than rendering and a call can take
BETWEEN_POSTS = timedelta(seconds=1.05)  # on the wire: Slack takes one a second in a place
_ASK_AGAIN = timedelta(seconds=1)


class Carrier:
    """Carries single deliveries."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        instruments: Instruments,
    ) -> None:
        self._database, self._client, self._clock, self._book, self._log = database, client, clock, book, log
        self._instruments = instruments
        self._installation = ""
        # When each attempt was taken up, by the system's time, which no jump of the clock moves.
        self._taken_up: dict[tuple[int, int], datetime] = {}

    async def deliver(self, attempt: Attempt) -> None:
        """See one claimed delivery to its end. Never raises; what stays open is taken up after its lease."""
        row = attempt.row
        self._taken_up[row.id, row.attempts] = self._clock.real()
        try:
            message = await self._rendered(row)
            if message is not None and self._age(row) < LEASE - HTTP_TIMEOUT:
                await self._send(attempt, message)
        except DatabaseAway as away:
            self._log.warning("delivery %d waits for the database: %s", row.id, away)
        except Exception:  # a task of its own: nobody else would hear of it
            self._log.exception("delivery %d broke off", row.id, extra={"trace": row.trace})
        finally:
            del self._taken_up[row.id, row.attempts]

    async def _rendered(self, row: Claimed) -> Rendered | None:
        """What it says now; None if it has been settled that nothing is to be said."""
        if (row.thread_id and not row.thread_ts) or (row.target_id and not row.target_ts):
            await self._write(
                row, receipts.drop, row, now=self._clock.wire(), why="what it belongs to is gone"
            )
            return None
        try:
            message, self._installation = await self._patiently(
                row, lambda: self._database.read(_rendered, self._book, row, self._clock.now())
            )
        except DatabaseAway:
            raise
        except Exception as error:  # a fault of ours in one message must not stop the others
            self._log.exception("delivery %d cannot be rendered", row.id, extra={"trace": row.trace})
            fault = f"rendering: {type(error).__name__}"
            await self._write(row, keep_back, row, fault, self._clock.wire())
            return None
        if message is None:
            await self._write(row, receipts.drop, row, now=self._clock.wire(), why="nothing left to show")
        return message

    async def _send(self, attempt: Attempt, message: Rendered) -> None:
        row = attempt.row
        try:
            with span(f"send {row.kind}", row.trace, _attributes(row)) as at_hand:
                response, refused = await self._shown(row, message)
                channel, ts = _where(row, response)
                at_hand.note({"messaging.message.id": ts})
        except Exception as error:  # whatever it was, the attempt has an end that is written down
            await self._failed(attempt, self._verdict(row, error))
            return
        shown = Shown(channel, ts, self._clock.wire(), self._clock.now(), refused)
        after = shown.wire - row.created_at
        self._instruments.delivered(row.kind, "sent", after)
        self._log.info(
            "delivered %s %d after %.2f s",
            row.kind,
            row.id,
            after.total_seconds(),
            extra=_fields(row, "delivered"),
        )
        await self._write(row, record_sent, self._book, self._log, attempt, shown)

    async def _shown(self, row: Claimed, message: Rendered) -> tuple[Any, Answer | None]:
        """Slack's answer, and why it refused the message's form before it took the plain one, if it did."""
        try:
            return await self._call(row, message), None
        except SlackApiError as error:
            refused = verdict_on(error)
            if refused.error not in FORM_FAULTS or _is_shown_otherwise(row, message):
                raise
            self._log.warning(
                "Slack refuses the form of %s %d, and gets it plain: %s",
                row.kind,
                row.id,
                refused,
                extra={"trace": row.trace},
            )
            await asyncio.sleep(self._clock.real_seconds(BETWEEN_POSTS))
            if self._age(row) >= LEASE - HTTP_TIMEOUT:
                raise
        return await self._call(row, plainly(message)), refused

    async def _call(self, row: Claimed, message: Rendered) -> Any:
        call = CALLS[row.op](self._client, row, message, self._installation)
        return await asyncio.wait_for(call, HTTP_TIMEOUT.total_seconds())

    def _verdict(self, row: Claimed, error: Exception) -> Answer:
        try:
            return verdict_on(error)
        except Exception:  # a fault of ours: whether Slack was reached nobody knows
            self._log.exception("delivery %d cannot be sent", row.id, extra={"trace": row.trace})
            return Answer(Verdict.DOUBT, type(error).__name__)

    async def _failed(self, attempt: Attempt, answer: Answer) -> None:
        row = attempt.row
        self._instruments.delivered(row.kind, answer.verdict)
        self._log.warning(
            "delivery %s %d: %s (%s)",
            row.kind,
            row.id,
            answer.verdict,
            answer,
            extra=_fields(row, "not delivered"),
        )
        await self._write(row, record_failure, self._book, self._log, attempt, answer, self._clock.wire())

    async def _write(self, row: Claimed, f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Write down what happened."""
        await self._patiently(row, lambda: self._database.write(f, *args, **kwargs))

    async def _patiently(self, row: Claimed, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the database until it answers, as long as the lease lasts; then raise DatabaseAway."""
        while True:
            try:
                return await ask()
            except DatabaseAway:
                if self._age(row) >= LEASE:
                    raise
            await asyncio.sleep(_ASK_AGAIN.total_seconds())

    def _age(self, row: Claimed) -> timedelta:
        """How much real time has passed since it was taken up, if the machine slept meanwhile that too."""
        return self._clock.real() - self._taken_up[row.id, row.attempts]


def _fields(row: Claimed, event: str) -> dict[str, Any]:
    """What a line of the log says beside its message."""
    return {"trace": row.trace, "event": event, "lead": row.lead_id, "handoff": row.handoff_id}


def _attributes(row: Claimed) -> Attributes:
    return {
        "messaging.system": "slack",
        "messaging.operation.type": "send",
        "messaging.operation.name": row.op,
        "messaging.destination.name": row.thread_channel or row.place,
        Attribute.DELIVERY: row.id,
        Attribute.KIND: row.kind,
        Attribute.ATTEMPT: row.attempts,
        Attribute.LEAD: row.lead_id,
        Attribute.HANDOFF: row.handoff_id,
    }


def _is_shown_otherwise(row: Claimed, message: Rendered) -> bool:
    """Whether something better than the plain form is known: single cards for a list, bars for charts."""
    has_charts = any(block["type"] == "data_visualization" for block in message.blocks)
    return has_charts or (row.op == DeliveryOp.POST and row.kind == DeliveryKind.LIST)


def _where(row: Claimed, response: Any) -> tuple[str, str]:
    """Where Slack shows it: a channel and the message there, or a person and their Home's view."""
    if row.op == DeliveryOp.PUBLISH:
        return row.place, str(response["view"]["id"])
    channel, ts = response.get("channel"), response.get("ts")
    if not (isinstance(channel, str) and isinstance(ts, str)):
        raise NoPlace
    return channel, ts


def _rendered(
    tx: Connection, book: AgreementBook, row: Claimed, now: datetime
) -> tuple[Rendered | None, str]:
    """What a delivery says now, and the installation that says it."""
    from bot.delivery.rendering import render  # every message there is: a start does without

    return render(tx, book, row, now), installation.own_id(tx)


def _post(client: AsyncWebClient, row: Claimed, message: Rendered, own: str) -> Awaitable[Any]:
    return client.chat_postMessage(
        channel=row.thread_channel or row.place,
        thread_ts=row.thread_ts,
        text=message.text,
        blocks=message.blocks,
        metadata={
            "event_type": METADATA_EVENT,
            "event_payload": {"delivery": row.id, "lead": row.lead_id or 0, "installation": own},
        },
        unfurl_links=False,
        unfurl_media=False,
    )


def _update(client: AsyncWebClient, row: Claimed, message: Rendered, _own: str) -> Awaitable[Any]:
    return client.chat_update(
        channel=known(row.target_channel),
        ts=known(row.target_ts),
        text=message.text,
        blocks=message.blocks,
    )


def _publish(client: AsyncWebClient, row: Claimed, message: Rendered, _own: str) -> Awaitable[Any]:
    return client.views_publish(user_id=row.place, view={"type": "home", "blocks": message.blocks})


CALLS: Mapping[DeliveryOp, Callable[[AsyncWebClient, Claimed, Rendered, str], Awaitable[Any]]] = {
    DeliveryOp.POST: _post,
    DeliveryOp.UPDATE: _update,
    DeliveryOp.PUBLISH: _publish,
}
"""What is asked of Slack."""
