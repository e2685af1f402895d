"""`demo --script`: the story is played once, without a page, and told in the terminal."""

from __future__ import annotations

import logging
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.agreement import default_agreement
from bot.clock import Clock
from bot.sandbox.demo.pacing import STANDSTILL, Pacer
from bot.sandbox.demo.play import Play
from bot.sandbox.demo.stage import Running, quiet_logs, staged
from bot.sandbox.demo.story import tell_story
from bot.sandbox.demo.telling import Teller
from bot.sandbox.scenario.sentences import Scenario
from bot.sandbox.slack import sample

START = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in New York: always the same, so that the story of a seed is too."""
WHAT = "A real bot against a sandbox as strict as Slack. Seed {}; times are in New York."
FILE = Path(sample.__file__).with_name("sample_leads.csv")


async def run_script(running: Running, seed: int, console: Console) -> int:
    """Play the story and tell it. Gives the exit status: 1 if the sandbox refused anything of the bot's."""
    quiet_logs(logging.ERROR)  # what Slack lets wait is no news here: messages go as fast as they can
    agreement = default_agreement()
    slack = Scenario(clock=Clock(start=START, speed=0, idle_speed=STANDSTILL))
    teller = Teller(console, slack.workspace, ZoneInfo(agreement.agreement.timezone))
    teller.watch()
    teller.title("Baton: a week in a small company", WHAT.format(seed))
    trouble = ""
    with tempfile.TemporaryDirectory(prefix="baton-demo-", ignore_cleanup_errors=True) as folder:
        file = Path(shutil.copy(FILE, folder))
        await slack.start()
        try:
            async with staged(running, slack, agreement, Path(folder)) as stage:
                pacer = Pacer(slack.clock, stage.bot.desk.database)
                await tell_story(Play(stage, slack, teller, pacer, Random(seed)), file)
        except (AssertionError, TimeoutError) as error:  # somebody could not do what the story asks for
            trouble = str(error) or "a message did not arrive in time"
        finally:
            await slack.stop()
    return 0 if teller.verdict(trouble) else 1
