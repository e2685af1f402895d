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
from tests.bot.delivery.office import BIG, SMALL, Office, card_of, office_for, pile_up, until

POST = "chat.postMessage"


async def listed(office: Office, number: int) -> list[Taken]:
    """So many P3 leads, and everything that they cause is in Slack."""
    taken = [await office.lead(f"Lead{n:02}", "P3") for n in range(number)]
    office.start()
    await office.quiet()
    return taken


def accepts(message: Message) -> int:
    """How many Accept buttons a message has."""
    return str(message.blocks).count("lead_accept")


async def row_of(office: Office, taken: Taken) -> tuple[str, int | None]:
    def look(tx: Connection) -> tuple[str, int | None]:
        card = card_of(tx, taken)
        return card.state, card.list_id

    return await office.database.read(look)


async def test_ten_cards_are_cards_and_eleven_are_a_list_and_a_card(each_office: Office) -> None:
    office = each_office
    for n in range(10):
        await office.lead(f"Small{n}", "P3", employees=20)
    await listed(office, 11)
    assert [accepts(message) for message in office.shown(SMALL)] == [1] * 10
    assert [accepts(message) for message in office.shown(BIG)] == [10, 1]
    assert office.calls(POST) == 12


async def test_a_list_holds_the_most_urgent_first_and_no_p1(office: Office) -> None:
    for n in range(6):
        await office.lead(f"Third{n}", "P3")
        await office.lead(f"Second{n}", "P2")
    for n in range(12):
        await office.lead(f"First{n}", "P1")
    office.start()
    await office.quiet()
    shown = office.shown(BIG)
    assert [accepts(message) for message in shown] == [1] * 12 + [10, 1, 1]
    text = reads(shown[12])
    assert [f"Second{n}" in text for n in range(6)] == [True] * 6
    assert [f"Third{n}" in text for n in range(4)] == [True] * 4
    assert "Third5" not in text


async def test_who_is_in_a_list_is_fixed_when_it_is_claimed(each_office: Office) -> None:
    office = each_office
    office.slack.fault(POST, FaultKind.RATE_LIMITED, seconds=5)
    first = [await office.lead(f"Lead{n:02}", "P3") for n in range(11)]
    office.start()
    await until(lambda: office.calls(POST) >= 1, "the list to be tried")
    late = [await office.lead(f"Late{n:02}", "P2") for n in range(3)]
    await office.quiet()
    (the_list,) = await office.rows(kind=DeliveryKind.LIST)
    members = {(await row_of(office, taken))[1] for taken in first[:10]}
    assert members == {the_list.id}
    assert {(await row_of(office, taken)) for taken in late} == {(DeliveryState.SENT, None)}
    assert the_list.attempts == 2


async def test_a_list_that_had_to_wait_still_goes_before_later_cards(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with office_for(database) as office:
        office.slack.fault(POST, FaultKind.RATE_LIMITED, seconds=2, times=3)
        await database.write(pile_up, office.book, office.clock.wire(), 45)
        office.start()
        await office.quiet()
        lists = [row for row in await office.rows(kind=DeliveryKind.LIST) if row.state == DeliveryState.SENT]
        assert [row.id for row in sorted(lists, key=lambda row: known(row.ts))] == [row.id for row in lists]
        assert "Piled1000001" in reads(office.shown(BIG)[0])
        assert [accepts(message) for message in office.shown(BIG)] == [10, 10, 10, 10, 1, 1, 1, 1, 1]
    database.close()


async def test_accepting_a_row_posts_that_leads_card_and_leaves_a_line(each_office: Office) -> None:
    office = each_office
    taken = await listed(office, 11)
    the_list, _ = office.shown(BIG)
    await office.accept(taken[3])
    await office.quiet()
    assert accepts(the_list) == 9
    assert "Lead03" in reads(the_list)
    own = office.shown(BIG)[-1]
    assert "Accepted" in reads(own)
    assert "Lead03" in reads(own)
    state, list_id = await row_of(office, taken[3])
    assert state == DeliveryState.SENT
    assert list_id is not None
    await office.refresh(taken[3])
    await office.quiet()
    assert len(office.shown(BIG)) == 3


async def test_what_is_said_of_a_listed_lead_stands_in_the_lists_thread_with_its_name(
    each_office: Office,
) -> None:
    office = each_office
    taken = await listed(office, 11)
    the_list, _ = office.shown(BIG)
    await office.reject(taken[5])
    await office.quiet()
    (line,) = office.shown(BIG, threads=True)
    assert line.thread_ts == the_list.ts
    assert "Lead05" in reads(line)
    assert accepts(the_list) == 9
    assert len(office.shown(BIG)) == 2
    assert (await row_of(office, taken[5]))[0] == DeliveryState.LISTED


async def test_a_row_that_goes_to_another_team_leaves_a_line_and_gets_a_card_there(office: Office) -> None:
    taken = await listed(office, 11)
    the_list, _ = office.shown(BIG)
    await office.reject(taken[2], reason="wrong_territory")
    await office.quiet()
    assert accepts(the_list) == 9
    assert "Growth" in reads(the_list)
    assert "Lead02" in reads(office.shown(SMALL)[0])


async def test_a_line_that_was_written_for_a_card_follows_it_into_a_list(office: Office) -> None:
    taken = [await office.lead(f"Lead{n:02}", "P3") for n in range(11)]

    def say(tx: Connection) -> None:
        posts.post(
            tx,
            office.context().stamp,
            DeliveryKind.HISTORY,
            place=BIG,
            rank=posts.Rank.CLICK,
            lead_id=taken[0].id,
            handoff_id=taken[0].handoff_id,
            thread_id=card_of(tx, taken[0]).id,
            body={"event": "lead.touched", "actor": "U0REP1", "detail": {}},
        )

    await office.database.write(say)
    office.start()
    await office.quiet()
    (line,) = office.shown(BIG, threads=True)
    (row,) = await office.rows(kind=DeliveryKind.HISTORY)
    (the_list,) = await office.rows(kind=DeliveryKind.LIST)
    assert line.thread_ts == the_list.ts
    assert row.thread_id == the_list.id
    assert "Lead00" in reads(line)


async def test_a_list_that_slack_refuses_goes_out_as_single_cards(office: Office) -> None:
    office.slack.fault(POST, FaultKind.REFUSED, error="invalid_blocks")
    taken = await listed(office, 11)
    assert [accepts(message) for message in office.shown(BIG)] == [1] * 11
    assert {await row_of(office, one) for one in taken} == {(DeliveryState.SENT, None)}


async def test_a_list_of_which_nothing_is_open_is_not_shown(office: Office) -> None:
    taken = [await office.lead(f"Lead{n:02}", "P3") for n in range(11)]
    office.slack.fault(POST, FaultKind.RATE_LIMITED, channel=BIG, seconds=3_000)
    office.start()
    await until(lambda: office.calls(POST) >= 1, "the list to be tried")
    for one in taken[:10]:
        await office.reject(one)
    await office.pass_time(seconds=3_000)
    await office.quiet()
    assert len(office.shown(BIG)) == 1
    (the_list,) = await office.rows(kind=DeliveryKind.LIST)
    assert the_list.state == DeliveryState.DROPPED
