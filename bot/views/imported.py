"""A file that somebody dropped into the form: that it is being read, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.blocks import context, section
from bot.views.message import Rendered, rendered
from bot.views.text import cut, short

_LONGEST = 2_800  # characters of a section


def reading_words(name: str) -> str:
    """That the file has come, as mrkdwn: reading it may take longer than anybody waits for a form."""
    return f"Reading *{short(name, 80)}*. I will message you the result."


def imported_notice(name: str, lines: Sequence[str]) -> Rendered:
    """What became of a file. `lines` are plain text; the first is the sentence that counts."""
    first, *rest = [short(line, 600) for line in lines] or [""]
    blocks = [section(f"*{short(name, 80)}*: {first}")]
    if rest:
        blocks.append(context(cut("\n".join(rest), _LONGEST)))
    return rendered(f"{short(name, 80)}: {first}", blocks)
