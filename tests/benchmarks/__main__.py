"""All benchmarks in one run and one table: `python -m tests.benchmarks [--quick] [NAME …]`.

Each runs by itself in a process of its own; what it says meanwhile goes to standard error. Status 1 if a
promise is missed. `--quick` fills tables with a tenth and leaves out what takes minutes whatever their size.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.benchmarks.table import measured, table

BENCHMARKS = {
    "start": "how long a start takes, and what it holds",
    "click": "how fast a click is answered",
    "events": "what telling other tools costs",
    "intake": "how fast leads come in",
    "backpressure": "how fast a hot lead comes behind a burst, and what the burst holds",
    "importing": "how fast a file of leads comes in",
    "claims": "what a claim costs with much piled up",
    "ticks": "what the ladder costs",
    "digest": "what a report costs",
    "replay": "how fast a past period is replayed",
    "search": "what status and Home cost",
    "busy": "what a lead costs that did very much",
    "routing": "what choosing a rep costs",
    "worktime": "what business time costs",
}
"""Each a module beside this one, whose `rows(quick)` measures. demo.py needs a browser and stands alone."""


def main() -> int:
    """Run what is asked for, by default all; 0 if every promise is kept."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    listed = "; ".join(f"{name}: {about}" for name, about in BENCHMARKS.items())
    options.add_argument("names", nargs="*", metavar="NAME", help=listed)
    options.add_argument("--quick", action="store_true", help="a tenth of the rows")
    chosen = options.parse_args()
    if unknown := set(chosen.names) - BENCHMARKS.keys():
        options.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    before, found = os.getloadavg()[0], []
    for name in chosen.names or BENCHMARKS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            found += alone.submit(measured, name, chosen.quick).result()
    print(f"{os.cpu_count()} processors, load {before:.1f} before\n")
    print(table(found))
    return int(any(row.held is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
