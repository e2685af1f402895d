"""A destination that is a stream of a NATS server (JetStream): each message under a subject that ends with
its lead. The client, nats-py, is an extra of the installation and is loaded only here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp

from bot.agreement.destinations import Nats
from bot.events.addresses import PublicResolver, fault_of
from bot.events.sinks import Answer, Message, Verdict

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js.client import JetStreamContext

PORT = 4222
CONNECT_WITHIN, CONNECT_EACH, ANSWER_WITHIN, CLOSE_WITHIN = (
    20,
    5,
    10,
    1,
)  # seconds; together less than a lease
TOO_LARGE: Final = 10054
"""The code under which a stream says that it takes no message of this size."""

_MISSING = "needs nats-py, which is not installed; run pip install '.[nats]' in Baton's folder"


class Unreachable(Exception):
    """Why there is no connection to the server, in words."""


def fault_of_address(table: Nats) -> str | None:
    """What is wrong with the address as it is written; None if nothing is."""
    return fault_of(table.url, allow_private=table.allow_private, secure="tls", plain="nats")


class JetStream:
    """Publishes to one server, over one connection. `login` is `user:password`, a token, or None."""

    def __init__(self, table: Nats, login: str | None) -> None:
        self._table, self._login = table, login
        self._client: Client | None = None
        self._complaint = ""  # what the server last said that was an answer to nothing

    async def send(self, batch: Sequence[Message]) -> Sequence[Answer]:
        """Publish each, and wait until the stream has it."""
        try:
            stream = (await self._connected()).jetstream(timeout=ANSWER_WITHIN)
        except Unreachable as error:
            return [Answer(Verdict.RETRY, str(error))] * len(batch)
        answers = await asyncio.gather(*(self._publish(stream, message) for message in batch))
        if all(answer.verdict is Verdict.RETRY for answer in answers):
            await self.close()  # a connection that looks alive and is not
        return answers

    async def missing(self, types: Collection[str]) -> AsyncIterator[str]:
        """What keeps messages of these types from being kept, and what to do. Publishes nothing."""
        try:
            stream = (await self._connected()).jetstream(timeout=ANSWER_WITHIN)
        except Unreachable as error:
            yield str(error)
            return
        from nats.errors import Error
        from nats.js.errors import NotFoundError, ServiceUnavailableError

        lacking = []
        try:
            for name in types:
                try:
                    await stream.find_stream_name_by_subject(self._subject(name, 1))
                except NotFoundError:
                    lacking.append(name)
        except ServiceUnavailableError:
            yield "has no JetStream; start it with nats-server -js, or write jetstream {} into its file"
        except (Error, OSError) as error:
            yield self._words(error)
        if lacking:
            yield self._no_stream(", ".join(self._subject(name) for name in lacking))

    async def close(self) -> None:
        """Close the connection; the next message opens another."""
        client, self._client = self._client, None
        if client is not None:
            await _closed(client)

    async def _publish(self, stream: JetStreamContext, message: Message) -> Answer:
        from nats.errors import Error, MaxPayloadError
        from nats.js.errors import APIError, NoStreamResponseError

        subject = self._subject(message.type, message.lead)
        headers = {"Nats-Msg-Id": message.id, "Content-Type": "application/json"}
        try:
            await stream.publish(subject, message.body, headers=headers)
        except NoStreamResponseError:
            return Answer(Verdict.RETRY, self._no_stream(subject))
        except MaxPayloadError:
            return Answer(Verdict.REFUSED, "does not accept a message this large; raise its max_payload")
        except APIError as error:
            verdict = Verdict.REFUSED if error.err_code == TOO_LARGE else Verdict.RETRY
            return Answer(verdict, f"answered {error.err_code or error.code}: {error.description}")
        except (Error, OSError) as error:
            return Answer(Verdict.RETRY, self._words(error))
        return Answer(Verdict.ARRIVED)

    async def _connected(self) -> Client:
        """The connection, made if there is none. Raises Unreachable."""
        if self._client is not None and self._client.is_connected:
            return self._client
        await self.close()
        if fault := fault_of_address(self._table):
            raise Unreachable(fault.removesuffix("."))
        try:
            from nats.errors import Error
        except ImportError:
            raise Unreachable(_MISSING) from None
        self._complaint = ""
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                self._client = await self._connect()
        except (Error, OSError, TimeoutError) as error:
            raise Unreachable(self._words(error)) from None
        return self._client

    async def _connect(self) -> Client:
        """A new connection to one of the addresses that the name has now, each of them checked.

        Other servers of which this one tells are never called: nobody has checked their addresses.
        """
        from nats.aio.client import Client

        parts = urlsplit(self._table.url)
        host, port = parts.hostname or "", parts.port or PORT
        client = Client()

        def told(secret: str) -> str:
            _require_encrypted(client, parts.scheme)  # the server could ask for a secret in the clear
            return secret

        login: dict[str, Any] = {name: partial(told, value) for name, value in _login(self._login).items()}
        async with contextlib.AsyncExitStack() as unless_well:
            unless_well.push_async_callback(_closed, client)
            await client.connect(
                [f"{parts.scheme}://{each}:{port}" for each in await self._resolved(host, port)],
                name="Baton",
                tls=ssl.create_default_context(cafile=self._table.ca_file),
                tls_hostname=host,
                connect_timeout=CONNECT_EACH,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                error_cb=self._hear,
                **login,
            )
            _require_encrypted(client, parts.scheme)
            unless_well.pop_all()
        return client

    async def _resolved(self, host: str, port: int) -> list[str]:
        resolver = PublicResolver(
            aiohttp.DefaultResolver(), host=host, allow_private=self._table.allow_private
        )
        try:
            found = [each["host"] for each in await resolver.resolve(host, port)]
        finally:
            await resolver.close()
        return [f"[{each}]" if ":" in each else each for each in found]

    async def _hear(self, error: Exception) -> None:
        self._complaint = _reason(error)

    def _subject(self, name: str, lead: int | str = "*") -> str:
        return f"{self._table.prefix}.{name}.{lead}"

    def _no_stream(self, subjects: str) -> str:
        prefix = self._table.prefix
        stream = "".join(each if each.isalnum() else "_" for each in prefix).upper()
        return f'has no stream for {subjects}; make one: nats stream add {stream} --subjects "{prefix}.>"'

    def _words(self, error: Exception) -> str:
        """Why nothing came of it; a complaint says more than that no answer came."""
        from nats.errors import NoServersError

        if isinstance(error, TimeoutError) and not self._complaint:
            return f"did not answer within {ANSWER_WITHIN} s"
        vague = isinstance(error, TimeoutError | NoServersError) and self._complaint
        reason = self._complaint if vague else _reason(error)
        for part, words in _KNOWN.items():
            if part in reason.casefold():
                return words.format(reason=reason)
        return f"cannot be reached ({reason})"


_KNOWN: Final = {
    "authorization violation": "does not let Baton in; look at the secret in the variable of secret_env",
    "permissions violation": "lets Baton log in but not publish ({reason}); allow its user that subject",
    "certificate verify failed": "has a certificate that cannot be trusted ({reason})",
    "private address": "{reason}",
    "secure connection": "offers no encryption; set up TLS there, or reach it on this machine",
    "no such file": "cannot be checked: ca_file is not there",
}
"""What servers and the library say that has a remedy."""


async def _closed(client: Client) -> None:
    """Let go of a connection. The library may wait for good for one whose TLS has failed."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_WITHIN):
            await client.close()


def _login(secret: str | None) -> Mapping[str, str]:
    """A secret as the library takes it: `user:password`, or a token."""
    first, colon, password = (secret or "").partition(":")
    if colon:
        return {"user": first, "password": password}
    return {"token": first} if first else {}


def _require_encrypted(client: Client, scheme: str) -> None:
    """Let nothing be said in the clear to a server that is to be reached by TLS.

    The library begins TLS only where the server asks for it. Raises SecureConnWantedError.
    """
    from nats.errors import SecureConnWantedError

    if scheme == "tls" and not client._server_info.get("tls_required"):
        raise SecureConnWantedError


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return error.strerror
    return str(error).removeprefix("nats: ").strip("'\" ") or type(error).__name__
