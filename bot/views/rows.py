"""A lead as one row of a list: who, how urgent, with whom, and a button that opens everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.views import people
from bot.views.blocks import Block, actions, section
from bot.views.clockface import clock_words, tone
from bot.views.ids import BLOCK_ID_LIMIT, Action, Listed, RowRef
from bot.views.labels import labelled_button
from bot.views.people import STAGE_WORDS, joined
from bot.views.states import LeadFacts, RunningClock
from bot.views.text import cut, link, local_time, mention, plural, short
from storage.models import HandoffState

PAGE_ROWS = 10
_ROW_LIMIT = 1100  # a screen's width of lines, whatever the data brings


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
    due: Action | None = None  # what whoever reads it should do about it next
    card_url: str | None = None  # where its card is


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows: which of how many, and what it is a page of."""

    rows: tuple[LeadRow, ...]
    total: int
    listed: Listed


def row(row: LeadRow, now: datetime, *, reader: str | None = None, listed: Listed | None = None) -> Block:
    """The lead as a section with the button that is due, else one to its details.

    `reader` need not be told what is theirs. `listed` is the list that a click in the row keeps.
    """
    accessory = due_button(row) or details_button(row.lead)
    ref = RowRef(row=row.lead.lead_id, listed=listed).model_dump_json() if listed is not None else ""
    kept = ref if 0 < len(ref) <= BLOCK_ID_LIMIT else None
    return section(row_words(row, now, reader=reader), accessory=accessory, block_id=kept)


def due_button(row: LeadRow) -> Block | None:
    """The button of what the reader should do next, if there is anything."""
    if row.due is None or row.handoff_id is None:
        return None
    about = people.plain_name_and_company(row.lead)
    style: Literal["primary"] | None = "primary" if row.due is Action.ACCEPT else None
    return labelled_button(row.due, str(row.handoff_id), about=about, style=style)


def row_words(row: LeadRow, now: datetime, *, reader: str | None = None) -> str:
    """Who it is; what is due when and with whom; for whoever has it, how to reach them."""
    sign = f"{tone(row.clock, now)} " if row.clock else ""
    priority = f"{short(row.priority, 20)} · " if row.priority else ""
    first = joined((f"{sign}*{priority}{people.tappable_name(row.lead)}*", people.title(row.lead)), ", ")
    first = f"{joined((first, people.company(row.lead)), ' at ')} (#{row.lead.lead_id})"
    mine = row.owner is not None and row.owner == reader
    due = clock_words(row.clock, now, to_owner=mine) if row.clock else ""
    stage = "" if row.clock else STAGE_WORDS[row.lead.stage]
    named = row.owner is not None and mention(row.owner) in due
    holder = _with_whom(row, reader, named=named)
    second = joined((due or f"{stage[:1].upper()}{stage[1:]}", holder, card_link(row.card_url)))
    contact = people.contact(row.lead) if mine else ""
    return cut(joined((first, second, contact, short(row.note, 200)), "\n"), _ROW_LIMIT)


def card_link(address: str | None) -> str:
    """A link to a lead's card; empty where its address is not known."""
    return link(address, "Open card") if address else ""


def details_button(lead: LeadFacts) -> Block:
    """The button that opens everything known about a lead."""
    about = f"of {people.plain_name_and_company(lead)}"
    return labelled_button(Action.DETAILS, str(lead.lead_id), about=about)


def _with_whom(row: LeadRow, reader: str | None, *, named: bool) -> str:
    """Who has it and their team; `named`: the words of the clock say who has it already."""
    team = f"team {short(row.team, 60)}" if row.team else ""
    if row.owner and row.owner == reader:
        return "" if row.clock else "with you"
    if row.owner and named:
        return team
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


def rows(
    them: Sequence[LeadRow], now: datetime, *, reader: str | None = None, listed: Listed | None = None
) -> list[Block]:
    """Each lead as a block of its own; arguments as in `row`."""
    return [row(each, now, reader=reader, listed=listed) for each in them]
