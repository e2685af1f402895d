"""Somebody tells of a lead by hand: what a message already says of it, and the form once it is filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from bot.agreement.model import Agreement
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs import Taken, take_in
from bot.leadform import LeadFaults, read_lead
from bot.lookups.cards import name_of
from bot.rules.roles import Permission, require_anywhere
from bot.views.modals.add import Added
from bot.views.text import unescape
from storage import handoffs, leads

SOURCE = "Slack"
NOTES_LIMIT = 1000  # characters
_LINKED = re.compile(r"<(?:mailto:|tel:)?([^|>\s]+)(?:\|([^>]*))?>")
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d\s().\-/]{6,18}\d(?![\w-])")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_WORD = r"[^\W\d_a-z][^\W\d_]*(?:[-'\u2019][^\W\d_]+)*"
_LABELLED = re.compile(rf"(?:^|\n)\s*\*?(?:full )?name\*?\s*[:=]\*?\s*({_WORD}(?: {_WORD})+)", re.IGNORECASE)
_NAME = re.compile(rf"(?<![\w@#])({_WORD}) ({_WORD}(?: {_WORD})?)(?![\w@])")
_COMPANY = re.compile(
    rf"\b(?:at|from|of|with)\s+((?:{_WORD}|[A-Z0-9&]{{2,}})(?:\s(?:{_WORD}|[A-Z0-9&]{{2,}})){{0,2}})"
)
_LABELLED_COMPANY = re.compile(
    r"(?:^|\n)\s*\*?(?:company|organi[sz]ation)\*?\s*[:=]\*?\s*([^\n]{2,80})", re.IGNORECASE
)
_NO_NAMES = frozenset(
    (
        "i",
        "we",
        "the",
        "this",
        "that",
        "hi",
        "hey",
        "hello",
        "dear",
        "thanks",
        "thank",
        "please",
        "met",
        "just",
    )
)
_URL = re.compile(r"https?://\S+")
_LONGEST_PHONE = 15  # digits, ITU-T E.164


@dataclass(frozen=True, slots=True)
class AddForm:
    """What the form begins with, and the campaigns that it offers."""

    campaigns: tuple[str, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)


def add_form(_tx: Connection, ctx: Context, message: str | None) -> AddForm:
    """The form for the context's actor, filled in with what a message says. Raises NotAllowed."""
    require_anywhere(ctx.book, ctx.actor, Permission.ADD)
    campaigns = tuple(campaign.name for campaign in ctx.book.current.campaigns)
    return AddForm(campaigns, found_in(message or "", ctx.book.current) if message else {})


def found_in(message: str, agreement: Agreement | None = None) -> dict[str, str]:
    """What a Slack message says of a person: e-mail, phone, names, company, and all of it as a note.

    Only what can hardly be anything else is taken; whoever sends the form looks it over.
    """
    text = unescape(_LINKED.sub(lambda link: link[2] or link[1], message))
    told = {"notes": " ".join(text.split())[:NOTES_LIMIT]} if text.strip() else {}
    if email := _EMAIL.search(text):
        told["email"] = email[0].rstrip(".")
    rest = _DATE.sub(" ", _URL.sub(" ", _EMAIL.sub(" ", text)))
    phone = _PHONE.search(rest)
    if phone and sum(letter.isdigit() for letter in phone[0]) <= _LONGEST_PHONE:
        told["phone"] = phone[0].strip()
    if company := _LABELLED_COMPANY.search(rest) or _COMPANY.search(rest):
        told["company"] = company[1].strip(" .,*")
    told |= _name_in(rest.replace(told.get("company", "\0"), " "), told.get("email", ""))
    campaigns = agreement.campaigns if agreement else ()
    if campaign := next((one.name for one in campaigns if one.name.casefold() in text.casefold()), None):
        told["campaign"] = campaign
    return told


def _name_in(text: str, email: str) -> dict[str, str]:
    labelled = _LABELLED.search(text)
    if labelled:
        first, _, last = labelled[1].partition(" ")
        return {"first_name": first, "last_name": last}
    for found in _NAME.finditer(text):
        if found[1].lower() not in _NO_NAMES:
            return {"first_name": found[1], "last_name": found[2]}
    parts = re.split(r"[._]", email.partition("@")[0])
    if len(parts) == 2 and all(part.isalpha() and len(part) > 1 for part in parts):
        return {"first_name": parts[0].capitalize(), "last_name": parts[1].capitalize()}
    return {}


@dataclass(frozen=True, slots=True)
class Add:
    """The form as it was sent: fields of a lead by name. `qualified`: sales is to have it in any case."""

    fields: Mapping[str, str]
    qualified: bool = False


def add_lead(tx: Connection, ctx: Context, command: Add) -> Added:
    """Take in a lead that somebody typed. Raises NotAllowed, or InvalidInput naming the fields."""
    require_anywhere(ctx.book, ctx.actor, Permission.ADD)
    told: dict[str, Any] = {name: value for name, value in command.fields.items() if value.strip()}
    faults = (
        {}
        if told.get("email")
        else {"email": "An e-mail address is required: it tells one person from another."}
    )
    if not faults and not told.keys() & {"first_name", "last_name", "company"}:
        faults = {"last_name": "Please give a name or a company, so that sales knows who it is."}
    if faults:
        raise InvalidInput(faults)
    if command.qualified:
        told["qualified"] = True
    try:
        taken = take_in(tx, ctx, read_lead({"source": SOURCE, **told}, now=ctx.now))
    except LeadFaults as bad:
        raise InvalidInput({each.field: _sentence(each.message) for each in bad.faults}) from None
    return _added(tx, ctx, taken)


def _added(tx: Connection, ctx: Context, taken: Taken) -> Added:
    lead = leads.get(tx, taken.id)
    handoff = handoffs.get(tx, taken.handoff_id) if taken.handoff_id is not None else None
    return Added(
        taken.id,
        name_of(lead) if lead is not None else f"Lead #{taken.id}",
        taken.created,
        taken.grade,
        ctx.book.current.qualification.mql,
        team=handoff.team if handoff is not None and taken.handed_off else None,
        with_sales=handoff is not None and not taken.handed_off,
        unrouted=lead is not None and lead.unrouted_at is not None,
    )


def _sentence(message: str) -> str:
    """A fault of a field, which begins with a verb, as a sentence beneath the field."""
    return f"This {message}".rstrip(".") + "."
