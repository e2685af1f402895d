"""The page's own files: small, without markup made of data, and asking nobody else for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.sandbox.page import page_api

BOT = Path(__file__).parents[2] / "bot"
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


PICTURES = re.compile(
    "[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]|[\u2190-\u21ff\u23e9-\u23fa](?=\ufe0f)|[\u23f0\u23f3]"
)


def signs_in(root: Path) -> set[str]:
    """The signs that the bot's own modules write, wherever in the tree; the sandbox only shows them."""
    modules = (path for path in root.rglob("*.py") if "sandbox" not in path.relative_to(root).parts)
    return {sign for path in modules for sign in PICTURES.findall(path.read_text(encoding="utf-8"))}


def not_drawn(signs: set[str]) -> set[str]:
    drawn = (page_api.FILES / "signs.js").read_text(encoding="utf-8")
    return {sign for sign in signs if f'"{sign}": [' not in drawn}


def test_every_sign_that_the_bot_uses_is_drawn_and_needs_no_font() -> None:
    used = signs_in(BOT)
    assert not_drawn(used) == set()
    assert {"🔴", "🔻", "🎉", "🏆"} <= used  # of a card, a report, an answer and an outcome


def test_a_sign_that_is_not_drawn_is_seen(tmp_path: Path) -> None:
    room = tmp_path / "any" / "room"
    room.mkdir(parents=True)
    room.joinpath("words.py").write_text('SAID = "🔴 and 🧀"', encoding="utf-8")
    assert not_drawn(signs_in(tmp_path)) == {"🧀"}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("box.innerHTML = text", MARKUP),
        ("eval(text)", MARKUP),
        ('import x from "https://cdn.example/x.js"', ELSEWHERE),
        ("a { background: url(//cdn.example/x.png) }", ELSEWHERE),
    ],
)
def test_what_a_file_of_the_page_must_not_hold_is_seen(planted: str, found: re.Pattern[str]) -> None:
    assert len(SCRIPTS) > 10
    assert found.search(planted)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


READ_ON = {
    "paper": ("ink", "soft", "faint", "accent", "baton", "bad", "good"),
    "ground": ("ink", "soft", "faint"),
    "hover": ("ink", "soft", "faint", "accent"),
    "accent-soft": ("ink", "accent"),
    "baton-soft": ("ink", "soft", "baton"),
    "bad-soft": ("bad",),
    "good-soft": ("good",),
    "accent": ("on-accent",),
    "baton": ("on-baton",),
    "top": ("top-ink", "top-soft"),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_can_be_read_in_both_themes(theme: str) -> None:
    light, dark = (page_api.FILES / "style.css").read_text(encoding="utf-8").split('[data-theme="dark"] {')
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if theme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    pairs = {
        f"{text} on {ground}": contrast(colours[text], colours[ground])
        for ground, texts in READ_ON.items()
        for text in texts
    }
    assert {pair: round(value, 2) for pair, value in pairs.items() if value < 4.5} == {}


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
