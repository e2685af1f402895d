"""The modal in which a rep says why a lead is not for them.

What a reason needs besides (which team, which lead) is asked once it is chosen: the menu reports each choice,
and the modal is drawn again for it. Reading what was entered is left to the listeners.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.agreement.vocabulary import Then
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
from bot.views.ids import Action, Callback, RejectContext
from bot.views.labels import MODALS
from bot.views.people import joined
from bot.views.states import ReasonChoice, RejectForm
from bot.views.text import short
from bot.views.thens import THEN_WORDS, until_words

NOTE_LIMIT = 1000  # characters of a note
LEAD_LIMIT = 320  # characters of an e-mail address or id


def reject_modal(form: RejectForm) -> Block:
    """The modal as a view for `views.open` and `views.update`."""
    chosen = next((reason for reason in form.reasons if reason.code == form.chosen), None)
    who = joined((short(form.lead_name, 80), short(form.company, 80)), ", ")
    blocks = [section(f"*{who}*"), _reasons(form.reasons, chosen)]
    if chosen:
        follows = THEN_WORDS[chosen.then].chosen.format(until=until_words(chosen.until))
        blocks += [context(follows), *THEN_ASKS[chosen.then](form)]
    blocks.append(_note(chosen))
    metadata = RejectContext(handoff_id=form.handoff_id, chosen=chosen.code if chosen else None)
    return modal(Callback.REJECT, *MODALS[Callback.REJECT], blocks, metadata.model_dump_json())


def _reasons(reasons: tuple[ReasonChoice, ...], chosen: ReasonChoice | None) -> Block:
    options = {reason.code: option(reason.label, reason.code) for reason in reasons}
    groups: dict[str, list[Block]] = {}
    for reason in reasons:
        groups.setdefault(reason.group or "Other", []).append(options[reason.code])
    grouped = any(reason.group for reason in reasons)
    menu = select(
        Action.REASON,
        "Choose a reason",
        options=list(options.values()),
        groups=[option_group(group, members) for group, members in groups.items()] if grouped else (),
        chosen=options[chosen.code] if chosen else None,
    )
    return labelled("Why are you rejecting it?", menu, dispatch=True)


def _note(chosen: ReasonChoice | None) -> Block:
    required = chosen is not None and chosen.note_required
    field = text_input(Action.NOTE, "What should marketing know?", multiline=True, longest=NOTE_LIMIT)
    return labelled("Note (required for this reason)" if required else "Note", field, optional=not required)


def _asks_nothing(_form: RejectForm) -> list[Block]:
    return []


def _asks_team(form: RejectForm) -> list[Block]:
    if not form.teams:
        return [section("There is no other team. Please choose another reason.")]
    if len(form.teams) == 1:
        return [section(f"It goes to *{short(form.teams[0], 80)}*.")]
    menu = select(Action.TEAM, "Choose a team", options=[option(team, team) for team in form.teams])
    return [labelled("Which team should get it?", menu)]


def _asks_lead(_form: RejectForm) -> list[Block]:
    field = text_input(Action.MERGE_INTO, "jane@example.com or #123", longest=LEAD_LIMIT)
    return [
        labelled("Which lead is it a duplicate of?", field, hint="Its e-mail address, or # and its number.")
    ]


THEN_ASKS: Mapping[Then, Callable[[RejectForm], list[Block]]] = {
    Then.FIX: _asks_nothing,
    Then.NURTURE: _asks_nothing,
    Then.REROUTE: _asks_team,
    Then.OWNER: _asks_nothing,
    Then.MERGE: _asks_lead,
    Then.CLOSE: _asks_nothing,
}
"""What the form asks for besides the note."""
