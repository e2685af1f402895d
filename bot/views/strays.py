"""Open leads that name what the agreement no longer has, in words for the terminal, the log and Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.settings import PROGRAM
from bot.views.text import cut, plural

_SHOWN = 4


class StrayKind(StrEnum):
    """What of an open lead the agreement no longer has."""

    TEAM = "team"
    REP = "rep"
    CHANNEL = "channel"
    PRIORITY = "priority"
    REASON = "reason"
    CONTESTED = "contested"  # a team whose rejections marketing contests


@dataclass(frozen=True, slots=True)
class Stray:
    """So many open leads that name something which is gone: a team's name, a person's or channel's id …"""

    kind: StrayKind
    name: str
    number: int


# What is so, with {leads} or {contested} and {name}; and what to do.
STRAY_WORDS: Mapping[StrayKind, tuple[str, str]] = {
    StrayKind.TEAM: (
        "{leads} of team {name}, which the agreement no longer has",
        'Write renamed_from = ["{name}"] on the team that takes them over, or reassign them.',
    ),
    StrayKind.REP: (
        "{leads} with {name}, who is no longer in the lead's team",
        "Baton offers them to the team. Put the rep back, or reassign them.",
    ),
    StrayKind.CHANNEL: (
        "{leads} with a card in {name}, which is no longer a channel of the team",
        "Baton posts the cards in the team's channel. Invite it there.",
    ),
    StrayKind.PRIORITY: (
        "{leads} of priority {name}, which the agreement no longer has",
        "They keep the clocks that they started with. No new lead gets it.",
    ),
    StrayKind.REASON: (
        "{leads} rejected as {name}, a reason that the agreement no longer has",
        "Marketing can still answer. Put the reason back to choose it again.",
    ),
    StrayKind.CONTESTED: (
        "{contested} of team {name}, which the agreement no longer has",
        'Admins decide on Home. Or write renamed_from = ["{name}"] on the team whose manager decides.',
    ),
}


def stray_words(stray: Stray) -> tuple[str, str]:
    """What is so, and what to do, as plain text."""
    says, remedy = STRAY_WORDS[stray.kind]
    counted = {
        "leads": plural(stray.number, "open lead"),
        "contested": plural(stray.number, "contested rejection"),
    }
    return says.format(**counted, name=stray.name), remedy.format(name=stray.name)


def unreadable_versions(names: Sequence[str]) -> str:
    """That the database has spoilt or lost versions of the agreement, and what that means, as plain text."""
    shown = ", ".join(cut(name, 60) for name in names[:_SHOWN])
    what = plural(len(names), "version").partition(" ")[2]
    return (
        f"The text of {what} {shown} cannot be read any more. What began under it goes by the version "
        "before, else by the one in force. A backup may still have it."
    )


def other_agreements(names: Sequence[str]) -> str:
    """That other running Batons on this database run another agreement, and what to do, as plain text."""
    shown = ", ".join(cut(name, 60) for name in names[:_SHOWN])
    run = "runs" if len(names) == 1 else "run"
    return f"{shown} {run} another agreement. Give all the same file, then run `{PROGRAM} reload`."
