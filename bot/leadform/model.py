"""A lead as it stands at the door: plain frozen values, and what is said about a bad one.

How values get here is reading.py's; who the lead is and what it becomes is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bot.leadform.keys import company_domain, company_key, email_key
from storage.models import Stage


class ActivityForm(BaseModel):
    """Something that a lead did, or a rep did with it. `type` is lower snake case, `at` is in UTC."""

    model_config = ConfigDict(frozen=True)

    type: str
    at: AwareDatetime
    detail: str | None = None


class LeadForm(BaseModel):
    """One record about a lead, cleaned. Only the fields in `model_fields_set` were told; the rest is unknown,
    not empty, so that an update never blanks what is known.

    `amount` is in whole units of `currency` with at most two decimals, `closed_at` in UTC, `domain` a bare
    host in its wire form. `extra` holds, under the sender's own names, whatever is no field of a lead.
    """

    model_config = ConfigDict(frozen=True)

    external_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    phone: str | None = None
    company: str | None = None
    domain: str | None = None
    employees: int | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    source: str | None = None
    campaign: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    crm_url: str | None = None
    owner: str | None = None
    notes: str | None = None
    qualified: bool | None = None
    activities: tuple[ActivityForm, ...] = ()
    stage: Stage | None = None
    closed_at: AwareDatetime | None = None
    extra: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One bad field: its name (`activities[2].at` for a nested one) and what to do about it, in words."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class LeadFaults(ValueError):
    """The record cannot be taken as it is. Names every bad field, not only the first."""

    def __init__(self, faults: Iterable[FieldFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


_NOT_COLUMNS = {"external_id", "activities", "stage", "closed_at", "amount"}


def to_columns(form: LeadForm) -> dict[str, Any]:
    """The told fields as columns of the lead table, with the keys that follow from them.

    `amount` becomes `amount_minor`, in hundredths. Left out: `external_id` and `activities`, which have
    tables of their own, and `stage` with `closed_at`, which move the lead only if that is legal.
    `company_domain` comes from the domain or else from the e-mail address.
    """
    columns = {
        name: getattr(form, name)
        for name in LeadForm.model_fields
        if name in form.model_fields_set - _NOT_COLUMNS
    }
    if form.amount is not None:
        columns["amount_minor"] = int(form.amount * 100)
    if form.email is not None:
        columns["email_key"] = email_key(form.email)
    if form.company is not None:
        columns["company_key"] = company_key(form.company)
    if domain := company_domain(form.domain, form.email):
        columns["company_domain"] = domain
    return columns
