"""Somebody deletes what Baton wrote: an open card comes back, once; what is decided stays away."""

from __future__ import annotations

from bot.sandbox import Message
from bot.sandbox.scenario.sentences import reads
from storage.models import DeliveryKind, DeliveryState
from tests.bot.delivery.sending import BIG, Sending


async def delete(sending: Sending, message: Message) -> None:
    await sending.slack.people.delete("U0ADMIN", message)


async def test_an_open_card_comes_back_once_and_with_its_thread(each_sending: Sending) -> None:
    sending = each_sending
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    await delete(sending, sending.shown(BIG)[0])
    await sending.accept(taken)
    await sending.quiet()
    (card,) = sending.shown(BIG)
    assert "Accepted" in reads(card)
    await sending.refresh(taken)
    await sending.quiet()
    await delete(sending, card)
    await sending.refresh(taken)
    await sending.refresh(taken)
    await sending.quiet()
    assert sending.shown(BIG) == []
    assert not {row.state for row in await sending.rows()} & {DeliveryState.PARKED, DeliveryState.PENDING}


async def test_a_rejected_lead_is_not_shown_again(sending: Sending) -> None:
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    await delete(sending, sending.shown(BIG)[0])
    await sending.reject(taken)
    await sending.quiet()
    assert sending.shown(BIG) == []
    (card,) = await sending.rows(kind=DeliveryKind.CARD, op="post")
    assert card.state == DeliveryState.DROPPED


async def test_a_list_with_an_open_lead_comes_back_and_one_without_does_not(sending: Sending) -> None:
    taken = [await sending.lead(f"Lead{n:02}", "P3") for n in range(11)]
    sending.start()
    await sending.quiet()
    await delete(sending, sending.shown(BIG)[0])
    await sending.reject(taken[0])
    await sending.quiet()
    single, again = sending.shown(BIG)
    assert "Lead10" in reads(single)
    assert str(again.blocks).count("lead_accept") == 9
    for one in taken[1:10]:
        await sending.reject(one)
    await delete(sending, again)
    await sending.refresh(taken[1])
    await sending.quiet()
    assert sending.shown(BIG) == [single]


async def test_a_clock_that_ran_since_the_first_card_is_not_started_anew_by_the_second(
    sending: Sending,
) -> None:
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    before = await sending.accept_clock(taken)
    await delete(sending, sending.shown(BIG)[0])
    await sending.pass_time(minutes=3)
    await sending.refresh(taken)
    await sending.quiet()
    assert len(sending.shown(BIG)) == 1
    assert await sending.accept_clock(taken) == before
