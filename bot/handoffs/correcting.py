"""Correcting a lead's fields as marketing enters them: read like any record that comes in."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import InvalidInput, LeadNotFound
from bot.leadform import LeadFaults, read_lead, to_columns
from storage import leads

FIELDS = {
    "email": "E-mail address",
    "phone": "Phone number",
    "title": "Job title",
    "company": "Company",
    "employees": "Employees",
    "industry": "Industry",
    "country": "Country",
}
"""What can be corrected, and what people call it."""


def correct(tx: Connection, ctx: Context, lead_id: int, corrections: Mapping[str, str]) -> tuple[str, ...]:
    """Set the fields that are different, and give their names as people call them. Empty ones change nothing.

    Raises InvalidInput with every fault at its field, and where nothing is different.
    """
    lead = leads.get(tx, lead_id, lock=True)
    if lead is None:
        raise LeadNotFound(f"#{lead_id}")
    told = {name: text for name, text in corrections.items() if name in FIELDS and text.strip()}
    try:
        form = read_lead({"external_id": str(lead_id), **told}, now=ctx.now)  # so that no address is needed
    except LeadFaults as bad:
        raise InvalidInput({fault.field: f"This {fault.message}." for fault in bad.faults}) from bad
    columns = to_columns(form)
    columns.pop("extra", None)
    different = {name: value for name, value in columns.items() if getattr(lead, name) != value}
    changed = tuple(FIELDS[name] for name in FIELDS if name in different)
    if not changed:
        raise InvalidInput({"email": "Nothing is different yet. Correct a field, or contest the rejection."})
    other = leads.by_email_key(tx, different["email_key"]) if "email_key" in different else None
    if other is not None:
        raise InvalidInput({"email": f"Lead #{other} has this address already."})
    leads.change(tx, lead_id, {**different, "updated_at": ctx.now})
    return changed
