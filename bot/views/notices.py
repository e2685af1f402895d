"""What marketing is told of rejections, and the admins of leads without a team."""

from __future__ import annotations

from bot.views import people
from bot.views.blocks import Block, actions, context, link_button, section
from bot.views.ids import Action
from bot.views.message import Rendered, rendered
from bot.views.people import first_few, joined
from bot.views.states import LeadFacts, RejectionNotice, UnroutedNotice
from bot.views.text import cut, local_day, local_time, mention, plural, quoted, short, who

_UNROUTED_LINES = 10
_VERBS = {"reroute": "was passed to another team", "merge": "was joined with another lead"}  # no rejections


def rejection_notice(notice: RejectionNotice) -> Rendered:
    """A rejection as marketing hears of it: the lead, why, who says so, and what happens next."""
    lead, reason = notice.lead, short(notice.reason, 150)
    call = joined((mention(person) for person in notice.mention), " ")
    verb = _VERBS.get(notice.then, "was rejected")
    first = joined((call, f"↩️ *{people.who_and_where(lead)}* {verb}"), " ")
    by = f"By {who(notice.by)} {local_time(notice.at)}"
    blocks: list[Block] = [
        section(joined((f"{first}: *{reason}*", quoted(notice.note, 1000) if notice.note else "", by), "\n")),
        section(f"*What happens next:* {_what_next(notice)}"),
    ]
    small = joined((people.contact(lead), people.origin(lead)))
    crm = link_button("Open in CRM", Action.OPEN_CRM, lead.crm_url)
    blocks += [context(small), *([actions(crm)] if crm else [])]
    return rendered(f"{people.who_and_where(lead)} {verb}: {reason} — by {who(notice.by)}", blocks)


def _what_next(notice: RejectionNotice) -> str:
    if notice.moved_to:
        return f"it goes to {short(notice.moved_to, 75)}. There is nothing for you to do."
    if notice.then == "fix":
        due = f" by {local_time(notice.answer_due_at)}" if notice.answer_due_at else ""
        return f"it is back with you. Please put it right and send it in again{due}."
    if notice.then == "nurture":
        until = f" until {local_day(notice.until)}" if notice.until else ""
        return f"it rests in nurture{until}. There is nothing for you to do now."
    if notice.merged_into is not None:
        return f"it joins lead #{notice.merged_into}. There is nothing for you to do."
    return "it is closed for good. There is nothing for you to do."


def unrouted_notice(notice: UnroutedNotice) -> Rendered:
    """Leads that qualify and match no team, gathered, with what the admins can do about them."""
    which = f"{plural(notice.total, 'qualified lead')} {'matches' if notice.total == 1 else 'match'} no team"
    lines = [f"• {_unrouted(lead)}" for lead in notice.leads[:_UNROUTED_LINES]]
    rest = notice.total - len(lines)
    more = [f"… and {rest:,} more in `/lead queue`"] if rest > 0 else []
    remedy = (
        "They are kept, and nobody is working on them. In the agreement, widen the `match` of a team, "
        "or add a last team without one: it takes all that others leave."
    )
    names = joined(first_few([people.name_and_company(lead) for lead in notice.leads], 3), "; ")
    return rendered(
        joined((f"⚠️ {which}", names), ": "),
        [section(joined((f"⚠️ *{which}*", *lines, *more), "\n")), context(remedy)],
    )


def _unrouted(lead: LeadFacts) -> str:
    return cut(joined((people.who_and_where(lead), people.company_facts(lead))), 250)
