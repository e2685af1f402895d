"""What every call passes: tokens, limits, traces, and errors in words."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leadform import LeadForm, field_of
from handlers.http.shapes import FIELD_WORDS
from storage.database import Database
from tests.handlers.http.api_client import JANE, api_of, client_of

CALLS = [
    ("POST", "/leads"),
    ("POST", "/leads/batch"),
    ("POST", "/leads/1/activities"),
    ("GET", "/leads/1"),
]


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(api_of(database)) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer wrong", "Basic s3cret", "Bearer s3cret2", "Bearer \xe9"]
)
async def test_without_a_known_token_nothing_is_read_or_stored(
    api: httpx.AsyncClient, method: str, path: str, sent: str
) -> None:
    headers = [(b"authorization", sent.encode("latin-1"))]
    answer = await api.request(method, path, headers=headers, content=b"{")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "INTAKE_TOKEN" in answer.json()["detail"]


async def test_each_token_acts_under_its_own_name(database: Database) -> None:
    app = api_of(database)
    for token in ("s3cret", "other"):
        async with client_of(app, token) as api:
            await api.post("/leads", json=JANE | {"title": token})
            events = (await api.get("/leads/1")).json()["events"]
    assert {event["actor"] for event in events} == {"api:hubspot", "api:forms"}


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_without_any_token_the_intake_says_how_to_switch_it_on(
    database: Database, method: str, path: str
) -> None:
    async with client_of(api_of(database, tokens={})) as api:
        answer = await api.request(method, path)
    assert answer.status_code == 403
    assert "INTAKE_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"jane@example.com",
        b"email=jane%40example.com",
        b"\xff\xfe\xfd",
        b'{"amount": NaN, "email": "a@example.com"}',
        b'{"amount": Infinity, "email": "a@example.com"}',
        b"[" * 100_000,
        b'{"email": ' + b"9" * 5_000 + b"}",
        b"null",
        b"17",
        b'"text"',
        b"[1]",
    ],
)
async def test_what_is_no_object_is_refused_in_words(api: httpx.AsyncClient, body: bytes) -> None:
    for path in ("/leads", "/leads/1/activities"):
        answer = await api.post(path, content=body)
        assert answer.status_code == 422
        assert all(fault["field"] and fault["message"] for fault in answer.json()["faults"])


async def test_every_bad_field_is_named_at_once(api: httpx.AsyncClient) -> None:
    record = {"email": "nobody", "employees": "lots", "amount": "much", "activities": [{"at": "soon"}]}
    answer = await api.post("/leads", json=record)
    fields = {fault["field"] for fault in answer.json()["faults"]}
    assert fields == {"email", "employees", "amount", "activities[0].type", "activities[0].at"}


async def test_over_a_megabyte_is_413_and_just_under_is_read(api: httpx.AsyncClient) -> None:
    frame = len(json.dumps({"email": "a@example.com", "notes": ""}))
    for spare, status in ((0, 201), (1, 413)):
        notes = "x" * (1_000_000 - frame + spare)
        content = json.dumps({"email": "a@example.com", "notes": notes}).encode()
        assert (await api.post("/leads", content=content)).status_code == status


async def test_an_endless_body_is_not_read_to_its_end(api: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 65_536
            yield b" " * 65_536

    answer = await api.post("/leads", content=endless())
    assert answer.status_code == 413
    assert sent < 1_200_000


async def test_with_the_database_away_it_is_503_and_when_to_come_back(database: Database) -> None:
    app = api_of(database)
    database.close()
    async with client_of(app) as api:
        for method, path in CALLS:
            body = [JANE] if path.endswith("batch") else {"type": "webinar", **JANE}
            answer = await api.request(method, path, json=body)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    ("told", "kept"),
    [("zap-17:x.y_Z", True), ("a" * 64, True), ("a" * 65, False), ("two words", False), ("", False)],
)
async def test_a_sane_request_id_is_kept_from_call_to_history(
    api: httpx.AsyncClient, told: str, kept: bool
) -> None:
    answer = await api.post("/leads", json=JANE, headers={"X-Request-Id": told})
    given_back = answer.headers["X-Request-Id"]
    assert (given_back == told) is kept
    events = (await api.get("/leads/1")).json()["events"]
    assert {event["trace"] for event in events} == {given_back}


async def test_a_fault_of_ours_is_told_by_its_reference_and_logged_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    app = api_of(database)

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    async with client_of(app) as api:
        answer = await api.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.json()["detail"]
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_openapi_describes_every_field_of_a_lead(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()["paths"]
    assert set(described) == {
        "/intake/{name}",
        "/leads",
        "/leads/batch",
        "/leads/{id}",
        "/leads/{id}/activities",
        "/livez",
        "/readyz",
        "/metrics",
        "/stats",
    }
    lead = described["/leads"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(lead["properties"]) == set(LeadForm.model_fields) == set(FIELD_WORDS)
    assert all(field["description"] for field in lead["properties"].values())
    assert "$ref" not in json.dumps(lead)


async def test_the_docs_page_needs_nothing_from_elsewhere(api: httpx.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    assert "POST /leads/batch" in page
    assert not [sign for sign in ("http:", "https:", "<script", "src=", "@import", "url(") if sign in page]


_NAMES = st.sampled_from(
    [*(name for name in FIELD_WORDS), "id", "name", "company_size", "activity_at", "Email Address", "why"]
) | st.text(max_size=8)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()), max_size=20)
    | st.sampled_from(
        ["a@example.com", "2026-11-01", "9999-12-31T23:59:59-12:00", "0001-01-01", "1e400", "\x00"]
    )
)
_ANY_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)
_RECORDS = st.dictionaries(_NAMES, _ANY_JSON, max_size=8)


def test_no_json_whatever_makes_it_fail(database: Database) -> None:
    names = {f"token{number}": f"tool{number}" for number in range(100)}  # none of them comes too often
    app, tokens = api_of(database, tokens=names), itertools.cycle(names)

    async def send(body: str, person: str) -> list[int]:
        async with client_of(app, next(tokens)) as api:
            answers = [
                await api.post("/leads", content=body),
                await api.post("/leads", content=person),
                await api.post("/leads/batch", content=f"[{body}]"),
                await api.post("/leads/ext:1/activities", content=body),
            ]
        return [answer.status_code for answer in answers]

    @settings(max_examples=60, deadline=None)
    @given(record=_RECORDS | _ANY_JSON)
    def holds(record: Any) -> None:
        person = {"email": "a@example.com", **record} if isinstance(record, dict) else record
        body = json.dumps(record)
        one, other, batch, activity = asyncio.run(send(body, json.dumps(person)))
        assert {one, other} <= {200, 201, 422}
        assert batch == 207 or (batch == 422 and "Infinity" in body)
        assert activity in (200, 201, 404, 422)

    holds()


def test_the_words_are_for_fields_that_are_read() -> None:
    assert all(field_of(name) == name for name in FIELD_WORDS)


async def test_over_fifty_calls_a_second_from_one_token_are_429_and_another_is_served(
    database: Database,
) -> None:
    async with client_of(api_of(database, still=True)) as api:
        answers = [await api.get("/leads/1") for _ in range(60)]
        other = await api.get("/leads/1", headers={"Authorization": "Bearer other"})
    assert [answer.status_code for answer in answers] == [404] * 50 + [429] * 10
    assert {answer.headers["Retry-After"] for answer in answers[50:]} == {"1"}
    assert other.status_code == 404
