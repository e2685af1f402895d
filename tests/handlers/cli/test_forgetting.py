"""`forget EMAIL` as the person at the terminal sees it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner

import app
from bot.agreement import default_agreement
from bot.clock import Clock
from bot.errors import CannotStart
from bot.handoffs import Accept, accept
from bot.handoffs.refused import API, keep
from bot.leadform import FieldFault, LeadFaults
from bot.settings import Settings
from handlers.cli.exporting import export_person
from handlers.cli.forgetting import forget_command
from handlers.cli.importing import ImportOptions, run_import
from storage import refused
from storage.database import Database
from tests.bot.ledger import MONDAY, Ledger

Terminal: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    agreement = tmp_path / "ours.toml"
    agreement.write_text(default_agreement().text)
    return Settings(slack_bot_token=SecretStr(""), database_url=SecretStr(sqlite_url), agreement=agreement)


@pytest.fixture
def terminal(settings: Settings) -> Terminal:
    def forgets(typed: str, *, lift: bool = False) -> tuple[int, str]:
        console = Console(file=io.StringIO(), width=200)
        status = forget_command(typed, settings, Clock(start=MONDAY, speed=0), console, lift=lift)
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()

    return forgets


@pytest.fixture
def ledger(sqlite_url: str) -> Ledger:
    return Ledger(Database.open(sqlite_url))


def test_somebody_goes_by_address_or_number_and_asking_again_says_when(
    terminal: Terminal, ledger: Ledger
) -> None:
    ledger.takes_in()
    ledger.takes_in(email="jim@acme.example", external_id="2", first_name="Jim")
    assert terminal("JANE@acme.example") == (
        0,
        "Lead #1 was removed. The running bot rewrites its Slack messages about them. "
        "Only counts are left.\n",
    )
    assert terminal("jane@acme.example") == (0, "Lead #1 was removed on 16 Nov 2026.\n")
    assert terminal("#2")[0] == 0
    assert terminal("2") == (0, "Lead #2 was removed on 16 Nov 2026.\n")


def test_of_several_at_one_mailbox_one_is_named(terminal: Terminal, ledger: Ledger) -> None:
    for name in ("Ann", "Bo"):
        ledger.tells(email="info@acme.example", first_name=name, last_name="[bold]X\x1b[31m")
    status, said = terminal("info@acme.example")
    assert (status, "\x1b[31m" in said) == (1, False)
    assert said.startswith("Several leads have that address: #1 Ann [bold]X")
    assert terminal("#1")[0] == 0
    assert terminal("info@acme.example")[0] == 0


def test_whoever_came_no_further_than_the_refused_goes_too(terminal: Terminal, ledger: Ledger) -> None:
    bad = LeadFaults([FieldFault("amount", "is not an amount")])
    ledger.does("api:crm", keep, API, "crm", {"email": "zoe@acme.example"}, bad)
    ledger.does("api:crm", keep, API, "crm", {"email": "ann@acme.example"}, bad)
    status, said = terminal("zoe@acme.example")
    assert (status, said) == (
        0,
        "No lead has that address; 1 refused record dropped. From now on Baton refuses it.\n",
    )
    (left,) = ledger.database.read_now(refused.newest, limit=9)
    assert left.body == {"email": "ann@acme.example"}


@pytest.mark.parametrize("typed", ["#99", "nobody", "ext:a:b", "9" * 40])
def test_what_means_nobody_is_said(terminal: Terminal, typed: str) -> None:
    status, said = terminal(typed)
    assert status == 1
    assert "write an e-mail address, or a number like #12" in said
    assert terminal(typed, lift=True) == (1, "Nobody with that address or number was removed.\n")


def test_an_import_leaves_them_out_and_says_so_until_they_may_come_again(
    terminal: Terminal, ledger: Ledger, tmp_path: Path
) -> None:
    ledger.takes_in()
    terminal("jane@acme.example")
    file = tmp_path / "leads.csv"
    file.write_text("Email,First Name,Last Name\njane@acme.example,Jane,Doe\njim@acme.example,Jim,Poe\n")

    def imports() -> tuple[int, str]:
        console = Console(file=io.StringIO(), width=200)
        options = ImportOptions(format="json")
        status = run_import(
            file, ledger.database, Clock(start=MONDAY, speed=0), ledger.book, console, options
        )
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()

    status, said = imports()
    told = json.loads(said)
    assert (status, told["created"], told["removed"], told["refused"]) == (0, 1, 1, 0)
    assert not (tmp_path / "leads.rejected.csv").exists()
    assert terminal("jane@acme.example", lift=True)[0] == 0
    assert json.loads(imports()[1])["created"] == 1


def test_the_command_is_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("AGREEMENT", str(settings.agreement))
    ended = CliRunner().invoke(app.cli, ["forget", "#7"])
    assert (ended.exit_code, "There is no lead #7" in ended.output) == (1, True)


def test_a_person_gets_everything_that_is_kept_about_them_and_nothing_of_others(
    terminal: Terminal, ledger: Ledger, settings: Settings
) -> None:
    bad = LeadFaults([FieldFault("amount", "is not an amount")])
    handoff_id = ledger.handoff_comes(notes="likes tea")
    ledger.does("U0REP1", accept, Accept(handoff_id))
    ledger.handoff_comes(email="jim@else.example", external_id="2", first_name="Jim", last_name="Poe")
    for email in ("jane@acme.example", "jim@else.example"):
        ledger.does("api:crm", keep, API, "crm", {"email": email, "amount": "x"}, bad)

    def export(typed: str) -> str:
        out = io.StringIO()
        assert export_person(typed, settings, out) == 0
        return out.getvalue()

    said = export("Jane@acme.example")
    told = json.loads(said)
    assert [row["first_name"] for row in told["lead"]] == ["Jane"]
    assert [row["body"]["email"] for row in told["refused"]] == ["jane@acme.example"]
    assert told.keys() >= {"lead_alias", "activity", "handoff", "clock", "event", "delivery"}
    assert all(told[name] for name in ("lead_alias", "activity", "handoff", "clock", "event", "delivery"))
    assert "likes tea" in said
    assert "jim" not in said.casefold()
    assert json.loads(export("#1"))["lead"] == told["lead"]
    noted = ledger.tells(email="bo@else.example", notes="A friend of Jane Doe, jane@acme.example").id
    where = {"table": "lead", "row": [noted], "lead": noted}
    assert [each for each in json.loads(export("#1"))["mentioned"] if each["table"] == "lead"] == [where]
    assert json.loads(export("nobody@acme.example"))["lead"] == []
    with pytest.raises(CannotStart, match="no lead #99"):
        export("#99")
    terminal("jane@acme.example")
    assert "Jane" not in export("jane@acme.example")
