"""Every figure agrees with one worked out independently, on random histories and both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.digest.making import Question, make_report
from bot.digest.periods import read_period
from bot.digest.report import DigestReport, Stage, Took
from bot.metrics import Rate, Sum
from storage.database import Database
from storage.figures import evidence
from tests.bot.digest import independent
from tests.bot.digest.histories import NOW, PEOPLE, SINCE, UNTIL, History, Row, asked_of, histories

SALES = ("accept", "first_touch", "outcome")
LAST_WEEK = read_period("2026-W47", NOW, "America/New_York")
Traced: TypeAlias = list[tuple[str, int, int]]


def reported(tx: Connection, book: AgreementBook) -> DigestReport:
    teams = tuple(team.name for team in book.current.teams)
    return make_report(tx, book, Question(LAST_WEEK, teams_of_reps=teams), NOW)


def traced(tx: Connection, book: AgreementBook) -> Traced:
    """Every figure with a key: what the report says, and how many its key counts."""
    report = reported(tx, book)
    scope = Question(LAST_WEEK).scope(NOW)
    return [(key, said, evidence.count(tx, scope, key)) for key, said in keyed(report)]


def keyed(part: Any) -> list[tuple[str, int]]:
    """The keys anywhere in a report, with their figures. The periods before have keys of their own."""
    match part:
        case Rate():
            return [(part.key, part.rest if part.shows_rest else part.part)]
        case Sum():
            return [(part.key, part.deals)]
        case tuple():
            return [found for each in part for found in keyed(each)]
    if not is_dataclass(part):
        return []
    own = (
        [(part.key, int(getattr(part, "count", getattr(part, "handed_off", 0))))]
        if hasattr(part, "key")
        else []
    )
    inner = [field.name for field in fields(part) if field.name not in ("before", "trend")]
    return own + [found for name in inner for found in keyed(getattr(part, name))]


on_random_histories = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(histories())
@on_random_histories
def test_every_figure_agrees_with_plain_python(database: Database, history: History) -> None:
    report = asked_of(database, history, reported)
    for check in CHECKS:
        check(report, history)


@given(histories(most=12))
@on_random_histories
def test_the_leads_behind_every_figure_are_as_many_as_it_says(database: Database, history: History) -> None:
    for key, said, found in asked_of(database, history, traced):
        assert (key, said) == (key, found)


def pair(rate: Rate) -> tuple[int, int]:
    return rate.part, rate.rest


def numbers(took: Took | None) -> tuple[int, int, int] | None:
    return (took.n, took.median, took.p90) if took else None


def check_funnel(report: DigestReport, history: History) -> None:
    now, *earlier = (independent.funnel(history, back) for back in range(5))
    expected = tuple(
        Stage(
            stage.key,
            stage.name,
            now[stage.key],
            earlier[0][stage.key],
            sum(e[stage.key] for e in earlier) / 4,
            stage.goal,
        )
        for stage in report.funnel
    )
    assert report.funnel == expected
    assert (report.volume.handed_off, report.volume.before) == (now["handed_off"], earlier[0]["handed_off"])
    assert report.merged == sum(
        row["state"] == "merged" and independent.in_week(row["handed_at"]) for row in history.handoffs
    )


def check_goal(report: DigestReport, history: History) -> None:
    assert report.volume.committed == pytest.approx(
        120 * 7 * 86_400 / (UNTIL_OF_QUARTER - independent.QUARTER_BEGAN).total_seconds()
    )


def check_rates(report: DigestReport, history: History) -> None:
    rows = independent.handed(history)
    found = dict(report.rates)
    by = NOW
    count = {**independent.funnel(history), "rejected": independent.rejections(history).total()}
    count["touched"] = sum(independent.before(row["touched_at"], by) for row in rows)
    assert pair(found["acceptance"]) == (count["accepted"], len(rows) - count["accepted"])
    assert pair(found["acceptance_decided"]) == (count["accepted"], count["rejected"])
    assert (found["touch"].part, found["touch"].n) == (count["touched"], count["accepted"])
    assert (found["sal_to_sql"].part, found["sal_to_sql"].n) == (count["sql"], count["accepted"])
    assert (found["sql_to_opportunity"].part, found["sql_to_opportunity"].n) == (
        count["opportunity"],
        count["sql"],
    )
    assert (found["opportunity_to_won"].part, found["opportunity_to_won"].n) == (
        count["won"],
        count["opportunity"],
    )


def check_marketing(report: DigestReport, history: History) -> None:
    quality, complete, answers = report.marketing
    for back, rates in enumerate(((quality.rate, complete.rate), (quality.before, complete.before))):
        given_reasons = independent.rejections(history, back)
        against = given_reasons["too_small"] + given_reasons["bad_contact"]
        n = len(independent.handed(history, back))
        assert (rates[0].part, rates[0].n) == (n - against, n)
        assert (rates[1].part, rates[1].n) == (independent.complete(history, back), n)
    assert pair(answers.rate) == independent.kept(independent.clocks_of(history), "answer")
    assert pair(answers.before) == independent.kept(independent.clocks_of(history, 1), "answer")


def check_sales(report: DigestReport, history: History) -> None:
    kinds = (("accept",), ("first_touch",), ("outcome",), SALES)
    for promise, chosen in zip(report.sales, kinds, strict=True):
        assert pair(promise.rate) == independent.kept(independent.clocks_of(history), *chosen)
        assert pair(promise.before) == independent.kept(independent.clocks_of(history, 1), *chosen)
    found = Counter({(c.cause, c.clock, c.excused): c.count for c in report.causes})
    assert found == independent.causes(history)


def check_trend(report: DigestReport, history: History) -> None:
    for back, week in enumerate(reversed(report.trend)):
        assert pair(week.sales) == independent.kept(independent.clocks_of(history, back), *SALES)
        assert pair(week.marketing) == independent.kept(independent.clocks_of(history, back), "answer")


def check_times(report: DigestReport, history: History) -> None:
    accept, touch = report.timings
    assert numbers(accept.business) == independent.spread(
        [seconds for seconds, _, _ in independent.business(history, "accept")]
    )
    assert numbers(touch.business) == independent.spread(
        [seconds for seconds, _, _ in independent.business(history, "first_touch")]
    )
    assert numbers(accept.wall) == independent.spread(independent.wall(history, "handed_at", "accepted_at"))
    assert numbers(touch.wall) == independent.spread(independent.wall(history, "accepted_at", "touched_at"))
    for priority in ("P1", "P2"):
        taken = independent.business(history, "accept")
        values = [seconds for seconds, _, row in taken if row["priority"] == priority]
        found = dict(accept.by_priority).get(priority)
        assert numbers(found) == independent.spread(values)


def check_reasons(report: DigestReport, history: History) -> None:
    weeks = [independent.rejections(history, back) for back in range(5)]
    assert {r.code: (r.share.part, r.share.n) for r in report.reasons} == {
        code: (count, weeks[0].total()) for code, count in weeks[0].items()
    }
    for reason in report.reasons:
        assert reason.before == weeks[1][reason.code]
        assert reason.mean == sum(week[reason.code] for week in weeks[1:]) / 4


def check_campaigns(report: DigestReport, history: History) -> None:
    for line in report.campaigns:

        def own(row: Row, name: str = line.name.casefold()) -> bool:
            return (row["campaign"] or "").casefold() == name

        rows = [row for row in independent.handed(history) if own(row)]
        accepted = sum(independent.before(row["accepted_at"], NOW) for row in rows)
        rejected = sum(independent.before(row["rejected_at"], NOW) for row in rows)
        assert (line.handed_off, line.accepted.part, pair(line.rejected)) == (
            len(rows),
            accepted,
            (rejected, accepted),
        )
        for sums, deals in (
            (line.pipeline, independent.pipeline(history)),
            (line.revenue, independent.revenue(history)),
        ):
            found = {s.currency: (s.deals, s.amount, s.without_amount) for s in sums}
            assert found == independent.by_currency(row for row in deals if own(row))
        check_costs(line, [row for row in independent.counted(history) if own(row)])
    assert sum(line.handed_off for line in report.campaigns) == len(independent.handed(history))


def check_costs(line: Any, rows: list[Row]) -> None:
    """Spend is agreed for the quarter, so it is divided by what came since the quarter began."""
    quarter = [row for row in rows if independent.QUARTER_BEGAN <= row["handed_at"] < UNTIL]
    costs, won = (
        line.costs,
        [
            row
            for row in rows
            if row["won_at"] and independent.QUARTER_BEGAN <= (row["deal_at"] or row["won_at"]) < UNTIL
        ],
    )
    if costs.spend is None:
        assert (costs.roi, costs.per_mql, costs.why_not) == (None, None, "no spend is agreed")
        return
    accepted = [row for row in quarter if row["accepted_at"] and row["accepted_at"] < NOW]
    assert costs.per_mql == (round(costs.spend / len(quarter)) if quarter else None)
    assert costs.per_sal == (round(costs.spend / len(accepted)) if accepted else None)
    if {row["currency"] for row in won} <= {"USD"}:
        revenue = sum(row["amount_minor"] or 0 for row in won)
        assert costs.roi == pytest.approx((revenue - costs.spend) / costs.spend)
    else:
        assert costs.roi is None
        assert costs.why_not


def check_money(report: DigestReport, history: History) -> None:
    for sums, rows in (
        (report.pipeline, independent.pipeline(history)),
        (report.revenue, independent.revenue(history)),
    ):
        assert {s.currency: (s.deals, s.amount, s.without_amount) for s in sums} == independent.by_currency(
            rows
        )
    deals = independent.pipeline(history)
    won, lost = (
        sum(row["won_at"] is not None for row in deals),
        sum(row["lost_at"] is not None for row in deals),
    )
    cycle = independent.spread(
        [
            independent.epoch(row["won_at"]) - independent.epoch(row["handed_at"])
            for row in independent.revenue(history)
        ]
    )
    if won + lost < 10 or cycle is None or cycle[0] < 10 or not cycle[1]:
        assert report.velocity == ()


def check_goals(report: DigestReport, history: History) -> None:
    since = independent.QUARTER_BEGAN
    mqls = [row for row in independent.counted(history) if since <= row["handed_at"] < UNTIL]
    by_name = {goal.forecast.goal_name: goal.forecast for goal in report.goals}
    recent = [
        row
        for row in independent.counted(history)
        if UNTIL - 28 * independent.DAY <= row["handed_at"] < UNTIL
    ]
    assert (by_name["MQLs"].so_far, by_name["MQLs"].recent) == (len(mqls), len(recent))
    for name, rows in (
        ("pipeline", independent.pipeline(history, since)),
        ("revenue", independent.revenue(history, since)),
    ):
        assert by_name[name].so_far == sum(
            row["amount_minor"] or 0 for row in rows if row["currency"] == "USD"
        )


def check_disputes(report: DigestReport, history: History) -> None:
    found = {field.name: getattr(report.disputes, field.name) for field in fields(report.disputes)}
    assert found == independent.disputes(history)


def check_noise(report: DigestReport, history: History) -> None:
    rows = independent.reminders(history)
    assert dict(report.noise.lines) == Counter(row["what"] for row in rows)
    assert report.noise.messages == len({row["delivery_id"] for row in rows})
    assert report.noise.people == len({row["place"] for row in rows})
    acted = sum(independent.acted_on(history, row) for row in rows)
    assert (report.noise.acted.part, report.noise.acted.n) == (acted, len(rows))
    assert report.noise.before == len(independent.reminders(history, 1))


def check_rulings(report: DigestReport, history: History) -> None:
    rulings = independent.rulings(history)
    assert {each.code: (each.rate.part, each.rate.n) for each in report.overturned} == {
        code: (
            sum(over for _, why, over in rulings if why == code),
            sum(why == code for _, why, _ in rulings),
        )
        for code in {why for _, why, _ in rulings}
    }
    for line in report.reps:
        own = [over for who, _, over in rulings if who == line.user]
        assert (line.overturned.part, line.overturned.n) == (sum(own), len(own))


def check_reps(report: DigestReport, history: History) -> None:
    assert {line.user for line in report.reps} >= set(PEOPLE[:2])
    week = independent.clocks_of(history)
    for line in report.reps:
        own = [clock for clock in week if clock["owner"] == line.user and clock["kind"] in SALES]
        verdicts = Counter(independent.judged(clock) for clock in own if clock["cause"] in (None, "rep"))
        met = sum(independent.judged(clock) == "met" for clock in own)
        assert pair(line.kept) == (met, verdicts["missed"])
        assert line.accepted == sum(row["accepted_by"] == line.user for row in independent.handed(history))
        taken = independent.business(history, "accept")
        held = [s for s, clock, _ in taken if (clock["owner"] or clock["met_by"]) == line.user]
        assert numbers(line.accept) == independent.spread(held)


UNTIL_OF_QUARTER = datetime.fromisoformat("2027-01-01T05:00:00+00:00")
assert independent.week(0) == (SINCE, UNTIL)
CHECKS: tuple[Callable[[DigestReport, History], None], ...] = (
    check_funnel,
    check_goal,
    check_rates,
    check_marketing,
    check_sales,
    check_trend,
    check_times,
    check_reasons,
    check_campaigns,
    check_money,
    check_goals,
    check_disputes,
    check_noise,
    check_rulings,
    check_reps,
)
