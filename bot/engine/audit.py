"""The audit: whether anything that should have happened did not, mended where it can be, else reported.

It looks at what the ticker and the sender leave behind, so it finds their faults whatever these are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from bot.context import Context
from bot.views.text import plural
from storage import clocks
from storage.outbox import audits, heads, receipts

OVERDUE = timedelta(seconds=60)
LAPSED = timedelta(seconds=30)
DOUBT = timedelta(minutes=5)
VISIBLE_AFTER = timedelta(seconds=10)
KEEP_REWRITES = timedelta(days=30)
WINDOW = 2_000
"""Deliveries that one audit goes through in search of what nobody needs: few, so that nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is not as it should be: clocks not looked at, lanes that stand still, old claims and doubts."""

    overdue: int = 0
    stuck: tuple[str, ...] = field(default=())
    lapsed: int = 0
    doubts: int = 0

    @property
    def well(self) -> bool:
        """Whether nothing was found."""
        return self == Findings()

    def __str__(self) -> str:
        """A sentence or several, for the log and for whoever runs Baton."""
        return " ".join(_sentences(self)) or "The auditor found everything in order."


def _sentences(found: Findings) -> Iterator[str]:
    if found.overdue:
        yield f"{plural(found.overdue, 'clock')} should have been checked by now; see the log."
    if found.stuck:
        yield f"Nothing moves in {', '.join(found.stuck)}, although Slack does not refuse it; see the log."
    if found.lapsed:
        yield f"{plural(found.lapsed, 'delivery', 'deliveries')} never finished; their claims ran out."
    if found.doubts:
        yield f"Baton cannot tell for {DOUBT} whether {plural(found.doubts, 'post')} reached Slack."


def audit(tx: Connection, ctx: Context, speed: float) -> Findings:
    """Look for what did not happen, and mend it: lanes, lapsed claims and doubts are seen to at once.

    `speed` is how fast the clock runs: what takes a second then takes so many of its seconds.
    """
    pace = max(1.0, speed)
    found = Findings(
        overdue=clocks.overdue(tx, ctx.now - OVERDUE * pace),
        stuck=tuple(audits.stuck_lanes(tx, ctx.wire - OVERDUE * pace)),
        lapsed=audits.lapsed_claims(tx, ctx.wire - LAPSED * pace),
        doubts=audits.old_doubts(tx, ctx.wire - DOUBT * pace),
    )
    heads.changed(tx, found.stuck)
    if found.lapsed:
        receipts.expire_leases(tx, now=ctx.wire, visible_after=VISIBLE_AFTER)
    if found.doubts:
        audits.look_now(tx, ctx.wire - DOUBT * pace, ctx.wire)
    return found


def forget_old_rewrites(tx: Connection, ctx: Context, after: int) -> int:
    """Delete rewrites that are long done, a stretch at a time; gives from where to go on the next time."""
    before = ctx.wire - KEEP_REWRITES
    return audits.forget_rewrites(tx, after=after, window=WINDOW, before=before)
