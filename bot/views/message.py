"""A message as it is handed to Slack: its blocks, and the text that notifications and screen readers use."""

from __future__ import annotations

from dataclasses import dataclass

from bot.views.blocks import Block
from bot.views.text import cut

TEXT_LIMIT = 1000  # far below Slack's own limit: it is read in a notification
BLOCKS_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a delivery shows. `text` is escaped mrkdwn and never empty."""

    text: str
    blocks: list[Block]

    def __post_init__(self) -> None:
        """Refuse what Slack would refuse: no text, or more than 50 blocks."""
        if not self.text.strip() or len(self.blocks) > BLOCKS_LIMIT:
            raise ValueError("a message needs a text and has at most 50 blocks")


def rendered(text: str, blocks: list[Block]) -> Rendered:
    """A message whose text is cut to the length of a notification."""
    return Rendered(cut(text, TEXT_LIMIT), blocks)
