"""The sandbox as one object: the server on the loopback address, and what a bot connects with.

async with Sandbox(clock=clock) as slack:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
"""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.scenario.people import People
from bot.sandbox.scenario.staff import Staff
from bot.sandbox.slack import api_chat
from bot.sandbox.slack.api import Method, WebApi
from bot.sandbox.slack.context import DEFAULT_SCOPES, Context
from bot.sandbox.slack.dispatch import ACK_SECONDS, RETRY_DELAYS, Dispatcher
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.faults import FaultKind, Faults, PlantedFault
from bot.sandbox.slack.http_mode import HttpMode
from bot.sandbox.slack.limits import RateLimits
from bot.sandbox.slack.local import only_local
from bot.sandbox.slack.model import APP_ID, JsonDict
from bot.sandbox.slack.sample import sample_workspace
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.state import Workspace
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.traffic import Exchange, Traffic

LOOPBACK = "127.0.0.1"
LONGEST_ADDRESS = 1_000_000
"""Bytes of a request line: the SDK sends some methods' arguments, whole views included, in the address."""
LARGEST_BODY = 10_000_000
PORTS_TRIED = 20
DEFAULT_SUBSCRIPTIONS = (
    "app_home_opened",
    "app_mention",
    "message.im",
    "user_change",
    "team_join",
    "subteam_members_changed",
    "function_executed",
)


class Sandbox:
    """A local Slack for one app. Use it as an async context manager, or call `start()` and `stop()`.

    `port` 0 takes any free port; another that is in use gives way to the next free one. `rate_limits` False
    switches the limits off. `subscriptions` are the bot events of the app's manifest. `retry_delays` are
    seconds of real time before each retry of an event, `ack_seconds` those that an ack may take.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        workspace: Workspace | None = None,
        port: int = 0,
        rate_limits: bool = True,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        subscriptions: Iterable[str] = DEFAULT_SUBSCRIPTIONS,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self.clock = clock or Clock()
        self.workspace = workspace or sample_workspace(self.clock)
        self.bot_token = "xoxb-sandbox-bot"
        self.app_token = f"xapp-1-{APP_ID}-1-sandbox"
        self.signing_secret = "sandbox-signing-secret"
        self.limits = RateLimits(enabled=rate_limits)
        self.faults = Faults()
        self.traffic = Traffic(self.workspace)
        self.context = Context(self.workspace, Tickets(self.clock, real_seconds), tuple(scopes))
        self.sockets = SocketMode(self.context, ack_seconds=ack_seconds)
        self.http: HttpMode | None = None
        self.dispatcher = Dispatcher(self.sockets, self.traffic, retry_delays=retry_delays)
        self.people = People(self.context, self.dispatcher, self.traffic, subscriptions=subscriptions)
        self.staff = Staff(self.people)
        self.api = WebApi(
            self.context,
            bot_token=self.bot_token,
            app_token=self.app_token,
            limits=self.limits,
            faults=self.faults,
            traffic=self.traffic,
            speed=lambda: self.clock.speed,
        )
        self.api.methods["apps.connections.open"] = Method(self.sockets.open, token="app")
        self.app = web.Application(client_max_size=LARGEST_BODY, middlewares=[only_local])
        self.app.add_routes(self._routes())
        self._wanted_port = port
        self._ack_seconds = ack_seconds
        self._runner: web.AppRunner | None = None
        self.port = 0

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self.api.handle),
            web.get("/socket", self.sockets.handle),
            web.post("/response/{key}", self._respond),
            web.post("/triggers/{workflow}", self._trigger),
            web.post("/upload/{file}", self._upload),
            web.get("/files/{file}", self._download),
        ]

    # ---- life

    def add_routes(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Serve more than Slack on the same port, the demo's page for one. Only before `start()`."""
        self.app.add_routes(routes)

    async def start(self) -> Self:
        """Listen on the loopback address. Raises OSError when no port is free."""
        self._runner = web.AppRunner(
            self.app, access_log=None, max_line_size=LONGEST_ADDRESS, shutdown_timeout=1.0
        )
        await self._runner.setup()
        self.port = await self._listen(self._runner)
        self.context.base_url = f"http://{LOOPBACK}:{self.port}"
        return self

    async def _listen(self, runner: web.AppRunner) -> int:
        tries = [0] if self._wanted_port == 0 else range(self._wanted_port, self._wanted_port + PORTS_TRIED)
        for port in tries:
            site = web.TCPSite(runner, LOOPBACK, port)
            try:
                await site.start()
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                await site.stop()
            else:
                return int(runner.addresses[-1][1])
        raise OSError(errno.EADDRINUSE, f"no free port from {self._wanted_port} on")

    async def stop(self) -> None:
        """End every connection and everything that still runs."""
        await self.dispatcher.close()
        await self.sockets.close()
        if self.http is not None:
            await self.http.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # ---- what a bot connects with

    @property
    def url(self) -> str:
        """The server's own address, without a slash at the end."""
        return self.context.base_url

    @property
    def api_url(self) -> str:
        """The base of the Web API, for `SLACK_API_URL`."""
        return f"{self.context.base_url}/api/"

    async def connect_http(self, url: str) -> HttpMode:
        """Send what happens to this URL from now on. Raises ConnectionError if it does not answer."""
        http = HttpMode(url, self.signing_secret, self.clock, ack_seconds=self._ack_seconds)
        try:
            await http.verify()
        except ConnectionError:
            await http.close()
            raise
        if self.http is not None:
            await self.http.close()
        self.http = http
        self.dispatcher.transport = http
        return http

    # ---- trouble on demand

    def fault(
        self,
        method: str,
        kind: FaultKind,
        *,
        times: int | None = 1,
        channel: str = "",
        when: Callable[[JsonDict], bool] | None = None,
        error: str = "",
        seconds: float = 1.0,
    ) -> PlantedFault:
        """Plant a misfortune; see `PlantedFault` for what the parameters mean. `faults.lift` ends it."""
        return self.faults.plant(PlantedFault(method, kind, times, channel, when, error, seconds))

    def revoke_token(self, revoked: bool = True) -> None:
        """Take the bot's token away, or give it back."""
        self.api.revoked = {self.bot_token} if revoked else set()

    # ---- the small routes

    async def _trigger(self, request: web.Request) -> web.Response:
        """A workflow that starts from a webhook: a flat object of texts, with the variables that it names."""
        workflow = self.workspace.workflows.get(request.match_info["workflow"])
        if workflow is None:
            return web.json_response({"ok": False, "error": "trigger_not_found"}, status=404)
        body = await request.json()
        flat = isinstance(body, dict) and all(isinstance(value, str) for value in body.values())
        if not flat or body.keys() != workflow.variables:
            return web.json_response({"ok": False, "error": "parameter_validation_failed"}, status=400)
        workflow.runs.append(body)
        return web.json_response({"ok": True})

    async def _respond(self, request: web.Request) -> web.Response:
        """A response URL: 404 when it is spent or stale, 400 for what Slack would not show."""
        started = real_seconds()
        error = reason = ""
        status = 200
        try:
            body = json.loads(await request.text())
            api_chat.respond(self.context, request.match_info["key"], body if isinstance(body, dict) else {})
        except ValueError:
            error, status = "invalid_payload", 400
        except ApiError as refusal:
            error, reason = refusal.name, refusal.reason
            status = 404 if error in ("used_url", "expired_url") else 400
        took = round((real_seconds() - started) * 1000, 2)
        self.traffic.add(Exchange("in", "response_url", ok=not error, ms=took, error=error, reason=reason))
        return web.json_response({"ok": True} if not error else {"ok": False, "error": error}, status=status)

    async def _upload(self, request: web.Request) -> web.Response:
        """Where `files.getUploadURLExternal` says the bytes go."""
        stored = self.context.uploads.get(request.match_info["file"])
        if stored is None:
            return web.Response(status=404, text="no such upload")
        stored["content"] = await request.read()
        return web.Response(text=f"OK - {len(stored['content'])}")

    async def _download(self, request: web.Request) -> web.Response:
        """A file's private address. Whoever has no token, or may not read files, is shown the sign-in."""
        stored = self.context.uploads.get(request.match_info["file"])
        known = request.headers.get("Authorization", "") == f"Bearer {self.bot_token}"
        if not known or "files:read" not in self.context.scopes:
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        if stored is None:
            return web.Response(status=404)
        return web.Response(body=stored["content"], content_type="text/csv")


def real_seconds() -> float:
    """Real time for short deadlines, in seconds from an arbitrary start."""
    return asyncio.get_running_loop().time()
