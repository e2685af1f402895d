"""`refused list|show|retry|drop` as the person at the terminal sees it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner

import app
from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.context import BATON, Context
from bot.errors import CannotStart
from bot.handoffs.refused import keep
from bot.leadform import FieldFault, LeadFaults
from bot.settings import Settings
from handlers.cli.refused import (
    Command,
    drop_refused,
    list_refused,
    refused_command,
    retry_refused,
    show_refused,
)
from storage.database import Database

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
BAD = LeadFaults([FieldFault("email", "is no [bold]address[/bold]")])

Terminal: TypeAlias = Callable[[Command], tuple[int, str]]


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    agreement = tmp_path / "ours.toml"
    agreement.write_text(default_agreement().text)
    settings = Settings(
        slack_bot_token=SecretStr(""), database_url=SecretStr(sqlite_url), agreement=agreement
    )

    def run(command: Command) -> tuple[int, str]:
        console = Console(file=io.StringIO(), width=120)
        status = refused_command(command, settings, Clock(start=NOW, speed=0), console)
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()

    return run


@pytest.fixture
def numbers(sqlite_url: str) -> list[int]:
    """One that is well by now, from the API, and one that is not, from a file."""
    database = Database.open(sqlite_url)
    context = Context(NOW, NOW, database.write_now(open_book, default_agreement(), NOW), BATON, "t")
    raws = [("api", {"email": "jane@example.com", "api_key": "hunter2"}), ("import", {"email": "nobody"})]
    found = [database.write_now(keep, context, door, "forms", raw, BAD) for door, raw in raws]
    database.close()
    return found


def test_the_list_says_when_by_which_door_and_why(terminal: Terminal, numbers: list[int]) -> None:
    status, said = terminal(list_refused())
    assert status == 0
    lines = [line.split() for line in said.splitlines()[1:]]
    assert [(line[0], line[3]) for line in lines] == [(str(numbers[1]), "import"), (str(numbers[0]), "api")]
    assert "2026-11-10 15:00" in said
    assert "email: is no [bold]address[/bold]" in said
    assert "import" not in terminal(list_refused(door="api"))[1]
    assert "no refused" in terminal(list_refused(cause="identity"))[1]
    assert "These are the latest 1" in terminal(list_refused(most=1))[1]


def test_a_cause_that_there_is_not_is_told_in_words(terminal: Terminal) -> None:
    with pytest.raises(CannotStart, match="identity, nobody, fields"):
        terminal(list_refused(cause="mood"))


def test_one_is_shown_with_its_body_and_without_its_secrets(terminal: Terminal, numbers: list[int]) -> None:
    status, said = terminal(show_refused(numbers[0]))
    assert (status, '"email": "jane@example.com"' in said, "hunter2" in said) == (0, True, False)
    assert terminal(show_refused(99))[0] == 1


def test_what_is_well_by_now_is_taken_and_the_rest_is_status_1(
    terminal: Terminal, numbers: list[int]
) -> None:
    status, said = terminal(retry_refused([], every=True))
    assert status == 1
    assert f"#{numbers[0]} is now lead #1: new" in said
    assert f"#{numbers[1]} is still refused: email:" in said
    assert "1 stored, 1 still refused." in said
    assert terminal(retry_refused([numbers[0]]))[0] == 1


def test_retrying_what_is_well_is_status_0(terminal: Terminal, numbers: list[int]) -> None:
    assert terminal(retry_refused([numbers[0]]))[0] == 0


@pytest.mark.parametrize(("chosen", "every"), [([], False), ([1], True)])
def test_retry_wants_numbers_or_all(terminal: Terminal, chosen: list[int], *, every: bool) -> None:
    with pytest.raises(CannotStart, match="--all"):
        terminal(retry_refused(chosen, every=every))


def test_what_is_dropped_is_gone_and_dropping_it_again_is_status_1(
    terminal: Terminal, numbers: list[int]
) -> None:
    assert terminal(drop_refused(numbers))[0] == 0
    assert "no refused records" in terminal(list_refused())[1]
    assert terminal(drop_refused(numbers[:1]))[0] == 1


def test_the_commands_are_found_on_the_command_line(
    tmp_path: Path, sqlite_url: str, numbers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    (tmp_path / "agreement.toml").write_text(default_agreement().text)
    words = (["list"], ["show", str(numbers[0])], ["retry", str(numbers[0])], ["drop", str(numbers[1])])
    for each in words:
        result = CliRunner().invoke(app.cli, ["refused", *each])
        assert result.exit_code == 0, result.output
    assert CliRunner().invoke(app.cli, ["refused", "retry"]).exit_code == 1
