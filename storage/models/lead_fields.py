"""What is known of a person and their company: each field stands here once.

The table of leads has these as columns, the form takes them in and the API gives them out; an erasure takes
them. What a field is called elsewhere and how it is read is said beside the form, in bot/leadform/fields.py.
"""

from __future__ import annotations

from pydantic import BaseModel


class LeadFields(BaseModel):
    """The fields that are stored as they are taken in. None: not known."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    phone: str | None = None
    linkedin_url: str | None = None
    company: str | None = None
    domain: str | None = None  # of the company, or its website's; bare
    employees: int | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    source: str | None = None
    campaign: str | None = None
    currency: str | None = None
    crm_url: str | None = None
    notes: str | None = None
