"""Functions of the mapping language for what JMESPath has no words for: lists of names and values.

Each takes nothing for nothing, because what a tool leaves out is no error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from bot.agreement.paths import compiled
from bot.intake.forms import numbered, of_json, unpacked
from bot.leadform import field_of

# How the package is told what a function takes: anything, a text, any number of them.
_ANY: Any = {"types": []}
_TEXT: Any = {"types": ["string"]}
_TEXTS: Any = {"types": ["string"], "variadic": True}
_ALL: Any = {"types": [], "variadic": True}


class OwnFunctions(Functions):
    """`named`, `answered`, `joined`, `unwrapped`, `scalars`, `merged`, `unpacked`, `of_json`, `numbered`."""

    @signature(_ANY, _TEXT, _TEXTS)
    def _func_named(self, items: Any, value: str, *names: str) -> dict[str, Any]:
        """`[{"id": "EMAIL", "text": "a@b.c"}]` by `named(@, 'text', 'id')` as `{"EMAIL": "a@b.c"}`.

        Of several names an item goes by the first that is a field of a lead, else by the first it has.
        """
        return dict(_named(items, value, names))

    @signature(_ANY, _ANY)
    def _func_answered(self, answers: Any, fields: Any) -> dict[str, Any]:
        """Typeform's answers by the titles of their questions, or by their refs where those say more."""
        known = {str(field.get("id")): field for field in _objects(fields)}
        found: dict[str, Any] = {}
        for answer in _objects(answers):
            own = answer.get("field")
            field = {**known.get(str(own.get("id")), {}), **own} if isinstance(own, Mapping) else {}
            name = _best([field.get("title"), field.get("ref"), field.get("id")])
            if name is not None:
                found.setdefault(name, _answer(answer))
        return found

    @signature(_ANY, _ANY, _TEXT)
    def _func_joined(self, items: Any, others: Any, key: str) -> list[dict[str, Any]]:
        """Each item with what the one of the others says that has the same value under `key`."""
        known = {str(other.get(key)): other for other in _objects(others)}
        return [{**known.get(str(item.get(key)), {}), **item} for item in _objects(items)]

    @signature(_ANY)
    def _func_unwrapped(self, table: Any) -> dict[str, Any]:
        """HubSpot's properties, each `{"value": …}` in older bodies, by their names."""
        if not isinstance(table, Mapping):
            return {}
        return {
            key: value.get("value") if isinstance(value, Mapping) else value
            for key, value in table.items()
            if not isinstance(value, list) and not (isinstance(value, Mapping) and "value" not in value)
        }

    @signature(_ANY)
    def _func_scalars(self, table: Any) -> dict[str, Any]:
        """Of an object what is no list and no object."""
        if not isinstance(table, Mapping):
            return {}
        return {key: value for key, value in table.items() if not isinstance(value, Mapping | list)}

    @signature(_ANY)
    def _func_unpacked(self, table: Any) -> dict[str, Any]:
        """A form's fields by their names, out of brackets and wrappers."""
        return unpacked(table)

    @signature(_ANY)
    def _func_of_json(self, text: Any) -> Any:
        """What stands in a text of JSON."""
        return of_json(text)

    @signature(_ANY)
    def _func_numbered(self, table: Any) -> dict[str, Any]:
        """Jotform's answers by the names of their questions."""
        return numbered(table)

    @signature(_ALL)
    def _func_merged(self, *tables: Any) -> dict[str, Any]:
        """Several objects as one, the later before the earlier; what is none is passed over."""
        found: dict[str, Any] = {}
        for table in tables:
            found |= table if isinstance(table, Mapping) else {}
        return found


_OPTIONS = jmespath.Options(custom_functions=OwnFunctions())


class Unmapped(ValueError):
    """A path that meets what it was not written for; the text says so."""


def search(path: str, raw: object) -> Any:
    """What a path finds. Raises Unmapped where it calls a function with what that does not take."""
    try:
        return compiled(path).search(raw, options=_OPTIONS)
    except (JMESPathError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Unmapped(str(error).partition("\n")[0][:200]) from None


def _named(items: Any, value: str, names: tuple[str, ...]) -> Iterable[tuple[str, Any]]:
    for item in _objects(items):
        name = _best([_at(item, each) for each in names])
        if name is not None:
            yield name, _single(_at(item, value))


def _at(item: Mapping[str, Any], path: str) -> Any:
    found: Any = item
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _objects(items: Any) -> list[Mapping[str, Any]]:
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _best(names: Iterable[Any]) -> str | None:
    told = [str(name) for name in names if isinstance(name, str | int) and str(name).strip()]
    return next((name for name in told if field_of(name)), told[0] if told else None)


def _single(value: Any) -> Any:
    """A list of one as its item, one of several texts as a text."""
    if not isinstance(value, list):
        return value
    return value[0] if len(value) == 1 else ", ".join(map(str, value))


def _answer(answer: Mapping[str, Any]) -> Any:
    """What stands under the key that the answer's type names; of a choice its label."""
    kind = str(answer.get("type"))
    value = answer.get(kind)
    if kind == "choice" and isinstance(value, Mapping):
        return value.get("label") or value.get("other")
    if kind == "choices" and isinstance(value, Mapping):
        labels, other = value.get("labels"), value.get("other")
        told = labels if isinstance(labels, list) else []
        return ", ".join(map(str, [*told, other] if other else told))
    return value
