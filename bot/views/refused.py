"""What was refused at the doors, as admins read it: how much of what, the latest, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.settings import PROGRAM
from bot.views.blocks import Block, context, section
from bot.views.message import Rendered, rendered
from bot.views.people import joined
from bot.views.text import plural, short
from storage.models import RefusedCause

LATEST_SHOWN = 3
_GROUPS_SHOWN = 8
_QUOTED = re.compile(r'".*"')
REFUSED_WORDS: Mapping[RefusedCause, tuple[str, str]] = {
    RefusedCause.IDENTITY: ("identity conflict", "identity conflicts"),
    RefusedCause.NOBODY: ("record without an e-mail or ID", "records without an e-mail or ID"),
    RefusedCause.FIELDS: ("record with an unreadable field", "records with unreadable fields"),
    RefusedCause.SHAPE: ("unreadable request", "unreadable requests"),
    RefusedCause.TEST: ("test lead", "test leads"),
    RefusedCause.FORGOTTEN: ("record about a removed person", "records about removed people"),
}
"""One of them, and several."""
_REMEDY = (
    f"They are kept for 30 days. In the terminal, `{PROGRAM} refused list` says why. "
    f"Fix the cause, then write `{PROGRAM} refused retry --all`."
)


@dataclass(frozen=True, slots=True)
class RefusedCount:
    """How many of one cause one door refused."""

    door: str
    cause: RefusedCause
    count: int


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One that was refused: its number, its door, and why, as a cause and in words."""

    number: int
    door: str
    cause: RefusedCause
    why: str


@dataclass(frozen=True, slots=True)
class RefusedFacts:
    """What was refused in a stretch of time, with the latest of it, newest first."""

    counts: Sequence[RefusedCount] = ()
    latest: Sequence[RefusedLine] = ()

    @property
    def total(self) -> int:
        """How many were refused."""
        return sum(each.count for each in self.counts)


NOTHING_REFUSED = RefusedFacts()


def refused_notice(facts: RefusedFacts) -> Rendered:
    """What the admins hear, gathered: how many were refused where and why, and how to take them after all.

    It names nobody, since it stays in Slack when they are removed from Baton.
    """
    first = f"{_were_refused(facts.total)}."
    groups = sorted(facts.counts, key=lambda each: -each.count)
    lines = [f"• {_group(each)}" for each in groups[:_GROUPS_SHOWN]]
    rest = sum(each.count for each in groups[_GROUPS_SHOWN:])
    more = [f"… and {rest:,} more"] if rest else []
    body = joined((f"📥 *{first}*", *lines, *more), "\n")
    return rendered(f"📥 {first}", [section(body), *_latest(facts, _without_names), context(_REMEDY)])


def refused_board(facts: RefusedFacts) -> list[Block]:
    """The same on an admin's Home, for the last seven days; nothing where nothing was refused."""
    if not facts.total:
        return []
    first = f"{_were_refused(facts.total)} in the last 7 days."
    return [section(f"📥 *{first}*"), *_latest(facts, lambda each: each.why), context(_REMEDY)]


def _were_refused(total: int) -> str:
    return f"{plural(total, 'record')} {'was' if total == 1 else 'were'} refused"


def _group(each: RefusedCount) -> str:
    return f"{_door(each.door)}: {plural(each.count, *REFUSED_WORDS[each.cause])}"


def _without_names(each: RefusedLine) -> str:
    """Why one was refused, without what it said of somebody."""
    if each.cause in (RefusedCause.FIELDS, RefusedCause.SHAPE):
        return _QUOTED.sub('"…"', each.why)
    return REFUSED_WORDS[each.cause][0]


def _latest(facts: RefusedFacts, why: Callable[[RefusedLine], str]) -> list[Block]:
    lines = [f"> #{each.number} {_door(each.door)}: {short(why(each), 200)}" for each in facts.latest]
    return [section(joined(("*The latest*", *lines[:LATEST_SHOWN]), "\n"))] if lines else []


def _door(door: str) -> str:
    return f"*{short(door, 60)}*"
