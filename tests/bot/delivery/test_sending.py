"""What is due reaches Slack: once, at Slack's pace, the most urgent first, as things stand when it goes."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.scenario.sentences import reads
from storage import installation
from storage.database import Database
from storage.models import DeliveryState
from storage.outbox.gates import Pace
from storage.outbox.posts import Rank
from tests.bot.delivery.sending import BIG, SMALL, UNLIMITED, Sending, pile_up, sending_from


async def test_a_lead_becomes_one_card_with_the_metadata_to_find_it_by(each_sending: Sending) -> None:
    sending = each_sending
    taken = await sending.lead("Jane", "P1")
    sending.start()
    await sending.quiet()
    (card,) = sending.shown(BIG)
    (row,) = await sending.rows()
    assert "Jane" in reads(card)
    assert card.metadata == {
        "event_type": "baton",
        "event_payload": {
            "delivery": row.id,
            "lead": taken.id,
            "installation": await sending.database.read(installation.own_id),
        },
    }
    assert (row.state, row.channel, row.ts, row.attempts) == (DeliveryState.SENT, BIG, card.ts, 1)


async def test_a_channel_hears_one_message_a_second_and_channels_do_not_wait_for_each_other(
    sending: Sending,
) -> None:
    for n in range(8):
        await sending.lead(f"Big{n}", "P1")
        await sending.lead(f"Small{n}", "P1", employees=20)
    sending.start()
    await sending.quiet()
    for channel in (BIG, SMALL):
        moments = [message.at for message in sending.shown(channel)]
        assert len(moments) == 8
        assert moments[-1] - moments[0] >= timedelta(seconds=6)


async def test_the_urgent_go_first_whenever_they_came(sending: Sending) -> None:
    for n, priority in enumerate(["P3", "P2", "P3", "P1", "P2", "P1"]):
        await sending.lead(f"{priority}n{n}", priority)
    sending.start()
    await sending.quiet()
    shown = [reads(message) for message in sending.shown(BIG)]
    order = [next(p for p in ("P1", "P2", "P3") if f"{p}n" in text) for text in shown]
    assert order == ["P1", "P1", "P2", "P2", "P3", "P3"]


async def test_a_hot_lead_overtakes_ten_thousand_that_wait(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with sending_from(database, speed=1.0) as sending:
        await database.write(pile_up, sending.book, sending.clock.wire(), 10_000)
        sending.start()
        await sending.message(BIG, "10 leads")
        hot = await sending.lead("Hot", "P1")
        asked_at = sending.clock.wire()
        card = await sending.message(BIG, "Hot")
        assert card.at - asked_at < timedelta(seconds=2)
        assert hot.handoff_id
    database.close()


async def test_several_wishes_for_one_card_become_one_update(each_sending: Sending) -> None:
    sending = each_sending
    taken = await sending.lead("Jane", "P1")
    sender = sending.start()
    await sending.quiet()
    await sender.stop(timedelta(seconds=5))
    for _ in range(5):
        await sending.refresh(taken)
    await sending.accept(taken)
    sending.start()
    await sending.quiet()
    assert sending.calls("chat.update") == 1
    (card,) = sending.shown(BIG)
    assert "Accepted" in reads(card)


async def test_what_a_click_caused_goes_before_mere_colour(sending: Sending) -> None:
    leads = [await sending.lead(f"Lead{n}", "P1") for n in range(4)]
    sending.slack.limits.enabled = False
    sending.start(UNLIMITED)
    await sending.quiet()
    await sending.stop()
    for taken in leads[:3]:
        await sending.refresh(taken, rank=Rank.COLOUR)
    await sending.refresh(leads[3], rank=Rank.CLICK)
    sending.start(UNLIMITED | {"update:*": Pace(timedelta(seconds=1))})
    await sending.quiet()
    edited = sorted(sending.shown(BIG), key=lambda message: message.edited_ts)
    assert "Lead3" in reads(edited[0])


async def test_a_line_in_a_thread_waits_for_the_card_it_hangs_on(each_sending: Sending) -> None:
    sending = each_sending
    taken = await sending.lead("Jane", "P3")
    await sending.accept(taken)
    sending.start()
    await sending.quiet()
    (card,) = sending.shown(BIG)
    (line,) = sending.shown(BIG, threads=True)
    assert line.thread_ts == card.ts
    assert "Accepted by" in reads(line)
    assert sending.calls("chat.update") == 0


async def test_a_card_says_what_is_true_when_it_goes(sending: Sending) -> None:
    await sending.lead("Jane", "P1", title="Clerk")
    await sending.lead("Jane", "P1", title="Chief of everything")
    sending.start()
    await sending.quiet()
    (card,) = sending.shown(BIG)
    assert "Chief of everything" in reads(card)
    assert "Clerk" not in reads(card)


async def test_a_lead_that_was_rejected_before_its_card_went_out_is_not_shown(each_sending: Sending) -> None:
    sending = each_sending
    taken = await sending.lead("Jane", "P1")
    await sending.reject(taken)
    sending.start()
    await sending.quiet()
    assert sending.shown(BIG) == []
    assert sending.shown(BIG, threads=True) == []
    assert [row.state for row in await sending.rows(place=BIG)] == [DeliveryState.DROPPED] * 2
    (told,) = sending.shown("C0MKTG")
    assert "Jane" in reads(told)
