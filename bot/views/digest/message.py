"""The alignment report as a message: one sentence, both scorecards, the funnel, and what to talk about.

What is longer stands in the thread (details.py). No history makes more than 50 blocks: every list in it is
cut and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from bot.digest import words
from bot.digest.report import DigestReport, Point
from bot.views.blocks import Block, actions, button, context, fields, header, option, section, select
from bot.views.digest import charts, lines
from bot.views.digest.details import all_details
from bot.views.ids import Action, FigureRef, figures_of
from bot.views.message import Rendered, rendered
from bot.views.people import first_few
from bot.views.text import local_time, mention, short
from storage.models import ClockKind

DECISIONS_SHOWN = 5
LEADS_NAMED = 5
FIGURES_LIMIT, KEY_LIMIT = 100, 150  # of a menu in Slack: options, and characters of a value
SMALL_PRINT = (
    "n is what a rate is divided by; below 10 there is no rate. Handoffs count by the day of the handoff, "
    "deals by the day of the deal. Promises that fell due while I was down count against nobody."
)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was decided on a point, by whom, until when."""

    what: str
    who: str | None
    until: date | None
    by: str


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a report stands: its id, and what was decided over it, by the key of the point."""

    report_id: int
    decisions: Mapping[str, Agreed]


def digest_message(report: DigestReport, posted: Posted, *, plain: bool = False) -> Rendered:
    """The posted report. `plain` draws the charts as text, for a Slack that refuses them."""
    blocks = [
        *_top(report),
        *_decided(report),
        *_scorecards(report),
        *_charts(report, plain=plain),
        *_agenda(report, posted),
        *_menu(report, report.about.label),
        context(f"{_about(report)} Details in the thread."),
    ]
    return rendered(short(report.opening, 900), blocks)


def digest_answer(report: DigestReport, asked: str, *, plain: bool = False, shared: bool = False) -> Rendered:
    """The same with its details, for whoever asked; with `shared`, for the channel they share it in."""
    share = [
        actions([button("Share with this channel", Action.SHARE, FigureRef(asked=asked).model_dump_json())])
    ]
    blocks = [
        *_top(report),
        *_scorecards(report),
        *_charts(report, plain=plain),
        *_agenda(report, None, asked),
        *all_details(report, plain=plain, room=24),
        *([] if shared else _menu(report, asked)),
        context(_about(report)),
        *([] if shared else share),
    ]
    return rendered(short(report.opening, 900), blocks)


def _top(report: DigestReport) -> list[Block]:
    return [header(f"Alignment: {words.period_words(report.about)}"), section(short(report.opening, 2000))]


def _about(report: DigestReport) -> str:
    made, agreement = local_time(report.about.made_at), short(report.about.agreement, 60)
    return f"As of {made} · agreement {agreement} · {SMALL_PRINT}"


def _decided(report: DigestReport) -> list[Block]:
    if not report.decided:
        return []
    told = [lines.decided_line(each) for each in report.decided]
    return [section(f"*Decided last time*\n{chr(10).join(first_few(told, DECISIONS_SHOWN))}")]


def _scorecards(report: DigestReport) -> list[Block]:
    marketing = ["*What marketing owed*", lines.volume_line(report.volume)]
    marketing += [lines.promise_line(promise) for promise in report.marketing]
    sales = ["*What sales owed*", *(lines.promise_line(promise) for promise in report.sales)]
    return [fields(["\n".join(marketing), "\n".join(sales)])]


def _charts(report: DigestReport, *, plain: bool) -> list[Block]:
    funnel = " · ".join(lines.stage_line(stage) for stage in report.funnel)
    trend, left_out = charts.trend(report, plain=plain)
    return [
        *charts.funnel(report, plain=plain),
        context(funnel),
        *trend,
        *([context(f"Promises kept by week: {left_out}.")] if left_out else []),
    ]


def _agenda(report: DigestReport, posted: Posted | None, asked: str = "") -> list[Block]:
    if not report.agenda:
        return [section("*To talk about*\nNothing stands out: all is as usual, or too few leads to say.")]
    asked = asked or report.about.label
    blocks = [section("*To talk about*")]
    for number, point in enumerate(report.agenda, start=1):
        blocks += _point(number, point, posted, asked)
    return blocks


def _point(number: int, point: Point, posted: Posted | None, asked: str) -> list[Block]:
    agreed = posted.decisions.get(point.key) if posted else None
    text = f"*{number}.* {short(point.sentence, 600)}"
    if point.leads:
        text += f"\n{_some(point.leads)}"
    if agreed:
        text += f"\n✅ {agreed_words(agreed)}"
    ref = FigureRef(asked=asked, key=point.key, report=posted.report_id if posted else None).model_dump_json()
    decide = button("Change the decision…" if agreed else "Decided…", Action.DECIDE, ref)
    show = button("Show the leads", Action.SHOW_LEADS, ref)
    return [section(text), actions([*([decide] if posted else []), show], block_id=f"point:{number}")]


def agreed_words(agreed: Agreed) -> str:
    """A decision in one line of mrkdwn."""
    who = f", {mention(agreed.who)}" if agreed.who else ""
    until = f" by {agreed.until:%d %b %Y}" if agreed.until else ""
    return f"*{short(agreed.what, 300)}*{who}{until} (decided by {mention(agreed.by)})"


def _menu(report: DigestReport, asked: str) -> list[Block]:
    """A menu by which the leads behind any figure are one choice away; nothing where nothing was counted."""
    found = [
        option(f"{label}: {count:,}", key)
        for label, key, count in counted_figures(report)
        if count and len(key) <= KEY_LIMIT
    ]
    menu = select(Action.SHOW_FIGURE, "Show the leads behind a figure", options=found[:FIGURES_LIMIT])
    return [actions([menu], block_id=figures_of(asked))] if found else []


def counted_figures(report: DigestReport) -> list[tuple[str, str, int]]:
    """What can be looked behind: a label, the key and the count."""
    promises = [
        (f"{promise.name}: not so", promise.rate.key, promise.rate.rest)
        for promise in (*report.marketing, *report.sales)
    ]
    causes = [
        (f"Missed {words.CLOCK_WORDS[ClockKind(c.clock)]}, {words.cause_name(c.cause)}", c.key, c.count)
        for c in report.causes
    ]
    money = [
        (f"{name} in {each.currency or 'no currency'}", each.key, each.deals)
        for name, sums in (("Pipeline", report.pipeline), ("Revenue", report.revenue))
        for each in sums
    ]
    return [
        *((stage.name, stage.key, stage.count) for stage in report.funnel),
        *promises,
        *((f"Rejected: {reason.label}", reason.share.key, reason.share.part) for reason in report.reasons),
        *causes,
        *money,
        *(
            (f"{line.name or words.NO_CAMPAIGN}: handed off", line.key, line.handed_off)
            for line in report.campaigns
        ),
        *(
            (f"{line.name or words.NO_CAMPAIGN}: rejected", line.rejected.key, line.rejected.part)
            for line in report.campaigns
        ),
        *(
            (f"Rejections {name}", f"disputes.{name}", count)
            for name, count in asdict(report.disputes).items()
        ),
        *((f"Reminders: {what}", f"nags.{what}", count) for what, count in report.noise.lines),
        ("Reminders acted on within a day", report.noise.acted.key, report.noise.acted.part),
    ]


def _some(leads: Sequence[int]) -> str:
    named = ", ".join(f"#{lead}" for lead in leads[:LEADS_NAMED])
    return f"Leads: {named}{', …' if len(leads) > LEADS_NAMED else ''}"
