"""The agreement's file, replaced whole or not at all, and only while it is what was read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.agreement.changes import Change
from bot.agreement.loader import LoadedAgreement, file_text, loaded
from bot.agreement.writing import CannotWrite, next_version, rewritten
from bot.settings import PROGRAM


class FileChanged(CannotWrite):
    """Somebody changed the file meanwhile, and Baton has not read it yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} was changed by hand. "
            f"Run `{PROGRAM} reload` to read it, then make this change again."
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that is checked and not written yet: the new text, what it means, and what it replaces."""

    path: Path
    text: str
    loaded: LoadedAgreement
    was: str

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the file it was made from."""
        return _digest(self.was)


def draft(path: Path, in_force: str, changes: Sequence[Change], taken: Sequence[str] = ()) -> Draft:
    """Make the changes to the text of the file, under a version of its own.

    `in_force` is the hash of the agreement that Baton goes by (`LoadedAgreement.hash`), `taken` are the names
    that versions had. Raises FileChanged where the file says something else, CannotWrite, AgreementMissing,
    and AgreementFaults with all that would be wrong.
    """
    was = file_text(path)
    now = loaded(was)
    if now.hash != in_force:
        raise FileChanged(path)
    text = rewritten(was, changes, next_version(now.agreement.version, taken))
    return Draft(path, text, loaded(text), was)


def write(change: Draft) -> None:
    """Let the file say it. Raises FileChanged, and CannotWrite where this user may not write."""
    path = change.path.resolve()
    if _digest(file_text(path)) != change.digest:
        raise FileChanged(change.path)
    _replace(path, change.text)


def put_back(change: Draft) -> None:
    """Let the file say again what it said before, if it says what was written."""
    path = change.path.resolve()
    if _digest(file_text(path)) == _digest(change.text):
        _replace(path, change.was)


def _replace(path: Path, text: str) -> None:
    """Another file takes its name, of the same mode and owner: no reader ever sees half of one."""
    part: Path | None = None
    try:
        like = path.stat()
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(handle)
        part.chmod(like.st_mode & 0o7777)
        with suppress(PermissionError):
            os.chown(part, like.st_uid, like.st_gid)
        part.replace(path)
    except OSError as error:
        raise CannotWrite(
            f"I may not write {path.name} ({error.strerror}). Make its folder writable for Baton's user, "
            f"or change the file by hand and run `{PROGRAM} reload`."
        ) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
