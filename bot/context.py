"""What every use case is given besides its transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.agreement.book import AgreementBook
from storage.models import Actor
from storage.stamp import Stamp

BATON, CRM, IMPORT = Actor.BATON, Actor.CRM, Actor.IMPORT


@dataclass(frozen=True, slots=True)
class Context:
    """The moment, the agreement, who acts, and the thread that ties log, history and deliveries together.

    `now` is what clocks and history go by, `wire` what the outbox goes by; both aware UTC, and the same
    unless a demo holds its clock. `actor` is a Slack user id, one of Actor, or api:<token name>.
    """

    now: datetime
    wire: datetime
    book: AgreementBook
    actor: str
    trace: str

    @property
    def stamp(self) -> Stamp:
        """What history and outbox are marked with."""
        return Stamp(self.now, self.wire, self.actor, self.trace)
