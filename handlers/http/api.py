"""Every route of the HTTP API: `build_api` is its table of contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import FastAPI

from bot.crm.side import Reached
from bot.instruments import Instruments
from bot.intake import Sources
from bot.intake.sources import Variable
from handlers.desk import Desk
from handlers.http.describing import Described, Told, everything, nothing
from handlers.http.door import answer_errors
from handlers.http.health import Probe
from handlers.http.intake import intake_routes
from handlers.http.leads import lead_routes
from handlers.http.monitors import MonitorsOnly
from handlers.http.pages import docs_page
from handlers.http.stats import stats_route
from handlers.http.traced import Traced
from handlers.http.watched import watched
from handlers.http.watched_routes import watched_routes


def unset(_name: str | None) -> str | None:
    """An environment in which no variable is set."""
    return None


def build_api(
    desk: Desk,
    tokens: Mapping[str, str],
    health: Mapping[str, Probe],
    instruments: Instruments | None = None,
    variable: Variable = unset,
    monitor_token: Callable[[], str | None] = lambda: None,
    crm: Reached | None = None,
) -> FastAPI:
    """The app that a server serves.

    `tokens` are the names by bearer token; without any, `/leads` answers how to switch intake on. `health`
    are the probes of `/readyz` by name: database, slack, sender, engine, parked. `variable` gives the secrets
    of the agreement's sources by the names of their variables. `monitor_token` gives the token that
    health, metrics and the description are behind, if any. `crm` reaches the agreement's CRM.
    """
    instruments = instruments or Instruments()
    sources = Sources(lambda: desk.book.current, variable)
    crm = crm or Reached(variable)
    answers = watched(desk.database, desk.book, health, instruments)

    def app_of(told: Told, twin: Callable[[], FastAPI] | None = None) -> FastAPI:
        app = _empty(twin)
        app.include_router(lead_routes(desk, tokens, told))
        app.include_router(intake_routes(desk, sources, told, crm))
        app.include_router(watched_routes(answers))
        app.include_router(stats_route(desk, tokens, told))
        return app

    app = app_of(nothing, twin=lambda: app_of(everything))
    answer_errors(app, instruments)
    app.include_router(docs_page(app))
    app.add_middleware(MonitorsOnly, token=monitor_token)
    app.add_middleware(Traced)
    return app


def _empty(twin: Callable[[], FastAPI] | None) -> FastAPI:
    return Described(
        twin,
        title="Baton",
        description="Passes leads from marketing to sales in Slack.",
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
