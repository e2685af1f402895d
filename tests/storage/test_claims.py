"""Claims: what may go now, in which order, how fast, and never to two at once. On both databases."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, text, update

from storage.database import Database
from storage.database.sql import Query
from storage.models import Delivery, DeliveryKind, DeliveryState, deliveries
from storage.models import lanes as lane_table
from storage.outbox import claims, heads, lanes, posts, ready, receipts
from storage.outbox.claims import Claims
from storage.outbox.lanes import WORKSPACE
from storage.outbox.posts import Rank
from tests.storage.outbox import FREE, LEASE, NOW, PACE, SECOND, STAMP, WAITING, Outbox


def test_an_empty_outbox_gives_nothing_and_knows_of_no_next(outbox: Outbox) -> None:
    assert outbox.claim() == Claims()


def test_a_claim_is_a_lease_that_counts_its_attempt(outbox: Outbox) -> None:
    post = outbox.post()
    (row,) = outbox.claim().rows
    assert (row.id, row.state, row.attempts) == (post, DeliveryState.CLAIMED, 1)
    assert (row.claimed_at, row.due_at) == (NOW, NOW + LEASE)
    assert outbox.ids() == []


def test_a_lane_gives_one_a_second_and_says_when_the_next_may_go(outbox: Outbox) -> None:
    first, second, other = outbox.post(), outbox.post(), outbox.post("C2")
    assert sorted(outbox.ids()) == [first, other]
    assert outbox.claim().next_at == NOW + SECOND
    outbox.now += SECOND / 2
    assert outbox.ids() == []
    outbox.now += SECOND / 2
    assert outbox.ids() == [second]


def test_in_a_lane_the_urgent_go_first_and_equals_in_the_order_they_came(outbox: Outbox) -> None:
    ranks = [Rank.COLOUR, Rank.THIRD, Rank.FIRST, Rank.CLICK, Rank.FIRST, Rank.SECOND, Rank.REPORT]
    posts = [outbox.post(rank=rank) for rank in ranks]
    got: list[int] = []
    for _ in posts:
        (row,) = outbox.claim().rows
        outbox.sent(row)
        got.append(row.id)
        outbox.now += SECOND
    assert got == [posts[n] for n in (3, 2, 4, 5, 1, 6, 0)]


def test_the_limit_goes_to_the_most_urgent_of_all_lanes(outbox: Outbox) -> None:
    ranks = [30, 10, 20, 0, 50, 10]
    posts = [outbox.post(f"C{n}", rank=rank) for n, rank in enumerate(ranks)]
    assert outbox.ids(limit=3) == [posts[n] for n in (3, 1, 5)]


def carried(tx: Connection, step: timedelta, steps: int) -> list[datetime]:
    """When each delivery went, if claims are made this often and everything arrives at once."""
    went: list[datetime] = []
    for n in range(steps):
        now = NOW + n * step
        rows = claims.claim(tx, now=now, limit=100, lease=LEASE, pace=PACE).rows
        went += [now] * len(rows)
        for row in rows:
            receipts.sent(tx, row, channel=row.place, ts="1.000001", now=now)
    return went


def most_in_a_minute(went: list[datetime]) -> int:
    return max(sum(at <= other < at + timedelta(minutes=1) for other in went) for at in set(went))


def test_all_channels_together_keep_below_three_hundred_posts_a_minute(outbox: Outbox) -> None:
    row = {**WAITING, "kind": "history", "rank": 10}
    places = [f"C{n % 20:02}" for n in range(500)]
    rows = [{**row, "lane": f"post:{place}", "place": place} for place in places]
    outbox.do(posts.post_all, rows)
    assert 250 <= most_in_a_minute(outbox.do(carried, SECOND / 2, 150)) <= 300


def test_updates_of_all_channels_together_keep_below_fifty_a_minute(outbox: Outbox) -> None:
    def pending_update(tx: Connection) -> None:
        for n in range(90):
            place = f"C{n % 7}"
            shown = {**WAITING, "state": "sent", "ts": "1.000001", "kind": "history", "rank": 10}
            shown |= {"lane": f"post:{place}", "place": place}
            target = Query(Delivery, insert(deliveries).returning(deliveries)).the(tx, shown)
            posts.rewrite(tx, STAMP, target, rank=Rank.CLICK)

    outbox.do(pending_update)
    went = outbox.do(carried, SECOND, 150)
    assert len(went) == 90
    assert went.count(NOW) == 15
    assert most_in_a_minute(went) <= 50


def test_what_is_not_due_yet_is_passed_over(outbox: Outbox) -> None:
    outbox.post(rank=Rank.CLICK, due_at=NOW + 10 * SECOND)
    ready = outbox.post(rank=Rank.THIRD)
    assert outbox.ids() == [ready]


def test_a_reply_waits_for_its_parent_and_then_knows_its_thread(outbox: Outbox) -> None:
    parent = outbox.post(rank=Rank.THIRD)
    reply = outbox.post(rank=Rank.CLICK, thread_id=parent)
    (row,) = outbox.claim().rows
    assert row.id == parent
    outbox.now += SECOND
    assert outbox.ids() == []
    outbox.sent(row)
    (row,) = outbox.claim().rows
    assert (row.id, row.thread_ts, row.thread_channel) == (reply, f"1.{parent:06}", "C1")


def test_what_belongs_to_something_dropped_is_handed_out_to_be_dropped_too(outbox: Outbox) -> None:
    parent = outbox.post()
    (row,) = outbox.claim().rows
    reply = outbox.post(thread_id=parent)
    outbox.rewrite(parent)
    outbox.do(receipts.drop, row, now=NOW, why="nothing left")
    outbox.now += SECOND
    rows = {found.id: found for found in outbox.claim().rows}
    assert rows[reply].thread_ts is None
    (rewrite,) = outbox.updates(parent)
    assert rows[rewrite.id].target_ts is None


def test_wishes_for_the_same_message_become_one_as_urgent_as_the_most_urgent(outbox: Outbox) -> None:
    post = outbox.post()
    outbox.send_all()
    for rank in (Rank.COLOUR, Rank.CLICK, Rank.THIRD):
        outbox.rewrite(post, rank)
    (rewrite,) = outbox.updates(post)
    assert rewrite.rank == Rank.CLICK


def test_what_has_not_gone_out_needs_no_rewrite_and_what_is_on_its_way_does(outbox: Outbox) -> None:
    post = outbox.post()
    outbox.rewrite(post)
    assert outbox.updates(post) == []
    outbox.claim()
    outbox.rewrite(post)
    assert len(outbox.updates(post)) == 1


def test_an_update_waits_until_the_one_under_way_is_answered(outbox: Outbox) -> None:
    post = outbox.post()
    outbox.send_all()
    outbox.rewrite(post)
    (first,) = outbox.claim().rows
    outbox.rewrite(post)
    assert outbox.ids() == []
    outbox.sent(first)
    (second,) = outbox.claim().rows
    assert second.id > first.id
    assert second.target_id == post


def test_nothing_less_urgent_passes_what_is_unanswered_or_in_doubt(outbox: Outbox) -> None:
    outbox.post(rank=Rank.SECOND)
    (doubtful,) = outbox.claim(pace=FREE).rows
    equal, urgent, later = (
        outbox.post(rank=Rank.SECOND),
        outbox.post(rank=Rank.FIRST),
        outbox.post(rank=Rank.THIRD),
    )
    elsewhere = outbox.post("C2", rank=Rank.THIRD)
    assert sorted(outbox.ids(pace=FREE)) == [equal, urgent, elsewhere]
    for row in (outbox.get(equal), outbox.get(urgent)):
        outbox.sent(row)
    outbox.do(receipts.in_doubt, doubtful, due_at=NOW, error="HTTP 503")
    assert outbox.ids(pace=FREE) == []
    outbox.sent(outbox.get(doubtful.id))
    assert outbox.ids(pace=FREE) == [later]


def test_a_line_of_history_in_doubt_holds_nobody_up(outbox: Outbox) -> None:
    outbox.post(rank=Rank.CLICK)
    outbox.claim(pace=FREE)
    card = outbox.post(rank=Rank.FIRST)
    assert outbox.ids(pace=FREE) == [card]


def test_a_post_that_fails_for_ever_holds_the_others_up_for_a_while_only(outbox: Outbox) -> None:
    bad = outbox.post(rank=Rank.FIRST)
    other = outbox.post(rank=Rank.THIRD)
    assert outbox.ids(limit=1, pace=FREE) == [bad]
    worn = update(deliveries).where(deliveries.c.id == bad).values(attempts=ready.HELD_BACK_FOR + 1)
    outbox.do(lambda tx: tx.execute(worn) and None)
    assert outbox.ids(pace=FREE) == [other]


def test_a_refused_place_gets_one_try_at_a_time(outbox: Outbox) -> None:
    posts = [outbox.post() for _ in range(3)]
    (row,) = outbox.claim().rows
    outbox.do(receipts.again, row, due_at=NOW, error="is_archived")
    assert outbox.do(lanes.park, "post:C1", now=NOW, try_at=NOW + LEASE, error="is_archived")
    outbox.now += LEASE - SECOND
    assert outbox.ids() == []
    outbox.now += SECOND
    claimed = outbox.claim(pace=FREE)
    assert [row.id for row in claimed.rows] == posts[:1]
    assert claimed.probes == {"post:C1"}
    assert outbox.ids(pace=FREE) == []
    assert outbox.do(lanes.unpark, claimed.probes, now=outbox.now) == ["post:C1"]
    assert outbox.ids(pace=FREE) == posts[1:]


def test_a_refused_token_lets_one_of_all_try(outbox: Outbox) -> None:
    posts = [outbox.post(f"C{n}", rank=30 - n) for n in range(3)]
    assert outbox.do(lanes.park, WORKSPACE, now=NOW, try_at=NOW + LEASE, error="token_revoked")
    assert outbox.claim() == Claims(next_at=NOW + LEASE)
    outbox.now += LEASE
    claimed = outbox.claim()
    assert [row.id for row in claimed.rows] == [posts[2]]
    assert claimed.probes == {WORKSPACE}
    assert outbox.ids() == []


def test_a_longer_wait_is_not_cut_short_by_a_shorter_one(outbox: Outbox) -> None:
    outbox.post()
    outbox.do(lanes.throttle, "post:C1", until=NOW + 60 * SECOND)
    outbox.do(lanes.throttle, "post:C1", until=NOW + SECOND)
    outbox.now += 59 * SECOND
    assert outbox.ids() == []
    outbox.now += SECOND
    assert len(outbox.ids()) == 1


def test_a_list_takes_ten_cards_and_leaves_the_rest(outbox: Outbox) -> None:
    cards = [outbox.post(kind="card", rank=Rank.THIRD) for _ in range(12)]
    (row,) = outbox.claim().rows
    assert (row.kind, row.rank, row.attempts) == (DeliveryKind.LIST, Rank.THIRD - 1, 1)
    members = [member.id for member in outbox.do(posts.members, row.id)]
    assert members == cards[:10]
    assert {outbox.get(card).state for card in cards[:10]} == {DeliveryState.LISTED}
    outbox.sent(row)
    outbox.now += SECOND
    assert outbox.ids() == [cards[10]]


def test_two_lists_at_once_share_no_card(outbox: Outbox) -> None:
    cards = [outbox.post(kind="card", rank=Rank.THIRD) for _ in range(25)]
    rows = outbox.claim(pace=FREE).rows
    lists = [row for row in rows if row.kind == DeliveryKind.LIST]
    singles = [row.id for row in rows if row.kind == DeliveryKind.CARD]
    listed = [member.id for row in lists for member in outbox.do(posts.members, row.id)]
    assert len(lists) == 2
    assert sorted(listed + singles) == sorted(set(listed + singles))
    assert set(listed + singles) <= set(cards)


async def test_two_senders_take_different_rows_and_one_pace(postgres_url: str) -> None:
    first, second = Database.open(postgres_url), Database.open(postgres_url)
    outbox = Outbox(first)
    posts = [await asyncio.to_thread(outbox.post, f"C{n % 4}") for n in range(40)]
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
    outbox = Outbox(database)
    card = await asyncio.to_thread(outbox.post)
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
    heads.gather(tx)


def effort(tx: Connection, work: Callable[[], object]) -> int:
    """How much a piece of work makes the database do: PostgreSQL's rows read, SQLite's steps in hundreds."""
    if tx.dialect.name == "postgresql":
        before = tx.execute(_ROWS_READ).scalar_one()
        work()
        return int(tx.execute(_ROWS_READ).scalar_one() - before)
    driver, steps = tx.connection.driver_connection, itertools.count()
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(lambda: next(steps) < 0, 100)
    work()
    driver.set_progress_handler(None, 0)
    return next(steps)


_ROWS_READ = text(
    "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables "
    "WHERE relname = 'delivery'"
)


@pytest.mark.parametrize("lanes_", [1, 200])
def test_a_claim_goes_through_as_little_whatever_is_piled_up(outbox: Outbox, lanes_: int) -> None:
    def most(tx: Connection, in_the_first: int) -> int:
        tx.execute(delete(deliveries))
        tx.execute(delete(lane_table))
        pile(tx, lanes_, in_the_first)
        if tx.dialect.name == "postgresql":
            tx.exec_driver_sql("ANALYZE delivery")
        efforts = []
        for n in range(12):
            now = NOW + n * SECOND
            claim = partial(claims.claim, tx, now=now, limit=16, lease=LEASE, pace=PACE)
            efforts.append(effort(tx, claim))
            receipts.expire_leases(tx, now=now, visible_after=SECOND)
        return max(efforts)

    few, many = outbox.do(most, 100), outbox.do(most, 3_000)
    assert 0 < many < 2 * few, (few, many)


def test_a_claim_reads_no_other_lanes_posts_in_doubt(outbox: Outbox) -> None:
    """After an outage every place may have a post that Slack may have taken; plans were made before it."""

    def effort_of(tx: Connection, doubts: int) -> int:
        tx.execute(delete(deliveries))
        tx.execute(delete(lane_table))
        pile(tx, 200, 100)
        if tx.dialect.name == "postgresql":
            tx.exec_driver_sql("ANALYZE delivery")
        claim = partial(claims.claim, tx, limit=16, lease=LEASE, pace=PACE)
        for n in range(8):
            claim(now=NOW + n * SECOND)
        unknown = {**WAITING, "kind": "card", "state": "unknown", "rank": Rank.FIRST, "due_at": NOW + LEASE}
        places = (f"C{n:03}" for n in range(1_000, 1_000 + doubts))
        tx.execute(insert(deliveries), [{**unknown, "lane": f"post:{p}", "place": p} for p in places])
        return effort(tx, partial(claim, now=NOW + 8 * SECOND))

    few, many = outbox.do(effort_of, 20), outbox.do(effort_of, 500)
    assert 0 < many < 2 * few, (few, many)


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

    outbox = Outbox(database)
    outbox.post()
    seen = outbox.do(plans)
    assert len(seen) > 8
    assert "SCAN delivery" not in seen  # a walk along an index names the index
    database.close()


def _note(statements: list[str], _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if "delivery" in statement and statement.lstrip().startswith(("SELECT", "WITH")):
        statements.append(statement)


def test_a_claim_from_many_places_costs_postgresql_no_more_trips_than_one_from_few(outbox: Outbox) -> None:
    def statements(places: int) -> int:
        for n in range(places):
            outbox.post(f"C{places}{n:02}", kind="card", rank=Rank.THIRD)
        asked = itertools.count()

        def counted(tx: Connection) -> int:
            event.listen(tx, "before_cursor_execute", lambda *_: next(asked))
            return len(claims.claim(tx, now=outbox.now, limit=16, lease=LEASE, pace=FREE).rows)

        assert outbox.do(counted) == places
        return next(asked)

    few, many = statements(2), statements(16)
    if outbox.database.dialect == "postgresql":
        assert many <= few
    else:  # where a question costs no trip
        assert many > few
