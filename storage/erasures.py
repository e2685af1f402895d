"""Erasures that are asked for or under way, and the tombstones that they leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from storage import heartbeats
from storage.database.sql import Query, insert_once, upsert_once
from storage.models import (
    OPEN_HANDOFF,
    DeliveryKind,
    DeliveryOp,
    Erasure,
    Tombstone,
    deliveries,
    erasures,
    events,
    handoffs,
    leads,
    tombstones,
)
from storage.models.values import DeliveryValues

ERASED = "erased"
"""The beat of whoever has erased somebody, for all processes to see."""

_OPEN = erasures.c.done_at.is_(None)
_GET = Query(Erasure, select(erasures).where(erasures.c.lead_id == bindparam("lead")))
_GET_AND_LOCK = Query(
    Erasure, select(erasures).where(erasures.c.lead_id == bindparam("lead")).with_for_update()
)
_AGREED = Query(
    Erasure,
    select(erasures)
    .where(_OPEN, erasures.c.agreed_at.is_not(None))
    .order_by(erasures.c.id)
    .limit(bindparam("most")),
)
_ASKED = Query(
    Erasure, select(erasures).where(_OPEN, erasures.c.agreed_at.is_(None)).order_by(erasures.c.id).limit(20)
)
_KEEP_OUT = update(tombstones).values(aged=False)
_STANDING = Query(
    Tombstone, select(tombstones).where(tombstones.c.digest.in_(bindparam("digests", expanding=True)))
)
_STONES_OF = Query(Tombstone, select(tombstones).where(tombstones.c.lead_id == bindparam("lead")))
_CARDS = select(deliveries.c.id).where(
    deliveries.c.lead_id == bindparam("lead"),
    deliveries.c.handoff_id.is_(None),
    deliveries.c.kind == DeliveryKind.ERASURE,
    deliveries.c.op == DeliveryOp.POST,
)
_CHANGE = update(erasures).where(erasures.c.id == bindparam("erasure"))
_OLD = (
    select(leads.c.id)
    .where(
        leads.c.updated_at < bindparam("before"),
        leads.c.forgotten_at.is_(None),
        leads.c.merged_into.is_(None),
        or_(leads.c.recycled_until.is_(None), leads.c.recycled_until < bindparam("before")),
        ~select(events.c.id)
        .where(events.c.lead_id == leads.c.id, events.c.at >= bindparam("before"))
        .exists(),
        ~select(handoffs.c.id)
        .where(
            handoffs.c.lead_id == leads.c.id,
            or_(handoffs.c.state.in_([*OPEN_HANDOFF]), handoffs.c.closed_at >= bindparam("before")),
        )
        .exists(),
        ~select(erasures.c.id).where(erasures.c.lead_id == leads.c.id).exists(),
    )
    .order_by(leads.c.id)
    .limit(bindparam("most"))
)


def ask(
    tx: Connection, lead_id: int, *, by: str, at: datetime, agreed: bool = True, aged: bool = False
) -> Erasure:
    """Ask for a lead to be erased; where that was asked before, what was asked then stands."""
    values = {"lead_id": lead_id, "asked_by": by, "asked_at": at, "aged": aged}
    yes = {"agreed_by": by, "agreed_at": at} if agreed else {}
    insert_once(tx, erasures, {**values, **yes}, "lead_id")
    return _GET.the(tx, {"lead": lead_id})


def of_lead(tx: Connection, lead_id: int, *, lock: bool = False) -> Erasure | None:
    """What was asked of a lead, if anything was; with `lock` held until the commit."""
    return (_GET_AND_LOCK if lock else _GET).one(tx, {"lead": lead_id})


def agree(tx: Connection, erasure_id: int, *, by: str, at: datetime) -> None:
    """Let it begin."""
    tx.execute(_CHANGE, {"erasure": erasure_id, "agreed_by": by, "agreed_at": at})


def decline(tx: Connection, erasure_id: int) -> None:
    """Let it be as if nobody had asked."""
    tx.execute(delete(erasures).where(erasures.c.id == erasure_id, erasures.c.agreed_at.is_(None)))


def cards(tx: Connection, lead_id: int) -> Sequence[int]:
    """The messages that ask whether this lead may be erased, by the delivery's id."""
    return tx.execute(_CARDS, {"lead": lead_id}).scalars().all()


def settle_cards(tx: Connection, ids: Sequence[int], body: Mapping[str, object]) -> None:
    """Let these messages say what `body` says from their next writing on."""
    tx.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**DeliveryValues(body=dict(body))))


def done(tx: Connection, erasure_id: int, *, at: datetime) -> None:
    """Nothing is left to erase in the database; each process has its memory to look to."""
    tx.execute(_CHANGE, {"erasure": erasure_id, "done_at": at})
    heartbeats.beat(tx, ERASED, at)


def agreed(tx: Connection, *, limit: int = 100) -> Sequence[Erasure]:
    """What may be carried out and is not done, the oldest first."""
    return _AGREED.all(tx, {"most": limit})


def asked(tx: Connection) -> Sequence[Erasure]:
    """What waits for a second person's yes, the oldest first, at most 20."""
    return _ASKED.all(tx)


def at_rest_since(
    tx: Connection, before: datetime, *, limit: int, lead_id: int | None = None
) -> Sequence[int]:
    """Leads that sales does not have and of which nothing was heard since that moment, oldest first.

    One that is nurtured until a date is not at rest before that. With `lead_id` of that one alone.
    """
    asked = _OLD if lead_id is None else _OLD.where(leads.c.id == lead_id)
    return tx.execute(asked, {"before": before, "most": limit}).scalars().all()


def counts(tx: Connection, since: datetime, until: datetime) -> tuple[int, int]:
    """How many people were erased from a moment to another: by age, and because somebody asked."""
    done = erasures.c.done_at >= since, erasures.c.done_at < until
    statement = select(erasures.c.aged, func.count()).where(*done).group_by(erasures.c.aged)
    found = {aged: int(count) for aged, count in tx.execute(statement)}
    return found.get(True, 0), found.get(False, 0)


def bury(tx: Connection, digests: Collection[str], lead_id: int | None, *, at: datetime, aged: bool) -> None:
    """Leave these tombstones of a lead. Whoever asked to be erased is not let in by what was there before."""
    rows = [{"digest": each, "lead_id": lead_id, "at": at, "aged": aged} for each in sorted(digests)]
    if rows:
        tx.execute(upsert_once(tx.dialect.name, tombstones, "digest"), rows)
    if not aged:
        there = tombstones.c.digest.in_(list(digests))
        tx.execute(_KEEP_OUT.where(there))


def keep_out(tx: Connection, lead_id: int) -> None:
    """Let whoever was erased by age not come in anew: they asked to be erased."""
    tx.execute(_KEEP_OUT.where(tombstones.c.lead_id == lead_id))


def standing(tx: Connection, digests: Collection[str]) -> Sequence[Tombstone]:
    """Those of the tombstones that stand."""
    return _STANDING.all(tx, {"digests": list(digests)}) if digests else ()


def lift(tx: Connection, stones: Sequence[Tombstone]) -> None:
    """Take away these tombstones, and with them all others of the same leads."""
    same = tombstones.c.digest.in_([stone.digest for stone in stones])
    of_lead = tombstones.c.lead_id.in_([stone.lead_id for stone in stones if stone.lead_id is not None])
    tx.execute(delete(tombstones).where(or_(same, of_lead)))


def stones_of(tx: Connection, lead_id: int) -> Sequence[Tombstone]:
    """The tombstones of a lead."""
    return _STONES_OF.all(tx, {"lead": lead_id})
