"""The modal in which a manager gives a lead to somebody else."""

from __future__ import annotations

from bot.views.blocks import (
    OPTIONS_MOST,
    Block,
    context,
    labelled,
    modal,
    option,
    option_group,
    section,
    select,
    text_input,
)
from bot.views.ids import Action, Callback, FormContext
from bot.views.labels import MODALS, OTHER_SUBMITS
from bot.views.modals.states import ReassignForm
from bot.views.modals.touch import NOTE_LIMIT, heading
from bot.views.text import short


def reassign_modal(form: ReassignForm) -> Block:
    """The modal as a view. Where there is nobody to choose it says so."""
    groups = [
        option_group(team, [option(name, user) for user, name in reps[:OPTIONS_MOST]])
        for team, reps in form.teams[:OPTIONS_MOST]
    ]
    every = (each for group in groups for each in group["options"])
    chosen = next((each for each in every if each["value"] == form.chosen), None) if form.chosen else None
    title, submit = MODALS[Callback.REASSIGN]
    if groups:
        menu = select(Action.OWNER, "Choose a person", groups=groups, chosen=chosen)
        note = text_input(Action.NOTE, "What should they know?", multiline=True, longest=NOTE_LIMIT)
        asked = [
            labelled("Who should take it?", menu),
            labelled("Note", note, optional=True),
            context(
                "They are notified, and the SLA starts again. A rep of another team takes it to that team."
            ),
        ]
    else:
        asked = [section("There is nobody else in the agreement's teams.")]
    warning = []
    if form.away is not None:
        name, until = form.away
        words = f"🌴 *{short(name, 60)} is away {short(until, 80)}*, and will be notified once they are back."
        warning, submit = [section(f"{words} Reassign it anyway?")], OTHER_SUBMITS[Callback.REASSIGN]
    metadata = FormContext(handoff_id=form.about.handoff_id, chosen=form.chosen)
    blocks = [heading(form.about), *warning, *asked]
    return modal(Callback.REASSIGN, title, submit, blocks, metadata.model_dump_json())
