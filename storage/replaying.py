"""What a replay reads: everything that came, everything that was done, and what Baton made of it.

All of it is read once, and nothing is written. The history comes as a stream, in its own order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from inspect import get_annotations
from typing import Any, cast

from sqlalchemy import Connection, or_, select

from storage.database.sql import Query, columns_of
from storage.models import (
    Activity,
    Actor,
    AgreementVersion,
    Cause,
    ClockKind,
    DeliveryKind,
    DeliveryOp,
    Event,
    EventKind,
    HandoffState,
    NagKind,
    Outage,
    Person,
    activities,
    agreement_versions,
    clocks,
    deliveries,
    events,
    handoffs,
    leads,
    nags,
    outages,
    people,
)

AT_ONCE = 5000


class Passed:
    """One passing of a lead to sales, as far as a replay looks at it."""

    id: int
    lead_id: int
    agreement_id: int
    history: bool
    state: HandoffState
    team: str
    priority: str
    grade: str
    owner: str | None
    handed_at: datetime
    accepted_at: datetime | None
    rejected_at: datetime | None
    won_at: datetime | None
    closed_at: datetime | None


class RanClock:
    """A commitment that ran, as far as a replay looks at it."""

    handoff_id: int
    kind: ClockKind
    owner: str | None
    started_at: datetime
    due_at: datetime
    duration: int
    worked: int | None
    met_at: datetime | None
    met_by: str | None
    breached_at: datetime | None
    cause: Cause | None


class ShownCard:
    """When a card was made, and when Slack took it, or the list in which it stands; `sent_at` None: never."""

    handoff_id: int
    created_at: datetime
    sent_at: datetime | None
    list_sent_at: datetime | None


class Change:
    """When another version of the agreement came into force."""

    created_at: datetime
    body: dict[str, Any]


class Reminded:
    """A line of a reminder: of which handoff and which kind of clock, which step, what, and when."""

    handoff_id: int
    kind: ClockKind
    step: int
    what: NagKind
    at: datetime


_list = deliveries.alias("list")
_PASSED, _RAN = get_annotations(Passed), get_annotations(RanClock)
_VERSIONS = Query(AgreementVersion, select(agreement_versions).order_by(agreement_versions.c.id))
_JUDGED = ("why", "grade", "priority", "stage")
"""What Baton made of a lead, which a replay makes anew."""
_LEADS = select(*(each for each in leads.c if each.name not in _JUDGED)).order_by(leads.c.id)
_ACTIVITIES = Query(Activity, select(activities).order_by(activities.c.lead_id, activities.c.id))
_HANDOFFS = Query(
    Passed, select(*(handoffs.c[each] for each in get_annotations(Passed))).order_by(handoffs.c.id)
)
_CLOCKS = Query(
    RanClock, select(*(clocks.c[each] for each in get_annotations(RanClock))).order_by(clocks.c.id)
)
_OUTAGES = Query(Outage, select(outages).order_by(outages.c.began_at))
_LEFT = Query(Person, select(people).where(people.c.left.is_(True)))
_CARDS = Query(
    ShownCard,
    select(
        deliveries.c.handoff_id,
        deliveries.c.created_at,
        deliveries.c.sent_at,
        _list.c.sent_at.label("list_sent_at"),
    )
    .outerjoin(_list, _list.c.id == deliveries.c.list_id)
    .where(
        deliveries.c.kind == DeliveryKind.CARD,
        deliveries.c.op == DeliveryOp.POST,
        deliveries.c.handoff_id.is_not(None),
    )
    .order_by(deliveries.c.id),
)
_CHANGES = Query(
    Change,
    select(deliveries.c.created_at, deliveries.c.body)
    .where(deliveries.c.kind == DeliveryKind.AGREEMENT, deliveries.c.op == DeliveryOp.POST)
    .order_by(deliveries.c.id),
)
_REMINDED = Query(
    Reminded,
    select(nags.c.handoff_id, clocks.c.kind, nags.c.step, nags.c.what, nags.c.at)
    .join(clocks, clocks.c.id == nags.c.clock_id)
    .order_by(nags.c.id),
)
_OF_A_LOOK = (
    *(EventKind.CLOCK_NUDGED, EventKind.CLOCK_BREACHED, EventKind.REASSIGNED, EventKind.POOLED),
    *(EventKind.REJECTED, EventKind.RECYCLED),
)
_LOOKS = select(events.c.at).where(events.c.actor == Actor.BATON, events.c.kind.in_(_OF_A_LOOK)).distinct()
_UNDONE = select(events.c.handoff_id).where(events.c.kind == EventKind.UNDONE).distinct()
_CHANGED = Query(
    Event,
    select(events)
    .where(or_(events.c.kind == EventKind.UPDATED, events.c.kind == EventKind.SPLIT))
    .order_by(events.c.lead_id, events.c.id),
)
_EVENTS = select(events).order_by(events.c.id).execution_options(yield_per=AT_ONCE)


def versions(tx: Connection) -> Sequence[AgreementVersion]:
    """Every version of the agreement that was ever in force."""
    return _VERSIONS.all(tx)


def all_leads(tx: Connection) -> list[dict[str, Any]]:
    """The columns of every lead as it is now, but for what Baton made of it."""
    return [columns_of(row) for row in tx.execute(_LEADS)]


def all_activities(tx: Connection) -> Sequence[Activity]:
    """Every activity, those of a lead in the order in which they were told."""
    return _ACTIVITIES.all(tx)


def all_handoffs(tx: Connection) -> Sequence[Passed]:
    """Every handoff as it is now."""
    return _HANDOFFS.all(tx)


def all_clocks(tx: Connection) -> Sequence[RanClock]:
    """Every clock that ever ran, in the order in which they were started."""
    return _CLOCKS.all(tx)


def all_outages(tx: Connection) -> Sequence[Outage]:
    """Every stretch in which no replica was at work."""
    return _OUTAGES.all(tx)


def who_left(tx: Connection) -> Sequence[Person]:
    """Everybody who is no longer in the workspace."""
    return _LEFT.all(tx)


def cards(tx: Connection) -> Sequence[ShownCard]:
    """Every card, the first of a handoff first."""
    return _CARDS.all(tx)


def agreement_changes(tx: Connection) -> Sequence[Change]:
    """When the agreement was changed while Baton ran."""
    return _CHANGES.all(tx)


def reminders(tx: Connection) -> Sequence[Reminded]:
    """Every line of every reminder."""
    return _REMINDED.all(tx)


def looks(tx: Connection) -> list[datetime]:
    """The moments at which Baton looked at the clocks and did something, as the history has them."""
    return list(tx.execute(_LOOKS).scalars())


def undone(tx: Connection) -> frozenset[int]:
    """The handoffs of which somebody ever took something back."""
    return frozenset(number for number in tx.execute(_UNDONE).scalars() if number is not None)


def changes_of_leads(tx: Connection) -> Sequence[Event]:
    """The lines of the history that say what a record changed of a lead, in their order."""
    return _CHANGED.all(tx)


def stream(tx: Connection) -> Iterator[Event]:
    """The whole history in its order, a few thousand lines at a time."""
    with closing(tx.execute(_EVENTS)) as rows:
        yield from cast(Iterator[Event], rows)
