"""Heads: claims that look at few lanes take what a walk over all of them would take."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from storage.database import Database
from storage.database.sql import Query
from storage.erasing import drop_unsent
from storage.models import Delivery, DeliveryKind, DeliveryOp, DeliveryState, Lane, deliveries
from storage.models import lanes as lane_table
from storage.outbox import heads, lanes, posts, receipts
from storage.outbox.gates import Pace
from storage.outbox.posts import Rank
from storage.outbox.ready import HELD_BACK_FOR
from tests.storage.outbox import FREE, PACE, SECOND, STAMP, Outbox

LIMIT = 5
PLACES = ("C1", "C2", "C3", "C4")
RANKS = (Rank.CLICK, Rank.FIRST, Rank.FIRST + 2, Rank.SECOND, Rank.THIRD, Rank.COLOUR)
_IN_HAND = (DeliveryState.CLAIMED, DeliveryState.UNKNOWN)


def everything(tx: Connection) -> tuple[list[Delivery], dict[str, Lane]]:
    rows = Query(Delivery, select(deliveries)).all(tx)
    return list(rows), {lane.name: lane for lane in Query(Lane, select(lane_table)).all(tx)}


def walked(
    rows: list[Delivery], known: Mapping[str, Lane], now: datetime, pace: Mapping[str, Pace]
) -> list[int]:
    """What may go now, by a walk over all that waits in all lanes."""
    by_id = {row.id: row for row in rows}
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    for row in sorted(rows, key=lambda row: (row.rank, row.id)):
        gates = {row.lane: pace[row.op], f"{row.op}:*": pace[f"{row.op}:*"]}
        room = min(left(known.get(name), own, now) - taken[name] for name, own in gates.items())
        if len(chosen) < LIMIT and room > 0 and may_go(row, rows, by_id, now):
            taken.update(gates.keys())
            chosen.append(row.id)
    return chosen


def left(lane: Lane | None, pace: Pace, now: datetime) -> int:
    if lane is None:
        return pace.burst if pace.every else 1_000
    if lane.parked_at is not None:
        return int(lane.ready_at <= now)
    opens = lane.ready_at - pace.every * (pace.burst - 1)
    if opens > now:
        return 0
    return min((now - opens) // pace.every + 1, pace.burst) if pace.every else 1_000


def may_go(row: Delivery, rows: list[Delivery], by_id: Mapping[int, Delivery], now: datetime) -> bool:
    return (
        row.state == DeliveryState.PENDING
        and row.due_at <= now
        and not is_held_back(row, rows)
        and (row.thread_id is None or is_there(by_id[row.thread_id], by_id))
        and (row.target_id is None or may_be_rewritten(by_id[row.target_id], rows))
    )


def is_held_back(row: Delivery, rows: list[Delivery]) -> bool:
    return any(
        other.lane == row.lane
        and other.state in _IN_HAND
        and other.op == DeliveryOp.POST
        and other.rank >= Rank.FIRST
        and other.attempts <= HELD_BACK_FOR
        and other.rank // 10 < row.rank // 10
        for other in rows
    )


def is_there(parent: Delivery, by_id: Mapping[int, Delivery]) -> bool:
    if parent.state == DeliveryState.LISTED and parent.list_id is not None:
        return is_there(by_id[parent.list_id], by_id)
    return parent.ts is not None or parent.state == DeliveryState.DROPPED


def may_be_rewritten(target: Delivery, rows: list[Delivery]) -> bool:
    running = any(row.target_id == target.id and row.state == DeliveryState.CLAIMED for row in rows)
    return target.state == DeliveryState.DROPPED or (target.ts is not None and not running)


class Player:
    """Does something to an outbox, by chance."""

    def __init__(self, outbox: Outbox, chance: random.Random) -> None:
        self.outbox, self.chance = outbox, chance
        self.acts: list[Callable[[], object]] = [
            *[self.post] * 5,
            *[self.settle] * 6,
            *[self.rewrite] * 3,
            *(self.later, self.park, self.throttle, self.unpark, self.try_parked, self.post_anew),
        ]

    def act(self) -> None:
        self.chance.choice(self.acts)()

    def row(self, *states: DeliveryState, op: DeliveryOp | None = None) -> Delivery | None:
        rows = [
            row
            for row in self.outbox.do(everything)[0]
            if row.state in states and (op is None or row.op == op)
        ]
        return self.chance.choice(rows) if rows else None

    def post(self) -> None:
        parent = self.row(*DeliveryState, op=DeliveryOp.POST) if self.chance.random() < 0.4 else None
        self.outbox.post(
            self.chance.choice(PLACES),
            rank=self.chance.choice(RANKS),
            thread_id=parent.id if parent else None,
        )

    def later(self) -> None:
        due = self.outbox.now + self.chance.choice((1, 3, 40)) * SECOND
        self.outbox.post(self.chance.choice(PLACES), rank=self.chance.choice(RANKS), due_at=due)

    def settle(self) -> None:
        row, now = self.row(*_IN_HAND), self.outbox.now
        if row is None:
            return
        ends: list[Callable[[], object]] = [
            *[lambda: self.outbox.sent(row)] * 4,
            lambda: self.outbox.do(receipts.again, row, due_at=now + 2 * SECOND, error="5xx"),
            lambda: self.outbox.do(receipts.park, row, now=now, error="refused"),
            lambda: self.outbox.do(receipts.drop, row, now=now, why="gone"),
        ]
        if row.op == DeliveryOp.POST:
            ends.append(lambda: self.outbox.do(receipts.in_doubt, row, due_at=now, error="5xx"))
        if row.kind == DeliveryKind.LIST:
            ends.append(lambda: self.outbox.do(receipts.dissolve, row, now=now, error="refused"))
        self.chance.choice(ends)()

    def rewrite(self) -> None:
        if row := self.row(*DeliveryState, op=DeliveryOp.POST):
            self.outbox.rewrite(row.id, self.chance.choice(RANKS))

    def lane(self) -> str:
        return f"{self.chance.choice(('post', 'update'))}:{self.chance.choice(PLACES)}"

    def park(self) -> None:
        now = self.outbox.now
        self.outbox.do(lanes.park, self.lane(), now=now, try_at=now + 5 * SECOND, error="is_archived")

    def throttle(self) -> None:
        self.outbox.do(lanes.throttle, self.lane(), until=self.outbox.now + 4 * SECOND)

    def unpark(self) -> None:
        names = [f"{op}:{place}" for op in ("post", "update") for place in PLACES]
        self.outbox.do(lanes.unpark, names, now=self.outbox.now)

    def try_parked(self) -> None:
        self.outbox.do(lanes.try_parked, now=self.outbox.now)
        self.outbox.do(receipts.unpark_messages, now=self.outbox.now)

    def post_anew(self) -> None:
        if row := self.row(DeliveryState.SENT, op=DeliveryOp.POST):
            self.outbox.do(receipts.post_anew, row.id, now=self.outbox.now)


@pytest.mark.parametrize("seed", range(4))
def test_claims_take_what_a_walk_over_everything_would_take(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    outbox = Outbox(database)
    player = Player(outbox, chance)
    pace = chance.choice((PACE, FREE))
    took = 0
    for _ in range(60):
        for _ in range(chance.randrange(4)):
            player.act()
        wanted = walked(*outbox.do(everything), outbox.now, pace)
        got = outbox.claim(LIMIT, pace).rows
        assert [row.id for row in got] == wanted, (seed, outbox.now)
        took += len(got)
        outbox.now += chance.choice((timedelta(0), SECOND / 4, SECOND, 3 * SECOND))
    assert took > 20


def test_a_lane_in_which_nothing_can_go_is_looked_at_once(outbox: Outbox) -> None:
    outbox.post()
    (parent,) = outbox.claim().rows
    outbox.post("C2", thread_id=parent.id)
    assert outbox.ids() == []
    assert outbox.do(asleep) == {"post:C1", "post:C2"}
    outbox.now += SECOND
    outbox.sent(parent)
    assert len(outbox.ids()) == 1


def test_more_lanes_that_woke_than_one_claim_takes_are_gone_through_by_the_next(outbox: Outbox) -> None:
    outbox.do(many_places, heads.AT_ONCE + 1)
    first = outbox.claim()
    assert (first.rows, first.more) == ((), True)
    assert len(outbox.claim().rows) == 16


def test_what_was_written_without_a_word_is_found_by_a_look_at_everything(outbox: Outbox) -> None:
    post = outbox.post()
    outbox.do(lambda tx: tx.execute(lane_table.delete()) and None)
    assert outbox.ids() == []
    outbox.do(heads.gather)
    assert outbox.ids() == [post]


def asleep(tx: Connection) -> set[str]:
    return {
        lane.name for lane in everything(tx)[1].values() if lane.rank is None and not lane.name.endswith("*")
    }


def many_places(tx: Connection, places: int) -> None:
    rows = [posts.new_post(STAMP, DeliveryKind.HISTORY, place=f"C{n}", rank=10) for n in range(places)]
    posts.post_all(tx, rows)


def test_a_reply_goes_when_what_it_waits_for_is_erased_unsent(outbox: Outbox) -> None:
    parent = outbox.post(due_at=outbox.now + 60 * SECOND)
    reply = outbox.post("C2", thread_id=parent)
    assert outbox.ids() == []
    outbox.do(drop_unsent, [parent])
    assert outbox.ids() == [reply]
