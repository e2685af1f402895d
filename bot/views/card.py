"""The card: one lead as a rep sees it in the channel, in every state that its handoff can be in.

It is ordered by what a rep decides on: who, how soon, why; then what to say, how to reach them, and the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.agreement.vocabulary import Then
from bot.views import people
from bot.views.blocks import Block, actions, context, link_button, option, overflow, section
from bot.views.clockface import Tone, clock_notice, clock_words, tone
from bot.views.ids import Action, More
from bot.views.labels import BUTTONS, MENU, labelled_button
from bot.views.message import Rendered, rendered
from bot.views.outcomes import OUTCOME_WORDS
from bot.views.people import first_few, joined, told
from bot.views.states import Advice, CardState, Decision
from bot.views.text import link, local_day, local_time, mention, money, quoted, short, web_address, who
from bot.views.thens import THEN_WORDS
from storage.models import HandoffState, Outcome, member_of

_WHY_LINES = 5
_COLLEAGUES = 4
_EARLIER = 3
_CONTENT = 3


def card(state: CardState, now: datetime) -> Rendered:
    """The card as it stands at `now` (aware UTC)."""
    return _moved(state) if state.moved_to else CARD_STATES[state.state](state, now)


def _waiting(state: CardState, now: datetime) -> Rendered:
    due = clock_words(state.clock, now) if state.clock else "Please accept or reject it"
    holder = _holder(state) or f"Team {short(state.team, 75)}: the first to accept gets it"
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
    return rendered(
        f"{adjective} {_priority(state)} lead: {people.who_and_where(state.lead)}{notice}",
        [_heading(state, mood, due, holder, people.contact(state.lead)), *_particulars(state), buttons],
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
    return rendered(
        f"Accepted: {people.who_and_where(state.lead)}{_notice_by(state)}",
        [
            _heading(
                state,
                sign,
                decided,
                _holder(state),
                joined((contacted, _progress(state))),
                due,
                people.contact(state.lead),
            ),
            *_particulars(state),
            actions(buttons),
        ],
    )


def _rejected(state: CardState, now: datetime) -> Rendered:
    words = f"*Rejected* {_by(state.decision)}" if state.decision else "*Rejected*"
    return _settled(state, "↩️", "Rejected", words, now)


def _closed(state: CardState, now: datetime) -> Rendered:
    outcome = state.outcome or member_of(Outcome, state.lead.stage)
    sign = OUTCOME_WORDS[outcome].sign if outcome else "🏁"
    became = OUTCOME_WORDS[outcome].became if outcome else "Closed"
    amount = f", {_amount(state)}" if state.outcome is Outcome.WON and _amount(state) else ""
    words = f"*{became}*{amount} {_by(state.decision)}" if state.decision else f"*{became}*"
    return _settled(state, sign, became, words, now)


def _merged(state: CardState, now: datetime) -> Rendered:
    words = f"*Merged* {_by(state.decision)}" if state.decision else "*Merged*"
    return _settled(state, "🔗", "Merged", words, now)


def _settled(state: CardState, sign: str, label: str, words: str, now: datetime) -> Rendered:
    note = quoted(state.decision.note, 600) if state.decision and state.decision.note else ""
    waiting = clock_words(state.clock, now) if state.clock else ""
    follows = what_follows(state.decision) if state.decision else ""
    return rendered(
        f"{label}: {people.who_and_where(state.lead)}{_notice_by(state)}",
        [
            _heading(state, sign, words, note, follows, waiting),
            *_small_print(state),
            actions([_more(state)]),
        ],
    )


def _moved(state: CardState) -> Rendered:
    team = short(state.moved_to, 75)
    return rendered(
        f"Now with team {team}: {people.who_and_where(state.lead)}",
        [
            _heading(state, "➡️", f"*Now with team {team}.* Nothing left to do here."),
            *_small_print(state),
            actions([_more(state)]),
        ],
    )


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


def _heading(state: CardState, sign: str, *lines: str) -> Block:
    lead = state.lead
    person = joined((f"{sign} *{_priority(state)} · {people.tappable_name(lead)}*", people.title(lead)), ", ")
    firm = people.company(lead)
    place = joined((f"*{firm}*" if firm else "", people.company_facts(lead)))
    return section(joined((person, _raised(state), place, *lines), "\n"))


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


def _holder(state: CardState) -> str:
    """Who has it and why; after somebody accepted it themselves there is nothing to add."""
    if not state.owner:
        return ""
    why = short(state.owner_why, 200)
    if state.decision and state.decision.by == state.owner and not why:
        return ""
    return f"For {mention(state.owner)}" + (f" — {why}" if why else "")


def _particulars(state: CardState) -> list[Block]:
    """All that helps to decide and to call: why, what to say, how to reach them, who else there is."""
    reasons = [f"• {line}" for reason in state.why if (line := short(reason, 150))]
    why = "\n".join([_grade(state.grade), *first_few(reasons, _WHY_LINES)])
    advice = _advice(state.advice) if state.advice else ""
    return [section(why), *([section(advice)] if advice else []), *_small_print(state, whole=True)]


def _grade(grade: str) -> str:
    shown = short(grade, 10)
    if len(grade) == 2 and grade.isalnum():
        return f"*Why: {shown}* (fit {shown[0]}, engagement {shown[1]})"
    return f"*Why: {shown}*"


def _advice(advice: Advice) -> str:
    stage = short(advice.journey, 40)
    kind = joined((short(advice.persona, 80), f"{stage} stage" if stage else ""), ", ")
    kind = kind[:1].upper() + kind[1:]
    lead_with = told("*Lead with:* ", short(advice.value, 300))
    content = first_few([link(url, label) for label, url in advice.content], _CONTENT)
    send = told("*Send now:* ", joined(content))
    return joined((lead_with, send, f"_{kind}_" if kind and (lead_with or send) else ""), "\n")


def _small_print(state: CardState, *, whole: bool = False) -> list[Block]:
    lead = state.lead
    note = told("Note: ", short(lead.notes, 300)) if whole else ""
    others = [people.colleague(other) for other in state.colleagues] if whole else []
    same_company = told("At the same company: ", joined(first_few(others, _COLLEAGUES), "; "))
    earlier = [line for event in state.earlier if (line := short(event, 200))]
    before = told("*Earlier*\n", joined(first_few(earlier, _EARLIER), "\n"))
    lines = (people.origin(lead), note, same_company, before)
    return [context(line) for line in lines if line]
