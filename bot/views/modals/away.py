"""The modal that asks until when somebody is away."""

from __future__ import annotations

from bot.views.blocks import (
    Block,
    labelled,
    modal,
    text_input,
)
from bot.views.ids import Action, Callback
from bot.views.labels import MODALS


def away_modal() -> Block:
    """The modal that asks until when somebody is away."""
    until = text_input(Action.UNTIL, "until monday, 2h, tomorrow 9:00, 2026-12-27", longest=100)
    return modal(
        Callback.AWAY,
        *MODALS[Callback.AWAY],
        [
            labelled(
                "Until when?",
                until,
                optional=True,
                hint="Leave it empty if you do not know yet. Your open leads are reassigned to colleagues.",
            )
        ],
        "{}",
    )
