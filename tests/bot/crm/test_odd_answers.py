"""What no CRM should answer, and what an attacker in its place would: said in words, and nothing ends."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.crm.hubspot import HubSpot
from bot.crm.port import Crm, CrmTrouble, Feed
from bot.crm.salesforce import Salesforce
from bot.events.retries import LONGEST_WAIT_ASKED

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)

Answering = Callable[[web.Request], web.StreamResponse]


@asynccontextmanager
async def answering(answer: Answering) -> AsyncIterator[str]:
    """A server on loopback that answers everything so, but for Salesforce's sign-in."""

    async def take(request: web.Request) -> web.StreamResponse:
        if request.path == "/services/oauth2/token":
            return web.json_response({"access_token": "t"})
        return answer(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def hubspot(url: str) -> Crm:
    return HubSpot("pat", "HUBSPOT_TOKEN", url)


def salesforce(url: str) -> Crm:
    return Salesforce(url, ("id", "secret"), "Baton_Id__c", "SF_ID and SF_SECRET")


async def trouble(crm: Crm) -> CrmTrouble:
    """What it says where everything that it is asked is answered oddly: the same sentence for each."""
    asked = (
        crm.owners(),
        crm.find(["a@acme.example"], []),
        crm.changes_since(Feed.RECORDS, crm.start(NOW), []),
    )
    found = []
    try:
        for each in asked:
            with pytest.raises(CrmTrouble) as caught:
                await each
            found.append(caught.value)
    finally:
        await crm.close()
    return found[-1]


def as_json(body: object) -> Answering:
    return lambda _: web.json_response(body)


def gzipped(_request: web.Request) -> web.Response:
    """Thirty thousand bytes that become thirty million."""
    return web.Response(body=BOMB, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


def moved(_request: web.Request) -> web.Response:
    return web.Response(status=301, headers={"Location": "https://new.crm.example/x?token=s3cret"})


def inside(_request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": "http://169.254.169.254/latest/meta-data"})


def waits(told: str) -> Answering:
    return lambda _: web.json_response({}, status=429, headers={"Retry-After": told})


BOMB = gzip.compress(b"0" * 30_000_000)
ODD = "gave an answer that its API does not give"


@pytest.mark.parametrize("crm", [hubspot, salesforce])
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(as_json({"status": "error", "message": "down"}), ODD, id="200 with an error"),
        pytest.param(as_json([]), ODD, id="200 with a list"),
        pytest.param(as_json(None), ODD, id="200 with null"),
        pytest.param(as_json({"results": [7], "records": [7], "done": True}), ODD, id="numbers for records"),
        pytest.param(lambda _: web.Response(text="[" * 100_000), "with no JSON", id="deeply nested"),
        pytest.param(lambda _: web.Response(body=b"\xff\xfe"), "with no JSON", id="no text"),
        pytest.param(gzipped, "more than 20 MB", id="gzip bomb"),
        pytest.param(moved, "redirects to new.crm.example; is the url right?", id="moved"),
        pytest.param(inside, "redirects to 169.254.169.254; is the url right?", id="redirect inside"),
        pytest.param(waits("9" * 400), "asked to wait", id="told to wait for ever"),
    ],
)
async def test_what_no_api_answers_is_said_in_words(
    crm: Callable[[str], Crm], answer: Answering, says: str
) -> None:
    async with answering(answer) as url:
        found = await trouble(crm(url))
    assert says in found.why
    assert "s3cret" not in found.why
    assert found.wait is None or found.wait <= LONGEST_WAIT_ASKED


@pytest.mark.parametrize(
    "following", ["/services/data/v64.0/query/1", "https://evil.example/", "@evil.example/"]
)
async def test_pages_that_never_end_are_left_and_never_lead_elsewhere(following: str) -> None:
    asked: list[str] = []

    def again(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"records": [], "done": False, "nextRecordsUrl": following})

    async with answering(again) as url:
        found = await trouble(salesforce(url))
    assert "Salesforce shows the same page again and again" in found.why
    assert len(asked) == 6  # of each question two, all of this server


async def test_owners_whose_next_page_is_the_same_are_left() -> None:
    more = {"results": [], "paging": {"next": {"after": "1"}}}
    async with answering(as_json(more)) as url:
        crm = hubspot(url)
        with pytest.raises(CrmTrouble, match="same page again and again"):
            await crm.owners()
        await crm.close()


async def test_texts_that_no_database_takes_are_made_storable() -> None:
    row = {"Id": "005", "Email": "a@acme.example", "Name": "A\0\ud800", "IsActive": True}
    raw = json.dumps({"records": [row], "done": True})
    async with answering(lambda _: web.Response(text=raw)) as url:
        crm = salesforce(url)
        (owner,) = await crm.owners()
        await crm.close()
    assert owner.name == "A\ufffd\ufffd"


async def test_cookies_are_not_kept() -> None:
    seen: list[str] = []

    def setting(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie", ""))
        return web.json_response({"results": []}, headers={"Set-Cookie": f"c{len(seen)}=1; Domain=localhost"})

    async with answering(setting) as url:
        crm = hubspot(url.replace("127.0.0.1", "localhost"))
        await crm.owners()
        await crm.close()
    assert seen == ["", ""]
