"""A destination that is called over HTTP, signed as Standard Webhooks say."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bot.clock import Clock
from bot.events.addresses import AddressRefused, PublicResolver, fault_of
from bot.events.retries import asked_for
from bot.events.signing import signed
from bot.events.sinks import Answer, Message, Verdict

VERSION = "1"
TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)
AT_ONCE = 32
LOOKED_AT = 2048
"""Bytes of an answer that are read; the rest is let go."""

TOO_LONG = 10_000_000
"""Bytes that no tool answers to say that it took a message."""

RETRIED: Final = frozenset({408, 425, 429})
"""What of 4xx says nothing about the message."""


class Webhook:
    """Calls one address. `keys` are the secrets' bytes, of which any may verify."""

    def __init__(self, url: str, keys: Sequence[bytes], clock: Clock, *, allow_private: bool = False) -> None:
        self._url, self._keys, self._clock = url, tuple(keys), clock
        self._fault = fault_of(url, allow_private=allow_private)
        resolver = PublicResolver(
            aiohttp.DefaultResolver(), host=urlsplit(url).hostname or "", allow_private=allow_private
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, limit=AT_ONCE, ttl_dns_cache=10),
            timeout=TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"user-agent": "Baton", "webhook-version": VERSION},
        )

    async def send(self, batch: Sequence[Message]) -> Sequence[Answer]:
        """Call once for each message."""
        if self._fault:
            return [Answer(Verdict.RETRY, self._fault)] * len(batch)
        return await asyncio.gather(*map(self._call, batch))

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _call(self, message: Message) -> Answer:
        headers = {
            "content-type": "application/json",
            **signed(self._keys, message.id, self._clock.wire(), message.body),
        }
        try:
            async with self._session.post(
                self._url, data=message.body, headers=headers, allow_redirects=False
            ) as response:
                return await _answer(response)
        except TimeoutError:
            return Answer(Verdict.RETRY, f"did not answer within {TIMEOUT.total:.0f} s")
        except (aiohttp.ClientError, OSError) as error:
            return Answer(Verdict.RETRY, why_unreachable(error))


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    status = response.status
    if 200 <= status < 300:
        if (length := response.content_length or 0) > TOO_LONG:
            response.close()
            says = f"answered {status} with {length // 1_000_000} MB; is it the address of a file?"
            return Answer(Verdict.RETRY, says)
        start = await response.content.read(LOOKED_AT)
        if not response.content.at_eof():
            response.close()  # an answer without end is not read to its end
        if _is_page(start):
            return Answer(Verdict.RETRY, f"answered {status} with a web page; is the address behind a login?")
        return Answer(Verdict.ARRIVED)
    response.close()
    if 300 <= status < 400:
        where = response.headers.get("location", "nowhere")[:200]
        return Answer(Verdict.RETRY, f"redirects to {where}; write that address as its url")
    if status in RETRIED or status >= 500:
        return Answer(Verdict.RETRY, f"answered {status}", asked_for(response.headers))
    return Answer(Verdict.REFUSED, f"refused it with {status}")


def _is_page(start: bytes) -> bool:
    return start.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def why_unreachable(error: Exception) -> str:
    """Why no answer came, without the address: the reader knows it."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return f"has a certificate that cannot be trusted ({_reason(error)})"
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressRefused):
        return str(cause)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "has a host name that does not exist; is it spelled right?"
    return f"cannot be reached ({_reason(cause)})"


def _reason(error: Exception) -> str:
    inner = getattr(error, "certificate_error", error)
    return str(getattr(inner, "verify_message", "") or getattr(inner, "strerror", "") or type(inner).__name__)
