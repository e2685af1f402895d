"""A lead as one row of a list: who, how urgent, with whom, and a button that opens everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import Block, actions, section
from bot.views.clockface import clock_words, tone
from bot.views.ids import Action, Listed
from bot.views.labels import labelled_button
from bot.views.people import STAGE_WORDS, joined
from bot.views.states import LeadFacts, RunningClock
from bot.views.text import cut, local_time, mention, plural, short
from storage.models import HandoffState

PAGE_ROWS = 10
_ROW_LIMIT = 700  # a screen's width of lines, whatever the data brings


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead and its open handoff; without one, `state` is None. Moments are aware UTC."""

    lead: LeadFacts
    handoff_id: int | None = None
    team: str | None = None
    priority: str | None = None
    owner: str | None = None
    state: HandoffState | None = None
    clock: RunningClock | None = None
    handed_at: datetime | None = None
    note: str | None = None  # something to add, as it is stored


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows: which of how many, and what it is a page of."""

    rows: tuple[LeadRow, ...]
    total: int
    listed: Listed


def row(row: LeadRow, now: datetime, *, reader: str | None = None) -> Block:
    """The lead as a section with a button to its details; `reader` need not be told what is theirs."""
    return section(row_words(row, now, reader=reader), accessory=details_button(row.lead))


def row_words(row: LeadRow, now: datetime, *, reader: str | None = None) -> str:
    """Two lines: who it is, and what is due when and with whom."""
    sign = f"{tone(row.clock, now)} " if row.clock else ""
    priority = f"{short(row.priority, 20)} · " if row.priority else ""
    first = joined((f"{sign}*{priority}{people.tappable_name(row.lead)}*", people.title(row.lead)), ", ")
    first = f"{joined((first, people.company(row.lead)), ' at ')} (#{row.lead.lead_id})"
    due = clock_words(row.clock, now) if row.clock else ""
    stage = "" if row.clock else STAGE_WORDS[row.lead.stage]
    second = joined((due or f"{stage[:1].upper()}{stage[1:]}", _with_whom(row, reader)))
    return cut(joined((first, second, short(row.note, 200)), "\n"), _ROW_LIMIT)


def details_button(lead: LeadFacts) -> Block:
    """The button that opens everything known about a lead."""
    about = f"of {people.plain_name_and_company(lead)}"
    return labelled_button(Action.DETAILS, str(lead.lead_id), about=about)


def _with_whom(row: LeadRow, reader: str | None) -> str:
    team = f"team {short(row.team, 60)}" if row.team else ""
    if row.owner and row.owner == reader:
        return "" if row.clock else "with you"
    if row.owner:
        return joined((f"with {mention(row.owner)}", team), ", ")
    if row.state is HandoffState.WAITING and row.handed_at:
        return joined((team, f"waiting since {local_time(row.handed_at)}"), ", ")
    return team


def leafing(listed: Listed, total: int) -> list[Block]:
    """Buttons to the page before and the page after, as far as there are any."""
    buttons = []
    if listed.page > 0:
        buttons.append(_turn(Action.PAGE_BACK, listed, listed.page - 1))
    if (listed.page + 1) * PAGE_ROWS < total:
        buttons.append(_turn(Action.PAGE_ON, listed, listed.page + 1))
    return [actions(buttons)] if buttons else []


def _turn(action: Action, listed: Listed, page: int) -> Block:
    return labelled_button(action, listed.model_copy(update={"page": page}).model_dump_json())


def which_of(page: Page, noun: str, shown: int | None = None) -> str:
    """ "21 leads", and which of them are shown where they are not all there: "11-20 of 21 leads"."""
    count = len(page.rows) if shown is None else shown
    if page.total <= count or not count:
        return plural(page.total, noun)
    first = page.listed.page * PAGE_ROWS + 1
    return f"{first}-{first + count - 1} of {plural(page.total, noun)}"


def rows(them: Sequence[LeadRow], now: datetime, *, reader: str | None = None) -> list[Block]:
    """Each lead as a block of its own."""
    return [row(each, now, reader=reader) for each in them]
