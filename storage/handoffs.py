"""Handoffs and the clocks that run against them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnClause, Connection, bindparam, func, insert, literal_column, select, update

from storage.database.sql import Pair, Query, written
from storage.models import (
    OPEN_HANDOFF,
    DeliveryState,
    Handoff,
    HandoffState,
    Lead,
    Stage,
    deliveries,
    handoffs,
    leads,
)
from storage.models.columns import is_in
from storage.models.joined import HandoffRow
from storage.models.values import HandoffValues


class LockedHandoff(HandoffRow):
    """A handoff to be decided, with what a decision changes of its lead, and where its card stands.

    `card_list` is the list in which the card stands as a row.
    """

    lead_stage: Stage
    lead_owner: str | None
    lead_recycled_until: datetime | None
    lead_closed_at: datetime | None
    lead_amount_minor: int | None
    lead_currency: str | None
    lead_merged_into: int | None
    lead_forgotten_at: datetime | None
    card_state: DeliveryState | None
    card_place: str | None
    card_list: int | None


class Given:
    """A lead that somebody has, and since when."""

    owner: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A handoff, and its lead, that goes to another user; why, in words, and how they were chosen."""

    handoff_id: int
    lead_id: int
    user: str
    because: str | None
    choice: dict[str, Any] | None = None


# Written out, so that SQLite sees that the partial indexes on open handoffs hold all that is asked for.
_IS_OPEN: ColumnClause[bool] = literal_column(is_in("handoff.state", *OPEN_HANDOFF))
_ADD = insert(handoffs).returning(handoffs.c.id)
_LOCK = Query(
    LockedHandoff,
    select(
        handoffs,
        leads.c.stage.label("lead_stage"),
        leads.c.owner.label("lead_owner"),
        leads.c.recycled_until.label("lead_recycled_until"),
        leads.c.closed_at.label("lead_closed_at"),
        leads.c.amount_minor.label("lead_amount_minor"),
        leads.c.currency.label("lead_currency"),
        leads.c.merged_into.label("lead_merged_into"),
        leads.c.forgotten_at.label("lead_forgotten_at"),
        deliveries.c.state.label("card_state"),
        deliveries.c.place.label("card_place"),
        deliveries.c.list_id.label("card_list"),
    )
    .join(leads, leads.c.id == handoffs.c.lead_id)
    .outerjoin(deliveries, deliveries.c.id == handoffs.c.card_id)
    .where(handoffs.c.id == bindparam("handoff"))
    .with_for_update(of=[handoffs, leads]),
)
_WITH_LEAD = Pair(
    Handoff,
    Lead,
    select(handoffs, leads)
    .join(leads, leads.c.id == handoffs.c.lead_id)
    .where(handoffs.c.id == bindparam("handoff")),
)
_CHANGE = update(handoffs).where(handoffs.c.id == bindparam("handoff"))
_PASS_ON = _CHANGE.values(
    owner=bindparam("user"),
    owner_why=bindparam("because"),
    reassigned=handoffs.c.reassigned + bindparam("times"),
    given_at=bindparam("at"),
    choice=bindparam("how"),
)
_OWN = (
    update(leads)
    .where(leads.c.id == bindparam("lead"))
    .values(owner=bindparam("user"), updated_at=bindparam("now"))
)
_GET = Query(Handoff, select(handoffs).where(handoffs.c.id == bindparam("handoff")))
_OF_LEAD = select(handoffs).where(handoffs.c.lead_id == bindparam("lead"))
_ALL_OF_LEAD = Query(Handoff, _OF_LEAD.order_by(handoffs.c.handed_at, handoffs.c.id))
_OPEN_OF_LEAD = Query(Handoff, _OF_LEAD.where(_IS_OPEN))
_FIRST = select(func.min(handoffs.c.handed_at)).where(handoffs.c.lead_id == bindparam("lead"))
# One that was withdrawn or merged away is the last word only where there is no other.
_LATEST_OF_LEAD = Query(
    Handoff,
    _OF_LEAD.order_by(
        handoffs.c.state == written(HandoffState.MERGED), handoffs.c.handed_at.desc(), handoffs.c.id.desc()
    ).limit(literal_column("1")),
)
_OPEN_COUNTS = (
    select(handoffs.c.owner, func.count())
    .where(handoffs.c.owner.in_(bindparam("owners", expanding=True)), _IS_OPEN)
    .group_by(handoffs.c.owner)
)
_OWNERLESS_TEAMS = (
    select(handoffs.c.team)
    .where(
        literal_column("handoff.state = 'waiting' AND handoff.owner IS NULL"), handoffs.c.pooled_at.is_(None)
    )
    .distinct()
)
# In the words of the two partial indexes.
_IS_NOBODYS: ColumnClause[bool] = literal_column("handoff.state = 'waiting' AND handoff.owner IS NULL")
_WAITING_ONES = (
    select(handoffs.c.id)
    .where(_IS_NOBODYS, handoffs.c.team == bindparam("team"))
    .order_by(handoffs.c.id)
    .limit(bindparam("most"))
)
_FOR_ANYBODY = _WAITING_ONES.where(handoffs.c.owner_why.is_(None))
_FOR_NOBODY = _WAITING_ONES.where(handoffs.c.owner_why.is_not(None))
_TEAMS_WITH_NOBODY = select(handoffs.c.team).where(_IS_NOBODYS, handoffs.c.owner_why.is_not(None)).distinct()
_GIVEN = Query(
    Given,
    select(handoffs.c.owner, handoffs.c.given_at).where(
        handoffs.c.owner.in_(bindparam("owners", expanding=True)), handoffs.c.given_at >= bindparam("since")
    ),
)


_OPEN_CARDS = (
    select(handoffs.c.card_id)
    .where(_IS_OPEN, handoffs.c.card_id > bindparam("after"))
    .order_by(handoffs.c.card_id)
    .limit(bindparam("most"))
)
_TOKENS = select(handoffs.c.id, handoffs.c.token).where(handoffs.c.id.in_(bindparam("ids", expanding=True)))


def add(tx: Connection, values: HandoffValues) -> int:
    """Store a new handoff and give its id."""
    return int(tx.execute(_ADD, dict(values)).scalar_one())


def change(tx: Connection, handoff_id: int, values: HandoffValues) -> None:
    """Set these columns of a handoff."""
    tx.execute(_CHANGE, {"handoff": handoff_id, **values})


def pass_on_all(tx: Connection, passed: Sequence[PassedOn], now: datetime, *, first: bool = False) -> None:
    """Give each of these to another user; `first`: nobody had it, so that it is no reassignment."""
    if passed:
        given = [
            {
                **{"handoff": one.handoff_id, "user": one.user, "because": one.because},
                **{"at": now, "how": one.choice, "times": 0 if first else 1},
            }
            for one in passed
        ]
        tx.execute(_PASS_ON, given)
        tx.execute(_OWN, [{"lead": one.lead_id, "user": one.user, "now": now} for one in passed])


def get(tx: Connection, handoff_id: int) -> Handoff | None:
    """A handoff, if there is one of this id."""
    return _GET.one(tx, {"handoff": handoff_id})


def with_lead(tx: Connection, handoff_id: int) -> tuple[Handoff, Lead] | None:
    """A handoff and its lead, if there is a handoff of this id."""
    return _WITH_LEAD.one(tx, {"handoff": handoff_id})


def lock(tx: Connection, handoff_id: int) -> LockedHandoff | None:
    """A handoff to be decided, locked until the commit, and its lead with it."""
    return _LOCK.one(tx, {"handoff": handoff_id})


def of_lead(tx: Connection, lead_id: int) -> Sequence[Handoff]:
    """Every handoff of the lead, oldest first."""
    return _ALL_OF_LEAD.all(tx, {"lead": lead_id})


def open_of_lead(tx: Connection, lead_id: int) -> Handoff | None:
    """The lead's open handoff: there is never more than one."""
    return _OPEN_OF_LEAD.one(tx, {"lead": lead_id})


def first_handed_at(tx: Connection, lead_id: int) -> datetime | None:
    """When the lead was first handed to sales; None if it never was."""
    found: datetime | None = tx.execute(_FIRST, {"lead": lead_id}).scalar_one()
    return found


def latest_of_lead(tx: Connection, lead_id: int) -> Handoff | None:
    """The lead's newest handoff, open or not; one that was withdrawn or merged only where it has no other."""
    return _LATEST_OF_LEAD.one(tx, {"lead": lead_id})


def open_counts(tx: Connection, owners: Iterable[str]) -> dict[str, int]:
    """How many open leads each of these people holds; nobody is left out."""
    names = list(owners)
    counted = {row.owner: int(row[1]) for row in tx.execute(_OPEN_COUNTS, {"owners": names})}
    return {name: counted.get(name, 0) for name in names}


def given_since(tx: Connection, owners: Iterable[str], since: datetime) -> Sequence[Given]:
    """The leads that these people were given since then and have, or had as they closed."""
    return _GIVEN.all(tx, {"owners": list(owners), "since": since})


def teams_with_ownerless(tx: Connection) -> set[str]:
    """The teams that have a lead which waits and nobody has."""
    return set(tx.execute(_OWNERLESS_TEAMS).scalars())


def waiting_for_anybody(tx: Connection, team: str, limit: int) -> Sequence[int]:
    """The handoffs of a pool, by id, that wait for anybody in it, of whom it is not known that nobody can."""
    return tx.execute(_FOR_ANYBODY, {"team": team, "most": limit}).scalars().all()


def nobody_could_take(tx: Connection, team: str, limit: int) -> Sequence[int]:
    """The handoffs of a team, by id, that wait and that nobody could take when last looked at."""
    return tx.execute(_FOR_NOBODY, {"team": team, "most": limit}).scalars().all()


def teams_with_nobody(tx: Connection) -> set[str]:
    """The teams that have a lead which waits and nobody could take when last looked at."""
    return set(tx.execute(_TEAMS_WITH_NOBODY).scalars())


def tokens(tx: Connection, handoff_ids: Collection[int]) -> dict[int, str]:
    """The token of each of these handoffs that has one."""
    rows = tx.execute(_TOKENS, {"ids": sorted(handoff_ids)}) if handoff_ids else ()
    return {row.id: row.token for row in rows if row.token is not None}


def open_cards(tx: Connection, *, after: int, limit: int) -> Sequence[int]:
    """The deliveries that are the cards of open handoffs, by id, from the one after `after` on."""
    return tx.execute(_OPEN_CARDS, {"after": after, "most": limit}).scalars().all()
