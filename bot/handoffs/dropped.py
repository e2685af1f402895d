"""A file of leads that somebody dropped into the form: taken in as by the terminal, told of by message.

It is kept until its person knows what became of it: whoever comes after a process that died goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs.import_summary import in_slack
from bot.handoffs.importing import ImportStopped, Progress, import_file
from bot.leadform.csvfile import CsvUnreadable
from bot.rules.roles import Permission, require_anywhere
from storage import dropped
from storage.database import Database
from storage.models import DeliveryKind, DroppedFile
from storage.outbox import posts
from storage.outbox.bodies import ImportedBody
from storage.outbox.posts import Rank

MOST_BYTES = 5_000_000
"""How large a file may be that is dropped in Slack: some 30,000 leads."""
LEASE = timedelta(seconds=60)
"""Real time after which whoever reads a file and did not say so again has died."""
MOST_TRIES = 3
"""How often a file is begun. One that stops Baton each time is the terminal's."""

READ_AGAIN = (
    "Baton stopped while it read this file, and read it again. What it had stored before counts as already "
    "known."
)
GAVE_UP = "Baton stopped each time it read this file. What is stored stays. Import it in the terminal."


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file as Slack tells of it; `size` in bytes. `moment` is the system's."""

    id: str
    name: str
    size: int
    url: str
    moment: datetime


def keep_file(tx: Connection, ctx: Context, file: Dropped) -> DroppedFile:
    """Let pass who may add leads, and a file of a size that is read here; keep it until it was read.

    Raises NotAllowed, or InvalidInput at the file's field.
    """
    require_anywhere(ctx.book, ctx.actor, Permission.ADD)
    if file.size > MOST_BYTES:
        raise InvalidInput(
            {
                "file": f"This file has {file.size / 1e6:.1f} MB; up to {MOST_BYTES // 1_000_000} MB is read "
                "here. Split it, or import it in the terminal."
            }
        )
    return dropped.add(
        tx,
        {
            "user_id": ctx.actor,
            "file_id": file.id,
            "name": file.name,
            "size": file.size,
            "url": file.url,
            "asked_at": ctx.now,
            "lease_until": file.moment + LEASE,
        },
    )


def left_behind(tx: Connection, moment: datetime) -> Sequence[DroppedFile]:
    """Files whose reader has died, to be read by the caller. `moment` is the system's."""
    return dropped.take_over(tx, moment, moment + LEASE)


def take_file(
    path: Path, database: Database, clock: Clock, book: AgreementBook, progress: Progress
) -> tuple[list[str], Path | None]:
    """Import a file, and give the summary in lines and the file of refused rows, if there are any. Blocks."""
    try:
        report = import_file(path, database, clock, book, progress)
    except (CsvUnreadable, ImportStopped) as problem:
        return [str(problem).replace(str(path), path.name)], None
    return in_slack(report), report.rejected


@dataclass(frozen=True, slots=True)
class Told:
    """What to tell whoever dropped a file, which is kept under this number."""

    number: int
    name: str
    lines: Sequence[str]


def tell_of_file(tx: Connection, ctx: Context, told: Told) -> None:
    """Message the context's actor what became of their file."""
    body: ImportedBody = {"file": told.name, "lines": list(told.lines)}
    posts.post(tx, ctx.stamp, DeliveryKind.IMPORTED, place=ctx.actor, rank=Rank.CLICK, body=body)
    dropped.mark_told(tx, told.number)


def finish_file(tx: Connection, _ctx: Context, number: int) -> None:
    """Keep a file no longer: its person has all there is to know of it."""
    dropped.drop(tx, number)
