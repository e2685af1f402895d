"""What the calibration says of grades and criteria agrees with plain Python over the same handoffs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.agreement.book import AgreementBook, open_book
from bot.digest.calibration import Calibration, calibration_of, is_look, rule_id
from bot.digest.making import Question
from bot.digest.periods import Span, read_period
from storage.database import Database
from storage.models import agreement_versions
from tests.bot.digest.histories import NOW, SINCE, asked_of
from tests.bot.digest.test_agenda import history
from tests.bot.ledger import Ledger

WEEK = read_period("2026-W47", NOW, "America/New_York")
LOOK = read_period("2026-W53", datetime(2027, 1, 4, 12, tzinfo=UTC), "America/New_York")
"""The first weekly report of a quarter, whose 13 weeks hold the same handoffs."""

HANDED, LATER = SINCE + timedelta(hours=1), SINCE + timedelta(hours=2)
FATES: dict[str, dict[str, Any]] = {
    "waiting": {},
    "accepted": {"accepted_at": LATER},
    "rejected": {"rejected_at": LATER, "reason": "too_small"},
    "won": {"accepted_at": LATER, "won_at": LATER},
    "lost": {"accepted_at": LATER, "lost_at": LATER},
}
CRITERIA = ("Senior title", "200+ employees", "50+ employees")
Drawn = tuple[str, str, frozenset[str]]
HANDOFFS = st.lists(
    st.tuples(
        st.sampled_from(("A1", "B2", "C3")),
        st.sampled_from(sorted(FATES)),
        st.frozensets(st.sampled_from(CRITERIA)),
    ),
    min_size=1,
    max_size=40,
)


def calibrated(database: Database, drawn: list[Drawn], span: Span = WEEK) -> Calibration:
    rows = [
        {
            "handed_at": HANDED,
            "grade": grade,
            "why": [f"{words} (+30)" for words in sorted(why)],
            **FATES[fate],
        }
        for grade, fate, why in drawn
    ]
    return asked_of(database, history(*rows), lambda tx, book: calibration_of(tx, book, Question(span), NOW))


@given(HANDOFFS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_count_of_the_calibration_can_be_counted_by_hand(
    database: Database, drawn: list[Drawn]
) -> None:
    found = calibrated(database, drawn)
    taken = ("accepted", "won", "lost")
    assert found.n == len(drawn)
    assert {
        cell["grade"]: (cell["accepted"], cell["rejected"], cell["won"], cell["closed"], cell["handed_off"])
        for cell in found.to_json()["cells"]
    } == {
        grade: (
            *(count(own, *taken), count(own, "rejected"), count(own, "won")),
            *(count(own, "won", "lost"), len(own)),
        )
        for grade in {grade for grade, _, _ in drawn}
        for own in [[one for one in drawn if one[0] == grade]]
    }
    told_of = {each.rule.why: each for each in found.rules}
    for words in CRITERIA:
        met = [one for one in drawn if words in one[2]]
        rest = [one for one in drawn if words not in one[2]]
        each = told_of[words]
        assert each.n == count(met, *taken, "rejected")
        enough = min(each.n, count(rest, *taken, "rejected")) >= 10
        assert (each.lift is not None) is enough


def count(drawn: list[Drawn], *fates: str) -> int:
    """How many had one of these fates."""
    return sum(fate in fates for _, fate, _ in drawn)


def test_a_grade_that_sales_turns_down_becomes_the_exact_line_to_change(database: Database) -> None:
    nobody: frozenset[str] = frozenset()
    drawn = [("A1", "won", nobody)] * 160 + [("B2", "rejected", nobody)] * 160
    verdict, *lines = calibrated(database, drawn, LOOK).lines
    assert verdict.startswith("Raise the MQL threshold from B2 to ")
    assert "acceptance +50 points (" in verdict
    assert "50% fewer leads" in verdict
    assert "Over the last 13 weeks (n = 320) it would have cost no deal won" in verdict
    assert 'under [qualification]: mql = "' in verdict
    assert "A1: accepted 100% (n = 160), won 100% (n = 160)" in lines
    (made,) = calibrated(database, drawn, LOOK).to_json()["proposals"]
    assert (made["from"], made["volume"], made["won_lost"]) == ("B2", -0.5, 0)
    assert made["acceptance"]["low"] <= made["acceptance"]["delta"] == 0.5 <= made["acceptance"]["high"]
    assert calibrated(database, drawn, LOOK).advised_line == made["to"]


def test_revenue_that_a_line_would_cost_is_of_one_currency(database: Database) -> None:
    won: dict[str, Any] = {"accepted_at": LATER, "won_at": LATER}
    rows: list[dict[str, Any]] = [
        *({"grade": "A1", **won, "amount_minor": 500_000, "currency": "EUR"} for _ in range(400)),
        *({"grade": "B2", **won, "amount_minor": 700, "currency": code} for code in ("EUR", "USD") * 2),
        *({"grade": "B2", "rejected_at": LATER, "reason": "too_small"} for _ in range(300)),
    ]
    made = history(*({"handed_at": HANDED, "why": []} | row for row in rows))
    found = asked_of(database, made, lambda tx, book: calibration_of(tx, book, Question(LOOK), NOW))
    (proposal,) = found.to_json()["proposals"]
    assert (proposal["won_lost"], proposal["revenue_lost"], proposal["currency"]) == (4, 14.0, "EUR")


def test_between_the_first_reports_of_two_quarters_nothing_is_proposed(database: Database) -> None:
    nobody: frozenset[str] = frozenset()
    drawn = [("A1", "won", nobody)] * 160 + [("B2", "rejected", nobody)] * 160
    found = calibrated(database, drawn)
    assert found.lines[0] == "The MQL threshold, B2, is reviewed in the first report of each quarter."
    assert found.advised_line is None
    assert (found.to_json()["proposals"], found.to_json()["why_none"]) == ([], "early")


@pytest.mark.parametrize(
    ("asked", "looks"),
    [
        ("2026-W53", True),  # reported on Monday 4 January
        ("2027-W01", False),
        ("2026-W52", False),
        ("2026-W39", False),
        ("2026-W40", True),  # reported on Monday 5 October
        ("2026-Q4", False),
        ("2026-12", False),
    ],
)
def test_the_look_that_counts_is_the_first_weekly_report_of_a_quarter(asked: str, looks: bool) -> None:
    now = datetime(2027, 2, 1, tzinfo=UTC)
    assert is_look(read_period(asked, now, "America/New_York")) is looks


def test_a_rule_is_the_same_rule_under_another_name_and_other_points() -> None:
    title = {"title": "~chief"}
    assert rule_id("fit", title) == rule_id("fit", dict(title))
    assert rule_id("fit", title) != rule_id("engagement", title)
    assert rule_id("fit", title) != rule_id("fit", {"title": "~head"})


def renamed(*words: str) -> list[LoadedAgreement]:
    """Versions that call the rule for senior titles by these words, and are otherwise alike."""
    text = default_agreement().text
    assert "Senior title" in text
    return [
        loaded(text.replace("Senior title", each).replace("2026-Q4", f"2027-Q{number}"))
        for number, each in enumerate(words, start=1)
    ]


def over_three_versions(database: Database, lost: str = "") -> Calibration:
    """Twelve leads under each of three names of a rule; the text of one version may be gone."""
    names = ("Senior title", "Decides", "Signs")
    rows: list[dict[str, Any]] = [
        {"handed_at": HANDED, "grade": "B2", "why": [f"{name} (+30)"], "accepted_at": LATER}
        for name in names
        for _ in range(12)
    ]

    def ask(tx: Connection, book: AgreementBook) -> Calibration:
        for agreement in renamed(*names[1:]):
            book = open_book(tx, agreement, HANDED)
        gone = agreement_versions.c.version == lost
        tx.execute(update(agreement_versions).where(gone).values(text="this was lost"))
        after_a_start = AgreementBook(book.current, book.current_id)
        return calibration_of(tx, after_a_start, Question(WEEK), NOW)

    return asked_of(database, history(*rows), ask)


def test_a_rule_that_was_renamed_twice_counts_under_all_three_versions(database: Database) -> None:
    found = over_three_versions(database)
    (each,) = [each for each in found.rules if each.rule.why == "Signs"]
    assert (each.n, found.gone) == (36, ())


def test_a_version_whose_text_is_gone_is_said_and_the_others_count(database: Database) -> None:
    found = over_three_versions(database, lost="2027-Q1")
    (each,) = [each for each in found.rules if each.rule.why == "Signs"]
    assert each.n == 24
    assert found.lines[-1].startswith("The text of version 2027-Q1 cannot be read any more.")


@pytest.mark.parametrize(
    ("met", "said"),
    [(CRITERIA[:1], ": too few leads without it to say (n = 40)"), ((), ": too few to say (n = 0)")],
)
def test_a_rule_that_everybody_or_nobody_meets_has_no_lift_and_says_why(
    database: Database, met: tuple[str, ...], said: str
) -> None:
    drawn: list[Drawn] = [("B2", fate, frozenset(met)) for fate in ("accepted", "rejected") * 20]
    (line,) = [line for line in calibrated(database, drawn).lines if CRITERIA[0] in line]
    assert line.endswith(said)


def test_no_figure_of_a_grade_or_a_rule_stands_without_its_n(database: Database) -> None:
    everybody, nobody = frozenset(CRITERIA), frozenset[str]()
    drawn: list[Drawn] = [("A1", "won", everybody)] * 40 + [("B2", "rejected", nobody)] * 40
    for made in ([], drawn[:3], drawn[:40], drawn):  # none, few, one class alike in all, two classes
        for line in calibrated(database, made).lines[1:]:
            assert "n = " in line or " of " in line, line  # 30% (n = 40), or 3 of 3


def test_leads_that_were_never_handed_off_count_among_those_that_meet_a_rule(database: Database) -> None:
    Ledger(database, now=HANDED).tells(email="kim@other.example", title="Chief Nothing")
    found = asked_of(database, history(), lambda tx, book: calibration_of(tx, book, Question(WEEK), NOW))
    (cell,) = found.cells
    title = next(place for place, each in enumerate(found.rules) if each.rule.why == "Senior title")
    assert (cell.leads, cell.handed_off, cell.met.bit_count()) == (1, 0, 1)
    assert found.rules[title].n == 0
