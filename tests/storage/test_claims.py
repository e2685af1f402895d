"""Claims: what may go now, in which order, how fast, and never to two at once. On both databases."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, update

from storage.database import Database
from storage.database.sql import Query
from storage.models import Delivery, DeliveryKind, DeliveryState, deliveries
from storage.outbox import claims, lanes, posts, receipts
from storage.outbox.claims import Claims
from storage.outbox.lanes import WORKSPACE
from storage.outbox.posts import Rank
from tests.storage.boxes import FREE, LEASE, NOW, PACE, SECOND, STAMP, WAITING, Box


def test_an_empty_outbox_gives_nothing_and_knows_of_no_next(box: Box) -> None:
    assert box.claim() == Claims()


def test_a_claim_is_a_lease_that_counts_its_attempt(box: Box) -> None:
    post = box.post()
    (row,) = box.claim().rows
    assert (row.id, row.state, row.attempts) == (post, DeliveryState.CLAIMED, 1)
    assert (row.claimed_at, row.due_at) == (NOW, NOW + LEASE)
    assert box.ids() == []


def test_a_lane_gives_one_a_second_and_says_when_the_next_may_go(box: Box) -> None:
    first, second, other = box.post(), box.post(), box.post("C2")
    assert sorted(box.ids()) == [first, other]
    assert box.claim().next_at == NOW + SECOND
    box.now += SECOND / 2
    assert box.ids() == []
    box.now += SECOND / 2
    assert box.ids() == [second]


def test_in_a_lane_the_urgent_go_first_and_equals_in_the_order_they_came(box: Box) -> None:
    ranks = [Rank.COLOUR, Rank.THIRD, Rank.FIRST, Rank.CLICK, Rank.FIRST, Rank.SECOND, Rank.REPORT]
    posts = [box.post(rank=rank) for rank in ranks]
    got: list[int] = []
    for _ in posts:
        (row,) = box.claim().rows
        box.sent(row)
        got.append(row.id)
        box.now += SECOND
    assert got == [posts[n] for n in (3, 2, 4, 5, 1, 6, 0)]


def test_the_limit_goes_to_the_most_urgent_of_all_lanes(box: Box) -> None:
    ranks = [30, 10, 20, 0, 50, 10]
    posts = [box.post(f"C{n}", rank=rank) for n, rank in enumerate(ranks)]
    assert box.ids(limit=3) == [posts[n] for n in (3, 1, 5)]


def carried(tx: Connection, step: timedelta, steps: int) -> list[datetime]:
    """When each delivery went, if claims are made this often and everything arrives at once."""
    went: list[datetime] = []
    for n in range(steps):
        now = NOW + n * step
        rows = claims.claim(tx, now=now, limit=100, lease=LEASE, pace=PACE).rows
        went += [now] * len(rows)
        gone = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        tx.execute(gone.values(state="sent", ts="1.000001"))
    return went


def most_in_a_minute(went: list[datetime]) -> int:
    return max(sum(at <= other < at + timedelta(minutes=1) for other in went) for at in set(went))


def test_all_channels_together_keep_below_three_hundred_posts_a_minute(box: Box) -> None:
    row = {**WAITING, "kind": "history", "rank": 10}
    places = [f"C{n % 20:02}" for n in range(500)]
    rows = [{**row, "lane": f"post:{place}", "place": place} for place in places]
    box.do(lambda tx: tx.execute(insert(deliveries), rows) and None)
    assert 250 <= most_in_a_minute(box.do(carried, SECOND / 2, 150)) <= 300


def test_updates_of_all_channels_together_keep_below_fifty_a_minute(box: Box) -> None:
    def pending_update(tx: Connection) -> None:
        for n in range(90):
            place = f"C{n % 7}"
            shown = {**WAITING, "state": "sent", "ts": "1.000001", "kind": "history", "rank": 10}
            shown |= {"lane": f"post:{place}", "place": place}
            target = Query(Delivery, insert(deliveries).returning(deliveries)).the(tx, shown)
            posts.rewrite(tx, STAMP, target, rank=Rank.CLICK)

    box.do(pending_update)
    went = box.do(carried, SECOND, 150)
    assert len(went) == 90
    assert went.count(NOW) == 15
    assert most_in_a_minute(went) <= 50


def test_what_is_not_due_yet_is_passed_over(box: Box) -> None:
    box.post(rank=Rank.CLICK, due_at=NOW + 10 * SECOND)
    ready = box.post(rank=Rank.THIRD)
    assert box.ids() == [ready]


def test_a_reply_waits_for_its_parent_and_then_knows_its_thread(box: Box) -> None:
    parent = box.post(rank=Rank.THIRD)
    reply = box.post(rank=Rank.CLICK, thread_id=parent)
    (row,) = box.claim().rows
    assert row.id == parent
    box.now += SECOND
    assert box.ids() == []
    box.sent(row)
    (row,) = box.claim().rows
    assert (row.id, row.thread_ts, row.thread_channel) == (reply, f"1.{parent:06}", "C1")


def test_what_belongs_to_something_dropped_is_handed_out_to_be_dropped_too(box: Box) -> None:
    parent = box.post()
    (row,) = box.claim().rows
    reply = box.post(thread_id=parent)
    box.rewrite(parent)
    box.do(receipts.drop, row, now=NOW, why="nothing left")
    box.now += SECOND
    rows = {found.id: found for found in box.claim().rows}
    assert rows[reply].thread_ts is None
    (rewrite,) = box.updates(parent)
    assert rows[rewrite.id].target_ts is None


def test_wishes_for_the_same_message_become_one_as_urgent_as_the_most_urgent(box: Box) -> None:
    post = box.post()
    box.send_all()
    for rank in (Rank.COLOUR, Rank.CLICK, Rank.THIRD):
        box.rewrite(post, rank)
    (rewrite,) = box.updates(post)
    assert rewrite.rank == Rank.CLICK


def test_what_has_not_gone_out_needs_no_rewrite_and_what_is_on_its_way_does(box: Box) -> None:
    post = box.post()
    box.rewrite(post)
    assert box.updates(post) == []
    box.claim()
    box.rewrite(post)
    assert len(box.updates(post)) == 1


def test_an_update_waits_until_the_one_under_way_is_answered(box: Box) -> None:
    post = box.post()
    box.send_all()
    box.rewrite(post)
    (first,) = box.claim().rows
    box.rewrite(post)
    assert box.ids() == []
    box.sent(first)
    (second,) = box.claim().rows
    assert second.id > first.id
    assert second.target_id == post


def test_nothing_less_urgent_passes_what_is_unanswered_or_in_doubt(box: Box) -> None:
    box.post(rank=Rank.SECOND)
    (doubtful,) = box.claim(pace=FREE).rows
    equal, urgent, later = box.post(rank=Rank.SECOND), box.post(rank=Rank.FIRST), box.post(rank=Rank.THIRD)
    elsewhere = box.post("C2", rank=Rank.THIRD)
    assert sorted(box.ids(pace=FREE)) == [equal, urgent, elsewhere]
    for row in (box.get(equal), box.get(urgent)):
        box.sent(row)
    box.do(receipts.in_doubt, doubtful, due_at=NOW, error="HTTP 503")
    assert box.ids(pace=FREE) == []
    box.sent(box.get(doubtful.id))
    assert box.ids(pace=FREE) == [later]


def test_a_line_of_history_in_doubt_holds_nobody_up(box: Box) -> None:
    box.post(rank=Rank.CLICK)
    box.claim(pace=FREE)
    card = box.post(rank=Rank.FIRST)
    assert box.ids(pace=FREE) == [card]


def test_a_post_that_fails_for_ever_holds_the_others_up_for_a_while_only(box: Box) -> None:
    bad = box.post(rank=Rank.FIRST)
    other = box.post(rank=Rank.THIRD)
    assert box.ids(limit=1, pace=FREE) == [bad]
    worn = update(deliveries).where(deliveries.c.id == bad).values(attempts=claims.HELD_BACK_FOR + 1)
    box.do(lambda tx: tx.execute(worn) and None)
    assert box.ids(pace=FREE) == [other]


def test_a_refused_place_gets_one_try_at_a_time(box: Box) -> None:
    posts = [box.post() for _ in range(3)]
    (row,) = box.claim().rows
    box.do(receipts.again, row, due_at=NOW, error="is_archived")
    assert box.do(lanes.park, "post:C1", now=NOW, try_at=NOW + LEASE, error="is_archived")
    box.now += LEASE - SECOND
    assert box.ids() == []
    box.now += SECOND
    claimed = box.claim(pace=FREE)
    assert [row.id for row in claimed.rows] == posts[:1]
    assert claimed.probes == {"post:C1"}
    assert box.ids(pace=FREE) == []
    assert box.do(lanes.unpark, claimed.probes, now=box.now) == ["post:C1"]
    assert box.ids(pace=FREE) == posts[1:]


def test_a_refused_token_lets_one_of_all_try(box: Box) -> None:
    posts = [box.post(f"C{n}", rank=30 - n) for n in range(3)]
    assert box.do(lanes.park, WORKSPACE, now=NOW, try_at=NOW + LEASE, error="token_revoked")
    assert box.claim() == Claims(next_at=NOW + LEASE)
    box.now += LEASE
    claimed = box.claim()
    assert [row.id for row in claimed.rows] == [posts[2]]
    assert claimed.probes == {WORKSPACE}
    assert box.ids() == []


def test_a_longer_wait_is_not_cut_short_by_a_shorter_one(box: Box) -> None:
    box.post()
    box.do(lanes.throttle, "post:C1", until=NOW + 60 * SECOND)
    box.do(lanes.throttle, "post:C1", until=NOW + SECOND)
    box.now += 59 * SECOND
    assert box.ids() == []
    box.now += SECOND
    assert len(box.ids()) == 1


def test_a_list_takes_ten_cards_and_leaves_the_rest(box: Box) -> None:
    cards = [box.post(kind="card", rank=Rank.THIRD) for _ in range(12)]
    (row,) = box.claim().rows
    assert (row.kind, row.rank, row.attempts) == (DeliveryKind.LIST, Rank.THIRD - 1, 1)
    members = [member.id for member in box.do(posts.members, row.id)]
    assert members == cards[:10]
    assert {box.get(card).state for card in cards[:10]} == {DeliveryState.LISTED}
    box.sent(row)
    box.now += SECOND
    assert box.ids() == [cards[10]]


def test_two_lists_at_once_share_no_card(box: Box) -> None:
    cards = [box.post(kind="card", rank=Rank.THIRD) for _ in range(25)]
    rows = box.claim(pace=FREE).rows
    lists = [row for row in rows if row.kind == DeliveryKind.LIST]
    singles = [row.id for row in rows if row.kind == DeliveryKind.CARD]
    listed = [member.id for row in lists for member in box.do(posts.members, row.id)]
    assert len(lists) == 2
    assert sorted(listed + singles) == sorted(set(listed + singles))
    assert set(listed + singles) <= set(cards)


async def test_two_senders_take_different_rows_and_one_pace(postgres_url: str) -> None:
    first, second = Database.open(postgres_url), Database.open(postgres_url)
    box = Box(first)
    posts = [await asyncio.to_thread(box.post, f"C{n % 4}") for n in range(40)]
    got: list[int] = []
    now = NOW
    for _ in range(10):
        both = await asyncio.gather(
            *(d.write(claims.claim, now=now, limit=16, lease=LEASE, pace=PACE) for d in (first, second))
        )
        rows = [row for claimed in both for row in claimed.rows]
        assert len(rows) == 4
        got += [row.id for row in rows]
        now += SECOND
    assert sorted(got) == posts
    first.close()
    second.close()


async def test_a_card_that_is_being_decided_is_left_to_the_decision(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    box = Box(database)
    card = await asyncio.to_thread(box.post)
    row = await database.read(posts.require, card)
    wished, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def decide(tx: Connection) -> None:
        posts.rewrite(tx, STAMP, row, rank=Rank.CLICK)
        loop.call_soon_threadsafe(wished.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()

    deciding = asyncio.create_task(database.write(decide))
    await wished.wait()
    meanwhile = await database.write(claims.claim, now=NOW, limit=16, lease=LEASE, pace=PACE)
    go_on.set()
    await deciding
    after = await database.write(claims.claim, now=NOW + SECOND, limit=16, lease=LEASE, pace=PACE)
    assert ([r.id for r in meanwhile.rows], [r.id for r in after.rows]) == ([], [card])
    database.close()


def pile(tx: Connection, lanes_: int, in_the_first: int) -> None:
    row = {**WAITING, "kind": "card"}
    piles = [("C000", 30)] * in_the_first + [(f"C{n:03}", 10 + n % 3 * 10) for n in range(1, lanes_)]
    tx.execute(
        insert(deliveries),
        [{**row, "lane": f"post:{place}", "place": place, "rank": rank} for place, rank in piles],
    )
    gone = {**row, "state": "sent", "ts": "1.000001", "lane": "post:C000", "place": "C000", "rank": 30}
    tx.execute(insert(deliveries), [gone] * 10_000)


@pytest.mark.parametrize(("lanes_", "in_the_first"), [(1, 10_000), (200, 10_000)])
def test_a_claim_takes_milliseconds_whatever_is_piled_up(box: Box, lanes_: int, in_the_first: int) -> None:
    def measure(tx: Connection) -> list[float]:
        pile(tx, lanes_, in_the_first)
        if tx.dialect.name == "postgresql":
            tx.exec_driver_sql("ANALYZE delivery")
        took = []
        for n in range(12):
            before = time.thread_time()
            found = claims.claim(tx, now=NOW + n * SECOND, limit=16, lease=LEASE, pace=PACE)
            took.append(time.thread_time() - before)
            receipts.expire_leases(tx, now=NOW + n * SECOND, visible_after=SECOND)
            assert found.next_at is not None
        return took

    took = box.do(measure)
    print(f"\n{box.database.dialect}, {lanes_} lanes: {statistics.median(took) * 1000:.1f} ms a claim")
    assert min(took) < 0.02


def test_looking_for_what_was_left_behind_does_not_read_what_was_sent(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)

    def plans(tx: Connection) -> list[str]:
        statements: list[str] = []
        listen = partial(_note, statements)
        event.listen(tx, "before_cursor_execute", listen)
        receipts.expire_leases(tx, now=NOW, visible_after=SECOND)
        receipts.take_doubts(tx, now=NOW, lease=LEASE)
        receipts.unpark_messages(tx, now=NOW)
        posts.backlog(tx)
        lanes.refused_and_needed(tx)
        claims.claim(tx, now=NOW, limit=16, lease=LEASE, pace=PACE)
        event.remove(tx, "before_cursor_execute", listen)
        found: list[str] = []
        for statement in statements:
            parameters = tuple(0 for _ in range(statement.count("?")))
            plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            found += [str(step[3]) for step in plan]
        return found

    box = Box(database)
    box.post()
    seen = box.do(plans)
    assert len(seen) > 8
    assert "SCAN delivery" not in seen  # a walk along an index names the index
    database.close()


def _note(statements: list[str], _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if "delivery" in statement and statement.lstrip().startswith(("SELECT", "WITH")):
        statements.append(statement)
