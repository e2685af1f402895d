"""The modal in which a rep reports contact with a lead."""

from __future__ import annotations

from bot.views.blocks import Block, labelled, modal, option, radio, section, text_input
from bot.views.ids import Action, Callback, FormContext
from bot.views.labels import MODALS
from bot.views.modals.states import About
from bot.views.people import TOUCH_WORDS, joined
from bot.views.text import short

NOTE_LIMIT = 1000  # characters


def touch_modal(about: About) -> Block:
    """The modal as a view. A call is chosen already: it is what most first contacts are."""
    options = [option(TOUCH_WORDS[kind], kind) for kind in TOUCH_WORDS]
    note = text_input(Action.NOTE, "What did they say? What comes next?", multiline=True, longest=NOTE_LIMIT)
    blocks = [
        heading(about),
        labelled("How did you get in touch?", radio(Action.CONTACT, options, options[0])),
        labelled("Note", note, optional=True),
    ]
    metadata = FormContext(handoff_id=about.handoff_id)
    return modal(Callback.TOUCH, *MODALS[Callback.TOUCH], blocks, metadata.model_dump_json())


def heading(about: About) -> Block:
    """Whom a form is about."""
    return section(f"*{joined((short(about.lead_name, 80), short(about.company, 80)), ', ')}*")
