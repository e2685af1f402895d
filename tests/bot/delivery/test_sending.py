"""What is due reaches Slack: once, at Slack's pace, the most urgent first, as things stand when it goes."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.scenario.sentences import reads
from storage.database import Database
from storage.models import DeliveryState
from storage.outbox.claims import Pace
from storage.outbox.posts import Rank
from tests.bot.delivery.office import BIG, SMALL, UNLIMITED, Office, office_for, pile_up


async def test_a_lead_becomes_one_card_with_the_metadata_to_find_it_by(each_office: Office) -> None:
    office = each_office
    taken = await office.lead("Jane", "P1")
    office.start()
    await office.quiet()
    (card,) = office.shown(BIG)
    (row,) = await office.rows()
    assert "Jane" in reads(card)
    assert card.metadata == {
        "event_type": "baton",
        "event_payload": {"delivery": row.id, "lead": taken.id},
    }
    assert (row.state, row.channel, row.ts, row.attempts) == (DeliveryState.SENT, BIG, card.ts, 1)


async def test_a_channel_hears_one_message_a_second_and_channels_do_not_wait_for_each_other(
    office: Office,
) -> None:
    for n in range(8):
        await office.lead(f"Big{n}", "P1")
        await office.lead(f"Small{n}", "P1", employees=20)
    office.start()
    await office.quiet()
    for channel in (BIG, SMALL):
        moments = [message.at for message in office.shown(channel)]
        assert len(moments) == 8
        assert moments[-1] - moments[0] >= timedelta(seconds=6)


async def test_the_urgent_go_first_whenever_they_came(office: Office) -> None:
    for n, priority in enumerate(["P3", "P2", "P3", "P1", "P2", "P1"]):
        await office.lead(f"{priority}n{n}", priority)
    office.start()
    await office.quiet()
    shown = [reads(message) for message in office.shown(BIG)]
    order = [next(p for p in ("P1", "P2", "P3") if f"{p}n" in text) for text in shown]
    assert order == ["P1", "P1", "P2", "P2", "P3", "P3"]


async def test_a_hot_lead_overtakes_ten_thousand_that_wait(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with office_for(database, speed=1.0) as office:
        await database.write(pile_up, office.book, office.clock.wire(), 10_000)
        office.start()
        await office.message(BIG, "10 leads")
        hot = await office.lead("Hot", "P1")
        asked_at = office.clock.wire()
        card = await office.message(BIG, "Hot")
        assert card.at - asked_at < timedelta(seconds=2)
        assert hot.handoff_id
    database.close()


async def test_several_wishes_for_one_card_become_one_update(each_office: Office) -> None:
    office = each_office
    taken = await office.lead("Jane", "P1")
    sender = office.start()
    await office.quiet()
    await sender.stop(timedelta(seconds=5))
    for _ in range(5):
        await office.refresh(taken)
    await office.accept(taken)
    office.start()
    await office.quiet()
    assert office.calls("chat.update") == 1
    (card,) = office.shown(BIG)
    assert "Accepted" in reads(card)


async def test_what_a_click_caused_goes_before_mere_colour(office: Office) -> None:
    leads = [await office.lead(f"Lead{n}", "P1") for n in range(4)]
    office.slack.limits.enabled = False
    office.start(UNLIMITED)
    await office.quiet()
    await office.stop()
    for taken in leads[:3]:
        await office.refresh(taken, rank=Rank.COLOUR)
    await office.refresh(leads[3], rank=Rank.CLICK)
    office.start(UNLIMITED | {"update:*": Pace(timedelta(seconds=1))})
    await office.quiet()
    edited = sorted(office.shown(BIG), key=lambda message: message.edited_ts)
    assert "Lead3" in reads(edited[0])


async def test_a_line_in_a_thread_waits_for_the_card_it_hangs_on(each_office: Office) -> None:
    office = each_office
    taken = await office.lead("Jane", "P3")
    await office.accept(taken)
    office.start()
    await office.quiet()
    (card,) = office.shown(BIG)
    (line,) = office.shown(BIG, threads=True)
    assert line.thread_ts == card.ts
    assert "Accepted by" in reads(line)
    assert office.calls("chat.update") == 0


async def test_a_card_says_what_is_true_when_it_goes(office: Office) -> None:
    await office.lead("Jane", "P1", title="Clerk")
    await office.lead("Jane", "P1", title="Chief of everything")
    office.start()
    await office.quiet()
    (card,) = office.shown(BIG)
    assert "Chief of everything" in reads(card)
    assert "Clerk" not in reads(card)


async def test_a_lead_that_was_rejected_before_its_card_went_out_is_not_shown(each_office: Office) -> None:
    office = each_office
    taken = await office.lead("Jane", "P1")
    await office.reject(taken)
    office.start()
    await office.quiet()
    assert office.shown(BIG) == []
    assert office.shown(BIG, threads=True) == []
    assert [row.state for row in await office.rows(place=BIG)] == [DeliveryState.DROPPED] * 2
    (told,) = office.shown("C0MKTG")
    assert "Jane" in reads(told)
