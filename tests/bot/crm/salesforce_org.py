"""A Salesforce organisation on this machine: its REST API as it is documented, with its limits and errors.

Queries are carried out by SQLite, which knows enough of SOQL once its words are put otherwise.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

from aiohttp import web

CLIENT = ("3MVG9", "client-secret")
API = "/services/data/v64.0"
STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")

COLUMNS: dict[str, tuple[str, ...]] = {
    "Lead": (
        *(
            "Id",
            "Email",
            "FirstName",
            "LastName",
            "Company",
            "Status",
            "OwnerId",
            "SystemModstamp",
            "IsDeleted",
        ),
        *("MasterRecordId", "IsConverted", "ConvertedOpportunityId", "Baton_Id__c", "Baton_Note__c"),
    ),
    "User": ("Id", "Email", "Name", "IsActive"),
    "Event": (
        *("Id", "WhoId", "Subject", "StartDateTime", "EndDateTime", "CreatedDate", "Owner.Email"),
        "SystemModstamp",
    ),
    "Task": (
        *("Id", "WhoId", "Subject", "CompletedDateTime", "Owner.Email", "SystemModstamp", "TaskSubtype"),
        "IsClosed",
    ),
}
READ_ONLY = ("Id", "SystemModstamp", "IsDeleted", "MasterRecordId", "IsConverted", "ConvertedOpportunityId")
LONGEST = 255
"""Letters that a text holds, unless its maker says otherwise."""
FLAGS = ("IsDeleted", "IsConverted", "IsActive", "IsClosed")


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.body = status, [{"errorCode": code, "message": message}]
        super().__init__(message)


@dataclass
class Org:
    """What it holds, and what was asked of it. `broken` answers everything while it is set."""

    url: str = ""
    number: str | None = "00D5e000000AcmeEAC"
    """Its id; None for an app that must not know who it is."""
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {each: {} for each in COLUMNS})
    lacks: set[str] = field(default_factory=set)
    may_write: bool = True
    used: int = 10
    most: int = 15_000
    calls: Counter[str] = field(default_factory=Counter)
    writes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    broken: web.Response | None = None
    token: str = "00D!first"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _numbers: count[int] = field(default_factory=lambda: count(1))

    # ---- what people do there

    def has(self, **values: Any) -> str:
        """A lead that is there; gives its id."""
        number = f"00Q{next(self._numbers):012d}AAA"
        blank = {"IsDeleted": False, "IsConverted": False, "Status": STATUSES[0], "OwnerId": "005queue"}
        self.rows["Lead"][number] = {"Id": number, **blank}
        self.sets(number, **values)
        return number

    def sets(self, number: str, **values: Any) -> None:
        """Somebody changes a lead."""
        self.now += timedelta(seconds=1)
        self.rows["Lead"][number] |= {**values, "SystemModstamp": _stamp(self.now)}

    def user(self, number: str, email: str, *, active: bool = True) -> None:
        name = email.split("@")[0].title()
        self.rows["User"][number] = {"Id": number, "Email": email, "Name": name, "IsActive": active}

    def logs(self, kind: str, lead: str, **values: Any) -> str:
        self.now += timedelta(seconds=1)
        number = values.pop("Id", None) or f"00T{next(self._numbers):012d}AAA"
        known = self.rows[kind].setdefault(number, {"Id": number, "CreatedDate": _stamp(self.now)})
        known |= {**values, "WhoId": lead, "SystemModstamp": _stamp(self.now)}
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
        if path == "/services/oauth2/token":
            return await self._token(request)
        self.used += 1
        headers = {"Sforce-Limit-Info": f"api-usage={self.used}/{self.most}"}
        try:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
            if self.used > self.most:
                raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            body = await request.json() if request.can_read_body else {}
            return web.json_response(self._routed(request, path, body), headers=headers)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status, headers=headers)

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            error = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return web.json_response(error, status=400)
        assert form["grant_type"] == "client_credentials"
        identity = f"https://login.salesforce.com/id/{self.number}/0055e000001Mno1AAC"
        return web.json_response(
            {"access_token": self.token, "instance_url": self.url, "token_type": "Bearer"}
            | ({"id": identity} if self.number else {})
        )

    def _routed(self, request: web.Request, path: str, body: Any) -> Any:
        if path in (f"{API}/query", f"{API}/queryAll"):
            return self._query(request.query["q"], deleted=path.endswith("All"))
        if path == f"{API}/sobjects/Lead/describe":
            return self._describe()
        if path.startswith(f"{API}/composite/sobjects") and request.method == "PATCH":
            return self._write(body, upsert_by=path.partition("/Lead/")[2])
        raise Refusal(404, "NOT_FOUND", f"no path {path}")

    def _describe(self) -> Any:
        fields = [
            {
                "name": name,
                "label": name,
                "type": "picklist" if name == "Status" else "string",
                "length": LONGEST,
                "restrictedPicklist": name == "Status",
                "picklistValues": [{"value": each, "active": True} for each in STATUSES if name == "Status"],
                "updateable": name not in READ_ONLY,
                "externalId": name == "Baton_Id__c",
            }
            for name in COLUMNS["Lead"]
            if name not in self.lacks
        ]
        return {
            "fields": fields,
            "queryable": True,
            "updateable": self.may_write,
            "createable": self.may_write,
        }

    def _query(self, soql: str, *, deleted: bool) -> Any:
        found = re.match(r"SELECT (.+?) FROM (\w+)(.*)$", soql)
        if found is None or found[2] not in COLUMNS:
            raise Refusal(400, "MALFORMED_QUERY", soql)
        names, table, rest = [each.strip() for each in found[1].split(",")], found[2], found[3]
        columns = [each for each in COLUMNS[table] if each not in self.lacks]
        for name in names:
            if name not in columns:
                raise Refusal(400, "INVALID_FIELD", f"No such column '{name}' on entity '{table}'")
        sql = re.sub(r"!= null", "IS NOT NULL", rest)
        sql = re.sub(r"(?<!')(\d{4}-\d\d-\d\dT[\d:.]+)Z", r"'\1+0000'", sql)
        with sqlite3.connect(":memory:") as db:
            quoted = ", ".join(f'"{each}"' for each in columns)
            db.execute(
                f"CREATE TABLE {table} ({', '.join(f'{each} COLLATE NOCASE' for each in quoted.split(', '))})"
            )
            rows = [row for row in self.rows[table].values() if deleted or not row.get("IsDeleted")]
            marks = ", ".join("?" * len(columns))
            db.executemany(
                f"INSERT INTO {table} VALUES ({marks})", [[row.get(c) for c in columns] for row in rows]
            )
            chosen = ", ".join(f'"{each}"' for each in names)
            try:
                result = db.execute(f"SELECT {chosen} FROM {table}{sql}").fetchall()
            except sqlite3.Error as error:
                raise Refusal(400, "MALFORMED_QUERY", f"{error}: {soql}") from None
        records = [_nested(table, names, row) for row in result]
        return {"totalSize": len(records), "done": True, "records": records}

    def _write(self, body: Any, *, upsert_by: str) -> Any:
        records = body["records"]
        if len(records) > 200 or not records:
            raise Refusal(400, "INVALID_BATCH_SIZE", "1 to 200 records")
        return [self._written(dict(each), upsert_by) for each in records]

    def _written(self, row: dict[str, Any], upsert_by: str) -> Any:
        assert row.pop("attributes") == {"type": "Lead"}
        number = row.pop("id", None)
        if not self.may_write:
            return _failed("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        if upsert_by:
            assert number is None, "external ids only"
            wanted = row[upsert_by]
            known = (n for n, each in self.rows["Lead"].items() if each.get(upsert_by) == wanted)
            number = next(known, None)
        if number is not None and (lead := self.rows["Lead"].get(number)) is not None:
            if lead["IsDeleted"]:
                return _failed("ENTITY_IS_DELETED", "entity is deleted")
            if lead["IsConverted"]:
                return _failed("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        elif number is not None:
            return _failed("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        elif not (row.get("LastName") and row.get("Company")):
            return _failed("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName, Company]")
        if (wrong := self._wrong(row)) is not None:
            return wrong
        created = number is None
        number = number or self.has()
        self.writes.append((number, row))
        self.sets(number, **row)
        return {"id": number, "success": True, "errors": [], **({"created": created} if upsert_by else {})}

    def _wrong(self, row: dict[str, Any]) -> Any:
        for name in row:
            if name not in COLUMNS["Lead"] or name in self.lacks or name in READ_ONLY:
                return _failed("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}")
            if len(row[name] or "") > LONGEST:
                return _failed("STRING_TOO_LONG", f"{name}: data value too large (max length={LONGEST})")
        if row.get("Status", STATUSES[0]) not in STATUSES:
            return _failed(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field"
            )
        owner = self.rows["User"].get(row.get("OwnerId", ""))
        if "OwnerId" in row and (owner is None or not owner["IsActive"]):
            return _failed("INACTIVE_OWNER_OR_USER", "operation performed with inactive user")
        return None


def _failed(code: str, message: str) -> Any:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def _nested(table: str, names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": table}}
    for name, value in zip(names, row, strict=True):
        outer, _, inner = name.partition(".")
        known = bool(value) if name in FLAGS else value
        record[outer] = {inner: known} if inner else known
    return record


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"


@asynccontextmanager
async def salesforce() -> AsyncIterator[Org]:
    """An organisation that listens on loopback."""
    org = Org()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", org.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    org.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield org
    finally:
        await runner.cleanup()
