"""The modal in which an admin changes a team of the agreement, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.views.blocks import (
    Block,
    channel_input,
    checkboxes,
    labelled,
    modal,
    number_input,
    option,
    section,
    user_input,
)
from bot.views.ids import Action, Callback, TeamContext
from bot.views.labels import MODALS
from bot.views.modals.add import done_modal
from bot.views.people import first_few, joined
from bot.views.text import cut, mention, short

MOST_LEADS = 100_000
_SHOWN = 30
_PART = 2900


@dataclass(frozen=True, slots=True)
class TeamForm:
    """A team as the agreement has it. `reps`: who, and how many open leads each may have; None: no limit.

    `made_for` is the hash of the agreement.
    """

    name: str
    channel: str
    reps: tuple[tuple[str, int | None], ...]
    made_for: str


def team_modal(form: TeamForm) -> Block:
    """The modal as a view."""
    remove = checkboxes(Action.REMOVE, [option("Remove this person from the team", Action.REMOVE)])
    blocks = [
        section(cut(f"*{short(form.name, 100)}*\n{_reps(form)}", _PART)),
        labelled("Channel", channel_input(Action.CHANNEL, "Choose a channel", form.channel)),
        labelled(
            "Rep",
            user_input(Action.REP, "Choose a person"),
            optional=True,
            hint="Someone new is added to the team. A rep of another team moves here.",
        ),
        labelled(
            "Most open leads for this rep",
            number_input(Action.CAPACITY, "20", 1, MOST_LEADS),
            optional=True,
            hint="Leave empty to keep it as it is.",
        ),
        labelled("Leaving", remove, optional=True),
    ]
    metadata = TeamContext(team=form.name, made_for=form.made_for).model_dump_json()
    return modal(Callback.TEAM, *MODALS[Callback.TEAM], blocks, metadata)


def _reps(form: TeamForm) -> str:
    named = [mention(user) + (f" (up to {most:,})" if most else "") for user, most in form.reps]
    return joined(first_few(named, _SHOWN), ", ")


def saved_modal(version: str, changes: Sequence[str], more: Sequence[str] = ()) -> Block:
    """The agreement was changed: what is in force now, and what is still to do."""
    lines = [
        f"Saved. Version {short(version, 60)} is in force.",
        *(f"• {line}" for line in first_few(list(changes), _SHOWN)),
        "Running clocks keep their due times.",
        *more,
    ]
    return done_modal(MODALS[Callback.TEAM][0], cut("\n".join(lines), _PART))
