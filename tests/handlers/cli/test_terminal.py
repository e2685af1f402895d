"""Text from leads and campaigns is text: it neither styles a line nor commands the terminal."""

from __future__ import annotations

import io
import re

from rich.table import Table

from handlers.cli.terminal import Terminal, plain

HOSTILE = "[/x] [bold]b[/bold] :boom: \x1b]0;owned\x07 \x1b[2J \u202etxt"


def written(*things: object) -> str:
    file = io.StringIO()
    terminal = Terminal(file=file, width=100, force_terminal=True)
    for thing in things:
        terminal.print(thing)
    return file.getvalue()


def test_a_line_is_written_as_it_is() -> None:
    said = written(HOSTILE)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert "[/x] [bold]b[/bold] :boom: \ufffd]0;owned\ufffd" in bare
    assert "\x1b]0" not in said
    assert "\x1b[2J" not in said


def test_a_cell_and_a_title_of_a_table_are_too() -> None:
    table = Table(title=HOSTILE, box=None)
    table.add_column(HOSTILE)
    table.add_row(HOSTILE)
    said = written(table)
    assert said.count("[/x]") == 3
    assert "\x1b]0" not in said
    assert "\u202e" not in said


def test_what_people_read_is_left_alone() -> None:
    for text in ("Jane Doe\nACME\t5", "Zoë 社長 🎉", "a\u200bb"):
        assert plain(text) == text
