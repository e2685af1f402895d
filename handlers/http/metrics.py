"""`/metrics` for Prometheus. What is measured is bot/instruments.py's."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from bot.agreement.book import AgreementBook
from bot.instruments import Instruments
from bot.slack.pace import drain_time
from handlers.http.health import Probe, examine, is_ready
from storage import stats
from storage.database import Database, DatabaseAway


def metrics_route(
    database: Database, book: AgreementBook, probes: Mapping[str, Probe], instruments: Instruments
) -> APIRouter:
    """The route that Prometheus scrapes; it names no person and needs no token."""
    routes = APIRouter(tags=["health"])

    @routes.get("/metrics", summary="Metrics for Prometheus", response_model=None)
    async def metrics() -> Response:
        """Still answers while the database is away, with `baton_ready 0`."""
        ready = is_ready(await examine(probes))
        try:
            figures = await database.read(stats.figures)
        except DatabaseAway:
            figures = None
        drain = None if figures is None else drain_time(figures.waiting)
        return Response(
            instruments.render(figures, ready, (book.current.version, book.text_hash), drain),
            media_type=CONTENT_TYPE_LATEST,
        )

    return routes
