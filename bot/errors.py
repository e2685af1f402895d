"""What can go wrong between people: one tree of errors, each carrying what its sentence needs.

The sentences that people read are made in bot/views/answers.py; which answer goes where is decided in
handlers/.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from storage.models import HandoffState


class DomainError(Exception):
    """Something that was asked for cannot be had. Its text is fit for a log, not for a person."""


class CannotStart(Exception):
    """The bot cannot come up; the text is a sentence that says why and what to do."""


class LeadNotFound(DomainError):
    """There is no such lead, or it was erased."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(f"no lead {wanted}")


class RefusedNotFound(LookupError):
    """Nothing that was refused is kept under this number: it was taken, dropped, or is over a month old.

    Nobody meets it in Slack: refused records are looked after at the terminal.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"nothing refused under {number}")


class AmbiguousId(DomainError):
    """Several systems know a lead by this id, and it is not the same lead."""

    def __init__(self, external_id: str, systems: Iterable[str]) -> None:
        self.external_id, self.systems = external_id, tuple(sorted(systems))
        super().__init__(f"id {external_id} in {', '.join(self.systems)}")


class HandoffNotFound(DomainError):
    """There is no such handoff: the message is from another time."""

    def __init__(self, handoff_id: int) -> None:
        self.handoff_id = handoff_id
        super().__init__(f"no handoff {handoff_id}")


class AnotherCard(DomainError):
    """The button is of another handoff than the one that has its number here: it does nothing."""

    def __init__(self, handoff_id: int) -> None:
        self.handoff_id = handoff_id
        super().__init__(f"a button that is not of handoff {handoff_id}")


class AlreadyDecided(DomainError):
    """Somebody was faster, or the lead went another way."""

    def __init__(self, state: HandoffState, by: str | None, at: datetime | None) -> None:
        self.state, self.by, self.at = state, by, at
        super().__init__(f"already {state.value}")


class NotAllowed(DomainError):
    """This person may not do that; `who_can` may: Slack ids of people or user groups.

    `team` is whose lead it is, `holder` the colleague who has it.
    """

    def __init__(
        self, action: str, who_can: Sequence[str], team: str | None = None, *, holder: str | None = None
    ) -> None:
        self.action, self.who_can, self.team, self.holder = action, tuple(who_can), team, holder
        super().__init__(f"not allowed to {action}")


class NotAMember(DomainError):
    """A guest, or somebody of another organisation, whom the agreement does not name."""

    def __init__(self) -> None:
        super().__init__("not a member of the workspace")


class Unverified(DomainError):
    """Slack does not say right now whether somebody is a member."""

    def __init__(self) -> None:
        super().__init__("Slack does not say who this is")


class Obstacle(StrEnum):
    """Why something cannot be done as things stand."""

    NOT_ACCEPTED = "nobody has accepted the lead yet"
    NOTHING_RUNS = "no clock of sales runs"
    SNOOZED_BEFORE = "it was put off once"
    NOTHING_TO_UNDO = "nothing was done"
    NOT_YOURS_TO_UNDO = "somebody else did it"
    TOO_LATE_TO_UNDO = "more than 60 seconds ago"
    MOVED_ON = "the lead has gone on since"
    NOT_REJECTED = "there is no rejection to answer"
    ANSWERED = "the rejection was answered"
    NOT_CONTESTED = "nobody contests the rejection"
    RULED = "the manager has ruled"
    NO_TEAM = "no team matches the lead"
    ONE_PERSON = "the history tells of one person"
    NO_REP = "no team has them as a rep"
    NOT_AWAY = "they are not away"
    ABSENCE_OVER = "the absence is over or was cancelled"
    CHANGED_SINCE = "the lead has changed since the form was opened"
    OUTSIDERS_READ = "other organisations read the channel"
    TEAM_GONE = "the agreement has no such team"
    PROPOSAL_OVER = "the proposal is settled, or there is none"
    SIGNED_BEFORE = "they signed the proposal"
    REQUEST_OVER = "nobody asks any more for the person to be erased"
    OWN_REQUEST = "they asked for it themselves"
    READERS_UNKNOWN = "Slack does not say who reads the channel"


class NotPossible(DomainError):
    """It cannot be done as things stand: `by` did what stands in the way, at `at`, where that is known."""

    def __init__(self, obstacle: Obstacle, by: str | None = None, at: datetime | None = None) -> None:
        self.obstacle, self.by, self.at = obstacle, by, at
        super().__init__(obstacle.value)


class InvalidInput(DomainError):
    """Fields of a form that cannot be taken as they are: a sentence for each, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{field}: {message}" for field, message in faults.items()))


class AmbiguousTime(InvalidInput):
    """A time that may mean two things or more; `readings` are in words, and as texts that mean only this."""

    def __init__(self, field: str, written: str, readings: Sequence[tuple[str, str]], fault: str) -> None:
        self.written, self.readings = written, tuple(readings)
        super().__init__({field: fault})
