"""The agreement changes while Baton runs: its file was changed by hand, or is changed from Slack.

By hand: read on SIGHUP, or as `app.py reload` asks every running Baton. From Slack: `Reloading.change`.
Either way it is checked first; a faulty one is refused in words, and the one in force stays.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.agreement import AgreementError, load_agreement
from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import BATON, Context
from bot.logs import begin_trace
from bot.views.strays import other_agreements, unreadable_versions
from storage import agreements, heartbeats, replicas
from storage.database import Database, DatabaseAway

if TYPE_CHECKING:  # what changes an agreement is loaded by whoever changes it
    from bot.agreement.changes import Change
    from bot.handoffs.agreement import Changed

ASKED, DONE = "reload", "reloaded"
"""The heartbeats by which the terminal asks for it, and a running Baton answers."""
LOOK_EVERY = timedelta(seconds=2)
_log = logging.getLogger("baton.agreement")


class Moved(AgreementError):
    """Another agreement is in force than the one that the change was made for."""

    def __init__(self, called: str) -> None:
        super().__init__(f"The agreement has changed meanwhile: version {called} is in force. Look again.")


class Reloading:
    """Reads the agreement's file again when asked to, and changes it."""

    def __init__(self, database: Database, clock: Clock, book: AgreementBook, path: Path) -> None:
        self._database, self._clock, self._book, self._path = database, clock, book, path
        self._one_at_a_time = asyncio.Lock()
        self._asked: datetime | None = None
        self._begun = False
        self.trouble: str | None = None
        database.mend = self._mend
        self.also: Callable[[], object] = lambda: None  # before the file is read
        self.then: Callable[[], object] = lambda: None  # once another agreement is in force

    @property
    def book(self) -> AgreementBook:
        """What is in force."""
        return self._book

    async def reload(self) -> bool:
        """Read the file and go by it. False if it is faulty: then nothing changes, and the log says why."""
        async with self._one_at_a_time:
            await asyncio.to_thread(self.also)
            try:
                loaded = await asyncio.to_thread(load_agreement, self._path)
            except AgreementError as error:
                self.trouble = f"The changed file was refused, and {self._book.called} stays: {error}"
                _log.error("the agreement was not changed: %s", error)
                return False
            self.trouble = None
            from bot.handoffs.agreement import change_agreement

            changed = await self._database.write(change_agreement, self._context(BATON), loaded)
            if changed is None:
                _log.info("the agreement is unchanged: %s", self._book.called)
                return True
            self._go_by(changed)
            return True

    async def change(
        self,
        changes: Sequence[Change],
        by: Sequence[str],
        *,
        made_for: str | None = None,
        then: Callable[[Connection, Context], None] | None = None,
    ) -> AgreementBook:
        """Write the changes into the agreement's file, comments kept, and go by it at once; all or nothing.

        It gets a version of its own (2026-Q4+2); the admins and the report's channel are told in words who
        (`by`: Slack ids, at least one) changed what. Running clocks keep their due times. `made_for` is the
        hash of the agreement (`AgreementBook.text_hash`) that the changes were made for, if another one must
        not get them; `then` is committed with them. Other replicas read their own file; one with another
        agreement is named on admins' Home.

        Gives the book in force. Raises AgreementError (Moved, FileChanged, CannotWrite, AgreementFaults …),
        whose text is for the person who asked, and DatabaseAway.
        """
        from bot.agreement.file import draft, put_back
        from bot.handoffs.agreement import write_agreement

        async with self._one_at_a_time:
            book = self._book
            if made_for not in (None, book.text_hash):
                raise Moved(book.called)
            taken = await self._database.read(agreements.names_taken)
            draft_ = await asyncio.to_thread(draft, self._path, book.text_hash, changes, taken)
            try:
                context = self._context(by[0])
                changed = await self._database.write(write_agreement, context, draft_, by, then)
            except BaseException:
                await asyncio.to_thread(put_back, draft_)
                raise
            if changed is not None:
                self._go_by(changed)
            await self._database.write(
                heartbeats.beat, ASKED, self._clock.now()
            )  # who shares the file reads it
            return book

    def _go_by(self, changed: Changed) -> None:
        self._book.go_by(changed.book)
        self.then()
        _log.info("the agreement has changed: %s is in force", self._book.called)

    def _context(self, actor: str) -> Context:
        return Context(self._clock.now(), self._clock.wire(), self._book, actor, begin_trace())

    async def look(self) -> None:
        """Whether the terminal asked for it since the last look. What was asked before the start is done.

        And whether the database still has what is in force; else it is put back.
        """
        await self._keep()
        asked = await self._database.read(heartbeats.last, ASKED)
        news, self._asked = asked != self._asked, asked
        if not self._begun:
            self._begun = True
        elif news and asked is not None and await self.reload():
            await self._database.write(heartbeats.beat, DONE, asked)

    async def _keep(self) -> None:
        if not await self._database.read(self._book.is_kept):
            await self._database.write(self._mend)

    def _mend(self, tx: Connection) -> bool:
        """Put the text in force back into the database. False if it is there."""
        if self._book.is_kept(tx):
            return False
        self._book.put_back(tx, self._clock.now())
        _log.error("the text of version %s was spoilt in the database; it is put back", self._book.called)
        return True

    async def health(self) -> tuple[bool, str]:
        """Whether the file was sound when it was last read, and what is in force here and elsewhere."""
        if self.trouble:
            return False, self.trouble
        try:
            others = await self._database.read(replicas.of_another_agreement, self._book.text_hash)
            gone = await self._database.read(self._book.unreadable)
        except DatabaseAway:
            others, gone = (), []
        says = [f"Version {self._book.called} is in force."]
        says += [other_agreements(others)] if others else []
        says += [unreadable_versions(gone)] if gone else []
        return len(says) == 1, " ".join(says)
