"""How activities are read, alone and in a record, and what is set apart from them: summaries of the past.

Nothing that a record tells is lost: what cannot be an activity is handed back to be kept as the sender's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from bot.agreement.matching import simplify
from bot.leadform import values
from bot.leadform.aliases import summary_of
from bot.leadform.blanks import is_blank
from bot.leadform.conversions import conversion_kind
from bot.leadform.faults import FieldFault, LeadFaults
from bot.leadform.model import AHEAD, EARLIEST, ActivityForm
from bot.leadform.values import BadValue
from bot.memory import remembered

MOST = 500
"""The most activities of one record; of more, the newest of each type are taken, and then the newest."""
_MOST_READ = 20_000
_LONGEST_KEY = 100

_KEYS = {
    "type": ("type", "activity", "activitytype", "event", "kind", "name"),
    "at": ("at", "date", "time", "timestamp", "when", "occurredat", "createdat", "activitydate"),
    "detail": ("detail", "details", "description", "note", "notes", "subject", "comment"),
    "automated": ("automated", "automatic", "isautomated"),
    "by": ("by", "actor", "doneby", "performedby", "completedby", "user", "useremail", "rep", "author"),
}
_FIELDS = {alias: field for field, aliases in _KEYS.items() for alias in aliases}

# Spellings of one type; whatever else a sender calls its activities is left as it is.
_SPELLINGS = {"e_mail": "email", "linked_in": "linkedin", "voice_mail": "voicemail", "phone_call": "call"}

_NEVER = frozenset(("never", "none", "nothing", "no", "nil", "null", "na", "unknown", "not_yet", "never_yet"))
_OF_DATES = """
january february march april may june july august september october november december jan feb mar apr jun
jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember okt dez janvier février
mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio
julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio
settembre ottobre dicembre januari februari maart mei augustus fevereiro março maio junho julho setembro
outubro dezembro monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs
fri sat sun today yesterday tomorrow now ago last this next on at in of the and de second seconds minute
minutes min mins hour hours hr hrs day days week weeks month months year years am pm utc gmt z t est edt
cst cdt mst mdt pst pdt cet cest bst st nd rd th h 年 月 日 時 分 uhr um le à del el
"""
_DATE_WORDS = frozenset(_OF_DATES.split())
_TOKENS = re.compile(r"[^\W\d_]+")
_SLACK_ID = re.compile(r"(?:<@)?([UW][A-Z0-9]{4,20})(?:\|[^>]*)?>?")
_OFFSET = re.compile(r"\((?:GMT|UTC)\s*([+-]\d{1,2}):?(\d{2})?\)", re.IGNORECASE)


@dataclass
class ReadActivities:
    """What a record's activities came to. `left_out` is what is no activity, as it was written."""

    activities: list[ActivityForm] = field(default_factory=list)
    faults: list[FieldFault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class _NoType(Exception):
    """What stands for the type is a date, a number or a word for nothing."""

    def __init__(self, written: str) -> None:
        self.written = written
        super().__init__(written)


def read_activity(raw: object, *, now: datetime) -> ActivityForm:
    """One activity that is told by itself: `{"type", "at", "detail", "automated", "by"}`.

    Without `at` it happened `now`, and is as good as dated. Keys that it does not know are kept in the
    detail. Raises LeadFaults naming every bad field.
    """
    try:
        return _read(raw, now).model_copy(update={"dated": True})
    except _NoType as none:
        message = (
            f"{values.quoted(none.written)} is not a type of activity; write what happened, like demo_request"
        )
        raise LeadFaults([FieldFault("type", message)]) from None


def read_activities(value: Any, at: datetime | None, detail: str | None, now: datetime) -> ReadActivities:
    """The activities that a record tells in one place: a list, an object, JSON text, or a cell such as
    "demo_request; webinar @ 2026-09-30".

    `at` and `detail` are what stands beside the cell. Raises BadValue for what is none of these, or more than
    20,000 activities.
    """
    found = ReadActivities()
    for number, item in enumerate(_items(value, at, detail)):
        try:
            found.activities.append(_read({"type": item} if isinstance(item, str) else item, now))
        except _NoType as none:
            found.left_out.append(none.written)
            found.remarks.append(f"{values.quoted(none.written)} is not a type of activity, and was left out")
        except LeadFaults as bad:
            found.faults += [FieldFault(f"activities[{number}].{f.field}", f.message) for f in bad.faults]
    _keep_most(found)
    found.remarks += chain.from_iterable(each.remarks for each in found.activities)
    return found


def summaries(told: Sequence[tuple[str, Any]], now: datetime) -> list[ActivityForm]:
    """The summaries among columns, as (name, value), that have a type and a date that can be read.

    They count as engagement at that date. One without either is nothing but a column; one that lies ahead is
    a plan.
    """
    groups: dict[str, dict[str, tuple[str, Any]]] = {}
    for name, value in told:
        what, part = summary_of(name) or ("", "")
        groups.setdefault(what, {}).setdefault(part, (name, value))
    return [each for parts in groups.values() for each in _summary(parts, now)]


def _summary(parts: Mapping[str, tuple[str, Any]], now: datetime) -> Iterator[ActivityForm]:
    dates = (_moment_under(*parts[part]) for part in ("at", "") if part in parts)
    beside = next((date for date in dates if date is not None), None)
    detail = values.any_text(parts["detail"][1]) if "detail" in parts else None
    for kind, own in _kinds(parts):
        at = _moment_under("", own) or beside if own else beside
        if at is not None and EARLIEST <= at <= now + AHEAD:
            known = conversion_kind(kind)
            detail = detail or (kind if known else None)
            yield ActivityForm(type=known or _type(kind)[0], at=at, detail=detail, summary=True)


def _kinds(parts: Mapping[str, tuple[str, Any]]) -> list[tuple[str, str]]:
    """The types that a summary names, each with the date that stands after its "@", if one does."""
    for part in ("type", ""):
        text = values.any_text(parts[part][1]) if part in parts else ""
        named = [piece.partition("@") for piece in re.split(r"[;|\n]", text)]
        found = [(kind.strip(), own.strip()) for kind, _, own in named if _begins_a_type(kind.strip())]
        if found:
            return found
    return []


def _begins_a_type(text: str) -> bool:
    return text[:1].isalpha() and is_type(text)


def _moment_under(name: str, value: Any) -> datetime | None:
    """A date under a heading that may say in which time zone it is."""
    offset = _OFFSET.search(name)
    try:
        if (
            offset
            and isinstance(value, str)
            and re.fullmatch(r"[\d-]{10}[ T]\d\d:\d\d(?::\d\d)?", value.strip())
        ):
            hours = f"{int(offset[1]):+03d}:{offset[2] or '00'}"
            return values.any_moment(f"{value.strip()}{hours}")
        return values.any_moment(value)
    except BadValue:
        return None


def is_type(text: str) -> bool:
    """Whether a text can be a type of activity: no date, no number, no word for nothing ("Never")."""
    words = [word.casefold() for word in _TOKENS.findall(text)]
    if not words or "_".join(words) in _NEVER or is_blank(text, exact=True):
        return False
    return not all(word in _DATE_WORDS for word in words)


def _items(value: Any, at: datetime | None, detail: str | None) -> list[Any]:
    if isinstance(value, str):
        text = values.clean(value, lines=True)
        value = _json_cell(text) if text.startswith(("[", "{")) else _plain_cell(text, at, detail)
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise BadValue('must be a list like [{"type": "demo_request", "at": "2026-11-05T14:30:00Z"}]')
    if len(value) > _MOST_READ:
        raise BadValue(f"are more than {_MOST_READ:,}; send the newest, or several records")
    return list(value)


def _json_cell(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadValue('is not valid JSON; write [{"type": "demo_request"}] or only demo_request') from None


def _plain_cell(text: str, at: datetime | None, detail: str | None) -> list[dict[str, Any]]:
    """Parts without a letter in front are dates or counts under the same heading: no activities."""
    parts = (part.partition("@") for part in re.split(r"[;,|\n]", text))
    return [
        {"type": name, "at": when.strip() or at, "detail": detail}
        for name, _, when in parts
        if name.strip()[:1].isalpha()
    ]


def _read(raw: object, now: datetime) -> ActivityForm:
    """One activity as it is told. Raises LeadFaults, and _NoType where what happened is not said."""
    if not isinstance(raw, Mapping):
        raise LeadFaults([FieldFault("type", 'is missing; write an object like {"type": "demo_request"}')])
    told: dict[str, Any] = {}
    others: list[str] = []
    for key, value in raw.items():
        name = values.cut(values.clean(str(key)), _LONGEST_KEY)
        known = _FIELDS.get(simplify(name))
        if is_blank(value, exact=known == "at") and not (known == "type" and _says_something(value)):
            continue
        if known is None or known in told:
            others.append(f"{name}: {values.any_text(value)}")
        else:
            told[known] = value
    return _checked(told, others, now)


def _says_something(value: Any) -> bool:
    return isinstance(value, str) and bool(values.clean(value))


def _checked(told: Mapping[str, Any], others: list[str], now: datetime) -> ActivityForm:
    faults: list[FieldFault] = []
    form: dict[str, Any] = {"at": now, "dated": "at" in told}
    remarks: list[str] = []
    for name, read in (("type", _type), ("at", values.any_moment), ("automated", values.yes_no)):
        try:
            if name in told:
                form[name] = read(told[name])
            elif name == "type":
                raise BadValue("is missing; write what happened, like demo_request")
        except BadValue as problem:
            faults.append(FieldFault(name, str(problem)))
    if faults:
        raise LeadFaults(faults)
    form["type"], whole = form["type"]
    if "by" in told and (by := _person(told["by"])):
        form["by"] = by
    elif "by" in told:
        others.insert(0, f"by: {values.any_text(told['by'])}")
    if whole:
        others.append(f"type: {whole}")
        remarks.append(f"an activity's type of {len(whole)} characters was cut; the whole is in its detail")
    detail = "\n".join([*([values.any_text(told["detail"])] if "detail" in told else []), *others])
    remarks += _odd_moment(form["type"], form["at"], now)
    return ActivityForm(
        **form, detail=values.cut(detail, values.LONGEST_TEXT) or None, remarks=tuple(remarks)
    )


def _type(value: Any) -> tuple[str, str | None]:
    """A type in lower snake case, and the whole text where it had to be cut. Raises _NoType and BadValue."""
    text = values.as_text(value)
    if len(text) > values.LONGEST_TYPE:
        if not is_type(text):
            raise _NoType(text)
        name = values.snake_case(text)
        cut = name[: values.LONGEST_TYPE].rstrip("_")
        return cut, text if cut != name else None
    name = _short_type(text)
    if not name:
        raise _NoType(text)
    return name[: values.LONGEST_TYPE], None


@remembered(2048)
def _short_type(text: str) -> str:
    if not is_type(text):
        return ""
    name = values.snake_case(text)
    return _SPELLINGS.get(name, name)


def _person(value: Any) -> str | None:
    """An e-mail address in small letters or a Slack id; None for what is neither."""
    text = values.clean(value) if isinstance(value, str) else ""
    if slack := _SLACK_ID.fullmatch(text):
        return slack[1]
    from email_validator import EmailNotValidError, validate_email  # a start does without it

    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.casefold()
    except EmailNotValidError:
        return None


def _odd_moment(kind: str, at: datetime, now: datetime) -> list[str]:
    if at > now + AHEAD:
        return [f"activity {kind} is dated {at:%Y-%m-%d %H:%M} UTC, which lies ahead; it counts from then on"]
    if at < EARLIEST:
        return [
            f"activity {kind} is dated {at.date().isoformat()}; dates before 1990 are kept and do not count"
        ]
    return []


def _keep_most(found: ReadActivities) -> None:
    """Of more activities than a record may bring, take the newest of each type and fill up with the newest.

    What is left is told by type, number and dates.
    """
    newest = sorted(found.activities, key=lambda each: each.at, reverse=True)
    if len(newest) <= MOST:
        return
    first = {each.type: number for number, each in reversed(list(enumerate(newest)))}
    order = sorted(range(len(newest)), key=lambda number: (first[newest[number].type] != number, number))
    kept, rest = order[:MOST], [newest[number] for number in sorted(order[MOST:])]
    found.activities = [newest[number] for number in sorted(kept)]
    found.remarks.append(
        f"the record brings {len(newest):,} activities; the newest {MOST} were taken, the others only counted"
    )
    for kind in dict.fromkeys(each.type for each in rest):
        some = [each.at.date().isoformat() for each in rest if each.type == kind]
        found.left_out.append(f"{kind}: {len(some)} more, {some[-1]} to {some[0]}")
