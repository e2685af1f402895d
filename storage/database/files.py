"""Files that hold people's data: readable by the user who runs Baton, and by nobody else."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

OURS_ALONE = 0o600
LEAST_FREE = 1 << 20
"""Bytes that must be free where the database is: less, and the next leads find no room."""


def make_alone(path: Path) -> None:
    """Make an empty file that is this user's alone, unless there is one. What stands in the way is left to
    whoever opens the file in earnest."""
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OURS_ALONE))


def is_full(path: Path) -> bool:
    """Whether the disk that holds a file, or would, has no room; False where nobody can tell."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < LEAST_FREE


def is_open_to_others(path: Path) -> bool:
    """Whether other users of the machine can read a file; False where there is none."""
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False
