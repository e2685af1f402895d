"""A file of leads that somebody dropped into the form: taken in as by the terminal, told of by message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs.import_summary import in_slack
from bot.handoffs.importing import ImportStopped, import_file
from bot.leadform.csvfile import CsvUnreadable
from bot.rules.roles import Permission, require_anywhere
from storage.database import Database
from storage.models import DeliveryKind
from storage.outbox import posts
from storage.outbox.bodies import ImportedBody
from storage.outbox.posts import Rank

MOST_BYTES = 5_000_000
"""How large a file may be that is dropped in Slack: some 30,000 leads."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file as Slack tells of it; `size` in bytes."""

    name: str
    size: int


def allow_file(_tx: Connection, ctx: Context, file: Dropped) -> None:
    """Let pass who may add leads, and a file of a size that is read here.

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


def take_file(
    path: Path, database: Database, clock: Clock, book: AgreementBook
) -> tuple[list[str], Path | None]:
    """Import a file, and give the summary in lines and the file of refused rows, if there are any. Blocks."""
    try:
        report = import_file(path, database, clock, book, lambda _done, _size: None)
    except (CsvUnreadable, ImportStopped) as problem:
        return [str(problem).replace(str(path), path.name)], None
    return in_slack(report), report.rejected


@dataclass(frozen=True, slots=True)
class Told:
    """What to tell whoever dropped a file."""

    name: str
    lines: Sequence[str]


def tell_of_file(tx: Connection, ctx: Context, told: Told) -> None:
    """Message the context's actor what became of their file."""
    body: ImportedBody = {"file": told.name, "lines": list(told.lines)}
    posts.post(tx, ctx.stamp, DeliveryKind.IMPORTED, place=ctx.actor, rank=Rank.CLICK, body=body)
