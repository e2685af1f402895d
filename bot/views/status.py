"""The answer to "where does this lead stand?": a lead, a company's people, a choice of several, or none."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.views import people
from bot.views.blocks import Block, actions, context, link_button, section
from bot.views.clockface import clock_words, tone
from bot.views.history import history_words
from bot.views.ids import Action
from bot.views.labels import BUTTONS, labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import STAGE_WORDS, first_few, joined
from bot.views.rows import LeadRow, Page, card_link, leafing, row_words, rows, which_of
from bot.views.states import HistoryLine, LeadFacts, RunningClock
from bot.views.text import cut, local_day, local_time, mention, plural, quoted, short
from storage.models import HandoffState

_WHY_SHOWN = 4
_HISTORY_LIMIT = 1900
HISTORY_LINES = 5

# What a person may do next, as a button: in this order, where they may do it. The value is the handoff's id.
_BUTTONS = (
    *(Action.ACCEPT, Action.REJECT, Action.TOUCH, Action.OUTCOME, Action.REASSIGN_FORM),
    *(Action.DISPUTE, Action.UPHOLD, Action.OVERTURN),
)


ESTIMATED = "≈"
"""Stands before what Baton did not record itself, but was told of later."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a lead's history and its moment (aware UTC). `imported`: from before Baton recorded."""

    at: datetime
    line: HistoryLine
    imported: bool = False


@dataclass(frozen=True, slots=True)
class LeadStatus:
    """A lead and its newest handoff; without one, `state` is None. Moments are aware UTC."""

    lead: LeadFacts
    handoff_id: int | None = None
    team: str | None = None
    owner: str | None = None
    owner_why: str | None = None
    state: HandoffState | None = None
    grade: str | None = None
    priority: str | None = None
    why: tuple[str, ...] = ()
    clock: RunningClock | None = None
    unrouted: bool = False  # it qualifies, and no team matches
    until: datetime | None = None  # in nurture until then
    history: tuple[Told, ...] = ()  # oldest first
    may: frozenset[Action] = frozenset()  # what the reader may do next
    card_url: str | None = None  # where its card is


@dataclass(frozen=True, slots=True)
class Choice:
    """A company that may have been meant, and what to ask for to see it."""

    name: str
    ask: str
    leads: int


def status_answer(status: LeadStatus, now: datetime, *, shared: bool = False) -> Rendered:
    """Where one lead stands at `now` (aware UTC). What is shared with a channel has no buttons."""
    lead = status.lead
    first = f"*{people.tappable_who_and_where(lead)}* (#{lead.lead_id})"
    stage = STAGE_WORDS[lead.stage] + (f" until {local_day(status.until)}" if status.until else "")
    second = joined(
        (
            f"{stage[:1].upper()}{stage[1:]}",
            short(status.priority, 30),
            _holder(status),
            card_link(status.card_url),
        )
    )
    due = f"{tone(status.clock, now)} {clock_words(status.clock, now)}" if status.clock else ""
    contact = "" if shared else people.contact(lead)
    blocks = [section(joined((first, second, due, contact, _why(status)), "\n"))]
    if status.history:
        blocks.append(context(history_lines(status.history[-HISTORY_LINES:])))
    if not shared:
        blocks.append(_next_steps(status))
    return rendered(f"{people.who_and_where(lead)}: {stage}", blocks)


def _next_steps(status: LeadStatus) -> Block:
    buttons = step_buttons(status.may, status.handoff_id)
    buttons.append(labelled_button(Action.DETAILS, str(status.lead.lead_id)))
    return actions([*buttons, *link_button(BUTTONS[Action.OPEN_CRM], Action.OPEN_CRM, status.lead.crm_url)])


def step_buttons(may: Collection[Action], handoff_id: int | None) -> list[Block]:
    """What somebody may do next about a handoff, as buttons, the likeliest first."""
    return [
        labelled_button(action, str(handoff_id), style="primary" if action is Action.ACCEPT else None)
        for action in _BUTTONS
        if action in may and handoff_id is not None
    ]


def _why(status: LeadStatus) -> str:
    reasons = first_few([line for why in status.why if (line := short(why, 120))], _WHY_SHOWN)
    grade = f"*Why {short(status.grade, 10)}:* " if status.grade else "*Why:* "
    return grade + ", ".join(reasons) if reasons else ""


def _holder(status: LeadStatus) -> str:
    if status.unrouted:
        return "it qualifies, but no team matches; the admins know"
    if status.state is None:
        return "not handed off yet"
    if status.owner:
        return f"with {mention(status.owner)}, team {short(status.team, 75)}"
    if status.state is HandoffState.WAITING:
        return f"team {short(status.team, 75)}: nobody has accepted it yet"
    return f"team {short(status.team, 75)}"


def history_lines(told: Sequence[Told]) -> str:
    """Each event as a line: when, what, who, and the note where there is one."""
    lines = [
        joined((f"{_when(each)} {history_words(each.line)}", _note(each.line.note)), "\n") for each in told
    ]
    return cut("\n".join(lines), _HISTORY_LIMIT)


def _when(told: Told) -> str:
    at = local_time(told.at)
    return f"{ESTIMATED} {at}" if told.imported else at


def older_words(lead: LeadFacts) -> str:
    """Where the events are that are not listed, for they are too many."""
    return f"_The newest events. All of them: `/lead history #{lead.lead_id}`_"


def _note(note: str | None) -> str:
    return quoted(note, 200) if note and note.strip() else ""


def history_page(lead: LeadFacts, told: Sequence[Told], page: Page) -> Rendered:
    """One page of a lead's history, the newest first."""
    who = people.who_and_where(lead)
    blocks = [section(f"*{who}* (#{lead.lead_id})\n{which_of(page, 'event', len(told))}, newest first")]
    blocks += [context(joined((_event(each), _note(each.line.note)), "\n")) for each in told]
    return rendered(f"History of {who}", [*blocks, *leafing(page.listed, page.total)])


def _event(known: Told) -> str:
    return f"{local_time(known.at)} — {history_words(known.line)}"


def company_answer(name: str, page: Page, now: datetime, *, reader: str, shared: bool = False) -> Rendered:
    """The people at a company, the newest first."""
    title = f"*{short(name, 80)}*: {which_of(page, 'lead')}"
    leaves = [] if shared else leafing(page.listed, page.total)
    listed = None if shared else page.listed
    shown = [replace(row, due=None) for row in page.rows] if shared else page.rows
    return rendered(title, [section(title), *rows(shown, now, reader=reader, listed=listed), *leaves])


def choice_answer(
    wanted: str, choices: Sequence[Choice], people_: Sequence[LeadRow], *, now: datetime, alike: bool
) -> Rendered:
    """People and companies that may have been meant: to choose from, or near misses where nothing matches."""
    said = short(wanted, 100)
    opening = (
        f"No match for “{said}”. Did you mean one of these?" if alike else f"Which “{said}” do you mean?"
    )
    blocks = [section(opening)]
    for person in people_:
        show = labelled_button(Action.STATUS, f"#{person.lead.lead_id}")
        blocks.append(section(row_words(person, now), accessory=show))
    for choice in choices:
        label = f"*{short(choice.name, 80)}* — {_count(choice.leads)}"
        blocks.append(section(label, accessory=labelled_button(Action.STATUS, choice.ask)))
    return rendered(opening, blocks)


def _count(leads: int) -> str:
    return "1,000 leads or more" if leads >= 1000 else plural(leads, "lead")


def nothing_answer(wanted: str, near: Sequence[str] = (), domain: str | None = None) -> Rendered:
    """Nobody was found: what was looked for and where, and what is near."""
    said = short(wanted, 100)
    opening = f"No lead found for “{said}”. I looked for a name, a company, an address and a phone number."
    if re.fullmatch(r"#\d+", wanted):
        opening = f"There is no lead {said}."
    elif "@" in wanted[1:]:
        opening = f"No lead has the address “{said}”."
    blocks = [section(opening)]
    for address in near:
        show = labelled_button(Action.STATUS, address)
        blocks.append(section(f"Did you mean {short(address, 120)}?", accessory=show))
    if domain:
        show = labelled_button(Action.STATUS, domain)
        blocks.append(section(f"There are other leads at *{short(domain, 100)}*.", accessory=show))
    blocks.append(
        context(
            "Try another spelling, the company's domain, or `#` and the lead's number. "
            "To add a new lead: `/lead add`."
        )
    )
    return rendered(opening, blocks)
