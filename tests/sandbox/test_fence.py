"""The sandbox stands beside the bot: neither imports the other, but for the clock that both are given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot

ROOT = Path(bot.__path__[0]).parent
FLOORS = ("bot", "handlers", "storage")


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def in_production(root: Path) -> list[Path]:
    """The modules of a tree that run without the sandbox."""
    fence = root / "bot" / "sandbox"
    return [path for floor in FLOORS for path in (root / floor).rglob("*.py") if fence not in path.parents]


def over_the_fence(root: Path) -> set[str]:
    """Modules in production that import the sandbox."""
    return {
        str(path.relative_to(root))
        for path in in_production(root)
        for name in imports(path)
        if name.startswith("bot.sandbox")
    }


def stand_in(root: Path) -> list[Path]:
    """The modules of a tree that stand in for Slack."""
    return list((root / "bot" / "sandbox" / "slack").rglob("*.py"))


def known_of_the_bot(root: Path) -> set[str]:
    """What the stand-in for Slack imports of the bot, but for its clock."""
    return {
        name
        for path in stand_in(root)
        for name in imports(path)
        if name.split(".")[0] in FLOORS and not name.startswith(("bot.sandbox", "bot.clock"))
    }


def test_nothing_that_runs_in_production_imports_the_sandbox() -> None:
    assert {path.parent.name for path in in_production(ROOT)} >= {"handoffs", "delivery", "slack", "outbox"}
    assert over_the_fence(ROOT) == set()


def test_the_stand_in_for_slack_knows_nothing_of_the_bot_but_its_clock() -> None:
    assert len(stand_in(ROOT)) > 10
    assert known_of_the_bot(ROOT) == set()


@pytest.mark.parametrize(
    "fault", ["import bot.sandbox", "from bot import sandbox", "from bot.sandbox import x"]
)
def test_an_import_of_the_sandbox_is_seen_wherever_it_stands(fault: str, tmp_path: Path) -> None:
    plant(tmp_path, "bot/any/room/deep.py", f"def late():\n    {fault}\n")
    plant(tmp_path, "bot/sandbox/demo/own.py", fault)
    assert over_the_fence(tmp_path) == {"bot/any/room/deep.py"}


def test_what_the_stand_in_knows_of_the_bot_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, "bot/sandbox/slack/deep/api.py", "from bot.clock import Clock\nfrom bot.views import ids")
    assert known_of_the_bot(tmp_path) == {"bot.views", "bot.views.ids"}


def plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
