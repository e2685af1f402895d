"""From a record under anybody's column names to a LeadForm, or to every fault in it at once.

One value at a time is values.py's; here is which column wins, what counts as empty, and how fields act on
each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.leadform import values
from bot.leadform.aliases import field_of, is_canonical, simplify
from bot.leadform.keys import host_of
from bot.leadform.model import ActivityForm, FieldFault, LeadFaults, LeadForm
from bot.leadform.values import BadValue
from storage.models import Stage

_MOST_ACTIVITIES = 500
_LONGEST_KEY = 100
_AHEAD = timedelta(days=1)  # how far a sender's clock may run before ours

# What exports write where there is nothing. Not for plain text: a person may be called Null.
_NOTHING = frozenset({"n/a", "na", "null", "none", "nil", "unknown", "not set", "-", "--", "?", "(blank)"})

_TEXTS = {
    **dict.fromkeys(
        ("first_name", "last_name", "title", "phone", "company", "industry", "country", "region", "source"),
        values.line,
    ),
    **dict.fromkeys(("campaign", "owner"), values.line),
    "notes": values.notes,
}


def _company_size(value: Any) -> tuple[int, str | None] | None:
    """A head count, or None for the many words there are for a size ("Mid-market")."""
    try:
        return values.employees(value)
    except BadValue:
        return None


_EXACT: dict[str, Callable[[Any], Any]] = {
    "external_id": values.external_id,
    "email": values.email,
    "domain": lambda value: host_of(values.as_text(value)),
    "employees": values.employees,
    "company_size": _company_size,
    "amount": values.amount,
    "currency": values.currency,
    "crm_url": values.crm_url,
    "qualified": values.yes_no,
    "stage": values.stage,
    "closed_at": values.moment,
    "activity_at": values.moment,
}
_READERS = _TEXTS | _EXACT | {"activity_detail": values.notes, "name": values.line, "id": values.external_id}

_ACTIVITY_KEYS = {
    "type": ("type", "activity", "activitytype", "event", "kind", "name"),
    "at": ("at", "date", "time", "timestamp", "when", "occurredat", "createdat", "activitydate"),
    "detail": ("detail", "details", "description", "note", "notes", "subject", "comment"),
}
_ACTIVITY_FIELDS = {alias: field for field, aliases in _ACTIVITY_KEYS.items() for alias in aliases}


class _Reading:
    """One record being read: what is told under which header, what came of it, what was wrong with it."""

    def __init__(self, raw: Mapping[Any, Any], now: datetime) -> None:
        self.now = now
        self.told: dict[str, tuple[str, Any]] = {}
        self.extra: dict[str, str] = {}
        self.form: dict[str, Any] = {}
        self.faults: list[FieldFault] = []
        for key, value in raw.items():
            self._sort(values.cut(values.clean(str(key)), _LONGEST_KEY), value)

    def _sort(self, header: str, value: Any) -> None:
        field = field_of(header)
        if field == "extra" and isinstance(value, Mapping):
            for key, each in value.items():
                self.keep(values.cut(values.clean(str(key)), _LONGEST_KEY), each)
        elif _is_blank(value, exact=field in _EXACT):
            return
        elif field is None or field == "extra":
            self.keep(header, value)
        elif field not in self.told:
            self.told[field] = (header, value)
        elif is_canonical(header, field) and not is_canonical(self.told[field][0], field):
            self._keep_other(*self.told[field], winner=value)
            self.told[field] = (header, value)
        else:
            self._keep_other(header, value, winner=self.told[field][1])

    def keep(self, header: str, value: Any) -> None:
        """Keeps what is no field of a lead, under the sender's own name for it."""
        if not _is_blank(value):
            self.extra.setdefault(header or "unnamed", values.any_text(value))

    def _keep_other(self, header: str, value: Any, *, winner: Any) -> None:
        if values.any_text(value) != values.any_text(winner):
            self.keep(header, value)

    def fault(self, field: str, problem: BadValue) -> None:
        """Notes what is wrong with one field."""
        self.faults.append(FieldFault(field, str(problem)))

    def set_aside(self, field: str) -> None:
        """Keeps a field's value as the sender's own, because it does not say what the field means."""
        header, value = self.told[field]
        self.form.pop(field, None)
        self.keep(header, value)

    def read_fields(self) -> None:
        """Reads every told field that stands for itself."""
        for field, (_, value) in self.told.items():
            if field in _READERS:
                try:
                    self.form[field] = _READERS[field](value)
                except BadValue as problem:
                    self.fault(field, problem)

    def finish(self) -> LeadForm:
        """The form, or LeadFaults with everything that was wrong."""
        if not self.told.keys() & {"email", "external_id"}:
            self.fault("email", BadValue("is missing; give an e-mail address or an external_id"))
        if self.faults:
            raise LeadFaults(self.faults)
        if self.extra:
            self.form["extra"] = self.extra
        return LeadForm(**{field: value for field, value in self.form.items() if value is not None})


def _is_blank(value: Any, *, exact: bool = False) -> bool:
    if isinstance(value, str):
        text = values.clean(value)
        return not text or (exact and text.casefold() in _NOTHING)
    return value is None or (isinstance(value, (list, tuple, dict)) and not value)


def _settle_identity(reading: _Reading) -> None:
    """A bare `id` may be a row number: it counts only where nothing else says who this is."""
    if "id" in reading.told:
        if reading.told.keys() & {"email", "external_id"}:
            reading.set_aside("id")
        else:
            reading.told["external_id"] = reading.told.pop("id")
            if "id" in reading.form:
                reading.form["external_id"] = reading.form.pop("id")


def _settle_name(reading: _Reading) -> None:
    name = reading.form.pop("name", None)
    if name is None:
        return
    if reading.form.keys() & {"first_name", "last_name"}:
        if name != " ".join(filter(None, map(reading.form.get, ("first_name", "last_name")))):
            reading.set_aside("name")
        return
    last, comma, first = name.partition(", ")
    if not comma:
        first, _, last = name.rpartition(" ")
    parts = {"first_name": first, "last_name": last} if first else {"first_name": last}
    reading.form |= {field: part for field, part in parts.items() if part}


def _settle_numbers(reading: _Reading) -> None:
    size = reading.form.pop("company_size", None)
    if size and "employees" not in reading.told:
        reading.form["employees"] = size
    elif "company_size" in reading.told:
        reading.set_aside("company_size")
    if "employees" in reading.form:
        reading.form["employees"], as_written = reading.form["employees"]
        if as_written:
            reading.extra["employees"] = as_written
    if "amount" in reading.form:
        reading.form["amount"], unit = reading.form["amount"]
        if unit and "currency" not in reading.told:
            reading.form["currency"] = unit


def _settle_domain(reading: _Reading) -> None:
    """A website that is none ("coming soon") is worth showing, and no reason to refuse a lead."""
    if "domain" in reading.form and reading.form["domain"] is None:
        reading.set_aside("domain")


def _settle_close(reading: _Reading) -> None:
    """A close that lies ahead is a forecast, unless the record also says that it has happened."""
    closed_at = reading.form.get("closed_at")
    if closed_at is None or closed_at <= reading.now + _AHEAD:
        return
    if reading.form.get("stage") in (Stage.WON, Stage.LOST, Stage.DISQUALIFIED):
        reading.fault("closed_at", BadValue("lies in the future; write when it was closed"))
    else:
        reading.set_aside("closed_at")


def _settle_activities(reading: _Reading) -> None:
    at = reading.form.pop("activity_at", None)
    detail = reading.form.pop("activity_detail", None)
    if "activities" not in reading.told:
        for field in {"activity_at", "activity_detail"} & reading.told.keys():
            reading.set_aside(field)
        return
    try:
        items = _activity_items(reading.told["activities"][1], at or reading.now, detail)
    except BadValue as problem:
        reading.fault("activities", problem)
        return
    if not items:
        reading.set_aside("activities")
    activities = []
    for number, item in enumerate(items):
        try:
            activities.append(read_activity(item, now=reading.now))
        except LeadFaults as bad:
            reading.faults += [FieldFault(f"activities[{number}].{f.field}", f.message) for f in bad.faults]
    if activities:
        reading.form["activities"] = tuple(activities)


def _activity_items(value: Any, at: datetime, detail: str | None) -> list[Any]:
    """The activities in a list, an object, JSON text, or a cell like "demo_request; webinar @ 2026-09-30"."""
    if isinstance(value, str):
        text = values.clean(value, lines=True)
        value = _json_cell(text) if text.startswith(("[", "{")) else _plain_cell(text, at, detail)
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise BadValue('must be a list like [{"type": "demo_request", "at": "2026-11-05T14:30:00Z"}]')
    if len(value) > _MOST_ACTIVITIES:
        raise BadValue(f"are more than {_MOST_ACTIVITIES}; send the newest, or several records")
    return [{"type": item} if isinstance(item, str) else item for item in value]


def _json_cell(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadValue('is not valid JSON; write [{"type": "demo_request"}] or only demo_request') from None


def _plain_cell(text: str, at: datetime, detail: str | None) -> list[dict[str, Any]]:
    """Types without a letter in front are dates or counts under the same heading: no activities."""
    parts = (part.partition("@") for part in re.split(r"[;,|\n]", text))
    return [
        {"type": name, "at": when.strip() or at, "detail": detail}
        for name, _, when in parts
        if name.strip()[:1].isalpha()
    ]


def read_activity(raw: object, *, now: datetime) -> ActivityForm:
    """One activity, `{"type", "at", "detail"}`; without `at` it happened `now`.

    Keys that it does not know are kept in the detail. Raises LeadFaults naming every bad field.
    """
    if not isinstance(raw, Mapping):
        raise LeadFaults([FieldFault("type", 'is missing; write an object like {"type": "demo_request"}')])
    told: dict[str, Any] = {}
    others: list[str] = []
    for key, value in raw.items():
        name = values.cut(values.clean(str(key)), _LONGEST_KEY)
        field = _ACTIVITY_FIELDS.get(simplify(name))
        if _is_blank(value, exact=field == "at"):
            continue
        if field is None or field in told:
            others.append(f"{name}: {values.any_text(value)}")
        else:
            told[field] = value
    detail = "\n".join([*([values.any_text(told["detail"])] if "detail" in told else []), *others])
    return _checked_activity(told, values.cut(detail, values.LONGEST_TEXT) or None, now)


def _checked_activity(told: Mapping[str, Any], detail: str | None, now: datetime) -> ActivityForm:
    faults: list[FieldFault] = []
    kind, at = "", now
    try:
        if "type" not in told:
            raise BadValue("is missing; write what happened, like demo_request")
        kind = values.activity_type(told["type"])
    except BadValue as problem:
        faults.append(FieldFault("type", str(problem)))
    try:
        at = values.moment(told["at"]) if "at" in told else now
        if at > now + _AHEAD:
            raise BadValue("lies in the future; write when it happened, or leave it out for now")
    except BadValue as problem:
        faults.append(FieldFault("at", str(problem)))
    if faults:
        raise LeadFaults(faults)
    return ActivityForm(type=kind, at=at, detail=detail)


def read_lead(raw: object, *, now: datetime) -> LeadForm:
    """One lead from a mapping of names to values, as JSON or a CSV row gives it.

    Names may be any alias of a field. Where two of them name one field its own name wins, then the first that
    is not empty; what loses, and what is no field at all, is kept in `extra`. An empty value is an unset
    field. Raises LeadFaults naming every bad field.
    """
    if not isinstance(raw, Mapping):
        raise LeadFaults([FieldFault("lead", 'must be an object like {"email": "jane@example.com"}')])
    reading = _Reading(raw, now)
    reading.read_fields()
    for settle in (
        _settle_identity,
        _settle_name,
        _settle_numbers,
        _settle_domain,
        _settle_close,
        _settle_activities,
    ):
        settle(reading)
    return reading.finish()
