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
from tests.bot.digest import plainly
from tests.bot.digest.histories import NOW, PEOPLE, SINCE, UNTIL, History, Row, histories, told

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
    report = told(database, history, reported)
    for check in CHECKS:
        check(report, history)


@given(histories(most=12))
@on_random_histories
def test_the_leads_behind_every_figure_are_as_many_as_it_says(database: Database, history: History) -> None:
    for key, said, found in told(database, history, traced):
        assert (key, said) == (key, found)


def pair(rate: Rate) -> tuple[int, int]:
    return rate.part, rate.rest


def numbers(took: Took | None) -> tuple[int, int, int] | None:
    return (took.n, took.median, took.p90) if took else None


def check_funnel(report: DigestReport, history: History) -> None:
    now, *earlier = (plainly.funnel(history, back) for back in range(5))
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
        row["state"] == "merged" and plainly.in_week(row["handed_at"]) for row in history.handoffs
    )


def check_goal(report: DigestReport, history: History) -> None:
    assert report.volume.committed == pytest.approx(
        120 * 7 * 86_400 / (UNTIL_OF_QUARTER - plainly.QUARTER_BEGAN).total_seconds()
    )


def check_rates(report: DigestReport, history: History) -> None:
    rows = plainly.handed(history)
    found = dict(report.rates)
    by = NOW
    count = {**plainly.funnel(history), "rejected": plainly.rejections(history).total()}
    count["touched"] = sum(plainly.before(row["touched_at"], by) for row in rows)
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
        given_reasons = plainly.rejections(history, back)
        against = given_reasons["too_small"] + given_reasons["bad_contact"]
        n = len(plainly.handed(history, back))
        assert (rates[0].part, rates[0].n) == (n - against, n)
        assert (rates[1].part, rates[1].n) == (plainly.complete(history, back), n)
    assert pair(answers.rate) == plainly.kept(plainly.clocks_of(history), "answer")
    assert pair(answers.before) == plainly.kept(plainly.clocks_of(history, 1), "answer")


def check_sales(report: DigestReport, history: History) -> None:
    kinds = (("accept",), ("first_touch",), ("outcome",), SALES)
    for promise, chosen in zip(report.sales, kinds, strict=True):
        assert pair(promise.rate) == plainly.kept(plainly.clocks_of(history), *chosen)
        assert pair(promise.before) == plainly.kept(plainly.clocks_of(history, 1), *chosen)
    found = Counter({(c.cause, c.clock, c.excused): c.count for c in report.causes})
    assert found == plainly.causes(history)


def check_trend(report: DigestReport, history: History) -> None:
    for back, week in enumerate(reversed(report.trend)):
        assert pair(week.sales) == plainly.kept(plainly.clocks_of(history, back), *SALES)
        assert pair(week.marketing) == plainly.kept(plainly.clocks_of(history, back), "answer")


def check_times(report: DigestReport, history: History) -> None:
    accept, touch = report.timings
    assert numbers(accept.business) == plainly.spread(
        [seconds for seconds, _, _ in plainly.business(history, "accept")]
    )
    assert numbers(touch.business) == plainly.spread(
        [seconds for seconds, _, _ in plainly.business(history, "first_touch")]
    )
    assert numbers(accept.wall) == plainly.spread(plainly.wall(history, "handed_at", "accepted_at"))
    assert numbers(touch.wall) == plainly.spread(plainly.wall(history, "accepted_at", "touched_at"))
    for priority in ("P1", "P2"):
        taken = plainly.business(history, "accept")
        values = [seconds for seconds, _, row in taken if row["priority"] == priority]
        found = dict(accept.by_priority).get(priority)
        assert numbers(found) == plainly.spread(values)


def check_reasons(report: DigestReport, history: History) -> None:
    weeks = [plainly.rejections(history, back) for back in range(5)]
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

        rows = [row for row in plainly.handed(history) if own(row)]
        accepted = sum(plainly.before(row["accepted_at"], NOW) for row in rows)
        rejected = sum(plainly.before(row["rejected_at"], NOW) for row in rows)
        assert (line.handed_off, line.accepted.part, pair(line.rejected)) == (
            len(rows),
            accepted,
            (rejected, accepted),
        )
        for sums, deals in (
            (line.pipeline, plainly.pipeline(history)),
            (line.revenue, plainly.revenue(history)),
        ):
            found = {s.currency: (s.deals, s.amount, s.without_amount) for s in sums}
            assert found == plainly.by_currency(row for row in deals if own(row))
        check_costs(line, [row for row in plainly.counted(history) if own(row)])
    assert sum(line.handed_off for line in report.campaigns) == len(plainly.handed(history))


def check_costs(line: Any, rows: list[Row]) -> None:
    """Spend is agreed for the quarter, so it is divided by what came since the quarter began."""
    quarter = [row for row in rows if plainly.QUARTER_BEGAN <= row["handed_at"] < UNTIL]
    costs, won = (
        line.costs,
        [
            row
            for row in rows
            if row["won_at"] and plainly.QUARTER_BEGAN <= (row["deal_at"] or row["won_at"]) < UNTIL
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
        (report.pipeline, plainly.pipeline(history)),
        (report.revenue, plainly.revenue(history)),
    ):
        assert {s.currency: (s.deals, s.amount, s.without_amount) for s in sums} == plainly.by_currency(rows)
    deals = plainly.pipeline(history)
    won, lost = (
        sum(row["won_at"] is not None for row in deals),
        sum(row["lost_at"] is not None for row in deals),
    )
    cycle = plainly.spread(
        [plainly.epoch(row["won_at"]) - plainly.epoch(row["handed_at"]) for row in plainly.revenue(history)]
    )
    if won + lost < 10 or cycle is None or cycle[0] < 10 or not cycle[1]:
        assert report.velocity == ()


def check_goals(report: DigestReport, history: History) -> None:
    since = plainly.QUARTER_BEGAN
    mqls = [row for row in plainly.counted(history) if since <= row["handed_at"] < UNTIL]
    by_name = {goal.forecast.goal_name: goal.forecast for goal in report.goals}
    recent = [row for row in plainly.counted(history) if UNTIL - 28 * plainly.DAY <= row["handed_at"] < UNTIL]
    assert (by_name["MQLs"].so_far, by_name["MQLs"].recent) == (len(mqls), len(recent))
    for name, rows in (
        ("pipeline", plainly.pipeline(history, since)),
        ("revenue", plainly.revenue(history, since)),
    ):
        assert by_name[name].so_far == sum(
            row["amount_minor"] or 0 for row in rows if row["currency"] == "USD"
        )


def check_disputes(report: DigestReport, history: History) -> None:
    found = {field.name: getattr(report.disputes, field.name) for field in fields(report.disputes)}
    assert found == plainly.disputes(history)


def check_noise(report: DigestReport, history: History) -> None:
    rows = plainly.reminders(history)
    assert dict(report.noise.lines) == Counter(row["what"] for row in rows)
    assert report.noise.messages == len({row["delivery_id"] for row in rows})
    assert report.noise.people == len({row["place"] for row in rows})
    acted = sum(plainly.acted_on(history, row) for row in rows)
    assert (report.noise.acted.part, report.noise.acted.n) == (acted, len(rows))
    assert report.noise.before == len(plainly.reminders(history, 1))


def check_rulings(report: DigestReport, history: History) -> None:
    rulings = plainly.rulings(history)
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
    week = plainly.clocks_of(history)
    for line in report.reps:
        own = [clock for clock in week if clock["owner"] == line.user and clock["kind"] in SALES]
        verdicts = Counter(plainly.judged(clock) for clock in own if clock["cause"] in (None, "rep"))
        met = sum(plainly.judged(clock) == "met" for clock in own)
        assert pair(line.kept) == (met, verdicts["missed"])
        assert line.accepted == sum(row["accepted_by"] == line.user for row in plainly.handed(history))
        taken = plainly.business(history, "accept")
        held = [s for s, clock, _ in taken if (clock["owner"] or clock["met_by"]) == line.user]
        assert numbers(line.accept) == plainly.spread(held)


UNTIL_OF_QUARTER = datetime.fromisoformat("2027-01-01T05:00:00+00:00")
assert plainly.week(0) == (SINCE, UNTIL)
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
