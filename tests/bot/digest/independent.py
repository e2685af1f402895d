"""The figures of a report worked out a second time, in plain Python over the rows, from their definitions.

Nothing here knows of the code that it checks, save for the names of the figures.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.bot.digest.histories import NOW, SINCE, UNTIL, History, Row

QUARTER_BEGAN = datetime.fromisoformat("2026-10-01T04:00:00+00:00")
DAY = timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")


def epoch(moment: datetime) -> int:
    return math.floor(moment.timestamp())


def in_week(moment: datetime | None, back: int = 0) -> bool:
    """In week 47, or so many weeks before. New York's clocks change on 1 November."""
    return moment is not None and week(back)[0] <= moment < week(back)[1]


def week(back: int) -> tuple[datetime, datetime]:
    return _monday(back), _monday(back - 1)


def _monday(back: int) -> datetime:
    day = SINCE - back * 7 * DAY
    return day - timedelta(hours=1) if back >= 3 else day  # 26 October and before: summer time


def began(history: History) -> datetime | None:
    """Midnight in New York of the day of the very first handoff, merged or not: there are no data before."""
    if not history.handoffs:
        return None
    first = min(row["handed_at"] for row in history.handoffs).astimezone(NEW_YORK)
    return datetime(first.year, first.month, first.day, tzinfo=NEW_YORK).astimezone(UTC)


def comparable(history: History) -> int:
    """How many of the four weeks before lie wholly in the time of which there are data."""
    since = began(history)
    return sum(since is not None and week(back)[0] >= since for back in range(1, 5))


def weeks_with_data(history: History) -> int:
    since = began(history)
    return sum(since is not None and week(back)[1] > since for back in range(20))


def counted(history: History) -> list[Row]:
    return [row for row in history.handoffs if row["state"] != "merged"]


def handed(history: History, back: int = 0) -> list[Row]:
    return [row for row in counted(history) if in_week(row["handed_at"], back)]


def within_90_days(row: Row, *names: str, by: datetime) -> bool:
    return any(
        row[name] is not None and row[name] < by and epoch(row[name]) - epoch(row["handed_at"]) <= 90 * 86_400
        for name in names
    )


def funnel(history: History, back: int = 0) -> dict[str, int]:
    """A past week is seen at the age that this week has now."""
    rows, by = handed(history, back), week(back)[1] + (NOW - UNTIL)
    return {
        "handed_off": len(rows),
        "accepted": sum(before(row["accepted_at"], by) for row in rows),
        "sql": sum(within_90_days(row, "sql_at", "opportunity_at", "won_at", by=by) for row in rows),
        "opportunity": sum(within_90_days(row, "opportunity_at", "won_at", by=by) for row in rows),
        "won": sum(within_90_days(row, "won_at", by=by) for row in rows),
    }


def before(moment: datetime | None, by: datetime) -> bool:
    return moment is not None and moment < by


def rejections(history: History, back: int = 0) -> Counter[str]:
    by = week(back)[1] + (NOW - UNTIL)
    return Counter(row["reason"] or "" for row in handed(history, back) if before(row["rejected_at"], by))


def complete(history: History, back: int = 0) -> int:
    by_id = {lead["id"]: lead for lead in history.leads}
    needed = ("first_name", "company", "title", "email")
    return sum(all(by_id[row["lead_id"]][name] for name in needed) for row in handed(history, back))


def judged(clock: Row) -> str:
    """What became of a commitment: met, missed, excused, or nothing yet."""
    ended = clock["met_at"] or clock["stopped_at"]
    late = clock["breached_at"] is not None or (
        ended > clock["due_at"] if ended is not None else clock["due_at"] <= NOW
    )
    if late:
        return "excused" if clock["cause"] == "outage" else "missed"
    return "met" if clock["met_at"] is not None else "open"


def clocks_of(history: History, back: int = 0) -> list[Row]:
    """Accept and first touch of that week's handoffs; outcome and answer that fell due in that week."""
    rows = {row["id"]: row for row in counted(history)}
    return [
        clock
        for clock in history.clocks
        if clock["handoff_id"] in rows
        and in_week(
            rows[clock["handoff_id"]]["handed_at"]
            if clock["kind"] in ("accept", "first_touch")
            else clock["due_at"],
            back,
        )
    ]


def kept(clocks: Iterable[Row], *kinds: str) -> tuple[int, int]:
    found = Counter(judged(clock) for clock in clocks if clock["kind"] in kinds)
    return found["met"], found["missed"]


def causes(history: History) -> Counter[tuple[str, str, bool]]:
    found: Counter[tuple[str, str, bool]] = Counter()
    for clock in clocks_of(history):
        verdict = judged(clock)
        if verdict in ("missed", "excused"):
            found[clock["cause"] or "unknown", clock["kind"], verdict == "excused"] += 1
    return found


def spread(values: list[int]) -> tuple[int, int, int] | None:
    """n, median and 90th percentile by the nearest rank."""
    if not values:
        return None
    ordered = sorted(values)
    return (
        len(ordered),
        ordered[math.ceil(len(ordered) / 2) - 1],
        ordered[math.ceil(len(ordered) * 9 / 10 - 1e-9) - 1],
    )


def business(history: History, kind: str) -> list[tuple[int, Row, Row]]:
    """Seconds that the clocks of this week's handoffs counted until the lead was accepted or touched."""
    came_so_far = {"accept": "accepted_at", "first_touch": "touched_at"}[kind]
    rows = {row["id"]: row for row in handed(history) if row[came_so_far] is not None}
    return [
        (clock["worked"], clock, rows[clock["handoff_id"]])
        for clock in history.clocks
        if clock["handoff_id"] in rows
        and clock["kind"] == kind
        and clock["met_at"] is not None
        and clock["worked"] is not None
    ]


def wall(history: History, begin: str, end: str) -> list[int]:
    return [epoch(row[end]) - epoch(row[begin]) for row in handed(history) if row[begin] and row[end]]


def deal_day(row: Row, milestone: str) -> datetime | None:
    day: datetime | None = row["deal_at"] or row[milestone]
    return day


def pipeline(history: History, since: datetime = SINCE, until: datetime = UNTIL) -> list[Row]:
    return [
        row
        for row in counted(history)
        if (row["opportunity_at"] or row["won_at"])
        and since <= (row["deal_at"] or row["opportunity_at"] or row["won_at"]) < until
    ]


def revenue(history: History, since: datetime = SINCE, until: datetime = UNTIL) -> list[Row]:
    return [
        row
        for row in counted(history)
        if row["won_at"] and since <= (row["deal_at"] or row["won_at"]) < until
    ]


def could_have_closed(history: History, rows: list[Row]) -> bool:
    """A deal of the campaign closed this quarter, or its first lead is as old as deals won usually are."""
    deals = [*pipeline(history, QUARTER_BEGAN), *revenue(history, QUARTER_BEGAN)]
    if any(row in rows and (row["won_at"] or row["lost_at"]) for row in deals):
        return True
    quarter = [row["handed_at"] for row in rows if QUARTER_BEGAN <= row["handed_at"] < UNTIL]
    cycle = spread(
        [epoch(row["won_at"]) - epoch(row["handed_at"]) for row in revenue(history, QUARTER_BEGAN)]
    )
    if not quarter or cycle is None:
        return False
    first: datetime = min(quarter)
    return UNTIL - first >= timedelta(seconds=cycle[1])


def by_currency(rows: Iterable[Row]) -> dict[str | None, tuple[int, int, int]]:
    """Deals, sum and deals without an amount."""
    found: dict[str | None, tuple[int, int, int]] = {}
    for row in rows:
        deals, amount, without = found.get(row["currency"], (0, 0, 0))
        missing = row["amount_minor"] is None
        found[row["currency"]] = (deals + 1, amount + (row["amount_minor"] or 0), without + missing)
    return found


def disputes(history: History) -> dict[str, int]:
    live = {row["id"] for row in counted(history)}
    rows = [row for row in history.disputes if row["handoff_id"] in live]
    answered, ruled = (
        [row for row in rows if in_week(row["at"])],
        [row for row in rows if in_week(row["ruled_at"])],
    )
    return {
        "agreed": sum(row["answer"] == "agreed" for row in answered),
        "resubmitted": sum(row["answer"] == "resubmitted" for row in answered),
        "contested": sum(row["answer"] == "contested" for row in answered),
        "upheld": sum(row["ruling"] == "upheld" for row in ruled),
        "overturned": sum(row["ruling"] == "overturned" for row in ruled),
        "unruled": sum(row["answer"] == "contested" and row["ruling"] is None for row in answered),
    }


def rulings(history: History) -> list[tuple[str | None, str, bool]]:
    """Who had rejected, why, and whether it was overturned."""
    live = {row["id"]: row for row in counted(history)}
    return [
        (
            live[row["handoff_id"]]["rejected_by"],
            live[row["handoff_id"]]["reason"] or "",
            row["ruling"] == "overturned",
        )
        for row in history.disputes
        if row["handoff_id"] in live and row["ruling"] and in_week(row["ruled_at"])
    ]


def acted_on(history: History, reminder: Row) -> bool:
    met_at = next(row["met_at"] for row in history.clocks if row["id"] == reminder["clock_id"])
    if met_at is None or not reminder["at"] <= met_at < NOW:
        return False
    return int(met_at.timestamp()) - int(reminder["at"].timestamp()) <= 24 * 3600


def reminders(history: History, back: int = 0) -> list[Row]:
    live = {row["id"] for row in counted(history)}
    return [
        row
        for row in history.nags
        if row["handoff_id"] in live and row["delivery_state"] == "sent" and in_week(row["at"], back)
    ]
