"""Headers and answers of a call as the server gives and takes them: what needs no framework."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Scope, Send

JSON = "application/json"


def header(scope: Scope, wanted: bytes) -> str:
    """What the caller says under this name, which is given in lower case; nothing where it is not said."""
    found: bytes = next((value for name, value in scope["headers"] if name == wanted), b"")
    return found.decode("latin-1")


async def send_json(
    send: Send, status: int, told: Mapping[str, Any], headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Answer with this object."""
    await send_bytes(send, status, json_bytes(told), JSON, headers)


async def send_bytes(
    send: Send,
    status: int,
    body: bytes,
    kind: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    *,
    bare: bool = False,
) -> None:
    """Answer with these bytes, which are of this media type; `bare`: with their length alone."""
    length = str(len(body)).encode()
    own = ((b"content-length", length), (b"content-type", kind.encode()))
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": b"" if bare else body})


def json_bytes(told: Mapping[str, Any]) -> bytes:
    """The object as the API writes it: without blanks, in UTF-8."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
