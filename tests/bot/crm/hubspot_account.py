"""A HubSpot account on this machine: its API as it is documented, with its limits, scopes and errors."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

from aiohttp import web

from bot.crm.hubspot import CALLS, SCOPES, SEARCHES, WITHIN

TOKEN = "pat-na1-secret"
V = "2026-03"

PROPERTIES: dict[str, tuple[str, ...]] = {  # the values that each takes; of no options any
    "email": (),
    "firstname": (),
    "lastname": (),
    "company": (),
    "hubspot_owner_id": (),
    "hs_lead_status": (
        *("NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT"),
        *("CONNECTED", "BAD_TIMING"),
    ),
    "lifecyclestage": (
        *("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"),
        *("evangelist", "other"),
    ),
    "baton_reason": (),
    "baton_note": (),
    "baton_first_touch": (),
    "baton_outcome": (),
    "baton_amount": (),
    "baton_next_step": (),
}
READ_ONLY = ("hs_object_id", "createdate", "lastmodifieddate", "hs_merged_object_ids")


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, category: str, message: str, **more: Any) -> None:
        self.status = status
        self.body = {
            "status": "error",
            "message": message,
            "category": category,
            "correlationId": "c",
            **more,
        }
        super().__init__(message)


@dataclass
class Account:
    """What it holds, and what was asked of it. `broken` answers everything while it is set."""

    url: str = ""
    portal: int = 62515
    scopes: set[str] = field(default_factory=lambda: {*SCOPES, "oauth"})
    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    engagements: dict[str, dict[str, dict[str, str]]] = field(
        default_factory=lambda: {"meetings": {}, "calls": {}}
    )
    with_whom: dict[str, list[str]] = field(default_factory=dict)
    owners: list[dict[str, Any]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    writes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    most: int = CALLS
    within: float = WITHIN
    searches_within: float = 1.0
    limited: list[float] = field(default_factory=list)
    rests_after: int | None = None
    """So many calls, whereupon it refuses all for `retry_after` seconds."""
    too_early: int = 0
    """Calls that came while it rested, and knew of it."""
    retry_after: str = ""
    deepest: int = 10_000
    """Finds that a search shows."""
    broken: web.Response | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _numbers: count[int] = field(default_factory=lambda: count(101))
    _answered: int = 0
    _recent: deque[float] = field(default_factory=deque)
    _searches: deque[float] = field(default_factory=deque)

    # ---- what people do there

    def has(self, **properties: str) -> str:
        """A contact that is there; gives its id."""
        number = str(next(self._numbers))
        self.contacts[number] = {"hs_object_id": number}
        self.sets(number, **properties)
        return number

    def sets(self, number: str, **properties: str) -> None:
        """Somebody changes a contact."""
        self.now += timedelta(seconds=1)
        self.contacts[number] |= {**properties, "lastmodifieddate": _iso(self.now)}

    def merges(self, gone: str, into: str) -> None:
        """Somebody merges two contacts."""
        del self.contacts[gone]
        self.merged[gone] = into
        formers = [each for each, other in self.merged.items() if other == into]
        self.sets(into, hs_merged_object_ids=";".join(formers))

    def owner(self, number: str, email: str, *, archived: bool = False) -> None:
        first = email.split("@")[0].title()
        self.owners.append({"id": number, "email": email, "firstName": first, "archived": archived})

    def logs(self, kind: str, contact: str, **properties: str) -> str:
        """A meeting or a call is logged, or changed if it has a number."""
        self.now += timedelta(seconds=1)
        number = properties.pop("number", None) or str(next(self._numbers))
        known = self.engagements[kind].setdefault(number, {"hs_createdate": _iso(self.now)})
        known |= {**properties, "hs_lastmodifieddate": _iso(self.now)}
        self.with_whom[number] = [contact]
        return number

    # ---- its API

    async def answer(self, request: web.Request) -> web.StreamResponse:
        found = await self._answer(request)
        found.headers["Date"] = format_datetime(self.now, usegmt=True)
        return found

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.broken is not None:
            return web.Response(
                status=self.broken.status, body=self.broken.body, content_type=self.broken.content_type
            )
        path = request.path
        self.calls[path] += 1
        try:
            self._limit(path)
            body = await request.json() if request.can_read_body else {}
            if path == "/oauth/v2/private-apps/get/access-token-info":
                return web.json_response(self._token_info(body))
            self._require_token(request)
            return web.json_response(*self._routed(request.method, path, body, request))
        except Refusal as refusal:
            headers = (
                {"Retry-After": self.retry_after} if refusal.status == 429 and self.retry_after else None
            )
            return web.json_response(refusal.body, status=refusal.status, headers=headers)

    def _routed(self, method: str, path: str, body: Any, request: web.Request) -> tuple[Any]:
        kind = path.split("/")[4] if path.startswith(f"/crm/objects/{V}/") else ""
        if path == f"/account-info/{V}/details" and method == "GET":
            self._require("oauth")
            return ({"portalId": self.portal, "accountType": "STANDARD", "timeZone": "US/Eastern"},)
        if path == f"/crm/owners/{V}" and method == "GET":
            self._require("crm.objects.owners.read")
            archived = request.query.get("archived") == "true"
            return ({"results": [each for each in self.owners if each["archived"] is archived]},)
        if path == f"/crm/properties/{V}/contacts" and method == "GET":
            self._require("crm.schemas.contacts.read")
            return ({"results": _properties()},)
        if path.endswith("/search"):
            self._require("crm.objects.contacts.read")
            return (self._search(kind, body),)
        if path == f"/crm/objects/{V}/contacts/batch/read":
            self._require("crm.objects.contacts.read")
            return (self._read(body),)
        if path in (f"/crm/objects/{V}/contacts/batch/{each}" for each in ("update", "upsert")):
            self._require("crm.objects.contacts.write")
            return (self._write(body, make=path.endswith("upsert")),)
        if path.startswith(f"/crm/associations/{V}/"):
            found = [{"from": {"id": each["id"]}, "to": self._others(each["id"])} for each in body["inputs"]]
            return ({"results": found},)
        raise Refusal(404, "OBJECT_NOT_FOUND", f"no path {path}")

    def _others(self, number: str) -> list[dict[str, Any]]:
        return [{"toObjectId": int(each), "associationTypes": []} for each in self.with_whom[number]]

    def _limit(self, path: str) -> None:
        now = asyncio.get_running_loop().time()
        for recent, most, within, wanted in (
            (self._recent, self.most, self.within, True),
            (self._searches, SEARCHES, self.searches_within, path.endswith("/search")),
        ):
            while recent and recent[0] <= now - within:
                recent.popleft()
            if wanted and len(recent) >= most:
                self.limited.append(now)
                policy = "TEN_SECONDLY_ROLLING" if recent is self._recent else "SECONDLY"
                raise Refusal(429, "RATE_LIMITS", "You have reached your limit.", policyName=policy)
            if wanted:
                recent.append(now)
        self._rest(now)

    def _rest(self, now: float) -> None:
        self._answered += 1
        if self.rests_after is None or self._answered <= self.rests_after:
            return
        if self._answered == self.rests_after + 1:
            self.limited.append(now)
        elif now < self.limited[-1] + float(self.retry_after):
            self.too_early += 1
        else:
            self._answered = 1
            return
        raise Refusal(429, "RATE_LIMITS", "You have reached your limit.", policyName="TEN_SECONDLY_ROLLING")

    def _require_token(self, request: web.Request) -> None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")

    def _require(self, scope: str) -> None:
        if scope not in self.scopes:
            needed = {
                "message": "One or more scopes are required.",
                "context": {"requiredGranularScopes": [scope]},
            }
            raise Refusal(403, "MISSING_SCOPES", "This app hasn't been granted all scopes.", errors=[needed])

    def _token_info(self, body: Any) -> Any:
        if body.get("tokenKey") != TOKEN:
            raise Refusal(401, "INVALID_AUTHENTICATION", "no such token")
        return {"hubId": self.portal, "userId": 2, "appId": 3, "scopes": sorted(self.scopes)}

    def _read(self, body: Any) -> Any:
        if len(body["inputs"]) > 100:
            raise Refusal(400, "VALIDATION_ERROR", "Batch size exceeds limit of 100")
        by, found, missing = body.get("idProperty"), {}, []
        for each in (item["id"] for item in body["inputs"]):
            number = self._by_email(each) if by == "email" else self.merged.get(each, each)
            if number in self.contacts:
                found[number] = self._shown(number, body["properties"])
            else:
                missing.append(each)
        answer: dict[str, Any] = {"status": "COMPLETE", "results": list(found.values())}
        if missing:
            gone = {"category": "OBJECT_NOT_FOUND", "message": "Could not get some CONTACT objects"}
            answer |= {"numErrors": 1, "errors": [{**gone, "status": "error", "context": {"ids": missing}}]}
        return answer

    def _write(self, body: Any, *, make: bool) -> Any:
        inputs = body["inputs"]
        if len(inputs) > 100:
            raise Refusal(400, "VALIDATION_ERROR", "Batch size exceeds limit of 100")
        if len({each["id"].casefold() for each in inputs}) < len(inputs):
            raise Refusal(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input")
        for each in inputs:
            self._validate(each["properties"])
        found, missing = [], []
        for each in inputs:
            number = self._by_email(each["id"]) if make else self.merged.get(each["id"], each["id"])
            if make and number is None:
                number = self.has()
            if number not in self.contacts:
                missing.append(each["id"])
                continue
            self.writes.append((number, dict(each["properties"])))
            self.sets(number, **each["properties"])
            found.append(self._shown(number, [*each["properties"], "email"]))
        answer: dict[str, Any] = {"status": "COMPLETE", "results": found}
        if missing:
            gone = {"category": "OBJECT_NOT_FOUND", "message": "CONTACT is not valid"}
            answer["errors"] = [{**gone, "context": {"ids": missing}}]
        return answer

    def _validate(self, properties: dict[str, str]) -> None:
        for name, value in properties.items():
            if name in READ_ONLY:
                raise Refusal(
                    400, "VALIDATION_ERROR", f'Property values were not valid: "{name}" is read only'
                )
            if name not in PROPERTIES:
                raise Refusal(400, "VALIDATION_ERROR", f'Property "{name}" does not exist')
            if value and PROPERTIES[name] and value not in PROPERTIES[name]:
                raise Refusal(400, "VALIDATION_ERROR", f"{value} was not one of the allowed options")
            active = {each["id"] for each in self.owners if not each["archived"]}
            if name == "hubspot_owner_id" and value and value not in active:
                raise Refusal(400, "VALIDATION_ERROR", f"Owner {value} does not exist")

    def _search(self, kind: str, body: Any) -> Any:
        rows = self.contacts if kind == "contacts" else self.engagements[kind]
        (condition,) = body["filterGroups"][0]["filters"]
        by, since = condition["propertyName"], int(condition["value"])
        found = sorted((row[by], number) for number, row in rows.items() if _millis(row[by]) >= since)
        start = int(body.get("after") or 0)
        if start >= self.deepest:
            raise Refusal(400, "VALIDATION_ERROR", f"no more than {self.deepest} results")
        page = [number for _, number in found[start : start + body["limit"]]]
        results = [
            {"id": each, "properties": {name: rows[each].get(name) for name in body["properties"]}}
            for each in page
        ]
        answer: dict[str, Any] = {"total": len(found), "results": results}
        if start + body["limit"] < len(found):
            answer["paging"] = {"next": {"after": str(start + body["limit"])}}
        return answer

    def _by_email(self, email: str) -> str | None:
        wanted = email.casefold()
        return next(
            (n for n, row in self.contacts.items() if (row.get("email") or "").casefold() == wanted), None
        )

    def _shown(self, number: str, properties: list[str]) -> Any:
        row = self.contacts[number]
        return {"id": number, "properties": {name: row.get(name) for name in properties}}


def _properties() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "label": name,
            "type": "enumeration" if PROPERTIES.get(name) else "string",
            "options": [{"value": each, "label": each} for each in PROPERTIES.get(name, ())],
            "modificationMetadata": {"readOnlyValue": name in READ_ONLY},
        }
        for name in (*PROPERTIES, *READ_ONLY)
    ]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _millis(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@asynccontextmanager
async def hubspot() -> AsyncIterator[Account]:
    """An account that listens on loopback."""
    account = Account()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", account.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    account.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield account
    finally:
        await runner.cleanup()
