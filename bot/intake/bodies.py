"""From the bytes of a request to plain values: JSON, a form, or XML, by what they are and say they are.

What the values mean is mapping.py's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from bot.leadform import FieldFault, LeadFaults

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MOST_FIELDS = 1_000
_DEEPEST = 30
_CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)
_FORM, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


class Unreadable(LeadFaults):
    """A body that is neither JSON nor a form nor XML; `text` is what it says."""

    def __init__(self, body: bytes, why: str) -> None:
        self.text = body.decode("utf-8", "replace")
        super().__init__([FieldFault("body", why)])


def parsed(body: bytes, content_type: str = "") -> Any:
    """What a body says. Raises Unreadable."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    kind = content_type.partition(";")[0].strip().lower()
    if start == b"<":
        return _xml(body)
    if start in (b"{", b"[") or kind not in (_FORM, _PARTS):
        return _json(body)
    return _parts(body, content_type) if kind == _PARTS else _form(body, content_type)


def parsed_text(text: str) -> Any:
    """The same of a body that was kept as text, whatever it said it was. Raises Unreadable."""
    kind = _FORM if re.match(r"[\w%+.\[\]-]+=", text) else ""
    return parsed(text.encode(), kind)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.removeprefix(b"\xef\xbb\xbf"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unreadable(body, 'is not JSON; send an object like {"email": "jane@example.com"}') from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _form(body: bytes, content_type: str) -> dict[str, Any]:
    charset = _CHARSET.search(content_type)
    try:
        text = body.decode("ascii", "surrogateescape").strip()
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            encoding=charset[1] if charset else "utf-8",
            max_num_fields=_MOST_FIELDS,
        )
    except (ValueError, LookupError):
        raise Unreadable(body, "is not a form that Baton can read; send fewer fields, in UTF-8") from None
    return _collected(pairs)


def _parts(body: bytes, content_type: str) -> dict[str, Any]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    parts = message.get_payload()
    if not isinstance(parts, list):
        raise Unreadable(body, "is not a form that Baton can read; its last part never ends")
    return _collected(
        (str(part.get_param("name", "", "content-disposition")), value.decode("utf-8", "replace"))
        for part in parts[:_MOST_FIELDS]
        if not isinstance(part, str) and part.get_filename() is None
        if isinstance(value := part.get_payload(decode=True), bytes)
    )


def _collected(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Fields by name; a name that comes several times has a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        before = found.get(name)
        if name not in found:
            found[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            found[name] = [before, value]
    return found


def _xml(body: bytes) -> dict[str, Any]:
    from xml.etree.ElementTree import ParseError  # a start does without it

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(body, forbid_dtd=True)
        return {_local(root.tag): _value(root, 0)}
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unreadable(body, "is not XML that can be read; send a whole document without a DTD") from None


def _value(element: Element, depth: int) -> Any:
    """An element as a text, or as its children by their local names."""
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if not len(element):
        return (element.text or "").strip() or None
    found: dict[str, Any] = {}
    for child in element:
        name, value = _local(child.tag), _value(child, depth + 1)
        if name in found:
            several = found[name] if isinstance(found[name], _Several) else _Several([found[name]])
            several.append(value)
            found[name] = several
        else:
            found[name] = value
    return {name: list(value) if isinstance(value, _Several) else value for name, value in found.items()}


class _Several(list[Any]):
    """The values of an element that stands several times beside its like."""


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
