"""The modal in which a manager proposes a change of the agreement, or counters a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.views.blocks import (
    Block,
    context,
    labelled,
    modal,
    option,
    option_group,
    select,
    text_input,
    user_input,
)
from bot.views.ids import Action, Callback, ProposalContext
from bot.views.labels import MODALS
from bot.views.modals.add import done_modal
from bot.views.people import first_few
from bot.views.text import cut

WHY_LIMIT = 300
VALUE_LIMIT = 80
_MOST = 100
_KEY_LIMIT = 150
_SHOWN = 12
_PART = 2900


@dataclass(frozen=True, slots=True)
class Choice:
    """Something of the agreement that may change: its key, the heading that it stands under, and its name."""

    key: str
    heading: str
    label: str


@dataclass(frozen=True, slots=True)
class ProposalForm:
    """What the form shows. `team` is the one that is chosen, `counters` the proposal that it answers.

    `choice` is the key of what is to change, and `value` its new value, where both are known already."""

    agreement_id: int
    choices: tuple[Choice, ...]
    teams: tuple[str, ...]
    team: str
    timezone: str
    counters: int | None = None
    choice: str | None = None
    value: str = ""


def proposal_modal(form: ProposalForm) -> Block:
    """The modal as a view."""
    teams = [option(name, str(number)) for number, name in enumerate(form.teams[:_MOST])]
    chosen = teams[form.teams.index(form.team)] if form.team in form.teams[:_MOST] else None
    chosen_key = next((_option(each) for each in form.choices if each.key == form.choice), None)
    what = select(
        Action.CHANGE, "Choose a value, a rep or a reason", groups=_groups(form.choices), chosen=chosen_key
    )
    live = text_input(Action.LIVE_AT, "monday 9:00", longest=VALUE_LIMIT)
    blocks = [
        labelled("What should change?", what),
        labelled(
            "New value",
            text_input(Action.VALUE, "10m", longest=VALUE_LIMIT, initial=form.value or None),
            optional=True,
            hint="Written as in the agreement: B2, 10m or 15. For a reason, its wording.",
        ),
        labelled(
            "Rep",
            user_input(Action.REP, "Choose a person"),
            optional=True,
            hint="Only for a change about a rep.",
        ),
        labelled(
            "Team",
            select(Action.TEAM, "Choose a team", options=teams, chosen=chosen),
            hint="Its manager signs for sales.",
        ),
        labelled(
            "Goes live",
            live,
            optional=True,
            hint=f"Leave empty for right away. Times are in {form.timezone}.",
        ),
        labelled("Why?", text_input(Action.NOTE, "P1 leads come at lunch", longest=WHY_LIMIT), optional=True),
        context("It goes live once both managers agree. You agree for your side by sending this."),
    ]
    metadata = ProposalContext(agreement_id=form.agreement_id, counters=form.counters)
    return modal(Callback.PROPOSE, *MODALS[Callback.PROPOSE], blocks, metadata.model_dump_json())


def proposed_modal(says: Sequence[str]) -> Block:
    """The proposal is out; `says` are lines of mrkdwn."""
    lines = [
        "Proposed. Both managers have a card in their messages from me.",
        *(f"• {line}" for line in first_few(list(says), _SHOWN)),
        "Nothing changes before both agree.",
    ]
    return done_modal(MODALS[Callback.PROPOSE][0], cut("\n".join(lines), _PART))


def _groups(choices: Sequence[Choice]) -> list[Block]:
    by_heading: dict[str, list[Block]] = {}
    for each in choices:
        if len(each.key) <= _KEY_LIMIT:
            by_heading.setdefault(each.heading, []).append(_option(each))
    return [option_group(heading, options) for heading, options in by_heading.items()]


def _option(choice: Choice) -> Block:
    return option(choice.label, choice.key)
