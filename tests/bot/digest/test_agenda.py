"""The agenda names what went otherwise than usual, the greatest first, and never the same thing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.digest.making import Question, make_report
from bot.digest.periods import read_period
from bot.digest.report import DigestReport
from storage.database import Database
from storage.figures import evidence
from tests.bot.digest.histories import NOW, SINCE, History, Row, asked_of

WEEK = read_period("2026-W47", NOW, "America/New_York")
LEAD: Row = {"created_at": NOW, "updated_at": NOW, "stage": "mql", "company": "ACME"}
OPTIONAL = dict.fromkeys(
    (
        *(
            "accepted_at",
            "rejected_at",
            "touched_at",
            "sql_at",
            "opportunity_at",
            "won_at",
            "lost_at",
            "deal_at",
        ),
        *("accepted_by", "rejected_by", "touched_by", "reason", "amount_minor", "currency", "campaign"),
    )
)


def week_of(*groups: tuple[int, dict[str, Any]], back: int = 0) -> list[Row]:
    """So many handoffs of each kind in a week."""
    day = SINCE + timedelta(days=1) - back * timedelta(days=7)
    return [{"handed_at": day, **fields} for count, fields in groups for _ in range(count)]


def rejected(reason: str, campaign: str | None = None) -> dict[str, Any]:
    return {
        "rejected_at": SINCE + timedelta(days=1),
        "state": "rejected",
        "reason": reason,
        "campaign": campaign,
    }


def accepted(campaign: str | None = None) -> dict[str, Any]:
    return {"accepted_at": SINCE + timedelta(days=1), "accepted_by": "U0REP1", "campaign": campaign}


def history(*rows: Row, clocks: list[Row] | None = None) -> History:
    made = History()
    for number, row in enumerate(rows, start=1):
        made.leads.append(LEAD | {"id": number})
        fixed = {
            "id": number,
            "lead_id": number,
            "team": "Enterprise",
            "priority": "P2",
            "grade": "B2",
            "state": "closed",
        }
        past = {k: row["handed_at"] for k in ("accepted_at", "rejected_at") if row.get(k)}
        made.handoffs.append(OPTIONAL | fixed | row | past)
    made.clocks += clocks or []
    return made


def report_of(tx: Connection, book: AgreementBook) -> DigestReport:
    return make_report(tx, book, Question(WEEK), NOW)


def test_a_campaign_that_is_rejected_more_than_the_others_comes_first(database: Database) -> None:
    before = [
        row
        for back in range(1, 5)
        for row in week_of((20, accepted()), (2, rejected("duplicate")), back=back)
    ]
    now = week_of(
        (7, accepted("q4-webinar")),
        (9, rejected("too_small", "q4-webinar")),
        (2, rejected("junk", "q4-webinar")),
        (20, accepted()),
    )
    report = asked_of(database, history(*before, *now), report_of)
    first = report.agenda[0]
    assert first.key == "campaign.q4-webinar.rejected"
    assert first.sentence == (
        "Campaign q4-webinar: 11 of 18 decided were rejected. Usual: 0% (n = 20). "
        "Main reason: “Company too small” (9)."
    )
    assert (first.count, first.of, len(first.leads)) == (11, 18, 10)
    assert not [point for point in report.agenda[1:] if "too_small" in point.key]


def test_a_point_on_rejections_tells_the_size_of_the_companies(database: Database) -> None:
    made = history(*week_of((12, rejected("too_small", "fair"))))
    for lead in made.leads:
        lead["employees"] = 10 + lead["id"]
    [first, *_] = asked_of(database, made, report_of).agenda
    assert first.sentence.endswith("Most companies have 12 to 21 employees (n = 12).")


def test_velocity_is_worked_out_where_there_are_enough_deals(database: Database) -> None:
    opened, won = SINCE + timedelta(days=1), SINCE + timedelta(days=2)
    deal = accepted() | {"handed_at": won - timedelta(days=20), "opportunity_at": opened, "currency": "USD"}
    rows = [deal | {"won_at": won, "amount_minor": 200_000} for _ in range(12)]
    rows += [deal | {"lost_at": won, "amount_minor": 100_000} for _ in range(4)]
    rows.append(deal | {"amount_minor": None})
    [(currency, a_day)] = asked_of(database, history(*rows), report_of).velocity
    assert currency == "USD"
    amount = (12 * 200_000 + 4 * 100_000) / 16
    assert a_day == pytest.approx(16 * (12 / 16) * amount / 20)


def test_an_ordinary_week_has_nothing_to_talk_about(database: Database) -> None:
    weeks = [row for back in range(5) for row in week_of((10, accepted()), (1, rejected("junk")), back=back)]
    report = asked_of(database, history(*weeks), report_of)
    assert [point.key for point in report.agenda if point.key != "handed_off"] == []


def test_a_first_week_does_not_call_a_share_usual_that_nobody_knows(database: Database) -> None:
    report = asked_of(database, history(*week_of((2, accepted()), (9, rejected("junk", "fair")))), report_of)
    assert "Nothing yet to compare with" in report.agenda[0].sentence


def test_missed_clocks_of_a_team_are_held_against_the_goal(database: Database) -> None:
    rows = week_of((30, accepted()))
    due = SINCE + timedelta(days=2)
    clock = {
        "kind": "accept",
        "owner": "U0REP1",
        "started_at": SINCE,
        "due_at": due,
        "duration": 60,
        "worked": None,
        "met_by": None,
        "stopped_at": None,
    }
    met = {"met_at": due, "breached_at": None, "cause": None}
    late = {"met_at": due + timedelta(hours=1), "breached_at": due, "cause": "rep"}
    clocks = [
        {"id": n, "handoff_id": n, "lead_id": n} | clock | (late if n <= 12 else met) for n in range(1, 31)
    ]
    report = asked_of(database, history(*rows, clocks=clocks), report_of)
    point = next(point for point in report.agenda if point.key == "team.Enterprise.accept.missed")
    assert point.sentence.startswith("Team Enterprise missed 12 of 30 accept SLAs.")
    assert point.sentence.endswith("Goal: at most 5%.")
    assert point.todo == "Agree who accepts while the owner is busy."


def test_there_are_at_most_three_points_and_each_can_be_counted_again(database: Database) -> None:
    groups = [
        (8, rejected(reason, campaign))
        for reason, campaign in (("junk", "a"), ("too_small", "b"), ("wrong_role", "c"), ("other", "d"))
    ]
    rows = week_of(*groups, (40, accepted()), (30, {}))

    def ask(tx: Connection, book: AgreementBook) -> list[tuple[int, int]]:
        report, scope = report_of(tx, book), Question(WEEK).scope(NOW)
        assert len(report.agenda) == 3
        return [(point.count, evidence.count(tx, scope, point.key)) for point in report.agenda]

    for said, counted in asked_of(database, history(*rows), ask):
        assert said == counted


def test_reps_are_never_named_on_the_agenda(database: Database) -> None:
    report = asked_of(database, history(*week_of((12, rejected("junk")), (3, accepted()))), report_of)
    assert not [point for point in replace(report).agenda if "U0REP" in point.sentence + point.key]
