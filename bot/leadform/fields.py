"""What each field of a lead is called and how it is read: the words beside the one declaration of its column.

The fields themselves are LeadForm's; those that are stored as they come are the table's too (LeadFields).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.leadform import values


@dataclass(frozen=True, slots=True)
class LeadField:
    """What a field of a lead is called at every door.

    `about` says it in the API's description; `aliases`, comma-separated, are its names in exports; `read`
    makes its value, None where reading.py does; `exact`: it holds no free text, so that "NA" is no value.
    """

    about: str
    aliases: str = ""
    read: Callable[[Any], Any] | None = None
    exact: bool = False


LEAD_FIELDS: Mapping[str, LeadField] = {
    "external_id": LeadField(
        "Your own id. The same id again is the same lead",
        "ext id, lead id, contact id, record id, record id contact, crm id, prospect id,person "
        "id, unique id, hubspot id, hubspot contact id, salesforce id, sfdc id, marketo id, crm "
        "lead id",
        read=values.external_id,
        exact=True,
    ),
    "email": LeadField(
        "Without an external_id the same address is the same lead; case and plus-tags do not count",
        "email address, e-mail address, mail, work email, business email, company email, primary "
        "email,contact email, lead email, email id, email work, person email, mail address",
        read=values.email,
        exact=True,
    ),
    "first_name": LeadField(
        "Given name",
        "given name, forename, first, fname, contact first name, vorname",
        read=values.line,
        exact=False,
    ),
    "last_name": LeadField(
        "Family name",
        "surname, family name, last, lname, contact last name, nachname",
        read=values.line,
        exact=False,
    ),
    "title": LeadField(
        "Job title",
        "job title, position, role, job role, job, contact title",
        read=values.line,
        exact=False,
    ),
    "phone": LeadField(
        "Shown on the card as it is written",
        "phone number, telephone, telephone number, tel, work phone, business phone, company "
        "phone,direct phone, direct dial, mobile, mobile phone, mobile number, mobile phone "
        "number, cell, cell phone",
        read=values.line,
        exact=False,
    ),
    "linkedin_url": LeadField(
        "The person's LinkedIn profile, for the card",
        "linkedin, linkedin profile, linkedin profile url, linkedin url, person linkedin url, "
        "linkedin link, profile url, linkedin-profil, linkedin contact profile url, person linkedin",
        read=values.crm_url,
        exact=True,
    ),
    "company": LeadField(
        "Company name",
        "company name, company / account, account, account name, organization, "
        "organisation,organization name, organisation name, employer, business name, associated "
        "company, firma",
        read=values.line,
        exact=False,
    ),
    "domain": LeadField(
        "The company's domain or website; without it the e-mail address tells, unless it is free mail",
        "company domain, company domain name, domain name, email domain, website, web "
        "site,website url, company website, company url, homepage, web",
        read=values.domain,
        exact=True,
    ),
    "employees": LeadField(
        "How many work there: 1200, 1,200, 1.2k or 1000-5000",
        "# employees, number of employees, no of employees, num employees, employee "
        "count,employees count, headcount, company employees, company headcount",
        read=values.employees,
        exact=True,
    ),
    "industry": LeadField(
        "In your own words; rules of the agreement match it",
        "sector, vertical, primary industry, company industry, industry type",
        read=values.line,
        exact=False,
    ),
    "country": LeadField(
        "In your own words; rules of the agreement match it",
        "country/region, country code, country name, company country, mailing country,billing country, land",
        read=values.line,
        exact=False,
    ),
    "region": LeadField(
        "State, province or territory",
        "state, state/region, state/province, province, territory, sales region, geo, billing state",
        read=values.line,
        exact=False,
    ),
    "source": LeadField(
        "Where the lead came from, such as webinar",
        "lead source, original source, original lead source, utm_source, traffic source,original "
        "traffic source, lead origin, acquisition source, source name",
        read=values.line,
        exact=False,
    ),
    "campaign": LeadField(
        "A campaign of the agreement; its owner hears of a rejection",
        "campaign name, utm_campaign, lead campaign, primary campaign, primary campaign "
        "source,program, program name, marketing campaign, acquisition program",
        read=values.line,
        exact=False,
    ),
    "amount": LeadField(
        "What the deal may be worth, in whole units of the currency",
        "deal amount, deal value, opportunity amount, opportunity value",
        read=values.amount,
        exact=True,
    ),
    "currency": LeadField(
        "Three letters, such as EUR",
        "currency code, currency iso code, lead currency, deal currency, amount "
        "currency,opportunity currency",
        read=values.currency,
        exact=True,
    ),
    "crm_url": LeadField(
        "A link to the record in your CRM, for the card",
        "crm link, crm record, crm record url, record url, record link, lead url, lead "
        "link,contact url, hubspot url, salesforce url, salesforce link, link to crm",
        read=values.crm_url,
        exact=True,
    ),
    "owner": LeadField(
        "Its owner in the CRM",
        "lead owner, contact owner, owner name, owner email, hubspot owner, sales rep, sales "
        "owner,assigned to, assigned rep, record owner",
        read=values.line,
        exact=False,
    ),
    "notes": LeadField(
        "Anything worth knowing before a call",
        "note, lead notes, sales notes, comment, comments, description, message, "
        "remarks,additional information",
        read=values.notes,
        exact=False,
    ),
    "qualified": LeadField(
        "true: marketing qualified it, so it is handed off whatever its grade",
        "is qualified, marketing qualified, qualified by marketing, mql qualified",
        read=values.yes_no,
        exact=True,
    ),
    "activities": LeadField(
        "What the lead did, such as demo_request, webinar or download",
        "activity, activity type",
        read=None,
        exact=True,
    ),
    "stage": LeadField(
        "Where the CRM sees the lead; it moves there if the move is legal",
        "lead stage, crm stage, opportunity stage, sales stage",
        read=values.stage,
        exact=True,
    ),
    "closed_at": LeadField(
        "When the deal was won or lost",
        "close date, closed date, closed on, date closed",
        read=values.moment,
        exact=True,
    ),
    "extra": LeadField(
        "Whatever else you know; unknown fields are kept here too and shown in details",
        "",
        read=None,
        exact=True,
    ),
}
"""Every field of LeadForm, in the order in which they are described."""
