"""Whether Baton is alive and able to work: `/livez` and `/readyz`.

What each part says of itself is a probe that app.py passes in; those that need only the database are here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.clock import Clock
from bot.views.hearing import heard_words
from bot.views.text import plural
from storage import agreements, heartbeats, installation, workspace
from storage.database import Database, DatabaseAway
from storage.outbox import lanes, posts
from storage.outbox.lanes import WORKSPACE

LONGEST_CHECK = 2.0
"""Seconds after which a probe that has not answered counts as failed."""

ADVISORY = frozenset({"parked", "agreement", "heard", "clock"})
"""Parts that are shown and do not count: for one archived channel nobody should be cut off from all else.

Nor is a Baton unwell that nobody has used yet.
"""

PROBE = "readyz"
"""The heartbeat that a look at the database leaves, so that it was written to."""
FRESH = 1.0
LOCKED_SHOWN = 15.0
"""Seconds for which it is said that another program's lock kept a change from being made."""

Probe: TypeAlias = Callable[[], Awaitable[tuple[bool, str]]]
"""Asks one part whether it is well; answers with that and a sentence for the person who runs Baton."""

_log = logging.getLogger("baton.health")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe found: whether the part is well, and a sentence that says so."""

    ok: bool
    says: str


async def examine(probes: Mapping[str, Probe]) -> dict[str, Finding]:
    """Ask every part at once. One that fails or does not answer in `LONGEST_CHECK` seconds is not well."""
    found = await asyncio.gather(*(_ask(name, probe) for name, probe in probes.items()))
    return dict(zip(probes, found, strict=True))


def is_ready(found: Mapping[str, Finding]) -> bool:
    """Whether all parts that count are well."""
    return all(finding.ok for name, finding in found.items() if name not in ADVISORY)


async def _ask(name: str, probe: Probe) -> Finding:
    try:
        return Finding(*await asyncio.wait_for(probe(), LONGEST_CHECK))
    except TimeoutError:
        return Finding(False, f"No answer within {LONGEST_CHECK:g} s.")
    except Exception:  # a broken check must not hide what the others found
        _log.exception("the check of %s failed", name)
        return Finding(False, "The check itself failed. The log says why.")


def database_probe(database: Database, clock: Clock) -> Probe:
    """Whether the database is the one that was opened, can be read, and keeps what is written.

    Asked often, it answers with what it found within the last second.
    """
    found: list[tuple[float, tuple[bool, str]]] = []
    known: list[str] = []

    async def ask() -> tuple[bool, str]:
        now = asyncio.get_running_loop().time()
        if not found or now - found[-1][0] > FRESH:
            found[:] = [(now, await look())]
        return found[-1][1]

    async def look() -> tuple[bool, str]:
        try:
            await asyncio.to_thread(database.require_sound)
            own = await database.read(installation.own_id)
            await database.write(heartbeats.beat, PROBE, clock.wire())
            await database.require_room()
        except DatabaseAway as away:
            return False, str(away)
        if own and not known:
            known.append(own)
        if known and own != known[0]:
            return False, "The database was replaced by another one. Restart Baton."
        locked = database.locked_within(LOCKED_SHOWN)
        return locked is None, locked or "The database answers."

    return ask


def parked_probe(database: Database) -> Probe:
    """Whether Slack takes every place and every message that Baton has for it."""

    async def ask() -> tuple[bool, str]:
        try:
            refused = await database.read(lanes.refused_and_needed)
            parked = (await database.read(posts.backlog)).get("parked", 0)
        except DatabaseAway:
            return False, "The database is away, so parked messages cannot be counted."
        said = list(dict.fromkeys(_refused(lane.name, lane.error) for lane in refused))
        if parked:
            said.append(
                f"Slack refused {plural(parked, 'message')}; Baton keeps {'it' if parked == 1 else 'them'}."
            )
        return not said, " ".join(said) or "Nothing is parked."

    return ask


def heard_probe(database: Database, *, over_http: bool) -> Probe:
    """Whether Slack was ever heard."""

    async def ask() -> tuple[bool, str]:
        try:
            heard = await database.read(workspace.heard_so_far)
            since = await database.read(agreements.first_seen)
        except DatabaseAway:
            return True, "The database is away, so nobody can say when Slack was last heard."
        return heard_words(heard, since, over_http=over_http)

    return ask


def _refused(lane: str, error: str | None) -> str:
    if lane == WORKSPACE:
        return f"Slack refuses the bot's token ({error}); put a valid one in SLACK_BOT_TOKEN."
    place = lane.partition(":")[2]
    where = "somebody's direct messages" if place.startswith(("U", "W")) else place
    return f"Slack refuses {where} ({error}). Messages wait until that is fixed."
