"""What the commands write in the terminal: plain sentences, whatever stands in the data."""

from __future__ import annotations

import json
import re
from typing import Any

from rich.console import Console
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """A text without what a terminal would obey: control characters, and marks that turn a line round."""
    return _CONTROL.sub("\ufffd", text)


def as_json(value: object, **options: Any) -> str:
    """A value as JSON that says the same, with whatever a terminal would obey written as an escape."""
    text = json.dumps(value, ensure_ascii=False, **options)
    return _CONTROL.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


def cell(text: object) -> Text:
    """A cell of a table, as it is."""
    return Text(plain(str(text)))


class Terminal(Console):
    """A console to which text is text: no markup, no emoji codes, nothing that a terminal would obey.

    What is to be coloured is given a style.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as rich draws it, in a table too."""
        return super().render_str(plain(text), **{**options, "markup": False, "emoji": False})


def say(console: Console, sentence: str, *, bad: bool = False) -> None:
    """One line, as it is: nothing in it is taken for markup or for a terminal's command."""
    style = "red" if bad else None
    console.print(plain(sentence), style=style, markup=False, highlight=False, soft_wrap=True)
