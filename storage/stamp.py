"""What every line of history and every delivery is marked with: when, by whom, and in the course of what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """`now` is the moment that the history goes by, `wire` the one that the outbox goes by; both aware UTC.

    `actor` is a Slack user id, one of Actor, or api:<token name>. `trace` follows one click or call
    through log, history and deliveries.
    """

    now: datetime
    wire: datetime
    actor: str
    trace: str

    def by(self, actor: str) -> Stamp:
        """The same moment and trace, for what somebody else does."""
        return replace(self, actor=actor)
