"""Salesforce: leads, their owners, meetings and calls, over REST as a connected app with its own user.

Paths and shapes are those of Salesforce's REST API; a token is got by OAuth's client credentials.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.crm.calling import Caller, Json, Reply, require_onward, understood
from bot.crm.port import (
    Change,
    Contact,
    CrmTrouble,
    Did,
    Feed,
    FieldInfo,
    Owner,
    Page,
    Person,
    Record,
    Written,
)
from storage.models import Stage, TouchKind

API: Final = "/services/data/v64.0"
TOKEN: Final = "/services/oauth2/token"
AT_ONCE = 200
"""Records that one call may hold."""
ASKED_AT_ONCE = 100
"""Records that one query names: its address may be 16 KB long."""
PAGE = 200
STOP_AT = 0.9
"""The share of the day's calls at which Baton leaves the rest to others."""
HELD_FOR = timedelta(minutes=15)
OVERLAP = timedelta(seconds=60)
"""How late a change may be committed, and so be seen."""
NOBODY = "[not provided]"
"""What Salesforce itself writes where a company is needed and not known."""

_OF_RECORD = (
    "Id",
    "Email",
    "SystemModstamp",
    "IsDeleted",
    "MasterRecordId",
    "IsConverted",
    "ConvertedOpportunityId",
)
_GONE = ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND")
_FORBIDDEN = ("INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY")
_CLOSED = "CANNOT_UPDATE_CONVERTED_LEAD"
_WHERE = "in Salesforce under Setup → Permission Sets, for the user that the connected app runs as"


class Salesforce:
    """One Salesforce organisation, as a connected app reaches it."""

    title = "Salesforce"
    to_tell_account = "Give the connected app the OAuth scope id, Access the identity URL service."
    feeds = (Feed.CALLS, Feed.MEETINGS, Feed.RECORDS)
    where_fields = "in Salesforce under Setup → Object Manager → Lead → Fields & Relationships"

    def __init__(self, url: str, client: tuple[str, str], external_id: str, variables: str) -> None:
        self._client, self._external_id, self._variables = client, external_id, variables
        self._token: str | None = None
        self._org: str | None = None
        self._login = Caller(self.title, url, self._no_headers)
        self._caller = Caller(self.title, url, self._headers)

    @understood
    async def account(self) -> str | None:
        """The organisation that the newest token is of: a sandbox is another one after each refresh."""
        await self._headers()
        return self._org

    @understood
    async def owners(self) -> Sequence[Owner]:
        """Everybody who has or had an account."""
        rows = await self._query("SELECT Id, Email, Name, IsActive FROM User WHERE Email != null")
        return [Owner(row["Id"], row["Email"], row["Name"], row["IsActive"]) for row in rows]

    @understood
    async def find(self, emails: Sequence[str], fields: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Leads by their address; there may be several of one. Those that were converted count for last."""
        found: dict[str, list[Record]] = {}
        for some in _parts(emails):
            names = ", ".join(dict.fromkeys((*_OF_RECORD, *fields)))
            for row in await self._query(f"SELECT {names} FROM Lead WHERE Email IN ({_quoted(some)})"):
                found.setdefault(row["Email"].casefold(), []).append(_record(row, fields))
        return {email: [each for each in of if not each.closed] or of[:1] for email, of in found.items()}

    @understood
    async def read(self, records: Sequence[str], fields: Sequence[str]) -> Mapping[str, Record]:
        """Leads by id; one that was merged is the one that it joined."""
        rows = await self._by_ids(records, fields)
        masters = {each: row["MasterRecordId"] for each, row in rows.items() if row["MasterRecordId"]}
        joined = await self._by_ids(sorted(set(masters.values())), fields) if masters else {}
        found = {each: joined.get(masters[each]) if each in masters else row for each, row in rows.items()}
        return {each: _record(row, fields) for each, row in found.items() if row and not row["IsDeleted"]}

    @understood
    async def write(self, changes: Sequence[Change]) -> Sequence[Written]:
        """Update leads by id, and make those that are not there by Baton's number of them."""
        done: dict[int, Written] = {}
        numbered = list(enumerate(changes))
        for known in (True, False):
            some = [(number, each) for number, each in numbered if (each.record is not None) is known]
            path = f"{API}/composite/sobjects" + ("" if known else f"/Lead/{self._external_id}")
            for start in range(0, len(some), AT_ONCE):
                part = some[start : start + AT_ONCE]
                body = {"allOrNone": False, "records": [self._row(each) for _, each in part]}
                results = (await self._call("PATCH", path, body=body)).body
                done |= {number: _written(result) for (number, _), result in zip(part, results, strict=True)}
        return [done[number] for number in range(len(changes))]

    @understood
    async def changes_since(self, feed: Feed, position: str, fields: Sequence[str]) -> Page:
        """What was modified after a position, the oldest first."""
        since, _, after = position.partition("|")
        names = ", ".join(dict.fromkeys((*_FEEDS[feed][1], *(fields if feed is Feed.RECORDS else ()))))
        later = f"(SystemModstamp > {since} OR (SystemModstamp = {since} AND Id > '{after}'))"
        where = " AND ".join(filter(None, (later, _FEEDS[feed][2])))
        order = f"ORDER BY SystemModstamp, Id LIMIT {PAGE}"
        rows = await self._query(f"SELECT {names} FROM {_FEEDS[feed][0]} WHERE {where} {order}")
        if feed is Feed.RECORDS:
            records, contacts = [_record(row, fields) for row in rows], []
        else:
            records, contacts = [], [each for row in rows if (each := _contact(feed, row)) is not None]
        if len(rows) == PAGE:
            last = rows[-1]
            return Page(
                f"{_soql(_moment(last['SystemModstamp']))}|{last['Id']}", records, contacts, more=True
            )
        moments = [_moment(row["SystemModstamp"]) - OVERLAP for row in rows]
        newest = max([_moment(since), *moments])
        return Page(f"{_soql(newest)}|", records, contacts)

    def start(self, now: datetime) -> str:
        """A moment as queries write it."""
        return f"{_soql(now)}|"

    def since(self, position: str) -> datetime:
        """The moment of a position."""
        return _moment(position.partition("|")[0])

    @property
    def told_at(self) -> datetime | None:
        """The moment of the last answer."""
        return self._caller.told_at

    async def time(self) -> datetime | None:
        """The moment of an answer."""
        return (await self._call("GET", f"{API}/sobjects/Lead/describe")).at

    @understood
    async def known_fields(self) -> Sequence[FieldInfo]:
        """The fields of a lead that the app's user sees."""
        body = (await self._call("GET", f"{API}/sobjects/Lead/describe")).body
        return [_field(each) for each in body["fields"]]

    @understood
    async def lacks(self) -> Sequence[str]:
        """Whether leads can be read and changed, and Baton's number of them has its field."""
        about = (await self._call("GET", f"{API}/sobjects/Lead/describe")).body
        verbs = {"queryable": "read", "updateable": "change", "createable": "make"}
        missing = [
            f"The app's user may not {verb} leads; allow it {_WHERE}."
            for key, verb in verbs.items()
            if not about.get(key)
        ]
        own = next((each for each in about["fields"] if each["name"] == self._external_id), None)
        if own is None or not own.get("externalId"):
            missing.append(
                f"Salesforce has no external ID {self._external_id}; make a text field of that name "
                f"{self.where_fields}, with External ID and Unique ticked."
            )
        return missing

    async def close(self) -> None:
        """Close the connections."""
        await self._login.close()
        await self._caller.close()

    # ---- how it is asked

    async def _no_headers(self) -> Mapping[str, str]:
        return {}

    async def _headers(self) -> Mapping[str, str]:
        if self._token is None:
            number, secret = self._client
            form = {"grant_type": "client_credentials", "client_id": number, "client_secret": secret}
            reply = await self._login.call("POST", TOKEN, form=form)
            if reply.status >= 400:
                why = reply.body.get("error_description", "") if isinstance(reply.body, dict) else ""
                raise CrmTrouble(f"Salesforce rejected the client in {self._variables}: {why}")
            self._token = str(reply.body["access_token"])
            before, self._org = self._org, _org_of(reply.body.get("id"))
            if before not in (None, self._org):
                raise CrmTrouble("Salesforce became another organisation; Baton looks at it anew")
        return {"authorization": f"Bearer {self._token}"}

    async def _call(self, method: str, path: str, *, body: Json = None, query: Any = None) -> Reply:
        """A call that must go well; an expired session is begun anew once. Raises CrmTrouble."""
        reply = await self._caller.call(method, path, body=body, query=query)
        if reply.status == 401:
            self._token = None
            reply = await self._caller.call(method, path, body=body, query=query)
        self._watch(reply)
        if reply.status < 400:
            return reply
        code, message = _error(reply.body)
        if code == "REQUEST_LIMIT_EXCEEDED":
            self._caller.hold(HELD_FOR, "Salesforce's API calls for today are used up")
            raise CrmTrouble("Salesforce's API calls for today are used up", HELD_FOR)
        if reply.status == 403 or code in ("INSUFFICIENT_ACCESS", "INVALID_TYPE"):
            raise CrmTrouble(f"The app's user may not do that: {message}; allow it {_WHERE}")
        raise CrmTrouble(f"Salesforce refused a call: {message}")

    def _watch(self, reply: Reply) -> None:
        """Leave the last tenth of the day's calls to others."""
        used, _, most = reply.headers.get("Sforce-Limit-Info", "").partition("api-usage=")[2].partition("/")
        if used.isdigit() and most.isdigit() and int(most) and int(used) >= STOP_AT * int(most):
            self._caller.hold(
                HELD_FOR, f"{used} of today's {most} Salesforce API calls are used; Baton waits"
            )

    async def _query(self, soql: str, *, deleted: bool = False) -> list[Json]:
        path = f"{API}/{'queryAll' if deleted else 'query'}"
        body = (await self._call("GET", path, query={"q": soql})).body
        rows, seen = list(body["records"]), set[str]()
        while not body["done"]:
            following = require_onward(self.title, body["nextRecordsUrl"], seen)
            body = (await self._call("GET", f"/{following.lstrip('/')}")).body
            rows += body["records"]
        return rows

    async def _by_ids(self, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for some in _parts([each for each in ids if each.isalnum() and len(each) in (15, 18)]):
            names = ", ".join(dict.fromkeys((*_OF_RECORD, *fields)))
            rows = await self._query(f"SELECT {names} FROM Lead WHERE Id IN ({_quoted(some)})", deleted=True)
            by_id = {row["Id"][:15]: row for row in rows}
            found |= {each: by_id[each[:15]] for each in some if each[:15] in by_id}
        return found

    def _row(self, change: Change) -> Json:
        row: dict[str, Any] = {"attributes": {"type": "Lead"}, **change.fields}
        if change.record is not None:
            return {**row, "id": change.record}
        return {**_named(change.person), **row, self._external_id: str(change.person.lead_id)}


_FEEDS: Mapping[Feed, tuple[str, tuple[str, ...], str]] = {
    Feed.RECORDS: ("Lead", _OF_RECORD, ""),
    Feed.MEETINGS: (
        "Event",
        (
            "Id",
            "WhoId",
            "Subject",
            "StartDateTime",
            "EndDateTime",
            "CreatedDate",
            "Owner.Email",
            "SystemModstamp",
        ),
        "WhoId != null",
    ),
    Feed.CALLS: (
        "Task",
        ("Id", "WhoId", "Subject", "CompletedDateTime", "Owner.Email", "SystemModstamp"),
        "TaskSubtype = 'Call' AND IsClosed = true AND WhoId != null",
    ),
}
"""Of each kind of change its object, the fields that are read, and what it must be."""


def _contact(feed: Feed, row: Json) -> Contact | None:
    """A call that was made; a meeting that is booked, or that has been held by the time it changed."""
    by, subject = (row.get("Owner") or {}).get("Email"), row.get("Subject")
    if feed is Feed.CALLS:
        at = row.get("CompletedDateTime") or row["SystemModstamp"]
        return Contact(row["WhoId"], TouchKind.CALL, _moment(at), by, subject)
    if not row.get("StartDateTime"):
        return None
    over = _moment(row.get("EndDateTime") or row["StartDateTime"]) <= _moment(row["SystemModstamp"])
    touch, at = (
        (TouchKind.MEETING, row["StartDateTime"]) if over else (TouchKind.MEETING_BOOKED, row["CreatedDate"])
    )
    return Contact(row["WhoId"], touch, _moment(at), by, subject)


def _org_of(identity: Any) -> str | None:
    """The organisation of an identity's address, `https://login.salesforce.com/id/00D…/005…`; its first 15
    letters are its id, and three more may follow."""
    parts = str(identity or "").split("/")
    return parts[-2][:15] if len(parts) > 2 and parts[-2].startswith("00D") else None


def _record(row: Json, fields: Sequence[str]) -> Record:
    """A lead. One that was converted is closed to changes, and is an opportunity if one came of it."""
    values = {name: _text(row.get(name)) for name in fields}
    converted = bool(row["IsConverted"])
    stage = (Stage.OPPORTUNITY if row.get("ConvertedOpportunityId") else Stage.SQL) if converted else None
    return Record(row["Id"], row.get("Email"), values, _moment(row["SystemModstamp"]), converted, stage)


def _written(result: Json) -> Written:
    if result["success"]:
        return Written(Did.WRITTEN, result["id"])
    code, message = _error(result["errors"])
    if code in _GONE:
        return Written(Did.GONE, why=message)
    if code in _FORBIDDEN:
        return Written(Did.REFUSED, why=f"{message}; allow it {_WHERE}, then crm replay")
    return Written(Did.CLOSED if code == _CLOSED else Did.REFUSED, why=message)


def _error(body: Json) -> tuple[str, str]:
    """The first error's code and message, in the two shapes that they come in."""
    first = body[0] if isinstance(body, list) and body else body if isinstance(body, dict) else {}
    code = first.get("errorCode") or first.get("statusCode") or ""
    return str(code), str(first.get("message") or code or "it did not say why")[:400]


def _field(each: Json) -> FieldInfo:
    options = tuple(value["value"] for value in each.get("picklistValues") or () if value.get("active", True))
    closed = each.get("type") == "picklist" and each.get("restrictedPicklist")
    longest = each.get("length") if each.get("type") in ("string", "textarea") else None
    return FieldInfo(
        each["name"], each["label"], bool(each["updateable"]), options if closed else (), longest or None
    )


def _named(person: Person) -> dict[str, str]:
    said = {
        "Email": person.email,
        "FirstName": person.first_name,
        "LastName": person.last_name or person.email,
        "Company": person.company or NOBODY,
    }
    return {name: value for name, value in said.items() if value}


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """What fits into one query."""
    unique = list(dict.fromkeys(values))
    for start in range(0, len(unique), ASKED_AT_ONCE):
        yield unique[start : start + ASKED_AT_ONCE]


def _quoted(values: Sequence[str]) -> str:
    """As a list in a query: nothing in a value ends it."""
    escaped = (each.replace("\\", "\\\\").replace("'", "\\'") for each in values)
    return ", ".join(f"'{each}'" for each in escaped)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _soql(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _moment(text: str) -> datetime:
    """A moment as Salesforce writes it: `2026-11-16T15:00:00.000+0000`."""
    return datetime.fromisoformat(text).astimezone(UTC)
