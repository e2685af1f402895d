"""`replay` in the terminal: in words, as JSON, and what cannot be had in a sentence."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.agreement import default_agreement, load_agreement
from bot.clock import Clock
from bot.errors import CannotStart
from bot.handoffs import Accept, accept
from bot.settings import Settings
from handlers.cli.replaying import Wanted, against_command, replay_command
from storage import forecasts
from storage.database import Database
from tests.bot.ledger import RILEY, Ledger

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    text = default_agreement().text
    (tmp_path / "agreement.toml").write_text(text, encoding="utf-8")
    strict = text.replace('version = "2026-Q4"', 'version = "2027-Q1"').replace('mql = "B2"', 'mql = "A1"')
    strict = strict.replace('  "activity:demo_request",\n', "", 1)
    (tmp_path / "other.toml").write_text(strict, encoding="utf-8")
    ours = tmp_path / "agreement.toml"
    return Settings(slack_bot_token=SecretStr(""), database_url=SecretStr(sqlite_url), agreement=ours)


def says(settings: Settings, **wanted: Any) -> tuple[int, str]:
    out, console = io.StringIO(), io.StringIO()
    terminal = Console(file=console, width=400, markup=False)
    status = replay_command(Wanted(**wanted), settings, Clock(start=NOW, speed=0), terminal, out)
    return status, console.getvalue() + out.getvalue()


def test_it_says_in_words_what_would_have_been(settings: Settings, sqlite_url: str, tmp_path: Path) -> None:
    database = Database.open(sqlite_url)
    Ledger(database).takes_in(title="Intern", employees=20)
    database.close()
    status, said = says(settings, agreement=tmp_path / "other.toml", since="2026-11-16")
    assert status == 0
    assert "1 MQL fewer, of which sales accepted 0 and won 0: #1." in said


def test_as_json_each_handoff_stands_beside_how_it_was_recorded(settings: Settings, sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    Ledger(database).takes_in()
    database.close()
    status, said = says(settings, form="json")
    told = json.loads(said)
    (handoff,) = told["handoffs"]
    assert status == 0
    assert handoff["same"] is True
    shared = ("grade", "priority", "team", "owner", "due", "steps", "breaches")
    assert {name: handoff[name] for name in shared} == handoff["recorded"]
    assert handoff["lead"] == handoff["handoff"] == 1
    assert told["summary"]["handoffs"] == {"recorded": 1, "replayed": 1, "same": 1}


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"since": "2026-03-08T02:30"}, "2026-03-08T02:30 does not exist in America/New_York"),
        ({"since": "2026-11-18", "until": "2026-11-16"}, "--to must be later than --from"),
        ({"since": "someday"}, "Write `week`"),
    ],
)
def test_a_period_that_cannot_be_had_is_refused_in_words(
    settings: Settings, sqlite_url: str, wanted: dict[str, str], sentence: str
) -> None:
    status, said = says(settings, **wanted)
    assert status == 1
    assert sentence in said


class Terminal:
    """Checks the agreement in other.toml against a past period."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("AGREEMENT", str(folder / "other.toml"))
        self._none = folder / "none"

    def checks(self, period: str, now: datetime = NOW) -> tuple[int, str]:
        console = io.StringIO()
        terminal = Console(file=console, width=400, markup=False)
        return against_command(period, self._none, Clock(start=now, speed=0), terminal), console.getvalue()


def test_an_agreement_is_checked_against_a_past_period_before_it_goes_live(
    settings: Settings, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(sqlite_url)
    Ledger(database).takes_in(title="Intern", employees=20)
    database.close()
    terminal = Terminal(monkeypatch, tmp_path, sqlite_url)
    status, said = terminal.checks("this-week")
    assert (status, "1 MQL fewer, of which sales accepted 0 and won 0: #1." in said) == (0, True)
    status, said = terminal.checks("last-year")
    assert (status, "there is nothing to compare" in said) == (0, True)
    status, said = terminal.checks("never")
    assert (status, "Write `week`" in said) == (1, True)


def test_what_a_check_foretells_is_kept_until_the_agreement_is_live(
    settings: Settings, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(sqlite_url)
    ledger = Ledger(database)
    ledger.takes_in(title="Intern", employees=20)
    handoff = ledger.handoff_comes(
        external_id="hs-2", email="vp@big.example", last_name="Roe", employees=4500
    )
    ledger.does(RILEY, accept, Accept(handoff))
    terminal = Terminal(monkeypatch, tmp_path, sqlite_url)
    loaded = load_agreement(tmp_path / "other.toml")
    for period, now in (("this-week", NOW), ("last-year", NOW)):  # too short a time, and no leads
        status, said = terminal.checks(period, now)
        assert (status, "Kept" in said) == (0, False)
    assert database.read_now(forecasts.of, loaded.hash) is None
    later = NOW + timedelta(days=8)
    status, said = terminal.checks("this-month", later)
    kept = database.read_now(forecasts.of, loaded.hash)
    assert (status, "Saved as the forecast for 2027-Q1." in said) == (0, True)
    assert kept is not None
    assert (kept.handoffs, kept.decided, kept.accepted) == (1, 1, 1)  # the intern is none of it
    assert (kept.made_at, kept.to_at) == (later, later)
    ledger.agrees(loaded)
    status, said = terminal.checks("this-month", later + timedelta(hours=1))
    assert (status, "Kept" in said) == (0, False)
    assert database.read_now(forecasts.of, loaded.hash) == kept
    database.close()


def test_without_any_history_it_says_so(settings: Settings) -> None:
    status, said = says(settings)
    assert (status, "nothing to replay" in said) == (1, True)


def test_there_is_no_other_format(settings: Settings) -> None:
    with pytest.raises(CannotStart, match="text or json"):
        says(settings, form="yaml")
