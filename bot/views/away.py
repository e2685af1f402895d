"""What people read of an absence: the answer to setting it, the modal's leads, and messages of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import Block, actions, context, section
from bot.views.ids import Action, AwayText
from bot.views.labels import labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import joined
from bot.views.rows import LeadRow
from bot.views.states import LeadFacts
from bot.views.text import local_day, local_time, mention, plural, short, who
from storage.models import AbsenceNotice

_OFFERED = 10
_READINGS = 4
_NAMED = 5


@dataclass(frozen=True, slots=True)
class AwayLead:
    """An open lead of somebody who is away; `untouched`: nobody has contacted it yet."""

    handoff_id: int
    lead: LeadFacts
    untouched: bool


@dataclass(frozen=True, slots=True)
class AwayForm:
    """The open leads of somebody who is away, those that nobody has contacted first.

    `own`: whoever looks is away themselves. Beyond those shown there are `rest` that nobody has contacted,
    and `kept` others.
    """

    user: str
    own: bool
    leads: tuple[AwayLead, ...]
    rest: int = 0
    kept: int = 0

    @property
    def untouched(self) -> int:
        """How many nobody has contacted."""
        return self.rest + sum(each.untouched for each in self.leads)

    @property
    def others(self) -> int:
        """How many of them somebody has contacted."""
        return self.kept + sum(not each.untouched for each in self.leads)


@dataclass(frozen=True, slots=True)
class Planned:
    """An absence ahead, by its id, in words."""

    absence: int
    words: str


@dataclass(frozen=True, slots=True)
class AwayAnswer:
    """That somebody is away, or will be. `words`: when. `form`: their open leads, where it has begun.

    `winds_down`: from when on they get no new leads before it begins; None where it is when it begins.
    `instead`: who decides in the place of a manager who is away.
    """

    user: str
    own: bool
    words: str
    ahead: bool
    form: AwayForm | None = None
    planned: tuple[Planned, ...] = ()
    winds_down: datetime | None = None
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BackOffer:
    """What went to colleagues because of an absence, and nobody has contacted since."""

    absence: int
    rows: tuple[LeadRow, ...] = ()


@dataclass(frozen=True, slots=True)
class BackAnswer:
    """Somebody is back, or was not away. `cancelled`: an absence ahead is."""

    user: str
    own: bool
    was_away: bool
    cancelled: bool = False
    offer: BackOffer | None = None
    planned: tuple[Planned, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What became of leads that were to go to colleagues: how many went to whom, and how many to nobody.

    `gone`: were decided meanwhile. `left` are still to be looked at, by their ids.
    """

    to: Mapping[str, int]
    stuck: int = 0
    gone: int = 0
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AbsenceState:
    """What a message of its own says of an absence. `begun` and `over`: by now."""

    what: AbsenceNotice
    absence: int
    user: str
    set_by: str
    words: str
    begins: datetime
    begun: bool
    over: bool
    untouched: tuple[LeadRow, ...]
    offer: BackOffer


def away_answer(answer: AwayAnswer) -> Rendered:
    """What whoever set an absence is told, with what can be done about it."""
    who_is, get = ("You are", "You get") if answer.own else (f"{mention(answer.user)} is", "They get")
    if answer.ahead:
        since = f"from {local_time(answer.winds_down)} on" if answer.winds_down else "then"
        text = f"🗓️ Planned: {_lower(who_is)} away {answer.words}. {get} no new leads {since}."
        text = joined((text, _instead(answer)), " ")
        return rendered(text, [section(text), *planned_blocks(answer.planned)])
    first = f"🌴 {who_is} away {answer.words}. {get} no new leads."
    text = joined((first, _open_leads(answer.form), _instead(answer)), " ")
    choose = [labelled_button(Action.AWAY_LEADS, answer.user)] if answer.form and answer.form.leads else []
    back = labelled_button(Action.BACK, answer.user, own=answer.own)
    return rendered(text, [section(text), actions([*choose, back]), *planned_blocks(answer.planned)])


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:] if words.startswith("You") else words


def _instead(answer: AwayAnswer) -> str:
    if not answer.instead:
        return ""
    names = joined((mention(user) for user in answer.instead[:_NAMED]), ", ")
    return f"What {'you decide' if answer.own else 'they decide'} as a manager goes to {names}."


def _open_leads(form: AwayForm | None) -> str:
    """What is to be decided of the open leads, and what stays as it is."""
    if form is None:
        return ""
    whose, whom = ("your", "you") if form.own else ("their", "them")
    if form.untouched:
        of = f"{form.untouched:,} of {whose} open leads"
        return f"Nobody has contacted {of}. Please choose which to reassign."
    if form.others:
        stays = "stays" if form.others == 1 else "stay"
        return f"{plural(form.others, 'open lead')} {stays} with {whom}."
    return ""


def planned_blocks(planned: tuple[Planned, ...]) -> list[Block]:
    """The absences ahead, each with a button to cancel it."""
    return [
        section(
            f"🗓️ Away {each.words}",
            accessory=labelled_button(
                Action.CANCEL_ABSENCE, str(each.absence), about=f"the absence {each.words}"
            ),
        )
        for each in planned
    ]


def absences_answer(user: str, own: bool, present: str | None, planned: tuple[Planned, ...]) -> Rendered:
    """When somebody is away, now (`present`, in words) and ahead."""
    who_is = "You are" if own else f"{mention(user)} is"
    text = f"🌴 {who_is} away {present}." if present else f"{who_is} not away now."
    none_ahead = "" if planned else "No absence is planned."
    back = [actions([labelled_button(Action.BACK, user, own=own)])] if present else []
    return rendered(text, [section(joined((text, none_ahead), " ")), *back, *planned_blocks(planned)])


def which_one(user: str, readings: Sequence[tuple[str, str]], written: str) -> Rendered:
    """A time that may mean two things: each of them to choose."""
    text = f"“{short(written, 60)}” may mean two things. Which one?"
    rows = [
        section(
            f"Away {words}",
            accessory=labelled_button(
                Action.AWAY_READING, AwayText(user=user, text=meant).model_dump_json(), about=f"away {words}"
            ),
        )
        for words, meant in readings[:_READINGS]
    ]
    return rendered(text, [section(text), *rows])


def back_answer(answer: BackAnswer) -> Rendered:
    """What whoever is back is told, with what can be had back."""
    if answer.cancelled:
        text = (
            "Cancelled. " + ("You get" if answer.own else f"{mention(answer.user)} gets") + " leads then too."
        )
    elif not answer.was_away:
        who_was, get = ("You were", "You get") if answer.own else (f"{mention(answer.user)} was", "They get")
        text = f"{who_was} not away, so nothing has changed. {get} leads."
    elif answer.own:
        text = "👋 Welcome back. You get leads again; `/lead queue` shows what is waiting."
    else:
        text = f"👋 {mention(answer.user)} is back, and gets leads again."
    offer = offer_blocks(answer.offer) if answer.offer and answer.own else []
    return rendered(text, [section(text), *offer, *planned_blocks(answer.planned)])


def offer_blocks(offer: BackOffer) -> list[Block]:
    """What went to colleagues and can be had back; nothing where nothing can."""
    if not offer.rows:
        return []
    count = len(offer.rows)
    them, were = ("it", "was") if count == 1 else ("them", "were")
    went = f"*{plural(count, 'lead')} {were} reassigned to colleagues. Nobody has contacted {them} yet.*"
    blocks: list[Block] = [section(went)]
    for row in offer.rows[:_OFFERED]:
        name = people.plain_name_and_company(row.lead)
        take = labelled_button(Action.RECLAIM, str(row.handoff_id), about=name)
        words = joined((f"*{people.tappable_who_and_where(row.lead)}*", _holder(row)), " — ")
        blocks.append(section(words, accessory=take))
    if count > 1:
        blocks.append(actions([labelled_button(Action.RECLAIM_ALL, str(offer.absence))]))
    return blocks


def _holder(row: LeadRow) -> str:
    return f"with {who(row.owner)}" if row.owner else "no owner"


def handed_on_words(done: HandedOn) -> str:
    """What became of leads that were to go to colleagues."""
    went = [f"{count:,} to {mention(user)}" for user, count in done.to.items()]
    total = sum(done.to.values())
    parts = (
        f"{plural(total, 'lead')} reassigned: {', '.join(went)}" if total else "",
        f"nobody could take {plural(done.stuck, 'lead')}, so the manager was asked" if done.stuck else "",
        f"{plural(done.gone, 'lead')} had moved on" if done.gone else "",
        f"{plural(len(done.left), 'more lead')} will follow within a minute" if done.left else "",
    )
    text = joined(parts, "; ")
    return f"{text[:1].upper()}{text[1:]}." if text else "Nothing was reassigned. All open leads stay."


# Messages of their own


def absence_message(state: AbsenceState) -> Rendered:
    """What is said of an absence in a message of its own."""
    return ABSENCE_WORDS[state.what](state)


def absence_gone() -> Rendered:
    """What is left of a message about an absence that was cancelled."""
    return _line("🌴 This absence was cancelled.")


def _set(state: AbsenceState) -> Rendered:
    if state.over:
        return _line(f"🌴 ~{who(state.set_by)} set you away~ — that is over.")
    text = f"🌴 {who(state.set_by)} set you away {state.words}. You get no new leads."
    own = labelled_button(Action.BACK, state.user) if state.begun else _cancel(state)
    return rendered(text, [section(text), actions([own])])


def _cancel(state: AbsenceState) -> Block:
    return labelled_button(Action.CANCEL_ABSENCE, str(state.absence), about=f"the absence {state.words}")


def _begins(state: AbsenceState) -> Rendered:
    rep = who(state.user)
    if state.over or not state.untouched:
        return _line(f"🌴 {rep} was away {state.words}. There is nothing left to reassign.")
    count = len(state.untouched)
    wait = f"{count:,} of their open leads {'has' if count == 1 else 'have'} had no contact"
    text = f"🌴 {rep} is away {state.words}, and {wait}. Please choose which to reassign."
    names = people.first_few([f"• {people.name_and_company(row.lead)}" for row in state.untouched], _NAMED)
    choose = labelled_button(Action.AWAY_LEADS, state.user)
    return rendered(text, [section(joined((text, *names), "\n")), actions([choose])])


def _still(state: AbsenceState) -> Rendered:
    if state.over:
        return _line("🌴 ~You are still away~ — that is over.")
    text = f"🌴 You are still away, since {local_day(state.begins)}, and get no new leads."
    return rendered(text, [section(text), actions([labelled_button(Action.BACK, state.user)])])


def _over(state: AbsenceState) -> Rendered:
    offer = offer_blocks(state.offer)
    if not offer:
        return _line("👋 Welcome back. You get leads again.")
    text = "👋 Welcome back. You get leads again."
    return rendered(text, [section(text), *offer])


def _line(text: str) -> Rendered:
    return rendered(text, [context(text)])


ABSENCE_WORDS: Mapping[AbsenceNotice, Callable[[AbsenceState], Rendered]] = {
    AbsenceNotice.SET: _set,
    AbsenceNotice.BEGINS: _begins,
    AbsenceNotice.STILL: _still,
    AbsenceNotice.OVER: _over,
}
