"""What one person is told in answer to a click or a form, as mrkdwn that nobody else sees.

Each says what is the case and, where there is one, the way on. Where an answer goes is decided in handlers/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.errors import (
    AlreadyDecided,
    AmbiguousId,
    AnotherCard,
    DomainError,
    HandoffNotFound,
    InvalidInput,
    LeadNotFound,
    NotAllowed,
    NotAMember,
    NotPossible,
    Obstacle,
    Unverified,
)
from bot.views.text import escape, local_time, mention, short, who
from storage.models import HandoffState

ANOTHER_CARD = (
    "This button is from before an update or a restore, or from another Baton. Nothing was changed. "
    "`/lead status` with a name or an address shows the lead, with buttons that work."
)
LEAD_GONE = "This lead no longer exists, so there is nothing left to do."
TRY_AGAIN = "I cannot reach my database right now, so nothing was changed. Please try again in a minute."
OUTSIDER = "Only members of this workspace can use Baton. An admin of Baton can add you to the agreement."
UNVERIFIED = "Slack did not say who you are, so I show nothing yet. Please try again in a minute."
_NAMED = 4

# For the reader's own decision, for somebody else's, and where nobody is known. All end in a moment.
DECIDED_WORDS: Mapping[HandoffState, tuple[str, str, str]] = {
    HandoffState.ACCEPTED: (
        "You already accepted this lead,",
        "{by} accepted it first,",
        "This lead was accepted",
    ),
    HandoffState.REJECTED: (
        "You already rejected this lead,",
        "{by} rejected it first,",
        "This lead was rejected",
    ),
    HandoffState.CLOSED: (
        "You already closed this lead,",
        "{by} already closed this lead,",
        "This lead was closed",
    ),
    HandoffState.MERGED: (
        "You already merged this lead,",
        "{by} already merged this lead,",
        "This lead was merged",
    ),
}

OBSTACLE_WORDS: Mapping[Obstacle, str] = {
    Obstacle.NOT_ACCEPTED: "Nobody has accepted this lead yet. Please press *Accept* on its card first.",
    Obstacle.NOTHING_RUNS: "Nothing is due for this lead right now, so there is nothing to snooze.",
    Obstacle.TEAM_GONE: "The agreement no longer has this team. Open Home again.",
    Obstacle.SNOOZED_BEFORE: "This lead was already snoozed {at}, and once is the limit. "
    "Its manager can give more time.",
    Obstacle.NOTHING_TO_UNDO: "There is nothing to undo here.",
    Obstacle.NOT_YOURS_TO_UNDO: "{by} did that {at}. Only they can undo it, and only within a minute.",
    Obstacle.TOO_LATE_TO_UNDO: "That was {at}. You can undo within a minute, but no later.",
    Obstacle.MOVED_ON: "This lead has moved on since. Please look at its newest card.",
    Obstacle.NOT_REJECTED: "This rejection was undone, so there is nothing to answer.",
    Obstacle.ANSWERED: "{by} already answered this rejection {at}.",
    Obstacle.NOT_CONTESTED: "Nobody contests this rejection, so there is nothing to decide.",
    Obstacle.RULED: "{by} already decided this {at}.",
    Obstacle.NO_TEAM: "No team in the agreement matches this lead. Please tell an admin, or fix the "
    "fields that choose the team.",
    Obstacle.ONE_PERSON: "This lead's history is about one person only, so there is nothing to split.",
    Obstacle.NO_REP: "Absence is for reps and their managers, and {by} is neither. Nothing was set.",
    Obstacle.NOT_AWAY: "{by} is not away.",
    Obstacle.ABSENCE_OVER: "This absence is over or was cancelled, so nothing was changed.",
    Obstacle.CHANGED_SINCE: "This lead has changed since you opened the form, so nothing was split. Please "
    "enter the command again to see what goes where now.",
    Obstacle.OUTSIDERS_READ: "Only you see this: guests or other organisations can read this channel.",
    Obstacle.READERS_UNKNOWN: "Only you see this: I could not check who reads this channel yet. Invite me "
    "with `/invite @Baton`, or try again in a minute.",
    Obstacle.REQUEST_OVER: "This request is closed, so your click changed nothing.",
    Obstacle.OWN_REQUEST: "You asked for this yourself, so another admin has to agree.",
    Obstacle.PROPOSAL_OVER: "This proposal is closed. Its newest card says why.",
    Obstacle.SIGNED_BEFORE: "{by} agreed {at}. The card says what is still missing.",
}


_ALWAYS: Mapping[type[DomainError], str] = {
    HandoffNotFound: LEAD_GONE,
    AnotherCard: ANOTHER_CARD,
    NotAMember: OUTSIDER,
    Unverified: UNVERIFIED,
}
"""Errors of which the same is said each time."""


def answer_to(error: DomainError, reader: str) -> str:
    """The sentence for a domain error, said to the person whose Slack id is `reader`.

    Raises TypeError for an error that has no sentence: each kind of error gets one here.
    """
    if (always := _ALWAYS.get(type(error))) is not None:
        return always
    match error:
        case AlreadyDecided():
            return already_decided(error.state, error.by, error.at, reader)
        case NotAllowed():
            return not_allowed(error.action, error.who_can, error.team, error.holder)
        case NotPossible():
            return not_possible(error.obstacle, error.by, error.at)
        case LeadNotFound():
            return no_such_lead(error.wanted)
        case AmbiguousId():
            return ambiguous_id(error.external_id, error.systems)
        case InvalidInput():
            return "\n".join(escape(fault) for fault in error.faults.values())
        case _:
            raise TypeError(f"no answer for {type(error).__name__}") from error


def already_decided(state: HandoffState, by: str | None, at: datetime | None, reader: str) -> str:
    """For a click that came too late: who decided, what, and when."""
    if state not in DECIDED_WORDS:
        return "This lead has changed in the meantime. Please look at its card again."
    own, others, nobodys = DECIDED_WORDS[state]
    words = own if by == reader else others.format(by=who(by)) if by else nobodys
    return f"{words} {local_time(at)}." if at else f"{words.rstrip(',')}."


def not_allowed(
    action: str, who_can: Sequence[str], team: str | None = None, holder: str | None = None
) -> str:
    """A refusal, its reason and who could do it instead. `action` is a phrase such as "accept this lead"."""
    reason = f": it belongs to team *{short(team, 75)}*" if team else ""
    reason = f": {mention(holder)} has it" if holder else reason
    people = [mention(person) for person in who_can[:_NAMED]]
    if len(who_can) > _NAMED:
        people.append(f"{len(who_can) - _NAMED} more")
    named = " or ".join(part for part in (", ".join(people[:-1]), *people[-1:]) if part)
    instead = f"Please ask {named}." if named else "Nobody in the agreement can; please tell an admin."
    return f"You cannot {escape(action)}{reason}. {instead}"


def not_possible(obstacle: Obstacle, by: str | None = None, at: datetime | None = None) -> str:
    """What stands in the way and what to do about it; with a name and a moment where they are known."""
    told = OBSTACLE_WORDS[obstacle].format(
        by=who(by) if by else "Somebody", at=local_time(at) if at else "earlier"
    )
    return told[:1].upper() + told[1:]


def no_such_lead(wanted: str) -> str:
    """For an e-mail address or number that no lead has."""
    return f"No lead found for “{short(wanted, 100)}”. Check the e-mail address, or use # and its number."


def ambiguous_id(external_id: str, systems: Sequence[str]) -> str:
    """For an id that means several leads: in which systems, and how to name one of them."""
    named, one = ", ".join(short(each, 60) for each in systems), short(systems[0], 60)
    return (
        f"Several systems have a lead with the id “{short(external_id, 100)}”: {named}. "
        f"Name one, like `ext:{one}:{short(external_id, 100)}`."
    )


def something_wrong(reference: str) -> str:
    """For what nobody foresaw. `reference` finds the line in the log."""
    told = f"Reference: `{short(reference, 40)}`"
    return f"Something went wrong on our side. Nothing was lost. Please try again, or tell an admin. {told}"
