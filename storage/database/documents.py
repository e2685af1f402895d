"""JSON documents as a database keeps them, read without what `json.loads` does for documents of strangers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_scan: Callable[[str, int], tuple[Any, int]] = vars(json.JSONDecoder())["scan_once"]


def read_json(text: str) -> Any:
    """The document. Raises ValueError for text that is none."""
    if text == "{}":  # most of them
        return {}
    try:
        found, end = _scan(text, 0)
    except StopIteration:
        return json.loads(text)  # it has blanks before it, or is no document at all
    return found if end == len(text) else json.loads(text)
