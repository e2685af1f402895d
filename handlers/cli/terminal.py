"""What the commands write in the terminal: plain sentences, whatever stands in the data."""

from __future__ import annotations

import re

from rich.console import Console

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """A text without what a terminal would obey: control characters, and marks that turn a line round."""
    return _CONTROL.sub("\ufffd", text)


def say(console: Console, sentence: str, *, bad: bool = False) -> None:
    """One line, as it is: nothing in it is taken for markup or for a terminal's command."""
    style = "red" if bad else None
    console.print(plain(sentence), style=style, markup=False, highlight=False, soft_wrap=True)
