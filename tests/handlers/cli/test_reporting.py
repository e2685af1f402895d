"""`digest`, `export` and `/stats` as the person at the terminal and other tools see them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Connection, func, select

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.errors import CannotStart
from bot.metrics import FIGURES
from bot.settings import Settings
from handlers.cli.exporting import export_command
from handlers.cli.reporting import Wanted, digest_command
from storage.database import Database
from storage.models import deliveries, reports
from tests.bot.digest.histories import NOW, store
from tests.bot.digest.test_agenda import accepted, history, rejected, week_of
from tests.handlers.http.api_client import api_of

ROWS = history(*week_of((12, rejected("too_small", "=fair, “1”")), (13, accepted())))


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """A database with a week in it, and an agreement."""
    agreement = tmp_path / "ours.toml"
    agreement.write_text(default_agreement().text)
    database = Database.open(sqlite_url)

    def fill(tx: Connection) -> AgreementBook:
        return store(tx, ROWS)

    database.write_now(fill)
    database.close()
    return Settings(slack_bot_token=SecretStr(""), database_url=SecretStr(sqlite_url), agreement=agreement)


def printed(settings: Settings, wanted: Wanted) -> tuple[int, str]:
    out = io.StringIO()
    console = Console(file=out, width=250)
    status = digest_command(wanted, settings, Clock(start=NOW, speed=0), console, out)
    return status, out.getvalue()


def test_the_points_are_held_beside_a_model_where_that_is_asked_for(settings: Settings) -> None:
    _, said = printed(settings, Wanted(explain=True))
    assert said.rstrip().endswith(
        "Points beside a model: too few leads to say, under 30 accepted or rejected."
    )
    _, plain = printed(settings, Wanted())
    assert "beside a model" not in plain
    _, told = printed(settings, Wanted(explain=True, form="json"))
    assert json.loads(told)["explained"]["missed"] == []
    _, told = printed(settings, Wanted(form="json"))
    assert "explained" not in json.loads(told)
    with pytest.raises(CannotStart, match="Leave out --format csv"):
        printed(settings, Wanted(explain=True, form="csv"))


def test_the_report_is_printed_as_tables(settings: Settings) -> None:
    status, said = printed(settings, Wanted())
    assert status == 0
    assert "marketing handed off 25 MQLs, sales accepted 13" in said
    assert "52% (13)" in said
    assert "1. Campaign =fair, “1”: 12 of 12 decided were rejected" in said
    assert "none yet" in said  # the time to accept, which no clock has told


def test_the_report_is_json_for_programs(settings: Settings) -> None:
    _, said = printed(settings, Wanted(form="json"))
    found = json.loads(said)
    assert found["report"]["about"]["label"] == "2026-W47"
    [acceptance] = [
        each for each in found["figures"] if (each["section"], each["figure"]) == ("rates", "acceptance")
    ]
    assert (acceptance["share"], acceptance["n"]) == (13 / 25, 25)


def test_the_report_is_csv_with_a_line_for_each_figure(settings: Settings) -> None:
    _, said = printed(settings, Wanted(form="csv"))
    rows = list(csv.DictReader(io.StringIO(said)))
    [reason] = [row for row in rows if row["section"] == "reasons"]
    assert (reason["name"], reason["value"], reason["key"]) == (
        "Company too small",
        "12",
        "reasons.too_small",
    )


@pytest.mark.parametrize(
    ("key", "title"),
    [("reasons.too_small", "Rejected: too small (12)"), ("quality", "Rejected for quality (12)")],
)
def test_the_leads_behind_a_figure_are_listed(settings: Settings, key: str, title: str) -> None:
    status, said = printed(settings, Wanted(key=key))
    assert status == 0
    assert title in said
    assert said.count("ACME") == 12


def test_every_figure_of_the_table_leads_to_its_leads(settings: Settings) -> None:
    for figure in FIGURES.values():
        status, _ = printed(settings, Wanted(key=figure.key))
        assert (figure.key, status) == (
            figure.key,
            0 if figure.of.leads and figure.of.leads != "open_now" else 1,
        )


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(period="2027-W01"), "is still to come"),
        (Wanted(period="soon"), "is not a period"),
        (Wanted(only="enterprize"), "Did you mean “Enterprise”"),
        (Wanted(key="nothing"), "There is no figure"),
        (Wanted(period="week", post=True), "Only a finished week is posted"),
        (Wanted(only="Enterprise", post=True), "Only a finished week is posted"),
    ],
)
def test_what_cannot_be_had_is_said_and_status_1(settings: Settings, wanted: Wanted, words: str) -> None:
    status, said = printed(settings, wanted)
    assert status == 1
    assert words in said


def test_posting_puts_it_into_the_outbox_once(settings: Settings) -> None:
    assert "will be posted to C0LEADS" in printed(settings, Wanted(post=True))[1]
    assert "Nothing was posted" in printed(settings, Wanted(post=True))[1]
    database = Database.open(settings.database_url.get_secret_value())

    def count(tx: Connection) -> tuple[int, int]:
        posts = select(func.count()).select_from(deliveries).where(deliveries.c.kind == "report")
        return tx.execute(select(func.count()).select_from(reports)).scalar_one(), tx.execute(
            posts
        ).scalar_one()

    assert database.read_now(count) == (1, 1)
    database.close()


def exported(settings: Settings, what: str, form: str) -> str:
    out = io.StringIO()
    assert export_command(what, form, settings, out) == 0
    return out.getvalue()


def test_tables_are_exported_as_they_are(settings: Settings) -> None:
    leads = list(csv.DictReader(io.StringIO(exported(settings, "leads", "csv"))))
    assert [row["id"] for row in leads] == [str(n) for n in range(1, 26)]
    assert {row["company"] for row in leads} == {"ACME"}
    handoffs: list[dict[str, Any]] = json.loads(exported(settings, "handoffs", "json"))
    assert len(handoffs) == 25
    assert handoffs[0]["campaign"] == "=fair, “1”"
    assert handoffs[0]["handed_at"].endswith("+00:00")
    assert json.loads(exported(settings, "events", "json")) == []


@pytest.mark.parametrize(("what", "form"), [("people", "csv"), ("leads", "xml")])
def test_what_is_no_table_or_no_format_is_said(settings: Settings, what: str, form: str) -> None:
    with pytest.raises(CannotStart, match="leads, handoffs, clocks, events"):
        export_command(what, form, settings, io.StringIO())


@pytest.fixture
def database(sqlite_url: str) -> Database:
    return Database.open(sqlite_url)


async def asked(database: Database, query: str, *, token: str = "s3cret") -> httpx.Response:
    transport = httpx.ASGITransport(app=api_of(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://baton") as client:
        return await client.get(f"/stats{query}", headers={"Authorization": f"Bearer {token}"})


async def test_other_tools_ask_for_counts(database: Database) -> None:
    answer = await asked(database, "?from=2026-11-02&to=2026-11-08&by=team")
    assert answer.status_code == 200
    assert answer.json() | {"as_of": ""} == {
        "from": "2026-11-02",
        "to": "2026-11-08",
        "timezone": "America/New_York",
        "by": "team",
        "as_of": "",
        "data_since": None,
        "figures": [],
    }


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?by=weather", 422, "“weather” is not a way to group figures"),
        ("?from=2026-11-08&to=2026-11-02", 422, "earlier day first"),
        ("?from=2027-01-01&to=2027-01-02", 422, "still to come"),
        ("?from=yesterday", 422, "not a period"),
    ],
)
async def test_what_cannot_be_counted_is_said(
    database: Database, query: str, status: int, words: str
) -> None:
    answer = await asked(database, query)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


async def test_nobody_counts_without_a_token(database: Database) -> None:
    assert (await asked(database, "", token="wrong")).status_code == 401
