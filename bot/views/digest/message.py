"""The alignment report as a message: one sentence, both scorecards, the funnel, and what to talk about.

What is longer stands in the thread (details.py). No history makes more than 50 blocks: every list in it is
cut and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.digest import words
from bot.digest.report import WHOLE, DigestReport, Line, Point, lines_at
from bot.metrics import FIGURES, Count, Place, Rate, Sums
from bot.metrics.values import size
from bot.views.blocks import Block, actions, button, context, fields, header, option, section, select
from bot.views.digest import charts, lines
from bot.views.digest.details import all_details
from bot.views.ids import Action, FigureRef, figures_of
from bot.views.labels import AGAIN, BUTTONS, labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import joined
from bot.views.text import call, local_time, mention, plural, short

LINES = 25
"""Of text in the message, so that it is read at a glance; what is longer stands in the thread."""
DECISIONS_SHOWN = 3
LEADS_NAMED = 5
FIGURES_LIMIT, KEY_LIMIT = 100, 150  # of a menu in Slack: options, and characters of a value
SMALL_PRINT = (
    "n is what a rate is divided by; below 10 there is no rate. "
    "MQLs count by the day of the handoff. SLAs due while I was down count against nobody."
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
        *(_body(report, posted, report.about.label, plain=plain) if report.about.has_data else []),
        *_menu(report, report.about.label),
        context(f"{_about(report)} Details in the thread."),
    ]
    return rendered(short(report.opening, 900), blocks)


def digest_answer(report: DigestReport, asked: str, *, plain: bool = False, shared: bool = False) -> Rendered:
    """The same with its details, for whoever asked; with `shared`, for the channel they share it in."""
    share = [actions([button(BUTTONS[Action.SHARE], Action.SHARE, FigureRef(asked=asked).model_dump_json())])]
    settled = _decided(report)
    blocks = [
        *_top(report),
        *settled,
        *(_body(report, None, asked, plain=plain) if report.about.has_data else []),
        *(all_details(report, plain=plain, room=24 - len(settled)) if report.about.has_data else []),
        *([] if shared else _menu(report, asked)),
        context(_about(report)),
        *([] if shared else share),
    ]
    return rendered(short(report.opening, 900), blocks)


def _body(report: DigestReport, posted: Posted | None, asked: str, *, plain: bool) -> list[Block]:
    return [
        *_scorecards(report),
        *_charts(report, plain=plain),
        *_agenda(report, posted, asked),
    ]


def _top(report: DigestReport) -> list[Block]:
    return [header(f"Alignment: {words.period_words(report.about)}"), section(short(report.opening, 2000))]


def _about(report: DigestReport) -> str:
    made, agreement = local_time(report.about.made_at), short(report.about.agreement, 60)
    return joined((f"As of {made}", f"agreement {agreement}", _removed(report), SMALL_PRINT))


def _removed(report: DigestReport) -> str:
    """How many people were erased, and why; nothing where nobody was."""
    by_age, asked = report.removed
    if not by_age + asked:
        return ""
    why = joined((f"{by_age:,} by age" if by_age else "", f"{asked:,} on request" if asked else ""), ", ")
    return f"{plural(by_age + asked, 'person', 'people')} removed from the data ({why})"


def _decided(report: DigestReport) -> list[Block]:
    """What both sides signed, what was decided and what was foretold: so many lines in all, one of each."""
    foretold = [lines.foretold_line(report.foretold)] if report.foretold is not None else []
    room = DECISIONS_SHOWN - len(foretold)
    agreed = _first(list(map(lines.agreed_line, report.agreed)), room - bool(report.decided))
    decided = _first(list(map(lines.decided_line, report.decided)), room - len(agreed))
    return [section("\n".join(shown)) for shown in (agreed, decided, foretold) if shown]


def _first(all_lines: list[str], most: int) -> list[str]:
    shown, more = all_lines[:most], len(all_lines) - most
    if more > 0:
        shown[-1] += f" … and {more:,} more"
    return shown


def _scorecards(report: DigestReport) -> list[Block]:
    sides = (("*What marketing owed*", Place.MARKETING), ("*What sales owed*", Place.SALES))
    return [fields(["\n".join([head, *map(lines.figure_line, report.at(side))]) for head, side in sides])]


def _charts(report: DigestReport, *, plain: bool) -> list[Block]:
    funnel = " · ".join(lines.stage_line(line) for line in report.at(Place.FUNNEL))
    return [
        *charts.funnel(report, plain=plain),
        context(f"{funnel}\n{words.reconciled(report.about, report.dated)}"),
        *charts.trend(report, plain=plain),
    ]


def _agenda(report: DigestReport, posted: Posted | None, asked: str) -> list[Block]:
    if not report.agenda:
        return [section("*To talk about*\nNothing stands out, or too few leads to say.")]
    blocks = [section("*To talk about*")]
    for number, point in enumerate(report.agenda, start=1):
        blocks += _point(number, point, posted, asked)
    return blocks


def _point(number: int, point: Point, posted: Posted | None, asked: str) -> list[Block]:
    agreed = posted.decisions.get(point.key) if posted else None
    text = f"*{number}.* {short(point.sentence, 600)}"
    text += f"\n✅ {agreed_words(agreed)}" if agreed else f"\n{_todo(point)}"
    ref = FigureRef(asked=asked, key=point.key, report=posted.report_id if posted else None).model_dump_json()
    decide = button((AGAIN if agreed else BUTTONS)[Action.DECIDE], Action.DECIDE, ref)
    show = labelled_button(Action.SHOW_LEADS, ref)
    return [section(text), actions([*([decide] if posted else []), show], block_id=f"point:{number}")]


def agreed_words(agreed: Agreed) -> str:
    """A decision in one line of mrkdwn."""
    who = f", {call(agreed.who)}" if agreed.who else ""
    until = f" by {agreed.until:%d %b %Y}" if agreed.until else ""
    return f"*{short(agreed.what, 300)}*{who}{until} (decided by {mention(agreed.by)})"


def _menu(report: DigestReport, asked: str) -> list[Block]:
    """A menu by which the leads behind any figure are one choice away; nothing where nothing was counted."""
    found = [
        option(f"{label} ({count:,})", key)
        for label, key, count in counted_figures(report)
        if count and len(key) <= KEY_LIMIT
    ]
    menu = select(Action.SHOW_FIGURE, "Show the leads behind a figure", options=found[:FIGURES_LIMIT])
    return [actions([menu], block_id=figures_of(asked))] if found else []


def counted_figures(report: DigestReport) -> list[tuple[str, str, int]]:
    """What can be looked behind: a label, the key of its leads and how many there are."""
    whole = [found for place in WHOLE for line in report.at(place) for found in _counted(line)]
    groups = [
        (f"{campaign.name or words.NO_CAMPAIGN}: {words.lowered(label)}", key, count)
        for campaign in report.campaigns
        for line in lines_at(campaign.lines, Place.CAMPAIGN)
        for label, key, count in _counted(line)
    ]
    causes = [
        (
            f"{words.figure_name(f'{c.clock}.missed')}: {words.cause_name(c.cause)}",
            c.key,
            c.count,
        )
        for c in report.causes
    ]
    found = [
        *whole,
        *((f"Rejected: {reason.label}", reason.share.key, reason.share.part) for reason in report.reasons),
        *causes,
        *groups,
        *(
            (f"Reminders: {words.nag_name(what)}", f"nags.{what}", count)
            for what, count in report.reminders.by_kind
        ),
    ]
    first: dict[str, tuple[str, str, int]] = {}
    for each in found:  # several figures may have the same leads behind them
        first.setdefault(each[1], each)
    return list(first.values())


def _counted(line: Line) -> Iterator[tuple[str, str, int]]:
    """The leads behind one figure: of a rate, of what was missed where that is what matters."""
    figure = FIGURES[line.figure]
    label = figure.behind or figure.title
    match line.now:
        case Sums(sums):
            for each in sums:
                yield f"{label} in {each.currency or 'no currency'}", each.key, each.deals
        case Count(key) | Rate(key) if key:
            yield label, key, size(line.now)


def _todo(point: Point) -> str:
    """What to do, and the leads to look at."""
    named = ", ".join(f"#{lead}" for lead in point.leads[:LEADS_NAMED])
    more = ", …" if len(point.leads) > LEADS_NAMED else ""
    return joined((f"_{point.todo}_" if point.todo else "", f"Leads: {named}{more}" if named else ""), " ")
