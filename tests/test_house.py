"""The order of the rooms: calls go down only, and no door knows another.

The contracts stand in pyproject.toml; here each is shown to hold, and to see a fault that is planted.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import app

ROOT = Path(app.__file__).parent
FLOORS = ("bot", "handlers", "storage")

PLANTED = {
    "The three floors": ("storage/leads.py", "from bot.rules import sla"),
    "The rooms of bot/, bottom up in the README": ("bot/rules/sla.py", "from bot.handoffs import accept"),
    "The rooms of storage/": ("storage/database/sql.py", "from storage.outbox import posts"),
    "No door imports another": ("handlers/http/leads.py", "from handlers.slack import payloads"),
    "Nothing that runs in production imports the sandbox": (
        "bot/delivery/sender.py",
        "from bot.sandbox import Sandbox",
    ),
}


def contracts(root: Path) -> str:
    """What the contracts of pyproject.toml say of the tree at `root`."""
    linter = str(Path(sys.executable).with_name("lint-imports"))
    done = subprocess.run([linter, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's sources and contracts, to plant faults in."""
    root = tmp_path_factory.mktemp("house")
    for floor in FLOORS:
        shutil.copytree(
            ROOT / floor, root / floor, ignore=lambda _, names: {n for n in names if "cache" in n}
        )
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_calls_go_down_only() -> None:
    said = contracts(ROOT)
    assert f"Contracts: {len(PLANTED)} kept, 0 broken." in said, said


@pytest.mark.parametrize("contract", PLANTED)
def test_a_contract_sees_a_call_that_goes_up(contract: str, copied: Path) -> None:
    name, fault = PLANTED[contract]
    path = copied / name
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{fault}\n", encoding="utf-8")
    try:
        said = contracts(copied)
    finally:
        path.write_text(before, encoding="utf-8")
    assert f"{contract} BROKEN" in said, said
