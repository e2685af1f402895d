"""The modal with everything known of a lead: facts, score line by line, playbook, people, history, links."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views import people
from bot.views.blocks import (
    Block,
    actions,
    context,
    labelled,
    link_button,
    modal,
    plain,
    section,
    text_input,
)
from bot.views.clockface import clock_words, tone
from bot.views.ids import Action, Callback, FormContext
from bot.views.labels import BUTTONS, MODALS, labelled_button
from bot.views.people import STAGE_WORDS, joined, told
from bot.views.rows import card_link
from bot.views.states import Advice, Colleague, LeadFacts, RunningClock
from bot.views.status import Told, history_lines, step_buttons
from bot.views.text import cut, link, local_day, local_time, mention, money, plural, quoted, short, units

_PART = 2900  # characters of a section, with room for the marks
_EXTRA_SHOWN = 40
_COLLEAGUES_SHOWN = 15
_CONTENT_SHOWN = 8
_HISTORY_PER_BLOCK = 5
HISTORY_SHOWN = 120
ACTIVITIES_SHOWN = 15
"""Lines of history in the modal; `/lead history` leafs through all."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One reason for the points, and where it decays its half-life."""

    text: str
    half_life: str | None = None


@dataclass(frozen=True, slots=True)
class DidLine:
    """An activity of the lead and what it counts now: its points, and by which rule or why by none."""

    at: datetime
    type: str
    points: int
    because: str


@dataclass(frozen=True, slots=True)
class Score:
    """How the agreement judges a lead now: points, the grade that they make, and why it qualifies or not."""

    grade: str
    priority: str
    fit: int
    engagement: int
    lines: tuple[ScoreLine, ...]
    verdict: str
    activities: tuple[DidLine, ...] = ()  # the newest first
    activities_total: int = 0


@dataclass(frozen=True, slots=True)
class Commitment:
    """One clock that ran: what was owed, by when, and how it ended in words."""

    owed: str
    owner: str | None
    due_at: datetime
    ended: str


@dataclass(frozen=True, slots=True)
class Details:
    """Everything known of a lead. Moments are aware UTC."""

    lead: LeadFacts
    known_since: datetime
    handoff_id: int | None = None  # the newest
    team: str | None = None
    owner: str | None = None
    owner_why: str | None = None
    clock: RunningClock | None = None
    score: Score | None = None
    advice: Advice | None = None
    colleagues: tuple[Colleague, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    history: tuple[Told, ...] = ()  # oldest first
    history_total: int = 0
    external_ids: tuple[str, ...] = ()
    may: frozenset[Action] = frozenset()  # what the reader may do next
    card_url: str | None = None  # where its card is
    said: frozenset[str] = frozenset()  # the content of which the reader said that it helped
    may_advise: bool = False


def details_modal(details: Details, now: datetime) -> Block:
    """The modal at `now` (aware UTC)."""
    blocks = [
        section(_who(details, now)),
        *_section("*Score*", _score(details.score) if details.score else []),
        *_section("*Activities*", _did(details.score) if details.score else []),
        *_playbook(details),
        *_section("*At the same company*", _others(details.colleagues)),
        *_section("*SLAs*", [_commitment(each) for each in details.commitments]),
        *_section(
            "*Other fields*", [_extra(name, value) for name, value in details.lead.extra[:_EXTRA_SHOWN]]
        ),
        *_history(details),
    ]
    steps = step_buttons(details.may, details.handoff_id)
    steps += link_button(BUTTONS[Action.OPEN_CRM], Action.OPEN_CRM, details.lead.crm_url)
    if steps:
        blocks.insert(1, actions(steps))
    return {
        "type": "modal",
        "title": plain(f"Lead #{details.lead.lead_id}", 24),
        "close": plain("Close", 24),
        "blocks": blocks[:100],
    }


def _who(details: Details, now: datetime) -> str:
    lead = details.lead
    stage = STAGE_WORDS[lead.stage]
    holder = f"with {mention(details.owner)}" if details.owner else ""
    why = f"({short(details.owner_why, 200)})" if details.owner_why else ""
    team = told("team ", short(details.team, 75))
    worth = money(lead.amount_minor, lead.currency) if lead.amount_minor is not None else ""
    due = f"{tone(details.clock, now)} {clock_words(details.clock, now)}" if details.clock else ""
    lines = (
        f"*{people.tappable_who_and_where(lead)}*",
        joined((f"{stage[:1].upper()}{stage[1:]}", joined((team, holder, why), " "), worth)),
        joined((due, card_link(details.card_url))),
        people.contact(lead),
        people.company_facts(lead),
        people.origin(lead),
        quoted(lead.notes, 900) if lead.notes and lead.notes.strip() else "",
        joined((f"Created {local_day(details.known_since)}", told("IDs: ", _ids(details.external_ids)))),
    )
    return cut(joined(lines, "\n"), _PART)


def _ids(external: Sequence[str]) -> str:
    return ", ".join(short(each, 60) for each in external[:5])


def _score(score: Score) -> list[str]:
    total = (
        f"Grade *{short(score.grade, 10)}*, priority *{short(score.priority, 20)}*: fit {score.fit} points"
    )
    total += f", engagement {score.engagement} points. {short(score.verdict, 200)}."
    return [total, *(_score_line(line) for line in score.lines)]


def _did(score: Score) -> list[str]:
    """Each activity with its points, or why it has none."""
    lines = [
        f"• {local_day(each.at)} {short(each.type.replace('_', ' '), 60)}: "
        f"{f'{each.points:+} points' if each.points else short(each.because, 120)}"
        for each in score.activities
    ]
    rest = score.activities_total - len(lines)
    return [*lines, f"… and {rest:,} more"] if rest > 0 else lines


def _score_line(line: ScoreLine) -> str:
    halves = f", halves every {short(line.half_life, 10)}" if line.half_life else ""
    return f"• {short(line.text, 150)}{halves}"


def _playbook(details: Details) -> list[Block]:
    advice = details.advice
    if advice is None:
        return []
    who = joined((short(advice.persona, 80), f"{short(advice.journey, 40)} stage"), ", ")
    head = joined((f"*Playbook* — {who}", told("Lead with: ", short(advice.value, 600))), "\n")
    blocks = [section(head)]
    for title, address in advice.content[:_CONTENT_SHOWN]:
        words = f"Send: {link(address, title)}"
        if not details.may_advise or details.handoff_id is None:
            blocks.append(section(words))
        elif address in details.said:
            blocks.append(section(f"{words} — 👍 you said this helped"))
        else:
            value = json.dumps({"handoff": details.handoff_id, "url": address[:1800]})
            blocks.append(section(words, accessory=labelled_button(Action.HELPED, value)))
    if details.may_advise and details.handoff_id is not None:
        missing = labelled_button(Action.MISSING, str(details.handoff_id))
        blocks.append(actions([missing]))
    return blocks


def _others(colleagues: Sequence[Colleague]) -> list[str]:
    lines = [f"• {people.colleague(other)} (#{other.lead_id})" for other in colleagues[:_COLLEAGUES_SHOWN]]
    if len(colleagues) > _COLLEAGUES_SHOWN:
        lines.append("… and more: `/lead status` and the company's name")
    return lines


def _commitment(commitment: Commitment) -> str:
    whose = f" ({mention(commitment.owner)})" if commitment.owner else ""
    return f"• {commitment.owed}{whose}, due {local_time(commitment.due_at)}: {commitment.ended}"


def _extra(name: str, value: str) -> str:
    return f"• {short(name, 60)}: {short(value, 200)}"


def _history(details: Details) -> list[Block]:
    if not details.history:
        return []
    newest = list(reversed(details.history))
    shown = f", the newest {len(newest)}" if details.history_total > len(newest) else ""
    blocks = [section(f"*History*: {plural(details.history_total, 'event')}{shown}")]
    starts = range(0, len(newest), _HISTORY_PER_BLOCK)
    blocks += [context(history_lines(newest[start : start + _HISTORY_PER_BLOCK])) for start in starts]
    if shown:
        blocks.append(context(f"All of it: `/lead history #{details.lead.lead_id}`"))
    return blocks


def _section(title: str, lines: Iterable[str]) -> list[Block]:
    """A titled paragraph, in as many blocks as its lines need; none without lines."""
    parts: list[str] = []
    here = title
    for line in lines:
        if units(here) + units(line) + 1 > _PART:
            parts.append(here)
            here = line
        else:
            here = f"{here}\n{line}"
    return [section(part) for part in [*parts, here]] if here != title or parts else []


def ended_words(
    met_at: datetime | None, met_by: str | None, breached_at: datetime | None, *, stopped: bool
) -> str:
    """How a commitment ended, or that it runs."""
    late = breached_at is not None
    if met_at is not None:
        by = f" by {mention(met_by)}" if met_by else ""
        return f"{'SLA missed, done' if late else 'SLA met'}{by} {local_time(met_at)}"
    if stopped:
        return "SLA missed, then reassigned" if late else "reassigned"
    return f"*late since {local_time(breached_at)}*" if breached_at is not None else "still running"


def missing_modal(handoff_id: int) -> Block:
    """The modal that asks what the playbook lacks."""
    note = text_input(
        Action.NOTE, "A price list for schools; an answer to “we have that already”", multiline=True
    )
    return modal(
        Callback.MISSING,
        *MODALS[Callback.MISSING],
        [labelled("What would have helped you with this lead?", note)],
        FormContext(handoff_id=handoff_id).model_dump_json(),
    )
