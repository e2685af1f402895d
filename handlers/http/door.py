"""What a call passes on its way in: a bearer token, a pace, a limit on the body.

And on its way out: errors as answers, in words. What the routes do is in leads.py.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn, ParamSpec, TypeVar

from fastapi import FastAPI, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.responses import JSONResponse
from fastapi.security.base import SecurityBase
from fastapi.security.utils import get_authorization_scheme_param

from bot.clock import Clock
from bot.errors import AmbiguousId, LeadNotFound
from bot.instruments import Instruments
from bot.leadform import FieldFault, LeadFaults
from handlers.http.limits import Pace
from handlers.http.strangers import Unproven
from storage.database import DatabaseAway

P = ParamSpec("P")
T = TypeVar("T")

MOST_BYTES = 1_000_000
"""The longest body that is read, in bytes."""

LARGE = 65_536
"""From so many bytes on a body is read in a thread of its own."""

MOST_LEADS = 500
"""The most leads in one body."""

MOST_KEPT = 10_000
"""Of how many records of one body each is kept as refused: a hundred bytes are not a lead."""

COME_BACK_AFTER = 5
"""Seconds that a caller is asked to wait while the database is away."""

_SWITCHED_OFF = (
    "Intake over HTTP is off. To turn it on, set INTAKE_TOKEN=name:token in .env or the environment, "
    "and restart Baton."
)


class NotJson(LeadFaults):
    """A body that is no JSON; `text` is what it says."""

    def __init__(self, body: bytes) -> None:
        self.text = body.decode("utf-8", "replace")
        message = 'is not JSON; send an object like {"email": "jane@example.com"}'
        super().__init__([FieldFault("body", message)])


API = "api"
"""The door of `/leads`, as metrics name it; a source's goes by its name."""
PER_SECOND = 50
"""How many calls a second one token or one source may make."""


class Refused(Exception):
    """The call is turned away with this status and sentence. `door` is where, for the metrics."""

    def __init__(
        self, status: int, sentence: str, headers: Mapping[str, str] | None = None, door: str = API
    ) -> None:
        self.status, self.sentence, self.headers, self.door = status, sentence, headers, door
        super().__init__(sentence)


class TooLong(Refused):
    """A body of more than `MOST_BYTES`; `beginning` is as much of it as was read."""

    def __init__(self, body: bytes, door: str) -> None:
        self.beginning = body.decode("utf-8", "replace")
        most = MOST_BYTES // 1_000_000
        sentence = f"That is over {most} MB; send fewer leads at once, or import a file."
        super().__init__(413, sentence, door=door)


class TooMany(LeadFaults):
    """A body of more leads than are taken in one call: answered 413, and kept as refused all the same."""

    def __init__(self, count: int, door: str) -> None:
        self.door = door
        message = f"has {count} leads; send at most {MOST_LEADS} at once, or import a file"
        super().__init__([FieldFault("body", message)])


def require_few(count: int, door: str = API) -> None:
    """Raises TooMany for more leads than are taken in one call."""
    if count > MOST_LEADS:
        raise TooMany(count, door)


def require_pace(pace: Pace, key: str, who: str, now: datetime, door: str = API) -> None:
    """Raises Refused 429 with Retry-After where a caller comes too often. `now` is the system's moment."""
    if seconds := pace.wait(key, now.timestamp()):
        sentence = f"Too many calls from {who}. Try again in {math.ceil(seconds)} s, or send fewer."
        raise Refused(429, sentence, {"Retry-After": str(math.ceil(seconds))}, door)


def _digest(token: str) -> bytes:
    """Of one length, so that comparing tells nothing of a token's own."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


_known_digest = lru_cache(maxsize=256)(_digest)


class Guard(SecurityBase):
    """A dependency that gives the actor `api:<name>` behind a bearer token. `tokens`: names by token.

    One dependency and none within it: FastAPI takes a tenth of a millisecond for each. Raises Refused: 401
    for a token that is missing or unknown, 403 when there are no tokens at all, 429 for one that comes too
    often.
    """

    def __init__(self, tokens: Mapping[str, str], clock: Clock) -> None:
        self.model = HTTPBearer(description="A token of INTAKE_TOKEN.")
        self.scheme_name = "HTTPBearer"
        self._tokens, self._clock = tokens, clock
        self._pace = Pace(PER_SECOND, PER_SECOND)

    async def __call__(self, request: Request) -> str:
        """The caller's name, as the history has it."""
        if not self._tokens:
            raise Refused(403, _SWITCHED_OFF)
        scheme, told = get_authorization_scheme_param(request.headers.get("authorization"))
        sent = bool(told) and scheme.lower() == "bearer"
        given = _digest(told if sent else "")
        known = [(f"api:{name}", _known_digest(token)) for token, name in self._tokens.items()]  # they rotate
        matching = [name for name, token in known if hmac.compare_digest(token, given)]
        if not matching:
            what = "That token is not one of" if sent else "Send Authorization: Bearer and a token of"
            raise Refused(401, f"{what} Baton's INTAKE_TOKEN.", {"WWW-Authenticate": "Bearer"})
        require_pace(self._pace, matching[0], "this token", self._clock.real())
        return matching[0]


async def body_of(request: Request) -> tuple[int, Any]:
    """The JSON of a request, and of how many bytes it is.

    Raises TooLong once it is over `MOST_BYTES`, NotJson if it is none.
    """
    body = await bytes_of(request)
    return len(body), await read_beside(len(body), _json, body)


async def read_beside(size: int, read: Callable[P, T], *args: P.args, **kw: P.kwargs) -> T:
    """What `read` makes of a body of so many bytes; of a large one in a thread, beside which clicks go on."""
    if size < LARGE:
        return read(*args, **kw)
    return await asyncio.to_thread(read, *args, **kw)


async def bytes_of(request: Request, door: str = API) -> bytes:
    """The body of a request. Raises TooLong once it is over `MOST_BYTES`."""
    told = request.headers.get("content-length", "")
    too_long = told.isdigit() and int(told) > MOST_BYTES
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if too_long or len(body) > MOST_BYTES:
            raise TooLong(bytes(body), door)
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NotJson(body) from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def faults_of(bad: LeadFaults) -> list[dict[str, str]]:
    """The faults of a record as an answer names them."""
    return [{"field": fault.field, "message": fault.message} for fault in bad.faults]


def answer_errors(app: FastAPI, instruments: Instruments) -> None:
    """Let errors of the domain and of the database be answers; whoever is turned away is counted, and told of
    in the log where they prove nothing or come to a door that there is not."""
    unproven = Unproven()

    @app.exception_handler(LeadFaults)
    async def faults(_request: Request, bad: LeadFaults) -> JSONResponse:
        return JSONResponse({"faults": faults_of(bad)}, 422)

    @app.exception_handler(TooMany)
    async def too_many(_request: Request, bad: TooMany) -> JSONResponse:
        instruments.turned_away(bad.door, 413)
        return JSONResponse({"detail": str(bad), "faults": faults_of(bad)}, 413)

    @app.exception_handler(LeadNotFound)
    async def unknown(_request: Request, missing: LeadNotFound) -> JSONResponse:
        return JSONResponse(
            {"detail": f"There is no lead {missing.wanted}; name it by its number or as ext:<external_id>."},
            404,
        )

    @app.exception_handler(AmbiguousId)
    async def ambiguous(_request: Request, several: AmbiguousId) -> JSONResponse:
        systems = ", ".join(several.systems)
        detail = f"The id {several.external_id} is known to {systems}; name it as ext:<system>:<id>."
        return JSONResponse({"detail": detail, "systems": several.systems}, 409)

    @app.exception_handler(DatabaseAway)
    async def away(_request: Request, away: DatabaseAway) -> JSONResponse:
        return JSONResponse({"detail": str(away)}, 503, {"Retry-After": str(COME_BACK_AFTER)})

    @app.exception_handler(Refused)
    async def refused(_request: Request, refusal: Refused) -> JSONResponse:
        if refusal.status != 401:  # those are counted where nobody is known yet
            instruments.turned_away(refusal.door, refusal.status)
        if refusal.status in (401, 403, 404):  # a tool may be sending leads that nobody ever sees
            unproven.turned_away(refusal.door, refusal.sentence)
        return JSONResponse({"detail": refusal.sentence}, refusal.status, refusal.headers)
