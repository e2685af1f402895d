"""`check --leads`: every stored lead is held against every rule, and a rule that matches none is seen."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import Connection

from bot.agreement import default_agreement, parse_agreement
from bot.agreement.book import open_book
from bot.context import Context
from bot.handoffs import take_in
from bot.leadform import read_lead
from bot.setup.coverage import coverage
from handlers.cli.checking import run_check
from storage import leads
from storage.database import Database
from storage.migrations import migrate

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
JANE: dict[str, Any] = {
    "email": "jane@acme.example",
    "first_name": "Jane",
    "last_name": "Doe",
    "title": "CTO",
    "employees": 450,
    "Shoe size": "42",
    "activities": [{"type": "demo_request", "at": NOW.isoformat()}],
}


@pytest.fixture
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_url: str) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("AGREEMENT", str(tmp_path / "agreement.toml"))
    tmp_path.joinpath("agreement.toml").write_text(default_agreement().text, "utf-8")


def takes_in(database: Database, *records: dict[str, Any]) -> None:
    """Leads come in as another system sends them."""
    book = database.write_now(open_book, default_agreement(), NOW)
    for record in records:
        ctx = Context(NOW, NOW, book, "api:crm", "t")
        database.write_now(take_in, ctx, read_lead(record, now=NOW))


async def says(*, asked: bool = True) -> list[str]:
    """The lines in the terminal."""
    out = io.StringIO()
    await run_check(Path("no such file"), Console(file=out, width=250), NOW, leads=asked)
    return out.getvalue().splitlines()


def filled(url: str, fill: Callable[[Database], None]) -> None:
    database = Database.open(url)
    migrate(database)
    fill(database)
    database.close()


def test_each_rule_is_counted_for_itself_whatever_the_size_of_a_batch(database: Database) -> None:
    people = [{**JANE, "email": f"p{number}@acme.example", "title": "Clerk"} for number in range(4)]
    takes_in(database, JANE, *people)
    agreement = default_agreement().agreement
    counted = [database.read_now(coverage, agreement, NOW, size=size) for size in (1, 2, 500)]
    assert counted[0] == counted[1] == counted[2]
    found = counted[0]
    assert (found.leads, found.columns, found.activities) == (5, {"Shoe size"}, {"demo_request"})
    assert found.matched['qualification.always "activity:demo_request"'] == 5
    titles = [count for place, count in found.matched.items() if place.startswith("qualification.fit")]
    assert 1 in titles  # the one that asks for her title
    assert found.idle == [place for place, count in found.matched.items() if not count] != []


def test_a_lead_that_joined_another_is_not_counted(database: Database) -> None:
    takes_in(database, JANE, {**JANE, "email": "jd@acme.example"})

    def merge(tx: Connection) -> None:
        leads.merge(tx, 2, 1, NOW)

    database.write_now(merge)
    assert database.read_now(coverage, default_agreement().agreement, NOW).leads == 1


def test_every_team_and_persona_has_its_count(database: Database) -> None:
    takes_in(database, JANE)
    agreement = default_agreement().agreement
    found = database.read_now(coverage, agreement, NOW)
    for number, team in enumerate(agreement.teams):
        assert f'teams[{number}] "{team.name}".match' in found.matched
    for number, persona in enumerate(agreement.personas):
        assert f'personas[{number}] "{persona.name}".match' in found.matched
    for priority in agreement.priorities:
        for mark in priority.rules:
            assert f'priorities.{priority.name} "{mark}"' in found.matched
    assert found.matched['priorities.P1 "activity:demo_request"'] == found.matched['priorities.P3 "*"'] == 1
    assert found.matched['priorities.P1 "activity:pricing_request"'] == 0
    assert sum(place.startswith("qualification.engagement") for place in found.matched) == len(
        agreement.qualification.engagement
    )


@pytest.mark.usefixtures("_home")
async def test_a_rule_that_matches_nobody_is_marked(sqlite_url: str) -> None:
    filled(sqlite_url, lambda database: takes_in(database, JANE))
    lines = await says()
    assert '✓ qualification.always "activity:demo_request" matches 1 of 1 stored lead' in lines
    assert any(line.startswith("! ") and line.endswith("matches none of 1 stored lead") for line in lines)
    assert any(line.startswith("! leads ") and "without a matching lead" in line for line in lines)


@pytest.mark.usefixtures("_home")
async def test_a_column_that_came_in_is_known_to_the_rules(sqlite_url: str, tmp_path: Path) -> None:
    text = default_agreement().text
    rule = 'match = { "shoe size" = ">=40" }'
    first = next(line for line in text.splitlines() if line.startswith("match = "))
    parse_agreement(text.replace(first, rule, 1))
    tmp_path.joinpath("agreement.toml").write_text(text.replace(first, rule, 1), "utf-8")
    assert any("no lead field and no column" in line for line in await says(asked=False))
    filled(sqlite_url, lambda database: takes_in(database, JANE))
    assert not any("no lead field and no column" in line for line in await says())


@pytest.mark.usefixtures("_home")
async def test_without_leads_there_is_nothing_to_count(sqlite_url: str) -> None:
    assert any("leads there are none yet" in line for line in await says())
    filled(sqlite_url, lambda _: None)
    assert any("leads there are none yet" in line for line in await says())


@pytest.mark.usefixtures("_home")
async def test_leads_are_looked_at_only_if_asked_for(sqlite_url: str) -> None:
    filled(sqlite_url, lambda database: takes_in(database, JANE))
    assert not any("stored lead" in line for line in await says(asked=False))


@pytest.mark.usefixtures("_home")
async def test_a_database_without_tables_is_a_fault_in_words(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    database.write_now(lambda tx: tx.exec_driver_sql("ALTER TABLE lead RENAME TO other") and None)
    database.close()
    lines = await says()
    assert any("the database is not up to date" in line for line in lines), lines
