"""From counts to the report: pure, so that the same counts always make the same report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.agreement.model import Agreement, Team
from bot.digest import tallies
from bot.digest.campaigns import campaign_lines
from bot.digest.gathering import MEAN_OF, Gathered, Reps
from bot.digest.outlook import goal_currency, goals_of
from bot.digest.periods import quarters_over
from bot.digest.report import (
    About,
    Cause,
    Decided,
    DigestReport,
    Disputes,
    Noise,
    Overturned,
    Point,
    Promise,
    Reason,
    RepLine,
    Stage,
    Timing,
    Took,
    Volume,
    Week,
)
from bot.digest.words import opening
from bot.metrics import Rate, pro_rata, rate, velocity
from storage.figures.commitments import ClockSlice
from storage.figures.disputes import Ruled
from storage.figures.evidence import UNKNOWN_CAUSE
from storage.figures.milestones import Counts, Slice
from storage.figures.times import Measure, Spread
from storage.models import Cause as CauseWord
from storage.models import ClockKind

REASONS_SHOWN = 12
_STAGES = (
    ("handed_off", "MQL"),
    ("accepted", "SAL"),
    ("sql", "SQL"),
    ("opportunity", "Opportunity"),
    ("won", "Won"),
)
_SHOWN_RATES = (
    "acceptance",
    "acceptance_decided",
    "touch",
    "sal_to_sql",
    "sql_to_opportunity",
    "opportunity_to_won",
)
_PROMISES = (
    ("Accept in time", ClockKind.ACCEPT),
    ("First touch in time", ClockKind.FIRST_TOUCH),
    ("Outcome in time", ClockKind.OUTCOME),
)


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
    counts = tallies.total(gathered.slices)
    quality = [code for code, (_, counts_against) in known_reasons.items() if counts_against]
    volume = _volume(gathered, agreement, counts)
    campaigns, left_out = campaign_lines(gathered, agreement)
    sales = _sales(gathered, agreement)
    return DigestReport(
        about=about(gathered, agreement),
        opening=opening(about(gathered, agreement), volume, counts, _all_sales(gathered), sales[:-1]),
        decided=tuple(decided),
        volume=volume,
        marketing=_marketing(gathered, agreement, quality),
        sales=sales,
        funnel=_funnel(gathered, agreement, volume),
        rates=tuple((name, rate(name, counts)) for name in _SHOWN_RATES),
        timings=_timings(gathered, agreement),
        reasons=_reasons(gathered, known_reasons),
        campaigns=campaigns,
        campaigns_left_out=left_out,
        costs_since=gathered.running.span.first,
        pipeline=tallies.sums(gathered.pipeline, "pipeline"),
        revenue=tallies.sums(gathered.revenue, "revenue"),
        velocity=_velocity(gathered),
        causes=_causes(gathered.clocks),
        disputes=Disputes(**gathered.disputes),
        overturned=_overturned(gathered, known_reasons),
        noise=_noise(gathered),
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
    )


def _volume(gathered: Gathered, agreement: Agreement, counts: Counts) -> Volume:
    before = tallies.total(gathered.before.slices)["handed_off"]
    goal = agreement.goals.mql if agreement.goals else None
    scope = gathered.scope
    if goal is None:
        return Volume(counts["handed_off"], before, None, "the agreement commits to no number of MQLs")
    if scope.campaign is not None or scope.team is not None:
        return Volume(counts["handed_off"], before, None, "the goal is for all teams and campaigns together")
    quarters = [(quarter.since, quarter.until) for quarter in quarters_over(gathered.span)]
    return Volume(counts["handed_off"], before, pro_rata(goal, (scope.since, scope.until), quarters))


def _marketing(gathered: Gathered, agreement: Agreement, quality: Sequence[str]) -> tuple[Promise, ...]:
    """Quality, complete data, answers in time."""

    def counted(slices: Sequence[Slice], complete: int) -> Counts:
        given = tallies.rejections(slices)
        found = tallies.total(slices)
        against = sum(given[code] for code in quality)
        return found | {"rejected_for_quality": against, "incomplete": found["handed_off"] - complete}

    now, then = (
        counted(gathered.slices, gathered.complete),
        counted(gathered.before.slices, gathered.before.complete),
    )
    key = f"rejected:{'+'.join(quality)}" if quality else "rejected"
    no_quality = None if quality else "no reason of the agreement counts against quality"
    answers = tallies.kept(gathered.clocks, ClockKind.ANSWER)
    answers_before = tallies.kept_of(gathered.before.kept, ClockKind.ANSWER)
    nothing_due = None if agreement.answer else "no time to answer is agreed"
    return (
        Promise("Lead quality", rate("quality", now, key), rate("quality", then, key), None, no_quality),
        Promise("Complete data", rate("complete", now), rate("complete", then)),
        Promise(
            "Answers in time",
            tallies.attainment(answers, "answer.missed"),
            tallies.attainment(answers_before, "answer.missed"),
            _attainment_goal(agreement),
            nothing_due,
        ),
    )


def _sales(gathered: Gathered, agreement: Agreement) -> tuple[Promise, ...]:
    """Each commitment of sales, and all of them together."""
    goal = _attainment_goal(agreement)
    lines: list[tuple[str, tuple[ClockKind, ...], str]] = [
        *((name, (kind,), f"{kind.value}.missed") for name, kind in _PROMISES),
        ("All of them", tallies.SALES, "missed"),
    ]
    return tuple(
        Promise(
            name,
            tallies.attainment(tallies.kept(gathered.clocks, *kinds), key),
            tallies.attainment(tallies.kept_of(gathered.before.kept, *kinds), key),
            goal,
        )
        for name, kinds, key in lines
    )


def _all_sales(gathered: Gathered) -> Rate:
    return tallies.attainment(tallies.kept(gathered.clocks, *tallies.SALES), "missed")


def _attainment_goal(agreement: Agreement) -> float | None:
    return agreement.goals.sla_attainment if agreement.goals else None


def _funnel(gathered: Gathered, agreement: Agreement, volume: Volume) -> tuple[Stage, ...]:
    now = tallies.total(gathered.slices)
    earlier = [tallies.total(slices) for slices in gathered.earlier]
    goals: dict[str, float | None] = {"handed_off": volume.committed}
    if volume.committed is not None and agreement.goals and agreement.goals.sal_rate is not None:
        goals["accepted"] = volume.committed * agreement.goals.sal_rate
    return tuple(
        Stage(
            key=key,
            name=name,
            count=now[key],
            before=earlier[0][key],
            mean=sum(each[key] for each in earlier) / MEAN_OF if len(earlier) == MEAN_OF else None,
            goal=goals.get(key),
        )
        for key, name in _STAGES
    )


def took(spread: Spread | None) -> Took | None:
    """A spread as the report keeps it."""
    return Took(spread.n, spread.median, spread.p90) if spread else None


def _timings(gathered: Gathered, agreement: Agreement) -> tuple[Timing, ...]:
    order = [priority.name for priority in agreement.priorities]
    now, before = gathered.spreads, gathered.before.spreads

    def timing(name: str, business: Measure, wall: Measure) -> Timing:
        named = [(label, spread) for label, spread in now[business].items() if label is not None]
        named.sort(key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[0]))
        return Timing(
            name,
            took(now[business].get(None)),
            took(now[wall].get(None)),
            took(before[business].get(None)),
            took(before[wall].get(None)),
            tuple((label, Took(each.n, each.median, each.p90)) for label, each in named),
        )

    return (
        timing("Time to accept", Measure.ACCEPT_BUSINESS, Measure.ACCEPT_WALL),
        timing("Time to first touch", Measure.TOUCH_BUSINESS, Measure.TOUCH_WALL),
    )


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
            before=earlier[0][code],
            mean=sum(each[code] for each in earlier) / MEAN_OF if len(earlier) == MEAN_OF else None,
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


def _noise(gathered: Gathered) -> Noise:
    said = gathered.reminders
    lines = tuple(sorted(said.lines.items(), key=lambda item: (-item[1], item[0])))
    acted = Rate("nags.acted", said.acted_on, sum(said.lines.values()))
    return Noise(lines, said.messages, said.people, gathered.before.reminders, acted)


def _trend(gathered: Gathered) -> tuple[Week, ...]:
    return tuple(
        Week(
            span.label,
            tallies.attainment(tallies.kept_of(found, *tallies.SALES), "missed"),
            tallies.attainment(tallies.kept_of(found, ClockKind.ANSWER), "answer.missed"),
        )
        for span, found in gathered.trend
    )


def _goals_words(gathered: Gathered, agreement: Agreement) -> str | None:
    if agreement.goals is None:
        return "The agreement names no goals."
    if gathered.scope.campaign is not None or gathered.scope.team is not None:
        return "The goals are for all teams and campaigns together."
    money = agreement.goals.pipeline is not None or agreement.goals.revenue is not None
    if money and goal_currency(agreement) is None:
        return "The goals name no currency and the campaigns have several, so amounts are not compared."
    return None


def _reps(gathered: Gathered, teams: Sequence[Team]) -> tuple[RepLine, ...]:
    reps = gathered.reps
    return tuple(
        RepLine(
            user=rep.user,
            team=team.name,
            open_now=reps.open_now.get(rep.user, 0),
            accepted=reps.accepted.get(rep.user, 0),
            accept=took(reps.accept.get(rep.user)),
            touch=took(reps.touch.get(rep.user)),
            kept=_kept_by(gathered.clocks, rep.user),
            overturned=_rulings_on(reps, rep.user),
        )
        for team in teams
        for rep in team.reps
    )


def _rulings_on(reps: Reps, user: str) -> Rate:
    found = reps.rulings.get(user, Ruled(0, 0))
    return Rate(f"rep.{user}.disputes.overturned", found.overturned, found.rulings)


def _kept_by(clocks: Sequence[ClockSlice], user: str) -> Rate:
    """A rep is held to what was theirs: not to outages, missing colleagues or bad data."""
    own = [each for each in clocks if each.owner == user and each.kind in tallies.SALES]
    missed = sum(each.missed for each in own if each.cause in (None, CauseWord.REP))
    return tallies.attainment((sum(each.met for each in own), missed), f"rep.{user}.missed")
