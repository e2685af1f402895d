"""One call over HTTP, against a receiver on this machine that behaves in every way that receivers do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.clock import Clock
from bot.events.signing import key_of
from bot.events.sinks import Answer, Message, Verdict
from bot.events.webhook import LOOKED_AT, Webhook
from tests.bot.events.badplaces import changing_name, expired_server, lead_inside, needs_openssl
from tests.bot.events.receiver import SECRET, Receiver, receiving

MESSAGE = Message("evt_1", "lead.accepted", 7, b'{"id":"evt_1","lead":{"id":7},"type":"lead.accepted"}')


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


async def sent(url: str, *, allow_private: bool = False) -> Answer:
    hook = Webhook(url, [key_of(SECRET)], Clock(), allow_private=allow_private)
    try:
        (answer,) = await hook.send([MESSAGE])
    finally:
        await hook.close()
    return answer


async def test_a_message_arrives_signed_and_says_its_version(receiver: Receiver) -> None:
    assert await sent(receiver.url) == Answer(Verdict.ARRIVED)
    assert receiver.arrived == [{"id": "evt_1", "lead": {"id": 7}, "type": "lead.accepted"}]
    (headers,) = receiver.headers
    assert (headers["webhook-id"], headers["webhook-version"], headers["content-type"]) == (
        *("evt_1", "1"),
        "application/json",
    )


@pytest.mark.parametrize(
    ("status", "headers", "verdict", "says"),
    [
        (200, {}, Verdict.ARRIVED, None),
        (503, {}, Verdict.RETRY, "answered 503"),
        (429, {"retry-after": "40"}, Verdict.RETRY, "answered 429"),
        (408, {}, Verdict.RETRY, "answered 408"),
        (400, {}, Verdict.REFUSED, "refused it with 400"),
        (410, {}, Verdict.REFUSED, "refused it with 410"),
        (302, {"location": "https://login.example/"}, Verdict.RETRY, "redirects to https://login.example/"),
    ],
)
async def test_what_each_status_means(
    receiver: Receiver, status: int, headers: dict[str, str], verdict: Verdict, says: str | None
) -> None:
    receiver.answer = lambda _: web.Response(status=status, headers=headers)
    answer = await sent(receiver.url)
    assert (answer.verdict, (answer.why or "").startswith(says or "")) == (verdict, True)
    assert (answer.wait.total_seconds() if answer.wait else None) == (40 if status == 429 else None)
    assert len(receiver.arrived) == 1  # a redirect is not followed


async def test_a_login_page_is_no_success(receiver: Receiver) -> None:
    page = "\n<!DOCTYPE html><html><body>Sign in</body></html>"
    receiver.answer = lambda _: web.Response(text=page, content_type="text/html")
    answer = await sent(receiver.url)
    assert (answer.verdict, answer.why) == (
        Verdict.RETRY,
        "answered 200 with a web page; is the address behind a login?",
    )


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    written = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
                written += 65536
        except (ConnectionError, asyncio.CancelledError):
            pass
        return response

    app = web.Application()
    app.router.add_post("/", endless)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        assert await sent(f"http://127.0.0.1:{runner.addresses[0][1]}/") == Answer(Verdict.ARRIVED)
    finally:
        await runner.cleanup()
    assert LOOKED_AT < written < 20_000_000


async def test_nobody_there_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answer = await sent(f"http://127.0.0.1:{port}/")
    assert answer.verdict is Verdict.RETRY
    assert answer.why is not None
    assert answer.why.startswith("cannot be reached (")


async def test_a_private_address_is_not_called() -> None:
    answer = await sent("https://192.168.0.1/")
    assert (answer.verdict, "allow_private" in (answer.why or "")) == (Verdict.RETRY, True)


async def test_a_public_name_that_leads_inside_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_inside(monkeypatch)
    says = (
        "tool.example.com resolves to a private address (10.0.0.5); "
        "set allow_private = true to call it anyway"
    )
    assert await sent("https://tool.example.com/hook") == Answer(Verdict.RETRY, says)


async def test_a_name_that_changes_its_address_after_the_look_is_called_where_it_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each connection goes to the addresses of the one answer that was judged; the next is judged anew."""
    answers, called = ["93.184.216.34", "10.0.0.5"], list[str]()
    changing_name(monkeypatch, answers)

    async def connect(addr_infos: Sequence[Any], **_: Any) -> socket.socket:
        called.extend(each[4][0] for each in addr_infos)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", connect)
    first = await sent("https://tool.example.com/hook")
    assert (called, answers) == (["93.184.216.34"], ["10.0.0.5"])
    assert "private" not in (first.why or "")
    second = await sent("https://tool.example.com/hook")
    assert "resolves to a private address (10.0.0.5)" in (second.why or "")
    assert called == ["93.184.216.34"]


@needs_openssl
async def test_a_certificate_that_ran_out_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with expired_server(tmp_path, monkeypatch) as url:
        says = "has a certificate that cannot be trusted (certificate has expired)"
        assert await sent(url) == Answer(Verdict.RETRY, says)


async def test_a_batch_is_answered_in_its_order(receiver: Receiver) -> None:
    receiver.answer = lambda body: web.Response(status=400 if body["lead"]["id"] % 2 else 200)
    hook = Webhook(receiver.url, [key_of(SECRET)], Clock())
    batch = [Message(f"evt_{n}", "t", n, b'{"lead":{"id":%d}}' % n) for n in range(40)]
    answers = await hook.send(batch)
    await hook.close()
    expected = [Verdict.REFUSED if n % 2 else Verdict.ARRIVED for n in range(40)]
    assert [answer.verdict for answer in answers] == expected
