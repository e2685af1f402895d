"""What nobody known may take: so many connections, so long a head, so much time; and the log stays quiet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from bot.instruments import Instruments
from handlers.http import connections
from handlers.http.connections import LONGEST_HEAD, MOST_AHEAD, MOST_HEADERS
from handlers.http.server import HttpServer
from handlers.http.strangers import Strangers

WHOLE = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
KEPT = WHOLE.replace(b"connection: close\r\n", b"")
HALF = b"GET /livez HTTP/1.1\r\nhost: x\r\n"


async def hello(_scope: object, _receive: object, send: Callable[..., object]) -> None:
    """The smallest app there is."""
    await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[misc]  # ASGI
    await send({"type": "http.response.body", "body": b"hello"})  # type: ignore[misc]  # ASGI


async def much(_scope: object, _receive: object, send: Callable[..., object]) -> None:
    """An app with more to say than a connection holds that nobody reads."""
    await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[misc]  # ASGI
    for _ in range(400):
        part = {"type": "http.response.body", "body": b"x" * 65_536, "more_body": True}
        await send(part)  # type: ignore[misc]  # ASGI


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
async def port(instruments: Instruments, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 20)
    server = HttpServer(hello, "127.0.0.1", 0, Strangers(instruments))
    await server.start()
    yield server.port
    await server.stop()


async def answer(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


async def opened(crowd: AsyncExitStack, port: int, sent: bytes) -> asyncio.StreamReader:
    """A connection that has sent this, reads no more than it is told to, and ends with the crowd."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    crowd.callback(lambda: writer.transport.abort())
    writer.write(sent)
    return reader


def counted(instruments: Instruments, why: str) -> float:
    return instruments.registry.get_sample_value("baton_http_refused_total", {"why": why}) or 0.0


async def test_a_crowd_of_half_requests_shuts_nobody_out_and_the_log_stays_quiet(
    port: int, instruments: Instruments, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    crowd = []
    for _ in range(120):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HALF)
        crowd.append(writer)
    assert b"200 OK" in await answer(port, WHOLE)
    assert counted(instruments, "crowd") >= 100
    assert len(caplog.records) <= 3
    for writer in crowd:
        writer.close()


async def test_a_crowd_that_keeps_its_connections_open_shuts_nobody_out(
    port: int, instruments: Instruments
) -> None:
    async with AsyncExitStack() as crowd:
        for _ in range(40):
            reader = await opened(crowd, port, KEPT)
            await reader.readuntil(b"hello")
        assert b"200 OK" in await answer(port, WHOLE)
    assert counted(instruments, "crowd") >= 20


async def test_who_does_not_read_their_answers_is_let_go(
    instruments: Instruments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 5)
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.2)
    server = HttpServer(much, "127.0.0.1", 0, Strangers(instruments))
    await server.start()
    async with AsyncExitStack() as crowd:
        for _ in range(6):
            await opened(crowd, server.port, KEPT)
        async with asyncio.timeout(30):
            while counted(instruments, "slow") < 5:
                await asyncio.sleep(0.01)
    assert counted(instruments, "crowd") == 1
    await server.stop()


async def test_so_many_requests_may_come_ahead_of_their_answers(port: int, instruments: Instruments) -> None:
    assert (await answer(port, KEPT * MOST_AHEAD + WHOLE)).count(b"200 OK") == MOST_AHEAD + 1
    assert (await answer(port, KEPT * 500)).count(b"200 OK") <= MOST_AHEAD + 1
    assert counted(instruments, "crowd") == 1


async def test_half_bodies_together_have_a_limit(
    port: int, instruments: Instruments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_HELD", 1_000)
    half = b"POST / HTTP/1.1\r\ncontent-length: 999\r\n\r\n" + b"x" * 600
    async with AsyncExitStack() as crowd:
        readers = [await opened(crowd, port, half) for _ in range(5)]
        for reader in readers:
            await reader.readuntil(b"hello")
        assert counted(instruments, "crowd") == 4


async def test_what_does_not_come_to_an_end_is_closed(
    port: int, instruments: Instruments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.05)
    for begun in (b"", HALF, b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc"):
        assert b"hello" not in await answer(port, begun) or begun.startswith(b"POST")
    assert counted(instruments, "slow") == 3
    assert b"200 OK" in await answer(port, WHOLE)


@pytest.mark.parametrize(
    "head",
    [
        HALF + b"".join(b"h%d: x\r\n" % n for n in range(MOST_HEADERS + 1)) + b"\r\n",
        HALF + b"long: " + b"x" * LONGEST_HEAD,
        b"GET /" + b"x" * LONGEST_HEAD + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["many", "long", "a long address"],
)
async def test_a_head_has_its_limits(port: int, instruments: Instruments, head: bytes) -> None:
    said = await answer(port, head)
    assert said.startswith(b"HTTP/1.1 431")
    assert said.endswith(b"\r\n\r\nThe request's line and headers are over 32 KB, or over 100.")
    assert counted(instruments, "head") == 1


async def test_what_is_no_http_is_told_so_and_counted(
    port: int, instruments: Instruments, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        assert (await answer(port, b"\x16\x03\x01\x02")).startswith(b"HTTP/1.1 400")
    assert counted(instruments, "malformed") == 20
    assert len(caplog.records) == 1


async def test_two_requests_on_one_connection_are_each_answered(port: int) -> None:
    assert (await answer(port, KEPT + WHOLE)).count(b"200 OK") == 2
