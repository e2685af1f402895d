"""A lead as it stands at the door: plain frozen values, and what is said about a bad one.

How values get here is reading.py's; who the lead is and what it becomes is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Self, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr
from pydantic.json_schema import SkipJsonSchema

from bot.leadform.keys import company_domain, company_key, email_key
from storage.models import LeadFields, Stage, TouchKind
from storage.models.values import LeadValues

AHEAD = timedelta(minutes=5)
"""How far another system's clock may run before ours: what lies further ahead does not count yet."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""What is dated before this is an empty date in disguise (1900, 1970), and never counts."""


_TOUCHES = frozenset(each.value for each in TouchKind)


def is_touch(kind: str) -> bool:
    """Whether an activity of this type is contact of a rep with a lead, and no doing of the lead's."""
    return kind in _TOUCHES


class ActivityForm(BaseModel):
    """Something that a lead did, or a rep did with it. `type` is lower snake case, `at` is in UTC.

    `by` is the e-mail address or the Slack id of whoever did it, `automated` says that nobody did it by hand.
    `dated` is False where the record gave no moment: `at` is then when it was read. A `summary` is no
    activity of its own but what a tool says of the past ("Last Activity"). `remarks` are sentences about
    what was read otherwise than its sender may expect.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    at: AwareDatetime
    detail: str | None = None
    automated: bool = False
    by: str | None = None
    summary: SkipJsonSchema[bool] = False
    dated: SkipJsonSchema[bool] = True
    remarks: SkipJsonSchema[tuple[str, ...]] = ()

    @property
    def is_touch(self) -> bool:
        """Whether it is contact that a person had with the lead, as far as the record says."""
        return is_touch(self.type) and not (self.automated or self.summary)


class LeadForm(LeadFields):
    """One record about a lead, cleaned. Only the fields in `model_fields_set` were told; the rest is unknown,
    not empty, so that an update never blanks what is known.

    `amount` is in whole units of `currency` with at most two decimals, `closed_at` in UTC, `domain` a bare
    host in its wire form. `extra` holds, under the sender's own names, whatever is no field of a lead, and
    under `origin` the less specific of several sources.
    """

    model_config = ConfigDict(frozen=True)

    external_id: str | None = None
    amount: Decimal | None = None
    owner: str | None = None
    qualified: bool | None = None
    activities: tuple[ActivityForm, ...] = ()
    stage: Stage | None = None
    closed_at: AwareDatetime | None = None
    extra: dict[str, str] = Field(default_factory=dict)

    _remarks: tuple[str, ...] = PrivateAttr(default=())

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about what was read otherwise than its sender may expect; no field of the lead."""
        return self._remarks

    def with_remarks(self, remarks: Iterable[str]) -> Self:
        """The same record, with these said about it."""
        form = self.model_copy()
        form._remarks = tuple(remarks)
        return form


_NOT_COLUMNS = {"external_id", "activities", "stage", "closed_at", "amount"}
_COLUMNS = tuple(name for name in LeadForm.model_fields if name not in _NOT_COLUMNS)


def to_columns(form: LeadForm) -> LeadValues:
    """The told fields as columns of the lead table, with the keys that follow from them.

    `amount` becomes `amount_minor`, in hundredths. Left out: `external_id` and `activities`, which have
    tables of their own, and `stage` with `closed_at`, which move the lead only if that is legal.
    `company_domain` comes from the domain or else from the e-mail address.
    """
    told, said = form.model_fields_set, form.__dict__
    columns = cast(LeadValues, {name: said[name] for name in _COLUMNS if name in told})
    if form.amount is not None:
        columns["amount_minor"] = int(form.amount * 100)
    if form.email is not None:
        columns["email_key"] = email_key(form.email)
    if form.company is not None:
        columns["company_key"] = company_key(form.company)
    if domain := company_domain(form.domain, form.email):
        columns["company_domain"] = domain
    return columns
