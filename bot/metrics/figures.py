"""The table of figures. Each is declared once, here: key, title, unit, formula, and where it is shown.

The message, its thread, the terminal's table, CSV and JSON, `GET /stats` and the leads behind a figure follow
from it. What a formula counts is counted in storage/figures, by the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.metrics.formulas import CostPer, Facts, Formula, Ratio, Return, Tally, Timed, Total, Without
from bot.metrics.values import Value
from storage.figures.times import Measure


class Unit(StrEnum):
    """What a figure is measured in."""

    COUNT = "count"
    SHARE = "share"
    BUSINESS = "business time"
    WALL = "wall time"
    MONEY = "money"


class Place(StrEnum):
    """Where a figure is shown. The values are the sections of the terminal's table and of CSV."""

    MARKETING = "marketing"
    """The scorecard of what marketing owed."""
    SALES = "sales"
    """The scorecard of what sales owed."""
    FUNNEL = "funnel"
    RATES = "rates"
    TIMES = "times"
    DEALS = "deals"
    DISPUTES = "disputes"
    REMINDERS = "reminders"
    CAMPAIGN = "campaign"
    """The line of each campaign."""
    COSTS = "costs"
    """The line of each campaign, over the time for which the spend is agreed."""
    REP = "rep"
    """The line of each rep, for their manager."""
    STATS = "stats"
    """`GET /stats`, where each group of handoffs has it."""
    STATS_SLA = "promises"
    """`GET /stats`, for groups by which clocks are labelled too."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `says` is the formula as people read it.

    `behind` names the leads behind it, where they are not simply those of the title. `goal` is the target
    that it is held against: "committed", "accepted" or "sla_attainment".
    """

    key: str
    title: str
    unit: Unit
    says: str
    of: Formula
    shown: tuple[Place, ...]
    behind: str = ""
    goal: str = ""


def _sla(key: str, title: str, clock: str, behind: str, *shown: Place) -> Figure:
    met, missed = (f"{clock}.{what}" if clock else what for what in ("met", "missed"))
    formula = Ratio(met, (met, missed), rest=missed)
    says = "met ÷ (met + missed); open and past due is missed"
    return Figure(key, title, Unit.SHARE, says, formula, shown, behind, goal="sla_attainment")


_TABLE: tuple[Figure, ...] = (
    Figure("handed_off", "Handed off", Unit.COUNT, "handed off", Tally("handed_off"), (Place.CAMPAIGN,)),
    Figure("open_now", "Open now", Unit.COUNT, "held now", Tally("open_now"), (Place.REP,)),
    Figure("accepted", "Accepted", Unit.COUNT, "accepted", Tally("accepted"), (Place.REP,)),
    Figure(
        "volume",
        "MQLs handed off",
        Unit.COUNT,
        "handed off in the period",
        Tally("handed_off"),
        (Place.MARKETING,),
        goal="committed",
    ),
    Figure(
        "quality",
        "Lead quality",
        Unit.SHARE,
        "1 - rejected for a quality reason ÷ handed off",
        Without("rejected_for_quality", "handed_off"),
        (Place.MARKETING, Place.CAMPAIGN, Place.STATS),
        behind="Rejected for quality",
    ),
    Figure(
        "complete",
        "Complete data",
        Unit.SHARE,
        "handed off with name, company, title, and e-mail or phone ÷ handed off",
        Without("incomplete", "handed_off"),
        (Place.MARKETING,),
        behind="Incomplete data",
    ),
    _sla("answer_met", "Answer SLA met", "answer", "Answer SLA missed", Place.MARKETING, Place.STATS_SLA),
    _sla("accept_met", "Accept SLA met", "accept", "Accept SLA missed", Place.SALES, Place.STATS_SLA),
    _sla(
        "first_touch_met",
        "First-contact SLA met",
        "first_touch",
        "First-contact SLA missed",
        Place.SALES,
        Place.STATS_SLA,
    ),
    _sla("outcome_met", "Outcome SLA met", "outcome", "Outcome SLA missed", Place.SALES, Place.STATS_SLA),
    _sla("sla_met", "All SLAs met", "", "SLA missed", Place.SALES, Place.REP),
    Figure("mql", "MQL", Unit.COUNT, "handed off", Tally("handed_off"), (Place.FUNNEL,), goal="committed"),
    Figure("sal", "SAL", Unit.COUNT, "accepted", Tally("accepted"), (Place.FUNNEL,), goal="accepted"),
    Figure("sql", "SQL", Unit.COUNT, "reached SQL within 90 days", Tally("sql"), (Place.FUNNEL,)),
    Figure(
        "opportunity",
        "Opportunity",
        Unit.COUNT,
        "reached opportunity within 90 days",
        Tally("opportunity"),
        (Place.FUNNEL,),
    ),
    Figure("won", "Won", Unit.COUNT, "won within 90 days", Tally("won"), (Place.FUNNEL,)),
    Figure(
        "acceptance",
        "Accepted",
        Unit.SHARE,
        "accepted ÷ handed off",
        Ratio("accepted", ("handed_off",)),
        (Place.RATES, Place.CAMPAIGN, Place.STATS),
        behind="Accepted",
    ),
    Figure(
        "acceptance_decided",
        "Acceptance rate",
        Unit.SHARE,
        "accepted ÷ (accepted + rejected)",
        Ratio("accepted", ("accepted", "rejected")),
        (Place.RATES, Place.STATS),
    ),
    Figure(
        "rejection",
        "Rejection rate",
        Unit.SHARE,
        "rejected ÷ (accepted + rejected)",
        Ratio("rejected", ("accepted", "rejected")),
        (Place.CAMPAIGN,),
        behind="Rejected",
    ),
    Figure(
        "touch",
        "First contact",
        Unit.SHARE,
        "contacted ÷ accepted",
        Ratio("touched", ("accepted",)),
        (Place.RATES, Place.STATS),
        behind="Contacted",
    ),
    Figure(
        "sal_to_sql",
        "SAL to SQL",
        Unit.SHARE,
        "SQL within 90 days ÷ accepted",
        Ratio("sql", ("accepted",)),
        (Place.RATES, Place.STATS),
    ),
    Figure(
        "sql_to_opportunity",
        "SQL to opportunity",
        Unit.SHARE,
        "opportunity within 90 days ÷ SQL",
        Ratio("opportunity", ("sql",)),
        (Place.RATES, Place.STATS),
    ),
    Figure(
        "opportunity_to_won",
        "Opportunity to won",
        Unit.SHARE,
        "won within 90 days ÷ opportunities",
        Ratio("won", ("opportunity",)),
        (Place.RATES, Place.STATS),
    ),
    Figure(
        "accept_business",
        "Time to accept",
        Unit.BUSINESS,
        "from handoff to accept",
        Timed(Measure.ACCEPT_BUSINESS),
        (Place.TIMES, Place.REP),
    ),
    Figure(
        "accept_wall",
        "Time to accept",
        Unit.WALL,
        "from handoff to accept",
        Timed(Measure.ACCEPT_WALL),
        (Place.TIMES,),
    ),
    Figure(
        "touch_business",
        "Time to first contact",
        Unit.BUSINESS,
        "from accept to first contact",
        Timed(Measure.TOUCH_BUSINESS),
        (Place.TIMES, Place.REP),
    ),
    Figure(
        "touch_wall",
        "Time to first contact",
        Unit.WALL,
        "from accept to first contact",
        Timed(Measure.TOUCH_WALL),
        (Place.TIMES,),
    ),
    Figure(
        "response_wall",
        "Speed to lead",
        Unit.WALL,
        "from handoff to first contact",
        Timed(Measure.RESPONSE_WALL),
        (Place.TIMES,),
    ),
    Figure(
        "pipeline",
        "Pipeline",
        Unit.MONEY,
        "deals by their own date",
        Total("pipeline"),
        (Place.DEALS, Place.CAMPAIGN),
    ),
    Figure(
        "revenue",
        "Revenue",
        Unit.MONEY,
        "deals won, by their own date",
        Total("revenue"),
        (Place.DEALS, Place.CAMPAIGN),
    ),
    Figure("cost_per_mql", "Cost per MQL", Unit.MONEY, "spend ÷ MQL", CostPer("handed_off"), (Place.COSTS,)),
    Figure("cost_per_sal", "Cost per SAL", Unit.MONEY, "spend ÷ SAL", CostPer("accepted"), (Place.COSTS,)),
    Figure("cost_per_sql", "Cost per SQL", Unit.MONEY, "spend ÷ SQL", CostPer("sql"), (Place.COSTS,)),
    Figure("roi", "ROI", Unit.SHARE, "(revenue - spend) ÷ spend", Return(), (Place.COSTS,)),
    *(
        Figure(f"disputes_{what}", title, Unit.COUNT, title, Tally(f"disputes.{what}"), (Place.DISPUTES,))
        for what, title in (
            ("agreed", "Rejections agreed to"),
            ("resubmitted", "Rejections fixed and resubmitted"),
            ("contested", "Rejections contested"),
            ("upheld", "Rejections upheld"),
            ("overturned", "Rejections overturned"),
            ("unruled", "Contested, still open"),
        )
    ),
    Figure(
        "overturned",
        "Overturned",
        Unit.SHARE,
        "rejections overturned ÷ contested and decided",
        Ratio("disputes.overturned", ("disputes.overturned", "disputes.upheld")),
        (Place.REP,),
    ),
    Figure("reminders", "Reminders sent", Unit.COUNT, "sent", Tally("nags"), (Place.REMINDERS,)),
    Figure(
        "reminders_acted",
        "Acted on within a day",
        Unit.SHARE,
        "SLA met within a day of the reminder ÷ reminders",
        Ratio("nags.acted", ("nags",)),
        (Place.REMINDERS,),
        behind="Reminders acted on",
    ),
)

FIGURES: Mapping[str, Figure] = {figure.key: figure for figure in _TABLE}
"""The figures by key, in the order in which each place shows them."""


def _named() -> Iterator[tuple[str, str]]:
    for figure in reversed(_TABLE):  # so that of several figures with the same leads the first names them
        if figure.of.leads:
            yield figure.of.leads, figure.behind or figure.title


LEADS: Mapping[str, str] = dict(_named())
"""What the leads behind a figure are called, by the key of their evidence."""


def shown_in(*places: Place) -> Iterator[Figure]:
    """The figures of these places, in order."""
    return (figure for figure in _TABLE if set(places) & set(figure.shown))


def value_of(key: str, facts: Facts) -> Value:
    """A figure worked out from facts. Raises KeyError for an unknown figure or a missing fact."""
    return FIGURES[key].of(facts)
