"""The CRM as a running bot has it: told, and asked. What that takes is loaded once there is one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.agreement import Agreement
from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.events.sinks import Subscription
from storage.database import Database

if TYPE_CHECKING:
    from bot.crm.connection import Connections
    from bot.crm.polling import Poller

LOOK_EVERY = timedelta(seconds=5)
"""How often Baton looks whether it is time to ask the CRM."""


class Reached:
    """The connections to the CRM, for whoever asks for them: all keep one pace."""

    def __init__(self, secrets: Callable[[str], str | None]) -> None:
        self._secrets = secrets
        self._known: Connections | None = None

    def __call__(self) -> Connections:
        """The same at each call."""
        from bot.crm.connection import Connections

        self._known = self._known or Connections(self._secrets)
        return self._known


class CrmSide:
    """What of the bot has to do with the CRM of the agreement in force. `secrets` looks a variable up."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        secrets: Callable[[str], str | None],
    ) -> None:
        self._database, self._clock, self._book, self._log = database, clock, book, log
        self.connections = Reached(secrets)
        self._poller: Poller | None = None

    def subscriptions(self, agreement: Agreement) -> Sequence[Subscription]:
        """The CRM as one that hears of events, where the agreement names one."""
        if agreement.crm is None:
            return ()
        from bot.crm.sink import subscription  # a start without a CRM does without all that

        made = subscription(agreement.crm, self.connections(), self._database, self._clock, self._book)
        return (made,)

    async def look(self) -> None:
        """Ask the CRM what changed there, if it is time. Raises DatabaseAway."""
        if self._book.current.crm is None:
            return
        from bot.crm.polling import Poller

        self._poller = self._poller or Poller(
            self.connections(), self._database, self._clock, self._book, self._log
        )
        await self._poller.look()
