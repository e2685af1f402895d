"""The first words of a report: what both sides did, in sentences that a manager can repeat."""

from __future__ import annotations

from collections.abc import Mapping

from bot.digest import words
from bot.digest.report import About, Line
from bot.metrics import Rate


def opening(about: About, counts: Mapping[str, int], lines: Mapping[str, Line]) -> str:
    """What was handed off and accepted, what is still open, and how sales met its SLAs."""
    if not about.has_data:
        return f"{words.period_words(about)}: {_no_data(about)}"
    committed = lines["volume"].goal
    return " ".join(
        (
            f"{words.period_words(about)}: {_both_sides(counts)}",
            *([f"Marketing committed to {committed:,.0f}."] if committed is not None else []),
            *([_decided(counts)] if counts["handed_off"] else []),
            _slas(lines["sla_met"]),
        )
    )


def _no_data(about: About) -> str:
    if about.first_day is None:
        return "no data yet. No lead was handed off so far."
    return f"no data. The first lead was handed off on {words.day(about.first_day)}."


def _both_sides(counts: Mapping[str, int]) -> str:
    if counts["handed_off"] == 0:
        return "marketing handed off no leads."
    handed = words.plural(counts["handed_off"], "MQL")
    return f"marketing handed off {handed}, sales accepted {counts['accepted']:,}."


def _decided(counts: Mapping[str, int]) -> str:
    open_, decided, handed = (counts[name] for name in ("undecided", "decided", "handed_off"))
    return f"{open_:,} still open; {decided:,} of {handed:,} decided." if open_ else "All are decided."


def _slas(line: Line) -> str:
    """How sales met its SLAs, and the goal."""
    rate = line.now
    if not isinstance(rate, Rate) or rate.n == 0:
        return "No SLA of sales has fallen due."
    if rate.share is None:
        return f"Sales met {rate.part:,} of {words.plural(rate.n, 'SLA')}."
    aim = f", goal {words.share(line.goal)}" if line.goal is not None else ""
    return f"Sales met {words.share(rate.share)} of SLAs (n = {rate.n:,}{aim})."
