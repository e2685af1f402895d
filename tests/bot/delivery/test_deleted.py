"""Somebody deletes what Baton wrote: an open card comes back, once; what is decided stays away."""

from __future__ import annotations

from bot.sandbox import Message
from bot.sandbox.scenario.sentences import reads
from storage.models import DeliveryKind, DeliveryState
from tests.bot.delivery.office import BIG, Office


async def delete(office: Office, message: Message) -> None:
    await office.slack.people.delete("U0ADMIN", message)


async def test_an_open_card_comes_back_once_and_with_its_thread(each_office: Office) -> None:
    office = each_office
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    await delete(office, office.shown(BIG)[0])
    await office.accept(taken)
    await office.quiet()
    (card,) = office.shown(BIG)
    assert "Accepted" in reads(card)
    await office.refresh(taken)
    await office.quiet()
    await delete(office, card)
    await office.refresh(taken)
    await office.refresh(taken)
    await office.quiet()
    assert office.shown(BIG) == []
    assert not {row.state for row in await office.rows()} & {DeliveryState.PARKED, DeliveryState.PENDING}


async def test_a_rejected_lead_is_not_shown_again(office: Office) -> None:
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    await delete(office, office.shown(BIG)[0])
    await office.reject(taken)
    await office.quiet()
    assert office.shown(BIG) == []
    (card,) = await office.rows(kind=DeliveryKind.CARD, op="post")
    assert card.state == DeliveryState.DROPPED


async def test_a_list_with_an_open_lead_comes_back_and_one_without_does_not(office: Office) -> None:
    taken = [await office.lead(f"Lead{n:02}", "P3") for n in range(11)]
    office.start()
    await office.quiet()
    await delete(office, office.shown(BIG)[0])
    await office.reject(taken[0])
    await office.quiet()
    single, again = office.shown(BIG)
    assert "Lead10" in reads(single)
    assert str(again.blocks).count("lead_accept") == 9
    for one in taken[1:10]:
        await office.reject(one)
    await delete(office, again)
    await office.refresh(taken[1])
    await office.quiet()
    assert office.shown(BIG) == [single]


async def test_a_clock_that_ran_since_the_first_card_is_not_started_anew_by_the_second(
    office: Office,
) -> None:
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    before = await office.accept_clock(taken)
    await delete(office, office.shown(BIG)[0])
    await office.pass_time(minutes=3)
    await office.refresh(taken)
    await office.quiet()
    assert len(office.shown(BIG)) == 1
    assert await office.accept_clock(taken) == before
