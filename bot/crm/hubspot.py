"""HubSpot: contacts, their owners, meetings and calls, over REST with the token of a private app.

Paths, limits and shapes are those of HubSpot's API of 2026-03.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.crm.calling import Caller, Json, Pace, Reply, require_onward, understood
from bot.crm.hubspot_records import (
    failures_of,
    field_of,
    input_of,
    key_of,
    merged_into,
    message_of,
    millis,
    missing_scopes,
    moment_of,
    owner_of,
    record_of,
    refusal_of,
)
from bot.crm.port import (
    Change,
    Contact,
    CrmTrouble,
    Did,
    Feed,
    FieldInfo,
    Owner,
    Page,
    Record,
    Written,
)
from storage.models import TouchKind

BASE = "https://api.hubapi.com"
CONTACTS = "/crm/objects/2026-03/contacts"
OWNERS = "/crm/owners/2026-03"
PROPERTIES = "/crm/properties/2026-03/contacts"
ACCOUNT = "/account-info/2026-03/details"
TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"

AT_ONCE = 100
"""Records that one batch may hold."""
CALLS, WITHIN = 190, 10.0
"""Calls of an app in so many seconds."""
SEARCHES, SEARCHES_WITHIN = 5, 1.1
"""Searches of an account in a second."""
PAGE = 100
DEEPEST = 9_900
"""A search shows no more than its first 10,000 finds."""
OVERLAP = timedelta(seconds=60)
"""How late a change may come to stand in the search."""

SCOPES: Final = (
    *("crm.objects.contacts.read", "crm.objects.contacts.write"),
    *("crm.schemas.contacts.read", "crm.objects.owners.read"),
)
_WHERE = "in HubSpot under Settings → Integrations → Private apps (or Legacy apps) → your app → Scopes"
_OF_RECORD = ("email", "lastmodifieddate", "hs_merged_object_ids")
_MEETING = ("hs_meeting_title", "hs_meeting_start_time", "hs_meeting_outcome", "hs_createdate")
_CALL = ("hs_call_title", "hs_timestamp", "hs_call_status")
_WITH_OWNER = ("hubspot_owner_id", "hs_lastmodifieddate")
_MEETING_OUTCOMES: Mapping[str, TouchKind] = {
    "SCHEDULED": TouchKind.MEETING_BOOKED,
    "RESCHEDULED": TouchKind.MEETING_BOOKED,
    "COMPLETED": TouchKind.MEETING,
    "NO_SHOW": TouchKind.NO_SHOW,
}


class HubSpot:
    """One HubSpot account, as its token reaches it."""

    title = "HubSpot"
    where_fields = "in HubSpot under Settings → Properties → Contact properties"
    to_tell_account = f"Add the scope oauth {_WHERE}."
    feeds = (Feed.CALLS, Feed.MEETINGS, Feed.RECORDS)

    def __init__(self, token: str, token_env: str, base: str = BASE) -> None:
        self._token, self._token_env = token, token_env
        self._caller = Caller(self.title, base, self._headers)
        self._pace, self._search_pace = Pace(CALLS, WITHIN), Pace(SEARCHES, SEARCHES_WITHIN)
        self._emails: dict[str, str] = {}
        self._account: str | None = None

    @understood
    async def account(self) -> str | None:
        """The portal that the token is of: always the same, so it is asked for once."""
        if self._account is None:
            reply = await self._caller.call("GET", ACCOUNT, pace=self._pace)
            if reply.status == 401:
                self._require_token(reply)
            if reply.status < 400:
                self._account = str(reply.body["portalId"])
        return self._account

    @understood
    async def owners(self) -> Sequence[Owner]:
        """Current owners, and those whose account was taken away."""
        found: list[Owner] = []
        for archived in ("false", "true"):
            query, seen = {"limit": "500", "archived": archived}, set[str]()
            while True:
                body = (await self._call("GET", OWNERS, query=query)).body
                found += [owner_of(each, active=archived == "false") for each in body["results"]]
                if (after := _after(body)) is None:
                    break
                query = {**query, "after": require_onward(self.title, after, seen)}
        self._emails = {each.id: each.email for each in reversed(found)}
        return found

    @understood
    async def find(self, emails: Sequence[str], fields: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Contacts by their address; HubSpot has at most one of each."""
        found = await self._batch_read([each.casefold() for each in emails], fields, by="email")
        return {each.email.casefold(): (each,) for each, _ in found if each.email}

    @understood
    async def read(self, records: Sequence[str], fields: Sequence[str]) -> Mapping[str, Record]:
        """Contacts by id; the one that others were merged into stands for those too."""
        found = await self._batch_read(list(filter(str.isdecimal, records)), fields)  # else it refuses all
        wanted = set(records)
        known = {former: each for each, merged in found for former in merged if former in wanted}
        return known | {each.id: each for each, _ in found}

    @understood
    async def write(self, changes: Sequence[Change]) -> Sequence[Written]:
        """Update contacts by id, and make those that are not there by their address."""
        done: dict[int, Written] = {}
        for by, some in _in_kinds(changes):
            for start in range(0, len(some), AT_ONCE):
                done |= await self._write(by, some[start : start + AT_ONCE])
        return [done[number] for number in range(len(changes))]

    @understood
    async def changes_since(self, feed: Feed, position: str, fields: Sequence[str]) -> Page:
        """What was modified after a position, by search."""
        since, _, after = position.partition("|")
        if feed is Feed.RECORDS:
            body = await self._search(CONTACTS, "lastmodifieddate", since, after, [*_OF_RECORD, *fields])
            records = [record_of(each, fields) for each in body["results"]]
            return _page(body, since, "lastmodifieddate", records=records)
        kind, properties = ("meetings", _MEETING) if feed is Feed.MEETINGS else ("calls", _CALL)
        path = f"/crm/objects/2026-03/{kind}"
        body = await self._search(path, "hs_lastmodifieddate", since, after, [*properties, *_WITH_OWNER])
        contacts = await self._contacts(kind, body["results"])
        return _page(body, since, "hs_lastmodifieddate", contacts=contacts)

    def start(self, now: datetime) -> str:
        """A moment, in milliseconds."""
        return str(int(now.timestamp() * 1000))

    def since(self, position: str) -> datetime:
        """The moment of a position."""
        return datetime.fromtimestamp(int(position.partition("|")[0]) / 1000, UTC)

    @property
    def told_at(self) -> datetime | None:
        """The moment of the last answer."""
        return self._caller.told_at

    async def time(self) -> datetime | None:
        """The moment of an answer."""
        return (await self._call("GET", OWNERS, query={"limit": "1", "archived": "false"})).at

    @understood
    async def known_fields(self) -> Sequence[FieldInfo]:
        """The properties of a contact."""
        body = (await self._call("GET", PROPERTIES)).body
        return [field_of(each) for each in body["results"]]

    @understood
    async def lacks(self) -> Sequence[str]:
        """The scopes that the token was not granted."""
        reply = await self._caller.call("POST", TOKEN_INFO, body={"tokenKey": self._token}, pace=self._pace)
        self._require_token(reply)
        if reply.status >= 400:  # no private app's token: what is missing shows as it is used
            return ()
        granted = set(reply.body.get("scopes", ()))
        return [
            f"The token lacks the scope {each}; add it {_WHERE}." for each in SCOPES if each not in granted
        ]

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()

    # ---- how it is asked

    async def _headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._token}"}

    async def _call(
        self, method: str, path: str, *, body: Json = None, query: Any = None, patient: bool = False
    ) -> Reply:
        """A call that must go well. Raises CrmTrouble."""
        reply = await self._caller.call(
            method, path, body=body, query=query, pace=self._pace, patient=patient
        )
        self._require_token(reply)
        if reply.status >= 400:
            raise CrmTrouble(f"HubSpot refused {path}: {message_of(reply.body)}")
        return reply

    def _require_token(self, reply: Reply) -> None:
        if reply.status == 401:
            raise CrmTrouble(f"HubSpot rejected the token; put the app's access token into {self._token_env}")
        if reply.status == 403:
            raise CrmTrouble(f"The token may not do that: {missing_scopes(reply.body)}; add it {_WHERE}")

    async def _batch_read(
        self, ids: Sequence[str], fields: Sequence[str], by: str | None = None
    ) -> list[tuple[Record, list[str]]]:
        """The contacts that are there, each with the ids of those that were merged into it."""
        found: list[tuple[Record, list[str]]] = []
        unique = list(dict.fromkeys(ids))
        for start in range(0, len(unique), AT_ONCE):
            inputs = [{"id": each} for each in unique[start : start + AT_ONCE]]
            body = {"inputs": inputs, "properties": [*_OF_RECORD, *fields], "propertiesWithHistory": []}
            reply = await self._call(
                "POST", f"{CONTACTS}/batch/read", body=body | ({"idProperty": by} if by else {})
            )
            found += [(record_of(each, fields), merged_into(each)) for each in reply.body["results"]]
        return found

    async def _write(self, by: str, some: Sequence[tuple[int, Change]]) -> dict[int, Written]:
        """One batch. Of one that is refused as a whole each half is tried, down to what is at fault."""
        path = f"{CONTACTS}/batch/{'update' if by == 'id' else 'upsert'}"
        body = {"inputs": [input_of(by, change) for _, change in some]}
        reply = await self._caller.call("POST", path, body=body, pace=self._pace)
        self._require_token(reply)
        if reply.status >= 400:
            if len(some) == 1:
                return {some[0][0]: refusal_of(reply)}
            middle = len(some) // 2
            return await self._write(by, some[:middle]) | await self._write(by, some[middle:])
        key = "id" if by == "id" else "email"
        made = {key_of(each, key): str(each["id"]) for each in reply.body["results"]}
        failed = failures_of(reply.body)
        done: dict[int, Written] = {}
        for number, change in some:
            wanted = change.record if by == "id" else (change.person.email or "").casefold()
            record = made.get(wanted or "")
            why = failed.get(
                wanted or "", Written(Did.GONE if by == "id" else Did.REFUSED, why="it did not say")
            )
            done[number] = Written(Did.WRITTEN, record) if record else why
        return done

    async def _search(self, path: str, by: str, since: str, after: str, properties: Sequence[str]) -> Json:
        await self._search_pace.wait()
        body = {
            "filterGroups": [{"filters": [{"propertyName": by, "operator": "GTE", "value": since}]}],
            "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": PAGE,
            **({"after": after} if after else {}),
        }
        return (await self._call("POST", f"{path}/search", body=body, patient=True)).body  # all share 5/s

    async def _contacts(self, kind: str, found: Sequence[Json]) -> Sequence[Contact]:
        """Meetings or calls as contact with each of the contacts that they are associated with."""
        told = {str(each["id"]): each["properties"] for each in found}
        if not told:
            return ()
        if not self._emails:
            await self.owners()
        path = f"/crm/associations/2026-03/{kind}/contacts/batch/read"
        body = (await self._call("POST", path, body={"inputs": [{"id": each} for each in told]})).body
        return [
            contact
            for result in body["results"]
            for other in result["to"]
            if (contact := self._contact(kind, told[str(result["from"]["id"])], str(other["toObjectId"])))
        ]

    def _contact(self, kind: str, said: Json, record: str) -> Contact | None:
        by = self._emails.get(said.get("hubspot_owner_id") or "")
        if kind == "calls":
            if said.get("hs_call_status") not in (None, "", "COMPLETED"):
                return None
            at = moment_of(said.get("hs_timestamp"))
            return Contact(record, TouchKind.CALL, at, by, said.get("hs_call_title")) if at else None
        touch = _MEETING_OUTCOMES.get(said.get("hs_meeting_outcome") or "SCHEDULED")
        booked = touch is TouchKind.MEETING_BOOKED
        at = moment_of(said.get("hs_createdate" if booked else "hs_meeting_start_time"))
        return Contact(record, touch, at, by, said.get("hs_meeting_title")) if touch and at else None


def _in_kinds(changes: Sequence[Change]) -> Iterator[tuple[str, list[tuple[int, Change]]]]:
    numbered = list(enumerate(changes))
    yield "id", [(number, each) for number, each in numbered if each.record]
    yield "email", [(number, each) for number, each in numbered if not each.record]


def _after(body: Json) -> str | None:
    found = ((body.get("paging") or {}).get("next") or {}).get("after")
    return None if found is None else str(found)


def _page(
    body: Json,
    since: str,
    by: str,
    *,
    records: Sequence[Record] = (),
    contacts: Sequence[Contact] = (),
) -> Page:
    """The page, and where the next begins: in the same search, or at its last change less the overlap."""
    results = body["results"]
    last = moment_of(results[-1]["properties"].get(by)) if results else None
    following = _after(body)
    if following is not None and int(following) <= DEEPEST:
        return Page(f"{since}|{following}", records, contacts, more=True)
    if following is not None and last is not None:
        return Page(millis(last), records, contacts, more=True)
    newest = max(int(since), int(millis(last - OVERLAP))) if last is not None else int(since)
    return Page(str(newest), records, contacts)
