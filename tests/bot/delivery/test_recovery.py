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
from bot.delivery.outcomes import Attempt
from bot.instruments import Instruments
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import reads
from storage.database import Database
from storage.database.sql import known
from storage.models import DeliveryState, deliveries, handoffs
from storage.outbox.claims import claim
from tests.bot.delivery.office import BIG, SMALL, UNLIMITED, Office, office_for, pile_up, until
from tests.databases import PostgresServer

POST = "chat.postMessage"


def leads_shown(office: Office, channel: str) -> list[str]:
    """The leads whose cards stand in a channel, in the order in which they came."""
    found = (re.search(r"\bLead\w+", message.text) for message in office.shown(channel))
    return [name[0] for name in found if name]


async def test_stopping_finishes_what_is_in_hand(each_office: Office) -> None:
    office = each_office
    for n in range(5):
        await office.lead(f"Lead{n}", "P1")
    office.slack.fault(POST, FaultKind.SLOW, seconds=0.3, times=None)
    sender = office.start()
    await until(lambda: sender._under_way, "a call under way")
    await sender.stop(timedelta(seconds=5))
    rows = await office.rows()
    assert {row.state for row in rows} <= {DeliveryState.SENT, DeliveryState.PENDING}
    assert sum(row.state == DeliveryState.SENT for row in rows) == len(office.shown(BIG)) >= 1


async def test_a_jump_of_the_clock_makes_no_delivery_too_old_to_send(office: Office) -> None:
    await office.lead("Jane", "P1")
    claimed = await office.database.write(
        claim, now=office.clock.wire(), limit=1, lease=timedelta(hours=2), pace=UNLIMITED
    )
    office.clock.jump(timedelta(hours=1))
    carrier = Carrier(office.database, office.client, office.clock, office.book, office.log, Instruments())
    await carrier.deliver(Attempt(claimed.rows[0]))
    assert "Jane" in reads(office.shown(BIG)[0])
    assert [row.state for row in await office.rows()] == [DeliveryState.SENT]


async def test_stopping_does_not_wait_longer_than_it_may(office: Office) -> None:
    await office.lead("Jane", "P1")
    office.slack.fault(POST, FaultKind.SLOW, seconds=2)
    sender = office.start()
    await until(lambda: sender._under_way, "a call under way")
    loop = asyncio.get_running_loop()
    before = loop.time()
    await sender.stop(timedelta(seconds=0.2))
    assert loop.time() - before < 1.5
    await office.kill()


async def test_what_a_killed_process_had_in_hand_is_looked_for_by_the_next(each_office: Office) -> None:
    office = each_office
    for n in range(6):
        await office.lead(f"Lead{n}", "P1")
        await office.lead(f"Leadsmall{n}", "P1", employees=20)
    office.slack.fault(POST, FaultKind.SLOW, seconds=0.05, times=None)
    chance = random.Random(7)
    for _ in range(5):
        office.start()
        await asyncio.sleep(chance.uniform(0.05, 0.2))
        await office.kill()
    office.start()
    await office.quiet()
    assert Counter(leads_shown(office, BIG)).total() == len(set(leads_shown(office, BIG))) == 6
    assert Counter(leads_shown(office, SMALL)).total() == len(set(leads_shown(office, SMALL))) == 6


async def test_a_fault_in_rendering_keeps_back_one_message_and_is_logged(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    bad = await office.lead("Leadbad", "P1")
    await office.lead("Leadgood", "P1")

    def spoil(tx: Connection) -> None:
        tx.execute(update(handoffs).where(handoffs.c.id == bad.handoff_id).values(why=[{"no": "text"}]))

    await office.database.write(spoil)
    sender = office.start()
    await office.quiet()
    assert leads_shown(office, BIG) == ["Leadgood"]
    (parked,) = await office.rows(state=DeliveryState.PARKED)
    assert known(parked.error).startswith("rendering: ")
    assert f"delivery {parked.id} cannot be rendered" in caplog.text
    assert sender.health()[0]


async def test_a_database_that_goes_away_loses_nothing(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    name = Database.open(postgres_url).url.database or ""
    database = Database.open(postgres_url)
    async with office_for(database) as office:
        for n in range(6):
            await office.lead(f"Lead{n}", "P1")
        office.slack.fault(POST, FaultKind.SLOW, seconds=0.1, times=None)
        sender = office.start()
        await until(lambda: office.calls(POST) >= 1, "the first call")
        await asyncio.to_thread(postgres_server.cut_off, name)
        await until(lambda: not sender.health()[0], "it to be told")
        assert "database" in sender.health()[1]
        await asyncio.to_thread(postgres_server.let_in, name)
        await until(lambda: sender.health()[0], "it to work again")
        await office.quiet()
        assert sorted(leads_shown(office, BIG)) == [f"Lead{n}" for n in range(6)]
    database.close()


async def test_two_senders_never_take_the_same_and_keep_one_pace(postgres_url: str) -> None:
    database, other = Database.open(postgres_url), Database.open(postgres_url)
    async with office_for(database, speed=10) as office:
        for n in range(12):
            await office.lead(f"Lead{n}", "P1")
        office.start()
        second = Office(other, office.slack, office.client, office.clock, office.book, office.log)
        second.start()
        await office.quiet()
        await second.stop()
        assert sorted(leads_shown(office, BIG)) == sorted(f"Lead{n}" for n in range(12))
        assert office.calls(POST) - len(office.slack.traffic.refused()) == 12
        moments = [message.at for message in office.shown(BIG)]
        assert moments[-1] - moments[0] >= timedelta(seconds=10.5)
    database.close()
    other.close()


async def test_ten_minutes_without_slack_and_then_everything_once_in_order(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with office_for(database, speed=400) as office:
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
            office.slack.fault("*", chance.choice(kinds), seconds=chance.choice((1, 5, 30)))
        for n in range(4):
            for priority in ("P3", "P2", "P1"):
                await office.lead(f"Lead{priority}n{n}", priority)
        office.start()
        began = office.clock.wire()
        await until(lambda: office.clock.wire() - began > timedelta(minutes=10), "ten minutes")
        arrived = set(leads_shown(office, BIG))
        office.slack.faults.lift()
        await office.lead("LeadP1late", "P1")
        await office.quiet()
        shown = leads_shown(office, BIG)
        assert len(shown) == len(set(shown)) == 13
        order = [name[4:6] for name in shown if name not in arrived]
        assert order == sorted(order)
        whole = [name[4:6] for name in shown]
        assert whole == sorted(whole)
        assert {row.state for row in await office.rows()} == {DeliveryState.SENT}
    database.close()


async def test_the_clock_to_accept_waits_for_a_card_that_came_late(each_office: Office) -> None:
    office = each_office
    office.slack.workspace.archive(BIG)
    late = await office.lead("Leadlate", "P1")
    prompt = await office.lead("Leadprompt", "P1", employees=20)
    handed_at = (await office.accept_clock(late))[0]
    office.start()
    await office.message("D0ADMIN", "archived")
    await office.pass_time(minutes=5)
    office.slack.workspace.archive(BIG, archived=False)
    await office.quiet()
    started_at, due_at, next_at = await office.accept_clock(late)
    (card,) = office.shown(BIG)
    assert abs(started_at - card.at) < timedelta(seconds=30)
    assert due_at - started_at == timedelta(minutes=5)
    assert next_at is not None
    assert next_at > started_at
    assert (await office.accept_clock(prompt))[0] < handed_at + timedelta(seconds=60)


async def test_the_clocks_of_a_late_list_start_when_it_came(office: Office) -> None:
    taken = [await office.lead(f"Lead{n:02}", "P3") for n in range(11)]
    before = await office.accept_clock(taken[0])
    await office.pass_time(minutes=10)
    office.start()
    await office.quiet()
    for one in taken:
        started_at, due_at, _ = await office.accept_clock(one)
        assert started_at - before[0] >= timedelta(minutes=10)
        assert due_at - started_at == before[1] - before[0]


async def test_a_card_that_came_in_time_leaves_its_clock_alone(office: Office) -> None:
    taken = await office.lead("Jane", "P1")
    before = await office.accept_clock(taken)
    office.start()
    await office.quiet()
    assert await office.accept_clock(taken) == before


async def test_an_agreement_that_no_longer_fits_keeps_no_delivery_from_being_sent(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    taken = await office.lead("Leadodd", "P1")

    def spoil(tx: Connection) -> None:
        odd = update(handoffs).where(handoffs.c.id == taken.handoff_id)
        tx.execute(odd.values(priority="P9"))

    await office.database.write(spoil)
    await office.pass_time(minutes=10)
    office.start()
    await office.quiet()
    assert [row.state for row in await office.rows()] == [DeliveryState.SENT]
    assert "did not move" in caplog.text
    assert office.calls(POST) == 1


async def test_neither_a_token_nor_an_address_gets_into_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for kind in (FaultKind.DROPPED_AFTER, FaultKind.RATE_LIMITED, FaultKind.SERVER_ERROR):
        office.slack.fault(POST, kind)
    office.slack.fault(POST, FaultKind.REFUSED, error="is_archived", channel=SMALL)
    taken = await office.lead("Leadone", "P1")
    await office.lead("Leadtwo", "P1", employees=20)
    office.start()
    await office.quiet()
    await office.accept(taken)
    await office.quiet()
    text = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "delivered card" in text
    assert "@" not in text
    assert office.slack.bot_token not in text


async def test_a_rewrite_of_what_is_never_shown_does_not_wait_for_ever(office: Office) -> None:
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()

    def lose(tx: Connection) -> None:
        card = update(deliveries).where(deliveries.c.op == "post")
        tx.execute(card.values(state=DeliveryState.DROPPED, ts=None))

    await office.stop()
    await office.refresh(taken)
    await office.database.write(lose)
    office.start()
    await office.quiet()
    (rewrite,) = await office.rows(op="update")
    assert (rewrite.state, rewrite.error) == (DeliveryState.DROPPED, "what it belongs to is gone")


async def test_a_thousand_cards_without_a_pace_arrive_once_each(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with office_for(database, speed=1, rate_limits=False) as office:
        await database.write(pile_up, office.book, office.clock.wire(), 1_000)
        office.start(UNLIMITED)
        await office.quiet()
        text = "\n".join(reads(message) for message in office.shown(BIG))
        found = Counter(re.findall(r"P3 · Piled(\d+)", text))
        assert len(found) == 1_000
        assert set(found.values()) == {1}
    database.close()
