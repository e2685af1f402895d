"""`intake try`, `intake list` and `refused retry` of a source, as the person at the terminal sees them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner

import app
from bot.agreement import default_agreement, load_agreement
from bot.agreement.book import open_book
from bot.clock import Clock
from bot.context import Context
from bot.errors import CannotStart
from bot.handoffs.received import Kept, receive
from bot.intake import Read, Unreadable, parsed, read_record, sources_of
from bot.settings import Settings
from handlers.cli.intake import list_command, try_command
from handlers.cli.refused import refused_command, retry_refused
from storage import leads, refused
from storage.database import Database

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
SOURCE = """
[[intake]]
name = "forms"
secret_env = "FORMS"
"""
RENAMED = '[intake.fields]\nemail = "\\"Ihre E-Mail fürs Angebot\\""\n'

Terminal: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    agreement = tmp_path / "ours.toml"
    agreement.write_text(default_agreement().text + SOURCE, encoding="utf-8")
    return Settings(
        slack_bot_token=SecretStr(""),
        database_url=SecretStr(sqlite_url),
        agreement=agreement,
        variables={"FORMS": SecretStr("s3cret-of-the-forms")},
    )


def said(command: Callable[[Console], int]) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=160)
    status = command(console)
    assert isinstance(console.file, io.StringIO)
    return status, console.file.getvalue()


def tried(settings: Settings, path: Path, name: str = "forms") -> tuple[int, str]:
    return said(lambda console: try_command(name, path, settings, NOW, console))


def test_try_shows_each_field_with_where_it_is_from_and_what_would_come_of_it(
    settings: Settings, tmp_path: Path
) -> None:
    body = {
        "email": "ada@fabrikam.example",
        "Full Name": "Ada Lind",
        "amount": "plenty",
        "activity": "demo_request",
    }
    (tmp_path / "body.json").write_text(json.dumps(body), encoding="utf-8")
    status, text = tried(settings, tmp_path / "body.json")
    assert status == 0
    assert "Ada" in text
    assert "as “Full Name”" in text
    assert "Note: amount:" in text
    assert "goes to sales" in text
    assert "Nothing was stored." in text


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "Refused: body: is not JSON"),
        ('{"company": "Fabrikam"}', "Refused: email: is missing"),
        ('[{"email": "a@b.example"}, {}]', "Record 2"),
    ],
)
def test_try_says_why_a_body_would_be_refused(
    settings: Settings, tmp_path: Path, body: str, says: str
) -> None:
    (tmp_path / "body").write_text(body, encoding="utf-8")
    status, text = tried(settings, tmp_path / "body")
    assert (status, says in text) == (1, True)


def test_try_names_the_sources_that_there_are_and_a_file_that_is_not(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(CannotStart, match="It has: forms"):
        tried(settings, tmp_path / "body", "nowhere")
    with pytest.raises(CannotStart, match="cannot be read"):
        tried(settings, tmp_path / "missing.json")


def test_list_shows_how_each_source_is_checked_and_whether_its_secret_is_set(settings: Settings) -> None:
    status, text = said(lambda console: list_command(settings, console))
    assert (status, "/intake/forms" in text, "bearer" in text, "set" in text) == (0, True, True, True)
    assert "s3cret-of-the-forms" not in text
    bare = settings.model_copy(update={"variables": {}})
    assert "FORMS is not set" in said(lambda console: list_command(bare, console))[1]


def came(settings: Settings, bodies: list[Any]) -> list[int]:
    """Bodies that come to the source and are refused: their numbers."""
    loaded = load_agreement(settings.agreement)
    source = sources_of(loaded.agreement, settings.variable)["forms"]
    database = Database.open(settings.database_url.get_secret_value())
    context = Context(NOW, NOW, database.write_now(open_book, loaded, NOW), "api:forms", "t")
    read = [_read(source, body) for body in bodies]
    outcomes = database.write_now(receive, context, "forms", read)
    database.close()
    return [each.number for each in outcomes if isinstance(each, Kept)]


def _read(source: Any, body: Any) -> Read:
    try:
        return read_record(source, parsed(body.encode()) if isinstance(body, str) else body, NOW)
    except Unreadable as bad:
        return Read(bad.text, bad)


def test_a_renamed_field_costs_a_mapping_and_not_the_leads(settings: Settings) -> None:
    bodies = [{"Ihre E-Mail fürs Angebot": f"p{n}@fabrikam.example"} for n in range(3)]
    assert len(came(settings, bodies)) == 3
    retry = lambda console: refused_command(  # noqa: E731 - it is told twice
        retry_refused([], door="forms"), settings, Clock(start=NOW, speed=0), console
    )
    assert "0 stored, 3 still refused." in said(retry)[1]
    settings.agreement.write_text(default_agreement().text + SOURCE + RENAMED, encoding="utf-8")
    status, text = said(retry)
    assert (status, "3 stored, 0 still refused." in text) == (0, True)
    database = Database.open(settings.database_url.get_secret_value())
    assert database.read_now(refused.numbers) == []
    stored = database.read_now(leads.get, 1)
    database.close()
    assert stored is not None
    assert stored.email == "p0@fabrikam.example"


def test_a_text_that_was_no_body_is_still_none_and_another_door_is_left_alone(settings: Settings) -> None:
    came(settings, ["{broken"])
    clock = Clock(start=NOW, speed=0)
    status, text = said(
        lambda console: refused_command(retry_refused([], door="forms"), settings, clock, console)
    )
    assert (status, "is not JSON" in text) == (1, True)
    status, text = said(
        lambda console: refused_command(retry_refused([], door="api"), settings, clock, console)
    )
    assert (status, "0 stored, 0 still refused." in text) == (0, True)


def test_the_commands_are_found_on_the_command_line(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGREEMENT", str(settings.agreement))
    (tmp_path / "body.json").write_text('{"email": "ada@fabrikam.example"}', encoding="utf-8")
    for words in (["intake", "list"], ["intake", "try", "forms", "body.json"]):
        result = CliRunner().invoke(app.cli, words)
        assert result.exit_code == 0, result.output
