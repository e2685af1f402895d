"""A burst at a Slack that takes one message a second: nothing is lost, and people see how long it takes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.benchmarks.backpressure import QUEUE, burst

COLD, HOT = 40, 1


@pytest.mark.slow
@pytest.mark.skipif("BATON_CHAOS" not in os.environ, reason="takes 45 s: with BATON_CHAOS")
async def test_a_burst_is_bundled_and_overtaken_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    seen = await burst(COLD, HOT, tmp_path, quickly=20)
    assert (seen.lost, seen.doubled) == (0, 0)
    assert seen.posts <= COLD / 10 + 20  # lists, and a few cards of before there was a queue
    assert seen.drain_metric > 10
    assert QUEUE.search(seen.drain_home) or seen.drain_metric <= 60
