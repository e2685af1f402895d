"""The routes behind the sandbox's page: what one person sees, its stream of changes, and the controls.

What people do is in `page_deeds`, the stream in `page_stream`. The page itself is the files in `page/`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.page.page_deeds import DEEDS
from bot.sandbox.page.page_stream import Stream
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.server import Sandbox
from bot.sandbox.slack.traffic import as_json

FILES = Path(__file__).with_name("files")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
SHOWN_AT_FIRST = 200
TRAFFIC_SHOWN = 300
SPEEDS = (0.0, 3600.0)
"""The slowest and the fastest that the page may ask for, in seconds a second."""
POLICY = (
    "default-src 'self'; img-src 'self' data: https: http:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class LeadDoor:
    """Where the bot takes leads: the address of its `POST /leads`, and a bearer token for it."""

    url: str
    token: str


class Page:
    """The page of one sandbox. Give `routes()` to `Sandbox.add_routes` before it starts.

    `jump` moves the clock to the next due moment and says in a sentence what that was. `leads` may be set
    later, when the bot has its port; without it the page offers no form. `visitor` is the id of whom the page
    speaks for at first; empty for the first person of the workspace.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        jump: Callable[[], Awaitable[str]] | None = None,
        leads: LeadDoor | None = None,
        visitor: str = "",
    ) -> None:
        self.sandbox = sandbox
        self.jump = jump
        self.leads = leads
        self.visitor = visitor
        self.read_up_to: dict[tuple[str, str], str] = {}
        self._read_before = ""
        self._stream = Stream(sandbox.workspace, self.clock_face)
        self._files = {path.name: path for path in FILES.iterdir() if path.suffix in TYPES}

    def routes(self) -> list[web.AbstractRouteDef]:
        """Everything that the page asks for; streams end when the sandbox stops."""
        self.sandbox.app.on_shutdown.append(self._stream.close)
        return [
            web.get("/", worded(self._file)),
            web.get("/{name}.{kind:js|css}", worded(self._file)),
            web.get("/archives/{channel}/{point}", worded(self._permalink)),
            web.get("/page/state", worded(self._state)),
            web.get("/page/messages", worded(self._messages)),
            web.get("/page/events", worded(self._events)),
            web.post("/page/act", worded(self._act)),
            web.post("/page/clock", worded(self._clock)),
            web.post("/page/lead", worded(self._lead)),
        ]

    # ---- what is seen

    def clock_face(self) -> JsonDict:
        """What time it is in the workspace, in seconds since 1970, and how fast it passes."""
        clock = self.sandbox.clock
        return {"now": clock.now().timestamp(), "speed": clock.speed}

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """The page and its parts, read anew each time: they are small, and local."""
        info = request.match_info
        name = f"{info['name']}.{info['kind']}" if "name" in info else "index.html"
        path = self._files.get(name)
        if path is None:
            raise web.HTTPNotFound(text=f"there is no {name}")
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        body = path.read_text(encoding="utf-8")
        return web.Response(text=body, content_type=TYPES[path.suffix], charset="utf-8", headers=headers)

    async def _permalink(self, request: web.Request) -> web.StreamResponse:
        """A message's own address, as `chat.getPermalink` gives it, leads to the page."""
        point = request.match_info["point"].removeprefix("p")
        ts = f"{point[:-6]}.{point[-6:]}"
        raise web.HTTPFound(f"/#{request.match_info['channel']}/{ts}")

    async def _state(self, request: web.Request) -> web.StreamResponse:
        """All that a person sees now, and what the page itself needs to know."""
        workspace = self.sandbox.workspace
        user = self._who(request.query.get("as", ""))
        workspace.direct(user)
        self._read_before = self._read_before or workspace.next_ts()
        traffic = list(self.sandbox.traffic.entries)[-TRAFFIC_SHOWN:]
        snapshot = workspace.snapshot_for(user, per_channel=SHOWN_AT_FIRST)
        return web.json_response(
            snapshot
            | {
                "bot": workspace.bot_user,
                "groups": [group.to_api() for group in workspace.groups.values()],
                "clock": self.clock_face(),
                "can_jump": self.jump is not None,
                "leads": {"url": self.leads.url, "token": self.leads.token} if self.leads else None,
                "traffic": [as_json(exchange) for exchange in traffic],
                "read": {c["id"]: self._read(user, c["id"]) for c in snapshot["channels"]},
            }
        )

    def _read(self, user: str, channel: str) -> str:
        """Up to which ts a person has read a channel; what came before the page was first opened is read."""
        return max(self.read_up_to.get((user, channel), ""), self._read_before)

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        """Messages of a channel that are older than the ts `before`."""
        user, channel = self._who(request.query.get("as", "")), request.query.get("channel", "")
        found = self.sandbox.workspace.channels.get(channel)
        if found is None or user not in found.members:
            raise NotPossible("there is no such channel for you")
        before = request.query.get("before", "")
        messages = self.sandbox.workspace.shown(channel, user, limit=SHOWN_AT_FIRST, before=before)
        return web.json_response({"messages": messages})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        user = self._who(request.query.get("as", ""))
        since = request.headers.get("Last-Event-ID") or request.query.get("since", "0")
        if not since.isdecimal():
            raise NotPossible("`since` is the number of a change")
        return await self._stream.serve(request, user, int(since))

    def _who(self, user: str) -> str:
        """The person that the page speaks for, or the visitor where nobody is named."""
        people = [p.id for p in self.sandbox.workspace.people.values() if not p.is_bot and not p.deleted]
        chosen = user or self.visitor or people[0]
        if chosen not in people:
            raise NotPossible(f"nobody here is {chosen}")
        return chosen

    # ---- what is done

    async def _act(self, request: web.Request) -> web.StreamResponse:
        """Do one of `DEEDS` as one person."""
        body = await object_in(request)
        deed = DEEDS.get(str(body.get("do")))
        if deed is None:
            raise NotPossible(f"unknown deed; there are: {', '.join(DEEDS)}")
        return web.json_response({"ok": True} | await deed(self, self._who(str(body.get("as", ""))), body))

    async def _clock(self, request: web.Request) -> web.StreamResponse:
        """Set the clock's speed, or jump to the next due moment; everybody's page follows."""
        body = await object_in(request)
        words = ""
        if body.get("jump"):
            if self.jump is None:
                raise NotPossible("there is nothing to jump to here")
            words = await self.jump()
        else:
            speed = body.get("speed")
            slowest, fastest = SPEEDS
            if not isinstance(speed, int | float) or not slowest <= speed <= fastest:
                raise NotPossible(f"a speed is a number from {slowest:g} to {fastest:g}")
            self.sandbox.clock.set_speed(float(speed))
        self.sandbox.workspace.emit("clock", audience=None, clock=self.clock_face())
        return web.json_response({"ok": True, "words": words, "clock": self.clock_face()})

    async def _lead(self, request: web.Request) -> web.StreamResponse:
        """Hand a lead to the bot's own door, and tell what the bot said."""
        if self.leads is None:
            raise NotPossible("the bot takes no leads here yet; try again in a moment")
        lead = await object_in(request)
        headers = {"Authorization": f"Bearer {self.leads.token}"}
        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.leads.url, json=lead, headers=headers) as answer,
            ):
                return web.json_response({"status": answer.status, "body": parsed(await answer.text())})
        except (aiohttp.ClientError, TimeoutError) as error:
            words = f"The bot did not answer at {self.leads.url}: {error or 'no answer within 10 s'}"
            return web.json_response({"status": 0, "body": {"error": words}})


def worded(handler: Handler) -> Handler:
    """Say in words what was refused."""

    @wraps(handler)
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except NotPossible as refusal:
            return web.json_response({"ok": False, "error": str(refusal)}, status=409)

    return serve


async def object_in(request: web.Request) -> JsonDict:
    """The JSON object of a request. Raises NotPossible for anything else."""
    body = parsed(await request.text()) if request.content_type == "application/json" else None
    if not isinstance(body, dict):
        raise NotPossible("send a JSON object")
    return body


def parsed(text: str) -> Any:
    """JSON, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
