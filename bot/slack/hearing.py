"""Whether anything ever comes from Slack, and whose tokens these are: the way in is verified, not assumed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.background import Background
from bot.clock import Clock
from bot.slack.link import SlackLink
from storage import workspace
from storage.database import Database, DatabaseAway
from storage.models import HeardKind

NOTE_EVERY = timedelta(hours=1)
_APP_OF_TOKEN = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
_log = logging.getLogger("baton.slack")


class Hearing:
    """What was heard from Slack: the first of a kind is noted at once, later ones about every hour."""

    def __init__(self, database: Database, clock: Clock, background: Background) -> None:
        self._database, self._clock, self._background = database, clock, background
        self._noted: dict[HeardKind, datetime] = {}

    def note(self, kind: HeardKind) -> None:
        """Something of this kind was heard. Whoever clicked does not wait for it to be written down."""
        now = self._clock.now()
        noted = self._noted.get(kind)
        if noted is not None and now - noted < NOTE_EVERY:
            return
        self._noted[kind] = now
        writing = self._database.write(workspace.remember_heard, kind, now)
        self._background.start(writing, "note what Slack sends")


async def meet_workspace(link: SlackLink, database: Database, clock: Clock) -> None:
    """Ask Slack who the bot is, and say where its workspace is not this database's. Never raises."""
    await link.ask()
    team = link.team
    if team is None or team == link.met:
        return
    try:
        first = await database.write(workspace.remember_workspace, team, link.team_name, clock.now())
    except DatabaseAway as away:
        _log.warning("the workspace is not noted yet: %s", away)
        return
    other = other_workspace(link, first.team_id, first.name)
    link.meet(team, other)


def other_workspace(link: SlackLink, team: str, name: str) -> str | None:
    """What is wrong with a token of another workspace than this one, and what to do; None if it is its."""
    if link.team in (None, team):
        return None
    return (
        f"SLACK_BOT_TOKEN is of the workspace {link.team_name} ({link.team}), and this database belongs to "
        f"{name} ({team}). Give the token of {name}, or another DATABASE_URL."
    )


def app_of_token(token: str) -> str | None:
    """The id of the app that an app-level token belongs to, as it stands in it."""
    found = _APP_OF_TOKEN.match(token)
    return found[1] if found else None


def mixed_up(bot_app: str | None, others: Iterable[str | None]) -> str | None:
    """What is wrong where the tokens are of two apps; None where they are of one, or that is not known."""
    other = next((app for app in others if app and bot_app and app != bot_app), None)
    if other is None:
        return None
    return (
        f"SLACK_APP_TOKEN is of the app {other}, and SLACK_BOT_TOKEN of {bot_app}: what people do in Slack "
        "goes to the other one. Take both from the settings of one app."
    )
