"""What boards and queues list: open handoffs with their leads and clocks, counts by person and campaign.

Every list is bounded; what a row means is decided above.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from storage.database.sql import Query, written
from storage.disputes import UNDECIDED
from storage.models import (
    OPEN_HANDOFF,
    ClockKind,
    EventKind,
    HandoffState,
    SlaClock,
    clocks,
    disputes,
    events,
    handoffs,
    leads,
)
from storage.models.columns import is_in
from storage.models.joined import LeadRow


class BoardRow(LeadRow):
    """A lead with its handoff, and the clock that runs against that. `team` is the handoff's."""

    handoff_id: int
    handoff_agreement_id: int
    handoff_state: HandoffState
    team: str
    handoff_priority: str
    handoff_owner: str | None
    handed_at: datetime
    touched_at: datetime | None
    owner_why: str | None
    clock_id: int | None


class Contested(BoardRow):
    """A rejection that marketing contests, and why sales had rejected."""

    argument: str | None
    contested_at: datetime
    contested_by: str
    rejected_by: str | None
    rejected_for: str | None
    rejected_note: str | None


class Load:
    """How many open leads of a team somebody has (None: nobody yet), and of those waiting and late."""

    team: str
    owner: str | None
    open: int
    waiting: int
    late: int


class CampaignCount:
    """How many of a campaign's handoffs got how far. `campaign` is in small letters."""

    campaign: str | None
    handed_off: int
    accepted: int
    rejected: int
    waiting: int
    verified: int


# Written out, so that SQLite sees that the partial indexes hold all that is asked for.
_IS_OPEN: ColumnClause[bool] = literal_column(is_in("handoff.state", *OPEN_HANDOFF))
_IS_WAITING = and_(_IS_OPEN, handoffs.c.state == written(HandoffState.WAITING))
_RUNS: ColumnClause[bool] = literal_column("clock.met_at IS NULL AND clock.stopped_at IS NULL")
_OWED: ColumnClause[bool] = literal_column(
    f"clock.kind = '{ClockKind.ANSWER}' AND clock.met_at IS NULL AND clock.stopped_at IS NULL"
)
TURNS_COUNTED = 2000
"""How many turns of rotations are looked at."""
_SOONEST = (clocks.c.due_at.is_(None), clocks.c.due_at, handoffs.c.id)
_LATE = or_(clocks.c.breached_at.is_not(None), clocks.c.due_at <= bindparam("now"))

_ROWS: Select[tuple[Any, ...]] = (
    select(
        handoffs.c.id.label("handoff_id"),
        handoffs.c.agreement_id.label("handoff_agreement_id"),
        handoffs.c.state.label("handoff_state"),
        handoffs.c.team,
        handoffs.c.priority.label("handoff_priority"),
        handoffs.c.owner.label("handoff_owner"),
        handoffs.c.handed_at,
        handoffs.c.touched_at,
        handoffs.c.owner_why,
        leads,
        clocks.c.id.label("clock_id"),
    )
    .select_from(handoffs)
    .join(leads, leads.c.id == handoffs.c.lead_id)
)
_WITH_CLOCK = _ROWS.outerjoin(clocks, and_(clocks.c.handoff_id == handoffs.c.id, _RUNS))


def _listed(query: Select[tuple[Any, ...]], *order: ColumnElement[Any]) -> Query[BoardRow]:
    page = query.order_by(*order).limit(bindparam("most")).offset(bindparam("skip"))
    return Query(BoardRow, page)


_OWN = _listed(_WITH_CLOCK.where(handoffs.c.owner == bindparam("user"), _IS_OPEN), *_SOONEST)
_ACCEPTED_BY = and_(
    handoffs.c.owner == bindparam("user"), _IS_OPEN, handoffs.c.state == written(HandoffState.ACCEPTED)
)
_WAITS_FOR = and_(
    handoffs.c.team.in_(bindparam("teams", expanding=True)),
    _IS_WAITING,
    or_(handoffs.c.owner.is_(None), handoffs.c.owner == bindparam("user")),
)
_ACCEPTED_ONES = _listed(_WITH_CLOCK.where(_ACCEPTED_BY), *_SOONEST)
_WAITING_ONES = _listed(_WITH_CLOCK.where(_WAITS_FOR), *_SOONEST)
_COUNT_ACCEPTED = select(func.count()).select_from(handoffs).where(_ACCEPTED_BY)
_COUNT_WAITING = select(func.count()).select_from(handoffs).where(_WAITS_FOR)
_NOBODYS = and_(
    handoffs.c.team.in_(bindparam("teams", expanding=True)),
    handoffs.c.owner.is_(None),
    literal_column("handoff.state = 'waiting' AND handoff.owner IS NULL"),
)
_SHOULD_HAVE_ONE = and_(
    _NOBODYS,
    or_(
        handoffs.c.owner_why.is_not(None),
        handoffs.c.team.in_(bindparam("rotating", expanding=True)),
    ),
)
_OWNERLESS = _listed(_WITH_CLOCK.where(_SHOULD_HAVE_ONE), *_SOONEST)
_COUNT_OWNERLESS = select(func.count()).select_from(handoffs).where(_SHOULD_HAVE_ONE)
_THESE_OPEN = Query(
    BoardRow,
    _WITH_CLOCK.where(handoffs.c.id.in_(bindparam("ids", expanding=True)), _IS_OPEN).order_by(*_SOONEST),
)
_QUEUE = _listed(
    _WITH_CLOCK.where(handoffs.c.team.in_(bindparam("teams", expanding=True)), _IS_WAITING), *_SOONEST
)
_LATE_ONES = _listed(
    _WITH_CLOCK.where(handoffs.c.team.in_(bindparam("teams", expanding=True)), _IS_OPEN, _LATE), *_SOONEST
)
_OF_LEADS = Query(BoardRow, _WITH_CLOCK.where(leads.c.id.in_(bindparam("ids", expanding=True)), _IS_OPEN))
_OWED_ANSWERS = _listed(
    _ROWS.join(clocks, and_(clocks.c.handoff_id == handoffs.c.id, _OWED)), clocks.c.due_at, handoffs.c.id
)
_CONTESTED = Query(
    Contested,
    _ROWS.add_columns(
        disputes.c.argument,
        disputes.c.at.label("contested_at"),
        disputes.c.by.label("contested_by"),
        handoffs.c.rejected_by,
        handoffs.c.reason.label("rejected_for"),
        handoffs.c.note.label("rejected_note"),
    )
    .join(disputes, disputes.c.handoff_id == handoffs.c.id)
    .outerjoin(clocks, and_(clocks.c.handoff_id == handoffs.c.id, _RUNS))
    .where(
        UNDECIDED,
        leads.c.forgotten_at.is_(None),
        handoffs.c.team.in_(bindparam("teams", expanding=True)),
    )
    .order_by(disputes.c.at)
    .limit(bindparam("most")),
)
_CLOCKS = Query(SlaClock, select(clocks).where(clocks.c.id.in_(bindparam("ids", expanding=True))))
_COUNT_OWN = select(func.count()).where(handoffs.c.owner == bindparam("user"), _IS_OPEN)
_COUNT_QUEUE = select(func.count()).where(
    handoffs.c.team.in_(bindparam("teams", expanding=True)), _IS_WAITING
)
_LOADS = Query(
    Load,
    select(
        handoffs.c.team,
        handoffs.c.owner,
        func.count().label("open"),
        func.sum(case((handoffs.c.state == written(HandoffState.WAITING), 1), else_=0)).label("waiting"),
        func.sum(case((_LATE, 1), else_=0)).label("late"),
    )
    .select_from(handoffs)
    .outerjoin(clocks, and_(clocks.c.handoff_id == handoffs.c.id, _RUNS))
    .where(handoffs.c.team.in_(bindparam("teams", expanding=True)), _IS_OPEN)
    .group_by(handoffs.c.team, handoffs.c.owner),
)
_CAMPAIGNS = Query(
    CampaignCount,
    select(
        func.lower(handoffs.c.campaign).label("campaign"),
        func.count().label("handed_off"),
        func.sum(case((handoffs.c.accepted_at.is_not(None), 1), else_=0)).label("accepted"),
        func.sum(case((handoffs.c.state == HandoffState.REJECTED, 1), else_=0)).label("rejected"),
        func.sum(case((handoffs.c.state == HandoffState.WAITING, 1), else_=0)).label("waiting"),
        func.sum(case((handoffs.c.sql_at.is_not(None), 1), else_=0)).label("verified"),
    )
    .where(handoffs.c.handed_at >= bindparam("since"), handoffs.c.state != HandoffState.MERGED)
    .group_by(func.lower(handoffs.c.campaign)),
)
_LONGEST_WAITING = Query(
    BoardRow,
    _WITH_CLOCK.where(
        handoffs.c.team.in_(bindparam("teams", expanding=True)),
        _IS_WAITING,
        func.lower(handoffs.c.campaign).in_(bindparam("campaigns", expanding=True)),
    )
    .order_by(handoffs.c.handed_at, handoffs.c.id)
    .limit(bindparam("most")),
)
_DEEDS = (
    select(events.c.kind, func.count())
    .where(
        events.c.kind.in_(bindparam("kinds", expanding=True)),
        events.c.at >= bindparam("since"),
        events.c.actor == bindparam("user"),
    )
    .group_by(events.c.kind)
)
_TURNS = (
    select(events.c.detail)
    .where(events.c.kind == written(EventKind.ASSIGNED), events.c.at >= bindparam("since"))
    .order_by(events.c.at.desc())
    .limit(literal_column(str(TURNS_COUNTED)))
)
_COUNT_OWED = select(func.count()).select_from(clocks).where(_OWED)


def open_of(tx: Connection, user: str, *, limit: int, skip: int = 0) -> Sequence[BoardRow]:
    """The open leads that somebody has, the first due first."""
    return _OWN.all(tx, {"user": user, "most": limit, "skip": skip})


def accepted_of(tx: Connection, user: str, *, limit: int) -> Sequence[BoardRow]:
    """The leads that somebody works on, the first due first."""
    return _ACCEPTED_ONES.all(tx, {"user": user, "most": limit, "skip": 0})


def count_accepted_of(tx: Connection, user: str) -> int:
    """How many leads somebody works on."""
    return int(tx.execute(_COUNT_ACCEPTED, {"user": user}).scalar_one())


def waiting_for(tx: Connection, user: str, teams: Collection[str], *, limit: int) -> Sequence[BoardRow]:
    """What somebody of these teams could accept: theirs and what nobody has, the first due first."""
    return _WAITING_ONES.all(tx, {"user": user, "teams": list(teams), "most": limit, "skip": 0})


def count_waiting_for(tx: Connection, user: str, teams: Collection[str]) -> int:
    """How many leads somebody of these teams could accept."""
    return int(tx.execute(_COUNT_WAITING, {"user": user, "teams": list(teams)}).scalar_one())


def ownerless_in(
    tx: Connection, teams: Collection[str], rotating: Collection[str], *, limit: int
) -> Sequence[BoardRow]:
    """The leads of these teams that wait and nobody has, the first due first; of those that do not take turns
    (`rotating` do) only what nobody can take."""
    asked = {"teams": list(teams), "rotating": list(rotating), "most": limit, "skip": 0}
    return _OWNERLESS.all(tx, asked)


def count_ownerless_in(tx: Connection, teams: Collection[str], rotating: Collection[str]) -> int:
    """How many leads `ownerless_in` would give without a limit."""
    asked = {"teams": list(teams), "rotating": list(rotating)}
    return int(tx.execute(_COUNT_OWNERLESS, asked).scalar_one())


def these_open(tx: Connection, handoff_ids: Collection[int]) -> Sequence[BoardRow]:
    """Those of these handoffs that are open, the first due first."""
    return _THESE_OPEN.all(tx, {"ids": list(handoff_ids)}) if handoff_ids else ()


def count_open_of(tx: Connection, user: str) -> int:
    """How many open leads somebody has."""
    return int(tx.execute(_COUNT_OWN, {"user": user}).scalar_one())


def waiting_in(tx: Connection, teams: Collection[str], *, limit: int, skip: int = 0) -> Sequence[BoardRow]:
    """The leads of these teams that nobody has accepted, the first due first."""
    return _QUEUE.all(tx, {"teams": list(teams), "most": limit, "skip": skip})


def count_waiting_in(tx: Connection, teams: Collection[str]) -> int:
    """How many leads of these teams nobody has accepted."""
    return int(tx.execute(_COUNT_QUEUE, {"teams": list(teams)}).scalar_one())


def late_in(tx: Connection, teams: Collection[str], now: datetime, *, limit: int) -> Sequence[BoardRow]:
    """The open leads of these teams whose clock has run out, the longest first."""
    return _LATE_ONES.all(tx, {"teams": list(teams), "now": now, "most": limit, "skip": 0})


def open_of_leads(tx: Connection, lead_ids: Collection[int]) -> dict[int, BoardRow]:
    """The open handoff of each of these leads that has one, by the lead's id."""
    return {row.id: row for row in _OF_LEADS.all(tx, {"ids": list(lead_ids)})}


def clocks_of(tx: Connection, clock_ids: Collection[int]) -> dict[int, SlaClock]:
    """These clocks, by id."""
    return {row.id: row for row in _CLOCKS.all(tx, {"ids": list(clock_ids)})}


def owed_answers(tx: Connection, *, limit: int) -> Sequence[BoardRow]:
    """The rejections that marketing has not answered, the first due first."""
    return _OWED_ANSWERS.all(tx, {"most": limit, "skip": 0})


def count_owed_answers(tx: Connection) -> int:
    """How many rejections marketing has not answered."""
    return int(tx.execute(_COUNT_OWED).scalar_one())


def contested_in(tx: Connection, teams: Collection[str], *, limit: int) -> Sequence[Contested]:
    """The rejections of these teams that marketing contests and nobody has ruled on, the oldest first."""
    return _CONTESTED.all(tx, {"teams": list(teams), "most": limit})


def loads_in(tx: Connection, teams: Collection[str], now: datetime) -> Sequence[Load]:
    """The open leads of these teams, counted by team and owner."""
    return _LOADS.all(tx, {"teams": list(teams), "now": now})


def campaigns_since(tx: Connection, since: datetime) -> Sequence[CampaignCount]:
    """The handoffs since a moment, counted by campaign."""
    return _CAMPAIGNS.all(tx, {"since": since})


def longest_waiting(
    tx: Connection, teams: Collection[str], campaigns: Collection[str], *, limit: int
) -> Sequence[BoardRow]:
    """The leads of these campaigns (in small letters) that have waited longest for sales."""
    wanted = {"teams": list(teams), "campaigns": list(campaigns), "most": limit}
    return _LONGEST_WAITING.all(tx, wanted)


def deeds_since(
    tx: Connection, user: str, kinds: Collection[EventKind], since: datetime
) -> dict[EventKind, int]:
    """How often somebody did each of these kinds of things since a moment."""
    wanted = {"user": user, "kinds": list(kinds), "since": since}
    return {row[0]: int(row[1]) for row in tx.execute(_DEEDS, wanted)}


def turns_since(tx: Connection, since: datetime) -> list[dict[str, Any]]:
    """The newest turns of rotations since a moment: `team`, `user`, and `among` whom with which weights."""
    return [dict(row.detail) for row in tx.execute(_TURNS, {"since": since})]
