"""`python -m tests.chaos sqlite 1 600 [SEED]`: one long run, and a line for each invariant.

Status 1 if one does not hold.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.invariants import report
from tests.chaos.plan import Shape
from tests.chaos.running import findings

SPEED = 2.0


def main(database: str, replicas: str, seconds: str, seed: str = "") -> int:
    """Play it, and say what was found."""
    chosen = int(seed) if seed else random.randrange(1_000_000)
    shape = Shape(database, int(replicas), float(seconds), SPEED)
    print(f"seed {chosen}, {shape}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="baton-chaos-"))
    found = asyncio.run(findings(chosen, shape, folder))
    print(report(found))
    return int(any(finding.faults for finding in found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
