"""The page's own files: small, without markup made of data, and asking nobody else for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.sandbox import page_api

FILES = sorted(page_api.FILES.iterdir())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
LINES = 400
MARKUP = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function)\b")
ELSEWHERE = re.compile(r"""(?:src|href|from|import|url)\s*[=(]?\s*["']?(?:https?:)?//""")

READ_ALL = """
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { SourceTextModule } from "node:vm";
for (const path of process.argv.slice(1)) {
  new SourceTextModule(readFileSync(path, "utf8"), { identifier: path });
  console.log(basename(path));
}
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_short_and_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LINES
    assert ELSEWHERE.findall(text) == []
    assert "slack" not in text.lower()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_makes_no_markup_of_data(path: Path) -> None:
    assert MARKUP.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.skipif(shutil.which("node") is None, reason="No node on the PATH to read the scripts with.")
def test_the_scripts_can_be_read() -> None:
    arguments = [
        "node",
        "--experimental-vm-modules",
        "--input-type=module",
        "-e",
        READ_ALL,
        *map(str, SCRIPTS),
    ]
    check = subprocess.run(arguments, text=True, capture_output=True, check=False)
    assert check.returncode == 0, check.stderr
    assert check.stdout.split() == [path.name for path in SCRIPTS]
