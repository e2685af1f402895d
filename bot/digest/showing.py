"""What a delivery of the report shows: the message, a part of its thread, or the reps for their manager."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.digest.report import from_json
from bot.views.digest.details import detail_message, reps_message
from bot.views.digest.message import Agreed, Posted, digest_message
from bot.views.message import Rendered
from storage import reports
from storage.database.sql import Record


def show_report(tx: Connection, body: dict[str, Any]) -> Rendered | None:
    """The report, with what was decided over it since; its figures are as they were posted."""
    row = reports.get(tx, body["report"])
    if row is None:
        return None
    posted = Posted(row.id, {each.point: agreed(each) for each in reports.decisions_of(tx, row.id)})
    return digest_message(from_json(row.body), posted, plain=bool(body.get("plain")))


def show_detail(tx: Connection, body: dict[str, Any]) -> Rendered | None:
    """One part of the thread; None where there is nothing in it."""
    row = reports.get(tx, body["report"])
    if row is None:
        return None
    report = from_json(row.body)
    if "teams" in body:
        reps = tuple(rep for rep in report.reps if rep.team in body["teams"])
        return reps_message(replace(report, reps=reps)) if reps else None
    return detail_message(report, body["part"], plain=bool(body.get("plain")))


def agreed(row: Record) -> Agreed:
    """A row of `decision` as the views take it."""
    return Agreed(row.what, row.who, row.until, row.decided_by)
