"""From a record under anybody's column names to a LeadForm, or to every fault in it at once.

One value at a time is values.py's; here is which column wins, what counts as empty, and how fields act on
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.agreement.matching import simplify
from bot.leadform import values
from bot.leadform.activities import read_activities, summaries
from bot.leadform.aliases import field_of, is_canonical
from bot.leadform.blanks import is_blank
from bot.leadform.bystanders import may_be_ours, ours
from bot.leadform.countries import country_code
from bot.leadform.faults import FieldFault, LeadFaults
from bot.leadform.fields import LEAD_FIELDS
from bot.leadform.model import ActivityForm, LeadForm
from bot.leadform.secrets import is_secret, without_secrets
from bot.leadform.sources import source_and_origin
from bot.leadform.stages import status
from bot.leadform.values import BadValue
from bot.memory import remembered
from storage.models import Stage

_LONGEST_KEY = 100
_AHEAD = timedelta(days=1)  # a close may lie so far ahead of our clock

_PERSON = frozenset({"first_name", "last_name", "name"})


def _company_size(value: Any) -> tuple[int, str | None] | None:
    """A head count, or None for the many words there are for a size ("Mid-market")."""
    try:
        return values.employees(value)
    except BadValue:
        return None


# What is no field of a lead by itself and is folded into one.
_FOLDED: dict[str, Callable[[Any], Any]] = {
    "company_size": _company_size,
    "status": status,
    "activity_at": values.any_moment,
    "activity_detail": values.notes,
    "name": values.line,
    "id": values.external_id,
}
_EXACT = {name for name, field in LEAD_FIELDS.items() if field.exact and field.read is not None} | {
    *("company_size", "status", "activity_at"),
}
_READERS = {name: field.read for name, field in LEAD_FIELDS.items() if field.read is not None} | _FOLDED


IDENTIFIED = ("email", "external_id")
"""The fields of which a record has to have one, wherever an id alone names somebody."""
SEEN = ("email", "phone", "first_name", "last_name")
"""The fields of which a record has to have one where nobody would see a lead that is an id alone."""
MOST_OTHERS = 1_000
"""Fields that Baton does not know are kept of a lead up to so many."""
_CALLED = {
    "email": "an e-mail address",
    "external_id": "an external_id",
    "phone": "a phone number",
    "last_name": "a name",
}


@remembered(2048)
def _header(key: str) -> str:
    return values.cut(values.clean(key), _LONGEST_KEY)


@remembered(2048)
def _place(key: str) -> tuple[str, str | None, bool, bool, bool]:
    """The header of a key, the field that it means, what `is_blank` is to know of that, and whether it may be
    about a user of the sender's tool."""
    header = _header(key)
    field = field_of(header)
    return header, field, field in _EXACT, field in _PERSON, may_be_ours(header)


class _Reading:
    """One record being read: what is told under which header, what came of it, what was wrong with it."""

    def __init__(self, raw: Mapping[Any, Any], now: datetime, aside: list[FieldFault] | None) -> None:
        self.now = now
        self.aside = aside
        self.told: dict[str, tuple[str, Any]] = {}
        self.sources: list[tuple[str, Any]] = []
        self.summaries: list[tuple[str, Any]] = []
        self.remarks: list[str] = []
        self.extra: dict[str, str] = {}
        self.left_out = 0
        self.secret = 0
        self.form: dict[str, Any] = {}
        self.faults: list[FieldFault] = []
        users: list[tuple[str, str, Any]] = []
        for key, value in raw.items():
            self._sort(str(key), value, users)
        if users:
            apart = ours(_place(str(key))[:2] for key in raw)
            for header, field, value in users:
                self.keep(header, value) if header in apart else self._tell(header, field, value)
        self._choose_source()

    def _sort(self, key: str, value: Any, users: list[tuple[str, str, Any]]) -> None:
        header, field, exact, person, of_user = _place(key)
        if field == "extra" and isinstance(value, Mapping):
            for key, each in value.items():
                self.keep(_header(str(key)), each)
        elif is_blank(value, exact=exact, person=person):
            return
        elif field is None or field == "extra":
            self.keep(header, value)
        elif field == "summary":
            self.keep(header, value)
            self.summaries.append((header, value))
        elif field == "source":
            self.sources.append((header, value))
        elif of_user:
            users.append((header, field, value))
        else:
            self._tell(header, field, value)

    def _tell(self, header: str, field: str, value: Any) -> None:
        if field not in self.told:
            self.told[field] = (header, value)
        elif is_canonical(header, field) and not is_canonical(self.told[field][0], field):
            self._keep_other(*self.told[field], winner=value)
            self.told[field] = (header, value)
        else:
            self._keep_other(header, value, winner=self.told[field][1])

    def keep(self, header: str, value: Any) -> None:
        """Keeps what is no field of a lead, under the sender's own name for it; a secret is not kept."""
        name = header or "unnamed"
        if is_secret(header):
            self.secret += 1
            if self.secret <= MOST_OTHERS:
                self.remarks.append(f"{header}: looks like a secret, and was not kept")
        elif is_blank(value):
            return
        elif len(self.extra) >= MOST_OTHERS and name not in self.extra:
            self.left_out += 1
        else:
            kept = without_secrets(value) if isinstance(value, list | dict) else value
            self.extra.setdefault(name, values.any_text(kept))

    def _keep_other(self, header: str, value: Any, *, winner: Any) -> None:
        if values.any_text(value) != values.any_text(winner):
            self.keep(header, value)

    def _choose_source(self) -> None:
        """Of several sources the most specific is the lead's, and the next best its origin."""
        if len(self.sources) < 2:
            self.told.update(("source", each) for each in self.sources)
            return
        named = sorted(self.sources, key=lambda told: not is_canonical(told[0], "source"))
        texts = [values.any_text(value) for _, value in named]
        best, origin = source_and_origin(*texts)
        self.told["source"] = named[texts.index(best)]
        if origin is not None:
            self.extra["origin"] = origin
        for (header, _), text in zip(named, texts, strict=True):
            if simplify(text) not in (simplify(best), simplify(origin or "")):
                self.keep(header, text)

    def fault(self, field: str, problem: BadValue) -> None:
        """Notes what is wrong with one field; where one field may be lost, its value is kept aside."""
        if self.aside is None or field not in self.told:
            self.faults.append(FieldFault(field, str(problem)))
        else:
            self.aside.append(FieldFault(field, str(problem)))
            self.set_aside(field)

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

    def finish(self, least: Collection[str]) -> LeadForm:
        """The form, or LeadFaults with everything that was wrong; it must have one of the fields `least`."""
        who = self.told if self.aside is None else self.form
        if not any(who.get(field) is not None for field in least):
            self.faults += self._faults_of_identity(least)
        if self.faults:
            raise LeadFaults(self.faults)
        if self.left_out:
            self.remarks.append(
                f"Of the fields that Baton does not know the first {MOST_OTHERS:,} were kept, "
                f"and {self.left_out:,} left out"
            )
        if self.extra:
            self.form["extra"] = self.extra
        form = LeadForm(**{field: value for field, value in self.form.items() if value is not None})
        return form.with_remarks(self.remarks) if self.remarks else form

    def _faults_of_identity(self, least: Collection[str]) -> list[FieldFault]:
        """What is wrong with whatever should have said who this is; that nothing did, if nothing tried."""
        tried = [each for each in self.aside or () if each.field in least]
        says = " or ".join(_CALLED[field] for field in least if field in _CALLED)
        return tried or [FieldFault("email", f"is missing; give {says}")]


def _settle_identity(reading: _Reading) -> None:
    """A bare `id` may be a row number, counting only where nothing else says who this is; "n/a" is no id."""
    if "external_id" in reading.form and reading.form["external_id"] is None:
        reading.set_aside("external_id")
        reading.remarks.append("external_id: stands for no id; the lead goes by its e-mail address")
    if "id" in reading.told:
        if reading.told.keys() & {"email", "external_id"}:
            reading.set_aside("id")
        else:
            reading.told["external_id"] = reading.told.pop("id")
            if "id" in reading.form:
                reading.form["external_id"] = reading.form.pop("id")


def _settle_name(reading: _Reading) -> None:
    """A full name counts where no part of it is told; titles and degrees are no part of a name."""
    from bot.leadform.names import is_company, read_name, without_titles  # a start does without them

    form = reading.form
    for field in ("first_name", "last_name"):
        if field in form and not (part := without_titles(form[field])):
            reading.set_aside(field)
        elif field in form:
            form[field] = part
    name = form.pop("name", None)
    if name is None:
        return
    if reading.form.keys() & {"first_name", "last_name"}:
        if name != " ".join(filter(None, map(reading.form.get, ("first_name", "last_name")))):
            reading.set_aside("name")
        return
    person = read_name(name, _country(reading))
    if person is None:
        reading.set_aside("name")
        if is_company(name):
            reading.form.setdefault("company", name)
        return
    reading.form |= {"first_name": person.first, "last_name": person.last}


def _country(reading: _Reading) -> str | None:
    country = reading.form.get("country")
    return country_code(country) if country else None


def _settle_phone(reading: _Reading) -> None:
    """In E.164 where its country is known; what is no number costs nobody the lead."""
    if "phone" not in reading.form:
        return
    from bot.leadform.phones import read_phone  # a start does without it

    try:
        found = read_phone(reading.form["phone"], _country(reading))
    except BadValue as problem:
        if reading.aside is None:
            reading.set_aside("phone")
            reading.remarks.append(f"phone: {problem}; it was kept with the other fields")
        else:
            reading.fault("phone", problem)
        return
    reading.form["phone"] = str(found)
    if found.others:
        reading.keep("other phones", ", ".join(found.others))


def _settle_status(reading: _Reading) -> None:
    """A status in a CRM's words is a stage where it amounts to one and no stage is told; it is shown too."""
    stage = reading.form.pop("status", None)
    if "status" in reading.told:
        reading.set_aside("status")
        if stage is not None and "stage" not in reading.told:
            reading.form["stage"] = stage


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
    found = summaries(reading.summaries, reading.now)
    if "activities" in reading.told:
        found = [*_told_activities(reading, at, detail), *found]
    else:
        for field in {"activity_at", "activity_detail"} & reading.told.keys():
            reading.set_aside(field)
    if found:
        reading.form["activities"] = tuple(found)


def _told_activities(reading: _Reading, at: datetime | None, detail: str | None) -> list[ActivityForm]:
    header, value = reading.told["activities"]
    try:
        read = read_activities(value, at, detail, reading.now)
    except BadValue as problem:
        reading.fault("activities", problem)
        return []
    if reading.aside is None:
        reading.faults += read.faults
    else:
        reading.aside += read.faults
    reading.remarks += read.remarks
    if not read.activities and (reading.aside is not None or not read.faults):
        reading.set_aside("activities")
    elif read.left_out:
        reading.keep(header, "; ".join(read.left_out))
    return read.activities


def read_lead(
    raw: object,
    *,
    now: datetime,
    aside: list[FieldFault] | None = None,
    least: Collection[str] = IDENTIFIED,
) -> LeadForm:
    """One lead from a mapping of names to values, as JSON or a CSV row gives it.

    Names may be any alias of a field. Where two of them name one field its own name wins, then the first that
    is not empty, and of several sources the most specific; what loses, and what is no field at all, is kept
    in `extra`. An empty value, and a word for one ("N/A", "Select…"), is an unset field. What is said of the
    past ("Last Activity") is kept, and is an activity only with a type and a date, marked as a summary.

    Raises LeadFaults naming every bad field. With `aside`, a field that cannot be read costs that field and
    not the lead: its fault is added to the list, its text kept in `extra`, and LeadFaults is raised only
    where nothing says who this is: where it has none of the fields `least`.
    """
    if not isinstance(raw, Mapping):
        raise LeadFaults([FieldFault("lead", 'must be an object like {"email": "jane@example.com"}')])
    reading = _Reading(raw, now, aside)
    reading.read_fields()
    for settle in (
        _settle_identity,
        _settle_name,
        _settle_phone,
        _settle_status,
        _settle_numbers,
        _settle_domain,
        _settle_close,
        _settle_activities,
    ):
        settle(reading)
    return reading.finish(least)
