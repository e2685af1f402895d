"""From counts to the report: pure, so that the same counts always make the same report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.agreement.model import Agreement, Team
from bot.digest import facts, tallies
from bot.digest.campaigns import campaign_lines
from bot.digest.gathering import MEAN_OF, Gathered, Reps
from bot.digest.opening import opening
from bot.digest.outlook import costs_since, goal_currency, goals_of
from bot.digest.periods import local_day, quarters_over
from bot.digest.report import (
    WHOLE,
    About,
    Cause,
    Dated,
    Decided,
    DigestReport,
    Line,
    Overturned,
    Point,
    Reason,
    Reminders,
    RepLine,
    Week,
)
from bot.metrics import (
    Count,
    Facts,
    Figure,
    Place,
    Rate,
    Took,
    Unit,
    Value,
    pro_rata,
    shown_in,
    value_of,
    velocity,
)
from bot.metrics.formulas import Timed
from bot.metrics.values import under
from storage.figures.commitments import ClockSlice
from storage.figures.disputes import Ruled
from storage.figures.evidence import UNKNOWN_CAUSE
from storage.figures.times import Measure, Spread

REASONS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Targets:
    """What figures are held against, by the target's name, and why some cannot be judged, by figure."""

    goals: Mapping[str, float]
    why_not: Mapping[str, str]


def build(
    gathered: Gathered,
    agreement: Agreement,
    *,
    known_reasons: Mapping[str, tuple[str, bool]],
    points: Sequence[Point] = (),
    decided: Sequence[Decided] = (),
    teams_of_reps: Sequence[Team] = (),
) -> DigestReport:
    """The report. `known_reasons` has label and quality by code; reps are shown for `teams_of_reps` alone."""
    quality = [code for code, (_, counts_against) in known_reasons.items() if counts_against]
    campaigns, left_out = campaign_lines(gathered, agreement, quality)
    now = facts.of_period(gathered, quality)
    lines = _lines(gathered, agreement, now, quality)
    which = about(gathered, agreement)
    return DigestReport(
        about=which,
        opening=opening(which, now.counts, {line.figure: line for line in lines}),
        decided=tuple(decided),
        lines=lines,
        reasons=_reasons(gathered, known_reasons),
        campaigns=campaigns,
        campaigns_left_out=left_out,
        costs_since=costs_since(gathered),
        dated=_dated(gathered),
        velocity=_velocity(gathered),
        causes=_causes(gathered.clocks),
        overturned=_overturned(gathered, known_reasons),
        reminders=_reminders(gathered),
        merged=gathered.merged,
        trend=_trend(gathered),
        agenda=tuple(points),
        goals=goals_of(gathered, agreement),
        goals_words=_goals_words(gathered, agreement),
        reps=_reps(gathered, teams_of_reps),
    )


def about(gathered: Gathered, agreement: Agreement) -> About:
    """Which report it is."""
    span, scope = gathered.span, gathered.scope
    return About(
        kind=span.kind,
        label=span.label,
        title=span.title,
        tz=span.tz,
        since=span.since,
        until=span.until,
        counted_to=scope.until,
        made_at=scope.now,
        agreement=agreement.version,
        campaign=scope.campaign,
        team=scope.team,
        first_day=local_day(gathered.began, span.tz) if gathered.began else None,
    )


def targets(gathered: Gathered, agreement: Agreement, quality: Sequence[str]) -> Targets:
    """The goals of the agreement for this period, whole leads, from the first day with data on."""
    goals: dict[str, float] = {}
    why_not: dict[str, str] = {}
    if agreement.goals and agreement.goals.sla_attainment is not None:
        goals["sla_attainment"] = agreement.goals.sla_attainment
    committed = _committed(gathered, agreement)
    if isinstance(committed, str):
        why_not["volume"] = committed
    else:
        goals["committed"] = committed
        if agreement.goals and agreement.goals.sal_rate is not None:
            goals["accepted"] = round(committed * agreement.goals.sal_rate)
    if not quality:
        why_not["quality"] = "no reason of the agreement counts against quality"
    if not agreement.answer:
        why_not["answer_met"] = "no time to answer is agreed"
    return Targets(goals, why_not)


def _committed(gathered: Gathered, agreement: Agreement) -> int | str:
    """How many leads marketing committed to in this period, pro rata; or why there is no such number."""
    goal = agreement.goals.mql if agreement.goals else None
    scope = gathered.scope
    if goal is None:
        return "the agreement commits to no number of MQLs"
    if scope.campaign is not None or scope.team is not None:
        return "the goal is for all teams and campaigns together"
    since = max(scope.since, gathered.began or scope.until)
    quarters = [(quarter.since, quarter.until) for quarter in quarters_over(gathered.span)]
    return round(pro_rata(goal, (since, scope.until), quarters)) or "less than one lead was committed"


def _lines(gathered: Gathered, agreement: Agreement, now: Facts, quality: Sequence[str]) -> tuple[Line, ...]:
    held_to = targets(gathered, agreement, quality)
    order = [priority.name for priority in agreement.priorities]
    before = facts.of_before(gathered.before, quality) if gathered.comparable else None
    whole = gathered.comparable == MEAN_OF
    earlier = [facts.of_group(each, None, quality) for each in gathered.earlier] if whole else []
    return tuple(
        Line(
            figure.key,
            figure.of(now),
            before=_where_counted(figure, before),
            usual=_usual(figure, earlier),
            goal=held_to.goals.get(figure.goal),
            why_not=held_to.why_not.get(figure.key),
            parts=_parts(figure, gathered, order),
        )
        for figure in shown_in(*WHOLE)
    )


def _where_counted(figure: Figure, before: Facts | None) -> Value | None:
    """The figure of a period of which less is counted; None where it misses something."""
    try:
        return figure.of(before) if before is not None else None
    except KeyError:
        return None


def _usual(figure: Figure, earlier: Sequence[Facts]) -> int | None:
    """The mean of the earlier periods, for the funnel: whole leads."""
    if Place.FUNNEL not in figure.shown or not earlier:
        return None
    values = (figure.of(each) for each in earlier)
    return round(sum(value.count for value in values if isinstance(value, Count)) / len(earlier))


def _parts(figure: Figure, gathered: Gathered, order: Sequence[str]) -> tuple[tuple[str, Took], ...]:
    """Business time by priority, in the order of the agreement; those that it no longer has come last."""
    if figure.unit is not Unit.BUSINESS or not isinstance(figure.of, Timed):
        return ()
    measure = Measure(figure.of.measure)
    named = [(label, spread) for label, spread in gathered.spreads[measure].items() if label is not None]
    named.sort(key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[0]))
    return tuple((label, took(spread)) for label, spread in named)


def took(spread: Spread) -> Took:
    """A spread as a value, without leads behind it."""
    return Took("", spread.n, spread.median, spread.p90)


def _mean(counts: Sequence[int], gathered: Gathered) -> int | None:
    """The mean of the four periods before, in whole leads; None where there were fewer."""
    return round(sum(counts) / MEAN_OF) if gathered.comparable == MEAN_OF else None


def _reasons(gathered: Gathered, known: Mapping[str, tuple[str, bool]]) -> tuple[Reason, ...]:
    given = tallies.rejections(gathered.slices)
    earlier = [tallies.rejections(slices) for slices in gathered.earlier]
    everything = given.total()
    shown = sorted(given.items(), key=lambda item: (-item[1], item[0]))[:REASONS_SHOWN]
    return tuple(
        Reason(
            code=code,
            label=_called(code, known),
            share=Rate(f"reasons.{code}", count, everything),
            before=earlier[0][code] if gathered.comparable else None,
            usual=_mean([each[code] for each in earlier], gathered),
            quality=known.get(code, ("", False))[1],
        )
        for code, count in shown
    )


def _called(code: str, known: Mapping[str, tuple[str, bool]]) -> str:
    return known.get(code, (code or "no reason given", False))[0]


def _overturned(gathered: Gathered, known: Mapping[str, tuple[str, bool]]) -> tuple[Overturned, ...]:
    shown = sorted(gathered.rulings.items(), key=lambda item: (-item[1].rulings, item[0]))[:REASONS_SHOWN]
    return tuple(
        Overturned(
            code,
            _called(code, known),
            Rate(f"disputes.overturned.{code}", ruled.overturned, ruled.rulings),
        )
        for code, ruled in shown
    )


def _dated(gathered: Gathered) -> Dated:
    opened, won = gathered.pipeline, gathered.revenue
    return Dated(
        sum(each.deals for each in opened),
        sum(each.of_cohort for each in opened),
        sum(each.deals for each in won),
        sum(each.of_cohort for each in won),
    )


def _velocity(gathered: Gathered) -> tuple[tuple[str | None, float], ...]:
    """By currency; only those for which there is enough to say it."""
    won, lost = (sum(getattr(row, name) for row in gathered.pipeline) for name in ("won", "lost"))
    cycle = gathered.cycle
    found = (
        (
            each.currency,
            velocity(
                each.deals - each.without_amount,
                each.amount,
                won,
                lost,
                cycle.n if cycle else 0,
                cycle.median if cycle else None,
            ),
        )
        for each in tallies.sums(gathered.pipeline, "pipeline")
    )
    return tuple((currency, value) for currency, value in found if value is not None)


def _causes(clocks: Sequence[ClockSlice]) -> tuple[Cause, ...]:
    found: dict[tuple[str, str, bool], int] = {}
    for each in clocks:
        cause = each.cause or UNKNOWN_CAUSE
        for count, excused in ((each.missed, False), (each.excused, True)):
            if count:
                found[cause, each.kind.value, excused] = (
                    found.get((cause, each.kind.value, excused), 0) + count
                )
    order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Cause(f"cause.{cause}.{clock}", cause, clock, count, excused)
        for (cause, clock, excused), count in order
    )


def _reminders(gathered: Gathered) -> Reminders:
    said = gathered.reminders
    by_kind = tuple(sorted(said.lines.items(), key=lambda item: (-item[1], item[0])))
    return Reminders(by_kind, said.messages, said.people)


def _trend(gathered: Gathered) -> tuple[Week, ...]:
    weeks = ((span.label, Facts(facts.of_clocks(found))) for span, found in gathered.trend)
    return tuple(Week(label, _rate("sla_met", found), _rate("answer_met", found)) for label, found in weeks)


def _rate(key: str, found: Facts) -> Rate:
    value = value_of(key, found)
    assert isinstance(value, Rate), key
    return value


def _goals_words(gathered: Gathered, agreement: Agreement) -> str | None:
    if agreement.goals is None:
        return "The agreement sets no goals."
    if gathered.scope.campaign is not None or gathered.scope.team is not None:
        return "The goals are for all teams and campaigns together."
    if gathered.began is None:
        return "No lead was handed off so far, so there is nothing to forecast from."
    money = agreement.goals.pipeline is not None or agreement.goals.revenue is not None
    if money and goal_currency(agreement) is None:
        return "The goals name no currency. The campaigns have several, so amounts are not compared."
    return None


def _reps(gathered: Gathered, teams: Sequence[Team]) -> tuple[RepLine, ...]:
    return tuple(
        RepLine(rep.user, team.name, _lines_of_rep(rep.user, gathered)) for team in teams for rep in team.reps
    )


def _lines_of_rep(user: str, gathered: Gathered) -> tuple[Line, ...]:
    reps: Reps = gathered.reps
    own = facts.of_rep(
        user,
        gathered.clocks,
        open_now=reps.open_now.get(user, 0),
        accepted=reps.accepted.get(user, 0),
        times={measure: found.get(user) for measure, found in reps.times.items()},
        rulings=reps.rulings.get(user, Ruled(0, 0)),
    )
    return tuple(Line(figure.key, under(f"rep.{user}.", figure.of(own))) for figure in shown_in(Place.REP))
