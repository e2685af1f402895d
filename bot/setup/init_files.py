"""What `init` writes: an agreement with comments and a `.env` to fill in. Nothing is ever overwritten."""

from __future__ import annotations

import os
from pathlib import Path

from bot.agreement import default_agreement
from bot.errors import CannotStart
from bot.settings import PROGRAM

ENV_EXAMPLE = Path(__file__).with_name("env.example")
"""The same as .env.example at the top, which an installed package does not have; a test holds them equal."""


def begin(agreement: Path, env_file: Path, text: str | None = None) -> list[str]:
    """Write what is missing. Gives a sentence for each file, and what to do next. Raises CannotStart.

    `text` is the agreement to write; without one the whole built-in agreement, comments and all.
    """
    said = [
        _write(agreement, _as_called_here(text or default_agreement().text), "the agreement"),
        _write(env_file, ENV_EXAMPLE.read_text(encoding="utf-8"), "the settings", mode=0o600),
    ]
    return [
        *said,
        f"Next: put your people, channels and rules into {agreement}, and your tokens into {env_file}.",
        f"Then `{PROGRAM} check` says what is still missing, and `{PROGRAM}` starts Baton.",
    ]


def _as_called_here(text: str) -> str:
    return text.replace("python app.py", PROGRAM)


def _write(path: Path, content: str, what: str, mode: int = 0o644) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return f"{path} already exists and stays as it is."
    except OSError as error:
        raise CannotStart(
            f"{path} cannot be written ({error.strerror}); let this user write there."
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return f"Wrote {what} to {path}."
