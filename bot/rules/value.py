"""Small values of which a replay makes hundreds of thousands."""

from __future__ import annotations

from collections.abc import Callable
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
    names, read = _fields_of(cast(Any, type(it)))
    return type(it)(**{**dict(zip(names, read(it), strict=True)), **changed})


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(each.name for each in fields(kind))
    return names, attrgetter(*names)
