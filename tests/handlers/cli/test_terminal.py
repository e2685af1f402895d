"""Text from leads and campaigns is text: it neither styles a line nor commands the terminal."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table

from handlers.cli.terminal import Terminal, as_json, plain

APP = Path(__file__).parents[3] / "app.py"
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


def test_json_says_the_same_and_nothing_that_a_terminal_obeys() -> None:
    said = as_json({HOSTILE: [HOSTILE, "Zoë 社長", 1]}, indent=2)
    assert json.loads(said) == {HOSTILE: [HOSTILE, "Zoë 社長", 1]}
    assert plain(said) == said
    assert "Zoë 社長" in said


def test_what_people_read_is_left_alone() -> None:
    for text in ("Jane Doe\nACME\t5", "Zoë 社長 🎉", "a\u200bb"):
        assert plain(text) == text


@pytest.mark.parametrize(
    ("redirected", "sentence"),
    [
        (">/dev/full", "The disk is full, so not everything was written. Make room and try again."),
        (">&-", "The standard output is closed; send it to a file, as in: export leads > leads.csv"),
    ],
)
def test_where_nothing_can_be_written_one_sentence_says_so(
    sqlite_url: str, tmp_path: Path, redirected: str, sentence: str
) -> None:
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(APP))} export leads {redirected}"
    said = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env={**os.environ, "DATABASE_URL": sqlite_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr.strip()) == (1, sentence)
