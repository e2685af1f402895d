"""Periodic reports as they were posted, and what was decided over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select, update

from storage.database.sql import Query, upsert
from storage.models import Report, ReportDecision, decisions, deliveries, reports
from storage.models.upkeep import DecisionValues, ReportValues
from storage.models.values import DeliveryValues

_GET = Query(Report, select(reports).where(reports.c.id == bindparam("wanted")))
_LATEST = Query(
    Report,
    select(reports)
    .where(
        reports.c.report == bindparam("wanted"),
        reports.c.channel == bindparam("place"),
        reports.c.to_at <= bindparam("before"),
    )
    .order_by(reports.c.to_at.desc(), reports.c.id.desc())
    .limit(literal_column("1")),
)
_DECISIONS = Query(
    ReportDecision,
    select(decisions).where(decisions.c.report_id == bindparam("wanted")).order_by(decisions.c.id),
)


def add(
    tx: Connection,
    report: str,
    *,
    period: str,
    channel: str,
    since: datetime,
    until: datetime,
    made_at: datetime,
    body: Mapping[str, Any],
) -> int | None:
    """Keep a report and give its id; None if this channel has it for this period already."""
    statement = upsert(tx, reports).values(
        **ReportValues(
            report=report,
            period=period,
            channel=channel,
            from_at=since,
            to_at=until,
            made_at=made_at,
            body=dict(body),
        )
    )
    once = statement.on_conflict_do_nothing(index_elements=["report", "period", "channel"])
    return tx.execute(once.returning(reports.c.id)).scalar_one_or_none()


def is_present(tx: Connection, report: str, *, period: str, channel: str) -> bool:
    """Whether this channel has the report for this period."""
    statement = select(reports.c.id).where(
        reports.c.report == report, reports.c.period == period, reports.c.channel == channel
    )
    return tx.execute(statement).first() is not None


def get(tx: Connection, report_id: int) -> Report | None:
    """A report, if there is one of this id."""
    return _GET.one(tx, {"wanted": report_id})


def latest(tx: Connection, report: str, channel: str, *, before: datetime) -> Report | None:
    """The newest report of a channel whose period ended by then."""
    return _LATEST.one(tx, {"wanted": report, "place": channel, "before": before})


def posted_as(tx: Connection, report_id: int, delivery_id: int) -> None:
    """Note which delivery shows the report."""
    tx.execute(
        update(reports).where(reports.c.id == report_id).values(**ReportValues(delivery_id=delivery_id))
    )


def decide(
    tx: Connection,
    report_id: int,
    point: str,
    *,
    what: str,
    who: str | None,
    until: date | None,
    by: str,
    at: datetime,
) -> None:
    """Keep what was decided on a point; a later decision takes the place of an earlier one."""
    told: DecisionValues = {"what": what, "who": who, "until": until, "decided_by": by, "decided_at": at}
    row: DecisionValues = {"report_id": report_id, "point": point, **told}
    statement = upsert(tx, decisions).values(**row)
    tx.execute(statement.on_conflict_do_update(index_elements=["report_id", "point"], set_=dict(told)))


def decisions_of(tx: Connection, report_id: int) -> Sequence[ReportDecision]:
    """What was decided over a report, in the order in which it was first said."""
    return _DECISIONS.all(tx, {"wanted": report_id})


def draw_plainly(tx: Connection, delivery_id: int) -> bool:
    """Have a report drawn without charts from now on; False if it was already."""
    body = tx.execute(select(deliveries.c.body).where(deliveries.c.id == delivery_id)).scalar_one()
    if body.get("plain"):
        return False
    changed = update(deliveries).where(deliveries.c.id == delivery_id)
    tx.execute(changed.values(**DeliveryValues(body={**body, "plain": True})))
    return True
