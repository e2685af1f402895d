"""The agreement in plain words: who owes what, by when, and what happens when it slips."""

from __future__ import annotations

from collections.abc import Mapping

from bot.agreement.durations import Duration
from bot.agreement.model import Agreement, Step, Team
from bot.agreement.vocabulary import Assign, ClockTime, Verb
from bot.views.people import joined
from bot.views.text import cut, mention, plural, short
from storage.models import ClockKind

_LIMIT = 2900
_TEAMS_SHOWN = 10
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "y": "year"}
VERB_WORDS: Mapping[Verb, str] = {
    Verb.NUDGE: "a reminder",
    Verb.NOTIFY_MANAGER: "the manager is told",
    Verb.NOTIFY_CHANNEL: "the team's channel is told",
    Verb.REASSIGN: "reassigned",
    Verb.POOL: "open to the whole team",
    Verb.MARKETING: "back to marketing",
}
ASSIGN_WORDS: Mapping[Assign, str] = {
    Assign.POOL: "first to accept gets it",
    Assign.ROTATE: "assigned by rotation",
}
TIME_WORDS: Mapping[ClockTime, str] = {
    ClockTime.BUSINESS: "• Only business hours count: no nights, weekends or holidays.",
    ClockTime.WALL: "",
}


def agreement_words(agreement: Agreement, called: str = "") -> str:
    """A paragraph or two of mrkdwn. `called`: the version with its text's hash."""
    lines = [f"*What we agreed* — version {short(called or agreement.version, 80)}"]
    if agreement.goals is not None and agreement.goals.purpose:
        lines.append(f"_{short(agreement.goals.purpose, 300)}_")
    for priority in agreement.priorities:
        targets = agreement.targets(priority.name)
        lines.append(
            f"• *{short(priority.name, 30)}*: sales accepts or rejects within "
            f"{duration_words(targets.accept)}; first contact within "
            f"{duration_words(targets.first_touch)} of that; outcome within "
            f"{duration_words(targets.outcome)} of that{_deal(targets.opportunity)}."
        )
    if agreement.answer is not None:
        lines.append(f"• Marketing answers a rejection within {duration_words(agreement.answer)}.")
    if time := TIME_WORDS[agreement.clock]:
        lines.append(time)
    if agreement.office.wind_down is not None:
        lines.append(f"• {_winding_down(agreement.office.wind_down)}.")
    if ladder := _ladder(agreement.ladder.get(ClockKind.ACCEPT, ())):
        lines.append(f"• If nobody accepts it: {ladder}.")
    lines += [_team(team, agreement) for team in agreement.teams[:_TEAMS_SHOWN]]
    return cut("\n".join(lines), _LIMIT)


def _deal(opportunity: Duration | None) -> str:
    return f"; a deal moves on within {duration_words(opportunity)}" if opportunity else ""


def duration_words(duration: Duration) -> str:
    """ "5 minutes", "1 day"."""
    return plural(duration.amount, _UNITS[duration.unit])


def _ladder(steps: tuple[Step, ...]) -> str:
    parts = []
    for step in sorted(steps, key=lambda step: step.at):
        moment = "when it is due" if step.at == 1 else f"at {step.at:.0%} of the time"
        parts.append(f"{VERB_WORDS[step.do]} {moment}")
    return ", ".join(parts)


def _winding_down(duration: Duration) -> str:
    return f"No new leads in the last {duration_words(duration)} before an absence of over five days"


def _team(team: Team, agreement: Agreement) -> str:
    how = ASSIGN_WORDS[team.assign]
    people = plural(len(team.reps), "rep")
    who = f"manager {mention(team.manager)}" + (
        f" (stand-in {mention(team.stand_in)})" if team.stand_in else ""
    )
    wind_down = agreement.hours_of(team).wind_down
    own = wind_down if wind_down != agreement.office.wind_down else None
    parts = (f"• Team *{short(team.name, 60)}*: {people}, {how}", who, own and _lower(_winding_down(own)))
    return joined((part for part in parts if part), "; ") + "."


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
