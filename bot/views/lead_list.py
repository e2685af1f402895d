"""Several leads in one message, each a row with its own Accept and Reject; a decided row becomes one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.views import people
from bot.views.blocks import Block, actions, section
from bot.views.clockface import clock_words, tone
from bot.views.ids import Action, list_row
from bot.views.labels import labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import joined
from bot.views.states import CardState
from bot.views.text import call, plural, short, who
from storage.models import HandoffState

ROWS_LIMIT = 10
_REASONS = 3

DECIDED_WORDS: Mapping[HandoffState, str] = {
    HandoffState.ACCEPTED: "accepted",
    HandoffState.REJECTED: "rejected",
    HandoffState.CLOSED: "closed",
    HandoffState.MERGED: "merged",
}


def lead_list(rows: Sequence[CardState], now: datetime) -> Rendered:
    """A list message of up to ten leads as they stand at `now` (aware UTC); ValueError for none or more."""
    if not 0 < len(rows) <= ROWS_LIMIT:
        raise ValueError(f"a list holds 1 to {ROWS_LIMIT} leads, not {len(rows)}")
    open_rows = [row for row in rows if _is_open(row)]
    heading = _heading(open_rows) if open_rows else "✅ All decided"
    blocks = [section(f"*{heading}*"), *(block for row in rows for block in _row(row, now))]
    names = joined((people.name_and_company(row.lead) for row in open_rows), "; ")
    return rendered(joined((heading, names), ": "), blocks)


def _is_open(row: CardState) -> bool:
    return row.state is HandoffState.WAITING and not row.moved_to


def _heading(rows: Sequence[CardState]) -> str:
    urgency = Counter(row.priority for row in rows)
    counts = ", ".join(f"{count} {short(priority, 30)}" for priority, count in sorted(urgency.items()))
    return f"{plural(len(rows), 'lead')} to accept or reject ({counts})"


def _row(row: CardState, now: datetime) -> list[Block]:
    if not _is_open(row):
        return [section(_decided(row))]
    lead, value = row.lead, str(row.handoff_id)
    person = joined((f"*{short(row.priority, 30)} · {people.tappable_name(lead)}*", people.title(lead)), ", ")
    place = joined((people.company(lead), people.company_facts(lead)))
    reasons = joined((short(reason, 80) for reason in row.why[:_REASONS]), ", ")
    why = joined((f"Why {short(row.grade, 10)}", reasons), ": ")
    due = clock_words(row.clock, now) if row.clock else ""
    holder = f"For {call(row.owner)}" if row.owner else ""
    text = joined((f"{tone(row.clock, now)} {person}", place, why, joined((due, holder))), "\n")
    lead_name = people.plain_name_and_company(lead)
    buttons = [
        labelled_button(Action.ACCEPT, value, about=lead_name, style="primary"),
        labelled_button(Action.REJECT, value, about=lead_name),
    ]
    return [section(text), actions(buttons, block_id=list_row(row.handoff_id))]


def _decided(row: CardState) -> str:
    person = f"~{people.name_and_company(row.lead)}~"
    if row.moved_to:
        return f"{person} — now with team {short(row.moved_to, 75)}"
    by = f" by {who(row.decision.by)}" if row.decision else ""
    return f"{person} — {DECIDED_WORDS[row.state]}{by}"
