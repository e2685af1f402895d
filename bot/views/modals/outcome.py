"""The modal in which a rep says what became of a lead, drawn again for each choice that asks for more."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.views.blocks import Block, context, day_input, labelled, modal, option, select, text_input
from bot.views.ids import Action, Callback, FormContext
from bot.views.labels import MODALS
from bot.views.modals.states import OutcomeForm
from bot.views.modals.touch import NOTE_LIMIT, heading
from bot.views.outcomes import OUTCOME_WORDS
from bot.views.text import money
from bot.views.thens import THEN_WORDS, until_words
from storage.models import Outcome


def outcome_modal(form: OutcomeForm) -> Block:
    """The modal as a view for `views.open` and `views.update`."""
    chosen = form.chosen if form.chosen in form.outcomes else None
    blocks = [heading(form.about), _outcomes(form, chosen)]
    if chosen:
        follows = OUTCOME_WORDS[chosen].follows
        blocks += [*OUTCOME_ASKS[chosen](form), *([context(follows)] if follows else [])]
    blocks.append(_note(form, chosen))
    metadata = FormContext(handoff_id=form.about.handoff_id, chosen=chosen)
    return modal(Callback.OUTCOME, *MODALS[Callback.OUTCOME], blocks, metadata.model_dump_json())


def _outcomes(form: OutcomeForm, chosen: Outcome | None) -> Block:
    options = {outcome: option(OUTCOME_WORDS[outcome].label, outcome) for outcome in form.outcomes}
    menu = select(
        Action.RESULT,
        "Choose an outcome",
        options=list(options.values()),
        chosen=options[chosen] if chosen else None,
    )
    return labelled("What is the outcome?", menu, dispatch=True)


def _note(form: OutcomeForm, chosen: Outcome | None) -> Block:
    reason = next((one for one in form.reasons if one.code == form.reason), None)
    required = chosen is Outcome.DISQUALIFIED and reason is not None and reason.note_required
    field = text_input(Action.NOTE, "What should others know?", multiline=True, longest=NOTE_LIMIT)
    return labelled("Note (required for this reason)" if required else "Note", field, optional=not required)


def _nothing(_form: OutcomeForm) -> list[Block]:
    return []


def _worth(form: OutcomeForm) -> list[Block]:
    known = None if form.amount_minor is None else money(form.amount_minor, None)
    amount = text_input(Action.AMOUNT, "12,000 or 12k", longest=40, initial=known)
    currency = text_input(Action.CURRENCY, "USD", longest=3, initial=form.currency or "USD")
    return [
        labelled("Amount", amount),
        labelled("Currency", currency, hint="Its three letters, such as USD."),
    ]


def _opportunity(form: OutcomeForm) -> list[Block]:
    later = form.deal_on if form.deal_on and form.deal_on >= form.today else None
    day = day_input(Action.DEAL_ON, "Choose a day", later)
    return [*_worth(form), labelled("When do you expect it to close?", day, optional=True)]


def _won(form: OutcomeForm) -> list[Block]:
    return [*_worth(form), *_decided(form)]


def _decided(form: OutcomeForm) -> list[Block]:
    return [labelled("When was it decided?", day_input(Action.DEAL_ON, "Choose a day", form.today))]


def _recycled(_form: OutcomeForm) -> list[Block]:
    return [labelled("Nurture it until when?", day_input(Action.UNTIL, "Choose a day"))]


def _disqualified(form: OutcomeForm) -> list[Block]:
    options = {reason.code: option(reason.label, reason.code) for reason in form.reasons}
    reason = next((one for one in form.reasons if one.code == form.reason), None)
    chosen = options[reason.code] if reason else None
    menu = select(Action.REASON, "Choose a reason", options=list(options.values()), chosen=chosen)
    asked = [labelled("Why?", menu, dispatch=True)]
    if reason is None:
        return asked
    follows = THEN_WORDS[reason.then].put_aside.format(until=until_words(reason.until))
    return [*asked, context(follows)]


OUTCOME_ASKS: Mapping[Outcome, Callable[[OutcomeForm], list[Block]]] = {
    Outcome.SQL: _nothing,
    Outcome.OPPORTUNITY: _opportunity,
    Outcome.WON: _won,
    Outcome.LOST: _decided,
    Outcome.RECYCLED: _recycled,
    Outcome.DISQUALIFIED: _disqualified,
}
"""What the form asks for besides the note."""
