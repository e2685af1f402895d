"""The outbox: what is written into it, and what becomes of each row. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from storage.database import Database
from storage.database.sql import Query, known
from storage.models import Delivery, DeliveryKind, DeliveryState, deliveries
from storage.outbox import claims, lanes, posts, receipts
from storage.outbox.claims import Claimed
from storage.outbox.lanes import WORKSPACE
from storage.outbox.posts import Rank
from tests.storage.outbox import FREE, LEASE, NOW, SECOND, STAMP, WAITING, Outbox

VISIBLE = timedelta(seconds=10)


def claimed(outbox: Outbox) -> Claimed:
    """The one delivery that may go now."""
    (row,) = outbox.claim(pace=FREE).rows
    return row


def updating(outbox: Outbox, *, newer: bool) -> Claimed:
    """An update under way, and if so a newer wish for the same message."""
    post = outbox.post()
    outbox.send_all()
    outbox.rewrite(post, Rank.THIRD)
    row = claimed(outbox)
    if newer:
        outbox.rewrite(post, Rank.COLOUR)
    return row


async def test_writing_wakes_whoever_listens(outbox: Outbox) -> None:
    woken = asyncio.Event()
    outbox.database.on_commit(posts.TOPIC, woken.set)
    await asyncio.to_thread(outbox.post)
    await asyncio.wait_for(woken.wait(), 20)


@pytest.mark.parametrize(
    ("position", "rank"), [(0, Rank.FIRST), (1, Rank.SECOND), (2, Rank.THIRD), (7, Rank.THIRD)]
)
def test_the_order_of_priorities_is_the_order_of_ranks(position: int, rank: Rank) -> None:
    assert Rank.of_priority(position) is rank


def test_what_was_sent_knows_where_it_stands(outbox: Outbox) -> None:
    post = outbox.post("U1")
    assert outbox.do(receipts.sent, claimed(outbox), channel="D1", ts="2.000001", now=NOW + SECOND)
    row = outbox.get(post)
    assert (row.state, row.channel, row.ts, row.sent_at) == (
        DeliveryState.SENT,
        "D1",
        "2.000001",
        NOW + SECOND,
    )


def test_an_answer_counts_only_for_the_attempt_it_answers(outbox: Outbox) -> None:
    post = outbox.post()
    first = claimed(outbox)
    outbox.now += LEASE
    outbox.do(receipts.expire_leases, now=outbox.now, visible_after=VISIBLE)
    (doubt,) = outbox.do(receipts.take_doubts, now=outbox.now + VISIBLE, lease=LEASE)
    outbox.do(receipts.again, doubt, due_at=outbox.now, error="it had not arrived")
    second = claimed(outbox)
    outbox.do(receipts.again, first, due_at=outbox.now, error="too late")
    outbox.do(receipts.park, first, now=outbox.now, error="too late")
    assert not outbox.do(receipts.sent, first, channel="C1", ts="1.000001", now=outbox.now)
    assert (outbox.get(post).state, outbox.get(post).attempts) == (DeliveryState.CLAIMED, 2)
    assert outbox.do(receipts.sent, second, channel="C1", ts="2.000002", now=outbox.now)


def test_a_late_word_that_it_arrived_is_believed_while_nothing_was_repeated(outbox: Outbox) -> None:
    post = outbox.post()
    row = claimed(outbox)
    outbox.do(receipts.in_doubt, row, due_at=NOW, error="silence")
    assert outbox.do(receipts.sent, row, channel="C1", ts="1.000001", now=NOW)
    assert outbox.get(post).state == DeliveryState.SENT


def test_a_lease_that_runs_out_leaves_a_doubt_about_a_post_and_none_about_an_update(outbox: Outbox) -> None:
    shown = outbox.post()
    outbox.send_all()
    outbox.rewrite(shown)
    post = outbox.post("C2")
    outbox.claim(pace=FREE)
    assert outbox.do(receipts.expire_leases, now=NOW + LEASE - SECOND, visible_after=VISIBLE) == 0
    assert outbox.do(receipts.expire_leases, now=NOW + LEASE, visible_after=VISIBLE, but=[post]) == 1
    assert outbox.updates(shown)[0].state == DeliveryState.PENDING
    assert outbox.do(receipts.expire_leases, now=NOW + LEASE, visible_after=VISIBLE) == 1
    row = outbox.get(post)
    assert (row.state, row.due_at) == (DeliveryState.UNKNOWN, NOW + LEASE + VISIBLE)


def test_at_the_start_of_the_only_process_every_lease_is_over(outbox: Outbox) -> None:
    outbox.post()
    outbox.claim()
    assert outbox.do(receipts.expire_leases, now=NOW, visible_after=VISIBLE, all_=True) == 1


def test_a_doubt_is_taken_by_one_and_again_after_its_lease(outbox: Outbox) -> None:
    parent = outbox.post()
    outbox.send_all()
    post = outbox.post(thread_id=parent)
    outbox.do(receipts.in_doubt, claimed(outbox), due_at=NOW + VISIBLE, error="silence")
    assert outbox.do(receipts.take_doubts, now=NOW, lease=LEASE) == []
    (row,) = outbox.do(receipts.take_doubts, now=NOW + VISIBLE, lease=LEASE)
    assert (row.id, row.thread_ts, row.thread_channel) == (post, f"1.{parent:06}", "C1")
    assert outbox.do(receipts.take_doubts, now=NOW + VISIBLE, lease=LEASE) == []
    assert len(outbox.do(receipts.take_doubts, now=NOW + VISIBLE + LEASE, lease=LEASE)) == 1


def test_whoever_is_alone_looks_at_once_for_what_a_killed_process_was_looking_for(outbox: Outbox) -> None:
    outbox.post()
    claimed(outbox)
    outbox.do(receipts.expire_leases, now=NOW, visible_after=VISIBLE, all_=True)
    outbox.do(receipts.take_doubts, now=NOW + VISIBLE, lease=timedelta(hours=1))
    outbox.do(receipts.expire_leases, now=NOW + VISIBLE, visible_after=VISIBLE, all_=True)
    assert len(outbox.do(receipts.take_doubts, now=NOW + 2 * VISIBLE, lease=LEASE)) == 1


@pytest.mark.parametrize("by", ["again", "lease"])
def test_an_update_that_must_go_again_leaves_it_to_a_newer_one(outbox: Outbox, by: str) -> None:
    row = updating(outbox, newer=True)
    if by == "again":
        outbox.do(receipts.again, row, due_at=NOW + 5 * SECOND, error="HTTP 503")
    else:
        outbox.do(receipts.expire_leases, now=NOW + LEASE, visible_after=VISIBLE)
    first, second = outbox.updates(known(row.target_id))
    assert (first.state, second.state) == (DeliveryState.DROPPED, DeliveryState.PENDING)
    assert second.rank == Rank.THIRD
    assert second.due_at == (NOW + 5 * SECOND if by == "again" else NOW + LEASE)


def test_an_update_without_a_newer_one_goes_again_itself(outbox: Outbox) -> None:
    row = updating(outbox, newer=False)
    outbox.do(receipts.again, row, due_at=NOW, error="HTTP 503")
    assert claimed(outbox).id == row.id


def test_a_shown_update_makes_an_earlier_refused_one_needless(outbox: Outbox) -> None:
    row = updating(outbox, newer=True)
    outbox.do(receipts.park, row, now=NOW, error="invalid_blocks")
    outbox.sent(claimed(outbox))
    assert [update.state for update in outbox.updates(known(row.target_id))] == [
        DeliveryState.DROPPED,
        DeliveryState.SENT,
    ]
    assert "parked" not in outbox.do(posts.backlog)


def test_refused_messages_are_tried_again_and_updates_of_one_message_as_one(outbox: Outbox) -> None:
    post = outbox.post("C2")
    outbox.do(receipts.park, claimed(outbox), now=NOW, error="msg_too_long")
    row = updating(outbox, newer=True)
    outbox.do(receipts.park, row, now=NOW, error="invalid_blocks")
    outbox.do(receipts.park, claimed(outbox), now=NOW, error="invalid_blocks")
    assert outbox.do(posts.backlog) == {"parked": 3}
    outbox.do(receipts.unpark_messages, now=NOW)
    assert outbox.do(posts.backlog) == {"pending": 2}
    assert outbox.get(post).state == DeliveryState.PENDING
    last = outbox.updates(known(row.target_id))[-1]
    assert last.state == DeliveryState.PENDING


def test_a_reminder_that_must_wait_again_joins_the_one_that_waits(outbox: Outbox) -> None:
    first = outbox.post("U1", kind="nag")
    row = claimed(outbox)
    second = outbox.post("U1", kind="nag")
    outbox.do(receipts.again, row, due_at=NOW, error="ratelimited")
    assert (outbox.get(first).state, outbox.get(second).state) == (
        DeliveryState.DROPPED,
        DeliveryState.PENDING,
    )


def test_a_message_is_posted_anew_once(outbox: Outbox) -> None:
    post = outbox.post()
    assert not outbox.do(receipts.post_anew, post, now=NOW)
    outbox.send_all()
    assert outbox.do(receipts.post_anew, post, now=NOW)
    row = outbox.get(post)
    assert (row.state, row.ts, row.channel, row.reposts) == (DeliveryState.PENDING, None, None, 1)
    outbox.send_all()
    assert not outbox.do(receipts.post_anew, post, now=NOW)


def test_a_list_that_is_refused_gives_its_cards_back_and_they_stay_alone(outbox: Outbox) -> None:
    cards = [outbox.post(kind="card", rank=Rank.THIRD) for _ in range(12)]
    (row,) = outbox.claim(limit=1, pace=FREE).rows
    assert row.kind == DeliveryKind.LIST
    outbox.do(receipts.dissolve, row, now=NOW, error="invalid_blocks")
    assert sorted(outbox.ids(pace=FREE)) == cards
    assert outbox.get(row.id).state == DeliveryState.DROPPED


def test_a_row_of_a_list_is_shown_by_its_list_until_it_has_a_card(outbox: Outbox) -> None:
    cards = [outbox.post(kind="card", rank=Rank.THIRD) for _ in range(11)]
    (row,) = outbox.claim(limit=1, pace=FREE).rows
    outbox.sent(row)
    outbox.rewrite(cards[0])
    assert len(outbox.updates(row.id)) == 1
    assert outbox.updates(cards[0]) == []
    outbox.do(posts.release_from_list, STAMP, cards[0], rank=Rank.CLICK)
    assert outbox.claim(limit=1, pace=FREE).rows[0].rank == Rank.CLICK
    outbox.send_all()
    outbox.do(lambda tx: tx.execute(deliveries.update().values(state="sent", ts="1.000001")) and None)
    outbox.rewrite(cards[0])
    assert [update.rank for update in outbox.updates(cards[0])] == [Rank.CLICK]
    assert [update.rank for update in outbox.updates(row.id)][-1] == Rank.COLOUR


def test_a_place_is_news_when_it_is_refused_first_and_counts_while_something_waits(outbox: Outbox) -> None:
    post = outbox.post()

    def park(tx: Connection) -> bool:
        return lanes.park(tx, "post:C1", now=NOW, try_at=NOW + LEASE, error="is_archived")

    assert outbox.do(park)
    assert not outbox.do(park)
    (lane,) = outbox.do(lanes.refused_and_needed)
    assert (lane.name, lane.error, lane.parked_at) == ("post:C1", "is_archived", NOW)
    outbox.do(lanes.park, WORKSPACE, now=NOW, try_at=NOW, error="token_revoked")
    assert {lane.name for lane in outbox.do(lanes.refused_and_needed)} == {"post:C1", WORKSPACE}
    outbox.do(lanes.unpark, [WORKSPACE], now=NOW)
    outbox.do(lanes.try_parked, now=NOW)
    outbox.do(receipts.drop, claimed(outbox), now=NOW, why="nothing left")
    assert outbox.do(lanes.refused_and_needed) == []
    assert outbox.get(post).state == DeliveryState.DROPPED
    assert outbox.do(lanes.unpark, ["post:C1"], now=NOW) == ["post:C1"]
    assert outbox.do(park)


def test_waiting_and_the_backlog_are_counted(outbox: Outbox) -> None:
    for place in ("C1", "C1", "C2"):
        outbox.post(place)
    assert outbox.do(posts.waiting_for, "C1") == 2
    (first, second) = outbox.claim(pace=FREE, limit=2).rows
    outbox.do(receipts.in_doubt, first, due_at=NOW, error="silence")
    assert outbox.do(posts.backlog) == {"pending": 1, "claimed": 1, "unknown": 1}
    assert second.state == DeliveryState.CLAIMED


def test_the_latest_post_of_a_kind_is_found_among_many(outbox: Outbox) -> None:
    assert outbox.do(posts.latest, DeliveryKind.UNROUTED, "U1") is None
    outbox.post("U1", kind="unrouted")
    newest = outbox.post("U1", kind="unrouted")
    outbox.post("U2", kind="unrouted")
    found = outbox.do(posts.latest, DeliveryKind.UNROUTED, "U1")
    assert found is not None
    assert found.id == newest


async def test_two_wishes_and_a_failure_at_once_leave_one_wish(postgres_url: str) -> None:
    database = Database.open(postgres_url)

    def show(tx: Connection) -> Delivery:
        tx.execute(deliveries.update().values(state="sent"))
        row = {**WAITING, "kind": "card", "lane": "post:C1", "place": "C1", "rank": 10}
        shown = {**row, "state": "sent", "ts": "1.000001"}
        return Query(Delivery, insert(deliveries).returning(deliveries)).the(tx, shown)

    def pending_update(tx: Connection, target: Delivery) -> None:
        posts.rewrite(tx, STAMP, target, rank=Rank.CLICK)

    def wishes(tx: Connection, target: Delivery) -> int:
        pending = deliveries.c.state == DeliveryState.PENDING
        return len(tx.execute(select(deliveries).where(deliveries.c.target_id == target.id, pending)).all())

    for _ in range(5):
        target = await database.write(show)
        await database.write(pending_update, target)
        claim = await database.write(claims.claim, now=NOW, limit=16, lease=LEASE, pace=FREE)
        failed = database.write(receipts.again, claim.rows[0], due_at=NOW, error="HTTP 503")
        wished = [database.write(pending_update, target) for _ in range(3)]
        await asyncio.gather(wished[0], failed, *wished[1:])
        assert await database.write(wishes, target) == 1
    database.close()
