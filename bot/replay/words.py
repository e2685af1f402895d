"""The summary of a replay as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.replay.estimating import Estimate
from bot.replay.summary import POOL, Figure, Missed, Side, Summary
from bot.views.text import plural

SHOWN_LEADS = 12


def lines(found: Summary, names: Mapping[str, str], timezone: str) -> Iterator[str]:
    """What would have been, a sentence or two a line; `names` are what people are called."""
    zone = ZoneInfo(timezone)
    span = f"{found.since.astimezone(zone):%d %b %Y} to {found.until.astimezone(zone):%d %b %Y}"
    if not found.recorded.n and not found.replayed.n:
        yield f"No lead was handed off from {span}, and none would have been: there is nothing to compare."
        return
    yield f"Under {found.version}, from {span} ({plural(found.recorded.n, 'handoff')} recorded):"
    if len(found.versions) > 1:
        yield f"In force then: {', '.join(found.versions)}, one after the other."
    if found.all_same:
        yield f"Everything comes out as it was recorded: {plural(found.same, 'handoff')}."
    else:
        yield from _differences(found)
        yield from _tables(found, names)
    if found.faithful_from is not None and found.since <= found.faithful_from:
        day = f"{found.faithful_from.astimezone(zone):%d %b %Y, %H:%M}"
        yield (
            f"A replay is faithful after {day} only: before it, the history does not say what a record "
            f"changed. {plural(found.estimated.n, 'lead')} handed off until then can only be estimated, by "
            f"what was known later{_leads(found.estimated)}"
        )
    for why, figure in found.unknown:
        yield f"Unknown for {plural(figure.n, 'lead')}, so taken as recorded: {why}{_leads(figure)}"


def _differences(found: Summary) -> Iterator[str]:
    if found.more.n:
        yield f"{plural(found.more.n, 'more MQL')}{_alike(found)}{_leads(found.more)}"
    if found.fewer.n:
        yield (
            f"{plural(found.fewer.n, 'MQL')} fewer, of which sales accepted {found.fewer_accepted.n} and won "
            f"{found.fewer_won.n}{_leads(found.fewer)}"
        )
    for before, after, figure in found.moved:
        went = f"{plural(figure.n, 'lead')} would have gone to {after}"
        yield f"{went} instead of {before}{_leads(figure)}"
    yield f"{_missed(found.missed)}{_leads(found.missed.known)}"
    if found.missed.estimated.n:
        yield (
            "Nobody knows what people would have done with somebody else's lead. It is estimated from their "
            "own past times, with a 95 % interval."
        )
    yield f"Reminders and reports to managers: {found.reminders[1]:,} instead of {found.reminders[0]:,}."


def _alike(found: Summary) -> str:
    if not found.alike.n:
        return ", of which no lookalike was ever decided"
    alike = "lookalike" if found.alike.n == 1 else "lookalikes"
    return f", of which {found.alike.accepted} of {found.alike.n} {alike} were accepted"


def _missed(missed: Missed) -> str:
    said = f"{round(missed.replayed):,} SLAs missed instead of {missed.recorded.n:,}"
    if missed.estimated.n:
        said += f" ({missed.known.n:,} known; {_estimate(missed.estimated)})"
    if missed.unknown:
        said += f"; for {missed.unknown:,} more there are no past times to estimate from"
    return said


def _estimate(found: Estimate) -> str:
    span = f"{found.low:.0f} to {found.high:.0f}"
    return f"{found.mean:.1f} expected of {found.n:,}, {span}"


def _tables(found: Summary, names: Mapping[str, str]) -> Iterator[str]:
    for title, sides in (("Team", found.teams), ("Rep", found.reps)):
        for each in sides:
            yield f"{title} {names.get(each.name, each.name)}: {_side(each)}"


def _side(each: Side) -> str:
    gained = tuple(sorted(set(each.replayed.leads) - set(each.recorded.leads)))
    said = f"{plural(each.replayed.n, 'lead')} instead of {each.recorded.n}"
    if each.name == POOL:
        return said
    new = f"; new: {_numbers(gained)}" if gained else ""
    return f"{said}, {_missed(each.missed)}{new}"


def _leads(figure: Figure) -> str:
    return f": {_numbers(figure.leads)}." if figure.n else "."


def _numbers(leads: tuple[int, ...]) -> str:
    shown = ", ".join(f"#{lead}" for lead in leads[:SHOWN_LEADS])
    return shown if len(leads) <= SHOWN_LEADS else f"{shown} and {len(leads) - SHOWN_LEADS:,} more"


# ---- in a few lines, for a card

FEWEST, SHORTEST = 10, timedelta(days=7)
"""Of fewer handoffs, or of a shorter time, a rate would say nothing."""
MONTH = timedelta(days=30)


def brief(found: Summary, timezone: str) -> Iterator[str]:
    """What would have been, in a few lines, with `n` and from when on a replay is faithful."""
    lasts = found.until - found.since
    days, handoffs = plural(lasts.days, "day"), plural(found.recorded.n, "handoff")
    if found.recorded.n < FEWEST or lasts < SHORTEST:
        yield (
            f"Too little history for a replay: {handoffs} in {days}. "
            f"It needs {FEWEST} in {SHORTEST.days} days."
        )
        return
    said = [*_in_brief(found, lasts)] or ["nothing would have changed"]
    yield f"Replayed on the last {days} (n = {found.recorded.n:,}): {', '.join(said)}."
    if found.missed.estimated.n:
        yield f"{found.missed.estimated.n:,} of the SLAs are estimated from past times."
    if found.faithful_from is not None and found.since <= found.faithful_from:
        day = f"{found.faithful_from.astimezone(ZoneInfo(timezone)):%d %b %Y}"
        late = plural(found.estimated.n, "lead")
        yield f"Faithful after {day} only. Before it, {late} can only be estimated."


def _in_brief(found: Summary, lasts: timedelta) -> Iterator[str]:
    for figure, word in ((found.more, "more"), (found.fewer, "fewer")):
        if figure.n:
            monthly = figure.n * (MONTH / lasts)
            yield f"{figure.n:,} {word} {'MQL' if figure.n == 1 else 'MQLs'} ({monthly:.1f} a month)"
    if moved := sum(figure.n for _, _, figure in found.moved):
        yield f"{plural(moved, 'lead')} to another team"
    if late := round(found.missed.replayed) - found.missed.recorded.n:
        instead = f"{round(found.missed.replayed):,} instead of {found.missed.recorded.n:,}"
        yield f"{abs(late):,} {'more' if late > 0 else 'fewer'} late ({instead})"
    if reminders := found.reminders[1] - found.reminders[0]:
        word = "reminder" if abs(reminders) == 1 else "reminders"
        yield f"{abs(reminders):,} {'more' if reminders > 0 else 'fewer'} {word}"
