"""Socket Mode: one connection to Slack, kept up by its SDK, watched, and let go without dropping anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.clock import steady_seconds
from bot.logs import begin_trace
from bot.slack.errors import FAILURES, Verdict, verdict_on
from bot.slack.hearing import app_of_token, mixed_up
from bot.slack.link import TokenRefused, refusal
from handlers.slack.connections import LINK_DISABLED, ConnectionClient

_log = logging.getLogger("baton.slack")

PING_SECONDS = 10
CONNECT_SECONDS = 3
SILENT_AFTER = 25.0
"""Seconds without an answer to a ping, two of which were sent meanwhile."""
WATCH_EVERY = timedelta(seconds=5)
_SWITCHED_OFF = (
    "Slack says that Socket Mode is switched off for the app (link_disabled). Switch it on under Socket Mode "
    "in the app's settings; Baton connects by itself."
)
_LOST = "the connection was lost, and Baton is reconnecting"
PATIENCE = 4  # looks in a row that find no connection before it is built anew; the SDK mends most by itself


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which also knows what it has in hand."""

    client: ConnectionClient

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        self.app, self.app_token = app, app_token
        self.client = ConnectionClient(
            app_token=app_token,
            logger=app.logger,
            web_client=app.client,
            proxy=app.client.proxy,
            ping_interval=PING_SECONDS,
        )
        self.client.proxy = (
            app.client.proxy
        )  # without one the SDK asks the environment, which knows no exceptions
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]
        self.in_hand: set[asyncio.Task[None]] = set()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        # Bolt overrides it in the same way: its base class names another client.
        task = asyncio.current_task()
        assert task is not None
        begin_trace()  # else a task keeps the trace of whatever opened the connection
        self.in_hand.add(task)
        try:
            await super().handle(client, req)
        finally:
            self.in_hand.discard(task)


class SocketLink:
    """The connection over which Slack tells what people do."""

    def __init__(
        self, slack_app: AsyncApp, app_token: str, bot_app: Callable[[], str | None] = lambda: None
    ) -> None:
        self._app, self._token, self._bot_app = slack_app, app_token, bot_app
        self._told_app: str | None = None  # as Slack's hello says it
        self._handler: _Handler | None = None
        self._trouble = "not tried yet"
        self._missed = 0
        self._said_half_open = self._switched_off = False

    async def connect(self) -> None:
        """Connect; what fails is tried again by `watch`. Raises TokenRefused if Slack refuses the token."""
        handler = self._handler = _Handler(self._app, self._token)
        client = handler.client
        client.on_hello, client.on_goodbye = self._hello, self._goodbye
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                opened = await client.web_client.apps_connections_open(app_token=self._token)
                client.wss_uri = opened["url"]
                await client.connect()
        except FAILURES as error:
            found = verdict_on(error)
            self._missed = PATIENCE
            if found.verdict is Verdict.WORKSPACE:
                raise TokenRefused(refusal("SLACK_APP_TOKEN", found.error)) from error
            self._trouble = f"Slack does not answer ({found.error}), and Baton keeps trying"
            _log.warning("no connection over Socket Mode: %s", self._trouble)
        else:
            self._missed, self._trouble = 0, _LOST
            _log.info("connected to Slack over Socket Mode")

    @property
    def connected(self) -> bool:
        """Whether Slack can reach us now."""
        session = self._handler.client.current_session if self._handler else None
        return session is not None and not session.closed

    def rotate(self, app_token: str) -> None:
        """Connect with this token from the next time on; the connection that stands, stands."""
        self._token = app_token
        if self._handler is not None:
            self._handler.app_token = self._handler.client.app_token = app_token

    def silent_for(self) -> float:
        """For how many seconds nothing came over the connection, which answers each ping while it stands."""
        return steady_seconds() - self._handler.client.heard_at if self._handler else 0.0

    @property
    def half_open(self) -> bool:
        """Whether the connection stands only on this side: nothing comes back over it."""
        return self.connected and self.silent_for() > SILENT_AFTER

    async def watch(self) -> None:
        """Look whether the connection stands, and build it anew when the SDK does not manage to."""
        if self.half_open and not self._said_half_open:
            _log.warning("the connection over Socket Mode is half-open: %s", self.health()[1])
        self._said_half_open = self.half_open
        if self.connected:
            self._missed, self._switched_off = 0, False
            return
        self._missed += 1
        if self._missed < PATIENCE:
            return
        await self.close(timedelta(0))
        try:
            await self.connect()
        except TokenRefused as refused:
            self._trouble = str(refused)
            _log.warning("no connection over Socket Mode: %s", refused)

    def _hello(self, app: str) -> None:
        news, self._told_app = app != self._told_app, app
        if news and (says := self.mixed_up()):
            _log.error(says)

    def _goodbye(self, reason: str) -> None:
        _log.info("Slack ends a connection over Socket Mode (%s)", reason)
        news, self._switched_off = not self._switched_off, reason == LINK_DISABLED
        if news and self._switched_off:
            _log.error(_SWITCHED_OFF)

    def mixed_up(self) -> str | None:
        """What is wrong if this is the connection of another app than the bot's."""
        return mixed_up(self._bot_app(), (self._told_app, app_of_token(self._token)))

    def health(self) -> tuple[bool, str]:
        """Whether the connection stands, and a sentence that says so."""
        if self.half_open:
            return False, (
                f"Socket Mode is half-open: Slack has not answered a ping for {self.silent_for():.0f} s. "
                "Baton reconnects by itself; check the network."
            )
        if self.connected:
            mixed = self.mixed_up()
            return not mixed, mixed or "Socket Mode is connected."
        if self._switched_off:
            return False, _SWITCHED_OFF
        return False, f"Socket Mode is not connected: {self._trouble}".rstrip(".") + "."

    async def close(self, within: timedelta) -> None:
        """Take nothing new, finish and ack what is in hand, then let go."""
        if self._handler is None:
            return
        handler, self._handler = self._handler, None
        self._trouble = _LOST
        handler.client.auto_reconnect_enabled = False
        handler.client.message_processor.cancel()
        if handler.in_hand:
            await asyncio.wait(set(handler.in_hand), timeout=within.total_seconds())
        await handler.client.close()
