"""Forms as page builders send them: fields in brackets, in wrappers, in a text of JSON; by the fields' names.

What the names mean is leadform's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.leadform import field_of

_WRAPPERS = frozenset(
    {"data", "payload", "body", "fields", "form_fields", "form_data", "formdata", "form_response"}
    | {"submission", "answers", "lead", "contact", "person", "record"}
)
_DEEPEST = 6
_BRACKETED = re.compile(r"([\w.-]+)((?:\[[^\[\]]*\])+)")
_NUMBERED = re.compile(r"q\d+_(.+)")
_PARTS_OF_A_NAME = {"first": "first_name", "last": "last_name"}
_PARTS_OF_AN_ADDRESS = {"state": "region", "country": "country"}


def unpacked(table: Any, depth: int = 0) -> dict[str, Any]:
    """A body by the names of its fields: out of brackets (`form_fields[email]`, `names[first_name]`), out of
    objects that only hold the form (`data`, `payload`, `fields` …), and out of `{"title": …, "value": …}`.

    Whatever else is no plain value stays as it is.
    """
    if not isinstance(table, Mapping) or depth > _DEEPEST:
        return {}
    found: dict[str, Any] = {}
    for key, value in _nested(table).items():
        named = _named_value(key, value)
        if named is not None:
            found.setdefault(*named)
        elif isinstance(value, Mapping) and key.casefold() in _WRAPPERS:
            for name, inner in unpacked(value, depth + 1).items():
                found.setdefault(name, inner)
        elif isinstance(value, _Bracketed):
            for name, inner in value.items():
                found.setdefault(_out_of_brackets(key, name), inner)
        else:
            found.setdefault(key, value)
    return found


class _Bracketed(dict[str, Any]):
    """What stood in the brackets behind one name of a form."""


def _nested(table: Mapping[Any, Any]) -> dict[str, Any]:
    """Names in brackets as objects, as the languages of form builders read them."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        match = _BRACKETED.fullmatch(str(key))
        parts = [each for each in re.findall(r"\[([^\[\]]*)\]", match[2]) if each] if match else []
        if match is None or not parts or len(parts) > _DEEPEST:
            found[match[1] if match and not parts else str(key)] = value
            continue
        place = found.setdefault(match[1], _Bracketed())
        for part in parts[:-1]:
            place = place.setdefault(part, _Bracketed()) if isinstance(place, _Bracketed) else {}
        if isinstance(place, _Bracketed):
            place[parts[-1]] = value
    return found


def _named_value(key: str, value: Any) -> tuple[str, Any] | None:
    """The name and the value of a field that is told as an object of both."""
    if not isinstance(value, Mapping) or "value" not in value or not value.keys() & {"title", "label", "id"}:
        return None
    told = [str(name) for name in (value.get("title"), value.get("label"), key, value.get("id")) if name]
    return next((name for name in told if field_of(name)), told[0]), value["value"]


def _out_of_brackets(outer: str, inner: str) -> str:
    """`company[name]` is a company's name, `names[first_name]` a first name, `utm[term]` neither."""
    whole = f"{outer} {inner}"
    if field_of(whole) is None and field_of(inner) not in (None, "name", "id", "title"):
        return inner
    return whole


def of_json(text: Any) -> Any:
    """What a text of JSON says, lists of one as their item (Unbounce); None for what is none."""
    try:
        told = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, Mapping):
        return told
    return {key: value[0] if _is_single(value) else value for key, value in told.items()}


def _is_single(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1


def numbered(table: Any) -> dict[str, Any]:
    """Jotform's answers: `q3_workEmail` by `workEmail`, names, addresses and numbers out of their parts."""
    if not isinstance(table, Mapping):
        return {}
    found: dict[str, Any] = {}
    for key, value in table.items():
        if match := _NUMBERED.fullmatch(str(key)):
            for name, each in _answers(match[1], value):
                if each not in (None, ""):
                    found.setdefault(name, each)
    return found


def _answers(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield name, ", ".join(map(str, value))
    elif not isinstance(value, Mapping):
        yield name, value
    elif "full" in value or "phone" in value:
        area, phone = value.get("area"), value.get("phone")
        yield name, value.get("full") or " ".join(filter(None, (area, phone)))
    elif value.keys() & _PARTS_OF_A_NAME.keys():
        yield from ((instead, value.get(part)) for part, instead in _PARTS_OF_A_NAME.items())
    elif value.keys() & _PARTS_OF_AN_ADDRESS.keys():
        yield from ((instead, value.get(part)) for part, instead in _PARTS_OF_AN_ADDRESS.items())
    else:
        yield name, value
