"""`check` in the terminal: each finding as it comes, and the exit status."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.settings import PROGRAM
from bot.setup.checkup import checkup
from bot.setup.findings import Finding
from bot.views.text import plural


async def run_check(
    env_file: Path,
    console: Console,
    now: datetime,
    *,
    leads: bool = False,
    manifest: Path | None = None,
) -> int:
    """Look at everything and say what to do about each fault. Gives the exit status: 1 if there is any.

    `leads`: the stored leads are held against the rules of the agreement too. `manifest` is the app's own,
    where it is known.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # else Python would say again what is logged
    found = checkup(env_file, now.date(), leads_at=now if leads else None, manifest=manifest)
    return await told(found, console, f"No problems found. Start with: {PROGRAM}")


async def told(findings: AsyncIterator[Finding], console: Console, well: str) -> int:
    """Print each finding as it comes. Gives the exit status: 1 if there is any fault, else says `well`."""
    faults = 0
    async for finding in findings:
        console.print(_line(finding), soft_wrap=True)
        faults += not finding.ok
    if faults == 0:
        console.print(Text(well, "green"))
        return 0
    console.print(Text(f"{plural(faults, 'problem')} found.", "bold red"))
    return 1


def _line(finding: Finding) -> Text:
    sign = ("!", "yellow") if finding.warns else ("✓", "green") if finding.ok else ("✗", "bold red")
    return Text.assemble(sign, " ", (finding.what, "bold"), " ", finding.says)
