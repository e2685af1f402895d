"""A CSV dropped into the Add form: acked at once, read in the background, answered by direct message."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from bot.handoffs.dropped import MOST_BYTES, Dropped, Told, allow_file, take_file, tell_of_file
from bot.slack.files import FileUnreachable, SlackFile, fetch, send
from handlers.desk import Desk

REFUSED = "These rows were not imported; the first column says why. Fix them and drop the file again."
_UNSAFE = re.compile(r"[^\w.() -]+")


async def drop(desk: Desk, file: SlackFile, user: str) -> None:
    """Take a file if it may be taken, and go on with it in the background. Raises as `allow_file`."""
    await desk.ask(allow_file, Dropped(file.name, file.size), user)
    desk.background.start(_read(desk, file, user), f"read {file.name}")


async def _read(desk: Desk, file: SlackFile, user: str) -> None:
    with tempfile.TemporaryDirectory(prefix="baton-") as folder:
        path = Path(folder) / (_UNSAFE.sub("_", file.name)[-100:].strip(". ") or "leads.csv")
        rejected: Path | None = None
        try:
            await fetch(desk.client, file, path, most=MOST_BYTES)
            lines, rejected = await asyncio.to_thread(take_file, path, desk.database, desk.clock, desk.book)
        except FileUnreachable as problem:
            lines = [str(problem)]
        await desk.do(tell_of_file, Told(file.name, lines), user)
        if rejected is not None:
            await send(desk.client, user, rejected, REFUSED)
