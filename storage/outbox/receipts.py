"""What became of claimed deliveries: shown, known unsent, in doubt, refused, or nothing was left to show.

An answer counts only for the attempt that it answers, so a process that comes too late changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, select, update

from storage.database import announce
from storage.database.sql import Query, written
from storage.models import Delivery, DeliveryKind, DeliveryOp, DeliveryState, deliveries, nags
from storage.models.joined import DeliveryRow
from storage.models.values import DeliveryValues, NagValues
from storage.outbox import heads
from storage.outbox.nags import not_pinged
from storage.outbox.posts import OPEN, PENDING, PENDING_PUBLISH, PENDING_UPDATE, TOPIC

_CLAIMED = and_(OPEN, deliveries.c.state == written(DeliveryState.CLAIMED))
_UNKNOWN = and_(OPEN, deliveries.c.state == written(DeliveryState.UNKNOWN))
_PARKED = and_(OPEN, deliveries.c.state == written(DeliveryState.PARKED))
_WAITING_NAG = and_(
    deliveries.c.kind == written(DeliveryKind.NAG), deliveries.c.op == written(DeliveryOp.POST), PENDING
)
_IN_HAND = (DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
_SHOWN_OR_NEVER = (DeliveryState.SENT, DeliveryState.DROPPED)
_parent = deliveries.alias("parent")


class Doubt(DeliveryRow):
    """A post that Slack may have taken or not, and where its thread is."""

    thread_ts: str | None
    thread_channel: str | None


_DOUBTS = Query(
    Doubt,
    select(deliveries, _parent.c.ts.label("thread_ts"), _parent.c.channel.label("thread_channel"))
    .outerjoin(_parent, _parent.c.id == deliveries.c.thread_id)
    .where(_UNKNOWN, deliveries.c.due_at <= bindparam("now"))
    .order_by(deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=deliveries, skip_locked=True),
)
_ALL_PARKED = Query(Delivery, select(deliveries).where(_PARKED).order_by(deliveries.c.id.desc()))


def sent(tx: Connection, row: Delivery, *, channel: str, ts: str, now: datetime) -> bool:
    """Slack shows it, there. False if the row went on without this answer."""
    values: DeliveryValues = {"channel": channel, "ts": ts, "sent_at": now, "due_at": now, "error": None}
    held = (*_IN_HAND, DeliveryState.PENDING)  # taken for lost, and not sent again yet
    if not _close(tx, row, DeliveryState.SENT, values, held=held):
        return False
    if row.op == DeliveryOp.UPDATE:  # it shows all that an earlier one was refused for
        earlier = update(deliveries).where(_PARKED, deliveries.c.target_id == row.target_id)
        tx.execute(earlier.values(**DeliveryValues(state=DeliveryState.DROPPED, due_at=now)))
    if row.op == DeliveryOp.PUBLISH:
        earlier = update(deliveries).where(_PARKED, deliveries.c.lane == row.lane)
        tx.execute(earlier.values(**DeliveryValues(state=DeliveryState.DROPPED, due_at=now)))
    return True


def again(tx: Connection, row: Delivery, *, due_at: datetime, error: str) -> None:
    """Slack certainly does not show it: try again then.

    Where a newer one of its kind waits already, that one does for both.
    """
    newer = _newer(tx, row)
    if newer is None:
        _close(tx, row, DeliveryState.PENDING, {"due_at": due_at, "error": error})
        return
    joined: DeliveryValues = {"due_at": due_at, "error": f"joined {newer.id} after: {error}"}
    if _close(tx, row, DeliveryState.DROPPED, joined):
        tx.execute(update(nags).where(nags.c.delivery_id == row.id).values(**NagValues(delivery_id=newer.id)))
        rank, later = min(row.rank, newer.rank), max(due_at, newer.due_at)
        tx.execute(
            update(deliveries)
            .where(deliveries.c.id == newer.id)
            .values(**DeliveryValues(rank=rank, due_at=later))
        )


def in_doubt(tx: Connection, row: Delivery, *, due_at: datetime, error: str) -> None:
    """Slack may show it or not: look for it then, and send nothing before."""
    _close(tx, row, DeliveryState.UNKNOWN, {"due_at": due_at, "error": error})


def park(tx: Connection, row: Delivery, *, now: datetime, error: str) -> None:
    """Slack refuses what it says: keep it, and let nothing wait for it."""
    _close(tx, row, DeliveryState.PARKED, {"due_at": now, "error": error})


def drop(tx: Connection, row: Delivery, *, now: datetime, why: str) -> None:
    """There is nothing left to show. What belongs to it goes the same way when its turn comes."""
    if _close(tx, row, DeliveryState.DROPPED, {"due_at": now, "error": why}) and _is_nag(row):
        not_pinged(tx, row.place)
    announce(tx, TOPIC)


def dissolve(tx: Connection, row: Delivery, *, now: datetime, error: str) -> None:
    """Slack refuses a list: let each of its cards go by itself, so that one bad row hides no other."""
    if _close(tx, row, DeliveryState.DROPPED, {"due_at": now, "error": error}):
        listed = and_(deliveries.c.list_id == row.id, deliveries.c.state == DeliveryState.LISTED)
        alone = update(deliveries).where(listed)
        tx.execute(
            alone.values(**DeliveryValues(state=DeliveryState.PENDING, list_id=None, due_at=now, attempts=1))
        )
        announce(tx, TOPIC)


def post_anew(tx: Connection, delivery_id: int, *, now: datetime) -> bool:
    """Somebody deleted the message: post it once more, unless that was done before."""
    repeated = (
        update(deliveries)
        .where(
            deliveries.c.id == delivery_id,
            deliveries.c.state == DeliveryState.SENT,
            deliveries.c.reposts == 0,
        )
        .values(
            **DeliveryValues(
                state=DeliveryState.PENDING, due_at=now, channel=None, ts=None, permalink=None, reposts=1
            )
        )
    )
    announce(tx, TOPIC)
    heads.changed_of(tx, [delivery_id])
    return tx.execute(repeated).rowcount > 0


def expire_leases(
    tx: Connection, *, now: datetime, visible_after: timedelta, but: Collection[int] = (), all_: bool = False
) -> int:
    """Take back what a process claimed and never answered for. Gives how many rows.

    A rewrite is simply repeated. A post may have reached Slack: it is looked up once it must be visible.
    `but` are the rows that this process still works on; `all_` takes every row, whatever its lease, and also
    what another process had begun to look for.
    """
    lapsed = select(deliveries).where(_CLAIMED).with_for_update(skip_locked=True)
    if not all_:
        lapsed = lapsed.where(deliveries.c.due_at <= now)
    rows = [row for row in Query(Delivery, lapsed).all(tx) if row.id not in but]
    for row in rows:
        if row.op == DeliveryOp.POST:
            in_doubt(tx, row, due_at=now + visible_after, error="no answer was recorded")
        else:
            again(tx, row, due_at=now, error="no answer was recorded")
    if all_:  # nor does anybody look for what was in doubt any more
        forsaken = update(deliveries).where(_UNKNOWN, deliveries.c.due_at > now + visible_after)
        tx.execute(forsaken.values(**DeliveryValues(due_at=now + visible_after)))
    return len(rows)


def take_doubts(tx: Connection, *, now: datetime, lease: timedelta, limit: int = 500) -> Sequence[Doubt]:
    """The posts that should be looked for now, with where their thread is.

    Nobody else takes them before the lease runs out.
    """
    rows = _DOUBTS.all(tx, {"now": now, "most": limit})
    if rows:
        taken = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        tx.execute(taken.values(**DeliveryValues(due_at=now + lease)))
    return rows


def unpark_messages(tx: Connection, *, now: datetime) -> None:
    """Try what Slack refused once more: a newer Baton may write it better. The last rewrite does for all."""
    for row in _ALL_PARKED.all(tx):
        again(tx, row, due_at=now, error=row.error or "parked")


def _is_nag(row: Delivery) -> bool:
    return bool(row.kind == DeliveryKind.NAG and row.op == DeliveryOp.POST)


def _newer(tx: Connection, row: Delivery) -> Delivery | None:
    """What waits already and shows the same: a rewrite of one message, one Home, a nag for one person."""
    if row.op == DeliveryOp.UPDATE:
        # Whoever wishes a rewrite locks the message first: so none comes between this look and the commit.
        tx.execute(select(deliveries.c.id).where(deliveries.c.id == row.target_id).with_for_update())
        same = and_(PENDING_UPDATE, deliveries.c.target_id == row.target_id)
    elif row.op == DeliveryOp.PUBLISH:
        same = and_(PENDING_PUBLISH, deliveries.c.place == row.place)
    elif _is_nag(row):
        same = and_(_WAITING_NAG, deliveries.c.place == row.place)
        thread = deliveries.c.thread_id
        same = and_(same, thread.is_(None) if row.thread_id is None else thread == row.thread_id)
    else:
        return None
    return Query(Delivery, select(deliveries).where(same).with_for_update()).one(tx)


def _close(
    tx: Connection,
    row: Delivery,
    state: DeliveryState,
    values: DeliveryValues,
    held: Sequence[DeliveryState] = _IN_HAND,
) -> bool:
    """Write down the end of one attempt; False if the row went on without it."""
    parked = (DeliveryState.PARKED,) if row.state == DeliveryState.PARKED else ()
    statement = update(deliveries).where(
        deliveries.c.id == row.id,
        deliveries.c.attempts == row.attempts,
        deliveries.c.state.in_((*held, *parked)),
    )
    ended: DeliveryValues = {**values, "state": state}
    if not tx.execute(statement.values(**ended)).rowcount:
        return False
    heads.changed(tx, [row.lane])  # what it held back may go
    if state in _SHOWN_OR_NEVER:
        heads.settled(tx, [row.id])
    return True
