"""Many cards that wait for one channel go out as lists; a lead that somebody takes up gets its own card."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.handoffs import Taken
from bot.sandbox import FaultKind, Message
from bot.sandbox.scenario.sentences import reads
from storage.database import Database
from storage.database.sql import known
from storage.models import DeliveryKind, DeliveryState
from storage.outbox import posts
from tests.bot.delivery.sending import BIG, SMALL, Sending, card_of, pile_up, sending_from, until

POST = "chat.postMessage"


async def listed(sending: Sending, number: int) -> list[Taken]:
    """So many P3 leads, and everything that they cause is in Slack."""
    taken = [await sending.lead(f"Lead{n:02}", "P3") for n in range(number)]
    sending.start()
    await sending.quiet()
    return taken


def accepts(message: Message) -> int:
    """How many Accept buttons a message has."""
    return str(message.blocks).count("lead_accept")


async def row_of(sending: Sending, taken: Taken) -> tuple[str, int | None]:
    def look(tx: Connection) -> tuple[str, int | None]:
        card = card_of(tx, taken)
        return card.state, card.list_id

    return await sending.database.read(look)


async def test_ten_cards_are_cards_and_eleven_are_a_list_and_a_card(each_sending: Sending) -> None:
    sending = each_sending
    for n in range(10):
        await sending.lead(f"Small{n}", "P3", employees=20)
    await listed(sending, 11)
    assert [accepts(message) for message in sending.shown(SMALL)] == [1] * 10
    assert [accepts(message) for message in sending.shown(BIG)] == [10, 1]
    assert sending.calls(POST) == 12


async def test_a_list_holds_the_most_urgent_first_and_no_p1(sending: Sending) -> None:
    for n in range(6):
        await sending.lead(f"Third{n}", "P3")
        await sending.lead(f"Second{n}", "P2")
    for n in range(12):
        await sending.lead(f"First{n}", "P1")
    sending.start()
    await sending.quiet()
    shown = sending.shown(BIG)
    assert [accepts(message) for message in shown] == [1] * 12 + [10, 1, 1]
    text = reads(shown[12])
    assert [f"Second{n}" in text for n in range(6)] == [True] * 6
    assert [f"Third{n}" in text for n in range(4)] == [True] * 4
    assert "Third5" not in text


async def test_who_is_in_a_list_is_fixed_when_it_is_claimed(each_sending: Sending) -> None:
    sending = each_sending
    sending.slack.fault(POST, FaultKind.RATE_LIMITED, seconds=5)
    first = [await sending.lead(f"Lead{n:02}", "P3") for n in range(11)]
    sending.start()
    await until(lambda: sending.calls(POST) >= 1, "the list to be tried")
    late = [await sending.lead(f"Late{n:02}", "P2") for n in range(3)]
    await sending.quiet()
    (the_list,) = await sending.rows(kind=DeliveryKind.LIST)
    members = {(await row_of(sending, taken))[1] for taken in first[:10]}
    assert members == {the_list.id}
    assert {(await row_of(sending, taken)) for taken in late} == {(DeliveryState.SENT, None)}
    assert the_list.attempts == 2


async def test_a_list_that_had_to_wait_still_goes_before_later_cards(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with sending_from(database) as sending:
        sending.slack.fault(POST, FaultKind.RATE_LIMITED, seconds=2, times=3)
        await database.write(pile_up, sending.book, sending.clock.wire(), 45)
        sending.start()
        await sending.quiet()
        lists = [row for row in await sending.rows(kind=DeliveryKind.LIST) if row.state == DeliveryState.SENT]
        assert [row.id for row in sorted(lists, key=lambda row: known(row.ts))] == [row.id for row in lists]
        assert "Piled1000001" in reads(sending.shown(BIG)[0])
        assert [accepts(message) for message in sending.shown(BIG)] == [10, 10, 10, 10, 1, 1, 1, 1, 1]
    database.close()


async def test_accepting_a_row_posts_that_leads_card_and_leaves_a_line(each_sending: Sending) -> None:
    sending = each_sending
    taken = await listed(sending, 11)
    the_list, _ = sending.shown(BIG)
    await sending.accept(taken[3])
    await sending.quiet()
    assert accepts(the_list) == 9
    assert "Lead03" in reads(the_list)
    own = sending.shown(BIG)[-1]
    assert "Accepted" in reads(own)
    assert "Lead03" in reads(own)
    state, list_id = await row_of(sending, taken[3])
    assert state == DeliveryState.SENT
    assert list_id is not None
    await sending.refresh(taken[3])
    await sending.quiet()
    assert len(sending.shown(BIG)) == 3


async def test_what_is_said_of_a_listed_lead_stands_in_the_lists_thread_with_its_name(
    each_sending: Sending,
) -> None:
    sending = each_sending
    taken = await listed(sending, 11)
    the_list, _ = sending.shown(BIG)
    await sending.reject(taken[5])
    await sending.quiet()
    (line,) = sending.shown(BIG, threads=True)
    assert line.thread_ts == the_list.ts
    assert "Lead05" in reads(line)
    assert accepts(the_list) == 9
    assert len(sending.shown(BIG)) == 2
    assert (await row_of(sending, taken[5]))[0] == DeliveryState.LISTED


async def test_a_row_that_goes_to_another_team_leaves_a_line_and_gets_a_card_there(sending: Sending) -> None:
    taken = await listed(sending, 11)
    the_list, _ = sending.shown(BIG)
    await sending.reject(taken[2], reason="wrong_territory")
    await sending.quiet()
    assert accepts(the_list) == 9
    assert "Growth" in reads(the_list)
    assert "Lead02" in reads(sending.shown(SMALL)[0])


async def test_a_line_that_was_written_for_a_card_follows_it_into_a_list(sending: Sending) -> None:
    taken = [await sending.lead(f"Lead{n:02}", "P3") for n in range(11)]

    def say(tx: Connection) -> None:
        posts.post(
            tx,
            sending.context().stamp,
            DeliveryKind.HISTORY,
            place=BIG,
            rank=posts.Rank.CLICK,
            lead_id=taken[0].id,
            handoff_id=taken[0].handoff_id,
            thread_id=card_of(tx, taken[0]).id,
            body={"event": "lead.touched", "actor": "U0REP1", "detail": {}},
        )

    await sending.database.write(say)
    sending.start()
    await sending.quiet()
    (line,) = sending.shown(BIG, threads=True)
    (row,) = await sending.rows(kind=DeliveryKind.HISTORY)
    (the_list,) = await sending.rows(kind=DeliveryKind.LIST)
    assert line.thread_ts == the_list.ts
    assert row.thread_id == the_list.id
    assert "Lead00" in reads(line)


async def test_a_list_that_slack_refuses_goes_out_as_single_cards(sending: Sending) -> None:
    sending.slack.fault(POST, FaultKind.REFUSED, error="invalid_blocks")
    taken = await listed(sending, 11)
    assert [accepts(message) for message in sending.shown(BIG)] == [1] * 11
    assert {await row_of(sending, one) for one in taken} == {(DeliveryState.SENT, None)}


async def test_a_list_of_which_nothing_is_open_is_not_shown(sending: Sending) -> None:
    taken = [await sending.lead(f"Lead{n:02}", "P3") for n in range(11)]
    sending.slack.fault(POST, FaultKind.RATE_LIMITED, channel=BIG, seconds=3_000)
    sending.start()
    await until(lambda: sending.calls(POST) >= 1, "the list to be tried")
    for one in taken[:10]:
        await sending.reject(one)
    await sending.pass_time(seconds=3_000)
    await sending.quiet()
    assert len(sending.shown(BIG)) == 1
    lists = await sending.rows(kind=DeliveryKind.LIST)
    assert {each.state for each in lists} == {DeliveryState.DROPPED}
