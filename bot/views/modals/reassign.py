"""The modal in which a manager gives a lead to somebody else."""

from __future__ import annotations

from bot.views.blocks import (
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
from bot.views.labels import MODALS
from bot.views.modals.states import ReassignForm
from bot.views.modals.touch import NOTE_LIMIT, heading


def reassign_modal(form: ReassignForm) -> Block:
    """The modal as a view. Where there is nobody to choose it says so."""
    groups = [option_group(team, [option(name, user) for user, name in reps]) for team, reps in form.teams]
    if groups:
        menu = select(Action.OWNER, "Choose a person", groups=groups)
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
    metadata = FormContext(handoff_id=form.about.handoff_id)
    return modal(
        Callback.REASSIGN,
        *MODALS[Callback.REASSIGN],
        [heading(form.about), *asked],
        metadata.model_dump_json(),
    )
