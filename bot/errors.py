"""What can go wrong between people: one tree of errors, each carrying what its sentence needs.

The sentences that people read are made in bot/views/answers.py; which answer goes where is decided in
handlers/.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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


class HandoffNotFound(DomainError):
    """There is no such handoff: the message is from another time."""

    def __init__(self, handoff_id: int) -> None:
        self.handoff_id = handoff_id
        super().__init__(f"no handoff {handoff_id}")


class AlreadyDecided(DomainError):
    """Somebody was faster, or the lead went another way."""

    def __init__(self, state: HandoffState, by: str | None, at: datetime | None) -> None:
        self.state, self.by, self.at = state, by, at
        super().__init__(f"already {state.value}")


class NotAllowed(DomainError):
    """This person may not do that; `who_can` may: Slack ids of people or user groups."""

    def __init__(self, action: str, who_can: Sequence[str], team: str | None = None) -> None:
        self.action, self.who_can, self.team = action, tuple(who_can), team
        super().__init__(f"not allowed to {action}")


class InvalidInput(DomainError):
    """Fields of a form that cannot be taken as they are: a sentence for each, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{field}: {message}" for field, message in faults.items()))
