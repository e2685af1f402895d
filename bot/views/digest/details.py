"""What stands in the report's thread: reasons, times, campaigns, breaches, goals; and reps, for managers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.digest import words
from bot.digest.report import CampaignLine, DigestReport, RepLine
from bot.metrics import FORMULAS, Rate
from bot.views.blocks import Block, context, header, section
from bot.views.digest import charts, lines
from bot.views.message import Rendered, rendered
from bot.views.people import first_few, joined
from bot.views.text import cut_plain, flat, money, plural, short

ROWS_LIMIT = 100  # of a table in Slack, the heading among them
REPS_SHOWN = 40
REASONS_SHOWN = 8
CALIBRATION_LINES = 24
_CELL = 60


def reasons_part(report: DigestReport, plain: bool) -> list[Block]:
    """Why leads were rejected, and how disputes went."""
    told = [lines.reason_line(reason) for reason in report.reasons]
    shown = first_few(told, REASONS_SHOWN) or ["No lead was rejected."]
    disputes = f"*Answers and rulings:* {lines.disputes_words(report.disputes)}"
    merged = (
        f"{plural(report.merged, 'handoff')} joined another lead and counts nowhere." if report.merged else ""
    )
    return [
        *charts.reasons(report, plain=plain),
        section("*Why leads were rejected*\n" + "\n".join(f"• {line}" for line in shown)),
        context(joined((disputes, lines.overturned_words(report.overturned), merged))),
    ]


def times_part(report: DigestReport, _plain: bool) -> list[Block]:
    """How long sales took, and how far leads came."""
    times = "\n".join(line for timing in report.timings for line in lines.timing_lines(timing))
    rates = "\n".join(
        f"• {FORMULAS[name].title}: *{words.rate_words(rate)}* — {FORMULAS[name].says}"
        for name, rate in report.rates
    )
    return [section(times), section(f"*How far leads came*\n{rates}")]


def campaigns_part(report: DigestReport, _plain: bool) -> list[Block]:
    """The campaigns as a table, and what each earned."""
    if not report.campaigns:
        return [section("*Campaigns*\nNo campaign handed off a lead or won a deal.")]
    heads = ("Campaign", "Handed off", "Accepted", "Pipeline", "Revenue", "Cost per MQL, SAL, SQL", "ROI")
    rows = [_row(heads), *(_row(_campaign(line)) for line in report.campaigns)]
    left = (
        f"{plural(report.campaigns_left_out, 'smaller campaign')} left out. "
        if report.campaigns_left_out
        else ""
    )
    since = (
        f"Costs and ROI are reckoned since {report.costs_since:%d %b %Y}, as spend is agreed for that time."
    )
    return [
        section("*Campaigns*"),
        _table(rows, left_columns=1),
        context(f"{left}{since}"),
        section(lines.headline_money(report)),
    ]


def breaches_part(report: DigestReport, _plain: bool) -> list[Block]:
    """Broken promises by cause, and how much people were reminded."""
    causes = [f"• {line}" for line in lines.cause_words(report.causes)] or ["No clock was missed."]
    return [
        section("*Missed clocks and why*\n" + "\n".join(first_few(causes, 10))),
        context(f"Noise: {lines.noise_words(report.noise)}"),
    ]


def goals_part(report: DigestReport, _plain: bool) -> list[Block]:
    """The quarter's goals and where today's rates lead."""
    told = [line for goal in report.goals for line in lines.goal_lines(goal)]
    told += [short(report.goals_words, 300)] if report.goals_words else []
    return [section("*Goals of the quarter*\n" + "\n".join(f"• {line}" for line in told))] if told else []


def calibration_part(report: DigestReport, _plain: bool) -> list[Block]:
    """Whether the score tells good leads from bad, and whether another line would be better."""
    if not report.calibration:
        return []
    verdict, *told = (short(line, 600) for line in report.calibration)
    lines_ = "\n".join(f"• {line}" for line in told[:CALIBRATION_LINES])
    return [section(f"*Calibration*\n{verdict}"), *([section(lines_)] if lines_ else [])]


Part = Callable[[DigestReport, bool], list[Block]]
PARTS: dict[str, Part] = {
    "reasons": reasons_part,
    "times": times_part,
    "campaigns": campaigns_part,
    "breaches": breaches_part,
    "goals": goals_part,
    "calibration": calibration_part,
}
"""What goes into the thread, by name, in its order."""
_TITLES = {
    "reasons": "Why leads were rejected",
    "times": "Times and conversions",
    "campaigns": "Campaigns",
    "breaches": "Missed clocks",
    "goals": "Goals of the quarter",
    "calibration": "Calibration",
}


def detail_message(report: DigestReport, part: str, *, plain: bool) -> Rendered | None:
    """One part of the thread; None where there is nothing in it."""
    blocks = PARTS[part](report, plain)
    return rendered(f"{_TITLES[part]}: {words.period_words(report.about)}", blocks) if blocks else None


def reps_message(report: DigestReport) -> Rendered:
    """The reps, for the manager of their team alone."""
    title = f"Your reps: {words.period_words(report.about)}"
    return rendered(title, [header(title), *reps_part(report)])


def reps_part(report: DigestReport) -> list[Block]:
    """Load, times, kept promises and overturned rejections of each rep, those with most to do first."""
    if not report.reps:
        return []
    ordered = sorted(report.reps, key=lambda rep: (-(rep.open_now + rep.accepted), rep.user))
    heads = ("Rep", "Open now", "Accepted", "Time to accept", "Time to touch", "Kept", "Overturned")
    rows = [_row(heads), *(_row(_rep(rep), mention_first=True) for rep in ordered[:REPS_SHOWN])]
    left = len(ordered) - REPS_SHOWN
    note = "Medians in business time. Kept: only their own clocks. Overturned: of rejections ruled on."
    more = f" The {REPS_SHOWN} with most to do; {plural(left, 'other')} left out." if left > 0 else ""
    return [_table(rows, left_columns=1), context(note + more)]


def all_details(report: DigestReport, *, plain: bool, room: int) -> list[Block]:
    """Every part, one after the other, without charts, in at most `room` blocks and with only one table."""
    blocks: list[Block] = []
    for name, part in PARTS.items():
        made = part(report, plain)
        blocks += [block for block in made if block["type"] != "data_visualization"]
        if name == "campaigns" and report.reps:
            blocks = [_as_text(block) if block["type"] == "table" else block for block in blocks]
    blocks += [section("*Your reps*"), *reps_part(report)] if report.reps else []
    return blocks[:room]


def _campaign(line: CampaignLine) -> tuple[str, ...]:
    costs = line.costs
    each = [costs.per_mql, costs.per_sal, costs.per_sql]
    per_stage = " / ".join("none yet" if cost is None else money(cost, costs.currency) for cost in each)
    return (
        line.name or words.NO_CAMPAIGN,
        f"{line.handed_off:,}",
        _share(line.accepted),
        lines.sums_words(line.pipeline),
        lines.sums_words(line.revenue),
        per_stage if costs.spend else costs.why_not or "no spend is agreed",
        words.share(costs.roi) if costs.roi is not None else f"none: {costs.why_not}",
    )


def _share(rate: Rate) -> str:
    return words.rate_words(rate, "none handed off")


def _rep(rep: RepLine) -> tuple[str, ...]:
    return (
        rep.user,
        f"{rep.open_now:,}",
        f"{rep.accepted:,}",
        "none" if rep.accept is None else f"{words.length(rep.accept.median)} (n = {rep.accept.n:,})",
        "none" if rep.touch is None else f"{words.length(rep.touch.median)} (n = {rep.touch.n:,})",
        words.rate_words(rep.kept, "none due"),
        words.rate_words(rep.overturned, "none ruled on"),
    )


def _row(texts: Sequence[str], *, mention_first: bool = False) -> list[Block]:
    cells = [{"type": "raw_text", "text": cut_plain(flat(text), _CELL) or "-"} for text in texts]
    return [_person(texts[0]), *cells[1:]] if mention_first else cells


def _person(user: str) -> Block:
    """A cell that names somebody. Slack shows the name and, in a table, tells nobody."""
    element = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": user}]}
    return {"type": "rich_text", "elements": [element]}


def _table(rows: Sequence[list[Block]], *, left_columns: int) -> Block:
    columns = [{"align": "left" if n < left_columns else "right"} for n in range(len(rows[0]))]
    return {"type": "table", "rows": list(rows)[:ROWS_LIMIT], "column_settings": columns}


def _as_text(table: Block) -> Block:
    """A table as lines, where another one has the message's only place."""
    heads, *rows = ([str(cell["text"]) for cell in row] for row in table["rows"])
    told = []
    for name, *values in rows:
        pairs = (f"{head} {value}" for head, value in zip(heads[1:], values, strict=True))
        told.append(f"*{short(name, 60)}*: {short('; '.join(pairs), 200)}")
    return section("\n".join(told))
