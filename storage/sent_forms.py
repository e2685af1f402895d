"""Which forms were sent lately: the same one that comes again changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete

from storage.database.sql import insert_once
from storage.models import sent_forms
from storage.models.upkeep import SentFormValues

KEPT = timedelta(days=1)
_FORGET = delete(sent_forms).where(sent_forms.c.at < bindparam("before"))


def is_first(tx: Connection, key: str, at: datetime) -> bool:
    """Note that this form was sent. False: it was before, and is done or being done."""
    tx.execute(_FORGET, {"before": at - KEPT})
    row: SentFormValues = {"key": key, "at": at}
    return insert_once(tx, sent_forms, row, "key")
