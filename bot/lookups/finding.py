"""Which lead somebody means by what they typed: one, several to choose from, or none and what is near.

An e-mail address and a number mean one lead. A company is found by its key, by the beginning of its key, by
its domain, and where all that fails by likeness.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from sqlalchemy import Connection

from bot.errors import AmbiguousId
from bot.leadform import company_domain, company_key, email_domain, email_key, host_of
from bot.views.text import flat
from storage import leads, search
from storage.models import Lead

NEAR_SHOWN = 5
SAME_START_SHOWN = 10
LONGEST = 320  # characters; nothing that names a lead is longer


@dataclass(frozen=True, slots=True)
class CompanyRef:
    """A company that may be meant: what to ask for, and what to call it. `leads` is how many, up to 1,000."""

    key: str
    name: str
    leads: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found: one lead, or one company or domain with its people, or companies to choose from.

    With none of these nothing was found, and `near` holds the e-mail addresses that are much alike.
    """

    typed: str
    lead: Lead | None = None
    company: str | None = None  # a company's key
    domain: str | None = None
    companies: tuple[CompanyRef, ...] = ()
    alike: bool = False  # the companies are near misses, not matches
    near: tuple[str, ...] = ()


def find(tx: Connection, typed: str) -> Asked:
    """What somebody means by an e-mail address, a domain, a company's name, "#12" or "ext:…"."""
    wanted = flat(typed)[:LONGEST]
    lead = find_lead(tx, wanted)
    if lead is not None:
        return Asked(wanted, lead=lead)
    if "@" in wanted:
        return _nobody_with_the_address(tx, wanted)
    if wanted.startswith(("#", "ext:")) or not wanted:
        return Asked(wanted)
    typed_host = host_of(wanted)
    host = (company_domain(typed_host, None) if typed_host else None) or typed_host
    if host and search.at_domain(tx, host, limit=1):
        return _only(tx, Asked(wanted, domain=host))
    return _company(tx, wanted, company_key(host.partition(".")[0] if host else wanted))


def _company(tx: Connection, wanted: str, key: str) -> Asked:
    if search.at_company(tx, key, limit=1):
        return _only(tx, Asked(wanted, company=key))
    domain = search.domain_called(tx, key.replace(" ", ""))
    if domain is not None:
        return _only(tx, Asked(wanted, domain=domain))
    keys = search.companies_starting(tx, key, limit=SAME_START_SHOWN)
    if len(keys) == 1:
        return _only(tx, Asked(wanted, company=keys[0]))
    if keys:
        return Asked(wanted, companies=_refs(tx, keys))
    return Asked(wanted, companies=_refs(tx, most_alike(key, search.companies_near(tx, key))), alike=True)


def most_alike(key: str, candidates: Sequence[str], most: int = NEAR_SHOWN) -> list[str]:
    """The candidates that differ from the key by a slip or two, the likest first.

    Counts letters that are wrong, missing, too many, or swapped with their neighbour; one slip is allowed in
    up to four letters, two in up to eight, three beyond. Of the equally near, those that begin and end alike.
    """
    slips = 1 if len(key) <= 4 else 2 if len(key) <= 8 else 3
    near = []
    for candidate in set(candidates):
        distance = OSA.distance(key, candidate, score_cutoff=slips)
        if distance <= slips:
            unlike = (candidate[:1] != key[:1]) + (candidate[-1:] != key[-1:])
            near.append((distance, unlike, candidate))
    return [candidate for _, _, candidate in sorted(near)[:most]]


def _only(tx: Connection, asked: Asked) -> Asked:
    """Where a company has one lead, that lead is meant."""
    if asked.company is not None:
        people = search.at_company(tx, asked.company, limit=2)
    else:
        people = search.at_domain(tx, asked.domain or "", limit=2)
    return Asked(asked.typed, lead=people[0]) if len(people) == 1 else asked


def _nobody_with_the_address(tx: Connection, wanted: str) -> Asked:
    """An address that nobody has: the company it is of, or addresses there that are much like it."""
    domain = email_domain(wanted)
    there = search.at_domain(tx, domain, limit=200) if domain else ()
    keys = {row.email_key: row.email for row in there if row.email_key}
    near = tuple(str(keys[key]) for key in most_alike(email_key(wanted), list(keys)))
    return Asked(wanted, near=near, domain=domain if there else None)


def _refs(tx: Connection, keys: Sequence[str]) -> tuple[CompanyRef, ...]:
    return tuple(_ref(tx, key) for key in keys)


def _ref(tx: Connection, key: str) -> CompanyRef:
    newest = search.at_company(tx, key, limit=1)
    name = newest[0].company if newest else None
    return CompanyRef(key, name or key, search.count_at_company(tx, key))


_NUMBER = re.compile(r"#?(\d{1,18})")


def find_lead(tx: Connection, typed: str) -> Lead | None:
    """The lead behind "#12", "ext:<external id>", "ext:<system>:<external id>", an e-mail address or an id.

    One that was merged stands for the lead that it joined. Raises AmbiguousId for an id that several systems
    have for different leads.
    """
    wanted = typed.strip()
    lead_id = _id_of(tx, wanted)
    lead = None if lead_id is None else leads.get(tx, leads.survivor(tx, lead_id))
    return lead if lead is not None and lead.forgotten_at is None else None


def _id_of(tx: Connection, wanted: str) -> int | None:
    if wanted.startswith("ext:"):
        return _by_external_id(tx, wanted.removeprefix("ext:"))
    if number := _NUMBER.fullmatch(wanted):
        return int(number[1])
    if "@" in wanted:
        found = {leads.survivor(tx, lead_id) for lead_id in leads.by_email_key(tx, email_key(wanted))}
        return found.pop() if len(found) == 1 else None  # a shared mailbox: several to choose from
    return _by_external_id(tx, wanted)


def _by_external_id(tx: Connection, wanted: str) -> int | None:
    """The lead behind an id, or behind "system:id". Raises AmbiguousId where the id alone means several."""
    found = leads.by_external_id(tx, wanted)
    if not found and ":" in wanted:
        system, _, external_id = wanted.partition(":")
        return leads.by_external_id(tx, external_id, system).get(system)
    if len({leads.survivor(tx, lead_id) for lead_id in found.values()}) > 1:
        raise AmbiguousId(wanted, found)
    return next(iter(found.values()), None)
