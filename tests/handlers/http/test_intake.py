"""`POST /intake/<name>` as the tools call it: who is let in, what is answered, what is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.handoffs import received
from bot.handoffs.chunk import take_many
from bot.instruments import Instruments
from bot.intake import read_record
from storage import history, leads, refused
from storage.database import Database
from storage.models import Refused, RefusedCause
from tests.bot.intake.signing import SECRET, SIGNS
from tests.handlers.http.api_client import NOW, api_of, client_of

TABLES = """
[http]
public_url = "https://baton.example.com"
[[intake]]
name = "plain"
secret_env = "KEY"
campaign = "q4-search"
[[intake]]
name = "google-ads"
preset = "google_ads_lead_form"
secret_env = "KEY"
[[intake]]
name = "outbound"
preset = "salesforce_outbound"
secret_env = "KEY"
[[intake]]
name = "meta"
preset = "meta_leadgen"
secret_env = "KEY"
verify_token_env = "TOKEN"
[[intake]]
name = "hubspot"
preset = "hubspot_workflow"
secret_env = "KEY"
[[intake]]
name = "website"
public_key = "website-2026"
origins = ["https://www.example.com"]
honeypot = "fax"
"""
VARIABLES = {"KEY": SECRET, "TOKEN": "verify-me"}
BEARER = {"Authorization": f"Bearer {SECRET}"}
ADA = {"email": "ada@fabrikam.example", "name": "Ada Lind", "company": "Fabrikam", "employees": 50}
PAGE = {"Origin": "https://www.example.com"}
GOOGLE = {
    "lead_id": "g-1",
    "user_column_data": [
        {"column_name": "Full Name", "string_value": "Ada Lind", "column_id": "FULL_NAME"},
        {"column_name": "User Email", "string_value": "ada@fabrikam.example", "column_id": "EMAIL"},
    ],
    "google_key": SECRET,
    "is_test": False,
}
OUTBOUND = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><SessionId>a-session-of-theirs</SessionId>
<Notification><Id>04l1</Id><sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>00Q1</sf:Id>
<sf:LastName>Lind</sf:LastName><sf:Email>ada@fabrikam.example</sf:Email></sObject></Notification>
<Notification><Id>04l2</Id><sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>00Q2</sf:Id>
</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"""


@pytest.fixture(scope="module")
def agreement() -> LoadedAgreement:
    return loaded(default_agreement().text + TABLES)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """One kind is enough for what is answered; what is stored is tested on both elsewhere."""
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def app(database: Database, agreement: LoadedAgreement, instruments: Instruments) -> FastAPI:
    return api_of(database, agreement=agreement, variables=VARIABLES, instruments=instruments)


@pytest.fixture
async def tool(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, token=None) as client:
        yield client


def kept(database: Database, *, tests: bool = False) -> list[Refused]:
    return list(database.read_now(refused.newest, limit=100, tests=tests))


async def test_a_body_becomes_a_lead_whose_ids_are_the_sources(
    tool: httpx.AsyncClient, database: Database
) -> None:
    answer = await tool.post("/intake/google-ads", json=GOOGLE)
    assert (answer.status_code, answer.json()["external_id"]) == (201, "g-1")
    lead = database.read_now(leads.get, answer.json()["id"])
    assert lead is not None
    assert (lead.first_name, lead.last_name, lead.email, lead.source) == (
        "Ada",
        "Lind",
        "ada@fabrikam.example",
        "Google Ads",
    )
    assert database.read_now(leads.aliases, lead.id) == [("google-ads", "g-1")]


async def test_the_same_delivery_again_is_no_second_event(
    tool: httpx.AsyncClient, database: Database
) -> None:
    first = (await tool.post("/intake/google-ads", json=GOOGLE)).json()
    before = database.read_now(history.of_lead, first["id"])
    again = await tool.post("/intake/google-ads", json=GOOGLE)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert "This record came before, and nothing in it is new." in again.json()["notes"]
    assert database.read_now(history.of_lead, first["id"]) == before
    assert len(database.read_now(leads.activities_of, first["id"])) == 1


async def test_a_constant_of_the_source_stands_in_every_lead(
    tool: httpx.AsyncClient, database: Database
) -> None:
    answer = await tool.post("/intake/plain", json={**ADA, "campaign": "other"}, headers=BEARER)
    lead = database.read_now(leads.get, answer.json()["id"])
    assert lead is not None
    assert (lead.campaign, lead.extra) == ("q4-search", {})


@pytest.mark.parametrize("name", ["plain", "google-ads", "outbound", "meta", "hubspot"])
async def test_nobody_else_gets_in_and_nothing_of_theirs_is_kept(
    tool: httpx.AsyncClient, database: Database, name: str
) -> None:
    answer = await tool.post(f"/intake/{name}", json=ADA, headers={"Authorization": "Bearer guess"})
    assert answer.status_code == 401
    assert answer.json()["detail"].endswith(".")
    assert kept(database, tests=True) == []


async def test_whoever_proves_nothing_is_told_of_in_the_log_and_does_not_flood_it(
    tool: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        await tool.post("/intake/hubspot", json=ADA, headers={"X-HubSpot-Signature-v3": "guess"})
        await tool.post("/intake/plain", json=ADA)
    assert [record.getMessage() for record in caplog.records if record.name == "baton.http"] == [
        "hubspot turned away 1 call: The header X-HubSpot-Request-Timestamp is missing: this call is not "
        "signed.",
        "plain turned away 1 call: Send the header Authorization: Bearer with the source's secret.",
    ]


async def test_an_unknown_source_is_404_and_told_of(
    tool: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("nowhere", "elsewhere"):
        assert (await tool.post(f"/intake/{name}", json=ADA, headers=BEARER)).status_code == 404
    assert [record.getMessage() for record in caplog.records if record.name == "baton.http"] == [
        "intake turned away 1 call: There is no such source; add [[intake]] with its name to the agreement."
    ]
    metrics = (await tool.get("/metrics")).text
    assert 'baton_http_turned_away_total{door="intake",status="404"} 2.0' in metrics


async def test_hubspot_signs_the_public_address(tool: httpx.AsyncClient) -> None:
    body = json.dumps({"vid": 7, "properties": {"email": {"value": "ada@fabrikam.example"}}}).encode()
    signed = SIGNS["hubspot_workflow"](SECRET, body, NOW, "https://baton.example.com/intake/hubspot")
    assert (await tool.post("/intake/hubspot", content=body, headers=signed.headers)).status_code == 201


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"company": "Fabrikam", "id": 7}, "give an e-mail address or a phone number or a name"),
        ("no json", "is not JSON"),
        ([], "empty list"),
        ([7], "must be an object"),
        ("[" * 400 + "]" * 400, "must be an object"),
        ('{"a":' * 400 + "1" + "}" * 400, "give an e-mail address"),
        ('[{"email":' + "[" * 400 + "]" * 400 + "}]", "must be text"),
        ({"email": "nobody"}, "is not an e-mail address"),
    ],
)
async def test_what_names_nobody_is_422_and_kept(
    tool: httpx.AsyncClient, database: Database, body: Any, says: str
) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    answer = await tool.post("/intake/plain", content=content, headers=BEARER)
    row = kept(database)[0]
    assert (answer.status_code, answer.json()["refused"]) == (422, row.id)
    assert says in answer.json()["detail"]
    assert (row.door, row.system, says in row.why) == ("plain", "plain", True)


@pytest.mark.parametrize("body", [{"phone": "+1 650 555 0123"}, {"name": "Ada Lind"}])
async def test_a_phone_number_or_a_name_is_enough_and_the_same_again_is_the_same_lead(
    tool: httpx.AsyncClient, body: Any
) -> None:
    answers = [await tool.post("/intake/plain", json=body, headers=BEARER) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_side_field_that_cannot_be_read_costs_that_field(
    tool: httpx.AsyncClient, database: Database
) -> None:
    answer = await tool.post("/intake/plain", json={**ADA, "amount": "plenty"}, headers=BEARER)
    assert answer.status_code == 201
    assert any("amount" in note for note in answer.json()["notes"])
    lead = database.read_now(leads.get, answer.json()["id"])
    assert lead is not None
    assert (lead.amount_minor, lead.extra["amount"]) == (None, "plenty")


async def test_a_list_is_many_leads_each_with_its_own_result(
    tool: httpx.AsyncClient, database: Database
) -> None:
    several = [{"email": f"p{n}@fabrikam.example"} for n in range(25)]
    answer = await tool.post("/intake/plain", json=[*several, {"id": 1}], headers=BEARER)
    assert answer.status_code == 207
    assert [each["status"] for each in answer.json()] == [201] * 25 + [422]
    assert len(kept(database)) == 1


async def test_a_long_list_is_taken_together_in_its_order_and_what_is_refused_is_kept(
    tool: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def noting(*given: Any, **more: Any) -> Any:
        taken = take_many(*given, **more)
        sizes.append(len(taken))
        return taken

    monkeypatch.setattr(received, "take_many", noting)
    people = [{"email": f"p{n % 90}@fabrikam.example", "name": f"Pia P{n % 90}"} for n in range(120)]
    people[7], people[50] = {"company": "Nobody Inc."}, {"employees": "3"}
    answer = await tool.post("/intake/plain", json=people, headers=BEARER)
    assert answer.status_code == 207
    statuses = [each["status"] for each in answer.json()]
    wanted = [201] * 90 + [200] * 30
    wanted[7], wanted[50], wanted[97] = 422, 422, 201  # number 97 is the first of its name
    assert statuses == wanted
    assert answer.json()[90]["id"] == answer.json()[0]["id"]
    assert [each.body["company"] for each in kept(database) if "company" in each.body] == ["Nobody Inc."]
    assert len(kept(database)) == 2
    assert sum(sizes) == 120
    assert sizes[0] > 90


async def test_a_test_lead_is_answered_200_and_listed_apart(
    tool: httpx.AsyncClient, database: Database
) -> None:
    answer = await tool.post("/intake/google-ads", json={**GOOGLE, "is_test": True})
    assert (answer.status_code, answer.json()["test"]) == (200, True)
    assert kept(database) == []
    assert [row.cause for row in kept(database, tests=True)] == [RefusedCause.TEST]


async def test_a_body_of_ids_is_refused_in_words_and_not_sent_again(
    tool: httpx.AsyncClient, database: Database
) -> None:
    change = {"field": "leadgen", "value": {"leadgen_id": "7", "form_id": "8", "created_time": 1762700000}}
    body = json.dumps({"object": "page", "entry": [{"id": "1", "changes": [change]}]}).encode()
    signed = SIGNS["meta_leadgen"](SECRET, body, NOW, "")
    answer = await tool.post("/intake/meta", content=body, headers=signed.headers)
    assert (answer.status_code, "Zapier" in answer.json()["detail"]) == (200, True)
    assert [(row.cause, row.body["leadgen_id"]) for row in kept(database)] == [(RefusedCause.NOBODY, "7")]


async def test_meta_asks_before_it_sends(tool: httpx.AsyncClient) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "11", "hub.verify_token": "verify-me"}
    answer = await tool.get("/intake/meta", params=asked)
    assert (answer.status_code, answer.text) == (200, "11")
    assert (await tool.get("/intake/meta", params={**asked, "hub.verify_token": "guess"})).status_code == 403


async def test_salesforce_gets_its_ack_for_all_notifications(
    tool: httpx.AsyncClient, database: Database
) -> None:
    answer = await tool.post(f"/intake/outbound?key={SECRET}", content=OUTBOUND)
    assert (answer.status_code, "<Ack>true</Ack>" in answer.text) == (200, True)
    assert answer.headers["content-type"].startswith("text/xml")
    assert database.read_now(leads.by_external_id, "outbound", "00Q1") is not None
    assert [row.body for row in kept(database)] == [{"Id": "00Q2"}]


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><x>&f;</x>',
        "<x><y></x>",
        "<" * 1000,
    ],
)
async def test_xml_that_means_harm_is_kept_as_a_text(
    tool: httpx.AsyncClient, database: Database, content: str
) -> None:
    await tool.post(f"/intake/outbound?key={SECRET}", content=content)
    assert [row.cause for row in kept(database)] == [RefusedCause.SHAPE]


@pytest.mark.parametrize("kind", ["form", "parts"])
async def test_a_form_is_read_as_one(tool: httpx.AsyncClient, kind: str) -> None:
    fields = {"email": "ada@fabrikam.example", "Full Name": "Ada Lind & Söhne"}
    sent: dict[str, Any] = (
        {"data": fields} if kind == "form" else {"files": {k: (None, v) for k, v in fields.items()}}
    )
    assert (await tool.post("/intake/plain", headers=BEARER, **sent)).status_code == 201


async def test_a_body_over_a_megabyte_or_over_500_leads_is_413_and_counted(
    tool: httpx.AsyncClient, database: Database, instruments: Instruments
) -> None:
    large = await tool.post("/intake/plain", content=b"[" + b" " * 1_000_001 + b"]", headers=BEARER)
    many = await tool.post(
        "/intake/plain", json=[{"email": f"a{n}@b.example"} for n in range(501)], headers=BEARER
    )
    assert (large.status_code, many.status_code) == (413, 413)
    assert len(database.read_now(refused.numbers)) == 502  # of the large one its beginning
    assert (
        'baton_http_turned_away_total{door="plain",status="413"} 2.0'
        in instruments.render(None, True).decode()
    )


async def test_over_fifty_calls_a_second_are_429_and_say_when_to_come_back(
    database: Database, agreement: LoadedAgreement, instruments: Instruments
) -> None:
    app = api_of(database, agreement=agreement, variables=VARIABLES, instruments=instruments, still=True)
    async with client_of(app, token=None) as tool:
        answers = [await tool.get("/intake/plain") for _ in range(60)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 50 + [True] * 10
    assert {answer.headers["Retry-After"] for answer in answers[50:]} == {"1"}
    assert 'door="plain",status="429"' in instruments.render(None, True).decode()


# A page


async def test_a_page_may_post_its_form_and_learns_nothing_of_the_lead(
    tool: httpx.AsyncClient, database: Database
) -> None:
    form = {"key": "website-2026", "email": "ada@fabrikam.example", "name": "Ada Lind", "fax": ""}
    answer = await tool.post("/intake/website", data=form, headers=PAGE)
    assert (answer.status_code, answer.json()) == (200, {"taken": True})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.example.com"
    lead = database.read_now(leads.get, 1)
    assert lead is not None
    assert (lead.last_name, lead.extra) == ("Lind", {})


async def test_another_page_may_not(tool: httpx.AsyncClient) -> None:
    form = {"key": "website-2026", "email": "ada@fabrikam.example"}
    for headers in ({"Origin": "https://evil.example"}, {}):
        answer = await tool.post("/intake/website", data=form, headers=headers)
        assert (answer.status_code, "Access-Control-Allow-Origin" in answer.headers) == (403, False)


async def test_a_browser_asks_first_and_is_told_what_it_may(tool: httpx.AsyncClient) -> None:
    answer = await tool.options("/intake/website", headers=PAGE)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Methods"]) == (204, "POST")
    assert (await tool.options("/intake/plain", headers=PAGE)).status_code == 403


async def test_a_robot_that_fills_in_the_hidden_field_is_told_that_it_was_taken(
    tool: httpx.AsyncClient, database: Database
) -> None:
    form = {"key": "website-2026", "email": "ada@fabrikam.example", "fax": "buy now"}
    answer = await tool.post("/intake/website", data=form, headers=PAGE)
    assert (answer.status_code, answer.json()) == (200, {"taken": True})
    assert database.read_now(leads.get, 1) is None
    assert [row.cause for row in kept(database, tests=True)] == [RefusedCause.TEST]


async def test_a_visitor_is_told_what_is_missing(tool: httpx.AsyncClient) -> None:
    answer = await tool.post("/intake/website", data={"key": "website-2026"}, headers=PAGE)
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, "email")


async def test_a_page_sends_one_lead_at_a_time_and_what_else_it_sends_is_kept_once(
    tool: httpx.AsyncClient, database: Database
) -> None:
    many = [{"key": "website-2026", "email": f"a{n}@b.example"} for n in range(400)]
    address = "/intake/website?key=website-2026"
    answer = await tool.post(address, json=many, headers=PAGE)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["message"] == "is a list; a page sends one lead at a time"
    assert (len(kept(database)), database.read_now(leads.get, 1)) == (1, None)


async def test_clicks_go_on_while_a_large_body_is_read(
    tool: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in = set[str]()

    def noted(*args: Any, **kw: Any) -> Any:
        read_in.add(threading.current_thread().name)
        return read_record(*args, **kw)

    monkeypatch.setattr("handlers.http.intake.read_record", noted)
    for size in (10, 70_000):
        lead = {"email": "a@b.example", "x": "x" * size}
        assert (await tool.post("/intake/plain", json=lead, headers=BEARER)).is_success
    assert len(read_in) == 2
    assert threading.current_thread().name in read_in


async def test_one_address_may_post_ten_times_a_minute(tool: httpx.AsyncClient) -> None:
    form = {"key": "website-2026", "email": "ada@fabrikam.example"}
    answers = [await tool.post("/intake/website", data=form, headers=PAGE) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert answers[-1].headers["Access-Control-Allow-Origin"] == "https://www.example.com"
