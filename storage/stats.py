"""How many of everything there are: the counts behind `/metrics`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, func, literal, select

from storage import destinations, refused
from storage.models import HandoffState, clocks, handoffs, heartbeats, leads
from storage.outbox import drain, posts
from storage.outbox.drain import Waiting

Counts: TypeAlias = dict[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by label: leads by source; handoffs by team and priority; decisions by team and what was
    decided; breaches by kind of clock; deliveries by state that is no end, and what of them waits;
    what is kept of the refused by door and cause; events that have not arrived, by destination and state.
    `beats`: when each part last said that it is well."""

    leads: Counts
    handoffs: Counts
    decisions: Counts
    breaches: Counts
    outbox: dict[str, int]
    waiting: Sequence[Waiting]
    refused: Counts
    webhooks: Counts
    beats: dict[str, datetime]


_LEADS = select(leads.c.source, func.count()).group_by(leads.c.source)
_HANDOFFS = select(handoffs.c.team, handoffs.c.priority, func.count()).group_by(
    handoffs.c.team, handoffs.c.priority
)
_ACCEPTED = (
    select(handoffs.c.team, literal("accepted"), func.count())
    .where(handoffs.c.accepted_at.is_not(None))
    .group_by(handoffs.c.team)
)
_REJECTED = (
    select(handoffs.c.team, literal("rejected"), func.count())
    .where(handoffs.c.state == HandoffState.REJECTED)
    .group_by(handoffs.c.team)
)
_BREACHES = (
    select(clocks.c.kind, func.count()).where(clocks.c.breached_at.is_not(None)).group_by(clocks.c.kind)
)
_BEATS = select(heartbeats.c.name, heartbeats.c.at)


def figures(tx: Connection) -> Figures:
    """Count everything anew: the truth whatever was restarted, and however many replicas there are."""
    return Figures(
        leads=_counted(tx, _LEADS),
        handoffs=_counted(tx, _HANDOFFS),
        decisions=_counted(tx, _ACCEPTED) | _counted(tx, _REJECTED),
        breaches=_counted(tx, _BREACHES),
        outbox=posts.backlog(tx),
        waiting=drain.waiting(tx),
        webhooks=destinations.counts(tx),
        refused=refused.counts(tx),
        beats={row.name: row.at for row in tx.execute(_BEATS)},
    )


def _counted(tx: Connection, statement: Select[*tuple[Any, ...]]) -> Counts:
    return {tuple(str(label or "") for label in labels): count for *labels, count in tx.execute(statement)}
