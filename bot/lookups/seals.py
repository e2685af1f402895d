"""Buttons of what stays in Slack bear their handoff's token, which nobody can guess, besides its number.

So a card from before a restore, or of another Baton, whose number another lead has here, does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from bot.views.blocks import Block
from bot.views.ids import ABOUT_A_HANDOFF, SEAL, Action
from bot.views.message import Rendered
from storage import handoffs

_NUMBERED = re.compile(r"(?s)(?P<before>(?:.*:)?)(?P<id>[0-9]{1,18})")
_Place = tuple[Block, str]


def sealed(tx: Connection, message: Rendered) -> Rendered:
    """The message with the token of its handoff in each value that a click on it brings back."""
    places = [(place, found) for place in _places(message.blocks) if (found := _number(place)) is not None]
    tokens = handoffs.tokens(tx, {found for _, found in places})
    for (part, key), found in places:
        if token := tokens.get(found):
            part[key] = f"{part[key]}{SEAL}{token}"
    return message


def _number(place: _Place) -> int | None:
    part, key = place
    found = _NUMBERED.fullmatch(str(part.get(key, "")))
    return int(found["id"]) if found else None


def _places(blocks: list[Block]) -> Iterator[_Place]:
    """Where a handoff's id stands in what Slack gives back of a click."""
    for block in blocks:
        elements: list[Any] = [*block.get("elements", ()), block.get("accessory")]
        for element in elements:
            action = element.get("action_id") if isinstance(element, dict) else None
            if action in ABOUT_A_HANDOFF:
                yield element, "value"
            elif action == Action.MORE:
                yield from ((each, "value") for each in element.get("options", ()))
            elif action == Action.REASSIGN:
                yield block, "block_id"
