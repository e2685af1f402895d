"""Commands of the terminal beside the bots, and what is in what they write."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.plan import BACKUP, EXPORT, Step
from tests.chaos.world import Command

if TYPE_CHECKING:
    from tests.chaos.driver import Run


async def beside(run: Run, step: Step) -> None:
    """A command of the terminal beside a running bot. What it writes has every lead that was answered for."""
    answered = set(run.kept.answered)
    copy = run.folder / f"backup{step.number}"
    words = step.how.replace("FILE", str(copy))
    command = await run.bots[step.number % len(run.bots)].does(words, killed_after(step))
    held = _held(command, step.how, copy) if command.status == "0" else None
    lacks = () if held is None else tuple(sorted(answered - held))
    run.kept.commands.append(replace(command, lacks=lacks))


def killed_after(step: Step) -> float | None:
    """Of three commands one is killed, within a second: after how many."""
    return (step.number % 100) / 100 if step.number % 3 == 0 else None


def _held(command: Command, how: str, copy: Path) -> set[str] | None:
    """The records of which a command says that it wrote them; None where it writes none that can be read."""
    if how == EXPORT:
        return {row["external_id"] for row in csv.DictReader(io.StringIO(command.out))}
    if how == BACKUP and copy.read_bytes().startswith(b"SQLite"):
        with closing(sqlite3.connect(copy)) as copied:
            return {str(each[0]) for each in copied.execute("SELECT external_id FROM lead_alias")}
    return None
