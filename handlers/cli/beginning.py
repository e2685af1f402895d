"""`init` in the terminal: asks who is who, looks them up in Slack, and writes the first two files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import aiohttp

from bot.settings import Settings
from bot.setup.init_files import begin
from bot.setup.short_agreement import Answers, Found, find, short_agreement
from bot.slack.link import web_client

VERSION = "1"
Say = Callable[[str], None]
Ask = Callable[..., str]


def init_command(
    settings: Settings,
    env_file: Path,
    answers: Answers,
    say: Say,
    ask: Ask | None = None,
    *,
    full: bool = False,
) -> None:
    """Write what is missing, and say what became of it. `ask`: prompts for one answer. Raises CannotStart."""
    if full or os.path.lexists(settings.agreement):
        for said in begin(settings.agreement, env_file):
            say(said)
        return
    has_token = bool(settings.slack_bot_token.get_secret_value())
    if ask is not None and has_token:
        answers = asked(ask)
    found = asyncio.run(_look_up(settings, answers)) if has_token else Found()
    for said in begin(settings.agreement, env_file, short_agreement(answers, found, VERSION)):
        say(said)
    for missing in found.missing:
        say(f"Not found in Slack: {missing}.")
    if not has_token:
        say("With SLACK_BOT_TOKEN in .env, init finds people by e-mail address and channels by name.")


def asked(ask: Ask) -> Answers:
    """Who is who, asked one after the other; several addresses are separated by commas."""

    def several(question: str) -> tuple[str, ...]:
        text = ask(f"{question} (e-mail addresses, comma-separated)", default="", show_default=False)
        return tuple(one.strip() for one in text.split(",") if one.strip())

    def one(question: str, default: str = "") -> str:
        return ask(question, default=default, show_default=bool(default)).strip()

    return Answers(
        admins=several("Baton's admins"),
        marketing=several("Marketing"),
        manager=one("The sales manager's e-mail address"),
        reps=several("Sales reps"),
        team=one("The sales team's name", "Sales"),
        channel=one("The sales team's channel"),
        marketing_channel=one("Marketing's channel"),
        digest_channel=one("The weekly report's channel"),
    )


async def _look_up(settings: Settings, answers: Answers) -> Found:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
        return await find(client, answers)
