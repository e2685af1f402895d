"""`reload` in the terminal: the agreement is checked here, and a running Baton is asked to read it again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from bot.agreement import load_agreement
from bot.clock import Clock
from bot.engine.reloading import ASKED, DONE
from bot.settings import Settings
from storage import agreements, heartbeats
from storage.database import Database

WAIT = timedelta(seconds=10)
LOOK_SECONDS = 0.2


def reload_command(
    settings: Settings, clock: Clock, say: Callable[[str], None], wait: timedelta = WAIT
) -> int:
    """Ask for it, and wait for an answer. Gives the exit status. Raises AgreementError, DatabaseAway."""
    loaded = load_agreement(settings.agreement)
    database = Database.open(settings.database_url.get_secret_value())
    try:
        now = clock.now()
        database.write_now(heartbeats.beat, ASKED, now)
        end = time.monotonic() + wait.total_seconds()
        while time.monotonic() < end:
            done = database.read_now(heartbeats.last, DONE)
            if done is not None and done >= now:
                kept = database.read_now(agreements.with_text, loaded.hash)
                version = kept.version if kept is not None else loaded.agreement.version
                say(f"Version {version} of the agreement is in force. Running clocks keep their due times.")
                return 0
            time.sleep(LOOK_SECONDS)
    finally:
        database.close()
    say("No running Baton answered. If it is stopped, the next start reads the file. If not, see its log.")
    return 1
