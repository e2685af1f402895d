"""The agreement in plain words: who owes what, by when, and what happens when it slips."""

from __future__ import annotations

from bot.agreement.durations import Duration
from bot.agreement.model import Agreement, Step, Team, Verb
from bot.views.people import joined
from bot.views.text import cut, mention, plural, short
from storage.models import ClockKind

_LIMIT = 2900
_TEAMS_SHOWN = 10
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "y": "year"}
_DEEDS = {
    Verb.NUDGE: "whoever should is reminded",
    Verb.NOTIFY_MANAGER: "the manager is told",
    Verb.NOTIFY_CHANNEL: "the team's channel is told",
    Verb.REASSIGN: "the lead is reassigned",
    Verb.POOL: "anyone in the team may claim the lead",
    Verb.MARKETING: "the lead goes back to marketing",
}


def agreement_words(agreement: Agreement) -> str:
    """A paragraph or two of mrkdwn."""
    working = " of working time" if agreement.clock == "business" else ""
    lines = [f"*What we agreed* — version {short(agreement.version, 60)}"]
    if agreement.goals is not None and agreement.goals.purpose:
        lines.append(f"_{short(agreement.goals.purpose, 300)}_")
    for priority in agreement.priorities:
        targets = agreement.targets(priority.name)
        lines.append(
            f"• *{short(priority.name, 30)}*: sales accepts or rejects within "
            f"{duration_words(targets.accept)}, makes first contact within "
            f"{duration_words(targets.first_touch)} of accepting, and tells the outcome within "
            f"{duration_words(targets.outcome)} of that."
        )
    if agreement.answer is not None:
        lines.append(f"• Marketing answers a rejection within {duration_words(agreement.answer)}.")
    if working:
        lines.append("• All of it in working time: nights, weekends and holidays do not count.")
    if ladder := _ladder(agreement.ladder.get(ClockKind.ACCEPT, ())):
        lines.append(f"• When nobody takes a lead: {ladder}.")
    lines += [_team(team) for team in agreement.teams[:_TEAMS_SHOWN]]
    return cut("\n".join(lines), _LIMIT)


def duration_words(duration: Duration) -> str:
    """ "5 minutes", "1 day"."""
    return plural(duration.amount, _UNITS[duration.unit])


def _ladder(steps: tuple[Step, ...]) -> str:
    parts = []
    for step in sorted(steps, key=lambda step: step.at):
        moment = "when it is due" if step.at == 1 else f"at {step.at:.0%} of the time"
        parts.append(f"{moment} {_DEEDS[step.do]}")
    return "; ".join(parts)


def _team(team: Team) -> str:
    how = "the first to accept has it" if team.assign == "pool" else "Baton picks by turn and weight"
    people = plural(len(team.reps), "rep")
    return (
        joined(
            (f"• Team *{short(team.name, 60)}*: {people}, {how}", f"manager {mention(team.manager)}"), "; "
        )
        + "."
    )
