"""The stream of changes that keeps each open page up to date: Server-Sent Events, numbered and resumable."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from aiohttp import web

from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.state import Workspace, visible_to

BEAT_SECONDS = 10.0
"""Real seconds between signs of life; each carries the clock, so that pages do not drift."""
QUEUED = 5_000
"""Changes that may wait for a slow page. Beyond that it is told to start afresh."""


class Stream:
    """Sends each page the changes that its person may see. `clock_face` tells the time with each beat."""

    def __init__(self, workspace: Workspace, clock_face: Callable[[], JsonDict]) -> None:
        self._workspace = workspace
        self._clock_face = clock_face
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request, user: str, since: int) -> web.StreamResponse:
        """Answer with everything after change number `since`, for as long as the page listens."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        task = asyncio.ensure_future(self._feed(response, user, since))
        self._open.add(task)
        try:
            await asyncio.wait([task])
        finally:
            self._open.discard(task)
            task.cancel()
        return response

    async def close(self, _app: web.Application) -> None:
        """End every stream."""
        for task in tuple(self._open):
            task.cancel()

    async def _feed(self, response: web.StreamResponse, user: str, since: int) -> None:
        waiting: asyncio.Queue[JsonDict] = asyncio.Queue(QUEUED)
        missed = False

        def note(change: JsonDict) -> None:
            nonlocal missed
            if visible_to(change, user):
                try:
                    waiting.put_nowait(change)
                except asyncio.QueueFull:
                    missed = True

        unsubscribe = self._workspace.subscribe(note)
        try:
            earlier = self._workspace.changes_since(since, user)
            if earlier is None or since > self._workspace.seq:
                await response.write(event("reset", {}))
                return
            await response.write(beat(self._clock_face()) + (changes(earlier) if earlier else b""))
            while not missed:
                await response.write(await self._next(waiting))
            await response.write(event("reset", {}))
        except ConnectionError:
            return  # the page was closed
        finally:
            unsubscribe()

    async def _next(self, waiting: asyncio.Queue[JsonDict]) -> bytes:
        """Every change that waits, as one event; a beat when nothing happens."""
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                gathered = [await waiting.get()]
        except TimeoutError:
            return beat(self._clock_face())
        while not waiting.empty():
            gathered.append(waiting.get_nowait())
        return changes(gathered)


def changes(gathered: list[JsonDict]) -> bytes:
    """Changes as one event; its id is the number that the page resumes from."""
    return event("changes", gathered, number=gathered[-1]["seq"])


def beat(clock_face: JsonDict) -> bytes:
    """A sign of life with the time."""
    return event("beat", clock_face)


def event(name: str, data: object, *, number: int | None = None) -> bytes:
    """One Server-Sent Event; JSON keeps its data on one line."""
    marked = "" if number is None else f"id: {number}\n"
    return f"{marked}event: {name}\ndata: {json.dumps(data)}\n\n".encode()
