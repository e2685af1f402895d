"""Where a CRM must not be reached: named by whoever tells it, by `crm check` and on Home; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from bot.agreement.loader import LoadedAgreement
from bot.setup.crm import crm_findings
from storage.database import Database
from tests.bot.crm.office import SECRETS, Office, office, until, with_hubspot, with_salesforce
from tests.bot.crm.test_odd_answers import answering, gzipped, moved
from tests.bot.events.badplaces import expired_server, lead_inside, needs_openssl
from tests.bot.ledger import ADMIN
from tests.bot.lookups.test_oversight import page

EXPIRED = "has a certificate that cannot be trusted (certificate has expired)"
INSIDE = "crm.example.com resolves to a private address (10.0.0.5); a CRM has a public one"


WithCrm = Callable[[str], LoadedAgreement]


async def require_named(crm: Office, says: str) -> None:
    """The trouble stands where people look, and what was to be told waits."""
    async with crm.telling():
        await asyncio.to_thread(crm.ledger.handoff_comes)
        await until(lambda: crm.trouble() is not None)
    assert says in (crm.trouble() or "")
    assert (crm.backlog().parked, crm.backlog().pending > 0) == (0, True)
    assert says in page(crm.ledger, ADMIN).replace("\\n", " ")
    table = crm.agreement.agreement.crm
    assert table is not None
    findings = [each async for each in crm_findings(table, lambda name: SECRETS.get(name or ""), {})]
    assert [says in each.says for each in findings] == [True]


@needs_openssl
@pytest.mark.parametrize("with_crm", [with_hubspot, with_salesforce])
async def test_a_certificate_that_ran_out(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_crm: WithCrm
) -> None:
    async with expired_server(tmp_path, monkeypatch) as url:
        await require_named(office(database, with_crm(url)), EXPIRED)


@pytest.mark.parametrize("with_crm", [with_hubspot, with_salesforce])
async def test_a_private_address_behind_a_public_name(
    database: Database, monkeypatch: pytest.MonkeyPatch, with_crm: WithCrm
) -> None:
    lead_inside(monkeypatch)
    await require_named(office(database, with_crm("https://crm.example.com")), INSIDE)


def login(_request: web.Request) -> web.Response:
    return web.Response(text="<!DOCTYPE html><html>Sign in</html>", content_type="text/html")


@pytest.mark.parametrize("with_crm", [with_hubspot, with_salesforce])
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (login, "answered with a web page (200); is the url right?"),
        (moved, "redirects to new.crm.example; is the url right?"),
        (gzipped, "answered with more than 20 MB; is the url right?"),
    ],
)
async def test_an_answer_that_is_none(
    database: Database, with_crm: WithCrm, answer: Callable[[web.Request], web.Response], says: str
) -> None:
    async with answering(answer) as url:
        await require_named(office(database, with_crm(url)), says)
