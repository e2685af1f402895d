"""The points beside a model: what no rule asks about is named, what was told too late is not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert

from bot.agreement.book import AgreementBook
from bot.digest.explaining import Explanation, Missed, explanation
from bot.digest.making import Question
from bot.digest.periods import read_period
from storage.database import Database
from storage.models import activities
from tests.bot.digest.histories import NOW, SINCE, History, asked_of
from tests.bot.digest.test_agenda import history

WEEK = read_period("2026-W47", NOW, "America/New_York")
HANDED, LATER = SINCE + timedelta(hours=1), SINCE + timedelta(hours=2)


def decided(n: int, *, told: Any = HANDED) -> History:
    """So many decisions that follow the visits, which were told at a moment, and not the title's points."""
    rows: list[dict[str, Any]] = []
    for number in range(n):
        fate = {"accepted_at": LATER} if number % 12 >= 5 else {"rejected_at": LATER, "reason": "too_small"}
        rows.append({"handed_at": HANDED, "why": ["Senior title (+30)"] * (number % 2), **fate})
    made = history(*rows)
    for number, lead in enumerate(made.leads):
        extra = {"Number of Sessions": str(number % 12 + number % 3), "Badge": "blue"}
        lead |= {"extra": extra, "told_at": {"numberofsessions": told.isoformat()}}
    return made


def explained_of(database: Database, made: History, visitors: Iterable[int] = ()) -> Explanation:
    def ask(tx: Connection, book: AgreementBook) -> Explanation:
        for lead in visitors:
            did = {"lead_id": lead, "type": "Trade Show", "at": HANDED, "key": f"k{lead}"}
            tx.execute(insert(activities).values(did))
        return explanation(tx, book, Question(WEEK), NOW)

    return asked_of(database, made, ask)


def test_a_count_that_no_rule_asks_about_is_named(database: Database) -> None:
    found = explained_of(database, decided(240))
    assert found.of is not None
    assert (found.of.n, found.of.surely) == (240, True)
    assert found.missed == (Missed("visits", in_rules=False),)
    assert "best possible on your fields" in found.words
    assert found.words.endswith("visits is in no rule.")
    assert found.to_json()["missed"] == [{"field": "visits", "in_rules": False}]


def test_what_was_told_after_the_handoff_explains_nothing(database: Database) -> None:
    found = explained_of(database, decided(240, told=LATER))
    assert found.missed == ()
    assert found.words.endswith("The fields do not clearly tell more than the points do.")


def test_an_activity_that_a_rule_asks_about_is_told_apart(database: Database) -> None:
    came = [number + 1 for number in range(240) if number % 12 >= 5]
    found = explained_of(database, decided(240, told=LATER), came)
    assert found.missed == (Missed("activity Trade Show", in_rules=True),)
    assert found.words.endswith("activity Trade Show says more than its rules do.")


def test_with_few_decisions_it_says_so(database: Database) -> None:
    found = explained_of(database, decided(20))
    assert found.of is None
    assert found.words == "Points beside a model: too few leads to say, under 30 accepted or rejected."
    assert found.to_json() == {"n": None, "points": None, "fields": None, "surely": None, "missed": []}
