"""The lines of the report: each figure with its n, beside what it was and what it should be. mrkdwn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.digest import words
from bot.digest.report import (
    AgreedChange,
    Cause,
    Decided,
    DigestReport,
    Foretold,
    Goal,
    Line,
    Overturned,
    Reason,
)
from bot.metrics import FIGURES, Count, Place, Quotient, Rate, Sum, Sums, Took, Unit
from bot.metrics.values import share_interval
from bot.views.people import joined
from bot.views.text import cut, local_day, mention, money, plural, short


def figure_line(line: Line) -> str:
    """One figure: what it is now, what it should be, and the period before."""
    figure = FIGURES[line.figure]
    if line.why_not and line.goal is None:
        return f"{figure.title}: {_judged(line)}{short(line.why_not, 200)}"
    behind = joined((_goal(line), _before(line)))
    return f"{_mark(line)}{figure.title}: *{value_words(line)}*{f' · {behind}' if behind else ''}"


def _judged(line: Line) -> str:
    """A count says something without anything to judge it by; a rate does not."""
    return f"*{line.now.count:,}* · " if isinstance(line.now, Count) else "not judged, "


def _mark(line: Line) -> str:
    if line.goal is None:
        return ""
    match line.now:
        case Rate(share=share) if share is not None:
            return "✅ " if share >= line.goal else "🔻 "
        case Count(_, count) if line.figure == "volume":
            return "✅ " if count >= line.goal else "🔻 "
    return ""


def _goal(line: Line) -> str:
    if line.goal is None:
        return ""
    match line.now:
        case Count(_, count):
            of = f" ({words.share(count / line.goal)})" if line.goal and count else ""
            return f"{line.goal:,.0f} committed{of}"
        case Rate(n=n) if n:
            return f"goal {words.share(line.goal)}"
    return ""


def _before(line: Line) -> str:
    match line.before:
        case Count(_, count):
            return f"before {count:,}"
        case Rate() as rate if rate.n:
            return f"before {words.rate_short(rate)}"
        case Took() as took if took.n:
            return f"before: median {words.median_words(took, business=_business(line))}"
    return ""


def _business(line: Line) -> bool:
    return FIGURES[line.figure].unit is Unit.BUSINESS


def value_words(line: Line) -> str:
    """The value of a figure, with its n."""
    match line.now:
        case Count(_, count):
            return f"{count:,}"
        case Rate() as rate:
            return words.rate_words(rate, "none due" if FIGURES[line.figure].goal else "none yet")
        case Took() as took:
            return words.took_words(took, business=_business(line))
        case Sums(sums):
            return sums_words(sums)
        case Quotient() as quotient:
            return _quotient(quotient)
    raise AssertionError(line)


def cell(line: Line) -> str:
    """The same for a cell of a table, which has room for the least of it."""
    match line.now:
        case Rate() as rate:
            return words.rate_short(rate)
        case Took() as took:
            return words.median_words(took, business=_business(line))
    return value_words(line)


def _quotient(found: Quotient) -> str:
    if found.value is None:
        return found.why_not or "none"
    if found.unit == Unit.SHARE.value:
        return words.share(found.value)
    return money(whole_money(found.value), found.unit)


def whole_money(minor: float) -> int:
    """Hundredths without the cents, where these say nothing: from 100 on."""
    return round(minor / 100) * 100 if abs(minor) >= 10_000 else round(minor)


def stage_line(line: Line) -> str:
    """One stage of the funnel against before, the usual and the goal."""
    compared = [f"{line.before.count:,} before"] if isinstance(line.before, Count) else []
    compared += [f"usually {line.usual:,}"] if line.usual is not None else []
    compared += [f"goal {line.goal:,.0f}"] if line.goal is not None else []
    said = f" ({', '.join(compared)})" if compared else ""
    return f"{FIGURES[line.figure].title} *{value_words(line)}*{said}"


def time_lines(line: Line) -> list[str]:
    """Median and p90 of one measure, then by priority."""
    figure = FIGURES[line.figure]
    before = f" · {_before(line)}" if _before(line) else ""
    parts = "; ".join(
        f"{short(name, 20)} {words.median_words(took, business=True)}" for name, took in line.parts[:5]
    )
    head = f"*{figure.title}*, {figure.unit.value}: {value_words(line)}{before}"
    return [head, *([f"by priority: {parts}"] if parts else [])]


def rate_line(line: Line) -> str:
    """A rate with its formula."""
    figure = FIGURES[line.figure]
    return f"{figure.title}: *{value_words(line)}* — {figure.says}"


def reason_line(reason: Reason) -> str:
    """A reason with its share and how often it is usually given."""
    compared = [f"{reason.before:,} before"] if reason.before is not None else []
    compared += [f"usually {reason.usual:,}"] if reason.usual is not None else []
    said = f" ({', '.join(compared)})" if compared else ""
    quality = " · counts against quality" if reason.quality else ""
    count = f"{reason.share.part:,} of {reason.share.n:,}"
    share = reason.share.share
    counted = f"{count}, {words.share(share)}" if share is not None else f"{count}, {words.TOO_FEW}"
    return f"{short(reason.label, 80)}: *{counted}*{said}{quality}"


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
    """Missed SLAs by cause, each with the clocks that it hit."""
    found: dict[tuple[str, bool], list[tuple[str, int]]] = {}
    for each in causes:
        found.setdefault((each.cause, each.excused), []).append((each.clock, each.count))
    lines = []
    for (cause, excused), clocks in found.items():
        total = sum(count for _, count in clocks)
        which = ", ".join(f"{words.clock_name(clock)} {count:,}" for clock, count in clocks)
        note = " · counts against nobody" if excused else ""
        lines.append(f"{words.capital(words.cause_name(cause))}: *{total:,}* ({which}){note}")
    return lines


def overturned_words(overturned: Sequence[Overturned]) -> str:
    """How many of the contested rejections were overturned, by reason; nothing where none was decided."""
    said = (f"{short(each.label, 40)} {words.rate_short(each.rate)}" for each in overturned)
    return f"*Overturned, of those decided:* {'; '.join(said)}" if overturned else ""


def disputes_words(lines: Iterable[Line]) -> str:
    """What marketing answered to rejections, and how managers decided."""
    said = [
        f"{words.lowered(FIGURES[line.figure].title)} {line.now.count:,}"
        for line in lines
        if isinstance(line.now, Count) and line.now.count
    ]
    return "; ".join(said) or "no rejection was answered"


def reminders_words(report: DigestReport) -> list[str]:
    """How much people were reminded, and whether they acted on it."""
    sent, acted = (report.line(key) for key in ("reminders", "reminders_acted"))
    if not isinstance(sent.now, Count) or not sent.now.count:
        return [figure_line(sent)]
    found = report.reminders
    which = ", ".join(f"{short(words.nag_name(what), 40)} {count:,}" for what, count in found.by_kind[:6])
    spread = f"{plural(found.messages, 'message')} to {plural(found.people, 'place')}"
    return [f"{figure_line(sent)} · {spread}", which, figure_line(acted)]


def goal_lines(goal: Goal, since: str = "") -> list[str]:
    """Where a goal leads by the quarter's end, and what would close the gap. `since`: "since 27 Nov"."""
    forecast = goal.forecast

    def amount(value: float) -> str:
        return money(whole_money(value), forecast.currency) if forecast.currency else f"{round(value):,}"

    def about(value: float) -> str:
        """What is only expected, in three digits: more would promise what nobody can know."""
        return amount(float(f"{value:.3g}"))

    begun = f" {since}" if since else ""
    so_far = f"{amount(forecast.so_far)} of {amount(forecast.goal)} so far{begun}"
    head = f"*{short(forecast.goal_name, 30)}*: {so_far}"
    if not goal.foretold:
        return [f"{head}. {_sentence(goal.words or '')}"]
    expected = f"{head}. Expected at the quarter's end: {about(forecast.expected)}"
    if forecast.short <= 0:
        return [f"{expected}. On course."]
    short_by = f"{expected}, *{about(forecast.short)} short*."
    if goal.words:
        return [f"{short_by} {_sentence(goal.words)}"]
    if forecast.currency is None:
        return [short_by]
    needed = f"{plural(goal.more_mqls or 0, 'more MQL')} would close it"
    better = (
        f", or {plural(goal.best_mqls, f'more {short(goal.best, 60)} MQL')}"
        if goal.best is not None and goal.best_mqls is not None
        else ""
    )
    return [f"{short_by} {needed}{better}."]


def since_words(report: DigestReport) -> str:
    """Since when the quarter has data, where that is not since its beginning."""
    since = report.costs_since
    began = since.day == 1 and since.month in (1, 4, 7, 10)
    return "" if began else f"since {since.day} {since:%b}"


def _sentence(text: str) -> str:
    return f"{words.capital(short(text, 200))}."


def decided_line(decided: Decided) -> str:
    """A decision of last time: who, until when, and what became of the figure."""
    who = f", {mention(decided.who)}" if decided.who else ""
    until = f" by {decided.until.day} {decided.until:%b}" if decided.until else ""
    now = f"now {_of(decided.now)}" if decided.now is not None else "now no longer counted"
    figure = short(words.lowered(words.figure_name(decided.key)), 80)
    return f"Decided: *{short(decided.what, 200)}*{who}{until}. Then {_of(decided.then)}, {now} ({figure})."


def agreed_line(agreed: AgreedChange) -> str:
    """A change of the agreement that both sides signed in the period: what, who, since when."""
    says = cut("; ".join(agreed.says), 300)
    signed = " and ".join(mention(user) for user in agreed.signed)
    return (
        f"Agreed: *{says}*, proposed by {mention(agreed.by)}, signed by {signed}, "
        f"in force since {local_day(agreed.since)}."
    )


def foretold_line(told: Foretold) -> str:
    """What was foretold of a version before it went live, and what came over as many days."""
    (handoffs, came), (missed, late), (low, high) = told.handoffs, told.missed, told.missed_between
    (likely, accepted), least = told.accepted, "at least " if told.at_least else ""
    sure = f" ({low:,} to {high:,})" if low < high else ""
    figures = joined(
        (
            plural(handoffs, "handoff"),
            f"{least}{plural(missed, 'SLA')} missed{sure}",
            f"accepted {words.rate_short(likely)}{_between(likely)}" if likely.n else "",
        ),
        ", ",
    )
    share = f"accepted {words.rate_short(accepted)}" if accepted.n else ""
    outcome = joined((plural(came, "handoff"), f"{late:,} missed", share), ", ")
    return (
        f"Forecast for *{short(told.version, 60)}* ({plural(told.days, 'day')}): "
        f"{figures}; actual: {outcome}."
    )


def _between(rate: Rate) -> str:
    if rate.share is None:
        return ""
    low, high = share_interval(rate.part, rate.n)
    return f" within {words.share(low)} to {words.share(high)}"


def _of(figure: tuple[int, int]) -> str:
    count, of = figure
    return f"{count:,} of {of:,}" if of else f"{count:,}"


def headline_money(report: DigestReport) -> str:
    """Pipeline, revenue and velocity, a line each."""
    speed = "; ".join(f"{money(whole_money(value), currency)} a day" for currency, value in report.velocity)
    money_lines = [figure_line(line) for line in report.at(Place.DEALS)]
    return "\n".join([*money_lines, f"Velocity: {speed or 'too few closed deals to say'}"])
