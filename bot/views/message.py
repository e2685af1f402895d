"""A message as it is handed to Slack: its blocks, and the text that notifications and screen readers use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.views.blocks import Block
from bot.views.text import cut

TEXT_LIMIT = 1000  # far below Slack's own limit: it is read in a notification
BLOCKS_LIMIT = 50


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


def rendered(text: str, blocks: list[Block]) -> Rendered:
    """A message whose text is cut to the length of a notification."""
    return Rendered(cut(text, TEXT_LIMIT), blocks)
