"""The lines of the report: each figure with its n, beside what it was and what it should be. mrkdwn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.digest import words
from bot.digest.report import (
    Cause,
    Decided,
    DigestReport,
    Disputes,
    Goal,
    Noise,
    Overturned,
    Promise,
    Reason,
    Stage,
    Timing,
    Volume,
)
from bot.metrics import Sum
from bot.views.people import joined
from bot.views.text import mention, money, plural, short
from storage.models import ClockKind


def volume_line(volume: Volume) -> str:
    """What marketing handed off against what it committed to."""
    count = f"{volume.handed_off:,} handed off"
    if volume.committed is None:
        return f"{count} ({short(volume.none_because, 200)})"
    of = words.share(volume.handed_off / volume.committed) if volume.committed else "no number"
    return f"{count} of {words.number(volume.committed)} committed ({of})"


def promise_line(promise: Promise) -> str:
    """One promise: how far it was kept, the goal, and the period before."""
    if promise.none_because:
        return f"{promise.name}: not judged, {short(promise.none_because, 200)}"
    rate = promise.rate
    mark = ""
    if promise.goal is not None and rate.share is not None:
        mark = "✅ " if rate.share >= promise.goal else "🔻 "
    goal = f"goal {words.share(promise.goal)}" if promise.goal is not None and rate.n else ""
    before = f"before {words.rate_words(promise.before)}" if promise.before.n else ""
    behind = joined((goal, before), ", ")
    return f"{mark}{promise.name}: *{words.rate_words(rate, 'none due')}*{f' · {behind}' if behind else ''}"


def stage_line(stage: Stage) -> str:
    """One stage of the funnel against before, the mean and the goal."""
    compared = [f"{stage.before:,} before"]
    if stage.mean is not None:
        compared.append(f"mean of four {words.number(stage.mean)}")
    if stage.goal is not None:
        compared.append(f"goal {words.number(stage.goal)}")
    return f"{stage.name} *{stage.count:,}* ({', '.join(compared)})"


def timing_lines(timing: Timing) -> list[str]:
    """Median and p90 in both kinds of time, then by priority."""
    lines = [
        f"*{timing.name}*",
        f"business time: {words.took_words(timing.business)}{_was(timing, business=True)}",
        f"wall time: {words.took_words(timing.wall)}{_was(timing, business=False)}",
    ]
    by_priority = "; ".join(
        f"{short(name, 20)} median {words.length(took.median)} (n = {took.n:,})"
        for name, took in timing.by_priority[:5]
    )
    return [*lines, *([f"by priority, business time: {by_priority}"] if by_priority else [])]


def _was(timing: Timing, *, business: bool) -> str:
    before = timing.business_before if business else timing.wall_before
    return f" · before: median {words.length(before.median)} (n = {before.n:,})" if before else ""


def reason_line(reason: Reason) -> str:
    """A reason with its share and how often it is usually given."""
    usual = f", mean of four {words.number(reason.mean)}" if reason.mean is not None else ""
    quality = " · counts against quality" if reason.quality else ""
    count = f"{reason.share.part:,} of {reason.share.n:,}"
    share = reason.share.share
    counted = f"{count}, {words.share(share)}" if share is not None else f"{count}, too few for a rate"
    return f"{short(reason.label, 80)}: *{counted}* ({reason.before:,} before{usual}){quality}"


def sums_words(sums: Iterable[Sum], none: str = "none") -> str:
    """Sums by currency, never added; what has no amount is said."""
    parts = []
    for each in sums:
        missing = f", {each.without_amount:,} without an amount" if each.without_amount else ""
        if each.deals == each.without_amount:
            parts.append(f"{plural(each.deals, 'deal')} without an amount")
            continue
        amount = money(each.amount, each.currency) + ("" if each.currency else " (no currency given)")
        parts.append(f"{amount} ({plural(each.deals, 'deal')}{missing})")
    return "; ".join(parts) or none


def cause_words(causes: Iterable[Cause]) -> list[str]:
    """Breaches by cause, each with the clocks that it hit."""
    found: dict[tuple[str, bool], list[tuple[str, int]]] = {}
    for each in causes:
        found.setdefault((each.cause, each.excused), []).append((each.clock, each.count))
    lines = []
    for (cause, excused), clocks in found.items():
        total = sum(count for _, count in clocks)
        which = ", ".join(f"{words.CLOCK_WORDS[ClockKind(clock)]} {count:,}" for clock, count in clocks)
        note = " · counts against nobody" if excused else ""
        lines.append(f"{words.cause_name(cause)}: *{total:,}* ({which}){note}")
    return lines


def overturned_words(overturned: Sequence[Overturned]) -> str:
    """How many of the rulings overturned a rejection, by its reason; nothing where nobody ruled."""
    said = (f"{short(each.label, 40)} {words.rate_words(each.rate)}" for each in overturned)
    return f"*Overturned, of those ruled on:* {'; '.join(said)}" if overturned else ""


def disputes_words(disputes: Disputes) -> str:
    """What marketing answered and how it was ruled."""
    said = [
        (disputes.agreed, "agreed to"),
        (disputes.resubmitted, "corrected and sent again"),
        (disputes.contested, "contested"),
        (disputes.upheld, "upheld"),
        (disputes.overturned, "overturned"),
        (disputes.unruled, "waiting for a ruling"),
    ]
    return ", ".join(f"{count:,} {what}" for count, what in said if count) or "no rejection was answered"


def noise_words(noise: Noise) -> str:
    """How much people were reminded."""
    total = sum(count for _, count in noise.lines)
    if not total:
        return f"nobody had to be reminded ({noise.before:,} reminders before)"
    which = ", ".join(f"{short(what, 40)} {count:,}" for what, count in noise.lines[:6])
    return (
        f"{plural(total, 'reminder')} in {plural(noise.messages, 'message')} to "
        f"{plural(noise.people, 'place')} ({which}); {noise.before:,} before. "
        f"Acted on within a day: {words.rate_words(noise.acted)}"
    )


def goal_lines(goal: Goal) -> list[str]:
    """Where a goal leads by the quarter's end, and what would close the gap."""
    forecast = goal.forecast

    def amount(value: float) -> str:
        return money(round(value), forecast.currency) if forecast.currency else words.number(value)

    def about(value: float) -> str:
        """What is only expected: no fractions, which would promise more than anybody can know."""
        return amount(round(value / 100) * 100) if forecast.currency else f"{round(value):,}"

    head = (
        f"*{short(forecast.goal_name, 30)}*: {amount(forecast.so_far)} so far of {amount(forecast.goal)}; "
        f"at the rate of the last {forecast.recent_days:.0f} days about {about(forecast.expected)} by its end"
    )
    if forecast.short <= 0:
        return [f"{head}. On course."]
    if goal.words:
        return [f"{head}: {about(forecast.short)} short; {short(goal.words, 200)}."]
    if forecast.currency is None:
        return [f"{head}: *{about(forecast.short)} short*."]
    needed = f"{plural(goal.more_mqls or 0, 'MQL')} short at today's rates"
    better = (
        f"; {goal.best_mqls:,} more of {short(goal.best, 60)}'s kind would close it"
        if goal.best is not None and goal.best_mqls is not None
        else ""
    )
    return [f"{head}: {about(forecast.short)} short, that is *{needed}*{better}."]


def decided_line(decided: Decided) -> str:
    """A decision of last time: who, until when, and what became of the figure."""
    who = f", {mention(decided.who)}" if decided.who else ""
    until = f" by {decided.until:%d %b}" if decided.until else ""
    then = _of(decided.then)
    now = f"now {_of(decided.now)}" if decided.now is not None else "the figure can no longer be counted"
    return f"*{short(decided.what, 300)}*{who}{until} — then {then}, {now}\n_{short(decided.sentence, 300)}_"


def _of(figure: tuple[int, int]) -> str:
    count, of = figure
    return f"{count:,} of {of:,}" if of else f"{count:,}"


def headline_money(report: DigestReport) -> str:
    """Pipeline, revenue and velocity in one line."""
    speed = "; ".join(f"{money(round(value), currency)} a day" for currency, value in report.velocity)
    return joined(
        (
            f"Pipeline: {sums_words(report.pipeline)}",
            f"Revenue: {sums_words(report.revenue)}",
            f"Velocity: {speed or 'too few closed deals to say'}",
        ),
        "\n",
    )
