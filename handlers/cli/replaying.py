"""`replay` in the terminal: what would have been under another agreement, in words or as JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console

from bot.agreement import load_agreement
from bot.clock import Clock
from bot.digest.periods import BadPeriod, read_period
from bot.errors import CannotStart
from bot.replay.asking import NothingToReplay, WhatIf, span_of, what_if
from bot.replay.forecast import keep_forecast
from bot.settings import Settings, load_settings
from handlers.cli.opening import existing_database
from handlers.cli.terminal import as_json, say

_HYPHENED = re.compile(r"^(this|last)-(?=week|month|quarter|year)")
FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for; empty: from the first handoff, until now."""

    agreement: Path | None = None
    since: str = ""
    until: str = ""
    form: str = "text"


def replay_command(wanted: Wanted, settings: Settings, clock: Clock, console: Console, out: TextIO) -> int:
    """Run a past period again and say what would have been. Gives the exit status: 1 where it cannot be had.

    Raises AgreementError, DatabaseAway, BadDatabaseUrl, or CannotStart for a format that there is not.
    """
    if wanted.form not in FORMATS:
        raise CannotStart(f"{wanted.form} is not a format; write --format text or json.")
    other = load_agreement(wanted.agreement) if wanted.agreement is not None else None
    zone = (other or load_agreement(settings.agreement)).agreement.timezone
    try:
        since, until = span_of(wanted.since, wanted.until, clock.now(), zone)
        with existing_database(settings) as database:
            found = database.read_now(what_if, other, since, until)
    except (BadPeriod, NothingToReplay) as no:
        say(console, str(no), bad=True)
        return 1
    return _say(found, wanted.form, console, out)


def against_command(period: str, env_file: Path, clock: Clock, console: Console) -> int:
    """What a past period would have been under the agreement as it stands in the file, before it goes live.

    It is kept as the forecast that the digest compares with what comes; nothing else is written.

    `period` as the report takes it, `last-quarter` too. Gives the exit status, and raises, as `replay`.
    """
    settings = load_settings(env_file=env_file, with_slack=False)
    loaded = load_agreement(settings.agreement)
    try:
        span = read_period(_HYPHENED.sub(r"\1 ", period), clock.now(), loaded.agreement.timezone)
        with existing_database(settings) as database:
            found = database.read_now(what_if, loaded, span.since, min(span.until, clock.now()))
            kept = database.write_now(keep_forecast, found, loaded.hash, clock.now())
    except (BadPeriod, NothingToReplay) as no:
        say(console, str(no), bad=True)
        return 1
    _say(found, "text", console, None)
    if kept:
        version = loaded.agreement.version
        say(console, f"Saved as the forecast for {version}. The report in four weeks shows what came of it.")
    return 0


def _say(found: WhatIf, form: str, console: Console, out: TextIO | None) -> int:
    if form == "json" and out is not None:
        out.write(as_json(found.to_json(), indent=2) + "\n")
        return 0
    for line in found.words():
        say(console, line)
    return 0
