"""What is wrong with an agreement, in words: where it stands in the file, what it is, what to write instead.

Here the terms of the validation library become ours. What counts as wrong is said by the model and by
bot/agreement/checks.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.agreement.hours import HOURS_KEYS
from bot.agreement.intake import LEAD_KEYS, Intake
from bot.agreement.model import LADDER_SETTINGS, Agreement, Rep, Team
from bot.agreement.wording import near, remedy, shown
from bot.settings import PROGRAM

Loc = tuple[int | str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Fault:
    """One thing to mend: its place in the file (`teams[0] "Enterprise".reps[1].timezone`) and what to do."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class AgreementError(ValueError):
    """The agreement cannot be used; the text says what to do."""


class AgreementMissing(AgreementError):
    """There is no file at the path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"There is no agreement at {path}. Write one with `{PROGRAM} init`, "
            "or name another file in AGREEMENT."
        )


class AgreementFaults(AgreementError):
    """All that is wrong with an agreement, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        count = "one fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(f"The agreement has {count}:{lines}")


def place_of(loc: Loc, data: Mapping[str, Any]) -> str:
    """The place of a location in the (reshaped) file, as a person would name it."""
    if loc[:1] == ("priorities",) and len(loc) > 1:
        return _priority_place(loc, data)
    place = ""
    here: Any = data
    for index, part in enumerate(loc):
        if isinstance(part, int):
            here = here[part] if isinstance(here, list) and part < len(here) else None
            place += f"[{part}]{_label(here)}"
        elif not _is_tag(part, here, loc[index + 1 :]):
            here = here.get(part) if isinstance(here, dict) else None
            place += f".{_key(part)}" if index else part
    return place


def faults_of(errors: Sequence[ErrorDetails], data: Mapping[str, Any]) -> list[tuple[Loc, Fault]]:
    """The validation library's errors in words, without those that only follow from another one."""
    meant = {
        (*error["loc"][:-1], near(str(error["loc"][-1]), known_keys(error["loc"][:-1])))
        for error in errors
        if error["type"] == "extra_forbidden"
    }
    misspelt = {error["loc"][:-1] for error in errors if error["loc"][-1:] == ("[key]",)}
    return [
        (error["loc"], Fault(place_of(error["loc"], data), _MESSAGES.get(error["type"], _other)(error)))
        for error in errors
        if not (error["type"] == "missing" and error["loc"] in meant)  # it is there, misspelled
        and error["loc"] not in misspelt  # what it holds was meant for another key
        and not (error["type"] == "too_short" and error["input"])  # its items are faulty, so none is left
    ]


def _priority_place(loc: Loc, data: Mapping[str, Any]) -> str:
    rows, index = data.get("priorities"), loc[1]
    name = rows[index]["name"] if isinstance(rows, list) and isinstance(index, int) else index
    return f"priorities.{_key(str(name))}" + "".join(f"[{part}]" for part in loc[2:] if isinstance(part, int))


def _is_tag(part: str, here: Any, rest: Loc) -> bool:
    """Whether a part of a location is the library's own and not in the file: the mark of a key, or what
    inline keys were moved into, the `hours` of a team or rep and the `constants` of a source."""
    if part in ("[key]", "constants"):
        return True
    return part == "hours" and isinstance(here, dict) and bool(rest) and rest[0] in here


def _label(item: Any) -> str:
    """The name of a list's item, where it has one: people know teams and reasons by it, not by number."""
    names = (item.get(key) for key in ("name", "code")) if isinstance(item, dict) else ()
    name = next((name for name in names if isinstance(name, str) and name), None)
    return f' "{name}"' if name else ""


def _key(part: str) -> str:
    return part if _BARE.fullmatch(part) else f'"{part}"'


_SAMPLES = {
    "version": 'version = "2026-Q4"',
    "timezone": 'timezone = "America/New_York"',
    "clock": 'clock = "business"',
    "roles": '[roles] with admins = ["U0123ABCD"]',
    "admins": 'admins = ["U0123ABCD"]',
    "marketing": 'marketing = ["U0123ABCD"]',
    "channel": 'channel = "C0123ABCD"',
    "manager": 'manager = "U0123ABCD"',
    "stand_in": 'stand_in = "U0123ABCD"',
    "user": 'user = "U0123ABCD"',
    "owner": 'owner = "U0123ABCD"',
    "teams": "[[teams]] with a name, a channel, a manager and reps",
    "reps": 'reps = [{ user = "U0123ABCD" }]',
    "days": 'days = ["mon", "tue"]',
    "holidays": 'holidays = "US"',
    "wind_down": 'wind_down = "2d"',
    "per_day": "per_day = 5",
    "per_week": "per_week = 20",
    "ping": 'ping = "S0123ABCD"',
    "repeat": 'repeat = "1d"',
    "company_owner": 'company_owner = { within = "180d", when_away = "next" }',
    "within": 'within = "180d"',
    "when_away": 'when_away = "next"',
    "turn": 'turn = "back"',
    "except": 'except = ["Columbus Day"]',
    "match": 'match = { employees = ">=200" }',
    "when": 'when = { employees = ">=200" }',
    "qualification": '[qualification] with mql = "B2"',
    "mql": 'mql = "B2"',
    "hot_for": 'hot_for = "7d"',
    "customers": 'customers = "tell"',
    "contests": 'contests = ["email", "phone"]',
    "fit": "fit = { A = 60, B = 40, C = 20 }",
    "engagement": "engagement = { 1 = 50, 2 = 25 }",
    "bands": "[qualification.bands] with fit and engagement",
    "points": "points = 30",
    "why": 'why = "Senior title"',
    "priorities": '[priorities] with P1 = ["A1"]',
    "sla": "[sla.P1] with accept, first_touch and outcome",
    "ladder.accept": 'accept = [{ at = 1.0, do = "notify_manager" }]',
    "ladder.first_touch": 'first_touch = [{ at = 1.0, do = "notify_manager" }]',
    "ladder.outcome": 'outcome = [{ at = 1.0, do = "notify_manager" }]',
    "ladder.answer": 'answer = [{ at = 1.0, do = "notify_manager" }]',
    "goals.mql": "mql = 120",
    "accept": 'accept = "5m"',
    "first_touch": 'first_touch = "15m"',
    "outcome": 'outcome = "5d"',
    "opportunity": 'opportunity = "20d"',
    "persona": 'persona = "Engineering leader"',
    "value": 'value = "Ship faster"',
    "name": 'name = "Enterprise"',
    "title": 'title = "Case study"',
    "at": "at = 0.75",
    "do": 'do = "nudge"',
    "skip": 'skip = ["P1"]',
    "reasons": "[[reasons]] with code, label, kind and then",
    "code": 'code = "no_budget"',
    "label": 'label = "No budget"',
    "kind": 'kind = "reject"',
    "then": 'then = "nurture"',
    "stage": 'stage = "mql"',
    "url": 'url = "https://example.com/page"',
    "secret_env": 'secret_env = "BATON_WEBHOOK_SECRET"',
    "destinations.type": 'type = "nats"',
    "destinations.url": 'url = "tls://nats.example.com:4222"',
    "destinations.name": 'name = "warehouse"',
    "workflows.name": 'name = "kudos"',
    "url_env": 'url_env = "KUDOS_WORKFLOW_URL"',
    "crm.kind": 'kind = "hubspot"',
    "token_env": 'token_env = "HUBSPOT_TOKEN"',
    "client_id_env": 'client_id_env = "SALESFORCE_CLIENT_ID"',
    "client_secret_env": 'client_secret_env = "SALESFORCE_CLIENT_SECRET"',
    "external_id": 'external_id = "Baton_Id__c"',
    "system": 'system = "hubspot"',
    "poll": 'poll = "1m"',
    "crm.fields": 'fields = { note = "baton_note" }',
    "crm.values": 'values = { lead_status = { sal = "IN_PROGRESS" } }',
    "intake.secret_env": 'secret_env = "GOOGLE_ADS_KEY"',
    "intake.name": 'name = "google-ads"',
    "verify_token_env": 'verify_token_env = "META_VERIFY_TOKEN"',
    "auth": 'auth = "bearer"',
    "preset": 'preset = "typeform"',
    "public_key": 'public_key = "website-2026"',
    "origins": 'origins = ["https://www.example.com"]',
    "honeypot": 'honeypot = "website"',
    "fields": 'fields = { email = "contact.email" }',
    "values": 'values = { country = { Deutschland = "DE" } }',
    "public_url": 'public_url = "https://baton.example.com"',
    "events": 'events = ["lead.*"]',
    "time": 'time = "09:00"',
    "spend": "spend = 12000",
}
_PATTERNS = {
    "code": "small letters, digits and _",
    "secret_env": "the name of an environment variable",
    "events": "the name of an event, or of several with a star",
    "verify_token_env": "the name of an environment variable",
    "token_env": "the name of an environment variable",
    "client_id_env": "the name of an environment variable",
    "client_secret_env": "the name of an environment variable",
    "external_id": "the name of a field",
    "public_key": "8 to 80 letters, digits, dashes and underscores",
    "intake.name": "at most 40 small letters, digits, dashes and underscores",
}


def _named(error: ErrorDetails) -> str:
    """The key that an error is about, as the table of samples knows it."""
    return next((part for part in reversed(error["loc"]) if isinstance(part, str) and part != "[key]"), "")


def _sample(error: ErrorDetails) -> str | None:
    key = _named(error)
    return _SAMPLES.get(f"{error['loc'][0]}.{key}") or _SAMPLES.get(key)


def _such_as(error: ErrorDetails) -> str:
    sample = _sample(error)
    return f", such as {sample}" if sample else ""


def _own_words(error: ErrorDetails) -> str:
    return str(error["ctx"]["error"])


def _unknown_key(error: ErrorDetails) -> str:
    key = str(error["loc"][-1])
    return f"is not a key that means anything here; {remedy(key, known_keys(error['loc'][:-1]))}"


def _unknown_word(error: ErrorDetails) -> str:
    known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    if error["loc"][-1] == "[key]" and error["loc"][0] == "ladder":
        known += LADDER_SETTINGS
    return f"{shown(error['input'])} is not known here; {remedy(str(error['input']), known)}"


def _too_big(error: ErrorDetails) -> str:
    most = error["ctx"]["le"]
    if most == 1 and isinstance(error["input"], float | int):
        share = error["input"] / 100 if error["input"] <= 100 else 0.8
        return f"{error['input']} is over 1; a rate is a share of one, so write {share:g}"
    return f"{shown(error['input'])} is too much; write {most} or less"


def _empty(error: ErrorDetails) -> str:
    return f"is empty; write at least one{_such_as(error)}"


def _wrong_kind(what: str, how: str) -> Callable[[ErrorDetails], str]:
    return lambda error: f"{shown(error['input'])} is not {what}; {how}{_such_as(error)}"


def _wrong_pattern(error: ErrorDetails) -> str:
    key = _named(error)
    shape = _PATTERNS.get(f"{error['loc'][0]}.{key}") or _PATTERNS.get(key, "plain text")
    return f"{shown(error['input'])} is not right; write {shape}{_such_as(error)}"


def _other(error: ErrorDetails) -> str:
    return f"{shown(error['input'])} does not belong here; write something else{_such_as(error)}"


_WHOLE = _wrong_kind("a whole number", "write one without quotes or point")
_NUMBER = _wrong_kind("a number", "write one without quotes")
_AMOUNT = _wrong_kind("an amount", "write a number")
_FLAG = _wrong_kind("a yes or no", "write true or false, without quotes")
_LIST = _wrong_kind("a list", "put it in brackets")
_TABLE = _wrong_kind("a table", "write its keys one to a line under it, or in braces")

_MESSAGES: dict[str, Callable[[ErrorDetails], str]] = {
    "value_error": _own_words,
    "missing": lambda error: f"is missing; add {_sample(error) or error['loc'][-1]}",
    "extra_forbidden": _unknown_key,
    "literal_error": _unknown_word,
    "enum": _unknown_word,
    "string_type": _wrong_kind("text", "put it in quotes"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _AMOUNT,
    "decimal_parsing": _AMOUNT,
    "decimal_max_digits": _AMOUNT,
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "tuple_type": _LIST,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "string_too_short": _empty,
    "too_short": _empty,
    "string_too_long": lambda error: (
        f"is {len(error['input'])} characters long and Slack shows {error['ctx']['max_length']}; shorten it"
    ),
    "string_pattern_mismatch": _wrong_pattern,
    "greater_than": lambda error: (
        f"{shown(error['input'])} is too little; write more than {error['ctx']['gt']:g}"
    ),
    "greater_than_equal": lambda error: (
        f"{shown(error['input'])} is too little; write {error['ctx']['ge']} or more"
    ),
    "less_than_equal": _too_big,
}


_INLINE: Mapping[type[BaseModel], Sequence[str]] = {
    Team: HOURS_KEYS,
    Rep: HOURS_KEYS,
    Intake: tuple(key for key in LEAD_KEYS if key != "name"),
}
"""Keys that may stand in a table itself though the model has them in one below."""


def known_keys(loc: Loc) -> list[str]:
    """The keys that may stand in the table at a location."""
    found: Any = Agreement
    for part in loc:
        found = _inside(found, part)
    model = _model(found)
    if model is None:
        return []
    inline = _INLINE.get(model, ())
    keys = [field.alias or name for name, field in model.model_fields.items()]
    return [key for key in [*keys, *inline] if "." not in key]


def _inside(annotation: Any, part: int | str) -> Any:
    """The type one step further into a location; steps that are no key or index lead nowhere new."""
    model = _model(annotation)
    if model is not None:
        fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        return fields.get(str(part), annotation)
    arguments = get_args(_plain(annotation))
    return arguments[-1] if get_origin(_plain(annotation)) is dict else (arguments or (None,))[0]


def _model(annotation: Any) -> type[BaseModel] | None:
    plain = _plain(annotation)
    return plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None


def _plain(annotation: Any) -> Any:
    """A type without its annotations and without `| None`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = get_args(annotation)[0]
    return annotation
