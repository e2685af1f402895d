"""Whatever is cut off, stopped, broken or gone for a while: each message is in Slack in the end, and once."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from bot.delivery.carrier import Carrier
from bot.delivery.outcomes import Attempt, Shown, record_sent
from bot.delivery.sender import Sender
from bot.instruments import Instruments
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import reads
from storage.database import Database
from storage.database.sql import known
from storage.models import DeliveryState, deliveries, handoffs
from storage.outbox.claims import claim
from tests.bot.delivery.sending import BIG, SMALL, UNLIMITED, Sending, pile_up, sending_from, until
from tests.databases import PostgresServer

POST = "chat.postMessage"


def leads_shown(sending: Sending, channel: str) -> list[str]:
    """The leads whose cards stand in a channel, in the order in which they came."""
    found = (re.search(r"\bLead\w+", message.text) for message in sending.shown(channel))
    return [name[0] for name in found if name]


async def test_stopping_finishes_what_is_in_hand(each_sending: Sending) -> None:
    sending = each_sending
    for n in range(5):
        await sending.lead(f"Lead{n}", "P1")
    sending.slack.fault(POST, FaultKind.SLOW, seconds=0.3, times=None)
    sender = sending.start()
    await until(lambda: sender._under_way, "a call under way")
    await sender.stop(timedelta(seconds=5))
    rows = await sending.rows()
    assert {row.state for row in rows} <= {DeliveryState.SENT, DeliveryState.PENDING}
    assert sum(row.state == DeliveryState.SENT for row in rows) == len(sending.shown(BIG)) >= 1


async def test_a_jump_of_the_clock_makes_no_delivery_too_old_to_send(sending: Sending) -> None:
    await sending.lead("Jane", "P1")
    claimed = await sending.database.write(
        claim, now=sending.clock.wire(), limit=1, lease=timedelta(hours=2), pace=UNLIMITED
    )
    sending.clock.jump(timedelta(hours=1))
    carrier = Carrier(
        sending.database, sending.client, sending.clock, sending.book, sending.log, Instruments()
    )
    await carrier.deliver(Attempt(claimed.rows[0]))
    assert "Jane" in reads(sending.shown(BIG)[0])
    assert [row.state for row in await sending.rows()] == [DeliveryState.SENT]


async def test_stopping_does_not_wait_longer_than_it_may(sending: Sending) -> None:
    await sending.lead("Jane", "P1")
    sending.slack.fault(POST, FaultKind.SLOW, seconds=60)
    sender = sending.start()
    await until(lambda: sender._under_way, "a call under way")
    await sender.stop(timedelta(seconds=0.05))
    assert sender._under_way  # it was left, not waited for
    await sending.kill()


async def test_what_a_killed_process_had_in_hand_is_looked_for_by_the_next(each_sending: Sending) -> None:
    sending = each_sending
    for n in range(6):
        await sending.lead(f"Lead{n}", "P1")
        await sending.lead(f"Leadsmall{n}", "P1", employees=20)
    sending.slack.fault(POST, FaultKind.SLOW, seconds=0.05, times=None)
    chance = random.Random(7)
    for _ in range(5):
        sending.start()
        await asyncio.sleep(chance.uniform(0.05, 0.2))
        await sending.kill()
    sending.start()
    await sending.quiet()
    assert Counter(leads_shown(sending, BIG)).total() == len(set(leads_shown(sending, BIG))) == 6
    assert Counter(leads_shown(sending, SMALL)).total() == len(set(leads_shown(sending, SMALL))) == 6


async def test_a_fault_in_rendering_keeps_back_one_message_and_is_logged(
    sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    bad = await sending.lead("Leadbad", "P1")
    await sending.lead("Leadgood", "P1")

    def spoil(tx: Connection) -> None:
        tx.execute(update(handoffs).where(handoffs.c.id == bad.handoff_id).values(why=[{"no": "text"}]))

    await sending.database.write(spoil)
    sender = sending.start()
    await sending.quiet()
    assert leads_shown(sending, BIG) == ["Leadgood"]
    (parked,) = await sending.rows(state=DeliveryState.PARKED)
    assert known(parked.error).startswith("rendering: ")
    assert f"delivery {parked.id} cannot be rendered" in caplog.text
    assert sender.health()[0]


async def test_a_database_that_goes_away_loses_nothing(
    postgres_server: PostgresServer, own_postgres_url: str
) -> None:
    database = Database.open(own_postgres_url)
    name = database.url.database or ""
    async with sending_from(database) as sending:
        for n in range(6):
            await sending.lead(f"Lead{n}", "P1")
        sending.slack.fault(POST, FaultKind.SLOW, seconds=0.1, times=None)
        sender = sending.start()
        await until(lambda: sending.calls(POST) >= 1, "the first call")
        await asyncio.to_thread(postgres_server.cut_off, name)
        await until(lambda: not sender.health()[0], "it to be told")
        assert "database" in sender.health()[1]
        await asyncio.to_thread(postgres_server.let_in, name)
        await until(lambda: sender.health()[0], "it to work again")
        await sending.quiet()
        assert sorted(leads_shown(sending, BIG)) == [f"Lead{n}" for n in range(6)]
    database.close()


async def test_two_senders_never_take_the_same_and_keep_one_pace(postgres_url: str) -> None:
    database, other = Database.open(postgres_url), Database.open(postgres_url)
    async with sending_from(database, speed=10) as sending:
        for n in range(12):
            await sending.lead(f"Lead{n}", "P1")
        sending.start()
        second = Sending(other, sending.slack, sending.client, sending.clock, sending.book, sending.log)
        second.start()
        await sending.quiet()
        await second.stop()
        assert sorted(leads_shown(sending, BIG)) == sorted(f"Lead{n}" for n in range(12))
        assert sending.calls(POST) - len(sending.slack.traffic.refused()) == 12
        moments = [message.at for message in sending.shown(BIG)]
        assert moments[-1] - moments[0] >= timedelta(seconds=10.5)
    database.close()
    other.close()


async def test_ten_minutes_without_slack_and_then_everything_once_in_order(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with sending_from(database, speed=400) as sending:
        chance = random.Random(4)
        kinds = [
            FaultKind.SERVER_ERROR,
            FaultKind.SERVER_ERROR_AFTER,
            FaultKind.DROPPED,
            FaultKind.DROPPED_AFTER,
            FaultKind.RATE_LIMITED,
            FaultKind.INTERNAL_ERROR,
        ]
        for _ in range(3_000):
            sending.slack.fault("*", chance.choice(kinds), seconds=chance.choice((1, 5, 30)))
        for n in range(4):
            for priority in ("P3", "P2", "P1"):
                await sending.lead(f"Lead{priority}n{n}", priority)
        sending.start()
        began = sending.clock.wire()
        await until(lambda: sending.clock.wire() - began > timedelta(minutes=10), "ten minutes")
        arrived = set(leads_shown(sending, BIG))
        sending.slack.faults.lift()
        await sending.lead("LeadP1late", "P1")
        await sending.quiet()
        shown = leads_shown(sending, BIG)
        assert len(shown) == len(set(shown)) == 13
        order = [name[4:6] for name in shown if name not in arrived]
        assert order == sorted(order)
        whole = [name[4:6] for name in shown]
        assert whole == sorted(whole)
        assert {row.state for row in await sending.rows()} == {DeliveryState.SENT}
    database.close()


async def test_the_clock_to_accept_waits_for_a_card_that_came_late(each_sending: Sending) -> None:
    sending = each_sending
    sending.slack.workspace.archive(BIG)
    late = await sending.lead("Leadlate", "P1")
    prompt = await sending.lead("Leadprompt", "P1", employees=20)
    handed_at = (await sending.accept_clock(late))[0]
    sending.start()
    await sending.message("D0ADMIN", "archived")
    await sending.pass_time(minutes=5)
    sending.slack.workspace.archive(BIG, archived=False)
    await sending.quiet()
    started_at, due_at, next_at = await sending.accept_clock(late)
    (card,) = sending.shown(BIG)
    assert abs(started_at - card.at) < timedelta(seconds=30)
    assert due_at - started_at == timedelta(minutes=5)
    assert next_at is not None
    assert next_at > started_at
    assert (await sending.accept_clock(prompt))[0] < handed_at + timedelta(seconds=60)


async def test_an_answer_that_is_recorded_once_more_leaves_the_clock_alone(each_sending: Sending) -> None:
    sending, database = each_sending, each_sending.database
    late = await sending.lead("Leadlate", "P1")
    sending.clock.jump(timedelta(minutes=5))
    claimed = await database.write(
        claim, now=sending.clock.wire(), limit=1, lease=timedelta(hours=2), pace=UNLIMITED
    )
    begun = []
    for _ in range(2):  # the second time as where the database broke off after a commit
        shown = Shown(BIG, "1.000001", sending.clock.wire(), sending.clock.now())
        await database.write(record_sent, sending.book, sending.log, Attempt(claimed.rows[0]), shown)
        begun.append(await sending.accept_clock(late))
        sending.clock.jump(timedelta(minutes=7))
    assert begun[0] == begun[1]


async def test_the_clocks_of_a_late_list_start_when_it_came(sending: Sending) -> None:
    taken = [await sending.lead(f"Lead{n:02}", "P3") for n in range(11)]
    before = await sending.accept_clock(taken[0])
    await sending.pass_time(minutes=10)
    sending.start()
    await sending.quiet()
    for one in taken:
        started_at, due_at, _ = await sending.accept_clock(one)
        assert started_at - before[0] >= timedelta(minutes=10)
        assert due_at - started_at == before[1] - before[0]


async def test_a_card_that_came_in_time_leaves_its_clock_alone(sending: Sending) -> None:
    taken = await sending.lead("Jane", "P1")
    before = await sending.accept_clock(taken)
    sending.start()
    await sending.quiet()
    assert await sending.accept_clock(taken) == before


async def test_an_agreement_that_no_longer_fits_keeps_no_delivery_from_being_sent(
    sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    taken = await sending.lead("Leadodd", "P1")

    def spoil(tx: Connection) -> None:
        odd = update(handoffs).where(handoffs.c.id == taken.handoff_id)
        tx.execute(odd.values(priority="P9"))

    await sending.database.write(spoil)
    await sending.pass_time(minutes=10)
    sending.start()
    await sending.quiet()
    assert [row.state for row in await sending.rows()] == [DeliveryState.SENT]
    assert "did not move" in caplog.text
    assert sending.calls(POST) == 1


async def test_neither_a_token_nor_an_address_gets_into_the_log(
    sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for kind in (FaultKind.DROPPED_AFTER, FaultKind.RATE_LIMITED, FaultKind.SERVER_ERROR):
        sending.slack.fault(POST, kind)
    sending.slack.fault(POST, FaultKind.REFUSED, error="is_archived", channel=SMALL)
    taken = await sending.lead("Leadone", "P1")
    await sending.lead("Leadtwo", "P1", employees=20)
    sending.start()
    await sending.quiet()
    await sending.accept(taken)
    await sending.quiet()
    text = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "delivered card" in text
    assert "@" not in text
    assert sending.slack.bot_token not in text


async def test_a_rewrite_of_what_is_never_shown_does_not_wait_for_ever(sending: Sending) -> None:
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()

    def lose(tx: Connection) -> None:
        card = update(deliveries).where(deliveries.c.op == "post")
        tx.execute(card.values(state=DeliveryState.DROPPED, ts=None))

    await sending.stop()
    await sending.refresh(taken)
    await sending.database.write(lose)
    sending.start()
    await sending.quiet()
    (rewrite,) = await sending.rows(op="update")
    assert (rewrite.state, rewrite.error) == (DeliveryState.DROPPED, "what it belongs to is gone")


async def test_a_thousand_cards_without_a_pace_arrive_once_each(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with sending_from(database, speed=1, rate_limits=False) as sending:
        await database.write(pile_up, sending.book, sending.clock.wire(), 1_000)
        sending.start(UNLIMITED)
        await sending.quiet()
        text = "\n".join(reads(message) for message in sending.shown(BIG))
        found = Counter(re.findall(r"P3 · Piled(\d+)", text))
        assert len(found) == 1_000
        assert set(found.values()) == {1}
    database.close()


async def test_what_went_back_and_was_taken_up_anew_at_once_is_still_under_way(sending: Sending) -> None:
    sender = Sender(sending.database, sending.client, sending.clock, sending.book, sending.log)
    first, second = (asyncio.create_task(asyncio.sleep(0)) for _ in range(2))
    sender._under_way[7] = second
    sender._done(7, first)
    assert sender._under_way == {7: second}
    sender._done(7, second)
    sender._done(7, first)
    assert sender._under_way == {}
    await asyncio.gather(first, second)
