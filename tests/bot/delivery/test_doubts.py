"""A post that nobody answered for is never repeated blindly: it is looked for, and adopted if it is there."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.handoffs import Decided
from bot.sandbox import FaultKind, JsonDict
from bot.sandbox.scenario.sentences import reads
from storage.database import Database
from storage.models import DeliveryKind, DeliveryState
from tests.bot.delivery.office import BIG, UNLIMITED, Office, office_for, until

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
async def test_a_post_that_arrived_without_an_answer_is_adopted(office: Office, kind: FaultKind) -> None:
    office.slack.fault(POST, kind)
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    (card,) = office.shown(BIG)
    (row,) = await office.rows()
    assert (row.state, row.ts, row.attempts) == (DeliveryState.SENT, card.ts, 1)
    await office.accept(taken)
    await office.quiet()
    assert "Accepted" in reads(card)
    assert office.calls(POST) == 2  # the card, and the line in its thread


@pytest.mark.parametrize("kind", WITHOUT_EFFECT)
async def test_a_post_that_did_not_arrive_is_sent_again_after_a_look(office: Office, kind: FaultKind) -> None:
    office.slack.fault(POST, kind)
    await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    assert len(office.shown(BIG)) == 1
    assert (office.calls(POST), office.calls(HISTORY)) == (2, 1)
    first, second = (entry.at for entry in office.slack.traffic.calls(POST))
    assert second > first
    (row,) = await office.rows()
    assert row.attempts == 2


async def test_nobody_looks_before_the_post_must_be_visible(each_office: Office) -> None:
    office = each_office
    office.slack.fault(POST, FaultKind.DROPPED_AFTER)
    await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    (look,) = office.slack.traffic.calls(HISTORY)
    (card,) = office.shown(BIG)
    assert look.at >= (card.at + timedelta(seconds=10)).isoformat()


async def test_a_call_that_takes_too_long_is_looked_for_and_not_repeated(sqlite_url: str) -> None:
    async with office_for(Database.open(sqlite_url), timeout=0.3, speed=10) as office:
        office.slack.fault(POST, FaultKind.SLOW, seconds=0.5)
        await office.lead("Jane", "P1")
        office.start()
        await office.quiet()
        assert len(office.shown(BIG)) == 1
        assert office.calls(POST) == 1
        (row,) = await office.rows()
        assert (row.state, row.attempts) == (DeliveryState.SENT, 1)


async def test_all_doubts_of_a_channel_are_cleared_by_one_look_of_several_pages(each_office: Office) -> None:
    office = each_office
    office.slack.limits.enabled = False
    for kind in (FaultKind.DROPPED, FaultKind.DROPPED_AFTER) * 30:
        office.slack.fault(POST, kind)
    away = office.slack.fault(HISTORY, FaultKind.SERVER_ERROR, times=None)
    for n in range(60):
        await office.lead(f"Lead{n}", "P1")
    office.start(UNLIMITED)
    await until(lambda: office.calls(POST) == 60, "all to be tried")
    await office.stop()
    for _ in range(250):
        office.slack.workspace.post(BIG, "U0REP1", text="Chatter, so that one page does not hold it all")
    office.clock.jump(timedelta(minutes=2))
    office.slack.faults.lift(away)
    before = office.calls(HISTORY)
    office.start(UNLIMITED)
    await office.quiet()
    names = [name for name in office.names(BIG) if "Chatter" not in name]
    assert len(names) == len(set(names)) == 60
    assert office.calls(HISTORY) - before == 2
    assert office.calls(POST) == 60 + 30


async def test_doubts_in_threads_and_direct_messages_are_looked_for_where_they_are(
    each_office: Office,
) -> None:
    office = each_office
    office.book.current = office.book.current.model_copy(
        update={"marketing": office.book.current.marketing.model_copy(update={"channel": None})}
    )
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    office.slack.fault(POST, FaultKind.DROPPED_AFTER, times=2)
    await office.reject(taken)
    await office.quiet()
    assert office.calls(POST) == 3
    assert len(office.shown(BIG, threads=True)) == 1
    assert len(office.shown("D0MARA")) == 1
    assert office.calls("conversations.replies") == 1
    assert office.calls("conversations.open") == 1


async def test_an_update_without_an_answer_is_simply_repeated(office: Office) -> None:
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    for kind in (FaultKind.DROPPED_AFTER, FaultKind.INTERNAL_ERROR, FaultKind.SERVER_ERROR_AFTER):
        office.slack.fault("chat.update", kind)
    await office.accept(taken)
    await office.quiet()
    assert "Accepted" in reads(office.shown(BIG)[0])
    assert office.calls("chat.update") == 4
    assert office.calls(HISTORY) == 0


async def test_a_failed_update_gives_way_to_a_newer_one_of_the_same_message(each_office: Office) -> None:
    office = each_office
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()

    def meanwhile(_call: JsonDict) -> bool:
        newer.append(asyncio.create_task(office.accept(taken)))
        return True

    newer: list[asyncio.Task[Decided]] = []
    office.slack.fault("chat.update", FaultKind.INTERNAL_ERROR, when=meanwhile)
    await office.refresh(taken)
    await until(lambda: newer and newer[0].done(), "the newer wish")
    await office.quiet()
    assert "Accepted" in reads(office.shown(BIG)[0])
    *earlier, last = [row.state for row in await office.rows(op="update")]
    assert last == DeliveryState.SENT
    assert set(earlier) <= {DeliveryState.DROPPED, DeliveryState.SENT}


async def test_a_look_that_slack_limits_waits_and_is_made_again(office: Office) -> None:
    office.slack.fault(POST, FaultKind.DROPPED_AFTER)
    office.slack.fault(HISTORY, FaultKind.RATE_LIMITED, seconds=20)
    await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    first, second = (entry.at for entry in office.slack.traffic.calls(HISTORY))
    assert second > first
    assert len(office.shown(BIG)) == 1
    assert office.calls(POST) == 1


async def test_where_the_bot_may_not_look_it_sends_nothing_twice_and_says_so(office: Office) -> None:
    office.slack.fault(POST, FaultKind.DROPPED_AFTER)
    refused = office.slack.fault(HISTORY, FaultKind.REFUSED, error="missing_scope", times=None)
    await office.lead("Jane", "P1")
    office.start()
    told = await office.message("D0ADMIN", "permission")
    assert office.calls(POST) == 2
    office.slack.faults.lift(refused)
    await office.quiet()
    assert len(office.shown(BIG)) == 1
    assert office.calls(POST) == 2
    assert office.shown("D0ADMIN") == [told]


async def test_less_urgent_cards_do_not_overtake_one_that_is_in_doubt(office: Office) -> None:
    office.slack.fault(POST, FaultKind.DROPPED)
    await office.lead("First", "P1")
    await office.lead("Later", "P3")
    office.start()
    await until(lambda: office.calls(POST) >= 1, "the first try")
    await office.lead("Second", "P1")
    await office.quiet()
    names = office.names(BIG)
    order = [next(name for name in ("First", "Second", "Later") if name in line) for line in names]
    assert order == ["Second", "First", "Later"]


async def test_a_list_that_arrived_without_an_answer_is_adopted_whole(office: Office) -> None:
    office.slack.fault(POST, FaultKind.SERVER_ERROR_AFTER)
    for n in range(12):
        await office.lead(f"Lead{n:02}", "P3")
    office.start()
    await office.quiet()
    lists = await office.rows(kind=DeliveryKind.LIST)
    assert [row.state for row in lists] == [DeliveryState.SENT]
    assert len(office.shown(BIG)) == 3
