"""Who may call what over HTTP: one table of routes and tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import pytest
from starlette.routing import BaseRoute

from bot.agreement import default_agreement, loaded
from handlers.http.monitors import WATCHED
from storage.database import Database
from tests.handlers.http.api_client import TOKENS, api_of

SENDER, MONITOR, SOURCE = next(iter(TOKENS)), "m0nitor", "f0rm"
FORM = (
    '[http]\npublic_url = "https://baton.example.com"\n[[intake]]\nname = "form"\nsecret_env = "FORM_KEY"\n'
)
BEARERS = {"nobody": None, "a stranger": "wrong", "a sender": SENDER, "a monitor": MONITOR, "a form": SOURCE}
EVERYBODY, SENDERS, MONITORS = frozenset(BEARERS), frozenset({"a sender"}), frozenset({"a monitor"})
FORMS = frozenset({"a form"})
MAY: Mapping[tuple[str, str], frozenset[str]] = {
    ("POST", "/leads"): SENDERS,
    ("POST", "/leads/batch"): SENDERS,
    ("GET", "/leads/{id:path}"): SENDERS,
    ("POST", "/leads/{id:path}/activities"): SENDERS,
    ("GET", "/stats"): SENDERS,
    ("POST", "/intake/{name}"): FORMS,
    ("GET", "/intake/{name}"): EVERYBODY,  # a tool that asks whether the address is right; it is told no more
    ("OPTIONS", "/intake/{name}"): EVERYBODY,  # a browser, before a page sends its form
    ("GET", "/livez"): EVERYBODY,
    ("GET", "/readyz"): MONITORS,
    ("GET", "/metrics"): MONITORS,
    ("GET", "/docs"): MONITORS,
    ("GET", "/openapi.json"): MONITORS,
}


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # nothing here depends on it


def doors(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        path = getattr(route, "path", None)
        if path is None:  # a router that FastAPI took in
            yield from doors(route.original_router.routes)  # type: ignore[attr-defined]  # it has no type
            continue
        for method in sorted(getattr(route, "methods", None) or ()):
            if method != "HEAD":
                yield method, path


async def test_every_route_lets_in_its_own_and_says_to_others_why_not(database: Database) -> None:
    agreement = loaded(default_agreement().text + FORM)
    app = api_of(database, agreement=agreement, variables={"FORM_KEY": SOURCE}, monitor_token=lambda: MONITOR)
    assert set(doors(app.routes)) == MAY.keys()
    assert {path for _, path in MAY} >= WATCHED
    seen: dict[tuple[str, str], set[str]] = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton") as http:
        for method, path in MAY:
            address = path.replace("{id:path}", "1").replace("{name}", "form")
            for who, token in BEARERS.items():
                headers = {"authorization": f"Bearer {token}"} if token else {}
                answer = await http.request(method, address, headers=headers, json={"email": "a@b.example"})
                assert answer.status_code < 500, (method, path, who)
                if answer.status_code == 401:
                    assert answer.json()["detail"], (method, path, who)
                else:
                    seen.setdefault((method, path), set()).add(who)
    assert {door: frozenset(who) for door, who in seen.items()} == dict(MAY)
