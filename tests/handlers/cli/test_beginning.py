"""`init`: people by e-mail address, channels by name, about 60 lines, and everything else built in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.agreement import default_agreement, load_agreement
from bot.sandbox import Sandbox
from bot.settings import Settings
from bot.setup.short_agreement import Answers
from handlers.cli.beginning import init_command

EVERYTHING = Answers(
    admins=["ada@example.com"],
    marketing=["mara@example.com"],
    manager="MORGAN@example.com",
    reps=["riley@example.com", "robin@example.com"],
    team='Enter"prise',
    channel="#sales",
    marketing_channel="marketing",
    digest_channel="leads-weekly",
)


def settings_of(folder: Path, **others: Any) -> Settings:
    return Settings(agreement=folder / "agreement.toml", **others)


async def begins(folder: Path, answers: Answers, ask: Any = None, **marks: Any) -> list[str]:
    said: list[str] = []
    async with Sandbox(rate_limits=False) as slack:
        marks.setdefault("token", slack.bot_token)
        settings = settings_of(folder, slack_bot_token=SecretStr(marks["token"]), slack_api_url=slack.api_url)
        await asyncio.to_thread(init_command, settings, folder / ".env", answers, said.append, ask)
    return said


async def test_people_and_channels_are_those_of_slack(tmp_path: Path) -> None:
    said = await begins(tmp_path, EVERYTHING)
    text = (tmp_path / "agreement.toml").read_text("utf-8")
    agreement = load_agreement(tmp_path / "agreement.toml").agreement
    [team] = agreement.teams
    assert (agreement.roles.admins, agreement.roles.marketing) == (("U0ADMIN",), ("U0MARA",))
    assert (team.name, team.channel, team.manager) == ('Enter"prise', "C0SALES", "U0MGR")
    assert [rep.user for rep in team.reps] == ["U0REP1", "U0REP2"]
    assert agreement.marketing.channel == "C0MKTG"
    assert agreement.digest is not None
    assert agreement.digest.channel == "C0LEADS"
    assert agreement.reasons == default_agreement().agreement.reasons
    assert 45 <= len(text.splitlines()) <= 70
    assert "# Riley Ross" in text
    assert "Wrote the agreement" in said[0]
    assert (tmp_path / ".env").exists()


async def test_whom_slack_does_not_know_is_named_and_the_file_can_be_read(tmp_path: Path) -> None:
    answers = Answers(admins=["gone@example.com"], reps=["riley@example.com"], channel="#nowhere")
    said = await begins(tmp_path, answers)
    assert "Not found in Slack: gone@example.com: nobody here has this address." in said
    assert any("#nowhere: no such channel" in line for line in said)
    text = (tmp_path / "agreement.toml").read_text("utf-8")
    assert "put the ID of gone@example.com here" in text
    assert load_agreement(tmp_path / "agreement.toml").agreement.teams[0].rep("U0REP1")


async def test_the_terminal_asks_for_each(tmp_path: Path) -> None:
    typed = iter(
        ["ada@example.com", "mara@example.com", "morgan@example.com", "riley@example.com, robin@example.com"]
    )
    rest = iter(["Enterprise", "sales", "marketing", "leads-weekly"])
    await begins(tmp_path, Answers(), lambda _question, **_marks: next(typed, None) or next(rest))
    agreement = load_agreement(tmp_path / "agreement.toml").agreement
    assert agreement.teams[0].name == "Enterprise"
    assert len(agreement.teams[0].reps) == 2


async def test_without_a_token_it_says_how_to_get_more(tmp_path: Path) -> None:
    said = await begins(tmp_path, Answers(), token="")
    assert "With SLACK_BOT_TOKEN in .env" in said[-1]
    assert load_agreement(tmp_path / "agreement.toml").agreement.version == "1"


@pytest.mark.parametrize("full", [True])
def test_the_whole_is_there_too_and_nothing_is_overwritten(tmp_path: Path, full: bool) -> None:
    said: list[str] = []
    settings = settings_of(tmp_path, slack_bot_token=SecretStr(""))
    for _ in range(2):
        init_command(settings, tmp_path / ".env", Answers(), said.append, full=full)
    assert (tmp_path / "agreement.toml").read_text("utf-8") == default_agreement().text
    assert "already exists and stays as it is" in said[-4]
