"""The routes by which other systems pass leads in and ask what became of them.

Parsing is leadform's, the decisions are the use cases'. What comes before and after each call is door.py's.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs import Taken, note_activity, take_in
from bot.handoffs.chunk import take_many
from bot.handoffs.refused import ACTIVITY, API, activity_of
from bot.handoffs.taken import Door
from bot.leadform import ActivityForm, FieldFault, LeadFaults, LeadForm, read_activity, read_lead
from bot.logs import trace
from bot.lookups.api_lead import LeadDetails, lead_details, lead_named
from handlers.desk import Desk
from handlers.http.describing import Told
from handlers.http.door import Guard, body_of, faults_of, read_beside, require_few
from handlers.http.keeping import AT_ONCE, GAP, keep_all, kept_if_refused

_CHUNK = 100
"""Records of a batch that are read and taken in together."""


@cache
def _details() -> TypeAdapter[LeadDetails]:
    return TypeAdapter(LeadDetails)


def lead_routes(desk: Desk, tokens: Mapping[str, str], told: Told) -> APIRouter:
    """`POST /leads`, `/leads/batch`, `/leads/{id}/activities` and `GET /leads/{id}`."""
    routes = APIRouter(tags=["leads"], **told("LEADS"))
    caller = Depends(Guard(tokens, desk.clock))

    @routes.post("/leads", **told("POST_LEAD"))
    async def post_lead(request: Request, actor: str = caller) -> Response:
        context = desk.context(actor, trace())
        async with kept_if_refused(desk, context, API) as body:
            size, body.raw = await body_of(request)
            form = await read_beside(size, read_lead, body.raw, now=context.now)
            taken = await desk.database.write(take_in, context, form)
        log_taken(desk, context, taken)
        return JSONResponse(answer_of(taken), status_of(taken))

    @routes.post("/leads/batch", **told("POST_BATCH"))
    async def post_leads(request: Request, actor: str = caller) -> Response:
        context = desk.context(actor, trace())
        async with kept_if_refused(desk, context, API) as body:
            size, body.raw = await body_of(request)
            records = _records(body.raw)
        results = []
        for start in range(0, len(records), _CHUNK):
            if start:
                await asyncio.sleep(GAP)
            results += await _judge_each(desk, context, records[start : start + _CHUNK], size)
        _log_batch(desk, context, results)
        return JSONResponse(results, 207)

    @routes.get("/leads/{id:path}", **told("GET_LEAD"))
    async def get_lead(request: Request, _actor: str = caller) -> Response:
        found = await desk.database.read(lead_details, request.path_params["id"])
        return Response(_details().dump_json(found), media_type="application/json")

    @routes.post("/leads/{id:path}/activities", **told("POST_ACTIVITY"))
    async def post_activity(request: Request, actor: str = caller) -> Response:
        wanted, context = request.path_params["id"], desk.context(actor, trace())
        async with kept_if_refused(desk, context, ACTIVITY, partial(activity_of, wanted)) as body:
            size, body.raw = await body_of(request)
            activity = await read_beside(size, read_activity, body.raw, now=context.now)
            taken = await desk.database.write(_note, context, wanted, activity)
        log_taken(desk, context, taken)
        return JSONResponse(answer_of(taken), status_of(taken))

    return routes


def _note(tx: Connection, ctx: Context, wanted: str, activity: ActivityForm) -> Taken:
    return note_activity(tx, ctx, lead_named(tx, wanted).id, activity)


def _records(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise LeadFaults([FieldFault("body", "must be a list of leads; a single one goes to /leads")])
    require_few(len(body))
    return body


async def _judge_each(
    desk: Desk, context: Context, records: Sequence[Any], size: int
) -> list[dict[str, Any]]:
    read = await read_beside(size, _read_each, records, context)
    judged: list[Taken | LeadFaults] = []
    while len(judged) < len(read):
        if judged:
            await asyncio.sleep(GAP)
        door, left = Door.of(context), read[len(judged) :]
        judged += await desk.database.write(take_many, context, left, door, alone=AT_ONCE)
    pairs = zip(records, judged, strict=True)
    await keep_all(
        desk, context, API, [(raw, fault) for raw, fault in pairs if isinstance(fault, LeadFaults)]
    )
    return [_result(taken) for taken in judged]


def _read_each(records: Sequence[Any], context: Context) -> list[LeadForm | LeadFaults]:
    return [_read(record, context) for record in records]


def _read(record: Any, context: Context) -> LeadForm | LeadFaults:
    try:
        return read_lead(record, now=context.now)
    except LeadFaults as bad:
        return bad


def _result(taken: Taken | LeadFaults) -> dict[str, Any]:
    if isinstance(taken, Taken):
        return {"status": status_of(taken), **answer_of(taken)}
    return {"status": 422, "faults": faults_of(taken)}


def status_of(taken: Taken) -> int:
    """201 for a new lead, 200 for a known one."""
    return 201 if taken.created else 200


def answer_of(taken: Taken) -> dict[str, Any]:
    """What became of a record, as other systems are told."""
    return {
        "id": taken.id,
        "external_id": taken.external_id,
        "stage": taken.stage,
        "grade": taken.grade,
        "priority": taken.priority,
        "handoff_id": taken.handoff_id,
        "why": taken.why,
        "reason": taken.reason,
        "notes": taken.notes,
    }


def log_taken(desk: Desk, context: Context, taken: Taken) -> None:
    """A line in the log for a record that was taken."""
    did = "taken in" if taken.created else "updated"
    desk.log.info(
        "lead %d %s by %s: %s, %s, %s, handoff %s",
        taken.id,
        did,
        context.actor,
        taken.stage.value,
        taken.grade,
        taken.priority,
        taken.handoff_id,
        extra={"event": did, "actor": context.actor, "lead": taken.id, "handoff": taken.handoff_id},
    )


def _log_batch(desk: Desk, context: Context, results: Sequence[Mapping[str, Any]]) -> None:
    counts = Counter(result["status"] for result in results)
    desk.log.info(
        "batch of %d by %s: %d taken in, %d updated, %d not taken",
        len(results),
        context.actor,
        counts[201],
        counts[200],
        counts[422],
        extra={"event": "taken in", "actor": context.actor},
    )
