"""Processes that a test kills: given off by one that has loaded the modules, which is most of a start."""

from __future__ import annotations

import os
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext


def kills(short: int) -> int:
    """How many a test kills: so many in the suite, BATON_KILLS where that is set."""
    return int(os.environ.get("BATON_KILLS", short))


def forks() -> ForkServerContext:
    """What begins such processes."""
    context = get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.bot.crm.office", "tests.bot.events.teller", "tests.scenarios.replica"]
    )
    return context
