"""How HubSpot writes contacts, owners, properties, moments and refusals, and how it takes changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.crm.calling import Json, Reply
from bot.crm.port import Change, Did, FieldInfo, Owner, Person, Record, Written


def input_of(by: str, change: Change) -> Json:
    """One change as a batch takes it, for the record that is named by its id or by its address."""
    values = {name: value or "" for name, value in change.fields.items()}
    if by == "id":
        return {"id": change.record, "properties": values}
    return {
        "id": change.person.email,
        "idProperty": "email",
        "properties": {**_named(change.person), **values},
    }


def _named(person: Person) -> dict[str, str]:
    said = {
        "email": person.email,
        "firstname": person.first_name,
        "lastname": person.last_name,
        "company": person.company,
    }
    return {name: value for name, value in said.items() if value}


def key_of(result: Json, key: str) -> str:
    """By what a result of a batch is known again: its id, or its address in small letters."""
    return str(result["id"]) if key == "id" else str(result["properties"].get("email") or "").casefold()


def failures_of(body: Json) -> dict[str, Written]:
    """What a batch says of those that it did not take, by the id under which they were sent."""
    found: dict[str, Written] = {}
    for error in body.get("errors") or ():
        gone = error.get("category") == "OBJECT_NOT_FOUND"
        for each in (error.get("context") or {}).get("ids", ()):
            why = Written(Did.GONE if gone else Did.REFUSED, why=message_of(error))
            found[str(each)] = found[str(each).casefold()] = why
    return found


def refusal_of(reply: Reply) -> Written:
    """What became of a change that was refused by itself."""
    gone = reply.status == 404 or (
        isinstance(reply.body, dict) and reply.body.get("category") == "OBJECT_NOT_FOUND"
    )
    return Written(Did.GONE if gone else Did.REFUSED, why=message_of(reply.body))


def message_of(body: Json) -> str:
    """Why, in HubSpot's words."""
    return (
        str(body.get("message") or "it did not say why")[:400]
        if isinstance(body, dict)
        else "it did not say why"
    )


def missing_scopes(body: Json) -> str:
    """Which scopes an answer says are missing."""
    named = [
        scope
        for error in (body.get("errors") or () if isinstance(body, dict) else ())
        for key in ("requiredGranularScopes", "requiredScopes")
        for scope in (error.get("context") or {}).get(key, ())
    ]
    return f"it lacks the scope {' or '.join(dict.fromkeys(named))}" if named else message_of(body)


def record_of(result: Json, fields: Sequence[str]) -> Record:
    """A contact as HubSpot shows it. One without a moment of change is as old as can be."""
    said = result["properties"]
    modified = moment_of(said.get("lastmodifieddate") or result.get("updatedAt")) or datetime(
        1970, 1, 1, tzinfo=UTC
    )
    values = {name: said.get(name) or None for name in fields}
    return Record(str(result["id"]), said.get("email"), values, modified)


def merged_into(result: Json) -> list[str]:
    """The ids of the contacts that were merged into this one."""
    return [each for each in (result["properties"].get("hs_merged_object_ids") or "").split(";") if each]


def owner_of(each: Json, *, active: bool) -> Owner:
    """An owner as HubSpot shows one."""
    name = " ".join(part for part in (each.get("firstName"), each.get("lastName")) if part)
    return Owner(str(each["id"]), each.get("email") or "", name or each.get("email") or "", active)


def field_of(each: Json) -> FieldInfo:
    """A property, and the values that it takes where it takes no others."""
    about = each.get("modificationMetadata") or {}
    writable = not (about.get("readOnlyValue") or each.get("calculated"))
    options = tuple(option["value"] for option in each.get("options") or ())
    closed = each.get("type") == "enumeration" and not each.get("externalOptions")
    return FieldInfo(each["name"], each.get("label") or each["name"], writable, options if closed else ())


def millis(moment: datetime) -> str:
    """A moment as a search takes it: in milliseconds."""
    return str(int(moment.timestamp() * 1000))


def moment_of(text: Any) -> datetime | None:
    """A moment as HubSpot writes it: ISO, or milliseconds."""
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
