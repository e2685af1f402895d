"""What watches Baton asks for: `/livez`, `/readyz` and `/metrics`, answered without a framework.

A Baton that takes no leads over HTTP needs no more than these, and never loads the rest of the API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from prometheus_client import CONTENT_TYPE_LATEST

from bot.agreement.book import AgreementBook
from bot.instruments import Instruments
from bot.slack.pace import drain_time
from handlers.http.health import Probe, examine, is_ready
from handlers.http.plain import JSON, json_bytes, send_bytes
from storage import stats
from storage.database import Database, DatabaseAway

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Answer(NamedTuple):
    """An answer as it goes out; `kind` is its media type."""

    status: int
    body: bytes
    kind: str


Asked: TypeAlias = Callable[[], Awaitable[Answer]]


def watched(
    database: Database, book: AgreementBook, probes: Mapping[str, Probe], instruments: Instruments
) -> dict[str, Asked]:
    """What answers each path. Their own texts are what the API's description says of them."""

    async def livez() -> Answer:
        """Always 200 while the event loop turns, whatever else is away: restart Baton when it is not."""
        return Answer(200, json_bytes({"ok": True}), JSON)

    async def readyz() -> Answer:
        """For the database, Slack, the sender, the engine and parked deliveries: `{"ok", "says"}`."""
        found = await examine(probes)
        ready = is_ready(found)
        parts = {name: asdict(finding) for name, finding in found.items()}
        return Answer(200 if ready else 503, json_bytes({"ready": ready, **parts}), JSON)

    async def metrics() -> Answer:
        """Still answers while the database is away, with `baton_ready 0`."""
        ready = is_ready(await examine(probes))
        try:
            figures = await database.read(stats.figures)
        except DatabaseAway:
            figures = None
        drain = None if figures is None else drain_time(figures.waiting)
        agreement = (book.current.version, book.text_hash)
        return Answer(200, instruments.render(figures, ready, agreement, drain), CONTENT_TYPE_LATEST)

    return {"/livez": livez, "/readyz": readyz, "/metrics": metrics}


class Watched:
    """Serves them as an ASGI app; asked for nothing else."""

    def __init__(self, answers: Mapping[str, Asked]) -> None:
        self._answers = answers

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one call; HEAD, with which some probes ask, as GET without the body."""
        status, body, kind = await self._answers[scope["path"]]()
        await send_bytes(send, status, body, kind, bare=scope["method"] == "HEAD")
