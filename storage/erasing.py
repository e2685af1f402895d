"""What of a person stands in which table, and its erasure in small steps.

Every column that can hold text is named here, by what becomes of it, or in the test beside this file with the
reason why it stays: so that a new one cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    String,
    TypeDecorator,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from storage.database.sql import Query
from storage.models import (
    Activity,
    DeliveryKind,
    DeliveryOp,
    DeliveryState,
    EventKind,
    LeadFields,
    activities,
    content_feedback,
    crm_links,
    deliveries,
    disputes,
    events,
    former_addresses,
    handoffs,
    lead_aliases,
    lead_records,
    lead_words,
    leads,
    refused,
)
from storage.models.columns import Words
from storage.models.details import Detail
from storage.models.values import DeliveryValues, EventValues, RefusedValues
from storage.outbox import heads

AT_ONCE = 500
"""Rows that one step changes at most."""
REMOVED = "[removed]"

_COUNTED = {"employees", "source", "campaign", "currency"}
"""What figures are reckoned by, and many share."""
_NOTHING: Mapping[str, Any] = dict.fromkeys(
    (
        *(name for name in LeadFields.model_fields if name not in _COUNTED),
        *("email_key", "phone_key", "company_key", "company_domain", "origin", "crm_owner"),
    )
)
ERASED: Mapping[str, Mapping[str, Any]] = {
    leads.name: {**_NOTHING, "extra": {}, "told_at": {}, "names_before": [], "why": []},
    handoffs.name: {"note": None, "owner_why": None, "raised_why": None, "why": [], "choice": None},
    disputes.name: {"argument": None},
    content_feedback.name: {"note": None},
    activities.name: {"type": "other", "detail": None, "key": "", "by": None, "system": None},
    events.name: {"detail": {}},
    deliveries.name: {"body": {}},
}
"""What is left of the columns that hold what is known of a person, by table."""
DELETED = (
    *(lead_aliases.name, former_addresses.name, lead_records.name, lead_words.name),
    *(refused.name, crm_links.name),
)
"""The tables whose rows about a person go."""
_KEPT_OF_TURNS = ("team", "user", "among")  # whose turn it was, by which turns are counted


def family(tx: Connection, lead_id: int) -> list[int]:
    """A lead and all that were merged into it, at any remove."""
    found, new = [lead_id], [lead_id]
    while new:
        rows = tx.execute(select(leads.c.id).where(leads.c.merged_into.in_(new))).scalars()
        new = [each for each in rows if each not in found]
        found += new
    return found


def handoffs_of(tx: Connection, lead_ids: Collection[int]) -> list[int]:
    """The ids of all handoffs of these leads."""
    return list(tx.execute(select(handoffs.c.id).where(handoffs.c.lead_id.in_(list(lead_ids)))).scalars())


def complete(tx: Connection, condition: Any, lead_id: int) -> bool:
    """Whether a lead meets a condition on its columns."""
    return tx.execute(select(leads.c.id).where(leads.c.id == lead_id, condition)).first() is not None


def messages_about(tx: Connection, lead_ids: Collection[int]) -> list[int]:
    """The posts that are about these leads, by the delivery's id: cards, their threads, word of them."""
    of = select(handoffs.c.id).where(handoffs.c.lead_id.in_(list(lead_ids)))
    about = or_(
        deliveries.c.handoff_id.in_(of),
        and_(deliveries.c.handoff_id.is_(None), deliveries.c.lead_id.in_(list(lead_ids))),
    )
    statement = select(deliveries.c.id).where(about, deliveries.c.op == DeliveryOp.POST)
    return list(tx.execute(statement.order_by(deliveries.c.id)).scalars())


def gathered_notices(tx: Connection, lead_ids: Collection[int]) -> list[int]:
    """The notices of leads that no team matched, since one of these was such a lead."""
    since = (
        select(func.min(events.c.at))
        .where(events.c.lead_id.in_(list(lead_ids)), events.c.kind == EventKind.UNROUTED)
        .scalar_subquery()
    )
    statement = select(deliveries.c.id).where(
        deliveries.c.handoff_id.is_(None),
        deliveries.c.kind == DeliveryKind.UNROUTED,
        deliveries.c.op == DeliveryOp.POST,
        deliveries.c.sent_at >= since,
    )
    return list(tx.execute(statement).scalars())


def absence_notices(tx: Connection, lead_ids: Collection[int]) -> list[int]:
    """The messages about absences that were sent while sales had one of these: they list a rep's leads."""
    while_open = (
        select(handoffs.c.id)
        .where(
            handoffs.c.lead_id.in_(list(lead_ids)),
            handoffs.c.handed_at <= deliveries.c.sent_at,
            or_(handoffs.c.closed_at.is_(None), handoffs.c.closed_at >= deliveries.c.sent_at),
        )
        .exists()
    )
    statement = select(deliveries.c.id).where(
        deliveries.c.kind == DeliveryKind.ABSENCE, deliveries.c.op == DeliveryOp.POST, while_open
    )
    return list(tx.execute(statement).scalars())


def posts_among(tx: Connection, delivery_ids: Collection[int]) -> list[int]:
    """Those of these deliveries that posted a message."""
    mine = deliveries.c.id.in_(list(delivery_ids))
    return list(tx.execute(select(deliveries.c.id).where(mine, deliveries.c.op == DeliveryOp.POST)).scalars())


def drop_unsent(tx: Connection, ids: Collection[int]) -> None:
    """Let what of these deliveries has not gone out never go, and keep nothing of what they were to say."""
    these = deliveries.c.id.in_(list(ids))
    unsent = deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.PARKED))
    tx.execute(
        update(deliveries)
        .where(these, unsent)
        .values(**DeliveryValues(state=DeliveryState.DROPPED, error="removed"))
    )
    heads.settled(tx, ids)
    tx.execute(update(deliveries).where(these).values(**ERASED[deliveries.name]))


_EVENTS_AFTER = select(events.c.id, events.c.kind, events.c.detail).order_by(events.c.id).limit(AT_ONCE)


def empty_events(tx: Connection, lead_ids: Collection[int], after: int) -> int | None:
    """Take what the history says, from the event after `after` on, and leave when, who and what kind.

    Gives the last event that it came to, None if there was none.
    """
    asked = _EVENTS_AFTER.where(events.c.lead_id.in_(list(lead_ids)), events.c.id > after)
    rows = tx.execute(asked).all()
    plain = [row.id for row in rows if row.kind != EventKind.ASSIGNED]
    tx.execute(update(events).where(events.c.id.in_(plain)).values(**EventValues(detail={})))
    for row in rows:
        if row.kind == EventKind.ASSIGNED:  # whose turn it was, by which turns are counted
            was: Detail = row.detail
            kept: Detail = {"team": was.get("team"), "user": was.get("user"), "among": was.get("among", {})}
            tx.execute(update(events).where(events.c.id == row.id).values(**EventValues(detail=kept)))
    return rows[-1].id if rows else None


_ACTIVITIES_AFTER = select(activities).order_by(activities.c.id).limit(AT_ONCE)


def empty_activities(
    tx: Connection, lead_ids: Collection[int], after: int, types: Collection[str]
) -> int | None:
    """Leave of activities when they were, and their type if it is one of these. Gives as `empty_events`."""
    asked = _ACTIVITIES_AFTER.where(activities.c.lead_id.in_(list(lead_ids)), activities.c.id > after)
    rows = Query(Activity, asked).all(tx)
    for row in rows:
        kept = {"key": f"removed {row.id}"} | ({"type": row.type} if row.type in types else {})
        values = {**ERASED[activities.name], **kept}
        tx.execute(update(activities).where(activities.c.id == row.id).values(**values))
    return rows[-1].id if rows else None


def empty_leads(tx: Connection, lead_ids: Collection[int]) -> None:
    """Take all else: the columns that say who it is, the ids and addresses, the notes of the work."""
    ids, passes = list(lead_ids), handoffs_of(tx, lead_ids)
    tx.execute(update(leads).where(leads.c.id.in_(ids)).values(**ERASED[leads.name]))
    for table in (lead_aliases, former_addresses, lead_records, lead_words, crm_links):
        tx.execute(delete(table).where(table.c.lead_id.in_(ids)))
    tx.execute(update(handoffs).where(handoffs.c.id.in_(passes)).values(**ERASED[handoffs.name]))
    for table in (disputes, content_feedback):
        tx.execute(update(table).where(table.c.handoff_id.in_(passes)).values(**ERASED[table.name]))


_SPLITS = select(events.c.lead_id, events.c.detail).where(events.c.kind == EventKind.SPLIT)


def parted_from(tx: Connection, lead_ids: Collection[int]) -> list[int]:
    """The leads with which these were once one, until they were split."""
    found = tx.execute(_SPLITS.where(events.c.lead_id.in_(list(lead_ids))))
    others = {row.detail.get(name) for row in found for name in ("split_from", "split_into")}
    return sorted(each for each in others if isinstance(each, int) and each not in lead_ids)


def strike_names(tx: Connection, lead_ids: Collection[int], names: Collection[str]) -> None:
    """Write `REMOVED` where one of these names is a whole value in what the history and messages say."""
    if not lead_ids or not names:
        return
    pattern = re.compile(rf"\A(?:{'|'.join(map(re.escape, sorted(names)))})\Z", re.IGNORECASE)
    of_leads = select(events.c.id, events.c.detail).where(events.c.lead_id.in_(list(lead_ids)))
    for row in tx.execute(of_leads).all():
        if (left := struck(row.detail, pattern)) != row.detail:
            tx.execute(update(events).where(events.c.id == row.id).values(**EventValues(detail=left)))
    said = select(deliveries.c.id, deliveries.c.body).where(deliveries.c.id.in_(messages_about(tx, lead_ids)))
    for row in tx.execute(said).all():
        if (left := struck(row.body, pattern)) != row.body:
            tx.execute(
                update(deliveries).where(deliveries.c.id == row.id).values(**DeliveryValues(body=left))
            )


def struck(value: Any, pattern: re.Pattern[str]) -> Any:
    """A text, or JSON with texts in it, with `REMOVED` wherever the pattern is found."""
    if isinstance(value, str):
        return pattern.sub(REMOVED, value)
    if isinstance(value, dict):
        return {struck(name, pattern): struck(each, pattern) for name, each in value.items()}
    if isinstance(value, list):
        return [struck(each, pattern) for each in value]
    return value


def holds_text(column: Column[Any]) -> bool:
    """Whether a column can hold what somebody wrote: text of no vocabulary, or JSON; keys are none."""
    kind = column.type
    if isinstance(kind, TypeDecorator):
        kind = String() if isinstance(kind, Words) else kind.impl_instance
        free = not isinstance(column.type, Words) and isinstance(kind, String)
    else:
        free = isinstance(kind, String | JSON)
    return free and not column.primary_key and not column.foreign_keys


class Kept:
    """A refused record, as far as it takes to see whom it is about."""

    id: int
    door: str
    system: str
    lead_id: int | None
    email_key: str | None
    why: str
    body: dict[str, Any]


_REFUSED_AFTER = Query(
    Kept,
    select(
        refused.c.id,
        refused.c.door,
        refused.c.system,
        refused.c.lead_id,
        refused.c.email_key,
        refused.c.why,
        refused.c.body,
    )
    .where(refused.c.id > bindparam("after"))
    .order_by(refused.c.id)
    .limit(AT_ONCE),
)


def refused_after(tx: Connection, after: int) -> Sequence[Kept]:
    """Some of what was refused, from the one after `after` on."""
    return _REFUSED_AFTER.all(tx, {"after": after})


def blur_refused(tx: Connection, ids: Collection[int], why: str) -> None:
    """Let these refused records no longer say whom they were taken for."""
    tx.execute(
        update(refused).where(refused.c.id.in_(list(ids))).values(**RefusedValues(why=why, lead_id=None))
    )
