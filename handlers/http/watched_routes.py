"""The routes of what watches Baton, as the API describes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response

from handlers.http.watched import Asked

_SUMMARIES = {
    "/livez": "Whether the process is alive",
    "/readyz": "Whether everything that Baton needs is there",
    "/metrics": "Metrics for Prometheus",
}
_RESPONSES: dict[str, dict[int | str, dict[str, Any]]] = {
    "/readyz": {503: {"description": "Something is down; `says` tells what, and what to do"}},
}


def watched_routes(answers: Mapping[str, Asked]) -> APIRouter:
    """A route for each path of `answers`; they name no person and need no token."""
    routes = APIRouter(tags=["health"])
    for path, asked in answers.items():
        routes.get(
            path,
            name=path.removeprefix("/"),
            summary=_SUMMARIES[path],
            description=asked.__doc__,
            response_model=None,
            responses=_RESPONSES.get(path),
        )(_served(asked))
    return routes


def _served(asked: Asked) -> Callable[[], Awaitable[Response]]:
    async def serve() -> Response:
        answer = await asked()
        return Response(answer.body, answer.status, media_type=answer.kind)

    return serve
