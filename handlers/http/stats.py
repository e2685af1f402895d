"""`GET /stats`: the counts of a stretch of time for other tools. What they mean is bot/metrics' business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from bot.digest.periods import BadPeriod
from handlers.desk import Desk
from handlers.http.describing import Told
from handlers.http.door import Guard, Refused


def stats_route(desk: Desk, tokens: Mapping[str, str], told: Told) -> APIRouter:
    """The route, behind the same tokens as the leads."""
    routes = APIRouter(tags=["stats"])

    @routes.get("/stats", dependencies=[Depends(Guard(tokens, desk.clock))], **told("GET_STATS"))
    async def ask(request: Request) -> JSONResponse:
        from bot.digest.stats import BY, first_day, stats, stretch  # a start does without the figures

        begin, end, by = (request.query_params.get(name) for name in ("from", "to", "by"))
        by = by or ""
        if by not in BY:
            known_by = ", ".join(one for one in BY if one)
            raise Refused(
                422, f"“{by}” is not a way to group figures; write one of {known_by}, or leave it out."
            )
        now, book = desk.clock.now(), desk.book
        try:
            span = stretch(begin, end, now, book.current.timezone)
            found: list[dict[str, Any]] = await desk.database.read(stats, book, span, by, now)
        except BadPeriod as bad:
            raise Refused(422, str(bad)) from None
        since = await desk.database.read(first_day, span.tz)
        asked = {"from": str(span.first), "to": str(span.last), "timezone": span.tz, "by": by or None}
        known = {"as_of": now.isoformat(), "data_since": str(since) if since else None}
        return JSONResponse({**asked, **known, "figures": found})

    return routes
