"""Every key of the agreement has a reader: what is agreed is carried out by something, or it is no key."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

import bot
from bot.agreement import crm, destinations, intake, model, webhooks
from bot.agreement.fields import Frozen

ROOT = Path(bot.__file__).parent.parent
READERS = ("bot", "handlers")
NOT_CARRIED_OUT: set[tuple[str, str]] = set()  # `check` warns of these where they are set
BY_METHOD = {  # read inside the package, and given on under this name
    ("Agreement", "office"): "hours",
    ("Agreement", "duty"): "answer",
    ("MarketingDuty", "answer"): "answer",
    ("Agreement", "sla"): "targets",
    ("Digest", "day"): "weekday",
    ("Reason", "turn"): "gives_turn_back",
    ("Team", "hours"): "hours_of",
    ("Rep", "hours"): "hours_of",
}


def fields() -> list[tuple[str, str]]:
    found = [
        (name, field)
        for module in (model, intake, crm, webhooks, destinations)
        for name, each in vars(module).items()
        if isinstance(each, type) and issubclass(each, Frozen) and each.__module__ == module.__name__
        for field in each.model_fields
    ]
    return sorted(found)


@cache
def attributes_read() -> frozenset[str]:
    """Every attribute that the code outside the agreement's own package reads."""
    files = [path for folder in READERS for path in (ROOT / folder).rglob("*.py")]
    trees = (
        ast.parse(path.read_text(encoding="utf-8"))
        for path in files
        if (ROOT / "bot" / "agreement") not in path.parents
    )
    return frozenset(
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def test_there_is_something_to_look_at() -> None:
    assert len(fields()) > 60
    assert len(attributes_read()) > 500
    assert issubclass(Frozen, BaseModel)


@pytest.mark.parametrize(("name", "field"), [key for key in fields() if key not in NOT_CARRIED_OUT])
def test_every_key_of_the_agreement_is_read_by_something(name: str, field: str) -> None:
    assert BY_METHOD.get((name, field), field) in attributes_read()


def test_the_exceptions_are_keys_of_the_agreement() -> None:
    assert {*NOT_CARRIED_OUT, *BY_METHOD} <= set(fields())
