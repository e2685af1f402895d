"""A replay in a process of its own: `python -m bot.replay.beside`, a question in, lines for people out.

It gives way to everything else, and has so much memory and processor time and no more.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from datetime import datetime
from typing import Any

from bot.agreement import AgreementError, loaded
from bot.replay.asking import NothingToReplay, what_if
from bot.replay.words import brief
from storage.database import BadDatabaseUrl, Database, DatabaseAway

MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 600
"""Of processor time."""


def question(url: str, text: str, since: datetime, until: datetime) -> bytes:
    """What the process is asked, as it reads it: the database, an agreement's text, and the period."""
    asked = {"url": url, "text": text, "since": since.isoformat(), "until": until.isoformat()}
    return json.dumps(asked).encode()


def answer(asked: dict[str, Any]) -> list[str]:
    """The lines that people read.

    Raises NothingToReplay, AgreementError for a faulty text, DatabaseAway or BadDatabaseUrl.
    """
    since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    database = Database.open(asked["url"])
    try:
        found = database.read_now(what_if, loaded(asked["text"]), since, until)
    finally:
        database.close()
    return list(brief(found.summary, found.timezone))


def _gives_way() -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


def main() -> int:
    """Answer what stands on the standard input. Gives the exit status."""
    _gives_way()
    try:
        said = answer(json.loads(sys.stdin.buffer.read()))
    except NothingToReplay as no:
        said = [str(no)]
    except (AgreementError, BadDatabaseUrl, DatabaseAway, MemoryError) as error:
        sys.stderr.write(f"{type(error).__name__}\n")
        return 1
    sys.stdout.write(json.dumps(said, ensure_ascii=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
