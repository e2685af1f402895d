"""The two people of a lead, as its stored history tells of them. Who is who is rules/splitting.py's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection

from bot.lookups.history import BEFORE
from bot.rules.identity_changes import IDENTITY_FIELDS
from bot.rules.splitting import Activity, Entry, Joined, Part, Record, Split, propose_split
from storage import handoffs, history, leads, newest, parting, records
from storage.database.sql import columns_of, known
from storage.models import Activity as ActivityRow
from storage.models import Event, EventKind, Lead

CHANGED: Final = "changed"
WHO: Final = "who"
"""Where the line of a split keeps each field of the person whom it leaves the lead with."""

MOST = 5_000
"""Of a lead with more activities, or more lines of history, nothing is looked at one by one."""
_BY_DATE = "There are too many activities to look at each; they go by their dates."
_FIELDS = tuple(name for name in IDENTITY_FIELDS if name != "external_ids")
_TELLING = (EventKind.CREATED, EventKind.UPDATED, EventKind.ACTIVITY, EventKind.SPLIT)


def people_of(tx: Connection, lead: Lead) -> Split | None:
    """How the lead would be split now; None where its history tells of one person only.

    Who the lead was when sales last took it stays. What lies before an earlier split is settled by that. The
    parts of a lead that did very much name no activities and records, but the times that they go by.
    """
    if is_busy(tx, lead.id):
        return _people_by_dates(tx, lead)
    events = _since_split(history.of_kinds(tx, lead.id, _TELLING))
    merges = [found for former in leads.joined_to(tx, lead.id) if (found := _merge_of(tx, former, lead.id))]
    rows = sorted(leads.activities_of(tx, lead.id, limit=MOST), key=lambda row: row.id)
    joined = [_joined_entry(tx, former, event) for former, event in merges]
    brought = {each for entry in joined if entry.joined for each in entry.joined.activities}
    own = [row for row in rows if row.id not in brought]
    told = sorted([*map(_entry, events), *joined], key=lambda entry: entry.id)
    latest = handoffs.latest_of_lead(tx, lead.id)
    return propose_split(
        [_beginning(lead, told), *told],
        [*_activities(events, own), *(Activity(row.id, row.at) for row in rows if row.id in brought)],
        [Record(*each) for each in records.of_lead(tx, lead.id)],
        held_at=latest.handed_at if latest is not None else None,
    )


def is_busy(tx: Connection, lead_id: int) -> bool:
    """Whether a lead did so much that nothing of it is looked at one by one."""
    return max(newest.count(tx, lead_id), history.count_of_lead(tx, lead_id)) > MOST


def _people_by_dates(tx: Connection, lead: Lead) -> Split | None:
    """The same from the newest lines that say who the lead was, whatever else its history tells."""
    events = _since_split(history.lines_of_identity(tx, lead.id, limit=MOST))
    merges = [found for former in leads.joined_to(tx, lead.id) if (found := _merge_of(tx, former, lead.id))]
    joined = [_joined_entry(None, former, event) for former, event in merges]
    told = sorted([*map(_entry, events), *joined], key=lambda entry: entry.id)
    latest = handoffs.latest_of_lead(tx, lead.id)
    held_at = latest.handed_at if latest is not None else None
    parted = propose_split([_beginning(lead, told), *told], held_at=held_at)
    return replace(parted, doubts=(*parted.doubts, _BY_DATE)) if parted is not None else None


def copies_of(tx: Connection, lead_id: int, part: Part) -> list[ColumnElement[bool]]:
    """Which activities of a lead are those that one of its people brought as they were merged into it."""
    event = merge_of(tx, part.lead, lead_id) if part.lead is not None else None
    return parting.brought(known(part.lead), event.detail[BEFORE]["merged"]) if event is not None else []


def counts_of(tx: Connection, lead_id: int, split: Split) -> tuple[int, int]:
    """How many activities stay, and how many go."""
    stays, goes = split.stays, split.goes
    if not is_busy(tx, lead_id):
        return len(stays.activities), len(goes.activities)
    going = parting.count_of_times(tx, lead_id, goes.times, copies_of(tx, lead_id, goes))
    return newest.count(tx, lead_id) - going, going


def _since_split(events: Sequence[Event]) -> Sequence[Event]:
    splits = [number for number, event in enumerate(events) if event.kind == EventKind.SPLIT]
    return events[splits[-1] :] if splits else events


def _entry(event: Event) -> Entry:
    """A line of the history; that of a split is the beginning of whom it left the lead with."""
    if event.kind == EventKind.SPLIT:
        who: dict[str, Any] = event.detail.get(WHO, {})
        changes = {name: (None, value) for name, value in who.items() if value is not None}
        return Entry(event.id, event.at, {**changes, "external_ids": ((), event.detail.get("ids", ()))})
    system = event.detail.get("system")
    source = (system, event.detail.get("external_id")) if system is not None else None
    return Entry(event.id, event.at, event.detail.get(CHANGED, {}), source)


def _beginning(lead: Lead, told: Sequence[Entry]) -> Entry:
    """Who the lead was before the first line that is kept, for leads that are older than their history."""
    now, before = columns_of(lead), {}
    for name in _FIELDS:
        first = next((entry.changes[name] for entry in told if name in entry.changes), None)
        value = now[name] if first is None else first[0]
        if value is not None:
            before[name] = (None, value)
    return Entry(0, lead.created_at, before)


def merge_of(tx: Connection, former_id: int, into: int) -> Event | None:
    """The line that tells how a lead was merged by hand into another, with what it brought."""
    event = history.last_of_lead(tx, former_id, EventKind.MERGED)
    merged = event.detail.get(BEFORE, {}).get("merged", {}) if event is not None else {}
    return event if merged.get("into") == into else None


def _merge_of(tx: Connection, former: Lead, into: int) -> tuple[Lead, Event] | None:
    event = merge_of(tx, former.id, into)
    return (former, event) if event is not None else None


def _joined_entry(tx: Connection | None, former: Lead, event: Event) -> Entry:
    """With the activities that it brought, if they are to be asked for."""
    merged = event.detail[BEFORE]["merged"]
    fields = {name: value for name, value in columns_of(former).items() if name in _FIELDS}
    ids = tuple((system, number) for system, number in merged["aliases"])
    activities = parting.brought_ids(tx, former.id, merged) if tx is not None else frozenset[int]()
    return Entry(event.id, event.at, joined=Joined(former.id, fields, ids, activities))


def _activities(events: Sequence[Event], rows: Sequence[ActivityRow]) -> list[Activity]:
    """Each activity with the line that brought it. Lines say how many they brought, and both are in order.

    What is older than the lines belongs to the split that they begin with, if they do.
    """
    brought = [event.id for event in events for _ in range(_count(event))]
    older = len(rows) - len(brought)
    if older < 0:
        return [Activity(row.id, row.at) for row in rows]
    settled = events[0].id if events and events[0].kind == EventKind.SPLIT else None
    lines = [*[settled] * older, *brought]
    return [Activity(row.id, row.at, line) for row, line in zip(rows, lines, strict=True)]


def _count(event: Event) -> int:
    return 1 if event.kind == EventKind.ACTIVITY else int(event.detail.get("activities", 0))
