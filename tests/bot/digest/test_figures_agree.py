"""Every figure agrees with one worked out independently, on random histories and both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, fields, is_dataclass
from datetime import datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook
from bot.digest.making import Question, make_report
from bot.digest.periods import read_period
from bot.digest.report import DigestReport, RepLine
from bot.metrics import Count, Place, Rate, Sum, Sums, Took
from bot.metrics.values import size
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
        case Rate() | Count() | Took():
            return [(part.key, size(part))] if part.key else []
        case Sum():
            return [(part.key, part.deals)]
        case tuple():
            return [found for each in part for found in keyed(each)]
    if not is_dataclass(part):
        return []
    own = [(str(getattr(part, "key", "")), int(part.count))] if hasattr(part, "count") else []
    inner = [field.name for field in fields(part) if field.name not in ("before", "trend")]
    return own + [found for name in inner for found in keyed(getattr(part, name))]


on_random_histories = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(histories())
@on_random_histories
def test_every_figure_agrees_with_plain_python(database: Database, history: History) -> None:
    report = asked_of(database, history, reported)
    for check in CHECKS:
        check(report, history)


@given(histories(most=12))
@settings(on_random_histories, max_examples=6)  # each figure is a query of its own
def test_the_leads_behind_every_figure_are_as_many_as_it_says(database: Database, history: History) -> None:
    for key, said, found in asked_of(database, history, traced):
        assert (key, said) == (key, found)


def pair(rate: Rate) -> tuple[int, int]:
    return rate.part, rate.rest


def numbers(took: Took | None) -> tuple[int, int, int] | None:
    return (took.n, took.median, took.p90) if took and took.n else None


def line(report: DigestReport, figure: str) -> Any:
    return report.line(figure).now


def rates(report: DigestReport, figure: str) -> tuple[Any, Any]:
    """A rate of the week and of the one before, where that is to be compared with."""
    found = report.line(figure)
    return found.now, found.before


def check_funnel(report: DigestReport, history: History) -> None:
    now, *earlier = (independent.funnel(history, back) for back in range(5))
    comparable = independent.comparable(history)
    for stage in report.at(Place.FUNNEL):
        name = {"mql": "handed_off", "sal": "accepted"}.get(stage.figure, stage.figure)
        assert stage.now == Count(name, now[name])
        assert stage.before == (Count(name, earlier[0][name]) if comparable else None)
        assert stage.usual == (round(sum(e[name] for e in earlier) / 4) if comparable == 4 else None)
    assert line(report, "volume").count == now["handed_off"]
    assert report.merged == sum(
        row["state"] == "merged" and independent.in_week(row["handed_at"]) for row in history.handoffs
    )


def check_goal(report: DigestReport, history: History) -> None:
    """A commitment is for the time of which there are data, in whole leads."""
    began = independent.began(history)
    days = max((UNTIL - max(SINCE, began or UNTIL)).total_seconds(), 0)
    committed = round(120 * days / (UNTIL_OF_QUARTER - independent.QUARTER_BEGAN).total_seconds())
    volume = report.line("volume")
    assert volume.goal == (committed or None)
    assert bool(volume.why_not) is not bool(committed)


def check_rates(report: DigestReport, history: History) -> None:
    rows = independent.handed(history)
    found = {each.figure: each.now for each in report.at(Place.RATES)}
    by = NOW
    count = {**independent.funnel(history), "rejected": independent.rejections(history).total()}
    count["touched"] = sum(independent.before(row["touched_at"], by) for row in rows)
    for figure, part, n in (
        ("acceptance", count["accepted"], len(rows)),
        ("acceptance_decided", count["accepted"], count["accepted"] + count["rejected"]),
        ("touch", count["touched"], count["accepted"]),
        ("sal_to_sql", count["sql"], count["accepted"]),
        ("sql_to_opportunity", count["opportunity"], count["sql"]),
        ("opportunity_to_won", count["won"], count["opportunity"]),
    ):
        rate = found.pop(figure)
        assert isinstance(rate, Rate)
        assert (figure, rate.part, rate.n) == (figure, part, n)
    assert not found


def check_marketing(report: DigestReport, history: History) -> None:
    for back in range(2):
        quality, complete, answers = (
            rates(report, figure)[back] for figure in ("quality", "complete", "answer_met")
        )
        if back and not independent.comparable(history):
            assert (quality, complete, answers) == (None, None, None)
            continue
        given_reasons = independent.rejections(history, back)
        against = given_reasons["too_small"] + given_reasons["bad_contact"]
        n = len(independent.handed(history, back))
        assert (quality.part, quality.n) == (n - against, n)
        assert (complete.part, complete.n) == (independent.complete(history, back), n)
        assert pair(answers) == independent.kept(independent.clocks_of(history, back), "answer")


def check_sales(report: DigestReport, history: History) -> None:
    kinds = {"accept_met": ("accept",), "first_touch_met": ("first_touch",), "outcome_met": ("outcome",)}
    for figure, chosen in {**kinds, "sla_met": SALES}.items():
        now, before = rates(report, figure)
        assert pair(now) == independent.kept(independent.clocks_of(history), *chosen)
        if independent.comparable(history):
            assert pair(before) == independent.kept(independent.clocks_of(history, 1), *chosen)
    found = Counter({(c.cause, c.clock, c.excused): c.count for c in report.causes})
    assert found == independent.causes(history)


def check_trend(report: DigestReport, history: History) -> None:
    assert len(report.trend) == min(12, independent.weeks_with_data(history))
    for back, week in enumerate(reversed(report.trend)):
        assert pair(week.sales) == independent.kept(independent.clocks_of(history, back), *SALES)
        assert pair(week.marketing) == independent.kept(independent.clocks_of(history, back), "answer")


def check_times(report: DigestReport, history: History) -> None:
    for figure, kind in (("accept_business", "accept"), ("touch_business", "first_touch")):
        taken = independent.business(history, kind)
        assert numbers(line(report, figure)) == independent.spread([seconds for seconds, _, _ in taken])
        for priority in ("P1", "P2"):
            values = [seconds for seconds, _, row in taken if row["priority"] == priority]
            found = dict(report.line(figure).parts).get(priority)
            assert numbers(found) == independent.spread(values)
    for figure, begin, end in (
        ("accept_wall", "handed_at", "accepted_at"),
        ("touch_wall", "accepted_at", "touched_at"),
        ("response_wall", "handed_at", "touched_at"),
    ):
        assert numbers(line(report, figure)) == independent.spread(independent.wall(history, begin, end))


def check_reasons(report: DigestReport, history: History) -> None:
    weeks = [independent.rejections(history, back) for back in range(5)]
    assert {r.code: (r.share.part, r.share.n) for r in report.reasons} == {
        code: (count, weeks[0].total()) for code, count in weeks[0].items()
    }
    comparable = independent.comparable(history)
    for reason in report.reasons:
        assert reason.before == (weeks[1][reason.code] if comparable else None)
        usual = round(sum(week[reason.code] for week in weeks[1:]) / 4)
        assert reason.usual == (usual if comparable == 4 else None)


def check_campaigns(report: DigestReport, history: History) -> None:
    handed = 0
    for campaign in report.campaigns:

        def own(row: Row, name: str = campaign.name.casefold()) -> bool:
            return (row["campaign"] or "").casefold() == name

        found: dict[str, Any] = {each.figure: each.now for each in campaign.lines}
        rows = [row for row in independent.handed(history) if own(row)]
        accepted = sum(independent.before(row["accepted_at"], NOW) for row in rows)
        rejected = sum(independent.before(row["rejected_at"], NOW) for row in rows)
        against = sum(
            row["reason"] in ("too_small", "bad_contact") and independent.before(row["rejected_at"], NOW)
            for row in rows
        )
        assert (found["quality"].part, found["quality"].n) == (len(rows) - against, len(rows))
        assert (found["handed_off"].count, found["acceptance"].part, pair(found["rejection"])) == (
            len(rows),
            accepted,
            (rejected, accepted),
        )
        for figure, deals in (
            ("pipeline", independent.pipeline(history)),
            ("revenue", independent.revenue(history)),
        ):
            assert by_currency(found[figure]) == independent.by_currency(row for row in deals if own(row))
        check_costs(found, campaign.name, history, [row for row in independent.counted(history) if own(row)])
        handed += len(rows)
    assert handed == len(independent.handed(history))


def by_currency(value: Any) -> dict[str | None, tuple[int, int, int]]:
    assert isinstance(value, Sums)
    return {each.currency: (each.deals, each.amount, each.without_amount) for each in value.sums}


SPEND = {
    campaign.name.casefold(): int(campaign.spend * 100)
    for campaign in default_agreement().agreement.campaigns
    if campaign.spend is not None
}


def check_costs(found: dict[str, Any], name: str, history: History, rows: list[Row]) -> None:
    """Spend is agreed for the quarter, so it is divided by what came since the quarter began."""
    quarter = [row for row in rows if independent.QUARTER_BEGAN <= row["handed_at"] < UNTIL]
    won = [
        row
        for row in rows
        if row["won_at"] and independent.QUARTER_BEGAN <= (row["deal_at"] or row["won_at"]) < UNTIL
    ]
    spend = SPEND.get(name.casefold())
    if spend is None:
        assert {found[figure].why_not for figure in ("roi", "cost_per_mql")} == {"no spend agreed"}
        return
    accepted = [row for row in quarter if row["accepted_at"] and row["accepted_at"] < NOW]
    assert found["cost_per_mql"].value == (round(spend / len(quarter)) if quarter else None)
    assert found["cost_per_sal"].value == (round(spend / len(accepted)) if accepted else None)
    if independent.could_have_closed(history, rows) and {row["currency"] for row in won} <= {"USD"}:
        revenue = sum(row["amount_minor"] or 0 for row in won)
        assert found["roi"].value == pytest.approx((revenue - spend) / spend)
    else:
        assert found["roi"].value is None
        assert found["roi"].why_not


def check_money(report: DigestReport, history: History) -> None:
    rows_of = {"pipeline": independent.pipeline(history), "revenue": independent.revenue(history)}
    for figure, rows in rows_of.items():
        assert by_currency(line(report, figure)) == independent.by_currency(rows)
    opened, won_deals = (
        (len(rows), sum(independent.in_week(row["handed_at"]) for row in rows)) for rows in rows_of.values()
    )
    assert astuple(report.dated) == (*opened, *won_deals)
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
    """A quarter's goals are for the part of it of which there are data."""
    since, began = independent.QUARTER_BEGAN, independent.began(history)
    if began is None:
        assert report.goals == ()
        return
    mqls = [row for row in independent.counted(history) if since <= row["handed_at"] < UNTIL]
    by_name = {goal.forecast.goal_name: goal.forecast for goal in report.goals}
    recent = [
        row
        for row in independent.counted(history)
        if UNTIL - 28 * independent.DAY <= row["handed_at"] < UNTIL
    ]
    assert (by_name["MQLs"].so_far, by_name["MQLs"].recent) == (len(mqls), len(recent))
    part = (UNTIL_OF_QUARTER - max(since, began)) / (UNTIL_OF_QUARTER - since)
    assert by_name["MQLs"].goal == round(120 * part)
    assert by_name["MQLs"].recent_days == max(0, min(28, (UNTIL - began) / independent.DAY))
    for name, rows in (
        ("Pipeline", independent.pipeline(history, since)),
        ("Revenue", independent.revenue(history, since)),
    ):
        assert by_name[name].so_far == sum(
            row["amount_minor"] or 0 for row in rows if row["currency"] == "USD"
        )


def check_disputes(report: DigestReport, history: History) -> None:
    expected = independent.disputes(history)
    for what, count in expected.items():
        assert line(report, f"disputes_{what}") == Count(f"disputes.{what}", count)
    assert len(report.at(Place.DISPUTES)) == len(expected)


def check_reminders(report: DigestReport, history: History) -> None:
    rows = independent.reminders(history)
    assert dict(report.reminders.by_kind) == Counter(row["what"] for row in rows)
    assert report.reminders.messages == len({row["delivery_id"] for row in rows})
    assert report.reminders.people == len({row["place"] for row in rows})
    acted = sum(independent.acted_on(history, row) for row in rows)
    sent, rate = line(report, "reminders"), line(report, "reminders_acted")
    assert (sent.count, rate.part, rate.n) == (len(rows), acted, len(rows))
    if independent.comparable(history):
        before = report.line("reminders").before
        assert before == Count("nags", len(independent.reminders(history, 1)))


def check_rulings(report: DigestReport, history: History) -> None:
    rulings = independent.rulings(history)
    assert {each.code: (each.rate.part, each.rate.n) for each in report.overturned} == {
        code: (
            sum(over for _, why, over in rulings if why == code),
            sum(why == code for _, why, _ in rulings),
        )
        for code in {why for _, why, _ in rulings}
    }
    for rep in report.reps:
        own = [over for who, _, over in rulings if who == rep.user]
        overturned = of_rep(rep)["overturned"]
        assert (overturned.part, overturned.n) == (sum(own), len(own))


def of_rep(rep: RepLine) -> dict[str, Any]:
    return {each.figure: each.now for each in rep.lines}


def check_reps(report: DigestReport, history: History) -> None:
    assert {rep.user for rep in report.reps} >= set(PEOPLE[:2])
    week = independent.clocks_of(history)
    for rep in report.reps:
        found = of_rep(rep)
        own = [clock for clock in week if clock["owner"] == rep.user and clock["kind"] in SALES]
        verdicts = Counter(independent.judged(clock) for clock in own if clock["cause"] in (None, "rep"))
        met = sum(independent.judged(clock) == "met" for clock in own)
        assert pair(found["sla_met"]) == (met, verdicts["missed"])
        accepted = sum(
            row["accepted_by"] == rep.user and independent.before(row["accepted_at"], NOW)
            for row in independent.handed(history)
        )
        assert found["accepted"].count == accepted
        taken = independent.business(history, "accept")
        held = [s for s, clock, _ in taken if (clock["owner"] or clock["met_by"]) == rep.user]
        assert numbers(found["accept_business"]) == independent.spread(held)


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
    check_reminders,
    check_rulings,
    check_reps,
)
