"""Reads the sources: which kinds of events they record, and where a word stands as a bare string."""

from __future__ import annotations

import ast
import importlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import app
from storage.models import EventKind

ROOT = Path(app.__file__).parent
FLOORS = ("bot", "handlers", "storage")
_APART = ("migrations", "sandbox/slack", "vocabulary.py")  # written before, another's, and where words are
_KIND = EventKind.__name__

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> dict[str, str]:
    """The project's modules by path."""
    found: dict[str, str] = {}
    for path in (path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not any(part in name for part in _APART):
            found[name] = path.read_text(encoding="utf-8")
    return found


def vocabularies(module: str) -> set[type[StrEnum]]:
    """The enums that a module defines."""
    named = vars(importlib.import_module(module)).values()
    enums = (each for each in named if isinstance(each, type) and issubclass(each, StrEnum))
    return {each for each in enums if each is not StrEnum}


def kinds(files: Mapping[str, str] | None = None) -> set[EventKind]:
    """Every kind that is given to a function which takes one and gives nothing back: these record it.

    Raises LookupError for a kind that cannot be made out.
    """
    trees = {name: ast.parse(text) for name, text in (files or sources()).items()}
    recorders: dict[str, set[int | None]] = defaultdict(set)
    for name, tree in trees.items():
        for function in _functions(tree):
            recorders[_known_as(function.name, name)].add(_place_of_kind(function))
    return {
        kind
        for name, tree in trees.items()
        for function in _functions(tree)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        for kind in _recorded(call, recorders, function, tree, name)
    }


def bare(words: type[StrEnum]) -> list[str]:
    """Where a member's value stands as a string, as path and line."""
    values = {word.value for word in words}
    return [
        f"{name}:{node.lineno}"
        for name, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and node.value in values
    ]


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _known_as(function: str, module: str) -> str:
    """A function's name; of a private one with its module, since another may have one of that name."""
    return f"{module}:{function}" if function.startswith("_") else function


def _place_of_kind(function: Function) -> int | None:
    """Which of its parameters is a kind, counted as callers count: without `self`."""
    gives_nothing = isinstance(function.returns, ast.Constant) and function.returns.value is None
    names = [argument for argument in function.args.args if argument.arg != "self"]
    places = (n for n, argument in enumerate(names) if _is_kind(argument.annotation))
    return next(places, None) if gives_nothing else None


def _is_kind(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == _KIND


def _recorded(
    call: ast.Call, recorders: Mapping[str, set[int | None]], function: Function, tree: ast.Module, name: str
) -> set[EventKind]:
    """What a call records; nothing where it passes on what its own caller gave."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    places = recorders.get(_known_as(called, name), set())
    given = [call.args[place] for place in places if place is not None and place < len(call.args)]
    own = {argument.arg for argument in function.args.args if _is_kind(argument.annotation)}
    if not given or any(isinstance(each, ast.Name) and each.id in own for each in given):
        return set()
    found = {kind for each in given for kind in _made_out(each, function, tree)}
    if not found and None not in places:  # else it may be another function of that name
        what = " or ".join(ast.unparse(each) for each in given)
        raise LookupError(f"{name}:{call.lineno}: {what} is no kind that can be made out")
    return found


def _made_out(given: ast.expr, function: Function, tree: ast.Module) -> set[EventKind]:
    """The members that an expression names, itself or by what its names were set to."""
    found = _members(given)
    names = {node.id for node in ast.walk(given) if isinstance(node, ast.Name) and node.id != _KIND}
    for body in (function, tree):
        found |= {kind for name in names for value in _assigned(name, body) for kind in _members(value)}
    return found


def _assigned(name: str, body: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(body):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        is_it = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        if is_it and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield node.value


def _members(value: ast.expr) -> set[EventKind]:
    return {
        EventKind[node.attr]
        for node in ast.walk(value)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == _KIND
    }
