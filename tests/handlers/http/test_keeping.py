"""What a door of the API refuses beside whole records: single activities, and bodies that are too long."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.agreement import default_agreement
from bot.agreement.book import open_book
from bot.context import BATON, Context
from bot.handoffs import Taken
from bot.handoffs.forget import ask
from bot.handoffs.refused import ACTIVITY, API, retry
from bot.leadform import LeadFaults
from storage import leads, refused
from storage.database import Database
from storage.models import Refused, RefusedCause
from tests.handlers.http.api_client import JANE, NOW, api_of, client_of


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(api_of(database)) as client:
        yield client


def kept(database: Database) -> Refused:
    """The one that is kept."""
    (one,) = database.read_now(lambda tx: refused.newest(tx, limit=9, tests=True))
    return one


def again(database: Database) -> Taken | LeadFaults:
    """Send the one that is kept through today's reading."""
    context = Context(NOW, NOW, database.write_now(open_book, default_agreement(), NOW), BATON, "t")
    return database.write_now(retry, context, kept(database).id)


@pytest.mark.parametrize(
    ("content", "cause", "told"),
    [
        ('{"type": "never"}', RefusedCause.FIELDS, {"type": "never"}),
        (
            '{"type": "call", "at": "soon", "token": "hunter2"}',
            RefusedCause.FIELDS,
            {"type": "call", "at": "soon"},
        ),
        ('"demo_request"', RefusedCause.FIELDS, "demo_request"),
        ("type=demo_request&api_key=hunter2", RefusedCause.SHAPE, "type=demo_request&api_key=[secret]"),
    ],
)
async def test_an_activity_that_cannot_be_read_is_kept_with_the_lead_it_was_told_of(
    api: httpx.AsyncClient, database: Database, content: str, cause: RefusedCause, told: object
) -> None:
    lead = (await api.post("/leads", json=JANE)).json()["id"]
    answer = await api.post(f"/leads/{lead}/activities", content=content)
    assert answer.status_code == 422
    one = kept(database)
    assert (one.door, one.system, one.cause, one.lead_id) == (ACTIVITY, "hubspot", cause, lead)
    assert one.body == {"lead": str(lead), "activity": told}
    assert one.why == "; ".join(f"{f['field']}: {f['message']}" for f in answer.json()["faults"])


async def test_an_activity_that_came_before_its_lead_is_kept_and_told_of_it_later(
    api: httpx.AsyncClient, database: Database
) -> None:
    body = {"type": "demo_request", "at": "2026-11-10T14:45:00Z"}
    for _ in range(2):
        assert (await api.post("/leads/ext:hs-1/activities", json=body)).status_code == 404
    one = kept(database)
    assert (one.cause, one.why, one.lead_id) == (RefusedCause.NOBODY, "there is no lead ext:hs-1", None)
    assert isinstance(again(database), LeadFaults)

    lead = (await api.post("/leads", json=JANE | {"activities": []})).json()
    taken = again(database)
    assert isinstance(taken, Taken)
    assert (taken.id, taken.priority, taken.handed_off) == (lead["id"], "P1", True)
    assert [each.type for each in database.read_now(leads.activities_of, lead["id"])] == ["demo_request"]
    assert database.read_now(refused.numbers) == []


async def test_an_activity_of_one_of_several_leads_is_kept_naming_their_systems(
    api: httpx.AsyncClient, database: Database
) -> None:
    await api.post("/leads", json={"external_id": "1", "email": "a@example.com"})
    async with client_of(api_of(database), token="other") as forms:
        await forms.post("/leads", json={"external_id": "1", "email": "b@example.com"})
    assert (await api.post("/leads/ext:1/activities", json={"type": "call"})).status_code == 409
    one = kept(database)
    assert (one.cause, one.why) == (RefusedCause.IDENTITY, "the id 1 is known to forms, hubspot")


async def test_an_address_in_the_place_of_a_number_is_kept_where_a_person_can_be_forgotten(
    api: httpx.AsyncClient, database: Database
) -> None:
    assert (await api.post("/leads/Jane@Example.com/activities", json={"type": "call"})).status_code == 404
    assert kept(database).email_key == "jane@example.com"


@pytest.mark.parametrize("named", ["ext:hs-1", "ext:hubspot:hs-1", "{id}", "Jane@Example.com"])
@pytest.mark.parametrize("status", [404, 422])
async def test_of_an_activity_of_somebody_who_was_erased_nothing_is_kept(
    api: httpx.AsyncClient, database: Database, named: str, status: int
) -> None:
    lead = (await api.post("/leads", json=JANE)).json()["id"]
    context = Context(NOW, NOW, database.write_now(open_book, default_agreement(), NOW), BATON, "t")
    database.write_now(ask, context, lead)
    told = {"type": "call", "detail": "Jane Doe will buy", **({"at": "soon"} if status == 422 else {})}
    answer = await api.post(f"/leads/{named.format(id=lead)}/activities", json=told)
    assert answer.status_code == status
    one = kept(database)
    assert (one.cause, one.body, one.lead_id, one.email_key) == (RefusedCause.FORGOTTEN, {}, None, None)
    assert not any(word in one.why for word in ("hs-1", "Jane", "example"))


async def test_an_activity_of_an_id_that_nobody_had_is_kept_though_others_were_erased(
    api: httpx.AsyncClient, database: Database
) -> None:
    lead = (await api.post("/leads", json=JANE)).json()["id"]
    context = Context(NOW, NOW, database.write_now(open_book, default_agreement(), NOW), BATON, "t")
    database.write_now(ask, context, lead)
    assert (await api.post("/leads/ext:hs-2/activities", json={"type": "call"})).status_code == 404
    assert kept(database).body == {"lead": "ext:hs-2", "activity": {"type": "call"}}


async def test_an_activity_as_text_is_taken_once_it_can_be_read(
    api: httpx.AsyncClient, database: Database
) -> None:
    lead = (await api.post("/leads", json=JANE)).json()["id"]
    await api.post(f"/leads/{lead}/activities", json='{"type": "pricing_request"}')
    assert isinstance(again(database), Taken)
    assert "pricing_request" in {each.type for each in database.read_now(leads.activities_of, lead)}


async def test_the_beginning_of_a_body_that_is_too_long_is_kept(
    api: httpx.AsyncClient, database: Database
) -> None:
    answer = await api.post("/leads", json={"email": "jane@example.com", "notes": "x" * 1_000_000})
    assert answer.status_code == 413
    one = kept(database)
    assert (one.door, one.cause, one.why) == (API, RefusedCause.SHAPE, f"body: {answer.json()['detail']}")
    assert one.body["body"].startswith('{"email":"jane@example.com"')
    assert len(one.body["body"]) == 10_000
