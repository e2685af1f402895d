"""A lead as it stands at the door: plain frozen values, and what is said about a bad one.

How values get here is reading.py's; who the lead is and what it becomes is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Self, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr
from pydantic.json_schema import SkipJsonSchema

from bot.leadform import values
from bot.leadform.keys import company_domain, company_key, email_key
from storage.models import Stage, TouchKind, member_of
from storage.models.values import LeadValues

AHEAD = timedelta(minutes=5)
"""How far another system's clock may run before ours: what lies further ahead does not count yet."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""What is dated before this is an empty date in disguise (1900, 1970), and never counts."""


def is_touch(kind: str) -> bool:
    """Whether an activity of this type is contact of a rep with a lead, and no doing of the lead's."""
    return member_of(TouchKind, kind) is not None


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


@dataclass(frozen=True, slots=True)
class LeadField:
    """What a field of a lead is at every door: the one place that declares it, beside its column.

    `about` says it in the API's description; `aliases`, comma-separated, are its names in exports; `read`
    makes its value, None where reading.py does; `exact`: it holds no free text, so that "NA" is no value.
    """

    about: str
    aliases: str = ""
    read: Callable[[Any], Any] | None = None
    exact: bool = False


class LeadForm(BaseModel):
    """One record about a lead, cleaned. Only the fields in `model_fields_set` were told; the rest is unknown,
    not empty, so that an update never blanks what is known.

    `amount` is in whole units of `currency` with at most two decimals, `closed_at` in UTC, `domain` a bare
    host in its wire form. `extra` holds, under the sender's own names, whatever is no field of a lead, and
    under `origin` the less specific of several sources.
    """

    model_config = ConfigDict(frozen=True)

    external_id: Annotated[
        str | None,
        LeadField(
            "Your own id. The same id again is the same lead",
            "ext id, lead id, contact id, record id, record id contact, crm id, prospect id,person "
            "id, unique id, hubspot id, hubspot contact id, salesforce id, sfdc id, marketo id, crm "
            "lead id",
            read=values.external_id,
            exact=True,
        ),
    ] = None
    email: Annotated[
        str | None,
        LeadField(
            "Without an external_id the same address is the same lead; case and plus-tags do not count",
            "email address, e-mail address, mail, work email, business email, company email, primary "
            "email,contact email, lead email, email id, email work, person email, mail address",
            read=values.email,
            exact=True,
        ),
    ] = None
    first_name: Annotated[
        str | None,
        LeadField(
            "Given name",
            "given name, forename, first, fname, contact first name, vorname",
            read=values.line,
            exact=False,
        ),
    ] = None
    last_name: Annotated[
        str | None,
        LeadField(
            "Family name",
            "surname, family name, last, lname, contact last name, nachname",
            read=values.line,
            exact=False,
        ),
    ] = None
    title: Annotated[
        str | None,
        LeadField(
            "Job title",
            "job title, position, role, job role, job, contact title",
            read=values.line,
            exact=False,
        ),
    ] = None
    phone: Annotated[
        str | None,
        LeadField(
            "Shown on the card as it is written",
            "phone number, telephone, telephone number, tel, work phone, business phone, company "
            "phone,direct phone, direct dial, mobile, mobile phone, mobile number, mobile phone "
            "number, cell, cell phone",
            read=values.line,
            exact=False,
        ),
    ] = None
    linkedin_url: Annotated[
        str | None,
        LeadField(
            "The person's LinkedIn profile, for the card",
            "linkedin, linkedin profile, linkedin profile url, linkedin url, person linkedin url, "
            "linkedin link, profile url, linkedin-profil",
            read=values.crm_url,
            exact=True,
        ),
    ] = None
    company: Annotated[
        str | None,
        LeadField(
            "Company name",
            "company name, company / account, account, account name, organization, "
            "organisation,organization name, organisation name, employer, business name, associated "
            "company, firma",
            read=values.line,
            exact=False,
        ),
    ] = None
    domain: Annotated[
        str | None,
        LeadField(
            "The company's domain or website; without it the e-mail address tells, unless it is free mail",
            "company domain, company domain name, domain name, email domain, website, web "
            "site,website url, company website, company url, homepage, web",
            read=values.domain,
            exact=True,
        ),
    ] = None
    employees: Annotated[
        int | None,
        LeadField(
            "How many work there: 1200, 1,200, 1.2k or 1000-5000",
            "# employees, number of employees, no of employees, num employees, employee "
            "count,employees count, headcount, company employees, company headcount",
            read=values.employees,
            exact=True,
        ),
    ] = None
    industry: Annotated[
        str | None,
        LeadField(
            "In your own words; rules of the agreement match it",
            "sector, vertical, primary industry, company industry, industry type",
            read=values.line,
            exact=False,
        ),
    ] = None
    country: Annotated[
        str | None,
        LeadField(
            "In your own words; rules of the agreement match it",
            "country/region, country code, country name, company country, mailing country,billing "
            "country, land",
            read=values.line,
            exact=False,
        ),
    ] = None
    region: Annotated[
        str | None,
        LeadField(
            "State, province or territory",
            "state, state/region, state/province, province, territory, sales region, geo, billing state",
            read=values.line,
            exact=False,
        ),
    ] = None
    source: Annotated[
        str | None,
        LeadField(
            "Where the lead came from, such as webinar",
            "lead source, original source, original lead source, utm_source, traffic source,original "
            "traffic source, lead origin, acquisition source, source name",
            read=values.line,
            exact=False,
        ),
    ] = None
    campaign: Annotated[
        str | None,
        LeadField(
            "A campaign of the agreement; its owner hears of a rejection",
            "campaign name, utm_campaign, lead campaign, primary campaign, primary campaign "
            "source,program, program name, marketing campaign, acquisition program",
            read=values.line,
            exact=False,
        ),
    ] = None
    amount: Annotated[
        Decimal | None,
        LeadField(
            "What the deal may be worth, in whole units of the currency",
            "deal amount, deal value, opportunity amount, opportunity value",
            read=values.amount,
            exact=True,
        ),
    ] = None
    currency: Annotated[
        str | None,
        LeadField(
            "Three letters, such as EUR",
            "currency code, currency iso code, lead currency, deal currency, amount "
            "currency,opportunity currency",
            read=values.currency,
            exact=True,
        ),
    ] = None
    crm_url: Annotated[
        str | None,
        LeadField(
            "A link to the record in your CRM, for the card",
            "crm link, crm record, crm record url, record url, record link, lead url, lead "
            "link,contact url, hubspot url, salesforce url, salesforce link, link to crm",
            read=values.crm_url,
            exact=True,
        ),
    ] = None
    owner: Annotated[
        str | None,
        LeadField(
            "Its owner in the CRM",
            "lead owner, contact owner, owner name, owner email, hubspot owner, sales rep, sales "
            "owner,assigned to, assigned rep, record owner",
            read=values.line,
            exact=False,
        ),
    ] = None
    notes: Annotated[
        str | None,
        LeadField(
            "Anything worth knowing before a call",
            "note, lead notes, sales notes, comment, comments, description, message, "
            "remarks,additional information",
            read=values.notes,
            exact=False,
        ),
    ] = None
    qualified: Annotated[
        bool | None,
        LeadField(
            "true: marketing qualified it, so it is handed off whatever its grade",
            "is qualified, marketing qualified, qualified by marketing, mql qualified",
            read=values.yes_no,
            exact=True,
        ),
    ] = None
    activities: Annotated[
        tuple[ActivityForm, ...],
        LeadField(
            "What the lead did, such as demo_request, webinar or download",
            "activity, activity type",
            read=None,
            exact=True,
        ),
    ] = ()
    stage: Annotated[
        Stage | None,
        LeadField(
            "Where the CRM sees the lead; it moves there if the move is legal",
            "lead stage, crm stage, opportunity stage, sales stage",
            read=values.stage,
            exact=True,
        ),
    ] = None
    closed_at: Annotated[
        AwareDatetime | None,
        LeadField(
            "When the deal was won or lost",
            "close date, closed date, closed on, date closed",
            read=values.moment,
            exact=True,
        ),
    ] = None
    extra: Annotated[
        dict[str, str],
        LeadField(
            "Whatever else you know; unknown fields are kept here too and shown in details",
            "",
            read=None,
            exact=True,
        ),
    ] = Field(default_factory=dict)

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


LEAD_FIELDS: Mapping[str, LeadField] = {
    name: next(each for each in info.metadata if isinstance(each, LeadField))
    for name, info in LeadForm.model_fields.items()
}
"""Every field of a lead as it is declared, in the order of the form."""


_NOT_COLUMNS = {"external_id", "activities", "stage", "closed_at", "amount"}


def to_columns(form: LeadForm) -> LeadValues:
    """The told fields as columns of the lead table, with the keys that follow from them.

    `amount` becomes `amount_minor`, in hundredths. Left out: `external_id` and `activities`, which have
    tables of their own, and `stage` with `closed_at`, which move the lead only if that is legal.
    `company_domain` comes from the domain or else from the e-mail address.
    """
    told = form.model_fields_set - _NOT_COLUMNS
    columns = cast(LeadValues, {name: getattr(form, name) for name in LeadForm.model_fields if name in told})
    if form.amount is not None:
        columns["amount_minor"] = int(form.amount * 100)
    if form.email is not None:
        columns["email_key"] = email_key(form.email)
    if form.company is not None:
        columns["company_key"] = company_key(form.company)
    if domain := company_domain(form.domain, form.email):
        columns["company_domain"] = domain
    return columns
