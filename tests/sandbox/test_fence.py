"""The sandbox stands beside the bot: neither imports the other, but for the clock that both are given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bot

ROOT = Path(bot.__path__[0]).parent
SANDBOX = ROOT / "bot" / "sandbox"
FLOORS = ("bot", "handlers", "storage")


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_that_runs_in_production_imports_the_sandbox() -> None:
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if SANDBOX not in path.parents]
    guilty = {str(path) for path in files for name in imports(path) if name.startswith("bot.sandbox")}
    assert len(files) > 10
    assert guilty == set()


def test_the_stand_in_for_slack_knows_nothing_of_the_bot_but_its_clock() -> None:
    own = list((SANDBOX / "slack").rglob("*.py"))
    foreign = {
        name
        for path in own
        for name in imports(path)
        if name.split(".")[0] in FLOORS and not name.startswith(("bot.sandbox", "bot.clock"))
    }
    assert foreign == set()
