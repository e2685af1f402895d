"""The modal that asks for more time: a rep snoozes a lead once, a manager starts its clock again."""

from __future__ import annotations

from bot.views.blocks import Block, context, labelled, modal, option, option_group, select, text_input
from bot.views.ids import Action, Callback, FormContext
from bot.views.labels import MODALS, OTHER_TITLES
from bot.views.modals.states import SnoozeForm
from bot.views.modals.touch import heading

REASON_LIMIT = 300  # characters
SNOOZE, EXTEND = "snooze:", "more:"
"""How the value of a choice begins, before its length."""

USUAL_REASONS = (
    "The prospect asked for a later time",
    "In a meeting or on a call",
    "Waiting for information",
    "More work than I can handle now",
)
"""The first stands chosen, so that a snooze takes two clicks."""
_USUAL = (f"{SNOOZE}1h", f"{EXTEND}1h")

SNOOZE_WORDS = {"15m": "15 minutes", "1h": "1 hour", "tomorrow": "Until tomorrow morning"}
EXTENSION_WORDS = {
    "30m": "30 minutes",
    "1h": "1 hour",
    "4h": "4 working hours",
    "1d": "1 working day",
    "2d": "2 working days",
}


def snooze_modal(form: SnoozeForm) -> Block:
    """The modal as a view, with what this person may choose."""
    groups = {
        "Snooze: the clock stops": [option(SNOOZE_WORDS[length], SNOOZE + length) for length in form.snoozes],
        "Give more time: the clock starts again": [
            option(EXTENSION_WORDS[length], EXTEND + length) for length in form.extensions
        ],
    }
    menu = select(
        Action.LENGTH,
        "Choose how long",
        groups=[option_group(label, options) for label, options in groups.items() if options],
        chosen=next((one for options in groups.values() for one in options if one["value"] in _USUAL), None),
    )
    reasons = [option(words, words) for words in USUAL_REASONS]
    usual = select(Action.WHAT, "Choose a reason", options=reasons, chosen=reasons[0])
    reason = text_input(Action.NOTE, "They asked for a call after lunch", longest=REASON_LIMIT)
    blocks = [
        heading(form.about),
        labelled("How long?", menu),
        labelled("Why?", usual),
        labelled("In your words", reason, optional=True, hint="Shown in place of the reason above."),
    ]
    if form.snoozes:
        blocks.append(context("A lead can be snoozed once, for 24 hours at most. Everybody sees why."))
    metadata = FormContext(handoff_id=form.about.handoff_id)
    title, submit = MODALS[Callback.SNOOZE]
    title = title if form.snoozes else OTHER_TITLES[Callback.SNOOZE]
    return modal(Callback.SNOOZE, title, submit, blocks, metadata.model_dump_json())
