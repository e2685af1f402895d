"""`GET /stats`: the counts of a stretch of time for other tools. What they mean is bot/metrics' business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from bot.digest.periods import BadPeriod
from bot.digest.stats import BY, first_day, stats, stretch
from handlers.desk import Desk
from handlers.http.door import Refused, guard

_BY = ", ".join(one for one in BY if one)


def stats_route(desk: Desk, tokens: Mapping[str, str]) -> APIRouter:
    """The route, behind the same tokens as the leads."""
    routes = APIRouter(tags=["stats"])

    @routes.get(
        "/stats",
        summary="What both sides did from a day to a day",
        dependencies=[Depends(guard(tokens, desk.clock))],
        response_model=None,
        responses={422: {"description": "A day or a grouping that cannot be; the answer says why"}},
    )
    async def ask(
        begin: Annotated[
            str | None, Query(alias="from", description="The first day", examples=["2026-11-01"])
        ] = None,
        end: Annotated[
            str | None, Query(alias="to", description="The last day", examples=["2026-11-15"])
        ] = None,
        by: Annotated[str, Query(description=f"Nothing, or one of {_BY}", examples=["team"])] = "",
    ) -> JSONResponse:
        """Counts and rates by the day of the handoff; a rate below n = 10 is null. No days: the last 28.

        `data_since` is the first day of which there are data: before it a count of 0 says nothing.
        """
        if by not in BY:
            raise Refused(422, f"There is no figure by “{by}”; write one of {_BY}, or leave it out.")
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
