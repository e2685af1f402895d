"""What a connection may take before anybody is known: so many at once, so long a head, so much time.

Whoever opens a thousand connections shuts nobody out: of those that have not brought a whole request, are
kept open for a next one, or do not read their answers the oldest makes room.
"""

from __future__ import annotations

import asyncio
import resource
from dataclasses import dataclass, field
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from handlers.http.strangers import Strangers, Why

MOST_CONNECTIONS = 512
"""Connections at once; fewer where the system lets this process have fewer files."""
LONGEST_HEAD = 32_768
"""Bytes of a request's line and headers."""
MOST_HEADERS = 100
REQUEST_SECONDS = 20.0
"""Real seconds from a connection's opening, or a request's first byte, to its last, and for an answer."""
MOST_AHEAD = 16
"""Requests that may come on one connection before the answer to the first."""
MOST_HELD = 67_108_864
"""Bytes of bodies that did not come to an end, of all connections together."""

_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s"
)
_TOO_LONG_SAYS = f"The request's line and headers are over {LONGEST_HEAD // 1024} KB, or over {MOST_HEADERS}."


def most_connections() -> int:
    """How many connections there may be: half the files that this process may have, at most 512."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft in (-1, resource.RLIM_INFINITY) else min(MOST_CONNECTIONS, soft // 2)


@dataclass(slots=True)
class _Crowd:
    """The connections that wait for a whole request or for a next one, in the order in which they began to.

    `held` are the bytes that came of their bodies.
    """

    most: int
    waiting: dict[_Limited, None] = field(default_factory=dict)
    held: int = 0

    def oldest_with_a_body(self) -> _Limited | None:
        """The one that has waited longest among those of whose bodies something came."""
        return next((each for each in self.waiting if each.body_came), None)


def limited(strangers: Strangers, most: int) -> type[HttpToolsProtocol]:
    """uvicorn's protocol within limits."""
    crowd = _Crowd(most)

    class Limited(_Limited):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.strangers, self.crowd = strangers, crowd

    return Limited


class _Limited(HttpToolsProtocol):
    strangers: Strangers
    crowd: _Crowd
    _deadline: asyncio.TimerHandle | None = None
    _looks: asyncio.TimerHandle | None = None
    _head = 0  # bytes that came of the head at hand; 0 where none is
    _chunk = 0  # bytes that came last
    body_came = 0  # bytes that came of a body that is not at its end
    _unread = 0  # bytes of answers that the client had not taken at the last look
    _ahead = False  # whether too many requests came before the answer to the first

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Take it, and where there are too many, let the oldest go that can be spared."""
        super().connection_made(transport)
        if len(self.connections) > self.crowd.most:
            spared = self._spared()
            spared.turn_away(Why.CROWD)
            if spared is self:
                return
        self._wait()
        self._looks = self.loop.call_later(REQUEST_SECONDS, self._look)

    def _spared(self) -> _Limited:
        """Who makes room: whoever waits longest, else one that does not read its answers, else this one."""
        if self.crowd.waiting:
            return next(iter(self.crowd.waiting))
        unread = (each for each in self.connections if each.transport.get_write_buffer_size())
        return next((each for each in unread if isinstance(each, _Limited)), self)

    def _look(self) -> None:
        """Close it if nothing of an answer was taken since the last look."""
        left = self.transport.get_write_buffer_size()
        if left and left >= self._unread > 0:
            self.turn_away(Why.SLOW)
            return
        self._unread = left
        self._looks = self.loop.call_later(REQUEST_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._arrived()
        if self._looks is not None:
            self._looks.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head is too long or what comes is no HTTP."""
        if self.transport.is_closing():
            return
        self._chunk = len(data)
        if self._head:
            self._head += self._chunk
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # answered as if nothing had been asked
        except httptools.HttpParserError:
            self.strangers.turned_away(Why.MALFORMED)
            self.send_400_response("Invalid HTTP request received.")
            return
        if self._ahead:
            self.turn_away(Why.CROWD)
        elif self._head > LONGEST_HEAD or self._is_over():
            says = _TOO_LONG_SAYS.encode()
            self.transport.write(_TOO_LONG % (len(says), says))
            self.turn_away(Why.HEAD)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._head = self._chunk
        self._ahead = self._ahead or len(self.pipeline) >= MOST_AHEAD
        self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole: answer it, unless it has too many headers."""
        self._head = 0
        if not self._is_over():
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body; of a request that was turned away nothing is kept."""
        if self._is_over():
            return
        self.body_came += len(body)
        self.crowd.held += len(body)
        while self.crowd.held > MOST_HELD and (holds := self.crowd.oldest_with_a_body()):
            holds.turn_away(Why.CROWD)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._arrived()
        if not self._is_over():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is on its way: who has nothing else in hand can be spared."""
        super().on_response_complete()
        if not self.transport.is_closing() and (self.cycle is None or self.cycle.response_complete):
            self.crowd.waiting.setdefault(self)

    def _is_over(self) -> bool:
        """Whether the head at hand, as far as it was read, has too many headers or too long ones.

        Or too many requests came at once.
        """
        if self._ahead:
            return True
        headers = self.headers or ()
        length = sum(len(name) + len(value) for name, value in headers) + len(getattr(self, "url", b""))
        return len(headers) > MOST_HEADERS or length > LONGEST_HEAD

    def turn_away(self, why: Why) -> None:
        """Close the connection and count it."""
        self.strangers.turned_away(why)
        self._arrived()
        self.transport.close() if why is Why.HEAD else self.transport.abort()

    def _wait(self) -> None:
        self._arrived()
        self.crowd.waiting[self] = None
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.turn_away, Why.SLOW)

    def _arrived(self) -> None:
        self.crowd.waiting.pop(self, None)
        self.crowd.held -= self.body_came
        self.body_came = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
