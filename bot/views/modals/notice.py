"""A modal that says one thing and can only be closed: for a form that came too late."""

from __future__ import annotations

from bot.views.blocks import Block, plain, section


def notice_modal(text: str) -> Block:
    """The modal as a view; `text` is mrkdwn."""
    return {
        "type": "modal",
        "title": plain("Baton", 24),
        "close": plain("Close", 24),
        "blocks": [section(text)],
    }
