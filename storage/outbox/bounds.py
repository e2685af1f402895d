"""Nothing waits longer than its kind can: what a clock that was wrong, or a fault, put off for too long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from storage.database.sql import written
from storage.models import (
    DeliveryKind,
    DeliveryState,
    DispatchState,
    absences,
    clocks,
    crm_feeds,
    deliveries,
    destinations,
    dispatches,
    dropped_files,
    lanes,
    pings,
)
from storage.outbox import heads
from storage.outbox.nags import WAITING
from storage.outbox.posts import OPEN, PENDING

LONGEST = timedelta(hours=1)
"""The longest that anything waits by Slack's wish or after a fault, and a lane for its turn."""
UNTIL_A_SHIFT = timedelta(days=60)
MAY_WAIT: Mapping[DeliveryKind, timedelta] = {
    DeliveryKind.NAG: UNTIL_A_SHIFT,
    DeliveryKind.HISTORY: UNTIL_A_SHIFT,
    DeliveryKind.UNROUTED: 2 * LONGEST,
    DeliveryKind.REFUSED: 2 * LONGEST,
}
"""The longest that messages of these kinds wait on purpose; all others `LONGEST`."""
UNTIL_TRIED_AGAIN = timedelta(hours=6)
"""The longest that another tool's event waits for its next try, and a CRM for its next question."""
LEASED = timedelta(minutes=2)
"""The longest lease of whoever sends a message, or looks for one."""

_LANES = select(lanes.c.name).where(lanes.c.ready_at > bindparam("latest"))
_BOUND = (
    update(lanes)
    .where(lanes.c.name.in_(bindparam("lanes", expanding=True)), lanes.c.ready_at > bindparam("latest"))
    .values(ready_at=bindparam("now"))
)
_AWAY = exists().where(  # what waits for somebody's return waits for as long as they are away
    absences.c.user_id == deliveries.c.place,
    or_(absences.c.ends.is_(None), absences.c.ends > bindparam("moment")),
)
_OF_KIND = (
    update(deliveries)
    .where(
        PENDING, deliveries.c.kind == bindparam("which"), deliveries.c.due_at > bindparam("latest"), ~_AWAY
    )
    .values(due_at=bindparam("now"))
    .returning(deliveries.c.lane)
)
_OTHERS = (
    update(deliveries)
    .where(
        PENDING,
        deliveries.c.kind.not_in([written(kind) for kind in MAY_WAIT]),
        deliveries.c.due_at > bindparam("latest"),
    )
    .values(due_at=bindparam("now"))
    .returning(deliveries.c.lane)
)
_IN_HAND = (
    update(deliveries)
    .where(
        OPEN, deliveries.c.state != written(DeliveryState.PARKED), deliveries.c.due_at > bindparam("latest")
    )
    .values(due_at=bindparam("now"))
    .returning(deliveries.c.lane)
)
_PINGS = delete(pings).where(
    pings.c.at > bindparam("now"), ~exists().where(and_(WAITING, deliveries.c.place == pings.c.place))
)


class _Elsewhere(NamedTuple):
    """A moment that is not the outbox's: until when who has it is dead, or it is tried or looked at again.

    `by_clock`: it is one of the clocks' time, not of the transport's.
    """

    goes: Update
    longest: timedelta
    by_clock: bool = False


def _is_far(moment: Column[Any]) -> ColumnElement[bool]:
    return moment > bindparam("latest")


_NOW: BindParameter[datetime] = bindparam("now")
_IS_PENDING = dispatches.c.state == written(DispatchState.PENDING)
_RUNS = and_(clocks.c.met_at.is_(None), clocks.c.stopped_at.is_(None))
_FREE = {"worker": None, "lease_until": None}
_ELSEWHERE = (
    _Elsewhere(update(destinations).where(_is_far(destinations.c.lease_until)).values(**_FREE), LONGEST),
    _Elsewhere(update(destinations).where(_is_far(destinations.c.retry_at)).values(retry_at=_NOW), LONGEST),
    _Elsewhere(
        update(dispatches).where(_IS_PENDING, _is_far(dispatches.c.due_at)).values(due_at=_NOW),
        UNTIL_TRIED_AGAIN,
    ),
    _Elsewhere(update(crm_feeds).where(_is_far(crm_feeds.c.lease_until)).values(**_FREE), LONGEST),
    _Elsewhere(
        update(crm_feeds).where(_is_far(crm_feeds.c.polled_at)).values(polled_at=_NOW), UNTIL_TRIED_AGAIN
    ),
    _Elsewhere(
        update(dropped_files).where(_is_far(dropped_files.c.lease_until)).values(lease_until=_NOW), LONGEST
    ),
    _Elsewhere(  # a look works out anew when the next one is
        update(clocks)
        .where(_RUNS, _is_far(clocks.c.next_at), clocks.c.next_at > clocks.c.due_at)
        .values(next_at=_NOW),
        UNTIL_A_SHIFT,
        by_clock=True,
    ),
)


def bound(tx: Connection, *, wire: datetime, now: datetime) -> int:
    """Let go now what waits for longer than its kind can; gives how much that was. `wire` is the transport's
    time, `now` that of the clocks."""
    asked: list[tuple[ReturningUpdate[str], dict[str, object]]] = [
        (_OTHERS, {"latest": wire + LONGEST}),
        (_IN_HAND, {"latest": wire + LEASED + LONGEST}),
        *(
            (_OF_KIND, {"which": kind, "latest": wire + longest, "moment": now})
            for kind, longest in MAY_WAIT.items()
        ),
    ]
    bounded = [
        lane for statement, given in asked for lane in tx.execute(statement, {**given, "now": wire}).scalars()
    ]
    heads.changed(tx, bounded)
    forgotten = tx.execute(_PINGS, {"now": now}).rowcount
    far = tx.execute(_LANES, {"latest": wire + LONGEST}).scalars().all()
    heads.change(tx, far, _BOUND, {"latest": wire + LONGEST, "now": wire})
    elsewhere = 0
    for each in _ELSEWHERE:
        at = now if each.by_clock else wire
        elsewhere += tx.execute(each.goes, {"latest": at + each.longest, "now": at}).rowcount
    return len(far) + len(bounded) + forgotten + elsewhere
