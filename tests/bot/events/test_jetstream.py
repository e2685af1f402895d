"""A stream of a real nats-server: what it keeps, and what is said where it keeps nothing."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.agreement import default_agreement, loaded
from bot.agreement.destinations import Nats
from bot.clock import Clock
from bot.events import jetstream
from bot.events.jetstream import JetStream
from bot.events.sinks import Answer, Message, Verdict
from bot.events.standing import standings
from storage import destinations
from storage.database import Database
from tests.bot.events.nats_server import Server, needs_server, serving
from tests.bot.events.teller import dispatcher
from tests.bot.events.test_dispatcher import EACH, lead_comes, stopped, until
from tests.bot.ledger import Ledger

ARRIVED = Answer(Verdict.ARRIVED)


def message(number: int = 1, lead: int = 7, body: bytes = b'{"lead":{"id":7}}') -> Message:
    return Message(f"evt_{number}", "lead.accepted", lead, body)


async def sent(url: str, *batch: Message, login: str | None = None, **fields: Any) -> list[Answer]:
    sink = JetStream(Nats(type="nats", name="warehouse", url=url, **fields), login)
    try:
        return list(await sink.send(batch or [message()]))
    finally:
        await sink.close()


async def missing(url: str, login: str | None = None, **fields: Any) -> list[str]:
    sink = JetStream(Nats(type="nats", name="warehouse", url=url, **fields), login)
    try:
        return [each async for each in sink.missing(["digest.posted", "lead.accepted"])]
    finally:
        await sink.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as found:
        yield found


@needs_server
async def test_an_event_is_kept_under_its_lead_and_the_same_again_is_one(server: Server) -> None:
    await server.make_stream("acme.leads.>")
    batch = [message(1, 7), message(2, 8)]
    assert await sent(server.url, *batch, prefix="acme.leads") == [ARRIVED, ARRIVED]
    assert await sent(server.url, *batch, prefix="acme.leads") == [ARRIVED, ARRIVED]
    body = {"lead": {"id": 7}}
    assert await server.kept() == [
        ("acme.leads.lead.accepted.7", body, "evt_1"),
        ("acme.leads.lead.accepted.8", body, "evt_2"),
    ]


@pytest.fixture
def database_kind() -> str:
    """SQLite: what a destination is told from is played on both databases where no server must be begun."""
    return "sqlite"


@needs_server
async def test_a_stream_that_takes_some_types_lacks_the_others(server: Server) -> None:
    says = 'has no stream for {}; make one: nats stream add BATON --subjects "baton.>"'
    assert await missing(server.url) == [says.format("baton.digest.posted.*, baton.lead.accepted.*")]
    await server.make_stream("baton.lead.>")
    assert await missing(server.url) == [says.format("baton.digest.posted.*")]
    assert await sent(server.url) == [ARRIVED]
    other = Message("evt_2", "digest.posted", 0, b"{}")
    assert await sent(server.url, other) == [Answer(Verdict.RETRY, says.format("baton.digest.posted.0"))]


@needs_server
async def test_a_message_that_is_too_large_is_parked_and_the_next_goes_on(tmp_path: Path) -> None:
    huge, large = message(1, 7, b"x" * 5000), message(2, 8, b"x" * 1500)
    with serving(tmp_path, lines=("max_payload: 4000",)) as server:
        await server.make_stream("baton.>", max_msg_size=1000)
        answers = await sent(server.url, huge, large, message(3, 9))
    assert [each.verdict for each in answers] == [Verdict.REFUSED, Verdict.REFUSED, Verdict.ARRIVED]
    assert [each.why for each in answers[:2]] == [
        "does not accept a message this large; raise its max_payload",
        "answered 10054: message size exceeds maximum allowed",
    ]


USER = (
    'authorization { users: [{user: baton, password: "s3:cret", '
    'permissions: {publish: ["$JS.API.>"], subscribe: ["_INBOX.>"]}}] }'
)


@needs_server
@pytest.mark.parametrize(
    ("fields", "login", "says"),
    [
        (
            {"jetstream": False},
            None,
            "has no JetStream; start it with nats-server -js, or write jetstream {}",
        ),
        ({"lines": (USER,)}, None, "does not let Baton in; look at the secret"),
        ({"lines": (USER,)}, "baton:wrong", "does not let Baton in; look at the secret"),
        ({"lines": ('authorization { token: "s3cret" }',)}, "wrong", "does not let Baton in; look at the"),
    ],
)
async def test_each_thing_that_is_missing_is_said_with_its_remedy(
    tmp_path: Path, fields: dict[str, Any], login: str | None, says: str
) -> None:
    with serving(tmp_path, **fields) as server:
        (found,) = await missing(server.url, login)
        (answer,) = await sent(server.url, login=login)
    assert found.startswith(says)
    assert answer.verdict is Verdict.RETRY


@needs_server
async def test_a_user_may_be_let_in_and_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jetstream, "ANSWER_WITHIN", 0.5)
    with serving(tmp_path, lines=(USER,)) as server:
        (answer,) = await sent(server.url, login="baton:s3:cret")
    assert answer.verdict is Verdict.RETRY
    assert answer.why is not None
    assert answer.why.startswith("lets Baton log in but not publish (permissions violation for publish to")


async def test_nobody_there_and_a_private_address_are_said_in_words() -> None:
    (answer,) = await sent("nats://127.0.0.1:1")
    assert (answer.why or "").startswith("cannot be reached (")
    (answer,) = await sent("tls://192.168.0.1")
    assert (answer.why or "").startswith("is a private address (192.168.0.1); set allow_private = true")
    (answer,) = await sent("nats://nats.example.com")
    assert answer == Answer(Verdict.RETRY, "is not tls; only this machine itself is called without it")


async def test_without_its_client_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nats.errors", None)
    says = "needs nats-py, which is not installed; run pip install '.[nats]' in Baton's folder"
    assert await sent("nats://127.0.0.1:1") == [Answer(Verdict.RETRY, says)]
    assert await missing("nats://127.0.0.1:1") == [says]


@needs_server
async def test_nothing_is_said_in_the_clear_to_a_server_that_is_to_encrypt(tmp_path: Path) -> None:
    with serving(tmp_path, lines=('authorization { token: "s3cret" }', "trace: true")) as server:
        (answer,) = await sent(server.url.replace("nats:", "tls:"), login="s3cret")
        assert answer.verdict is Verdict.RETRY
        assert (answer.why or "").startswith("offers no encryption")
        assert "[CONNECT" not in (tmp_path / "log").read_text()


@needs_server
@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
async def test_a_server_with_tls_is_judged_by_its_certificate_and_gets_events_with_a_login(
    tmp_path: Path,
) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    made += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    tls = f'tls {{ cert_file: "{cert}", key_file: "{key}" }}'
    with serving(tmp_path, lines=(tls, 'authorization { token: "s3cret" }')) as server:
        url = f"tls://localhost:{server.port}"
        (answer,) = await sent(url, login="s3cret")
        assert (answer.why or "").startswith("has a certificate that cannot be trusted (")
        (answer,) = await sent(url, login="s3cret", ca_file=str(tmp_path / "none.pem"))
        assert answer.why == "cannot be checked: ca_file is not there"
        trusting = ssl.create_default_context(cafile=str(cert))
        await server.make_stream("baton.>", at=url, login={"tls": trusting, "token": "s3cret"})
        assert await sent(url, login="wrong", ca_file=str(cert)) != [ARRIVED]
        assert await sent(url, login="s3cret", ca_file=str(cert)) == [ARRIVED]
    users = 'authorization { users: [{ user: "baton", password: "s3:cret" }] }'
    with serving(tmp_path, lines=(tls, users)) as server:  # the stream is still there
        url = f"tls://localhost:{server.port}"
        assert await sent(url, message(2), login="baton:s3:cret", ca_file=str(cert)) == [ARRIVED]


@needs_server
async def test_a_server_that_is_down_for_a_while_gets_everything_in_order(
    database: Database, server: Server
) -> None:
    await server.make_stream("baton.>")
    table = f'\n[[destinations]]\ntype = "nats"\nname = "warehouse"\nurl = "{server.url}"\n'
    agreement = loaded(default_agreement().text + table)
    clock, ledger = Clock(), Ledger(database, now=datetime.now(UTC))
    database.write_now(destinations.begin, "warehouse")
    teller = dispatcher(database, agreement, clock)
    telling = asyncio.create_task(teller.run())
    leads = [await asyncio.to_thread(lead_comes, ledger, n) for n in range(2)]

    def standing() -> tuple[int, int, str]:
        (found,) = database.read_now(standings, agreement.agreement.told)
        return found.row.sequence if found.row else 0, found.backlog.pending, found.words

    await until(lambda: standing() == (6, 0, "well"))
    server.end()
    leads += [await asyncio.to_thread(lead_comes, ledger, n) for n in range(2, 8)]
    await until(lambda: standing()[:2] == (24, 18) and standing()[2].startswith("failing, tried each"))
    server.begin()
    clock.jump(timedelta(minutes=2))
    await until(lambda: standing() == (24, 0, "well"))
    await stopped(telling, teller)
    kept = await server.kept()
    for lead in leads:
        told = [(subject, body["lead"]["id"]) for subject, body, _ in kept if subject.endswith(f".{lead}")]
        assert told == [(f"baton.{name}.{lead}", lead) for name in EACH]
    assert len({mark for _, _, mark in kept}) == len(kept) == 3 * len(leads)
