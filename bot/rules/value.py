"""Small values of which a replay makes hundreds of thousands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots, as the type checker has it.

    At run time nothing guards the fields, because that guard makes it four times as slow to make one.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


def but(it: T, **changed: Any) -> T:
    """The value with other contents in these fields, as `dataclasses.replace` gives it, in half the time.

    Raises TypeError for a field that it does not have.
    """
    places, read = _fields_of(cast(Any, type(it)))
    values = [*read(it)]
    for name, changed_to in changed.items():
        place = places.get(name)
        if place is None:
            raise TypeError(f"{type(it).__name__} has no field {name!r}")
        values[place] = changed_to
    return type(it)(*values)


@cache
def _fields_of(kind: Any) -> tuple[Mapping[str, int], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(each.name for each in fields(kind))
    return {name: place for place, name in enumerate(names)}, attrgetter(*names)
