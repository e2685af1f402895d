"""How the API describes itself in OpenAPI: what each call takes and gives, with examples.

Only a description: leads are parsed by leadform, which also knows every alias of a field.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from bot.digest.stats import BY
from bot.leadform import LEAD_FIELDS, ActivityForm, LeadForm
from bot.lookups.api_lead import LeadDetails

FIELD_WORDS = {name: field.about for name, field in LEAD_FIELDS.items()}

_JANE = {
    "external_id": "hs-10442",
    "email": "jane@example.com",
    "first_name": "Jane",
    "last_name": "Roe",
    "title": "VP Engineering",
    "company": "Example Inc.",
    "employees": 500,
    "source": "webinar",
    "campaign": "q4-webinar",
    "activities": [{"type": "demo_request", "at": "2026-11-05T14:30:00Z"}],
}
_ANSWER = {
    "id": 17,
    "external_id": "hs-10442",
    "stage": "mql",
    "grade": "A1",
    "priority": "P1",
    "handoff_id": 9,
    "why": ["Senior title (+30)", "200+ employees (+40)", "Asked for a demo just now (+60)"],
    "reason": "demo_request",
    "notes": [],
}


class LeadAnswer(BaseModel):
    """What became of a lead: how it was judged, and its open handoff if it has one."""

    id: int
    external_id: str | None
    stage: str
    grade: str = Field(description="Letter of fit and digit of engagement, A1 to D3")
    priority: str
    handoff_id: int | None = Field(description="The open handoff; null while the lead is not with sales")
    why: list[str] = Field(description="The reasons for the grade, as people read them")
    reason: str = Field(description="Why it goes to sales, or why not")
    notes: list[str] = Field(description="What Baton read in a way you may not expect, in sentences")


class BatchResult(LeadAnswer):
    """One result of a batch: the status and the answer, or the status 422 and the faults."""

    status: int = Field(description="201 new, 200 already known, 422 refused")
    faults: list[Fault] = Field(description="Only with 422, and then in place of the answer")


class Fault(BaseModel):
    """A field that cannot be taken as it is, and what to do about it."""

    field: str
    message: str


class Faults(BaseModel):
    """Every field that is wrong with a record; nothing of it was stored."""

    faults: list[Fault]


class Problem(BaseModel):
    """Why a call was turned away, in one sentence."""

    detail: str


def lead_schema() -> dict[str, Any]:
    """The JSON schema of a lead as it may be sent, with the words of `FIELD_WORDS`."""
    schema = LeadForm.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    for name, described in schema["properties"].items():
        described["description"] = FIELD_WORDS[name]
    for name in ("stage", "activities"):  # written out: they would refer to definitions that are not there
        schema["properties"][name] = {"description": FIELD_WORDS[name], **_WRITTEN_OUT[name]}
    names = "Only email or external_id is required. Names may be any alias that a CSV import knows."
    return schema | {"title": "Lead", "description": names, "example": _JANE}


def activity_schema() -> dict[str, Any]:
    """The JSON schema of an activity as it may be sent; without `at` it happened just now."""
    schema = ActivityForm.model_json_schema()
    return schema | {"title": "Activity", "required": ["type"], "example": _JANE["activities"][0]}  # type: ignore[index]  # a list


_WRITTEN_OUT: dict[str, dict[str, Any]] = {
    "stage": {"type": "string", "example": "opportunity"},
    "activities": {"type": "array", "items": activity_schema()},
}


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _gives(description: str, model: Any, example: Any = None) -> dict[str, Any]:
    content = {"application/json": {"example": example}} if example else {}
    return {"description": description, "model": model, "content": content}


def _query(name: str, description: str, example: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "query", "description": description, "schema": schema, "example": example}


_ID = {
    "parameters": [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "Baton's number, or ext:<external_id>",
            "schema": {"type": "string"},
            "example": "ext:hs-10442",
        }
    ]
}
_FAULTY = {"faults": [{"field": "email", "message": "is missing; give an e-mail address or an external_id"}]}

_TOO_LONG = {413: _gives("The body is over 1 MB, or holds over 500 leads", Problem)}
_BAD = {422: _gives("Refused; every bad field is named", Faults, _FAULTY)}
_UNKNOWN = {404: _gives("No such lead", Problem)}

_ALWAYS: dict[int | str, dict[str, Any]] = {
    401: _gives("The token is missing or unknown", Problem),
    403: _gives("Intake over HTTP is off", Problem),
    429: _gives("Over 50 calls a second; try again after Retry-After seconds", Problem),
    503: _gives("The database is away and nothing was stored; try again after Retry-After seconds", Problem),
}

LEADS: dict[str, Any] = {"responses": _ALWAYS}
POST_LEAD: dict[str, Any] = {
    "summary": "Send one lead",
    "description": "It is stored, scored by the agreement and handed off if it qualifies. What is sent "
    "again updates the lead; fields that are left out stay as they are.",
    "status_code": 201,
    "response_model": None,
    "responses": {
        201: _gives("A new lead", LeadAnswer, _ANSWER),
        200: _gives("A known lead, updated and scored again", LeadAnswer, _ANSWER),
        **_TOO_LONG,
        **_BAD,
    },
    "openapi_extra": _takes(lead_schema()),
}
POST_BATCH: dict[str, Any] = {
    "summary": "Send up to 500 leads",
    "description": "Each is scored on its own. If the database goes away half-way, the answer is 503: "
    "send the batch again, and what was stored is only updated.",
    "status_code": 207,
    "response_model": None,
    "responses": {
        207: _gives("One result for each lead, in order", list[BatchResult], [{"status": 201, **_ANSWER}]),
        **_TOO_LONG,
        **_BAD,
    },
    "openapi_extra": _takes({"type": "array", "maxItems": 500, "items": lead_schema()}),
}
GET_LEAD: dict[str, Any] = {
    "summary": "Read a lead and its history",
    "description": "With its handoffs, clocks and events. All moments are ISO 8601 in UTC.",
    "response_model": None,
    "responses": {200: _gives("The lead", LeadDetails), **_UNKNOWN},
    "openapi_extra": _ID,
}
POST_ACTIVITY: dict[str, Any] = {
    "summary": "Add an activity of a lead",
    "description": "The same type at the same moment counts once. One that qualifies an inquiry "
    "hands it off.",
    "status_code": 201,
    "response_model": None,
    "responses": {
        201: _gives("Noted", LeadAnswer, _ANSWER),
        200: _gives("Already known", LeadAnswer, _ANSWER),
        **_UNKNOWN,
        **_TOO_LONG,
        **_BAD,
    },
    "openapi_extra": _takes(activity_schema()) | _ID,
}
_BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml")
POST_INTAKE: dict[str, Any] = {
    "summary": "Send leads as your tool does",
    "description": "To a source of the agreement's `[[intake]]`, signed the way its tool signs. A side field "
    "that cannot be read is left out, and the lead is taken. What is refused is kept.",
    "status_code": 201,
    "response_model": None,
    "responses": {
        201: _gives("A new lead", LeadAnswer, _ANSWER),
        200: _gives("A known lead, a test lead, or one that sending again would not help", LeadAnswer),
        207: _gives("Several leads: one result for each, in order", list[BatchResult]),
        401: _gives("The request does not prove where it comes from", Problem),
        403: _gives("A page that is not among the source's origins", Problem),
        404: _gives("No such source", Problem),
        **_TOO_LONG,
        **_BAD,
        429: _ALWAYS[429],
        503: _ALWAYS[503],
    },
    "openapi_extra": {"requestBody": {"content": {kind: {"schema": {}} for kind in _BODIES}}},
}
_BY = ", ".join(one for one in BY if one)
GET_STATS: dict[str, Any] = {
    "summary": "What both sides did between two days",
    "description": "Counts and rates by the day of the handoff; a rate below n = 10 is null. Without days: "
    "the last 28. `data_since` is the first day with data; a count of 0 before it says nothing.",
    "response_model": None,
    "responses": {422: {"description": "A wrong day or grouping; the answer says why"}},
    "openapi_extra": {
        "parameters": [
            _query("from", "The first day", "2026-11-01"),
            _query("to", "The last day", "2026-11-15"),
            _query("by", f"Nothing, or one of {_BY}", "team"),
        ]
    },
}
