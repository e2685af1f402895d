"""A message as it is handed to Slack: its blocks, and the text that notifications and screen readers use."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.views.blocks import Block
from bot.views.text import CALLED, NAMED, cut, short

TEXT_LIMIT = 1000  # far below Slack's own limit: it is read in a notification
BLOCKS_LIMIT = 50
SOMEBODY = "a colleague"
"""Who is named and whose name Slack has not told yet."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a delivery shows. `text` is escaped mrkdwn and never empty."""

    MOST_BLOCKS: ClassVar[int] = BLOCKS_LIMIT

    text: str
    blocks: list[Block]

    def __post_init__(self) -> None:
        """Refuse what Slack would refuse: no text, or too many blocks."""
        if not self.text.strip() or len(self.blocks) > self.MOST_BLOCKS:
            raise ValueError(f"a message needs a text and has at most {self.MOST_BLOCKS} blocks")


@dataclass(frozen=True, slots=True)
class Page(Rendered):
    """Somebody's Home: a view, which may be twice as long. `text` is for the log alone."""

    MOST_BLOCKS: ClassVar[int] = 100


def people_named(message: Rendered) -> frozenset[str]:
    """The ids of those who are named in it and not called."""
    return frozenset(NAMED.findall(json.dumps([message.text, message.blocks], ensure_ascii=False)))


def people_called(message: Rendered) -> frozenset[str]:
    """The ids of the people whom it calls; groups are not among them."""
    found = CALLED.findall(json.dumps([message.text, message.blocks], ensure_ascii=False))
    return frozenset(each[1:] for each in found if each.startswith("@"))


def as_posted(message: Rendered, names: Mapping[str, str], *, spared: Set[str] = frozenset()) -> Rendered:
    """The message as it goes to Slack: it rings who is called, and says the names, by id, of all others.

    Who is `spared` is not rung, even where they are called.
    """
    return Rendered(_posted(message.text, names, spared), _posted(message.blocks, names, spared))


def _posted(part: Any, names: Mapping[str, str], spared: Set[str]) -> Any:
    if isinstance(part, str):
        for each in spared:
            part = part.replace(f"<@{each}|call>", f"<@{each}>")
        plain = NAMED.sub(lambda found: short(names.get(found[1]), 60) or SOMEBODY, part)
        return CALLED.sub(r"<\1>", plain)
    if isinstance(part, list):
        return [_posted(each, names, spared) for each in part]
    return (
        {key: _posted(value, names, spared) for key, value in part.items()}
        if isinstance(part, dict)
        else part
    )


def rendered(text: str, blocks: list[Block]) -> Rendered:
    """A message whose text is cut to the length of a notification."""
    return Rendered(cut(text, TEXT_LIMIT), blocks)
