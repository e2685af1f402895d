"""Everything breaks at once, and the promises hold: a few seconds of it in every run, long by `BATON_CHAOS`.

`BATON_CHAOS=600 pytest tests/chaos/test_chaos.py -s` plays so many seconds, on SQLite and on PostgreSQL with
one, two and four replicas, by another seed each time; `BATON_CHAOS_SEED` plays the plan of a seed again.
Every run plays two replicas by one seed, so that what fails is the change and not the luck of the draw.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.chaos.invariants import report
from tests.chaos.plan import Shape
from tests.chaos.running import findings

LONG = float(os.environ.get("BATON_CHAOS", "0"))
SHAPES = (
    [Shape("sqlite", 1, LONG, 2), *(Shape("postgresql", replicas, LONG, 2) for replicas in (1, 2, 4))]
    if LONG
    else [Shape("postgresql", 2, 2, 8)]
)
SEED = 7


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.database}-{shape.replicas}")
async def test_whatever_breaks_the_promises_hold(shape: Shape, tmp_path: Path, sqlite_file: Path) -> None:
    drawn = random.randrange(1, 1_000_000) if LONG else SEED
    seed = int(os.environ.get("BATON_CHAOS_SEED", drawn))
    print(f"\nseed {seed}, {shape}")
    found = await findings(seed, shape, tmp_path, sqlite_file)
    print(report(found))  # shown if it fails
    assert [str(finding) for finding in found if finding.faults] == []
