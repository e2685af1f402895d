"""What a record changes of a lead that is known, what the history keeps of it, and who hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, cast

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs.shared import announce_to_thread
from bot.leadform.counts import told_moments
from bot.leadform.keys import company_domain
from bot.leadform.reading import MOST_OTHERS
from bot.leadform.sources import source_and_origin
from bot.lookups.history import WAS
from bot.lookups.judgement import told_moments_of
from bot.rules.changes import rewritten_fields
from bot.rules.identity import Verdict
from bot.rules.identity_changes import facts_before, identity_changes, worth_telling
from bot.rules.sameness import phone_key, region_of
from storage import history, leads
from storage.database.sql import columns_of
from storage.models import EventKind, Handoff, Lead
from storage.models.details import Detail
from storage.models.values import LeadValues, changes

CHANGED: Final = "changed"
"""Where an event's detail keeps old and new value of each field that says who somebody is."""

_WITH_EMAIL = ("email", "email_key", "company_domain")
_WITH_COMPANY = ("company", "company_key")


def merged_columns(known: Lead | None, columns: LeadValues, now: datetime) -> LeadValues:
    """A record's columns beside what is known: sources by how specific they are, the sender's own columns
    joined, and since when each count has its value."""
    given = columns.copy()
    extra = dict(given.get("extra") or {})
    sources = [known.source, known.origin] if known is not None else []
    if given.get("source") is not None or "origin" in extra:
        named = [each for each in (given.get("source"), extra.pop("origin", None), *sources) if each]
        best, origin = source_and_origin(*named)
        given["source"], given["origin"] = best, origin
    if known is not None and known.domain and "company_domain" in given and "domain" not in given:
        given["company_domain"] = company_domain(known.domain, given.get("email"))
    before = known.extra if known is not None else {}
    if extra or "extra" in given:
        given["extra"] = dict(islice({**before, **extra}.items(), max(MOST_OTHERS, len(before))))
        moments = told_moments_of(known) if known is not None else {}
        told = told_moments(before, extra, moments, now)
        given["told_at"] = {name: at.isoformat() for name, at in told.items()}
    return given


def with_phone_key(columns: LeadValues, known: Lead | None = None) -> LeadValues:
    """Columns with the key of the phone number, if they have one or say where the known one is dialled."""
    was = columns_of(known) if known is not None else {}
    phone = columns.get("phone", was.get("phone"))
    if not phone or not columns.keys() & {"phone", "phone_key", "country"}:
        return columns
    return {**columns, "phone_key": phone_key(phone, region_of(columns, was))}


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be written of a record: `columns` are different from what is known, in value and meaning.

    `former_address` is the key of the address that the lead has had until now, where it has another.
    """

    columns: LeadValues
    former_address: str | None = None

    @classmethod
    def of(cls, known: Lead, columns: LeadValues, verdict: Verdict, now: datetime) -> Merged:
        """What a record that is about this lead changes of it; a value written otherwise stays as it was."""
        given = merged_columns(known, columns, now)
        kept = set(verdict.keeps)
        if "email" in kept:
            kept |= set(_WITH_EMAIL)
        was = columns_of(known)
        kept |= set(rewritten_fields(was, dict(given), region_of(given, was)))
        if given.get("phone_key") and not known.phone_key:
            kept.discard("phone")  # the same number, with its country now
        if "company" in kept:
            kept |= set(_WITH_COMPANY)
        if given.get("email_key") == known.email_key:
            kept.add("email")
        told = cast(LeadValues, {name: value for name, value in given.items() if name not in kept})
        found = changes(known, with_phone_key(told, known))
        name = (known.first_name, known.last_name)
        if ("first_name" in found or "last_name" in found) and any(name):
            found["names_before"] = [*known.names_before, list(name)]
        moved = "email_key" in found and known.email_key is not None
        return cls(found, known.email_key if moved else None)

    def tell_owner(self, tx: Connection, ctx: Context, known: Lead, last: Handoff | None) -> None:
        """Let the thread of an open card say that the lead has another name, address or company."""
        if last is None or last.closed_at is not None:
            return
        was = columns_of(known)
        found = worth_telling(identity_changes(was, dict(self.columns)), region_of(self.columns, was))
        if found:
            detail: Detail = {CHANGED: {name: list(pair) for name, pair in found.items()}}
            announce_to_thread(tx, ctx, last.id, EventKind.UPDATED, detail)


def note_identity(known: Lead | None, columns: LeadValues, system: str, external_id: str | None) -> Detail:
    """What the history keeps of a change to who somebody is, so that it can be put back."""
    old = columns_of(known) if known is not None else {}
    found = identity_changes(old, dict(columns))
    detail: Detail = {"system": system}
    if external_id is not None:
        detail["external_id"] = external_id
    if found:
        detail[CHANGED] = {name: list(pair) for name, pair in found.items()}
    if known is not None:  # nothing, too: what lacks it is from a Baton that did not keep it yet
        detail[WAS] = facts_before(old, dict(columns))
    return detail


def correct_identity(tx: Connection, ctx: Context, known: Lead, columns: LeadValues) -> None:
    """Write what a person has corrected; the history keeps what stood there, and the old address its lead."""
    columns = with_phone_key(columns, known)
    leads.change(tx, known.id, {**columns, "updated_at": ctx.now})
    if "email_key" in columns and known.email_key is not None:
        leads.add_former_address(tx, known.id, known.email_key)
    old = columns_of(known)
    found, was = identity_changes(old, dict(columns)), facts_before(old, dict(columns))
    if found or was:
        detail: Detail = {}
        if found:
            detail[CHANGED] = {name: list(pair) for name, pair in found.items()}
        if was:
            detail[WAS] = was
        history.record(tx, ctx.stamp, EventKind.UPDATED, lead_id=known.id, detail=detail)
