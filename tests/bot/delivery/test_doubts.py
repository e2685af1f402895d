"""A post that nobody answered for is never repeated blindly: it is looked for, and adopted if it is there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock
from bot.delivery.doubts import SKEW, since_when
from bot.handoffs import Decided
from bot.sandbox import FaultKind, JsonDict
from bot.sandbox.scenario.sentences import reads
from bot.views.ids import METADATA_EVENT
from storage.database import Database
from storage.models import DeliveryKind, DeliveryState
from tests.bot.delivery.sending import BIG, UNLIMITED, Sending, sending_from, until
from tests.bot.ledger import MONDAY

POST = "chat.postMessage"
HISTORY = "conversations.history"

WITH_EFFECT = (
    FaultKind.DROPPED_AFTER,
    FaultKind.SERVER_ERROR_AFTER,
    FaultKind.INTERNAL_ERROR_AFTER,
    FaultKind.FATAL_ERROR_AFTER,
)
WITHOUT_EFFECT = (
    FaultKind.DROPPED,
    FaultKind.SERVER_ERROR,
    FaultKind.INTERNAL_ERROR,
    FaultKind.FATAL_ERROR,
)


@pytest.mark.parametrize("kind", WITH_EFFECT)
async def test_a_post_that_arrived_without_an_answer_is_adopted(sending: Sending, kind: FaultKind) -> None:
    sending.slack.fault(POST, kind)
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    (card,) = sending.shown(BIG)
    (row,) = await sending.rows()
    assert (row.state, row.ts, row.attempts) == (DeliveryState.SENT, card.ts, 1)
    await sending.accept(taken)
    await sending.quiet()
    assert "Accepted" in reads(card)
    assert sending.calls(POST) == 2  # the card, and the line in its thread


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("wrong_by", [HOUR, -HOUR])
async def test_a_post_is_found_under_a_clock_that_was_wrong_from_the_start(
    sending: Sending, wrong_by: timedelta
) -> None:
    right = sending.clock
    sending.clock = Clock(start=right.now() + wrong_by, speed=right.speed)  # Slack keeps the other
    sending.slack.fault(POST, WITH_EFFECT[0])
    await sending.lead("Jane", "P1")
    sending.start(off=wrong_by)
    await sending.quiet()
    assert (len(sending.shown(BIG)), sending.calls(POST)) == (1, 1)


def test_what_was_claimed_ahead_of_a_clock_that_was_set_right_is_looked_for_before_now() -> None:
    now = MONDAY
    assert since_when([now + HOUR], now, timedelta(0)) == now - SKEW
    assert since_when([now + HOUR], now + HOUR, HOUR) == now - SKEW
    assert since_when([now - HOUR], now, None) == now - HOUR - SKEW
    assert since_when([now], now, -HOUR) == now - SKEW


@pytest.mark.parametrize("kind", WITHOUT_EFFECT)
async def test_a_post_that_did_not_arrive_is_sent_again_after_a_look(
    sending: Sending, kind: FaultKind
) -> None:
    sending.slack.fault(POST, kind)
    await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    assert len(sending.shown(BIG)) == 1
    assert (sending.calls(POST), sending.calls(HISTORY)) == (2, 1)
    first, second = (entry.at for entry in sending.slack.traffic.calls(POST))
    assert second > first
    (row,) = await sending.rows()
    assert row.attempts == 2


async def test_the_same_number_of_another_baton_is_not_adopted(sending: Sending) -> None:
    payload = {"delivery": 1, "lead": 1, "installation": "another"}
    metadata = {"event_type": METADATA_EVENT, "event_payload": payload}
    await sending.client.chat_postMessage(channel=BIG, text="Another's card", metadata=metadata)
    sending.slack.fault(POST, WITHOUT_EFFECT[0])
    await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    others, own = sending.shown(BIG)
    (row,) = await sending.rows()
    assert (row.id, row.ts, others.text) == (1, own.ts, "Another's card")


class Forgetful(AsyncWebClient):
    """Slack shows the first post, says ok, and does not say where."""

    forgot = False

    async def api_call(self, api_method: str, **told: Any) -> AsyncSlackResponse:
        answer = await super().api_call(api_method, **told)
        if api_method == POST and not self.forgot:
            assert isinstance(answer.data, dict)
            self.forgot = answer.data.pop("ts") is not None
        return answer


async def test_an_ok_that_does_not_say_where_is_a_doubt(each_sending: Sending) -> None:
    sending = each_sending
    await sending.lead("Jane", "P1")
    client = Forgetful(
        token=sending.client.token,
        base_url=sending.client.base_url,
        session=sending.client.session,
        retry_handlers=[],
    )
    sending.start(client=client)
    await sending.quiet()
    (card,) = sending.shown(BIG)
    (row,) = await sending.rows()
    assert client.forgot
    assert (row.state, row.ts, row.attempts) == (DeliveryState.SENT, card.ts, 1)
    assert (sending.calls(POST), sending.calls(HISTORY)) == (1, 1)


async def test_nobody_looks_before_the_post_must_be_visible(each_sending: Sending) -> None:
    sending = each_sending
    sending.slack.fault(POST, FaultKind.DROPPED_AFTER)
    await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    (look,) = sending.slack.traffic.calls(HISTORY)
    (card,) = sending.shown(BIG)
    assert look.at >= (card.at + timedelta(seconds=10)).isoformat()


async def test_a_call_that_takes_too_long_is_looked_for_and_not_repeated(sqlite_url: str) -> None:
    async with sending_from(Database.open(sqlite_url), timeout=0.3, speed=10) as sending:
        sending.slack.fault(POST, FaultKind.SLOW, seconds=0.5)
        await sending.lead("Jane", "P1")
        sending.start()
        await sending.quiet()
        assert len(sending.shown(BIG)) == 1
        assert sending.calls(POST) == 1
        (row,) = await sending.rows()
        assert (row.state, row.attempts) == (DeliveryState.SENT, 1)


async def test_all_doubts_of_a_channel_are_cleared_by_one_look_of_several_pages(
    each_sending: Sending,
) -> None:
    sending = each_sending
    sending.slack.limits.enabled = False
    for kind in (FaultKind.DROPPED, FaultKind.DROPPED_AFTER) * 30:
        sending.slack.fault(POST, kind)
    away = sending.slack.fault(HISTORY, FaultKind.SERVER_ERROR, times=None)
    for n in range(60):
        await sending.lead(f"Lead{n}", "P1")
    sending.start(UNLIMITED)
    await until(lambda: sending.calls(POST) == 60, "all to be tried")
    await sending.stop()
    for _ in range(250):
        sending.slack.workspace.post(BIG, "U0REP1", text="Chatter, so that one page does not hold it all")
    sending.clock.jump(timedelta(minutes=2))
    sending.slack.faults.lift(away)
    before = sending.calls(HISTORY)
    sending.start(UNLIMITED)
    await sending.quiet()
    names = [name for name in sending.names(BIG) if "Chatter" not in name]
    assert len(names) == len(set(names)) == 60
    assert sending.calls(HISTORY) - before == 2
    assert sending.calls(POST) == 60 + 30


async def test_doubts_in_threads_and_direct_messages_are_looked_for_where_they_are(
    each_sending: Sending,
) -> None:
    sending = each_sending
    sending.book.current = sending.book.current.model_copy(
        update={"marketing": sending.book.current.marketing.model_copy(update={"channel": None})}
    )
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    sending.slack.fault(POST, FaultKind.DROPPED_AFTER, times=2)
    await sending.reject(taken)
    await sending.quiet()
    assert sending.calls(POST) == 3
    assert len(sending.shown(BIG, threads=True)) == 1
    assert len(sending.shown("D0MARA")) == 1
    assert sending.calls("conversations.replies") == 1
    assert sending.calls("conversations.open") == 1


async def test_an_update_without_an_answer_is_simply_repeated(sending: Sending) -> None:
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    for kind in (FaultKind.DROPPED_AFTER, FaultKind.INTERNAL_ERROR, FaultKind.SERVER_ERROR_AFTER):
        sending.slack.fault("chat.update", kind)
    await sending.accept(taken)
    await sending.quiet()
    assert "Accepted" in reads(sending.shown(BIG)[0])
    assert sending.calls("chat.update") == 4
    assert sending.calls(HISTORY) == 0


async def test_a_failed_update_gives_way_to_a_newer_one_of_the_same_message(each_sending: Sending) -> None:
    sending = each_sending
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()

    def meanwhile(_call: JsonDict) -> bool:
        newer.append(asyncio.create_task(sending.accept(taken)))
        return True

    newer: list[asyncio.Task[Decided]] = []
    sending.slack.fault("chat.update", FaultKind.INTERNAL_ERROR, when=meanwhile)
    await sending.refresh(taken)
    await until(lambda: newer and newer[0].done(), "the newer wish")
    await sending.quiet()
    assert "Accepted" in reads(sending.shown(BIG)[0])
    *earlier, last = [row.state for row in await sending.rows(op="update")]
    assert last == DeliveryState.SENT
    assert set(earlier) <= {DeliveryState.DROPPED, DeliveryState.SENT}


async def test_a_look_that_slack_limits_waits_and_is_made_again(sending: Sending) -> None:
    sending.slack.fault(POST, FaultKind.DROPPED_AFTER)
    sending.slack.fault(HISTORY, FaultKind.RATE_LIMITED, seconds=20)
    await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    first, second = (entry.at for entry in sending.slack.traffic.calls(HISTORY))
    assert second > first
    assert len(sending.shown(BIG)) == 1
    assert sending.calls(POST) == 1


async def test_where_the_bot_may_not_look_it_sends_nothing_twice_and_says_so(sending: Sending) -> None:
    sending.slack.fault(POST, FaultKind.DROPPED_AFTER)
    refused = sending.slack.fault(HISTORY, FaultKind.REFUSED, error="missing_scope", times=None)
    await sending.lead("Jane", "P1")
    sending.start()
    told = await sending.message("D0ADMIN", "permission")
    assert sending.calls(POST) == 2
    sending.slack.faults.lift(refused)
    await sending.quiet()
    assert len(sending.shown(BIG)) == 1
    assert sending.calls(POST) == 2
    assert sending.shown("D0ADMIN") == [told]


async def test_less_urgent_cards_do_not_overtake_one_that_is_in_doubt(sending: Sending) -> None:
    sending.slack.fault(POST, FaultKind.DROPPED)
    await sending.lead("First", "P1")
    await sending.lead("Later", "P3")
    sending.start()
    await until(lambda: sending.calls(POST) >= 1, "the first try")
    await sending.lead("Second", "P1")
    await sending.quiet()
    names = sending.names(BIG)
    order = [next(name for name in ("First", "Second", "Later") if name in line) for line in names]
    assert order == ["Second", "First", "Later"]


async def test_a_list_that_arrived_without_an_answer_is_adopted_whole(sending: Sending) -> None:
    sending.slack.fault(POST, FaultKind.SERVER_ERROR_AFTER)
    for n in range(12):
        await sending.lead(f"Lead{n:02}", "P3")
    sending.start()
    await sending.quiet()
    lists = await sending.rows(kind=DeliveryKind.LIST)
    assert [row.state for row in lists] == [DeliveryState.SENT]
    assert len(sending.shown(BIG)) == 3
