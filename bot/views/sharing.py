"""What somebody reads whose answer is not shown to the channel, although they asked for that."""

from __future__ import annotations

from bot.errors import Obstacle
from bot.views.answers import not_possible
from bot.views.blocks import context
from bot.views.message import Rendered, rendered


def only_for_you(answer: Rendered, why: Obstacle) -> Rendered:
    """The answer, and beneath it why only its asker sees it."""
    return rendered(answer.text, [*answer.blocks[: Rendered.MOST_BLOCKS - 1], context(not_possible(why))])
