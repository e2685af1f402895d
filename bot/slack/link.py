"""Slack as Baton reaches it: the client, whether its token is taken, and who the bot is there.

What is sent is the business of bot/delivery; how events come in, of handlers/.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.clock import Clock
from bot.errors import CannotStart
from bot.slack.errors import FAILURES, Unsaid, Verdict, verdict_on

TIMEOUT_SECONDS = 10
ASK_SECONDS = 3
ASK_EVERY = timedelta(seconds=30)
_log = logging.getLogger("baton.slack")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class TokenRefused(CannotStart):
    """Slack does not take a token; the text says which and what to do."""


def web_client(token: str, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client for one workspace, over a session that the caller closes.

    It never repeats a call by itself: a post whose answer was lost would be posted twice.
    """
    client = AsyncWebClient(
        token=token,
        base_url=base_url,
        session=session,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[],
        logger=logging.getLogger("slack_sdk"),
    )
    host = urlsplit(base_url).hostname or ""
    if host in _LOOPBACK or proxy_bypass(host):  # the SDK knows HTTPS_PROXY and not NO_PROXY
        client.proxy = None
    return client


async def respond(
    client: AsyncWebClient,
    response_url: str,
    text: str,
    blocks: Sequence[Mapping[str, Any]] = (),
    *,
    replace: bool = False,
    in_channel: bool = False,
) -> None:
    """Say something to the person who clicked, and to nobody else. Raises Unsaid if Slack refuses.

    `replace`: in place of the answer in which they clicked. `in_channel`: to everybody there.
    """
    webhook = AsyncWebhookClient(
        response_url, session=client.session, timeout=TIMEOUT_SECONDS, retry_handlers=[]
    )
    webhook.proxy = client.proxy
    answer = await webhook.send(
        text=text,
        blocks=[dict(block) for block in blocks] or None,
        response_type="in_channel" if in_channel else "ephemeral",
        replace_original=replace,
    )
    if answer.status_code != 200:
        raise Unsaid(answer.status_code, answer.body)


class SlackLink:
    """Whether Slack takes the bot's token, as last asked, and who the bot is."""

    def __init__(self, client: AsyncWebClient, clock: Clock | None = None) -> None:
        self._client, self._clock = client, clock
        self.off: timedelta | None = None  # how far the clock here is ahead of Slack's
        self._well, self._says = False, "Slack has not been asked yet."
        self._refused = self._asked = False
        self.bot_user: str | None = None
        self.bot_id: str | None = None
        self.team: str | None = None
        self.team_name = ""
        self.enterprise: str | None = None
        self.app: str | None = None
        self.met: str | None = None  # the workspace that was compared with the database's
        self._stranger: str | None = None
        self.scopes: frozenset[str] = frozenset()

    async def ask(self) -> None:
        """Ask Slack who we are. Never raises: what comes of it is told by `health` and `refused`."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                answer = await self._client.auth_test()
        except FAILURES as error:
            self._lost(error)
            return
        self.bot_user, self.bot_id = answer.get("user_id"), answer.get("bot_id")
        self.team, self.team_name = answer.get("team_id"), str(answer.get("team", ""))
        self.enterprise = answer.get("enterprise_id")
        self._compare(str(answer.headers.get("Date", "")))
        given = answer.headers.get("x-oauth-scopes", "")
        self.scopes = frozenset(scope.strip() for scope in given.split(",") if scope.strip())
        await self._ask_for_the_app()
        self._refused = False
        self._turn(True, f"Slack answers; the bot is {answer.get('user')} in {answer.get('team')}.")

    def _compare(self, date: str) -> None:
        """Hold the clock against the moment at which Slack says that it answered."""
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return
        if self._clock is not None and told.tzinfo is not None:
            self.off = self._clock.real() - told

    async def _ask_for_the_app(self) -> None:
        """Which app the bot belongs to. Asked once; where Slack does not tell, nothing is compared."""
        if self.app is not None or self.bot_id is None:
            return
        try:
            async with asyncio.timeout(ASK_SECONDS):
                self.app = (await self._client.bots_info(bot=self.bot_id))["bot"].get("app_id")
        except FAILURES as error:
            _log.debug("Slack does not tell the bot's app: %s", verdict_on(error).error)

    def meet(self, team: str, stranger: str | None) -> None:
        """The workspace was compared with the database's; `stranger` says what is wrong if it is another."""
        self.met, self._stranger = team, stranger
        if stranger:
            _log.error(stranger)

    def _lost(self, error: Exception) -> None:
        found = verdict_on(error)
        self._refused = found.verdict is Verdict.WORKSPACE
        if self._refused:
            self._turn(False, refusal("SLACK_BOT_TOKEN", found.error))
        else:
            self._turn(
                False,
                f"Slack does not answer ({found.error}): check the network, HTTPS_PROXY and SLACK_API_URL. "
                "Baton tries again by itself.",
            )

    def _turn(self, well: bool, says: str) -> None:
        at_the_start = not self._asked and self._refused  # which ends it: app.py says why, once
        if (well != self._well or says != self._says) and not at_the_start:
            _log.log(logging.INFO if well else logging.WARNING, says)
        self._well, self._says, self._asked = well, says, True

    @property
    def home(self) -> tuple[str | None, str | None]:
        """The bot's workspace and organisation, where there is one; an org-wide token has no workspace."""
        team = None if self.team == self.enterprise else self.team
        return team, self.enterprise

    @property
    def refused(self) -> bool:
        """Whether Slack answered that it does not take the token."""
        return self._refused

    def health(self) -> tuple[bool, str]:
        """Whether Slack takes the token, of the right workspace, and a sentence that says so."""
        return (False, self._stranger) if self._well and self._stranger else (self._well, self._says)


def refusal(variable: str, error: str) -> str:
    """What to do about a token that Slack refuses with this error."""
    where = {
        "SLACK_BOT_TOKEN": "the Bot User OAuth Token (xoxb-…) under OAuth & Permissions",
        "SLACK_APP_TOKEN": "an app-level token (xapp-…) with connections:write under Basic Information",
    }[variable]
    return f"Slack refuses {variable} ({error}). Give {where} in the app's settings."


def error_code(error: SlackApiError) -> str:
    """Slack's own name for a refusal; empty where its answer has none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""
