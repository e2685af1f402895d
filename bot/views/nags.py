"""A reminder: the leads that wait for somebody or are late, one message a person, a row of buttons for each.

What is settled, or is said in a newer reminder, shrinks to a line with nothing to press.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import Block, actions, option, section, select
from bot.views.clockface import Tone, clock_notice, clock_words, tone
from bot.views.ids import Action, list_row
from bot.views.labels import BUTTONS, labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import first_few, joined
from bot.views.states import NagLine, NagState, Settled, SettledAs
from bot.views.text import call, local_time, mention, plural, short, who
from storage.models import ClockKind, NagKind

_WITH_BUTTONS = 15  # two blocks each, of the fifty that a message may have
_NAMED = 20


@dataclass(frozen=True, slots=True)
class NagWords:
    """What a line asks for beyond what its clock says, and whether it is to whoever must sort it out."""

    ask: str
    to_manager: bool


NAG_WORDS: Mapping[NagKind, NagWords] = {
    NagKind.NUDGE: NagWords("", to_manager=False),
    NagKind.RAISED: NagWords("🔥 They just showed new interest.", to_manager=False),
    NagKind.GIVEN: NagWords("Reassigned to you.", to_manager=False),
    NagKind.ASSIGNED: NagWords("Reassigned to you: nobody acted in time.", to_manager=False),
    NagKind.ABLE: NagWords("Yours now: you are the first who can take it.", to_manager=False),
    NagKind.POOLED: NagWords("Open to the whole team: the first to accept gets it.", to_manager=False),
    NagKind.BREACH: NagWords("", to_manager=True),
    NagKind.CHOOSE: NagWords(
        "I cannot reassign it any further by myself. *Please choose who takes it.*", to_manager=True
    ),
}
_EXCUSED = "It fell due while I was down, so it does not count as missed."
CLOCK_BUTTONS: Mapping[ClockKind, tuple[Action, ...]] = {
    ClockKind.ACCEPT: (Action.ACCEPT, Action.REJECT),
    ClockKind.FIRST_TOUCH: (Action.TOUCH,),
    ClockKind.OUTCOME: (Action.OUTCOME,),
    ClockKind.ANSWER: (Action.DISPUTE,),
}
SETTLED_WORDS: Mapping[SettledAs, str] = {
    SettledAs.ACCEPTED: "accepted{by}{at}",
    SettledAs.REJECTED: "rejected{by}{at}",
    SettledAs.CONTACTED: "contact logged{by}{at}",
    SettledAs.REPORTED: "outcome set{by}{at}",
    SettledAs.ANSWERED: "answered{by}{at}",
    SettledAs.OPENED: "open to the team again{at}",
    SettledAs.PASSED_ON: "reassigned{to}{at}",
    SettledAs.REPEATED: "see the newer reminder",
    SettledAs.PAUSED: "snoozed until {until}",
    SettledAs.ENDED: "done{by}{at}",
}
_ALL_DONE = "✅ All done"
NOT_DONE: Mapping[SettledAs, str] = {
    SettledAs.REPEATED: "⤵️ Reminded again",
    SettledAs.PAUSED: "⏸️ Snoozed",
}
"""What heads a message of which nothing is left to do here, and that is not done."""


def nag(state: NagState, now: datetime) -> Rendered:
    """The reminder as it stands at `now` (aware UTC). Raises ValueError where it is about no lead."""
    if not state.lines:
        raise ValueError("a reminder is about at least one lead")
    waiting = [line for line in state.lines if line.settled is None]
    done = [line for line in state.lines if line.settled is not None]
    calls = joined((call(person) for person in state.mention), " ") if waiting else ""
    heading = _heading(waiting, done, now)
    blocks: list[Block] = [section(joined((calls, f"*{heading}*"), " "))] if len(waiting) > 1 else []
    for n, line in enumerate(waiting[:_WITH_BUTTONS]):
        blocks += _line(line, now, calls if n == 0 and len(waiting) == 1 else "")
    blocks += [section(text) for text in (_names(waiting[_WITH_BUTTONS:]), _done(done)) if text]
    return rendered(_notice(heading, waiting, now) if waiting else f"{heading}: {_leads(done)}", blocks)


def _heading(waiting: list[NagLine], done: list[NagLine], now: datetime) -> str:
    if not waiting:
        ways = {line.settled.how for line in done if line.settled is not None}
        return NOT_DONE.get(ways.pop(), _ALL_DONE) if len(ways) == 1 else _ALL_DONE
    late = sum(NAG_WORDS[line.what].to_manager and tone(line.clock, now) is Tone.RED for line in waiting)
    if late == len(waiting):
        return f"🔴 {plural(late, 'late lead')}"
    wait = f"{plural(len(waiting), 'lead')} {'is' if len(waiting) == 1 else 'are'} waiting for you"
    return f"⏰ {wait}" + (f", {late} of them late" if late else "")


def _notice(heading: str, waiting: list[NagLine], now: datetime) -> str:
    if len(waiting) > 1:
        return f"{heading}: {_leads(waiting)}"
    line = waiting[0]
    sign = "🔴" if NAG_WORDS[line.what].to_manager else "⏰"
    due = clock_notice(line.clock, now) if line.clock else "yours now"
    return f"{sign} {people.who_and_where(line.lead)} — {due}"


def _leads(lines: list[NagLine]) -> str:
    return joined(first_few([people.name_and_company(line.lead) for line in lines], 5), "; ")


def _line(line: NagLine, now: datetime, calls: str) -> list[Block]:
    sign = tone(line.clock, now)
    person = f"{sign} *{short(line.priority, 30)} · {people.tappable_who_and_where(line.lead)}*"
    to_manager = NAG_WORDS[line.what].to_manager
    team = f"Team {short(line.team, 75)}" if to_manager else ""
    due = joined((clock_words(line.clock, now, to_owner=not to_manager) if line.clock else "", team))
    excuse = _EXCUSED if line.excused else ""
    contact = "" if to_manager else people.contact(line.lead)
    text = joined((joined((calls, person), " "), due, _ask(line), excuse, contact), "\n")
    buttons = _to_manager(line) if to_manager else _to_rep(line)
    return [section(text), actions(buttons, block_id=list_row(line.handoff_id))]


def _ask(line: NagLine) -> str:
    """What the line asks for beyond what its clock says; of a lead that was given, by whom and why."""
    if line.what is NagKind.CHOOSE and line.why:
        return f"{short(line.why, 200)}. *Please choose who takes it.*"
    if line.what is NagKind.GIVEN and line.by is None and line.why:
        return f"Came while you were away: {short(line.why[:1].lower() + line.why[1:], 200)}."
    if line.by is None:
        return NAG_WORDS[line.what].ask
    return joined((f"Reassigned to you by {who(line.by)}", short(line.why, 200)), ": ") + "."


def _to_rep(line: NagLine) -> list[Block]:
    """What whoever owes it can do about it; what comes first is what is hoped for."""
    value, name = str(line.handoff_id), people.plain_name_and_company(line.lead)
    deeds = CLOCK_BUTTONS[line.clock.kind] if line.clock else (Action.TOUCH, Action.OUTCOME)
    first, *rest = [labelled_button(action, value, about=name) for action in deeds]
    return [{**first, "style": "primary"}, *rest]


def _to_manager(line: NagLine) -> list[Block]:
    """What ends the matter. Marketing's answer can be given by nobody else, so it can only have more time."""
    value, name = str(line.handoff_id), people.plain_name_and_company(line.lead)
    more_time = labelled_button(Action.MORE_TIME, value, about=name)
    if line.clock is not None and line.clock.kind is ClockKind.ANSWER:
        return [more_time]
    options = [option(label, user) for user, label in line.choices]
    choice = [select(Action.REASSIGN, BUTTONS[Action.REASSIGN], options=options)] if options else []
    return [*choice, labelled_button(Action.TAKE, value, about=name), more_time]


def _names(lines: list[NagLine]) -> str:
    if not lines:
        return ""
    named = first_few([f"• {people.name_and_company(line.lead)}" for line in lines], _NAMED)
    return joined((f"*And {len(lines):,} more*, in `/lead queue`:", *named), "\n")


def _done(lines: list[NagLine]) -> str:
    """A line for each, and nothing more."""
    return joined(first_few([_settled(line) for line in lines], _NAMED), "\n")


def _settled(line: NagLine) -> str:
    name, how = people.name_and_company(line.lead), line.settled.how if line.settled else SettledAs.ENDED
    sign = NOT_DONE.get(how, _ALL_DONE).partition(" ")[0]
    return f"{sign} {name if how in NOT_DONE else f'~{name}~'} — {_how(line)}"


def _how(line: NagLine) -> str:
    settled = line.settled or Settled(SettledAs.ENDED)
    return SETTLED_WORDS[settled.how].format(
        by=f" by {who(settled.by)}" if settled.by else "",
        at=f" {local_time(settled.at)}" if settled.at else "",
        to=f" to {mention(settled.to)}" if settled.to else "",
        until=local_time(settled.until) if settled.until else "later",
    )
