"""A lead, and the people round it, as phrases that several messages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.views.states import Colleague, LeadFacts
from bot.views.text import email_link, escape, flat, link, mention, money, phone_link, short, web_address
from storage.models import Stage, TouchKind

_NAME_LINK_LIMIT = 200  # characters of an address; a longer one would crowd out the rest of its line

STAGE_WORDS: Mapping[Stage, str] = {
    Stage.INQUIRY: "inquiry",
    Stage.MQL: "waiting for sales (MQL)",
    Stage.SAL: "accepted by sales (SAL)",
    Stage.SQL: "qualified by sales (SQL)",
    Stage.OPPORTUNITY: "opportunity",
    Stage.WON: "won",
    Stage.LOST: "lost",
    Stage.RECYCLED: "in nurture",
    Stage.DISQUALIFIED: "disqualified",
}
TOUCH_WORDS: Mapping[TouchKind, str] = {
    TouchKind.CALL: "📞 Call",
    TouchKind.EMAIL: "✉️ E-mail",
    TouchKind.MEETING: "🤝 Meeting",
    TouchKind.LINKEDIN: "💬 LinkedIn",
    TouchKind.SMS: "💬 Text message",
    TouchKind.VOICEMAIL: "📞 Voicemail",
    TouchKind.MEETING_BOOKED: "🗓️ Meeting booked",
    TouchKind.NO_SHOW: "🚫 No-show",
}


def name(lead: LeadFacts) -> str:
    """The lead's name; never empty."""
    return short(lead.name, 80) or f"Lead #{lead.lead_id}"


def tappable_name(lead: LeadFacts) -> str:
    """The name, which opens the lead's record in the CRM where there is one; for blocks, not for notices."""
    address = escape(web_address(lead.crm_url) or "")
    return f"<{address}|{name(lead)}>" if 0 < len(address) <= _NAME_LINK_LIMIT else name(lead)


def title(lead: LeadFacts) -> str:
    """What the lead does; empty when unknown."""
    return short(lead.title, 100)


def company(lead: LeadFacts) -> str:
    """Where the lead works; empty when unknown."""
    return short(lead.company, 80)


def who_and_where(lead: LeadFacts) -> str:
    """ "Jane Doe, VP Engineering at ACME", as far as it is known."""
    person = joined((name(lead), title(lead)), ", ")
    return joined((person, company(lead)), " at ")


def tappable_who_and_where(lead: LeadFacts) -> str:
    """The same, with a name to tap."""
    person = joined((tappable_name(lead), title(lead)), ", ")
    return joined((person, company(lead)), " at ")


def name_and_company(lead: LeadFacts) -> str:
    """ "Jane Doe, ACME", as far as it is known."""
    return joined((name(lead), company(lead)), ", ")


def plain_name_and_company(lead: LeadFacts) -> str:
    """The same, unescaped, for plain text."""
    return joined((flat(lead.name) or f"Lead #{lead.lead_id}", flat(lead.company or "")), ", ")


def company_facts(lead: LeadFacts) -> str:
    """Size, industry and place of the company: "450 employees · Software · Berlin, Germany"."""
    size = f"{lead.employees:,} employees" if lead.employees is not None else ""
    where = joined((short(lead.region, 60), short(lead.country, 60)), ", ")
    return joined((size, short(lead.industry, 60), where))


def contact(lead: LeadFacts) -> str:
    """E-mail, phone and LinkedIn profile, each to tap, or that there is none of them."""
    email = told("✉️ ", email_link(lead.email or ""))
    phone = told("📞 ", phone_link(lead.phone or ""))
    profile = link(lead.linkedin_url, "LinkedIn") if lead.linkedin_url else ""
    return joined((email, phone, profile)) or "No e-mail address or phone number"


def origin(lead: LeadFacts) -> str:
    """What brought the lead, and what it may be worth."""
    worth = money(lead.amount_minor, lead.currency) if lead.amount_minor is not None else ""
    source, campaign = short(lead.source, 80), short(lead.campaign, 80)
    return joined((told("Source: ", source), told("Campaign: ", campaign), told("Worth: ", worth)))


def colleague(other: Colleague) -> str:
    """Somebody else at the company, how far it has come, and with whom."""
    person = joined((short(other.name, 60) or f"Lead #{other.lead_id}", short(other.title, 60)), ", ")
    holder = f"with {mention(other.owner)}" if other.owner else "no owner"
    return f"{person} — {STAGE_WORDS[other.stage]}, {holder}"


def activity_words(name: str) -> str:
    """What a lead did, as people say it: "Demo request"."""
    words = short(name.replace("_", " "), 60)
    return words[:1].upper() + words[1:]


def told(label: str, value: str) -> str:
    """A value with its label, or nothing where there is no value."""
    return label + value if value else ""


def joined(parts: Iterable[str], between: str = " · ") -> str:
    """The parts that say something, joined."""
    return between.join(part for part in parts if part)


def first_few(lines: Sequence[str], most: int) -> list[str]:
    """The first lines, and how many more there are: "… and 3 more"."""
    return [*lines[:most], *([f"… and {len(lines) - most:,} more"] if len(lines) > most else [])]
