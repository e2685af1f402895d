"""Nothing waits longer than its kind can: what a clock that was wrong, or a fault, put off for too long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from storage.database.sql import written
from storage.models import DeliveryKind, DeliveryState, absences, deliveries, lanes, pings
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
    return len(far) + len(bounded) + forgotten
