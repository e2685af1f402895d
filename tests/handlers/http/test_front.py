"""What is served before the API is loaded, and that it is what the API itself would answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from handlers.http.front import Front
from handlers.http.watched import Answer, Asked
from handlers.http.watched_routes import watched_routes


def answers(status: int = 200) -> dict[str, Asked]:
    async def livez() -> Answer:
        return Answer(status, '{"says":"Über"}'.encode(), "application/json")

    return {"/livez": livez, "/readyz": livez}


class Behind:
    """An API with a route of its own, that counts how often it was loaded."""

    def __init__(self) -> None:
        self.loaded = 0

    def load(self) -> FastAPI:
        self.loaded += 1
        api = FastAPI()
        api.include_router(watched_routes(answers()))
        api.get("/leads")(lambda: {"leads": []})
        return api


@asynccontextmanager
async def client(
    behind: Behind, token: str | None = None, status: int = 200
) -> AsyncIterator[httpx.AsyncClient]:
    front = Front(answers(status), behind.load, lambda: token)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(front), base_url="http://baton") as client:
        yield client


async def test_who_watches_is_answered_without_the_api_and_others_load_it_once() -> None:
    behind = Behind()
    async with client(behind) as asking:
        assert [(await asking.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 200]
        assert behind.loaded == 0
        found = await asyncio.gather(*(asking.get("/leads") for _ in range(3)))
        assert [(answer.status_code, answer.json()) for answer in found] == [(200, {"leads": []})] * 3
        assert (await asking.get("/nothing")).status_code == 404
    assert behind.loaded == 1


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_it_answers_as_the_api_would(path: str) -> None:
    behind = Behind()
    async with (
        client(behind) as asking,
        httpx.AsyncClient(transport=httpx.ASGITransport(behind.load()), base_url="http://baton") as direct,
    ):
        ours, its = await asking.get(path, headers={"X-Request-Id": "mine"}), await direct.get(path)
        assert (ours.status_code, ours.content) == (its.status_code, its.content)
        assert dict(ours.headers) == {**its.headers, "x-request-id": "mine"}
        head = await asking.head(path)
        assert (head.status_code, head.content) == (ours.status_code, b"")
        assert head.headers["content-length"] == ours.headers["content-length"]
        assert (await asking.post(path)).status_code == (await direct.post(path)).status_code == 405


async def test_who_watches_must_bear_the_token_where_there_is_one() -> None:
    behind = Behind()
    async with client(behind, token="s3cret", status=503) as asking:
        refused = await asking.get("/readyz")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "MONITOR_TOKEN" in refused.json()["detail"]
        told = await asking.get("/readyz", headers={"Authorization": "Bearer s3cret"})
        assert (told.status_code, told.json()) == (503, {"says": "Über"})
        assert (await asking.get("/livez")).status_code == 503  # for which nobody needs a token
    assert behind.loaded == 0


async def test_an_answer_that_fails_is_a_500_with_the_trace_to_ask_by() -> None:
    async def broken() -> Answer:
        raise ZeroDivisionError

    front = Front({"/readyz": broken}, Behind().load, lambda: None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(front), base_url="http://baton") as asking:
        told = await asking.get("/readyz", headers={"X-Request-Id": "trace-7"})
    assert (told.status_code, told.headers["x-request-id"]) == (500, "trace-7")
    assert "trace-7" in told.json()["detail"]
