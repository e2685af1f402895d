"""What stands in the report's thread: reasons, times, campaigns, breaches, goals; and reps, for managers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from bot.digest import words
from bot.digest.report import CampaignLine, DigestReport, RepLine, lines_at
from bot.metrics import Count, Place, shown_in
from bot.views.blocks import Block, actions, context, header, section
from bot.views.digest import charts, lines
from bot.views.ids import Action, Advised
from bot.views.labels import labelled_button
from bot.views.message import Rendered, rendered
from bot.views.people import first_few, joined
from bot.views.text import cut_plain, flat, plural, short

ROWS_LIMIT = 100  # of a table in Slack, the heading among them
REPS_SHOWN = 40
REASONS_SHOWN = 8
CALIBRATION_LINES = 24
_CELL = 60
_COST = "Cost per "


def reasons_part(report: DigestReport, plain: bool) -> list[Block]:
    """Why leads were rejected, and how disputes went."""
    given = [lines.reason_line(reason) for reason in report.reasons]
    shown = first_few(given, REASONS_SHOWN) or ["No lead was rejected."]
    disputes = f"*Answers and decisions:* {lines.disputes_words(report.at(Place.DISPUTES))}"
    merged = (
        f"{plural(report.merged, 'handoff')} merged into another lead: not counted." if report.merged else ""
    )
    return [
        *charts.reasons(report, plain=plain),
        section("*Why leads were rejected*\n" + "\n".join(f"• {line}" for line in shown)),
        context(joined((disputes, lines.overturned_words(report.overturned), merged))),
    ]


def times_part(report: DigestReport, _plain: bool) -> list[Block]:
    """How long sales took, and how far leads came."""
    times = "\n".join(one for line in report.at(Place.TIMES) for one in lines.time_lines(line))
    rates = "\n".join(f"• {lines.rate_line(line)}" for line in report.at(Place.RATES))
    return [section(times), section(f"*Conversion rates*\n{rates}")]


def campaigns_part(report: DigestReport, _plain: bool) -> list[Block]:
    """The campaigns as a table, and what each earned."""
    if not report.campaigns:
        return [section("*Campaigns*\nNo campaign handed off a lead or won a deal.")]
    titles = [figure.title for figure in shown_in(Place.CAMPAIGN, Place.COSTS)]
    heads = _narrow("Campaign", titles, titles)
    rows = [_row(heads), *(_row(_campaign(campaign, titles)) for campaign in report.campaigns)]
    left = (
        f"{plural(report.campaigns_left_out, 'smaller campaign')} left out. "
        if report.campaigns_left_out
        else ""
    )
    since = f"Costs and ROI: since {words.day(report.costs_since)}."
    return [
        section("*Campaigns*"),
        _table(rows, left_columns=1),
        context(f"{left}{since} Below n = 10 counts, no rates."),
        section(lines.headline_money(report)),
    ]


def breaches_part(report: DigestReport, _plain: bool) -> list[Block]:
    """Missed SLAs by cause and by week, and how much people were reminded."""
    causes = [f"• {line}" for line in lines.cause_words(report.causes)] or ["No SLA was missed."]
    left_out = charts.left_out(report)
    return [
        section("*SLA missed, and why*\n" + "\n".join(first_few(causes, 10))),
        *([context(f"SLA met by week: {left_out}.")] if left_out else []),
        section("\n".join(lines.reminders_words(report))),
    ]


def goals_part(report: DigestReport, _plain: bool) -> list[Block]:
    """The quarter's goals and where today's rates lead."""
    since = lines.since_words(report)
    found = [line for goal in report.goals for line in lines.goal_lines(goal, since)]
    found += [short(report.goals_words, 300)] if report.goals_words else []
    return [section("*Goals of the quarter*\n" + "\n".join(f"• {line}" for line in found))] if found else []


def calibration_part(report: DigestReport, _plain: bool) -> list[Block]:
    """Whether the score tells good leads from bad, and whether another line would be better."""
    if not report.calibration:
        return []
    verdict, *found = (short(line, 600) for line in report.calibration)
    lines_ = "\n".join(f"• {line}" for line in found[:CALIBRATION_LINES])
    propose = [actions([_propose(report.advised_line)])] if report.advised_line else []
    return [section(f"*Calibration*\n{verdict}"), *propose, *([section(lines_)] if lines_ else [])]


def _propose(line: str) -> Block:
    advised = Advised(place="qualification.mql", value=line)
    return labelled_button(Action.PROPOSE, advised.model_dump_json())


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
    "breaches": "SLA missed",
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
    """The figures of each rep, those with most to do first."""
    if not report.reps:
        return []
    ordered = sorted(report.reps, key=lambda rep: (-_load(rep), rep.user))
    heads = ["Rep", *(figure.title for figure in shown_in(Place.REP))]
    rows = [_row(heads), *(_row(_rep(rep), mention_first=True) for rep in ordered[:REPS_SHOWN])]
    left = len(ordered) - REPS_SHOWN
    note = "Times are medians in business time. SLA met: their own. Overturned: of rejections decided."
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


def _campaign(campaign: CampaignLine, titles: Sequence[str]) -> tuple[str, ...]:
    cells = [lines.cell(line) for line in lines_at(campaign.lines, Place.CAMPAIGN, Place.COSTS)]
    return _narrow(campaign.name or words.NO_CAMPAIGN, titles, cells)


def _narrow(name: str, titles: Sequence[str], cells: Sequence[str]) -> tuple[str, ...]:
    """A row in which the costs share a column: "Cost per MQL / SAL / SQL" over "$900 / $1,286 / $1,636".

    Where they all say the same, they say it once.
    """
    row = [name]
    for per_lead, group in groupby(zip(titles, cells, strict=True), lambda each: each[0].startswith(_COST)):
        if not per_lead:
            row += [cell for _, cell in group]
            continue
        costs = [cell for _, cell in group]
        is_heading = costs[0].startswith(_COST)
        parts = [cost.removeprefix(_COST) for cost in costs]
        said = parts[0] if len(set(parts)) == 1 else "\u00a0/ ".join(parts)
        row.append(f"{_COST}{said}" if is_heading else said)
    return tuple(row)


def _load(rep: RepLine) -> int:
    """Open leads and accepted ones: how much a rep has to do with."""
    return sum(line.now.count for line in rep.lines if isinstance(line.now, Count))


def _rep(rep: RepLine) -> tuple[str, ...]:
    return rep.user, *(lines.cell(line) for line in lines_at(rep.lines, Place.REP))


def _row(texts: Sequence[str], *, mention_first: bool = False) -> list[Block]:
    cells = [{"type": "raw_text", "text": cut_plain(flat(text), _CELL) or "-"} for text in texts]
    return [_person(texts[0]), *cells[1:]] if mention_first else cells


def _person(user: str) -> Block:
    """A cell that names somebody. Slack shows the name and, in a table, tells nobody."""
    element = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": user}]}
    return {"type": "rich_text", "elements": [element]}


def _table(rows: Sequence[list[Block]], *, left_columns: int) -> Block:
    columns: list[Block] = [
        {"align": "left" if n < left_columns else "right", "is_wrapped": True} for n in range(len(rows[0]))
    ]
    return {"type": "table", "rows": list(rows)[:ROWS_LIMIT], "column_settings": columns}


def _as_text(table: Block) -> Block:
    """A table as lines, where another one has the message's only place."""
    heads, *rows = ([str(cell["text"]) for cell in row] for row in table["rows"])
    found = []
    for name, *values in rows:
        pairs = (f"{head} {value}" for head, value in zip(heads[1:], values, strict=True))
        found.append(f"*{short(name, 60)}*: {short('; '.join(pairs), 200)}")
    return section("\n".join(found))
