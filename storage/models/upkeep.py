"""What is written, column by column, of what stands beside leads and handoffs: ids, pace, reports, upkeep.

As values.py has it for the rest.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypedDict


class AliasValues(TypedDict, total=False):
    """Of `lead_alias`."""

    system: str
    external_id: str
    lead_id: int


class RecordValues(TypedDict, total=False):
    """Of `lead_record`."""

    lead_id: int
    digest: str
    at: datetime


class LaneValues(TypedDict, total=False):
    """Of `lane`."""

    name: str
    op: str
    ready_at: datetime
    rank: int | None
    head_id: int | None
    wakes_at: datetime | None
    parked_at: datetime | None
    error: str | None


class ReportValues(TypedDict, total=False):
    """Of `report`."""

    report: str
    period: str
    channel: str
    from_at: datetime
    to_at: datetime
    made_at: datetime
    delivery_id: int | None
    body: dict[str, Any]


class DecisionValues(TypedDict, total=False):
    """Of `decision`."""

    report_id: int
    point: str
    what: str
    who: str | None
    until: date | None
    decided_by: str
    decided_at: datetime


class HeartbeatValues(TypedDict, total=False):
    """Of `heartbeat`."""

    name: str
    at: datetime


class ReplicaValues(TypedDict, total=False):
    """Of `replica`."""

    name: str
    at: datetime
    agreement: str


class OutageValues(TypedDict, total=False):
    """Of `outage`."""

    began_at: datetime
    ended_at: datetime


class VersionValues(TypedDict, total=False):
    """Of `agreement_version`."""

    version: str
    hash: str
    text: str
    first_seen_at: datetime


class GroupValues(TypedDict, total=False):
    """Of `user_group`."""

    group_id: str
    members: list[str]
    asked_at: datetime


class WorkspaceValues(TypedDict, total=False):
    """Of `workspace`."""

    team_id: str
    name: str
    first_at: datetime


class SlackEventValues(TypedDict):
    """An event that was heard."""

    id: str
    at: datetime


class HeardValues(TypedDict, total=False):
    """Of `heard`."""

    kind: str
    first_at: datetime
    last_at: datetime


class CrmLinkValues(TypedDict, total=False):
    """Of `crm_link`."""

    lead_id: int
    system: str
    record: str
    seen: dict[str, Any]
    sent: dict[str, Any]
    intended: dict[str, Any]
    conflicts: dict[str, Any]
    trouble: str | None
    changed_at: datetime


class CrmAccountValues(TypedDict):
    """Of `crm_account`."""

    system: str
    account: str
    since: datetime


class CrmFeedValues(TypedDict, total=False):
    """Of `crm_feed`."""

    name: str
    position: str
    worker: str | None
    lease_until: datetime | None
    polled_at: datetime | None
    read_at: datetime | None
    trouble: str | None


class SentFormValues(TypedDict, total=False):
    """Of `sent_form`."""

    key: str
    at: datetime


class ForecastValues(TypedDict):
    """Of `forecast`."""

    hash: str
    made_at: datetime
    from_at: datetime
    to_at: datetime
    handoffs: int
    missed: int
    missed_low: int
    missed_high: int
    unknown: int
    decided: int
    accepted: int
