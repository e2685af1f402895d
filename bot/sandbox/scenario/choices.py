"""What a person enters into an element: from plain words and values to the state that Slack sends, and back.

Also what Slack's own client refuses to send: a required input left empty, text too short or too long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox.slack.elements import offered
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.state import VALUE_FIELDS

REQUIRED = "Please complete this required field."
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def label_of(choice: JsonDict) -> str:
    """What an option reads like."""
    return str(choice["text"]["text"])


def option_named(options: Iterable[JsonDict], wanted: str) -> JsonDict:
    """The option with this value or label. Raises NotPossible when there is none."""
    choices = list(options)
    for choice in choices:
        if wanted in (choice["value"], label_of(choice)):
            return choice
    raise NotPossible(f"no option {wanted!r}; there are: {', '.join(map(label_of, choices))}")


def sent_option(choice: JsonDict) -> JsonDict:
    """An option as payloads carry it."""
    return {name: choice[name] for name in ("text", "value", "description") if name in choice}


def entered(element: JsonDict, value: Any) -> JsonDict:
    """The state of an element after `value` was entered: a text, an option's label or value, an id, a list.

    Raises NotPossible for an option that is not offered. None empties the element.
    """
    kind = element["type"]
    name, _ = VALUE_FIELDS[kind]
    return {"type": kind, name: _CONVERT[name](element, value)}


def _one_option(element: JsonDict, value: Any) -> Any:
    if value is None or isinstance(value, dict):
        return value
    return sent_option(option_named(offered(element), str(value)))


def _some_options(element: JsonDict, value: Any) -> Any:
    return [_one_option(element, item) for item in _listed(value)]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _text(_element: JsonDict, value: Any) -> Any:
    return None if value in (None, "") else str(value)


def _as_is(_element: JsonDict, value: Any) -> Any:
    return value


def _ids(_element: JsonDict, value: Any) -> Any:
    return _listed(value)


_CONVERT: dict[str, Callable[[JsonDict, Any], Any]] = {
    "value": _text,
    "selected_date": _text,
    "selected_time": _text,
    "selected_user": _text,
    "selected_conversation": _text,
    "selected_channel": _text,
    "selected_date_time": _as_is,
    "rich_text_value": _as_is,
    "selected_option": _one_option,
    "selected_options": _some_options,
    "selected_users": _ids,
    "selected_conversations": _ids,
    "selected_channels": _ids,
    "files": _ids,
}


def content(state: JsonDict) -> Any:
    """What an element's state holds; None or an empty list when nothing was entered."""
    name, _ = VALUE_FIELDS[state["type"]]
    return state.get(name)


def client_side_errors(blocks: Iterable[JsonDict], values: dict[str, dict[str, JsonDict]]) -> dict[str, str]:
    """What Slack's client shows beside the inputs instead of sending a submission. Keys are block ids."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        held = content(values[block["block_id"]][element["action_id"]])
        fault = _input_fault(element, held, optional=bool(block.get("optional")))
        if fault:
            errors[block["block_id"]] = fault
    return errors


def _input_fault(element: JsonDict, held: Any, *, optional: bool) -> str:
    if held in (None, "", []):
        return "" if optional else REQUIRED
    check = _FORMATS.get(element["type"])
    return check(element, held) if check else ""


def _text_fault(element: JsonDict, text: str) -> str:
    low, high = element.get("min_length", 0), element.get("max_length", 3000)
    if len(text) < low:
        return f"Enter at least {low} characters."
    return f"Enter at most {high} characters." if len(text) > high else ""


def _number_fault(element: JsonDict, text: str) -> str:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, text):
        return "Enter a number."
    if "min_value" in element and float(text) < float(element["min_value"]):
        return f"Enter a number of at least {element['min_value']}."
    if "max_value" in element and float(text) > float(element["max_value"]):
        return f"Enter a number of at most {element['max_value']}."
    return ""


def _email_fault(_element: JsonDict, text: str) -> str:
    return "" if EMAIL.fullmatch(text) else "Enter a valid email address."


def _url_fault(_element: JsonDict, text: str) -> str:
    return "" if text.startswith(("http://", "https://")) else "Enter a valid URL."


_FORMATS: dict[str, Callable[[JsonDict, str], str]] = {
    "plain_text_input": _text_fault,
    "number_input": _number_fault,
    "email_text_input": _email_fault,
    "url_text_input": _url_fault,
}
