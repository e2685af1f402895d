"""A CSV dropped into the Add form: acked at once, read in the background, answered by direct message.

A process may die meanwhile: each looks for files that another has left behind, and goes on with them.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.handoffs.dropped import (
    GAVE_UP,
    LEASE,
    MOST_BYTES,
    MOST_TRIES,
    READ_AGAIN,
    Dropped,
    Told,
    finish_file,
    keep_file,
    left_behind,
    take_file,
    tell_of_file,
)
from bot.slack.files import FileUnreachable, SlackFile, fetch, send
from handlers.desk import Desk
from storage import dropped
from storage.database import DatabaseAway
from storage.models import DroppedFile

REFUSED = "These rows were not imported; the first column says why. Fix them and drop the file again."
_SAY_EVERY = LEASE.total_seconds() / 4
_UNSAFE = re.compile(r"[^\w.() -]+")


class _Stopped(Exception):
    """The file is not read any further here."""


async def drop(desk: Desk, file: SlackFile, user: str) -> None:
    """Take a file if it may be taken, and go on with it in the background. Raises as `keep_file`."""
    come = Dropped(file.id, file.name, file.size, file.url, desk.clock.real())
    kept = await desk.do(keep_file, come, user)
    desk.background.start(_read(desk, kept), f"read file {kept.id}")


async def go_on(desk: Desk) -> None:
    """Read what a process that has died left behind. Raises DatabaseAway."""
    for kept in await desk.database.write(left_behind, desk.clock.real()):
        desk.log.warning("file %d was left behind by a process that died; try %d", kept.id, kept.tries)
        desk.background.start(_read(desk, kept), f"read file {kept.id}")


async def _read(desk: Desk, kept: DroppedFile) -> None:
    async with _held(desk, kept.id) as stopped:
        with tempfile.TemporaryDirectory(prefix="baton-") as folder:
            lines, rejected = await _taken(desk, kept, Path(folder), stopped)
            if not kept.told:
                await desk.do(tell_of_file, Told(kept.id, kept.name, lines), kept.user_id)
            if rejected is not None:
                await send(desk.client, kept.user_id, rejected, REFUSED)
        await desk.do(finish_file, kept.id, kept.user_id)


async def _taken(
    desk: Desk, kept: DroppedFile, folder: Path, stopped: threading.Event
) -> tuple[list[str], Path | None]:
    """The summary of a file in lines, and the file of its refused rows."""

    def progress(_done: int, _size: int) -> None:
        if stopped.is_set():
            raise _Stopped

    if kept.tries > MOST_TRIES:
        return [GAVE_UP], None
    path = folder / (_UNSAFE.sub("_", kept.name)[-100:].strip(". ") or "leads.csv")
    file = SlackFile(kept.file_id, kept.name, kept.size, kept.url)
    try:
        await fetch(desk.client, file, path, most=MOST_BYTES)
    except FileUnreachable as problem:
        return [str(problem)], None
    lines, rejected = await asyncio.to_thread(take_file, path, desk.database, desk.clock, desk.book, progress)
    return ([lines[0], READ_AGAIN, *lines[1:]] if kept.tries > 1 else lines), rejected


@asynccontextmanager
async def _held(desk: Desk, number: int) -> AsyncIterator[threading.Event]:
    """Say over and over that a file is being read; where that ends too soon, leave it to the next at once."""
    stopped = threading.Event()
    saying = asyncio.create_task(_say_so(desk, number))
    try:
        yield stopped
    except asyncio.CancelledError:
        stopped.set()
        await desk.database.write(dropped.hold, number, desk.clock.real())
        raise
    finally:
        saying.cancel()


async def _say_so(desk: Desk, number: int) -> None:
    while True:
        await asyncio.sleep(_SAY_EVERY)
        with suppress(DatabaseAway):
            await desk.database.write(dropped.hold, number, desk.clock.real() + LEASE)
