"""What marketing is told of rejections, and the admins of leads without a team."""

from __future__ import annotations

from collections.abc import Mapping

from bot.views import people
from bot.views.blocks import Block, actions, context, link_button, section
from bot.views.ids import Action
from bot.views.labels import BUTTONS, labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import first_few, joined
from bot.views.states import AnswerFacts, CustomerNotice, LeadFacts, RejectionNotice, UnroutedNotice
from bot.views.text import call, cut, local_day, local_time, mention, plural, quoted, short, who
from bot.views.thens import THEN_WORDS, Reply
from storage.models import Answer, Ruling

_UNROUTED_LINES = 10
ANSWERED_WORDS: Mapping[Answer, str] = {
    Answer.AGREED: "{by} agreed {at}. There is nothing left to do.",
    Answer.RESUBMITTED: "{by} fixed it {at}, and it was handed off to sales again.",
    Answer.CONTESTED: "{by} contested it {at}; the manager decides.",
}
RULED_WORDS: Mapping[Ruling, str] = {
    Ruling.UPHELD: "⚖️ {by} upheld the rejection {at}.",
    Ruling.OVERTURNED: "⚖️ {by} overturned the rejection {at}.",
}


def rejection_notice(notice: RejectionNotice) -> Rendered:
    """A rejection as marketing hears of it: the lead, why, who says so, and what happens next.

    Once it was answered or taken back it says what became of it, and there is nothing left to press.
    """
    if notice.taken_back_by:
        return _taken_back(notice, notice.taken_back_by)
    lead, reason = notice.lead, short(notice.reason, 150)
    owes = notice.answer is None and THEN_WORDS[notice.then].reply is not Reply.NONE
    calls = joined((call(person) for person in notice.mention), " ") if owes else ""
    verb = THEN_WORDS[notice.then].verb
    first = joined((calls, f"↩️ *{people.tappable_who_and_where(lead)}* {verb}"), " ")
    by = f"By {who(notice.by)} {local_time(notice.at)}"
    label = "Answer" if notice.answer else "What happens next"
    follows = answered(notice.answer) if notice.answer else _what_next(notice)
    blocks: list[Block] = [
        section(joined((f"{first}: *{reason}*", quoted(notice.note, 1000) if notice.note else "", by), "\n")),
        section(f"*{label}:* {follows}"),
    ]
    small = joined((people.contact(lead), people.origin(lead)))
    buttons = [*_answer_button(notice), *link_button(BUTTONS[Action.OPEN_CRM], Action.OPEN_CRM, lead.crm_url)]
    blocks += [context(small), *([actions(buttons)] if buttons else [])]
    return rendered(f"{people.who_and_where(lead)} {verb}: {reason} — by {who(notice.by)}", blocks)


def _taken_back(notice: RejectionNotice, by: str) -> Rendered:
    told = f"~{people.who_and_where(notice.lead)} {THEN_WORDS[notice.then].verb}~"
    text = f"↩️ {told} — undone by {who(by)}. There is nothing for you to do."
    return rendered(text, [section(text)])


def _answer_button(notice: RejectionNotice) -> list[Block]:
    reply = THEN_WORDS[notice.then].reply
    if reply is Reply.NONE or notice.answer is not None:
        return []
    name = people.plain_name_and_company(notice.lead)
    plain = labelled_button(Action.DISPUTE, str(notice.handoff_id), about=f"the rejection of {name}")
    return [plain | {"style": "primary"} if reply is Reply.OWED else plain]


def answered(answer: AnswerFacts) -> str:
    """What marketing answered, and what came of it, in a sentence or two."""
    said = ANSWERED_WORDS[answer.answer].format(by=who(answer.by), at=local_time(answer.at))
    argument = f"\n{quoted(answer.argument, 1000)}" if answer.argument else ""
    if answer.ruling is None or answer.ruled_by is None or answer.ruled_at is None:
        return said + argument
    again = " It was handed off to sales again." if answer.again else ""
    ruled = RULED_WORDS[answer.ruling].format(by=who(answer.ruled_by), at=local_time(answer.ruled_at))
    return f"{said}{argument}\n{ruled}{again}"


def _what_next(notice: RejectionNotice) -> str:
    return THEN_WORDS[notice.then].told.format(
        by=f" by {local_time(notice.answer_due_at)}" if notice.answer_due_at else "",
        until=f" until {local_day(notice.until)}" if notice.until else "",
        lead=notice.merged_into,
        team=short(notice.moved_to, 75),
        owner=mention(notice.given_to) if notice.given_to else "the account owner",
    )


def customer_notice(notice: CustomerNotice) -> Rendered:
    """An existing customer raised a hand: what happened, how to reach them, and what to do."""
    lead = notice.lead
    first = f"🔥 *Existing customer: {people.tappable_who_and_where(lead)}*\n{short(notice.why, 200)}."
    small = joined((people.contact(lead), people.origin(lead)))
    value = str(lead.lead_id)
    buttons = [
        labelled_button(Action.DETAILS, value, about=f"of {people.plain_name_and_company(lead)}"),
        *link_button(BUTTONS[Action.OPEN_CRM], Action.OPEN_CRM, lead.crm_url),
    ]
    blocks = [section(f"{first} Please get in touch."), context(small), actions(buttons)]
    return rendered(f"Existing customer {people.who_and_where(lead)}: {short(notice.why, 200)}", blocks)


def unrouted_notice(notice: UnroutedNotice) -> Rendered:
    """Leads that qualify and match no team, gathered, with what the admins can do about them."""
    if notice.total == 0:
        text = "✅ Every qualified lead matches a team again."
        return rendered(text, [section(text)])
    which = f"{plural(notice.total, 'qualified lead')} {'matches' if notice.total == 1 else 'match'} no team"
    lines = [f"• {_unrouted(lead)}" for lead in notice.leads[:_UNROUTED_LINES]]
    rest = notice.total - len(lines)
    more = [f"… and {rest:,} more in `/lead queue`"] if rest > 0 else []
    remedy = (
        "They are safe, but nobody is working on them. In the agreement, widen a team's `match`, "
        "or add a last team without one to take the rest."
    )
    names = joined(first_few([people.name_and_company(lead) for lead in notice.leads], 3), "; ")
    return rendered(
        joined((f"⚠️ {which}", names), ": "),
        [section(joined((f"⚠️ *{which}*", *lines, *more), "\n")), context(remedy)],
    )


def removed_notice() -> Rendered:
    """What is left of a message about somebody who was erased."""
    text = "🗑️ This person was removed from Baton. There is nothing left to do."
    return rendered(text, [section(text)])


def _unrouted(lead: LeadFacts) -> str:
    return cut(joined((people.who_and_where(lead), people.company_facts(lead))), 250)
