"""A rejection and what marketing says to it: the form in which it answers, and what the manager rules on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.views import people
from bot.views.blocks import (
    Block,
    actions,
    context,
    labelled,
    modal,
    option,
    radio,
    section,
    text_input,
)
from bot.views.ids import Action, AnswerChoice, Callback, FormContext
from bot.views.labels import MODALS, labelled_button
from bot.views.message import Rendered, rendered
from bot.views.modals.states import DisputeForm
from bot.views.modals.touch import NOTE_LIMIT, heading
from bot.views.notices import answered
from bot.views.people import joined
from bot.views.states import ContestedNotice
from bot.views.text import local_time, quoted, short, who

FIELD_LIMIT = 255  # characters

CHOICE_WORDS: Mapping[AnswerChoice, str] = {
    AnswerChoice.AGREE: "Agree with the rejection",
    AnswerChoice.RESUBMIT: "Fix it, and hand it off to sales again",
    AnswerChoice.CONTEST: "Contest it: the manager decides",
}


def dispute_modal(form: DisputeForm) -> Block:
    """The modal as a view; what each answer needs is asked when it is chosen."""
    options = {choice: option(label, choice) for choice, label in CHOICE_WORDS.items()}
    chosen = form.chosen
    menu = radio(Action.ANSWER, list(options.values()), options[chosen] if chosen else None)
    why = joined((f"{who(form.by)} rejected it: *{short(form.reason, 150)}*", _quoted(form.note)), "\n")
    blocks = [
        heading(form.about),
        section(why),
        labelled("What is your answer?", menu, dispatch=True),
        *(CHOICE_ASKS[chosen](form) if chosen else []),
    ]
    metadata = FormContext(handoff_id=form.about.handoff_id, chosen=chosen)
    return modal(Callback.DISPUTE, *MODALS[Callback.DISPUTE], blocks, metadata.model_dump_json())


def _quoted(note: str | None) -> str:
    return quoted(note, 600) if note and note.strip() else ""


def _note(_form: DisputeForm) -> list[Block]:
    field = text_input(Action.NOTE, "What will be different next time?", longest=NOTE_LIMIT)
    return [labelled("Note", field, optional=True)]


def _corrections(form: DisputeForm) -> list[Block]:
    lead = form.lead
    size = None if lead.employees is None else str(lead.employees)
    asked = (
        ("E-mail address", Action.EMAIL, "jane@example.com", lead.email),
        ("Phone number", Action.PHONE, "+1 555 0100", lead.phone),
        ("Job title", Action.JOB, "VP Engineering", lead.title),
        ("Company", Action.COMPANY, "Example Inc.", lead.company),
        ("Employees", Action.EMPLOYEES, "250", size),
        ("Industry", Action.INDUSTRY, "Software", lead.industry),
        ("Country", Action.COUNTRY, "Germany", lead.country),
    )
    fields = [
        labelled(label, text_input(action, hint, longest=FIELD_LIMIT, initial=known), optional=True)
        for label, action, hint, known in asked
    ]
    return [context("Change what is wrong. The rest stays as it is."), *fields, *_note(form)]


def _argument(_form: DisputeForm) -> list[Block]:
    field = text_input(
        Action.ARGUMENT, "They have 450 employees; see their website", multiline=True, longest=NOTE_LIMIT
    )
    return [labelled("Why should it be overturned?", field)]


CHOICE_ASKS: Mapping[AnswerChoice, Callable[[DisputeForm], list[Block]]] = {
    AnswerChoice.AGREE: _note,
    AnswerChoice.RESUBMIT: _corrections,
    AnswerChoice.CONTEST: _argument,
}


def contested_notice(notice: ContestedNotice) -> Rendered:
    """Both sides as the manager sees them, with the buttons that rule; afterwards, how it was ruled."""
    lead, answer = notice.lead, notice.answer
    sales = joined(
        (
            f"*Sales* — {who(notice.rejected_by)} {local_time(notice.rejected_at)}: "
            f"*{short(notice.reason, 150)}*",
            _quoted(notice.note),
        ),
        "\n",
    )
    marketing = joined(
        (f"*Marketing* — {who(answer.by)} {local_time(answer.at)}:", _quoted(answer.argument)), "\n"
    )
    blocks = [
        section(f"⚖️ *A rejection is contested: {people.tappable_who_and_where(lead)}*"),
        section(sales),
        section(marketing),
        context(joined((f"Team {short(notice.team, 75)}", people.contact(lead), people.origin(lead)))),
    ]
    if answer.ruling is None:
        value, name = str(notice.handoff_id), people.plain_name_and_company(lead)
        blocks.append(
            actions(
                [
                    labelled_button(Action.UPHOLD, value, about=name),
                    labelled_button(Action.OVERTURN, value, about=name),
                ]
            )
        )
    else:
        blocks.append(section(answered(answer).rpartition("\n")[2]))
        blocks.append(actions([labelled_button(Action.UNDO, str(notice.handoff_id))]))
    verb, by = "is contested", answer.by
    if answer.ruling is not None and answer.ruled_by:
        verb, by = f"was {answer.ruling.value}", answer.ruled_by
    return rendered(f"The rejection of {people.who_and_where(lead)} {verb} — by {who(by)}", blocks)
