"""A file that can be read only once, such as a pipe, is read once, to where it can be read again.

The encoding, the header, the order of dates and the ids that name nobody are settled by the whole file before
its first row is taken. What passes through goes to disk, not to memory.
"""

from __future__ import annotations

import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bot.leadform.csv_records import CsvUnreadable

STDIN = Path("-")
"""How a command line names the standard input."""
_AT_ONCE = 1 << 20  # bytes
_OF_THE_SYSTEM = ("/dev/", "/proc/")


@contextmanager
def at_rest(path: Path) -> Iterator[Path]:
    """Where the bytes of a file can be read again and again: itself, or a copy for as long as this lasts.

    Raises CsvUnreadable where the copy cannot be written.
    """
    if path != STDIN and not _flows(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="baton-") as folder:  # for this user alone
        copy = Path(folder) / "leads.csv"
        try:
            with copy.open("wb") as whole, _opened(path) as flow:
                shutil.copyfileobj(flow, whole, _AT_ONCE)
        except OSError as problem:
            raise CsvUnreadable(
                f"{name_of(path)} cannot be read to the end ({problem}); save it to a file and import that."
            ) from None
        yield copy


def name_of(path: Path) -> Path:
    """How a file is called in what is said of it, and beside which its refused rows are written."""
    return Path("stdin.csv") if path == STDIN or str(path).startswith(_OF_THE_SYSTEM) else path


def _flows(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path == STDIN:
        yield sys.stdin.buffer
        return
    with path.open("rb") as flow:
        yield flow
