"""When somebody is away, and from when on a long absence ahead keeps new leads from them.

Pure: absences are spans as `bot.rules.spans` reads them, kept and told by others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.agreement import Duration
from bot.rules.spans import Span
from bot.rules.worktime import WorkCalendar

LONG = timedelta(days=5)
"""An absence over this is one to wind down for."""


def absence_at(absences: Sequence[Span], at: datetime) -> Span | None:
    """The absence that covers this moment, None for one who is there.

    Those that overlap or follow each other without a break are one, with the first begin and the last end.
    """
    return next((each for each in joined(absences) if _covers(each, at)), None)


def next_absence(absences: Sequence[Span], at: datetime) -> Span | None:
    """The first absence that begins after this moment."""
    return next((each for each in joined(absences) if each.begins > at), None)


def joined(absences: Sequence[Span]) -> Sequence[Span]:
    """The absences in order, those that overlap or touch as one; what ends before it begins left out."""
    found: list[Span] = []
    ordered = absences if len(absences) < 2 else sorted(absences, key=lambda span: span.begins)
    for each in ordered:
        if each.ends is not None and each.ends <= each.begins:
            continue
        last = found[-1] if found else None
        if last is not None and (last.ends is None or each.begins <= last.ends):
            found[-1] = Span(last.begins, _later(last.ends, each.ends))
        else:
            found.append(each)
    return found


def winds_down(
    absences: Sequence[Span], at: datetime, wind_down: Duration | None, hours: WorkCalendar
) -> Span | None:
    """The absence of over five days for which somebody takes no new leads at this moment, though there.

    `wind_down` is working time of theirs, `hours`, before it begins; None: nobody winds down.
    """
    ahead = next_absence(absences, at) if wind_down is not None else None
    if wind_down is None or ahead is None or (ahead.ends is not None and ahead.ends - ahead.begins <= LONG):
        return None
    return ahead if hours.between(at, ahead.begins) <= wind_down.working(hours.day) else None


def _covers(span: Span, at: datetime) -> bool:
    return span.begins <= at and (span.ends is None or at < span.ends)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
