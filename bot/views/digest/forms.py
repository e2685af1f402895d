"""What answers a click beneath the report: the form for a decision, and the list of leads behind a figure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.blocks import Block, context, day_input, labelled, modal, section, text_input, user_input
from bot.views.digest.message import Agreed
from bot.views.ids import Action, Callback, FigureRef
from bot.views.message import Rendered, rendered
from bot.views.people import joined, who_and_where
from bot.views.states import LeadFacts
from bot.views.text import cut, plural, short

WHAT_LIMIT = 300
_LINES = 20  # leads in one section
LEADS_SHOWN = 100


def decide_modal(ref: FigureRef, sentence: str, agreed: Agreed | None) -> Block:
    """What was decided on a point: what, who, until when."""
    what = text_input(
        Action.WHAT,
        "Raise the minimum number of employees to 50",
        multiline=True,
        longest=WHAT_LIMIT,
        initial=agreed.what if agreed else None,
    )
    who = user_input(Action.WHO, "Choose a person", agreed.who if agreed else None)
    until = day_input(Action.UNTIL, "Choose a day", agreed.until if agreed else None)
    blocks = [
        section(short(sentence, 600)),
        labelled("What was decided?", what),
        labelled("Who does it?", who, optional=True),
        labelled("Until when?", until, optional=True),
        context("The next report opens with it and shows how the figure changed."),
    ]
    return modal(Callback.DECIDE, "What was decided", "Save", blocks, ref.model_dump_json())


def leads_answer(title: str, count: int, leads: Sequence[LeadFacts]) -> Rendered:
    """The leads behind a figure, up to 100 of them."""
    shown = [_lead(lead) for lead in leads[:LEADS_SHOWN]]
    head = f"*{short(title, 300)}*: {plural(count, 'handoff')}" if shown else f"*{short(title, 300)}*: none"
    blocks = [section(head)]
    blocks += [section("\n".join(shown[i : i + _LINES])) for i in range(0, len(shown), _LINES)]
    if count > len(shown):
        note = f"The newest {plural(len(shown), 'lead')}. A lead that was handed off twice appears once."
        blocks.append(context(note))
    return rendered(f"{title}: {count:,}", blocks)


def _lead(lead: LeadFacts) -> str:
    return cut(joined((f"#{lead.lead_id}", who_and_where(lead)), " "), 140)
