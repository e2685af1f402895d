"""The card: one lead as a rep sees it in the channel, in every state that its handoff can be in.

At most seven lines while it waits, in the order in which a rep decides; three once accepted, one when it is
over. The arithmetic and the rest are in the details.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.agreement.vocabulary import Then
from bot.rules.vacancy import Vacancy
from bot.views import people
from bot.views.blocks import Block, actions, link_button, option, overflow, section
from bot.views.clockface import Tone, clock_notice, clock_words, tone
from bot.views.ids import Action, More
from bot.views.labels import BUTTONS, MENU, labelled_button
from bot.views.message import Rendered, rendered
from bot.views.outcomes import OUTCOME_WORDS
from bot.views.people import activity_words, joined, told
from bot.views.states import Advice, CardState, Decision
from bot.views.text import (
    call,
    link,
    local_ago,
    local_day,
    local_time,
    mention,
    money,
    short,
    web_address,
    who,
)
from bot.views.thens import THEN_WORDS
from storage.models import HandoffState, Outcome, member_of

_REASONS = 3
_CALLED = 20
_CONTENT = 2
_POINTS = re.compile(r"\s*\([+-][\d,.]+(?: of [\d,.]+)?\)$")
_AGE = re.compile(r"\s+(?:just now|\d+ (?:minute|hour|day|month)s? ago)$")
"""What a reason says of its points and of its age at the handoff: the arithmetic, which details have."""


def card(state: CardState, now: datetime) -> Rendered:
    """The card as it stands at `now` (aware UTC)."""
    return _moved(state) if state.moved_to else CARD_STATES[state.state](state, now)


def _waiting(state: CardState, now: datetime) -> Rendered:
    value = str(state.handoff_id)
    buttons = actions(
        [
            labelled_button(Action.ACCEPT, value, style="primary"),
            labelled_button(Action.REJECT, value),
            *link_button(BUTTONS[Action.OPEN_CRM], Action.OPEN_CRM, state.lead.crm_url),
            _more(state, More.SNOOZE, More.REASSIGN),
        ]
    )
    mood = tone(state.clock, now)
    adjective = "Late" if mood is Tone.RED else "New"
    notice = f" — {clock_notice(state.clock, now)}" if state.clock else ""
    lines = (
        _heading(state, mood),
        _asked_for(state),
        _due(state, now),
        _holder(state) or _anybody(state),
        people.contact(state.lead),
        _lead_with(state.advice),
        _context(state),
    )
    return rendered(
        f"{adjective} {_priority(state)} lead: {people.who_and_where(state.lead)}{notice}",
        [section(joined(lines, "\n")), buttons],
    )


def _accepted(state: CardState, now: datetime) -> Rendered:
    mood = tone(state.clock, now)
    decided = f"*Accepted* {_by(state.decision)}" if state.decision else "*Accepted*"
    contacted = ""
    if state.touched_at:
        contacted = f"First contact {local_time(state.touched_at)}"
        contacted += f" by {who(state.touched_by)}" if state.touched_by else ""
    due = clock_words(state.clock, now) if state.clock else ""
    value, touched = str(state.handoff_id), state.touched_at is not None
    buttons = [
        labelled_button(Action.TOUCH, value, style=None if touched else "primary"),
        labelled_button(Action.OUTCOME, value, style="primary" if touched else None),
        *link_button(BUTTONS[Action.OPEN_CRM], Action.OPEN_CRM, state.lead.crm_url),
        _more(state, More.SNOOZE, More.REASSIGN),
    ]
    sign = "✅" if mood is Tone.CALM else mood.value
    lines = (
        joined((_heading(state, sign), _raised(state))),
        joined((contacted or decided, _holder(state), _progress(state), due)),
        people.contact(state.lead),
    )
    return rendered(
        f"Accepted: {people.who_and_where(state.lead)}{_notice_by(state)}",
        [section(joined(lines, "\n")), actions(buttons)],
    )


def _rejected(state: CardState, _now: datetime) -> Rendered:
    words = f"*Rejected* {_by(state.decision)}" if state.decision else "*Rejected*"
    return _over(state, "↩️", "Rejected", words)


def _closed(state: CardState, _now: datetime) -> Rendered:
    outcome = state.outcome or member_of(Outcome, state.lead.stage)
    sign = OUTCOME_WORDS[outcome].sign if outcome else "🏁"
    became = OUTCOME_WORDS[outcome].became if outcome else "Closed"
    amount = f", {_amount(state)}" if state.outcome is Outcome.WON and _amount(state) else ""
    words = f"*{became}*{amount} {_by(state.decision)}" if state.decision else f"*{became}*"
    return _over(state, sign, became, words)


def _merged(state: CardState, _now: datetime) -> Rendered:
    decision = state.decision
    merged = decision is None or decision.merged_into is not None or decision.reason is not None
    label = "Merged" if merged else "Withdrawn"
    words = f"*{label}* {_by(decision)}" if decision else f"*{label}*"
    return _over(state, "🔗" if merged else "↪️", label, words)


def _over(state: CardState, sign: str, label: str, words: str) -> Rendered:
    """One line, with the menu beside it: who it was, what became of it, what follows."""
    follows = what_follows(state.decision) if state.decision else ""
    text = f"{people.who_and_where(state.lead)}{_notice_by(state)}"
    return rendered(f"{label}: {text}", [_line(state, sign, joined((words, follows), ". "))])


def _moved(state: CardState) -> Rendered:
    team = short(state.moved_to, 75)
    line = _line(state, "➡️", f"*Now with team {team}.* Nothing left to do here.")
    return rendered(f"Now with team {team}: {people.who_and_where(state.lead)}", [line])


def _line(state: CardState, sign: str, words: str) -> Block:
    who_and_where = joined((people.tappable_name(state.lead), people.company(state.lead)), ", ")
    return section(f"{sign} {who_and_where} — {words}", accessory=_more(state))


CARD_STATES: Mapping[HandoffState, Callable[[CardState, datetime], Rendered]] = {
    HandoffState.WAITING: _waiting,
    HandoffState.ACCEPTED: _accepted,
    HandoffState.REJECTED: _rejected,
    HandoffState.CLOSED: _closed,
    HandoffState.MERGED: _merged,
}


def _more(state: CardState, *first: More) -> Block:
    """The menu with what is done now and then: what fits this card, and what fits every card."""
    crm = web_address(state.lead.crm_url)
    choices = [*first, More.DETAILS, More.UNDO]
    options = [option(MENU[choice], choice.of(state.handoff_id)) for choice in choices]
    if crm:
        options.append(option(MENU[More.OPEN_CRM], More.OPEN_CRM.of(state.handoff_id), url=crm))
    return overflow(Action.MORE, options)


def _amount(state: CardState) -> str:
    return money(state.amount_minor, state.currency) if state.amount_minor is not None else ""


def _progress(state: CardState) -> str:
    """How far a lead has come that is still worked."""
    if state.outcome not in (Outcome.SQL, Outcome.OPPORTUNITY):
        return ""
    return f"*{OUTCOME_WORDS[state.outcome].became}*" + (f", {_amount(state)}" if _amount(state) else "")


def what_follows(decision: Decision) -> str:
    """What became of a lead that was decided, as a sentence; empty where there is nothing to say."""
    then = decision.then
    if decision.merged_into is not None and then is not Then.NURTURE:
        then = Then.MERGE
    if then is None:
        return ""
    until = f" until {local_day(decision.until)}" if decision.until else ""
    return THEN_WORDS[then].became.format(until=until, lead=decision.merged_into)


def _priority(state: CardState) -> str:
    return short(state.priority, 30)


def _heading(state: CardState, sign: str) -> str:
    """Who and where, in a line."""
    lead = state.lead
    person = joined((f"{sign} *{_priority(state)} · {people.tappable_name(lead)}*", people.title(lead)), ", ")
    firm = people.company(lead)
    facts = people.company_facts(lead) if state.state is HandoffState.WAITING else ""
    return joined((joined((person, f"*{firm}*" if firm else ""), " at "), facts))


def _asked_for(state: CardState) -> str:
    """What they did last and said, what heated them up, and why they qualify; a line."""
    asked = state.asked
    did = f"*{activity_words(asked.type)}* {local_time(asked.at)}" if asked else ""
    said = short((asked.detail if asked else None) or state.lead.notes, 200)
    brought = joined((short(state.lead.campaign, 60), short(state.lead.source, 60)), ", ")
    return joined((_raised(state), did, f"“{said}”" if said else "", _why(state), told("via ", brought)))


def _why(state: CardState) -> str:
    reasons = [line for why in state.why if (line := short(reason_called(why), 80))]
    more = f" and {len(reasons) - _REASONS} more" if len(reasons) > _REASONS else ""
    return joined((short(state.grade, 10), joined(reasons[:_REASONS], ", ")), ": ") + more


def reason_called(why: str) -> str:
    """A reason of a judgement without its points and its age: "Asked for a demo"."""
    return _AGE.sub("", _POINTS.sub("", why))


def _due(state: CardState, now: datetime) -> str:
    """What is due, and since when the prospect has waited, whoever had the lead in between."""
    due = clock_words(state.clock, now) if state.clock else "Please accept or reject it"
    return joined((due, f"waiting since {local_time(state.handed_at)} ({local_ago(state.handed_at)})"))


def _raised(state: CardState) -> str:
    """That it heated up while sales has it, and why; nothing once it is over."""
    if not state.raised or state.state not in (HandoffState.WAITING, HandoffState.ACCEPTED):
        return ""
    words = short(state.raised, 200)
    return f"🔥 *{words[:1].upper()}{words[1:]}*"


def _by(decision: Decision | None) -> str:
    if decision is None:
        return ""
    reason = f": {short(decision.reason, 150)}" if decision.reason else ""
    return f"by {who(decision.by)} {local_time(decision.at)}{reason}"


def _notice_by(state: CardState) -> str:
    if state.decision is None:
        return ""
    reason = f": {short(state.decision.reason, 150)}" if state.decision.reason else ""
    return f" — by {who(state.decision.by)}{reason}"


def _anybody(state: CardState) -> str:
    """That the first to accept gets it, with a call to those who are to look at once."""
    if state.vacancy is not None:
        return _nobody(state, state.vacancy)
    first = f"Team {short(state.team, 75)}: the first to accept gets it"
    return joined((joined((call(user) for user in state.called[:_CALLED]), " "), first), " · ")


def _nobody(state: CardState, vacancy: Vacancy) -> str:
    """That nobody can take it, until when, and what becomes of it."""
    why = short(vacancy.why, 150)
    until = f" until {local_time(vacancy.until)}" if vacancy.until else ""
    asked = joined([mention(user) for user in state.chooses[:_CALLED]], " or ")
    chooses = f"I asked {asked} to choose. " if asked else ""
    return f"🚫 *{why}*{until}. {chooses}Anybody in team {short(state.team, 75)} may still accept it"


def _holder(state: CardState) -> str:
    """Who has it and why; after somebody accepted it themselves there is nothing to add."""
    if not state.owner or (state.decision and state.decision.by == state.owner):
        return ""
    why = short(state.owner_why, 200)
    owner = call(state.owner) if state.state is HandoffState.WAITING else mention(state.owner)
    return f"For {owner}" + (f" — {why}" if why else "")


def _lead_with(advice: Advice | None) -> str:
    """What to say and what to send, in a line."""
    if advice is None:
        return ""
    content = [link(url, label) for label, url in advice.content[:_CONTENT]]
    return joined((told("*Lead with:* ", short(advice.value, 200)), told("*Send:* ", joined(content, ", "))))


def _context(state: CardState) -> str:
    """What a rep should know before the call: what came of it before, and who else there has an owner."""
    before = told("*Earlier:* ", short(state.earlier[0], 200)) if state.earlier else ""
    other = next((each for each in state.colleagues if each.owner), None)
    return joined((before, told("*Same company:* ", people.colleague(other)) if other else ""))
