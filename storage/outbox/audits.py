"""What the auditor asks: what should have happened and did not, who is gone, what nobody needs any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select, update

from storage.database.sql import written
from storage.models import UNSETTLED, DeliveryOp, DeliveryState, EventKind, deliveries, events, lanes, people
from storage.outbox.lanes import WORKSPACE
from storage.outbox.posts import OPEN, PENDING

_parent, _target, _doubt = (deliveries.alias(name) for name in ("parent", "target", "doubt"))
_MAY_GO = and_(
    PENDING,
    deliveries.c.lane == lanes.c.name,
    deliveries.c.due_at <= bindparam("before"),
    or_(deliveries.c.thread_id.is_(None), _parent.c.ts.is_not(None)),
    or_(deliveries.c.target_id.is_(None), _target.c.ts.is_not(None)),
)
_STUCK = (
    select(lanes.c.name)
    .where(
        lanes.c.ready_at <= bindparam("before"),
        lanes.c.parked_at.is_(None),
        ~exists().where(
            _doubt.c.state.in_([written(state) for state in UNSETTLED]),
            _doubt.c.state != written(DeliveryState.PARKED),
            _doubt.c.lane == lanes.c.name,
        ),
        select(deliveries.c.id)
        .outerjoin(_parent, _parent.c.id == deliveries.c.thread_id)
        .outerjoin(_target, _target.c.id == deliveries.c.target_id)
        .where(_MAY_GO)
        .exists(),
    )
    .order_by(lanes.c.name)
)
_WORKSPACE_PARKED = select(lanes.c.parked_at).where(lanes.c.name == WORKSPACE, lanes.c.parked_at.is_not(None))
_LAPSED = select(func.count()).where(
    OPEN, deliveries.c.state == written(DeliveryState.CLAIMED), deliveries.c.due_at <= bindparam("before")
)
_IN_DOUBT = and_(
    OPEN,
    deliveries.c.state == written(DeliveryState.UNKNOWN),
    deliveries.c.claimed_at <= bindparam("before"),
)
_LOOK_NOW = update(deliveries).where(_IN_DOUBT, deliveries.c.due_at > bindparam("now"))
_DONE_WITH = (
    deliveries.c.op != DeliveryOp.POST,
    deliveries.c.state.in_((DeliveryState.SENT, DeliveryState.DROPPED)),
    deliveries.c.due_at < bindparam("before"),
)
_GONE = (
    select(people.c.user_id)
    .where(people.c.left, people.c.user_id.in_(bindparam("users", expanding=True)))
    .order_by(people.c.user_id)
    .with_for_update()
)


def stuck_lanes(tx: Connection, before: datetime) -> Sequence[str]:
    """The lanes that Slack does not refuse, and in which something could have gone by then and did not."""
    if tx.execute(_WORKSPACE_PARKED).first() is not None:
        return ()
    return tx.execute(_STUCK, {"before": before}).scalars().all()


def lapsed_claims(tx: Connection, before: datetime) -> int:
    """How many deliveries somebody claimed whose lease had run out by then, and nobody took back."""
    return int(tx.execute(_LAPSED, {"before": before}).scalar_one())


def old_doubts(tx: Connection, before: datetime) -> int:
    """How many posts that were sent before then are still in doubt."""
    statement = select(func.count()).where(_IN_DOUBT)
    return int(tx.execute(statement, {"before": before}).scalar_one())


def look_now(tx: Connection, before: datetime, now: datetime) -> None:
    """Let the posts that were sent before then and are in doubt be looked for at once."""
    tx.execute(_LOOK_NOW.values(due_at=bindparam("at")), {"before": before, "now": now, "at": now})


def forget_rewrites(tx: Connection, *, after: int, window: int, before: datetime) -> int:
    """Delete what was rewritten, or given up, before then, among so many deliveries from an id on.

    Gives the id from which to go on; 0 when there are no more.
    """
    upto = after + window
    among = (deliveries.c.id > after, deliveries.c.id <= upto)
    tx.execute(delete(deliveries).where(*among, *_DONE_WITH), {"before": before})
    last = tx.execute(select(func.max(deliveries.c.id))).scalar_one() or 0
    return upto if upto < last else 0


def gone_unreported(tx: Connection, users: Collection[str], kind: EventKind) -> list[str]:
    """Who of these has left the workspace, and no event of this kind says so; locked until the commit."""
    gone = tx.execute(_GONE, {"users": sorted(users)}).scalars().all() if users else ()
    if not gone:
        return []
    told = tx.execute(select(events.c.detail).where(events.c.kind == kind)).scalars()
    known = {detail.get("user") for detail in told}
    return [user for user in gone if user not in known]
