"""Leads over HTTP: what is stored, what is answered, and who a lead is."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.logs import FIELDS
from handlers.http.shapes import LeadAnswer
from storage import leads, refused
from storage.database import Database, DatabaseAway
from storage.models import Refused, RefusedCause
from tests.handlers.http.api_client import JANE, NOW, api_of, client_of


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(api_of(database)) as client:
        yield client


async def lead_of(api: httpx.AsyncClient, reference: object) -> dict[str, Any]:
    answer = await api.get(f"/leads/{reference}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_new_lead_is_stored_judged_and_handed_off(api: httpx.AsyncClient) -> None:
    answer = await api.post("/leads", json=JANE)
    assert answer.status_code == 201
    told = answer.json()
    assert set(told) == set(LeadAnswer.model_fields)
    assert (told["external_id"], told["stage"], told["grade"], told["priority"]) == (
        "hs-1",
        "mql",
        "A1",
        "P1",
    )
    assert told["handoff_id"] is not None
    assert "Asked for a demo 30 minutes ago" in " ".join(told["why"])


async def test_a_lead_that_does_not_qualify_stays_an_inquiry(api: httpx.AsyncClient) -> None:
    told = (await api.post("/leads", json={"email": "joe@example.org"})).json()
    assert (told["stage"], told["handoff_id"], told["external_id"]) == ("inquiry", None, None)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"external_id": "1", "email": "a@example.com"}, {"external_id": "1"}),
        ({"external_id": "1"}, {"external_id": "1", "email": "a@example.com"}),
        ({"email": "a@example.com"}, {"email": "A@Example.com"}),
        ({"email": "a@example.com"}, {"email": "a+webinar@example.com"}),
        ({"external_id": "1", "email": "a@example.com"}, {"external_id": "2", "email": "a@example.com"}),
        ({"external_id": "1", "email": "a@example.com"}, {"external_id": "1", "email": "b@example.com"}),
        ({"Email Address": "a@example.com"}, {"email": "a@example.com"}),
    ],
)
async def test_the_same_person_is_the_same_lead(
    api: httpx.AsyncClient, first: dict[str, str], second: dict[str, str]
) -> None:
    new, known = await api.post("/leads", json=first), await api.post("/leads", json=second)
    assert (new.status_code, known.status_code) == (201, 200)
    assert new.json()["id"] == known.json()["id"]


async def test_both_ids_of_one_person_lead_to_the_lead(api: httpx.AsyncClient) -> None:
    await api.post("/leads", json={"external_id": "hs/1", "email": "a@example.com"})
    await api.post("/leads", json={"external_id": "sf 2", "email": "A+x@example.com"})
    one, other = await lead_of(api, "ext:hs/1"), await lead_of(api, "ext:sf%202")
    assert one == other
    assert ids_of(one) == ["hs/1", "sf 2"]
    assert one["email"] == "a@example.com"


async def test_the_log_says_which_lead_was_taken_in_by_whom(
    api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = (await api.post("/leads", json=JANE)).json()
    await api.post("/leads", json=JANE | {"title": "CTO"})
    lines = [line for line in caplog.records if line.name == "test"]
    said = [{name: getattr(line, name, None) for name in FIELDS} for line in lines]
    told = {"actor": "api:hubspot", "lead": made["id"], "handoff": made["handoff_id"]}
    assert said == [{"event": "taken in", **told}, {"event": "updated", **told}]


async def test_what_is_left_out_stays_and_what_is_told_changes(api: httpx.AsyncClient) -> None:
    await api.post("/leads", json=JANE)
    await api.post(
        "/leads", json={"external_id": "hs-1", "title": "CTO", "T-shirt": "M", "amount": "12,000.50"}
    )
    lead = await lead_of(api, "ext:hs-1")
    assert (lead["title"], lead["company"], lead["extra"], lead["amount"]) == (
        "CTO",
        "Example Inc.",
        {"T-shirt": "M"},
        12000.5,
    )


async def test_one_record_that_names_two_leads_is_refused(api: httpx.AsyncClient) -> None:
    await api.post("/leads", json={"external_id": "1", "email": "a@example.com"})
    await api.post("/leads", json={"external_id": "2", "email": "b@example.com"})
    answer = await api.post("/leads", json={"external_id": "1", "email": "b@example.com", "title": "CEO"})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == ["email"]
    assert (await lead_of(api, "ext:1"))["title"] is None


async def test_a_record_of_a_merged_lead_goes_to_the_one_it_joined(
    api: httpx.AsyncClient, database: Database
) -> None:
    old = (await api.post("/leads", json={"external_id": "1", "email": "a@example.com"})).json()["id"]
    new = (await api.post("/leads", json={"external_id": "2", "email": "b@example.com"})).json()["id"]
    await database.write(leads.merge, old, new, NOW)
    for record in (
        {"external_id": "1"},
        {"email": "a@example.com"},
        {"external_id": "2", "email": "a@example.com"},
    ):
        answer = await api.post("/leads", json=record)
        assert (answer.status_code, answer.json()["id"]) == (200, new)
    lead = await lead_of(api, old)
    assert (lead["id"], lead["email"], ids_of(lead)) == (new, "b@example.com", ["1", "2"])


async def test_many_at_once_about_one_new_person_make_one_lead(api: httpx.AsyncClient) -> None:
    records = [{"email": "rush@example.com", "external_id": f"r{n % 3}", **_demo()} for n in range(24)]
    answers = await asyncio.gather(*(api.post("/leads", json=record) for record in records))
    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    lead = await lead_of(api, "ext:r1")
    assert (len(lead["handoffs"]), len(lead["activities"]), ids_of(lead)) == (
        1,
        1,
        ["r0", "r1", "r2"],
    )


def ids_of(lead: dict[str, Any]) -> list[str]:
    return [each["id"] for each in lead["external_ids"]]


def _demo() -> dict[str, Any]:
    return {"activities": [{"type": "demo_request", "at": "2026-11-10T14:00:00Z"}]}


async def test_a_qualified_lead_is_handed_off_whatever_its_grade(api: httpx.AsyncClient) -> None:
    told = (await api.post("/leads", json={"email": "joe@example.org", "qualified": True})).json()
    assert (told["grade"], told["stage"]) == ("D3", "mql")


async def test_an_activity_lifts_an_inquiry_over_the_line(api: httpx.AsyncClient) -> None:
    await api.post("/leads", json={"external_id": "a/b", "email": "joe@example.org"})
    answer = await api.post("/leads/ext:a%2Fb/activities", json={"type": "demo_request"})
    assert answer.status_code == 201
    assert answer.json()["stage"] == "mql"
    assert answer.json()["handoff_id"] is not None


async def test_the_same_activity_at_the_same_moment_counts_once(api: httpx.AsyncClient) -> None:
    lead = (await api.post("/leads", json={"email": "joe@example.org"})).json()["id"]
    webinar = {"type": "webinar", "at": "2026-11-09T10:00:00Z"}
    same = {"type": "Webinar", "at": "2026-11-09T11:00:00+01:00"}
    answers = [await api.post(f"/leads/{lead}/activities", json=each) for each in (webinar, same)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert len((await lead_of(api, lead))["activities"]) == 1


async def test_an_activity_of_nobody_is_404_and_a_bad_one_422(api: httpx.AsyncClient) -> None:
    assert (await api.post("/leads/99/activities", json={"type": "webinar"})).status_code == 404
    await api.post("/leads", json=JANE)
    bad = await api.post("/leads/ext:hs-1/activities", json={"at": "soon"})
    assert {fault["field"] for fault in bad.json()["faults"]} == {"type", "at"}


async def test_a_lead_is_read_with_all_that_happened_to_it(api: httpx.AsyncClient) -> None:
    told = (await api.post("/leads", json=JANE)).json()
    lead = await lead_of(api, told["id"])
    (handoff,), (clock,) = lead["handoffs"], lead["clocks"]
    assert (lead["why"], handoff["id"], handoff["state"]) == (told["why"], told["handoff_id"], "waiting")
    assert (
        clock["kind"],
        clock["due_at"],
        clock["met_at"],
        clock["met_by"],
        clock["breached_at"],
        clock["cause"],
    ) == (
        "accept",
        "2026-11-10T15:05:00Z",
        None,
        None,
        None,
        None,
    )
    assert [(event["kind"], event["actor"]) for event in lead["events"]] == [
        ("lead.created", "api:hubspot"),
        ("lead.handed_off", "api:hubspot"),
    ]
    assert lead["activities"] == [{"type": "demo_request", "at": "2026-11-10T14:30:00Z", "detail": None}]
    assert lead["created_at"] == "2026-11-10T15:00:00Z"


@pytest.mark.parametrize(
    "reference", ["1", "ext:hs-2", "ext:", "0", "-1", "jane@example.com", "9" * 30, "ext:a%00b", "x"]
)
async def test_a_lead_that_is_not_there_is_404_in_words(api: httpx.AsyncClient, reference: str) -> None:
    answer = await api.get(f"/leads/{reference}")
    assert answer.status_code == 404
    assert "ext:<external_id>" in answer.json()["detail"]


async def test_each_record_of_a_batch_is_judged_alone_and_in_order(api: httpx.AsyncClient) -> None:
    await api.post("/leads", json={"external_id": "old", "email": "old@example.com"})
    records = [
        JANE,
        {"external_id": "old", "title": "CEO"},
        {"email": "not an address", "employees": "lots"},
        "jane@example.com",
        {"external_id": "old", "email": "jane@example.com"},
        {"email": "last@example.com"},
    ]
    answer = await api.post("/leads/batch", json=records)
    assert answer.status_code == 207
    results = answer.json()
    assert [result["status"] for result in results] == [201, 200, 422, 422, 422, 201]
    assert results[0]["handoff_id"] is not None
    assert [fault["field"] for fault in results[2]["faults"]] == ["email", "employees"]
    assert "id" not in results[3]


async def test_a_batch_may_repeat_a_person_and_may_be_empty(api: httpx.AsyncClient) -> None:
    twice = (await api.post("/leads/batch", json=[JANE, JANE])).json()
    assert [result["status"] for result in twice] == [201, 200]
    assert twice[0]["id"] == twice[1]["id"]
    assert (await api.post("/leads/batch", json=[])).json() == []


async def test_five_hundred_are_taken_and_one_more_is_not(api: httpx.AsyncClient) -> None:
    records = [{"external_id": str(n)} for n in range(1, 502)]
    refused = await api.post("/leads/batch", json=records)
    assert (refused.status_code, "501" in refused.text) == (413, True)
    assert (await api.get("/leads/ext:1")).status_code == 404
    taken = await api.post("/leads/batch", json=records[:500])
    assert {result["status"] for result in taken.json()} == {201}


async def test_a_single_lead_is_no_batch(api: httpx.AsyncClient) -> None:
    answer = await api.post("/leads/batch", json=JANE)
    assert answer.status_code == 422
    assert "/leads" in answer.json()["faults"][0]["message"]


async def test_the_answer_tells_the_stage_in_which_the_lead_is(api: httpx.AsyncClient) -> None:
    told = (await api.post("/leads", json=JANE | {"stage": "won", "closed_at": "2026-11-01"})).json()
    assert told["stage"] == (await lead_of(api, told["id"]))["stage"]


async def test_text_that_a_database_trips_over_is_cleaned(api: httpx.AsyncClient) -> None:
    hostile = '{"email": "a@example.com", "company": "Nul\\u0000 \\ud800", "x\\u0000y": "\\udfff"}'
    answer = await api.post("/leads", content=hostile)
    assert answer.status_code == 201
    assert json.dumps(await lead_of(api, answer.json()["id"])).count("\\u0000") == 0


def kept(database: Database) -> list[Refused]:
    """What is kept that was refused, the oldest first."""
    return sorted(database.read_now(refused.newest, limit=1000), key=lambda each: each.id)


@pytest.mark.parametrize(
    ("content", "cause", "body"),
    [
        ('{"email": "not an address"}', RefusedCause.FIELDS, {"email": "not an address"}),
        ('{"company": "Acme"}', RefusedCause.FIELDS, {"company": "Acme"}),
        ('"jane@example.com"', RefusedCause.SHAPE, {"body": "jane@example.com"}),
        ("email=jane@example.com", RefusedCause.SHAPE, {"body": "email=jane@example.com"}),
        ("[1e999]", RefusedCause.SHAPE, {"body": "inf"}),
        ('{"email": "a\\u0000", "x": [{"\\ud800": null}]}', RefusedCause.FIELDS, None),
        ("[" * 900 + "]" * 900, RefusedCause.SHAPE, None),
    ],
)
async def test_what_is_refused_is_kept_with_its_cause(
    api: httpx.AsyncClient, database: Database, content: str, cause: RefusedCause, body: object
) -> None:
    answer = await api.post("/leads", content=content)
    assert answer.status_code == 422
    (one,) = kept(database)
    assert (one.door, one.system, one.cause, one.at) == ("api", "hubspot", cause, NOW)
    assert one.why == "; ".join(f"{f['field']}: {f['message']}" for f in answer.json()["faults"])
    assert body in (None, one.body)


async def test_a_record_that_means_two_people_is_kept_beside_the_lead_it_was_taken_for(
    api: httpx.AsyncClient, database: Database
) -> None:
    lead = (await api.post("/leads", json={"external_id": "1", "email": "a@example.com"})).json()["id"]
    await api.post("/leads", json={"external_id": "2", "email": "b@example.com"})
    assert kept(database) == []
    record = {"external_id": "1", "email": "b@example.com", "title": "CEO"}
    for _ in range(3):
        assert (await api.post("/leads", json=record)).status_code == 422
    (one,) = kept(database)
    assert (one.cause, one.lead_id, one.email_key, one.body) == (
        RefusedCause.IDENTITY,
        lead,
        "b@example.com",
        record,
    )


async def test_no_secret_is_kept_of_what_is_refused(api: httpx.AsyncClient, database: Database) -> None:
    hidden = "hunter2"
    keys = ("api_key", "apiKey", "google_key", "X-Auth-Token", "clientSecret", "Password", "Authorization")
    record = {"email": "x", "form": [dict.fromkeys(keys, hidden) | {"name": "Jane"}], "token": {"a": hidden}}
    await api.post("/leads", json=record)
    await api.post("/leads", content=f"{{'token': '{hidden}', api_key={hidden}&a=1")
    one, other = kept(database)
    assert one.body == {"email": "x", "form": [{"name": "Jane"}]}
    assert hidden not in str(other.body)


async def test_each_refused_record_of_a_batch_is_kept_alone(
    api: httpx.AsyncClient, database: Database
) -> None:
    await api.post("/leads/batch", json=[JANE, {"email": "x"}, 7, {"email": "joe@example.com"}])
    assert [each.body for each in kept(database)] == [{"email": "x"}, {"body": 7}]
    await api.post("/leads/batch", json=JANE)
    assert kept(database)[-1].body == JANE


async def test_a_call_without_a_token_leaves_nothing(database: Database) -> None:
    async with client_of(api_of(database), token="wrong") as stranger:
        assert (await stranger.post("/leads", json={"email": "x"})).status_code == 401
    assert kept(database) == []


async def test_the_answer_is_the_same_where_nothing_can_be_kept(
    api: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await api.post("/leads", json={"email": "x"})
    for gone in (DatabaseAway("The database is away."), RuntimeError("a fault")):

        def fail(*_args: object, gone: Exception = gone) -> int:
            raise gone

        monkeypatch.setattr(refused, "add", fail)
        after = await api.post("/leads", json={"email": "x"})
        assert (after.status_code, after.json()) == (422, before.json())


async def test_the_same_record_again_says_so_in_its_notes(api: httpx.AsyncClient) -> None:
    first, again = [(await api.post("/leads", json=JANE)).json() for _ in range(2)]
    assert first["reason"]
    assert "came before" in " ".join(again["notes"])


async def test_an_id_that_two_systems_use_is_asked_for_by_its_system(database: Database) -> None:
    app = api_of(database)
    async with client_of(app) as one, client_of(app, token="other") as other:
        first = (await one.post("/leads", json={"external_id": "a:7", "email": "a@example.com"})).json()
        second = (await other.post("/leads", json={"external_id": "a:7", "email": "b@example.com"})).json()
        assert first["id"] != second["id"]
        unclear = await one.get("/leads/ext:a:7")
        assert (unclear.status_code, unclear.json()["systems"]) == (409, ["forms", "hubspot"])
        assert (await lead_of(one, "ext:hubspot:a:7"))["id"] == first["id"]
        assert (await lead_of(one, "ext:forms:a:7"))["id"] == second["id"]
        assert (await one.get("/leads/ext:crm:a:7")).status_code == 404


async def test_a_record_that_contradicts_itself_is_taken_and_told(api: httpx.AsyncClient) -> None:
    told = {"email": "ann@example.com", "created_at": "2026-01-05", "accepted_at": "2026-01-03"}
    answer = await api.post("/leads", json=told)
    assert answer.status_code == 201
    assert answer.json()["notes"] == [
        "accepted_at: 2026-01-03 lies before created_at, 2026-01-05; correct one"
    ]
    kept = await lead_of(api, answer.json()["id"])
    assert kept["extra"] == {"created_at": "2026-01-05", "accepted_at": "2026-01-03"}


async def test_a_deal_that_nobody_won_is_not_won_and_takes_nobodys_name(api: httpx.AsyncClient) -> None:
    answer = (await api.post("/leads", json={"external_id": "7", "stage": "won", "amount": 900})).json()
    assert answer["stage"] == "inquiry"
    assert answer["notes"] == ["stage won was ignored: it does not follow from inquiry"]
    known = (await api.post("/leads", json=JANE)).json()
    won = (await api.post("/leads", json={"external_id": "hs-1", "stage": "won", "amount": 900})).json()
    assert won["id"] == known["id"]
    kept = await lead_of(api, known["id"])
    assert (kept["first_name"], kept["last_name"], kept["amount"]) == ("Jane", "Roe", 900)


@pytest.mark.parametrize(
    ("at", "says"),
    [("2027-06-01T09:00:00Z", "which lies ahead"), ("1970-01-01T00:00:00Z", "dates before 1990 are kept")],
)
async def test_an_activity_of_no_time_of_ours_is_kept_told_and_not_counted(
    api: httpx.AsyncClient, at: str, says: str
) -> None:
    did = {"type": "demo_request", "at": at}
    answer = (await api.post("/leads", json={**JANE, "activities": [did]})).json()
    assert (answer["handoff_id"], answer["stage"]) == (None, "inquiry")
    assert says in " ".join(answer["notes"])
    again = await api.post(f"/leads/{answer['id']}/activities", json={**did, "type": "webinar"})
    assert says in " ".join(again.json()["notes"])
    kept = await lead_of(api, answer["id"])
    assert sorted(each["type"] for each in kept["activities"]) == ["demo_request", "webinar"]


async def test_an_activity_whose_type_is_a_novel_is_cut_and_kept_whole(api: httpx.AsyncClient) -> None:
    novel = "Requested a demo of everything " * 10
    lead = (await api.post("/leads", json=JANE)).json()["id"]
    answer = await api.post(f"/leads/{lead}/activities", json={"type": novel})
    assert answer.status_code == 201
    assert "was cut; the whole is in its detail" in " ".join(answer.json()["notes"])
    kept = await lead_of(api, lead)
    assert novel.strip() in kept["activities"][0]["detail"]
