"""Finding the lead that somebody means by what they typed."""

from __future__ import annotations

import re

from sqlalchemy import Connection

from bot.leadform import email_key
from storage import leads
from storage.database.sql import Record

_NUMBER = re.compile(r"#?(\d{1,18})")


def find_lead(tx: Connection, typed: str) -> Record | None:
    """The lead behind "#12", "ext:<external id>", an e-mail address or an external id.

    One that was merged stands for the lead that it joined.
    """
    wanted = typed.strip()
    lead_id = _id_of(tx, wanted)
    return None if lead_id is None else leads.get(tx, leads.survivor(tx, lead_id))


def _id_of(tx: Connection, wanted: str) -> int | None:
    if wanted.startswith("ext:"):
        return leads.by_external_id(tx, wanted.removeprefix("ext:"))
    if number := _NUMBER.fullmatch(wanted):
        return int(number[1])
    if "@" in wanted:
        return leads.by_email_key(tx, email_key(wanted))
    return leads.by_external_id(tx, wanted)
