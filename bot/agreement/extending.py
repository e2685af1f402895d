"""`extends = "default"`: a file that says only what is its own, and takes other rules from the built-in one.

Tables are merged key by key; a list in the file replaces the built-in one. Who is who, the channels, the
campaigns and what is to be sent are nobody else's: they never come from the built-in agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EXTENDS, DEFAULT = "extends", "default"
OWN = frozenset(
    {
        "version",
        "timezone",
        "roles",
        "marketing",
        "hours",
        "teams",
        "personas",
        "content",
        "campaigns",
        "goals",
        "digest",
        "retention",
        "webhooks",
        "destinations",
        "workflows",
        "crm",
    }
)
"""The parts that are a company's own: what the file leaves out of them is not there."""


def extended(data: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The file's tables over the built-in ones; without `extends`, or with another word, as they are."""
    if data.get(EXTENDS) != DEFAULT:
        return dict(data)
    own = {key: value for key, value in data.items() if key != EXTENDS}
    shared = {key: value for key, value in base.items() if key not in OWN}
    if isinstance(named := own.get("priorities"), dict):  # they are in order, so they are replaced together
        shared.pop("priorities", None)
        known = {*named, "marketing"}
        shared["sla"] = {name: table for name, table in shared.get("sla", {}).items() if name in known}
    return _over(own, shared)


def _over(own: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(shared)
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = _over(value, below) if isinstance(value, dict) and isinstance(below, dict) else value
    return merged
