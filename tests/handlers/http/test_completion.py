"""HubSpot's webhooks tell an id only: with a CRM in the agreement the contact behind it becomes a lead."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr
from rich.console import Console

from bot.agreement import loaded
from bot.clock import Clock
from bot.crm.port import Crm
from bot.crm.side import Reached
from bot.settings import Settings
from handlers.cli.intake import list_command, try_command
from handlers.cli.refused import refused_command, retry_refused
from storage import leads, refused
from storage.database import Database
from storage.models import Refused
from tests.bot.crm.hubspot_account import TOKEN, Account, hubspot
from tests.bot.crm.office import with_hubspot
from tests.handlers.http.api_client import api_of, client_of

SOURCE = """
[[intake]]
name = "hubspot"
preset = "hubspot_webhook"
auth = "bearer"
secret_env = "DOOR"
"""
BODY = Path(__file__).parents[2] / "bot" / "intake" / "data" / "hubspot_webhook_creation.json"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    async with hubspot() as found:
        yield found


@pytest.fixture
async def reached(account: Account) -> AsyncIterator[Reached]:
    """The bot's connections to the account."""
    found = Reached({"HUBSPOT_TOKEN": TOKEN}.get)
    yield found
    await hubspot_of(found, account).close()


def hubspot_of(reached: Reached, account: Account) -> Crm:
    table = with_hubspot(account.url).agreement.crm
    assert table is not None
    return reached().to(table).crm


@pytest.fixture
async def tool(database: Database, account: Account, reached: Reached) -> AsyncIterator[httpx.AsyncClient]:
    agreement = loaded(with_hubspot(account.url).text + SOURCE)
    app = api_of(database, agreement=agreement, variables={"DOOR": "door"}, crm=reached)
    async with client_of(app, token="door") as client:
        yield client


def told_of(number: str, kind: str = "contact.creation") -> list[dict[str, Any]]:
    event: dict[str, Any] = json.loads(BODY.read_text())[0]
    return [{**event, "objectId": int(number), "subscriptionType": kind}]


def kept(database: Database) -> list[Refused]:
    return list(database.read_now(refused.newest, limit=9))


async def test_the_contact_behind_an_id_becomes_a_lead(
    tool: httpx.AsyncClient, account: Account, database: Database
) -> None:
    number = account.has(email="kai@proseware.example", firstname="Kai", lastname="Ito", company="Proseware")
    answer = await tool.post("/intake/hubspot", json=told_of(number))
    assert answer.status_code == 201, answer.text
    lead = database.read_now(leads.get, answer.json()["id"])
    assert lead is not None
    assert (lead.email, lead.first_name, lead.company) == ("kai@proseware.example", "Kai", "Proseware")
    assert database.read_now(leads.aliases, lead.id) == [("hubspot", number)]
    again = await tool.post("/intake/hubspot", json=told_of(number, "contact.propertyChange"))
    assert (again.status_code, again.json()["id"]) == (200, lead.id)
    assert again.json()["notes"] == ["This record came before, and nothing in it is new."]
    assert kept(database) == []


async def test_an_id_that_the_crm_does_not_know_is_refused_in_words(
    tool: httpx.AsyncClient, database: Database
) -> None:
    answer = await tool.post("/intake/hubspot", json=told_of("4711"))
    why, _, kept_as = answer.json()["detail"].partition(" It is kept")
    assert why == (
        "HubSpot has no contact 4711. It was deleted, or the webhook's portal 62515 is not the account of "
        "the token in HUBSPOT_TOKEN."
    )
    assert kept_as == " as refused #1."
    assert len(kept(database)) == 1


async def test_an_id_of_another_portal_is_nobody_here_even_where_the_token_knows_that_number(
    tool: httpx.AsyncClient, account: Account, database: Database
) -> None:
    account.portal = 4711
    number = account.has(email="somebody@else.example")
    answer = await tool.post("/intake/hubspot", json=told_of(number))
    assert "the webhook's portal 62515 is not the account of the token in HUBSPOT" in answer.json()["detail"]
    assert len(kept(database)) == 1


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("company.creation", "This webhook tells of company events, and Baton takes contacts."),
        ("contact.deletion", "Contact 4711 was deleted in HubSpot, so there is no lead."),
        ("object.creation", "This webhook tells of object events"),
    ],
)
async def test_an_event_that_is_of_no_contact_says_so_and_not_that_the_crm_is_missing(
    tool: httpx.AsyncClient, database: Database, kind: str, says: str
) -> None:
    answer = await tool.post("/intake/hubspot", json=told_of("4711", kind))
    assert answer.status_code == 200
    assert answer.json()["detail"].startswith(says)
    assert [each.body["subscriptionType"] for each in kept(database)] == [kind]


def said_at(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().replace("\n", "")


async def test_a_try_and_a_retry_at_the_terminal_ask_the_crm_too(
    tool: httpx.AsyncClient, account: Account, database: Database, tmp_path: Path, sqlite_url: str
) -> None:
    number = account.has(email="kai@proseware.example", firstname="Kai")
    account.broken = web.Response(status=500)
    await tool.post("/intake/hubspot", json=told_of(number))
    (waiting,) = kept(database)
    account.broken = None
    file = tmp_path / "ours.toml"
    file.write_text(with_hubspot(account.url).text + SOURCE)
    settings = Settings(
        slack_bot_token=SecretStr(""),
        database_url=SecretStr(sqlite_url),
        agreement=file,
        variables={"HUBSPOT_TOKEN": SecretStr(TOKEN), "DOOR": SecretStr("door")},
    )
    console = Console(file=io.StringIO(), width=120)
    body = tmp_path / "body.json"
    body.write_text(json.dumps(told_of(number)))
    tried = Console(file=io.StringIO(), width=60)
    assert await asyncio.to_thread(try_command, "hubspot", body, settings, Clock().now(), tried) == 0
    assert "kai@proseware.example" in said_at(tried)
    await asyncio.to_thread(list_command, settings, tried)
    assert "/intake/hubspot" in said_at(tried)
    command = retry_refused([waiting.id])
    assert await asyncio.to_thread(refused_command, command, settings, Clock(), console) == 0
    assert kept(database) == []
    (lead,) = database.read_now(leads.by_email_key, "kai@proseware.example")
    assert lead


async def test_while_the_crm_is_away_the_tool_is_asked_to_send_it_again(
    tool: httpx.AsyncClient, account: Account, database: Database
) -> None:
    number = account.has(email="kai@proseware.example")
    account.broken = web.Response(status=500)
    answer = await tool.post("/intake/hubspot", json=told_of(number))
    assert answer.status_code == 503
    assert "the CRM did not answer" in answer.json()["detail"]
    assert [each.body["objectId"] for each in kept(database)] == [int(number)]
    account.broken = None
    assert (await tool.post("/intake/hubspot", json=told_of(number))).status_code == 201


async def test_what_an_id_means_is_asked_within_the_limits_of_all_that_is_asked(
    tool: httpx.AsyncClient, account: Account, reached: Reached, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.most, account.within = 5, 0.5  # half a second of a busy machine is no call too many
    monkeypatch.setattr("bot.crm.hubspot.CALLS", 5)
    monkeypatch.setattr("bot.crm.hubspot.WITHIN", 1.1)
    numbers = [account.has(email=f"kai{n}@proseware.example") for n in range(4)]
    crm = hubspot_of(reached, account)
    posts = [tool.post("/intake/hubspot", json=told_of(each)) for each in numbers]
    _, answers = await asyncio.gather(
        asyncio.gather(*(crm.known_fields() for _ in range(4))), asyncio.gather(*posts)
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    assert account.limited == []
