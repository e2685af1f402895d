"""What a webhook answers that is no answer: named on Home and by `check` with its remedy; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from bot.clock import Clock
from bot.setup.told import told_findings
from storage import destinations
from storage.database import Database
from storage.destinations import Backlog
from tests.bot.events.badplaces import expired_server, lead_inside, needs_openssl
from tests.bot.events.receiver import Receiver, receiving
from tests.bot.events.teller import agreed, dispatcher
from tests.bot.events.test_dispatcher import lead_comes, stopped, until
from tests.bot.ledger import ADMIN, Ledger
from tests.bot.lookups.test_oversight import page

Named = Callable[[str, str], Awaitable[Backlog]]
PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"


@pytest.fixture
def database_kind() -> str:
    """What is kept of a destination is the same in both."""
    return "sqlite"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
def require_named(database: Database) -> Named:
    """A lead comes while the tool is at this address: the words stand on Home and in `check`."""

    async def named(url: str, says: str) -> Backlog:
        agreement = agreed([("tool", url)])
        ledger = Ledger(database, now=datetime.now(UTC), agreement=agreement)
        database.write_now(destinations.begin, "tool")
        teller = dispatcher(database, agreement, Clock())
        telling = asyncio.create_task(teller.run())
        await asyncio.to_thread(lead_comes, ledger, 1)
        await until(lambda: database.read_now(destinations.require, "tool").trouble is not None)
        await stopped(telling, teller)
        assert says in page(ledger, ADMIN)
        (first, *_) = database.read_now(lambda tx: list(told_findings(tx, agreement.agreement)))
        assert (first.what, first.warns, says in first.says) == ("tool", True, True)
        return database.read_now(destinations.backlogs)["tool"]

    return named


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (web.Response(text=PAGE, content_type="text/html"), "is the address behind a login?"),
        (
            web.Response(headers={"content-length": "100000000"}),
            "answered 200 with 100 MB; is it the address of a file?",
        ),
        (
            web.Response(status=302, headers={"location": "https://sso.example/"}),
            "write that address as its url",
        ),
    ],
)
async def test_an_answer_that_is_none(
    require_named: Named, receiver: Receiver, answer: web.Response, says: str
) -> None:
    receiver.answer = lambda _: web.Response(
        status=answer.status, headers=answer.headers, body=answer.body, content_type=None
    )
    backlog = await require_named(receiver.url, says)
    assert (backlog.pending, backlog.parked) == (3, 0)


async def test_one_that_is_refused_for_good_is_parked(require_named: Named, receiver: Receiver) -> None:
    receiver.answer = lambda _: web.Response(status=410)
    backlog = await require_named(receiver.url, "refused it with 410")
    assert backlog.parked >= 1


@needs_openssl
async def test_a_certificate_that_ran_out(
    require_named: Named, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with expired_server(tmp_path, monkeypatch) as url:
        backlog = await require_named(url, "cannot be trusted (certificate has expired)")
    assert (backlog.pending, backlog.parked) == (3, 0)


async def test_a_private_address_behind_a_public_name(
    require_named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_inside(monkeypatch)
    says = "tool.example resolves to a private address (10.0.0.5); set allow_private = true to call"
    backlog = await require_named("https://tool.example/hook", says)
    assert (backlog.pending, backlog.parked) == (3, 0)
