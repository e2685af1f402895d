"""What a proposed change would have meant: replayed in a process beside the bot, and written on its cards.

The truth is in rows: a proposal whose replay was cut off with the bot is replayed again by whoever
starts next.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

import bot
from bot.agreement import AgreementError
from bot.agreement.book import AgreementBook
from bot.agreement.changes import change_of
from bot.agreement.writing import rewritten
from bot.clock import Clock
from bot.context import BATON, Context
from bot.handoffs.proposals import note_replay
from bot.logs import trace
from bot.replay.beside import question
from storage import proposals
from storage.database import Database
from storage.models import Proposal

PERIOD = timedelta(days=90)
PATIENCE = timedelta(minutes=15)
COMMAND = (sys.executable, "-m", "bot.replay.beside")
TOO_LONG = "The replay took too long, so the effect is unknown."
CUT_OFF = "The replay failed, so the effect is unknown."
_log = logging.getLogger("baton.replay")


class Replays:
    """Replays what is proposed, one after the other. `patience`: how long one may take, in real time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        book: AgreementBook,
        command: tuple[str, ...] = COMMAND,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._database, self._clock, self._book = database, clock, book
        self._command, self._patience = command, patience

    async def look(self) -> None:
        """Replay each proposal that can still go live and has not been. Raises DatabaseAway."""
        while (found := await self._database.read(_next, self._book)) is not None:
            row, text = found
            said = await self._says(row, text)
            ctx = Context(self._clock.now(), self._clock.wire(), self._book, BATON, trace())
            await self._database.write(note_replay, ctx, (row.id, said))

    async def _says(self, row: Proposal, text: str | None) -> str:
        if text is None:
            return CUT_OFF
        url = self._database.url.render_as_string(hide_password=False)
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._asked(row, question(url, text, row.at - PERIOD, row.at))
        except TimeoutError:
            _log.warning("the replay of proposal %d took over %s", row.id, self._patience)
            return TOO_LONG
        except (OSError, ValueError) as error:  # no process to be had, or words that are none
            _log.warning("the replay of proposal %d came to nothing: %r", row.id, error)
            return CUT_OFF

    async def _asked(self, row: Proposal, asked: bytes) -> str:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment()
        )
        try:
            out, trouble = await child.communicate(asked)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode != 0:
            words = trouble.decode(errors="replace").strip().splitlines()[-1:]
            _log.warning("the replay of proposal %d ended with %s: %s", row.id, child.returncode, words)
            return CUT_OFF
        return "\n".join(json.loads(out)) or CUT_OFF


def _environment() -> dict[str, str]:
    """As here, with Baton's own code where it can be found from any directory."""
    paths = [str(Path(bot.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _next(tx: Connection, book: AgreementBook) -> tuple[Proposal, str | None] | None:
    """The first that waits for its replay, and the text that it comes to, None where it is faulty."""
    for row in proposals.unsettled(tx):
        if row.replayed is None and row.agreement_id == book.current_id:
            try:
                return row, rewritten(book.text, [change_of(row.change)])
            except AgreementError:
                return row, None
    return None
