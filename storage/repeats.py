"""The events of Slack's that were heard lately, so that one that is told again is not answered again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from storage.database.sql import insert_once
from storage.models import slack_events
from storage.models.upkeep import SlackEventValues

KEPT_FOR = timedelta(minutes=30)
"""Slack repeats an event for about six minutes."""


def is_new(tx: Connection, event_id: str, at: datetime) -> bool:
    """Whether this event was not heard before, by any replica; from now on it was."""
    tx.execute(delete(slack_events).where(slack_events.c.at < at - KEPT_FOR))
    row: SlackEventValues = {"id": event_id, "at": at}
    return insert_once(tx, slack_events, row, "id")
