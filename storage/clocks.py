"""Clocks: started, changed and ended for a handoff; and which are due, for the ladder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import (
    ColumnClause,
    Connection,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from storage.database import sql
from storage.database.many import among
from storage.database.sql import Query, insert_all, written
from storage.models import (
    Cause,
    ClockKind,
    DeliveryState,
    HandoffState,
    SlaClock,
    clocks,
    deliveries,
    handoffs,
)
from storage.models.values import ClockValues


class Standing:
    """How a handoff and its card stand, for the ladder. `list_ts` is where the card's list was posted."""

    id: int
    lead_id: int
    state: HandoffState
    team: str
    priority: str
    owner: str | None
    campaign: str | None
    reassigned: int
    handed_at: datetime
    given_at: datetime | None
    pooled_at: datetime | None
    card_id: int | None
    card_state: DeliveryState | None
    card_place: str | None
    card_ts: str | None
    card_reposts: int | None
    card_list: int | None
    list_ts: str | None


class ClockChange(TypedDict):
    """What a look at a `clock` makes of it."""

    clock: int
    next_at: datetime | None
    next_step: int
    breached_at: datetime | None
    cause: Cause | None
    stopped_at: datetime | None


_RUNS = (clocks.c.met_at.is_(None), clocks.c.stopped_at.is_(None))
_OF_HANDOFF = (clocks.c.handoff_id == bindparam("handoff"), *_RUNS)
_ADD = insert(clocks)
_CHANGE = update(clocks).where(clocks.c.id == bindparam("clock"))
_STOP = update(clocks).where(*_OF_HANDOFF).values(stopped_at=bindparam("stopped"), next_at=None)
_BLAME_DATA = (
    update(clocks)
    .where(
        clocks.c.handoff_id == bindparam("handoff"),
        clocks.c.breached_at.is_not(None),
        clocks.c.cause == Cause.REP,
    )
    .values(**ClockValues(cause=Cause.BAD_DATA))
)
_RUNNING = Query(SlaClock, select(clocks).where(*_OF_HANDOFF).order_by(clocks.c.due_at))
_ALL_OF_HANDOFF = Query(
    SlaClock, select(clocks).where(clocks.c.handoff_id == bindparam("handoff")).order_by(clocks.c.id)
)
_NEWEST = Query(
    SlaClock,
    select(clocks).where(
        clocks.c.id.in_(
            select(func.max(clocks.c.id))
            .where(
                among(clocks.c.handoff_id, "handoffs"),
                clocks.c.kind != written(ClockKind.ANSWER),
            )
            .group_by(clocks.c.handoff_id)
        )
    ),
)
_OF_LEAD = Query(
    SlaClock,
    select(clocks)
    .join(handoffs, handoffs.c.id == clocks.c.handoff_id)
    .where(handoffs.c.lead_id == bindparam("lead"))
    .order_by(clocks.c.id),
)
_OWNERLESS = Query(
    SlaClock,
    select(clocks)
    .join(handoffs, handoffs.c.id == clocks.c.handoff_id)
    .where(
        literal_column("handoff.state = 'waiting' AND handoff.owner IS NULL"),
        handoffs.c.pooled_at.is_(None),
        handoffs.c.team.in_(bindparam("teams", expanding=True)),
        *_RUNS,
        clocks.c.kind == written(ClockKind.ACCEPT),
    )
    .order_by(handoffs.c.handed_at, handoffs.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=clocks, skip_locked=True),
)
_TO_ACCEPT = Query(
    SlaClock,
    select(clocks)
    .where(
        among(clocks.c.handoff_id, "handoffs"),
        *_RUNS,
        clocks.c.kind == written(ClockKind.ACCEPT),
    )
    .order_by(clocks.c.handoff_id)
    .with_for_update(skip_locked=True),
)
_DUE = Query(
    SlaClock,
    select(clocks)
    .where(*_RUNS, clocks.c.next_at <= bindparam("now"))
    .order_by(clocks.c.next_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True),
)
_card, _list = deliveries.alias("card"), deliveries.alias("list")
_STANDING = Query(
    Standing,
    select(
        handoffs.c.id,
        handoffs.c.lead_id,
        handoffs.c.state,
        handoffs.c.team,
        handoffs.c.priority,
        handoffs.c.owner,
        handoffs.c.campaign,
        handoffs.c.reassigned,
        handoffs.c.handed_at,
        handoffs.c.given_at,
        handoffs.c.pooled_at,
        handoffs.c.card_id,
        _card.c.state.label("card_state"),
        _card.c.place.label("card_place"),
        _card.c.ts.label("card_ts"),
        _card.c.reposts.label("card_reposts"),
        _card.c.list_id.label("card_list"),
        _list.c.ts.label("list_ts"),
    )
    .outerjoin(_card, _card.c.id == handoffs.c.card_id)
    .outerjoin(_list, _list.c.id == _card.c.list_id)
    .where(among(handoffs.c.id, "ids"))
    .with_for_update(of=handoffs, skip_locked=True),
)
_HAS_STAYED: ColumnClause[bool] = literal_column(  # in the words of the index
    "clock.stayed_at IS NOT NULL AND clock.met_at IS NULL AND clock.stopped_at IS NULL"
)
_STAYED = Query(
    SlaClock,
    select(clocks)
    .join(handoffs, handoffs.c.id == clocks.c.handoff_id)
    .where(
        _HAS_STAYED,
        handoffs.c.team.in_(bindparam("teams", expanding=True)),
        or_(clocks.c.paused_until.is_(None), clocks.c.paused_until <= bindparam("now")),
    )
    .order_by(clocks.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=clocks, skip_locked=True),
)
_TEAMS_OF_STAYED = (
    select(handoffs.c.team).join(clocks, clocks.c.handoff_id == handoffs.c.id).where(_HAS_STAYED).distinct()
)
_IS_OWNERLESS: ColumnClause[bool] = literal_column("handoff.state = 'waiting' AND handoff.owner IS NULL")
_TO_DO = select(
    or_(
        exists(handoffs.c.id).where(_IS_OWNERLESS, handoffs.c.pooled_at.is_(None)),
        exists(handoffs.c.id).where(_IS_OWNERLESS, handoffs.c.owner_why.is_not(None)),
        exists(clocks.c.id).where(_HAS_STAYED),
    ),
    select(clocks.c.next_at)
    .where(*_RUNS, clocks.c.next_at.is_not(None))
    .order_by(clocks.c.next_at)
    .limit(literal_column("1"))
    .scalar_subquery(),  # and not whether one is due, which PostgreSQL would plan anew for each moment
)
_OWNERS = (
    select(handoffs.c.id, handoffs.c.owner, handoffs.c.rejected_by, clocks.c.owner.label("had"))
    .outerjoin(clocks, clocks.c.handoff_id == handoffs.c.id)
    .where(among(handoffs.c.id, "handoffs"))
)
_NEXT = select(func.min(clocks.c.next_at)).where(*_RUNS, clocks.c.next_at > bindparam("after"))
_OVERDUE = select(func.count()).where(*_RUNS, clocks.c.next_at <= bindparam("before"))


def start(tx: Connection, values: ClockValues) -> None:
    """Start a clock."""
    tx.execute(_ADD, dict(values))


def start_all(tx: Connection, rows: Sequence[ClockValues]) -> None:
    """Start these clocks."""
    insert_all(tx, clocks, rows)


def change(tx: Connection, clock_id: int, values: ClockValues) -> None:
    """Set these columns of a clock."""
    tx.execute(_CHANGE, {"clock": clock_id, **values})


def change_all(tx: Connection, changes: Sequence[ClockChange]) -> None:
    """Change these clocks, as a look at each found."""
    sql.change_all(tx, clocks, changes, by="clock")


def stop(tx: Connection, clock_id: int, *, at: datetime) -> None:
    """End one clock without its being met."""
    change(tx, clock_id, {"stopped_at": at, "next_at": None})


def stop_all(tx: Connection, handoff_id: int, *, at: datetime) -> None:
    """End every running clock of the handoff without its being met."""
    tx.execute(_STOP, {"handoff": handoff_id, "stopped": at})


def running(tx: Connection, handoff_id: int) -> Sequence[SlaClock]:
    """The clocks that run against a handoff, the first due first."""
    return _RUNNING.all(tx, {"handoff": handoff_id})


def running_of_kind(tx: Connection, handoff_id: int, kind: ClockKind) -> SlaClock | None:
    """The handoff's running clock of this kind: there is never more than one."""
    return next((row for row in running(tx, handoff_id) if row.kind == kind), None)


def of_handoff(tx: Connection, handoff_id: int) -> Sequence[SlaClock]:
    """Every clock that ever ran against the handoff, oldest first."""
    return _ALL_OF_HANDOFF.all(tx, {"handoff": handoff_id})


def newest(tx: Connection, handoff_ids: Collection[int]) -> Sequence[SlaClock]:
    """The last clock of sales that was started for each of these handoffs, whether it runs or not."""
    return _NEWEST.all(tx, {"handoffs": sorted(handoff_ids)}) if handoff_ids else ()


def of_lead(tx: Connection, lead_id: int) -> Sequence[SlaClock]:
    """Every clock that ever ran for the lead, oldest first."""
    return _OF_LEAD.all(tx, {"lead": lead_id})


def blame_data(tx: Connection, handoff_id: int) -> None:
    """The lead was rejected for its data: what a rep was late with is put down to that.

    An outage, or a team with nobody to take the lead, remains the cause where it was.
    """
    tx.execute(_BLAME_DATA, {"handoff": handoff_id})


def claim_due(tx: Connection, now: datetime, limit: int) -> Sequence[SlaClock]:
    """The running clocks that somebody must look at now, the longest due first; nobody else gets them until
    the commit. Those that another replica has in hand are left out."""
    return _DUE.all(tx, {"now": now, "most": limit})


def ownerless(tx: Connection, teams: Collection[str], limit: int) -> Sequence[SlaClock]:
    """The clocks to accept of these teams' leads that somebody should have and nobody has, oldest first."""
    return _OWNERLESS.all(tx, {"teams": sorted(teams), "most": limit}) if teams else ()


def to_accept(tx: Connection, handoff_ids: Collection[int]) -> Sequence[SlaClock]:
    """The running clocks to accept of these handoffs, locked; those that another has in hand are left out."""
    return _TO_ACCEPT.all(tx, {"handoffs": sorted(handoff_ids)}) if handoff_ids else ()


def standing(tx: Connection, handoff_ids: Collection[int]) -> dict[int, Standing]:
    """How these handoffs and their cards stand, locked; one that is being decided just now is left out."""
    return {row.id: row for row in _STANDING.all(tx, {"ids": sorted(handoff_ids)})}


def postpone(tx: Connection, clock_ids: Collection[int], until: datetime) -> None:
    """Look at these clocks again then, not before."""
    sql.change_all(tx, clocks, [{"clock": one, "next_at": until} for one in clock_ids], by="clock")


def stay(tx: Connection, clock_ids: Collection[int], now: datetime) -> None:
    """Nobody could have the leads of these clocks next: they stay where they are until somebody can."""
    sql.change_all(tx, clocks, [{"clock": one, "stayed_at": now} for one in clock_ids], by="clock")


def stayed(tx: Connection, teams: Collection[str], now: datetime, limit: int) -> Sequence[SlaClock]:
    """The running clocks of these teams' leads that stayed with who is late; none that is paused at `now`."""
    return _STAYED.all(tx, {"teams": sorted(teams), "now": now, "most": limit}) if teams else ()


def to_do(tx: Connection, now: datetime) -> tuple[bool, bool]:
    """Whether a lead has no owner, waits in a pool that nobody could take, or stayed with who is late; and
    whether a clock must be looked at now. Asked together: mostly neither is the case."""
    waits, next_at = tx.execute(_TO_DO).one()
    return bool(waits), next_at is not None and next_at <= now


def teams_of_stayed(tx: Connection) -> set[str]:
    """The teams that have such a lead, whether its clock is paused or not."""
    return set(tx.execute(_TEAMS_OF_STAYED).scalars())


def holders(tx: Connection, handoff_ids: Collection[int]) -> dict[int, set[str]]:
    """Everybody who ever had the lead in each of these handoffs, also those from whom it was taken."""
    found: dict[int, set[str]] = defaultdict(set)
    if handoff_ids:
        for row in tx.execute(_OWNERS, {"handoffs": sorted(handoff_ids)}):
            found[row.id] |= {user for user in (row.owner, row.had, row.rejected_by) if user}
    return found


def next_moment(tx: Connection, after: datetime) -> datetime | None:
    """The next moment after this one at which a clock must be looked at, if any runs."""
    found: datetime | None = tx.execute(_NEXT, {"after": after}).scalar_one()
    return found


def overdue(tx: Connection, before: datetime) -> int:
    """How many clocks should have been looked at by then and were not."""
    return int(tx.execute(_OVERDUE, {"before": before}).scalar_one())
