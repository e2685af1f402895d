"""What became of a file of leads, in sentences: the same in the terminal and in Slack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.handoffs.importing import ImportReport
from bot.handoffs.staying import BELOW, counted
from bot.views.text import plural

REASONS_SHOWN = 8
ROWS_SHOWN = 5


def first_sentence(report: ImportReport) -> str:
    """The counts in one sentence."""
    counts = [
        f"{plural(report.created, 'new lead')}",
        f"{report.updated:,} already known",
        f"{report.handed_off:,} handed off to sales",
        f"{report.bad:,} not imported",
    ]
    return f"{plural(report.total, 'row')}: {', '.join(counts)}."


def sentences(report: ImportReport) -> Iterator[str]:
    """How the file was understood, whose ids it bears, and why leads did not go to sales."""
    yield from report.file.sentences() if report.file else ()
    yield f"IDs are those of {report.system}."
    yield from _of_the_past(report)
    yield from _remarks(report)
    yield from _staying(report)


def in_slack(report: ImportReport) -> list[str]:
    """The summary for a message: the counts first, then the sentences, then the first rows not imported."""
    rows = [f"Line {row.line}: {row.why}" for row in report.bad_rows[:ROWS_SHOWN]]
    if report.bad > len(rows):
        rows.append(f"… and {report.bad - len(rows):,} more; the file below has them all, with reasons.")
    return [first_sentence(report), *rows, *sentences(report)]


def _of_the_past(report: ImportReport) -> Iterator[str]:
    """What became of the rows of a history, and what nobody here knows of it."""
    past = report.past
    if past is None:
        return
    became = ", ".join(f"{count:,} {fate.value}" for fate, count in past.fates.most_common())
    yield f"History: {became}. Nothing was posted."
    if past.clocks:
        yield f"{plural(past.clocks, 'SLA clock')} not yet due now {'runs' if past.clocks == 1 else 'run'}."
    if past.owners:
        yield f"Owners not in the agreement: {_counted(past.owners)}. They are kept as text."
    if past.reasons:
        yield f"Reasons not in the agreement: {_counted(past.reasons)}. They are kept as notes."


def _counted(names: Counter[str]) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in names.most_common(REASONS_SHOWN))
    rest = len(names) - REASONS_SHOWN
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def _remarks(report: ImportReport) -> Iterator[str]:
    """What was read otherwise than the sender may expect, the most frequent first."""
    counts = report.remarks.counts
    shown = counts.most_common(REASONS_SHOWN)
    for remark, count in shown:
        yield f"Note on {_rows(count)}: {remark.rstrip('.')}{'' if remark.endswith('?') else '.'}"
    if rest := counts.total() + report.remarks.others - sum(count for _, count in shown):
        yield f"… and {plural(rest, 'other note')}."


def _rows(count: int) -> str:
    return "one row" if count == 1 else f"each of {count:,} rows"


def _staying(report: ImportReport) -> Iterator[str]:
    """Why leads did not go to sales, the most frequent reason first, and what those below the line lack."""
    reasons = report.staying.reasons
    if not reasons:
        return
    yield f"Not handed off, {reasons.total():,}:"
    shown = reasons.most_common(REASONS_SHOWN)
    for reason, count in shown:
        lacking = f": {_each(report.staying.lacking)}" if reason == BELOW else ""
        yield f"  {counted(reason, count)}{lacking}"
    if rest := reasons.total() - sum(count for _, count in shown):
        yield f"  {rest:,} for other reasons"


def _each(lacking: Counter[str]) -> str:
    shown = lacking.most_common(REASONS_SHOWN)
    rest = lacking.total() - sum(count for _, count in shown)
    others = [f"{rest:,} something else"] if rest else []
    return ", ".join([*(f"{count:,} {what}" for what, count in shown), *others])
