"""The form in which an admin asks for a person to be erased, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.blocks import Block, context, labelled, modal, text_input
from bot.views.ids import Action, Callback
from bot.views.labels import MODALS
from bot.views.modals.add import done_modal
from bot.views.people import first_few, joined
from bot.views.text import cut, mention

PERSON_LIMIT = 320
_SHOWN = 6
_PART = 2900


def forget_modal(*, second: bool) -> Block:
    """The modal as a view. `second`: another admin must agree."""
    begins = "Another admin has to agree first." if second else "It begins at once."
    blocks = [
        labelled(
            "Who?",
            text_input(Action.PERSON, "jane@acme.com", longest=PERSON_LIMIT),
            hint="An e-mail address, or the lead's number: #12.",
        ),
        context(f"They are removed from everything, and only counts stay. {begins} It cannot be undone."),
    ]
    return modal(Callback.FORGET, *MODALS[Callback.FORGET], blocks, "")


def asked_modal(lead_id: int, admins: Sequence[str]) -> Block:
    """What became of it, naming no one who is erased; `admins` are asked, and nobody if it has begun."""
    if admins:
        asked = joined(first_few([mention(user) for user in admins], _SHOWN), ", ")
        words = f"Asked. Lead #{lead_id} is removed once one of them agrees: {asked}."
    else:
        words = f"Lead #{lead_id} is removed. Messages about it in Slack are being rewritten."
    return done_modal(MODALS[Callback.FORGET][0], cut(words, _PART))
