"""Results that are kept by which objects they are of, not what they equal: agreements are slow to hash."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MOST = 1024
"""So many results of a function are kept; then it begins anew."""


def kept(function: Callable[P, T]) -> Callable[P, T]:
    """Keep what a pure function gives for these very objects. They must not change, and come by place."""
    known: dict[tuple[int, ...], tuple[Any, T]] = {}

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        key = tuple(map(id, args))
        found = known.get(key)
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[key] = (args, function(*args, **kwargs))  # the objects too: no other gets their id
        return found[1]

    return call
