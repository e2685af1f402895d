"""`export`: what it writes opens nothing in a spreadsheet, and `import` takes it back as it was."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Connection, select

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.context import Context
from bot.errors import CannotStart
from bot.handoffs import importing, take_in
from bot.handoffs.importing import import_file
from bot.handoffs.taken import Door
from bot.leadform import LeadFaults, read_lead
from bot.leadform.sheets import guarded, unguarded
from bot.settings import Settings
from handlers.cli.exporting import export_command
from storage.database import Database
from storage.models import clocks, handoffs, leads

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "GAP", 0)


def settings_of(url: str) -> Settings:
    return Settings(slack_bot_token=SecretStr(""), database_url=SecretStr(url))


def exported(url: str, what: str = "leads") -> str:
    out = io.StringIO()
    assert export_command(what, "csv", settings_of(url), out) == 0
    return out.getvalue()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def open_with_book(url: str) -> tuple[Database, AgreementBook]:
    database = Database.open(url)
    return database, database.write_now(open_book, default_agreement(), NOW)


def take(database: Database, book: AgreementBook, record: dict[str, Any], system: str = "salesforce") -> None:
    context = Context(NOW, NOW, book, "api:test", "trace")
    database.write_now(take_in, context, read_lead(record, now=NOW), Door(system))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+2", "'=1+2"),
        ("+1 617 555 0101", "'+1 617 555 0101"),
        ("-2+3", "'-2+3"),
        ("-12.50", "-12.50"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("'=1", "''=1"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("a=b", "a=b"),
    ],
)
def test_a_cell_that_begins_like_a_formula_is_quoted_and_read_back(text: str, cell: str) -> None:
    assert guarded(text) == cell
    assert unguarded(cell) == text


@given(st.text(alphabet="'=+-@\t\r\n 01a\uff1d", max_size=6))
def test_no_text_is_changed_by_being_quoted_and_read_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "@", "\t", "\r"))


def test_every_table_can_be_exported_and_opens_nothing(sqlite_url: str) -> None:
    database, book = open_with_book(sqlite_url)
    take(
        database,
        book,
        {
            "email": "jane@acme.com",
            "first_name": "=HYPERLINK(1)",
            "phone": "+1 617 555 0101",
            "company": "@SUM(1)",
            "activities": [{"type": "demo_request", "at": "2026-11-10T14:59:00Z"}],
        },
    )
    (row,) = rows_of(exported(sqlite_url))
    assert (row["first_name"], row["company"]) == ("'=HYPERLINK(1)", "'@SUM(1)")
    assert row["phone"] == "'+16175550101"
    (clock,) = rows_of(exported(sqlite_url, "clocks"))
    assert (clock["kind"], clock["due_at"]) == ("accept", "2026-11-10T15:05:00+00:00")
    for what in ("leads", "handoffs", "clocks", "events"):
        cells = [cell for line in csv.reader(io.StringIO(exported(sqlite_url, what))) for cell in line]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
    database.close()


def test_a_database_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "batton.db"
    for what in ("leads", "clocks"):
        with pytest.raises(CannotStart, match=r"batton\.db does not exist"):
            export_command(what, "csv", settings_of(f"sqlite:///{path}"), io.StringIO())
    assert not path.exists()


def test_a_file_that_holds_nothing_of_ours_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.touch()
    with pytest.raises(CannotStart, match="Check DATABASE_URL"):
        export_command("leads", "csv", settings_of(f"sqlite:///{path}"), io.StringIO())
    assert path.stat().st_size == 0


def test_what_is_exported_comes_back_with_all_ids_and_is_not_handed_off_again(
    sqlite_file: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_file, tmp_path / 'there.db')}"
    there, book = open_with_book(url)
    record = {
        "email": "jane@acme.com",
        "external_id": "00Q1",
        "title": "VP Engineering",
        "employees": 900,
        "activities": [{"type": "demo_request", "at": "2026-11-10T14:59:00Z", "detail": "+ a call; today"}],
        "Favourite colour": "=blue",
    }
    take(there, book, record)
    take(there, book, {"email": "jane@acme.com", "external_id": "77"}, "hubspot")
    take(there, book, {"email": "won@acme.com", "title": "CTO", "employees": 900})
    there.write_now(lambda tx: tx.execute(leads.update().where(leads.c.id == 2).values(stage="won")))
    text = exported(url)
    there.close()
    here = brought_back(text, sqlite_file, tmp_path)
    again = rows_of(exported(str(here.url)))
    assert [row["external_ids"] for row in again] == ['[["salesforce", "00Q1"], ["hubspot", "77"]]', "[]"]
    assert again[0]["activities"] == rows_of(text)[0]["activities"]
    assert [row["stage"] for row in again] == ["inquiry", "won"]
    assert here.read_now(_counts) == (0, 0)


def brought_back(text: str, empty: Path, folder: Path) -> Database:
    url = f"sqlite:///{shutil.copy(empty, folder / 'here.db')}"
    path = folder / "leads.csv"
    path.write_text(text, encoding="utf-8", newline="")
    here, book = open_with_book(url)
    report = import_file(path, here, Clock(start=NOW, speed=0), book, lambda _done, _size: None)
    assert (report.bad, report.system) == (0, "baton")
    return here


def _counts(tx: Connection) -> tuple[int, int]:
    return len(tx.execute(select(handoffs)).all()), len(tx.execute(select(clocks)).all())


_ODD = st.text(alphabet=st.sampled_from("'=+-@;,\"\t\n|/ aZéЖ漢9.%<&"), max_size=12)
_RECORDS = st.fixed_dictionaries(
    {"external_id": st.uuids().map(str)},
    optional={
        "email": st.sampled_from(["info@acme.com", "jane@acme.com", "José@exämple.de", "a+b@x.org"]),
        "first_name": _ODD,
        "last_name": _ODD,
        "title": _ODD,
        "phone": st.sampled_from(["+1 617 555 0101", "030 1234", "=1", "nonsense", "0049 30 901820"]),
        "company": _ODD,
        "domain": st.sampled_from(["acme.co.uk", "https://emea.acme.com/x", "soon"]),
        "employees": st.sampled_from([12, "11-50", "1.2k", "200+"]),
        "country": _ODD,
        "source": _ODD,
        "utm_source": _ODD,
        "campaign": _ODD,
        "amount": st.sampled_from(["12,000", "$12k", 99.5]),
        "notes": _ODD,
        "qualified": st.booleans(),
        "owner": _ODD,
        "Some column": _ODD,
        "extra": st.dictionaries(_ODD, _ODD, max_size=2),
        "Last Activity": st.sampled_from(["Webinar", "Never"]),
        "Last Activity Date": st.just("2026-11-01"),
        "activities": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["webinar", "call", "download"]), "detail": _ODD},
                optional={"at": st.just("2026-11-03T10:00:00Z"), "by": st.just("U1")},
            ),
            max_size=2,
        ),
    },
)
_NOT_BROUGHT = {"id", "updated_at", "why", "grade", "priority", "unrouted_at", "owner", "stage"}
"""What follows from the rest, or from what sales does here."""


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # each example fills two databases: shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(_RECORDS, min_size=1, max_size=6, unique_by=lambda record: record["external_id"]))
def test_whatever_the_leads_are_the_export_brings_them_back_without_loss(
    tmp_path: Path, sqlite_file: Path, records: list[dict[str, Any]]
) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_file, tmp_path / 'there.db')}"
    database, book = open_with_book(url)
    for number, record in enumerate(records):
        try:
            take(database, book, record, f"system{number % 2}")
        except LeadFaults:
            continue
    text = exported(url)
    database.close()
    here = brought_back(text, sqlite_file, tmp_path)
    again = exported(str(here.url))
    here.close()
    for brought, told in zip(_told(again), _told(text), strict=True):
        assert {name: (brought[name], told[name]) for name in told if brought[name] != told[name]} == {}


def _told(text: str) -> list[dict[str, Any]]:
    told = []
    for row in rows_of(text):
        kept = {name: cell for name, cell in row.items() if name not in _NOT_BROUGHT}
        told.append({**kept, "extra": json.loads(row["extra"]), "told_at": json.loads(row["told_at"])})
    return told
