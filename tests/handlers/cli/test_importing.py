"""`import FILE.csv` as the person at the terminal sees it."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Connection, func, select

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.settings import Settings
from handlers.cli.importing import INTERRUPTED, STOPPED, ImportOptions, import_command, run_import
from storage.database import Database
from storage.models import leads

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)


def imported(path: Path, database: Database, options: ImportOptions | None = None) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=200)
    book = database.write_now(open_book, default_agreement(), NOW)
    status = run_import(path, database, Clock(start=NOW, speed=0), book, console, options)
    shown = console.file
    assert isinstance(shown, io.StringIO)
    return status, shown.getvalue()


@pytest.fixture
def database(sqlite_url: str) -> Database:
    return Database.open(sqlite_url)


def test_all_good_is_status_0_and_a_summary(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email\na@example.com\nb@example.com\n")
    status, said = imported(path, database)
    assert status == 0
    assert [line.split() for line in said.splitlines() if "new leads" in line] == [["2", "new", "leads"]]


def test_a_bad_row_is_status_1_with_its_line_and_where_it_went(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "leads [draft].csv"
    path.write_text("Email\na@example.com\n[bold]nobody[/bold]\n")
    status, said = imported(path, database)
    assert status == 1
    assert "line 3: email:" in said
    assert "leads [draft].rejected.csv" in said


def test_the_command_takes_database_and_agreement_from_the_settings(tmp_path: Path, sqlite_url: str) -> None:
    agreement, file = tmp_path / "ours.toml", tmp_path / "leads.csv"
    agreement.write_text(default_agreement().text)
    file.write_text("Email\na@example.com\n")
    settings = Settings(
        slack_bot_token=SecretStr(""), database_url=SecretStr(sqlite_url), agreement=agreement
    )
    for said in ("1 new lead", "1 already known"):
        console = Console(file=io.StringIO())
        assert import_command(file, settings, Clock(start=NOW, speed=0), console) == 0
        assert isinstance(console.file, io.StringIO)
        assert said in " ".join(console.file.getvalue().split())


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts, as in a terminal; in the background of a script it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_says_that_what_is_imported_stays_and_the_same_file_brings_the_rest(
    tmp_path: Path, sqlite_url: str
) -> None:
    agreement, file, rows = tmp_path / "ours.toml", tmp_path / "leads.csv", 2000
    agreement.write_text(default_agreement().text)
    file.write_text("Email\n" + "".join(f"jane@firm{number}.example\n" for number in range(rows)))
    settings = Settings(
        slack_bot_token=SecretStr(""), database_url=SecretStr(sqlite_url), agreement=agreement
    )
    database = Database.open(sqlite_url)

    def count(tx: Connection) -> int:
        return tx.execute(select(func.count()).select_from(leads)).scalar_one()

    def press_ctrl_c() -> None:
        while database.read_now(count) == 0:
            time.sleep(0.002)
        signal.raise_signal(signal.SIGINT)

    def run() -> tuple[int, str]:
        console = Console(file=io.StringIO(), width=200)
        status = import_command(file, settings, Clock(start=NOW, speed=0), console)
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()

    presses = threading.Thread(target=press_ctrl_c)
    presses.start()
    status, said = run()
    presses.join()
    assert (status, said.strip()) == (INTERRUPTED, STOPPED)
    assert 0 < database.read_now(count) < rows
    assert run()[0] == 0
    assert database.read_now(count) == rows
    database.close()


def test_a_pipe_is_imported_as_a_file_is(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out, into = os.pipe()
    os.write(into, "Lead ID;Email;Name\n7;z@example.com;Łukasz Źdźbło\n;;Nobody\n".encode("cp1250"))
    os.close(into)
    with os.fdopen(out) as text:
        monkeypatch.setattr(sys, "stdin", text)
        status, said = imported(Path("-"), database)
    assert (status, "Read as Windows-1250" in said) == (1, True)
    assert "IDs are those of file:stdin." in said
    assert "Nobody" in tmp_path.joinpath("stdin.rejected.csv").read_text("utf-8")


def test_a_file_that_is_not_there_is_status_1_and_one_sentence(tmp_path: Path, database: Database) -> None:
    status, said = imported(tmp_path / "none.csv", database)
    assert status == 1
    assert said.strip().count("\n") == 0
    assert "no file" in said


def test_the_summary_says_how_the_file_was_understood(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes("Email;Name;Compny\na@example.com;Łukasz Źdźbło;Żubr\n\nTotal: 1\n".encode("cp1250"))
    _, said = imported(path, database)
    assert "Read as Windows-1250." in said
    assert "Columns: Email → email, Name → name." in said
    assert "Kept as they are: Compny (did you mean company?)." in said
    assert 'Line 4 is not a row of the table: "Total: 1".' in said


def test_the_summary_as_json_is_json_and_nothing_else(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email,Ma colonne,Employees\na@example.com,Acme,lots\nnobody,,\n")
    status, said = imported(path, database, ImportOptions(maps=["Ma colonne=company"], format="json"))
    told = json.loads(said)
    assert (status, told["rows"], told["created"], told["refused"]) == (1, 2, 1, 1)
    assert told["file"]["columns"][1] == {"name": "Ma colonne", "field": "company", "nearest": None}
    assert [each["column"] for each in told["file"]["set_aside"]] == ["Employees"]


def test_a_mapping_that_cannot_be_meant_is_status_1_and_one_sentence(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email\na@example.com\n")
    status, said = imported(path, database, ImportOptions(maps=["Ma colonne=compny"]))
    assert (status, "did you mean company" in said) == (1, True)


def test_a_dry_run_says_that_nothing_was_stored_and_why_leads_would_stay(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email\na@example.com\nb@example.com\n")
    status, said = imported(path, database, ImportOptions(dry_run=True, system="fairs"))
    assert status == 0
    assert "Nothing was stored" in said
    assert "IDs are those of fairs." in said
    assert "Not handed off, 2:" in said
    assert "  2 below the MQL threshold: 2 no engagement in 30 days and too little fit" in said.splitlines()
    _, then = imported(path, database)
    assert "Nothing was stored" not in then
    assert ["2", "new", "leads"] in [line.split() for line in then.splitlines()]


def test_a_mapping_that_is_none_is_status_1_and_one_sentence(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email\na@example.com\n")
    status, said = imported(path, database, ImportOptions(maps=["company"]))
    assert (status, "is not a mapping" in said) == (1, True)


def test_the_summary_as_json_says_whose_ids_they_are(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email\na@example.com\n")
    _, said = imported(path, database, ImportOptions(format="json", dry_run=True))
    told = json.loads(said)
    assert (told["system"], told["dry_run"], told["created"]) == ("file:leads", True, 1)
    assert told["not_handed_off"] == {"below the line": 1}
    assert told["below_the_line"] == {"no engagement in 30 days and too little fit": 1}


def test_a_history_says_what_became_of_its_rows_and_whom_nobody_knows(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(
        "Record ID,Deal Name,Deal Stage,Close Date,Create Date,Deal owner,Amount,Associated Contact\n"
        "901,ACME,Closed Won,2026-03-01 10:00,2026-01-05 09:00,Riley,12000,Jane Doe (jane@acme.com)\n"
        "902,Beta,Closed Lost,2026-01-01 10:00,2026-02-05 09:00,Riley,,Eve Fox (eve@beta.io)\n"
    )
    status, said = imported(path, database, ImportOptions(history=True))
    assert status == 1
    assert "History: 1 won. Nothing was posted." in said
    assert "Owners not in the agreement: Riley (1). They are kept as text." in said
    assert "line 3: lost_at: 2026-01-01 10:00 lies before" in said


def test_a_history_is_told_as_json_too_and_its_columns_may_be_mapped(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "past.csv"
    path.write_text("Email,Name,An Vertrieb\njane@acme.com,Jane Doe,2026-01-05\n")
    options = ImportOptions(history=True, format="json", maps=["An Vertrieb=handed_off_at"])
    status, said = imported(path, database, options)
    assert status == 0
    assert json.loads(said)["history"] == {
        "handoffs": {"still open": 1},
        "clocks_started": 0,
        "unknown_owners": {},
        "unknown_reasons": {},
    }
