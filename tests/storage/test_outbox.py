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
from tests.storage.boxes import FREE, LEASE, NOW, SECOND, STAMP, WAITING, Box

VISIBLE = timedelta(seconds=10)


def claimed(box: Box) -> Claimed:
    """The one delivery that may go now."""
    (row,) = box.claim(pace=FREE).rows
    return row


def updating(box: Box, *, newer: bool) -> Claimed:
    """An update under way, and if so a newer wish for the same message."""
    post = box.post()
    box.send_all()
    box.rewrite(post, Rank.THIRD)
    row = claimed(box)
    if newer:
        box.rewrite(post, Rank.COLOUR)
    return row


async def test_writing_wakes_whoever_listens(box: Box) -> None:
    woken = asyncio.Event()
    box.database.on_commit(posts.TOPIC, woken.set)
    await asyncio.to_thread(box.post)
    await asyncio.wait_for(woken.wait(), 20)


@pytest.mark.parametrize(
    ("position", "rank"), [(0, Rank.FIRST), (1, Rank.SECOND), (2, Rank.THIRD), (7, Rank.THIRD)]
)
def test_the_order_of_priorities_is_the_order_of_ranks(position: int, rank: Rank) -> None:
    assert Rank.of_priority(position) is rank


def test_what_was_sent_knows_where_it_stands(box: Box) -> None:
    post = box.post("U1")
    assert box.do(receipts.sent, claimed(box), channel="D1", ts="2.000001", now=NOW + SECOND)
    row = box.get(post)
    assert (row.state, row.channel, row.ts, row.sent_at) == (
        DeliveryState.SENT,
        "D1",
        "2.000001",
        NOW + SECOND,
    )


def test_an_answer_counts_only_for_the_attempt_it_answers(box: Box) -> None:
    post = box.post()
    first = claimed(box)
    box.now += LEASE
    box.do(receipts.expire_leases, now=box.now, visible_after=VISIBLE)
    (doubt,) = box.do(receipts.take_doubts, now=box.now + VISIBLE, lease=LEASE)
    box.do(receipts.again, doubt, due_at=box.now, error="it had not arrived")
    second = claimed(box)
    box.do(receipts.again, first, due_at=box.now, error="too late")
    box.do(receipts.park, first, now=box.now, error="too late")
    assert not box.do(receipts.sent, first, channel="C1", ts="1.000001", now=box.now)
    assert (box.get(post).state, box.get(post).attempts) == (DeliveryState.CLAIMED, 2)
    assert box.do(receipts.sent, second, channel="C1", ts="2.000002", now=box.now)


def test_a_late_word_that_it_arrived_is_believed_while_nothing_was_repeated(box: Box) -> None:
    post = box.post()
    row = claimed(box)
    box.do(receipts.in_doubt, row, due_at=NOW, error="silence")
    assert box.do(receipts.sent, row, channel="C1", ts="1.000001", now=NOW)
    assert box.get(post).state == DeliveryState.SENT


def test_a_lease_that_runs_out_leaves_a_doubt_about_a_post_and_none_about_an_update(box: Box) -> None:
    shown = box.post()
    box.send_all()
    box.rewrite(shown)
    post = box.post("C2")
    box.claim(pace=FREE)
    assert box.do(receipts.expire_leases, now=NOW + LEASE - SECOND, visible_after=VISIBLE) == 0
    assert box.do(receipts.expire_leases, now=NOW + LEASE, visible_after=VISIBLE, but=[post]) == 1
    assert box.updates(shown)[0].state == DeliveryState.PENDING
    assert box.do(receipts.expire_leases, now=NOW + LEASE, visible_after=VISIBLE) == 1
    row = box.get(post)
    assert (row.state, row.due_at) == (DeliveryState.UNKNOWN, NOW + LEASE + VISIBLE)


def test_at_the_start_of_the_only_process_every_lease_is_over(box: Box) -> None:
    box.post()
    box.claim()
    assert box.do(receipts.expire_leases, now=NOW, visible_after=VISIBLE, all_=True) == 1


def test_a_doubt_is_taken_by_one_and_again_after_its_lease(box: Box) -> None:
    parent = box.post()
    box.send_all()
    post = box.post(thread_id=parent)
    box.do(receipts.in_doubt, claimed(box), due_at=NOW + VISIBLE, error="silence")
    assert box.do(receipts.take_doubts, now=NOW, lease=LEASE) == []
    (row,) = box.do(receipts.take_doubts, now=NOW + VISIBLE, lease=LEASE)
    assert (row.id, row.thread_ts, row.thread_channel) == (post, f"1.{parent:06}", "C1")
    assert box.do(receipts.take_doubts, now=NOW + VISIBLE, lease=LEASE) == []
    assert len(box.do(receipts.take_doubts, now=NOW + VISIBLE + LEASE, lease=LEASE)) == 1


def test_whoever_is_alone_looks_at_once_for_what_a_killed_process_was_looking_for(box: Box) -> None:
    box.post()
    claimed(box)
    box.do(receipts.expire_leases, now=NOW, visible_after=VISIBLE, all_=True)
    box.do(receipts.take_doubts, now=NOW + VISIBLE, lease=timedelta(hours=1))
    box.do(receipts.expire_leases, now=NOW + VISIBLE, visible_after=VISIBLE, all_=True)
    assert len(box.do(receipts.take_doubts, now=NOW + 2 * VISIBLE, lease=LEASE)) == 1


@pytest.mark.parametrize("by", ["again", "lease"])
def test_an_update_that_must_go_again_leaves_it_to_a_newer_one(box: Box, by: str) -> None:
    row = updating(box, newer=True)
    if by == "again":
        box.do(receipts.again, row, due_at=NOW + 5 * SECOND, error="HTTP 503")
    else:
        box.do(receipts.expire_leases, now=NOW + LEASE, visible_after=VISIBLE)
    first, second = box.updates(known(row.target_id))
    assert (first.state, second.state) == (DeliveryState.DROPPED, DeliveryState.PENDING)
    assert second.rank == Rank.THIRD
    assert second.due_at == (NOW + 5 * SECOND if by == "again" else NOW + LEASE)


def test_an_update_without_a_newer_one_goes_again_itself(box: Box) -> None:
    row = updating(box, newer=False)
    box.do(receipts.again, row, due_at=NOW, error="HTTP 503")
    assert claimed(box).id == row.id


def test_a_shown_update_makes_an_earlier_refused_one_needless(box: Box) -> None:
    row = updating(box, newer=True)
    box.do(receipts.park, row, now=NOW, error="invalid_blocks")
    box.sent(claimed(box))
    assert [update.state for update in box.updates(known(row.target_id))] == [
        DeliveryState.DROPPED,
        DeliveryState.SENT,
    ]
    assert "parked" not in box.do(posts.backlog)


def test_refused_messages_are_tried_again_and_updates_of_one_message_as_one(box: Box) -> None:
    post = box.post("C2")
    box.do(receipts.park, claimed(box), now=NOW, error="msg_too_long")
    row = updating(box, newer=True)
    box.do(receipts.park, row, now=NOW, error="invalid_blocks")
    box.do(receipts.park, claimed(box), now=NOW, error="invalid_blocks")
    assert box.do(posts.backlog) == {"parked": 3}
    box.do(receipts.unpark_messages, now=NOW)
    assert box.do(posts.backlog) == {"pending": 2}
    assert box.get(post).state == DeliveryState.PENDING
    last = box.updates(known(row.target_id))[-1]
    assert last.state == DeliveryState.PENDING


def test_a_reminder_that_must_wait_again_joins_the_one_that_waits(box: Box) -> None:
    first = box.post("U1", kind="nag")
    row = claimed(box)
    second = box.post("U1", kind="nag")
    box.do(receipts.again, row, due_at=NOW, error="ratelimited")
    assert (box.get(first).state, box.get(second).state) == (DeliveryState.DROPPED, DeliveryState.PENDING)


def test_a_message_is_posted_anew_once(box: Box) -> None:
    post = box.post()
    assert not box.do(receipts.post_anew, post, now=NOW)
    box.send_all()
    assert box.do(receipts.post_anew, post, now=NOW)
    row = box.get(post)
    assert (row.state, row.ts, row.channel, row.reposts) == (DeliveryState.PENDING, None, None, 1)
    box.send_all()
    assert not box.do(receipts.post_anew, post, now=NOW)


def test_a_list_that_is_refused_gives_its_cards_back_and_they_stay_alone(box: Box) -> None:
    cards = [box.post(kind="card", rank=Rank.THIRD) for _ in range(12)]
    (row,) = box.claim(limit=1, pace=FREE).rows
    assert row.kind == DeliveryKind.LIST
    box.do(receipts.dissolve, row, now=NOW, error="invalid_blocks")
    assert sorted(box.ids(pace=FREE)) == cards
    assert box.get(row.id).state == DeliveryState.DROPPED


def test_a_row_of_a_list_is_shown_by_its_list_until_it_has_a_card(box: Box) -> None:
    cards = [box.post(kind="card", rank=Rank.THIRD) for _ in range(11)]
    (row,) = box.claim(limit=1, pace=FREE).rows
    box.sent(row)
    box.rewrite(cards[0])
    assert len(box.updates(row.id)) == 1
    assert box.updates(cards[0]) == []
    box.do(posts.release_from_list, STAMP, cards[0], rank=Rank.CLICK)
    assert box.claim(limit=1, pace=FREE).rows[0].rank == Rank.CLICK
    box.send_all()
    box.do(lambda tx: tx.execute(deliveries.update().values(state="sent", ts="1.000001")) and None)
    box.rewrite(cards[0])
    assert [update.rank for update in box.updates(cards[0])] == [Rank.CLICK]
    assert [update.rank for update in box.updates(row.id)][-1] == Rank.COLOUR


def test_a_place_is_news_when_it_is_refused_first_and_counts_while_something_waits(box: Box) -> None:
    post = box.post()

    def park(tx: Connection) -> bool:
        return lanes.park(tx, "post:C1", now=NOW, try_at=NOW + LEASE, error="is_archived")

    assert box.do(park)
    assert not box.do(park)
    (lane,) = box.do(lanes.refused_and_needed)
    assert (lane.name, lane.error, lane.parked_at) == ("post:C1", "is_archived", NOW)
    box.do(lanes.park, WORKSPACE, now=NOW, try_at=NOW, error="token_revoked")
    assert {lane.name for lane in box.do(lanes.refused_and_needed)} == {"post:C1", WORKSPACE}
    box.do(lanes.unpark, [WORKSPACE], now=NOW)
    box.do(lanes.try_parked, now=NOW)
    box.do(receipts.drop, claimed(box), now=NOW, why="nothing left")
    assert box.do(lanes.refused_and_needed) == []
    assert box.get(post).state == DeliveryState.DROPPED
    assert box.do(lanes.unpark, ["post:C1"], now=NOW) == ["post:C1"]
    assert box.do(park)


def test_waiting_and_the_backlog_are_counted(box: Box) -> None:
    for place in ("C1", "C1", "C2"):
        box.post(place)
    assert box.do(posts.waiting_for, "C1") == 2
    (first, second) = box.claim(pace=FREE, limit=2).rows
    box.do(receipts.in_doubt, first, due_at=NOW, error="silence")
    assert box.do(posts.backlog) == {"pending": 1, "claimed": 1, "unknown": 1}
    assert second.state == DeliveryState.CLAIMED


def test_the_latest_post_of_a_kind_is_found_among_many(box: Box) -> None:
    assert box.do(posts.latest, DeliveryKind.UNROUTED, "U1") is None
    box.post("U1", kind="unrouted")
    newest = box.post("U1", kind="unrouted")
    box.post("U2", kind="unrouted")
    found = box.do(posts.latest, DeliveryKind.UNROUTED, "U1")
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
