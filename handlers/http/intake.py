"""`POST /intake/<name>`: leads as other tools send them, and the questions that tools ask of an address.

Who may send is bot/intake's to say, what becomes of a lead the use cases'. Here is how tools are answered:
with a status that makes them do the right thing, and a sentence for their log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from bot.context import Context
from bot.crm.side import Reached
from bot.handoffs.received import Kept, receive
from bot.handoffs.taken import Taken
from bot.intake import (
    NoLead,
    Read,
    Source,
    Sources,
    Unreadable,
    challenged,
    parsed,
    read_record,
    records_of,
    why_not,
)
from bot.intake import Request as Shown
from bot.intake.proof import address
from bot.leadform import FieldFault, LeadFaults
from bot.leadform.secrets import storable, without_secrets
from bot.logs import trace
from handlers.desk import Desk
from handlers.http.describing import Told
from handlers.http.door import (
    MOST_KEPT,
    MOST_LEADS,
    PER_SECOND,
    Refused,
    TooLong,
    TooMany,
    bytes_of,
    faults_of,
    read_beside,
    require_few,
    require_pace,
)
from handlers.http.keeping import AT_ONCE, GAP
from handlers.http.leads import answer_of, log_taken, status_of
from handlers.http.limits import Pace, network_of
from storage.models import RefusedCause

_A_MINUTE = 10  # posts from one address to a source with a public key

_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)
NO_SUCH_SOURCE = "There is no such source; add [[intake]] with its name to the agreement."
INTAKE = "intake"
"""The door of all sources that there are not: any word may stand in their address."""


@dataclass(frozen=True, slots=True)
class _Door:
    """What every call to a source passes."""

    desk: Desk
    sources: Sources
    crm: Reached
    pace: Pace
    pace_of_visitors: Pace

    def source(self, request: Request) -> Source:
        """The source of a name. Raises Refused 404, and 429 where one address asks too often.

        Whoever proves nothing uses up nobody else's calls: those of the source are counted behind the proof.
        """
        name = str(request.path_params["name"])
        source = self.sources.named(name)
        if source is None:
            raise Refused(404, NO_SUCH_SOURCE, door=INTAKE)
        key = f"{name} {_client(request)}"
        require_pace(self.pace, key, "this address", self.desk.clock.real(), name)
        return source

    def require_page(self, source: Source, request: Request) -> dict[str, str]:
        """The headers that let a page read its answer. Raises Refused for another page."""
        if source.intake.public_key is None:
            return {}
        origin = request.headers.get("origin", "").lower()
        if origin not in source.intake.origins:
            raise Refused(403, "This source takes forms from its own pages only. Add this page to origins.")
        return {"Access-Control-Allow-Origin": request.headers["origin"], "Vary": "Origin"}

    def require_few_of_page(self, source: Source, request: Request, headers: dict[str, str]) -> None:
        """Raises Refused 429 for a visitor who posts again and again."""
        if source.intake.public_key is None:
            return
        key = f"{source.name} {_client(request)}"
        if seconds := self.pace_of_visitors.wait(key, self.desk.clock.real().timestamp()):
            after = {"Retry-After": str(int(seconds) + 1), **headers}
            raise Refused(429, "That was too often. Please try again in a minute.", after, source.name)

    async def body(
        self, source: Source, request: Request, headers: dict[str, str], context: Context
    ) -> tuple[list[Read], Exception | None]:
        """The records of a body; and the fault of the whole, which its sender is told once they are kept.

        Raises Refused 401 for a request that does not come from whom it says: nothing of it is kept.
        """
        try:
            body = await bytes_of(request, source.name)
        except TooLong as long:
            self._require_proof(source, request, long.beginning.encode(), headers)
            bad = LeadFaults([FieldFault("body", long.sentence)])
            return [Read(storable(long.beginning, source.secrets), bad)], long
        self._require_proof(source, request, body, headers)
        kind = request.headers.get("content-type", "")
        records, read = await read_beside(len(body), _records, source, body, kind)
        if read is not None:
            return read
        try:
            whole = await self._completed(source, records)
        except NoLead as bad:
            return [Read(without_secrets(each, source.secrets), bad) for each in records], None
        return await read_beside(len(body), _read_each, source, records, whole, context.now), None

    async def _completed(self, source: Source, records: list[Any]) -> list[Any]:
        """The records, those that tell an id only completed by the CRM, or why not. Raises NoLead where it is
        away."""
        agreement = self.desk.book.current
        if agreement.crm is None:
            return records
        from bot.crm.completion import completed  # loaded once there is a CRM
        from bot.crm.port import CrmTrouble

        try:
            return await completed(agreement, self.crm(), source.intake.preset, records)
        except CrmTrouble as trouble:
            why = f"It has only an ID, and the CRM did not answer: {trouble.why}. Send it again later."
            raise NoLead(RefusedCause.NOBODY, why, 503) from None

    def _require_proof(self, source: Source, request: Request, body: bytes, headers: dict[str, str]) -> None:
        shown = _shown(request, body, self.desk.book.current.http.public_url)
        if why := why_not(source, shown, self.desk.clock.now()):
            raise Refused(401, why, headers, source.name)
        require_pace(self.pace, source.name, "this source", self.desk.clock.real(), source.name)


def _read_each(source: Source, records: list[Any], whole: list[Any], now: datetime) -> list[Read]:
    return [_read(source, each, told, now) for each, told in zip(records, whole, strict=True)]


def _read(source: Source, raw: Any, whole: Any, now: datetime) -> Read:
    """A record as it is read once it is `whole`; where that is why it is none, the record as it came."""
    if isinstance(whole, NoLead):
        return Read(without_secrets(raw, source.secrets), whole)
    return read_record(source, whole, now)


def intake_routes(desk: Desk, sources: Sources, told: Told, crm: Reached) -> APIRouter:
    """`POST /intake/{name}`, and what is asked of that address by GET and OPTIONS.

    By `crm` the CRM is asked for what a body does not say.
    """
    routes = APIRouter(tags=["intake"])
    door = _Door(desk, sources, crm, Pace(PER_SECOND, PER_SECOND), Pace(_A_MINUTE / 60, _A_MINUTE))

    @routes.post("/intake/{name}", **told("POST_INTAKE"))
    async def post_intake(request: Request) -> Response:
        source = door.source(request)
        headers = door.require_page(source, request)
        door.require_few_of_page(source, request, headers)
        context = desk.context(f"api:{source.name}", trace())
        came, fault = await door.body(source, request, headers, context)
        outcomes = await _receive(desk, context, source.name, came)
        _log(desk, context, source.name, outcomes)
        if fault is not None:
            raise fault
        answer = _answer(source, outcomes)
        answer.headers.update(headers)
        return answer

    @routes.get("/intake/{name}", include_in_schema=False)
    async def get_intake(request: Request) -> Response:
        found = challenged(door.source(request), request.query_params)
        if found is None:
            raise Refused(403, "The verify token is not this source's. Leads come in by POST.")
        return PlainTextResponse(found) if isinstance(found, str) else JSONResponse(found)

    @routes.options("/intake/{name}", include_in_schema=False)
    async def options_intake(request: Request) -> Response:
        source = door.source(request)
        headers = door.require_page(source, request)
        if not headers:
            raise Refused(403, "Browsers may not post to this source. Give it a public_key and origins.")
        asked = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type"}
        return Response(status_code=204, headers={**headers, **asked, "Access-Control-Max-Age": "600"})

    return routes


def _client(request: Request) -> str:
    return network_of(request.client.host) if request.client else ""


def _shown(request: Request, body: bytes, public_url: str | None) -> Shown:
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    seen = f"{request.url.scheme}://{request.headers.get('host', '')}{path.decode('latin-1')}"
    url = address(public_url, f"{seen}?{query.decode('latin-1')}" if query else seen)
    return Shown(request.method, url, body, dict(request.headers), dict(request.query_params))


def _records(
    source: Source, body: bytes, content_type: str
) -> tuple[list[Any], tuple[list[Read], Exception | None] | None]:
    """The records of a body; or what is to be kept and told of one that has none to read."""
    try:
        whole = parsed(body, content_type)
    except Unreadable as bad:
        return [], ([Read(storable(bad.text, source.secrets), bad)], None)
    if source.intake.public_key is not None and isinstance(whole, list):
        one = LeadFaults([FieldFault("body", "is a list; a page sends one lead at a time")])
        return [], ([Read(without_secrets(whole, source.secrets), one)], None)
    records = records_of(source, whole, MOST_LEADS)
    if not records:
        empty = LeadFaults([FieldFault("body", "is an empty list; send at least one lead")])
        return [], ([Read(whole, empty)], None)
    try:
        require_few(len(records), source.name)
    except TooMany as many:
        kept = (without_secrets(each, source.secrets) for each in records[:MOST_KEPT])
        return [], ([Read(each, many) for each in kept], many)
    return records, None


async def _receive(desk: Desk, context: Context, name: str, came: Sequence[Read]) -> list[Taken | Kept]:
    outcomes: list[Taken | Kept] = []
    while len(outcomes) < len(came):
        if outcomes:
            await asyncio.sleep(GAP)
        left = came[len(outcomes) :]
        outcomes += await desk.database.write(receive, context, name, left, alone=AT_ONCE)
    return outcomes


def _answer(source: Source, outcomes: Sequence[Taken | Kept]) -> Response:
    if source.known.acks:  # the refused are kept, so that nothing is to be sent again
        return Response(_ACK, media_type="text/xml")
    if source.intake.public_key is not None:
        return _answer_to_page(outcomes)
    results = [_result(each) for each in outcomes]
    if len(results) == 1:
        return JSONResponse({k: v for k, v in results[0].items() if k != "status"}, results[0]["status"])
    statuses = {result["status"] for result in results}
    taken = any(isinstance(each, Taken) for each in outcomes)
    return JSONResponse(results, 207 if taken or len(statuses) > 1 else statuses.pop())


def _answer_to_page(outcomes: Iterable[Taken | Kept]) -> Response:
    """A visitor is told no more than whether it was taken; a robot is told that it was."""
    for each in outcomes:
        if isinstance(each, Kept) and not isinstance(each.fault, NoLead):
            return JSONResponse({"taken": False, "faults": faults_of(each.fault)}, 422)
    return JSONResponse({"taken": True}, 200)


def _result(outcome: Taken | Kept) -> dict[str, Any]:
    if isinstance(outcome, Taken):
        return {"status": status_of(outcome), **answer_of(outcome)}
    fault, number = outcome.fault, outcome.number
    if isinstance(fault, NoLead):
        test = fault.cause is RefusedCause.TEST
        detail = str(fault) if test else f"{fault} It is kept as refused #{number}."
        return {"status": fault.status, "test": test, "refused": number, "detail": detail}
    detail = f"Not taken, and kept as refused #{number}. {fault}"
    return {"status": 422, "refused": number, "detail": detail, "faults": faults_of(fault)}


def _log(desk: Desk, context: Context, name: str, outcomes: Sequence[Taken | Kept]) -> None:
    taken = [each for each in outcomes if isinstance(each, Taken)]
    if len(taken) == len(outcomes) == 1:
        log_taken(desk, context, taken[0])
        return
    created = sum(each.created for each in taken)
    desk.log.info(
        "source %s: %d taken in, %d updated, %d refused",
        name,
        created,
        len(taken) - created,
        len(outcomes) - len(taken),
        extra={"event": "taken in", "actor": context.actor},
    )
