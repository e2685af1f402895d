"""How a CRM's API is called: within its pace, patiently, and with what went wrong put into words."""

from __future__ import annotations

import asyncio
import functools
import json
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

import aiohttp

from bot.crm.port import CrmTrouble
from bot.events.addresses import PublicResolver
from bot.events.retries import asked_for
from bot.events.webhook import why_unreachable
from bot.leadform.secrets import STRUCK, UNSTORABLE, is_secret

TIMEOUT = aiohttp.ClientTimeout(total=12, sock_connect=5)
MOST_READ = 20_000_000
"""Bytes of an answer that are read; a longer one is no answer of an API."""
LONGEST_WAIT = timedelta(seconds=15)
"""What a call waits for itself when it is asked to; who is asked to wait longer comes again later."""

NOT_PRIVATE = "a CRM has a public one; is the url right?"

Json = Any
P = ParamSpec("P")
T = TypeVar("T")
Headers = Callable[[], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is no fault of the whole connection."""

    status: int
    body: Json
    headers: Mapping[str, str]

    @property
    def at(self) -> datetime | None:
        """When it was answered, by the clock of whoever did."""
        try:
            at = parsedate_to_datetime(self.headers.get("Date", ""))
        except ValueError:
            return None
        return at if at.tzinfo is not None else None


def understood(
    call: Callable[Concatenate[Any, P], Awaitable[T]],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """A method of an adapter that says so where an answer is not of the shape that is documented."""

    @functools.wraps(call)
    async def careful(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await call(self, *args, **kwargs)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as odd:
            what = (
                f"no {odd}" if isinstance(odd, KeyError) else type(odd).__name__
            )  # the rest may hold a secret
            says = f"{self.title} gave an answer that its API does not give ({what}); is the url right?"
            raise CrmTrouble(says) from odd

    return careful


def require_onward(title: str, position: str, seen: set[str]) -> str:
    """A position among pages, once. Raises CrmTrouble for one that was there before: it would never end."""
    if position in seen:
        raise CrmTrouble(f"{title} shows the same page again and again; its support knows why")
    seen.add(position)
    return position


class Pace:
    """At most so many calls in so many seconds, counted over any stretch of that length."""

    def __init__(self, most: int, within: float) -> None:
        self._most, self._within = most, within
        self._last: deque[float] = deque(maxlen=most)
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Wait for a turn."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if len(self._last) == self._most and (rest := self._last[0] + self._within - now) > 0:
                await asyncio.sleep(rest)
                now = asyncio.get_running_loop().time()
            self._last.append(now)


class Caller:
    """Calls one API. `title` is what people call it, `headers` are made anew for each call."""

    def __init__(self, title: str, base: str, headers: Headers) -> None:
        self._title, self._base, self._headers = title, base.rstrip("/"), headers
        self._held_until, self._why_held = 0.0, ""
        self._session: aiohttp.ClientSession | None = None
        self.told_at: datetime | None = None
        """What the API's own clock said in its last answer."""

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Json = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        pace: Pace | None = None,
        patient: bool = False,
    ) -> Reply:
        """One call. Raises CrmTrouble, also where it is told to wait: whoever called keeps that.

        Who is `patient` waits once, if it is not for long.
        """
        for waits in (patient, False):
            await self._free()
            if pace is not None:
                await pace.wait()
            reply, wait = await self._once(method, path, body, query, form)
            if wait is None:
                return reply
            self.hold(wait)
            if not waits:
                break
        raise CrmTrouble(self._why_held, wait)

    async def close(self) -> None:
        """Close the connections; a later call opens others."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def hold(self, wait: timedelta, why: str | None = None) -> None:
        """Call nothing for so long, and say why."""
        loop = asyncio.get_running_loop()
        self._held_until = max(self._held_until, loop.time() + wait.total_seconds())
        self._why_held = why or f"{self._title} asked to wait"

    async def _free(self) -> None:
        """Wait until the API wants to be called again. Raises CrmTrouble if that is long."""
        rest = timedelta(seconds=self._held_until - asyncio.get_running_loop().time())
        if rest > LONGEST_WAIT:
            raise CrmTrouble(self._why_held, rest)
        if rest > timedelta(0):
            await asyncio.sleep(rest.total_seconds())

    async def _once(
        self, method: str, path: str, body: Json, query: Mapping[str, str] | None, form: Json
    ) -> tuple[Reply, timedelta | None]:
        """The answer, and for how long to wait before the same is asked again."""
        session = self._session = self._session or self._opened()
        headers = await self._headers()
        try:
            async with session.request(
                method,
                self._base + path,
                json=body,
                data=form,
                params=query,
                headers=headers,
                allow_redirects=False,
            ) as response:
                return await self._read(response, _borne(headers, form))
        except TimeoutError:
            raise CrmTrouble(f"{self._title} did not answer within {TIMEOUT.total:.0f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise CrmTrouble(f"{self._title} {why_unreachable(error)}") from None

    def _opened(self) -> aiohttp.ClientSession:
        """Connections that lead to public addresses only, or to this machine if that is what is asked for."""
        host = urlsplit(self._base).hostname or ""
        resolver = PublicResolver(
            aiohttp.DefaultResolver(), host=host, allow_private=False, remedy=NOT_PRIVATE
        )
        return aiohttp.ClientSession(
            timeout=TIMEOUT,
            connector=aiohttp.TCPConnector(resolver=resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _read(
        self, response: aiohttp.ClientResponse, secrets: Iterable[bytes]
    ) -> tuple[Reply, timedelta | None]:
        status = response.status
        raw = await self._bytes(response)
        if status >= 400:  # what went wrong is kept and shown, and may quote what it was asked with
            for secret in secrets:
                raw = raw.replace(secret, STRUCK.encode())
        if 300 <= status < 400:
            raise CrmTrouble(f"{self._title} redirects {_whereto(response)}; is the url right?")
        if raw.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
            raise CrmTrouble(f"{self._title} answered with a web page ({status}); is the url right?")
        if status >= 500:
            raise CrmTrouble(f"{self._title} answered {status}", asked_for(response.headers))
        try:
            body = _storable(json.loads(raw)) if raw.strip() else None
        except (ValueError, RecursionError):
            raise CrmTrouble(f"{self._title} answered {status} with no JSON; is the url right?") from None
        wait = None
        if status == 429:
            wait = asked_for(response.headers) or _unasked(body)
        reply = Reply(status, body, response.headers)
        self.told_at = reply.at
        return reply, wait

    async def _bytes(self, response: aiohttp.ClientResponse) -> bytes:
        raw = bytearray()
        async for chunk in response.content.iter_chunked(65_536):
            raw += chunk
            if len(raw) > MOST_READ:
                response.close()
                most = f"{MOST_READ // 1_000_000} MB"
                raise CrmTrouble(f"{self._title} answered with more than {most}; is the url right?")
        return bytes(raw)


def _whereto(response: aiohttp.ClientResponse) -> str:
    """The host alone: the rest of an address may hold a secret."""
    try:
        host = urlsplit(response.headers.get("Location", "")).hostname
    except ValueError:
        host = None
    return f"to {host}" if host else "elsewhere"


def _storable(value: Json) -> Json:
    """The same, with texts that every database takes."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {key: _storable(each) for key, each in value.items()}
    return value


def _borne(headers: Mapping[str, str], form: Mapping[str, str] | None) -> list[bytes]:
    """The secrets that a request bears."""
    token = headers.get("authorization", "").rpartition(" ")[2]
    told = [value for name, value in (form or {}).items() if is_secret(name)]
    return [each.encode() for each in (token, *told) if each]


_UNASKED = timedelta(seconds=10)
_POLICIES: Mapping[str, timedelta] = {"SECONDLY": timedelta(seconds=1), "DAILY": timedelta(hours=1)}
"""How long each of HubSpot's limits lasts, by its name."""


def _unasked(body: Json) -> timedelta:
    """How long to wait at least, by the limit that an answer names."""
    name = body.get("policyName") if isinstance(body, dict) else None
    return _POLICIES.get(str(name), _UNASKED)
