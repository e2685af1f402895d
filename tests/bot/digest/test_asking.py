"""What people type after `/alignment`, and what they hear when it has no answer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.digest.asking import Asked, Unanswerable, leads_behind, understand
from bot.digest.making import Question
from bot.digest.periods import BadPeriod, read_period
from bot.digest.stats import MOST_PERIODS, stats, stretch
from bot.metrics import Place, shown_in
from storage.database import Database
from tests.bot.digest.histories import NOW, History, asked_of
from tests.bot.digest.test_agenda import accepted, history, rejected, week_of

ROWS = history(*week_of((12, rejected("too_small", "Fair.DE")), (13, accepted())))
NEW_YORK = "America/New_York"


def understood(database: Database, text: str, asker: str = "U0REP1") -> Asked:
    def ask(tx: Connection, book: AgreementBook) -> Asked:
        return understand(tx, book, text, asker, NOW)

    return asked_of(database, ROWS, ask)


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("", "2026-W48"),
        ("last week", "2026-W47"),
        ("last week enterprise", "2026-W47 team Enterprise"),
        ("quarter team Enterprise", "2026-Q4 team Enterprise"),
        ("last week Q4-Webinar", "2026-W47 campaign q4-webinar"),
        ("last week campaign fair.de", "2026-W47 campaign fair.de"),
        ("last week campaign none", "2026-W47 campaign none"),
        ("2026-11-01..2026-11-20 for q4-webinar", "2026-11-01..2026-11-20 campaign q4-webinar"),
    ],
)
def test_a_period_and_a_team_or_campaign_can_be_asked_for_and_again(
    database: Database, text: str, again: str
) -> None:
    asked = understood(database, text)
    assert asked.words == again
    assert understood(database, asked.words) == asked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("last week enterprize", "Did you mean “Enterprise”"),
        ("last week nobody-ever", "nor a team or campaign that handed off a lead in Week 47"),
        ("2026-11-20..2026-11-01", "Write the earlier day first"),
        ("2027-W01", "is still to come"),
    ],
)
def test_what_nobody_knows_is_said_in_words(database: Database, text: str, words: str) -> None:
    with pytest.raises(Unanswerable, match=words):
        understood(database, text)


def test_reps_are_shown_to_their_manager_and_to_admins_alone(database: Database) -> None:
    assert understood(database, "week", "U0REP1").question.teams_of_reps == ()
    assert understood(database, "week", "U0MGR").question.teams_of_reps
    every = understood(database, "week", "U0ADMIN").question.teams_of_reps
    assert set(understood(database, "week", "U0MGR").question.teams_of_reps) <= set(every)
    assert understood(database, "week enterprise", "U0ADMIN").question.teams_of_reps == ("Enterprise",)


def test_leads_are_asked_for_by_the_key_of_a_figure(database: Database) -> None:
    asked = understood(database, "leads campaign.Fair.DE.rejected:too_small last week")
    assert asked.key == "campaign.Fair.DE.rejected:too_small"

    def ask(tx: Connection, book: AgreementBook) -> int:
        return leads_behind(tx, book, asked.question, asked.key or "", NOW, 5).count

    assert asked_of(database, ROWS, ask) == 12


@pytest.mark.parametrize(
    "key", ["", "nothing", "campaign.x", "campaign.x.nothing", "accept.nothing", "rep.U0.x.y", "cause.rep.x"]
)
def test_a_key_that_no_figure_has_is_said_so(database: Database, key: str) -> None:
    span = read_period("last week", NOW, NEW_YORK)

    def ask(tx: Connection, book: AgreementBook) -> None:
        leads_behind(tx, book, Question(span), key, NOW, 5)

    with pytest.raises(Unanswerable, match="There is no figure"):
        asked_of(database, ROWS, ask)


def asked_of_stats(database: Database, by: str, history_: History = ROWS) -> list[dict[str, Any]]:
    def ask(tx: Connection, book: AgreementBook) -> list[dict[str, Any]]:
        return stats(tx, book, stretch("2026-11-16", "2026-11-22", NOW, NEW_YORK), by, NOW)

    return asked_of(database, history_, ask)


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("team", ["Enterprise"]),
        ("campaign", [None, "Fair.DE"]),
        ("reason", [None, "too_small"]),
        ("week", ["2026-W47"]),
        ("month", ["2026-11"]),
    ],
)
def test_other_tools_get_the_same_counts_in_groups(
    database: Database, by: str, labels: list[str | None]
) -> None:
    found = asked_of_stats(database, by)
    assert [each[by] for each in found] == labels
    assert sum(each["counts"]["handed_off"] for each in found) == 25


def test_a_rate_of_too_few_is_null_and_keeps_its_n(database: Database) -> None:
    [whole] = asked_of_stats(database, "")
    assert whole["rates"]["quality"]["value"] == pytest.approx(13 / 25)
    assert set(whole["rates"]) == {figure.key for figure in shown_in(Place.STATS)}
    assert set(whole["promises"]) == {"accept", "first_touch", "outcome", "answer"}
    assert whole["rates"]["sql_to_opportunity"] | {"formula": ""} == {
        "value": None,
        "part": 0,
        "n": 0,
        "formula": "",
    }
    [empty] = asked_of_stats(database, "", History())
    assert empty["counts"]["handed_off"] == 0
    assert empty["rates"]["acceptance"]["value"] is None


def test_a_stretch_for_other_tools_is_checked_in_words() -> None:
    assert str(stretch(None, None, NOW, NEW_YORK).first) == "2026-10-27"
    for begin, end, words in (
        ("2026-11-20", "2026-11-01", "earlier day first"),
        ("soon", None, "not a period"),
        ("2027-01-01", None, "after"),
    ):
        with pytest.raises(BadPeriod, match=words):
            stretch(begin, end, NOW, NEW_YORK)


def test_nobody_gets_ten_years_of_weeks_at_once(database: Database) -> None:
    def ask(tx: Connection, book: AgreementBook) -> None:
        stats(tx, book, stretch("2016-01-01", "2026-11-22", NOW, NEW_YORK), "week", NOW)

    with pytest.raises(BadPeriod, match=f"more than {MOST_PERIODS} weeks"):
        asked_of(database, History(), ask)
