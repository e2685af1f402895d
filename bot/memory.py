"""What was worked out of the words in leads is remembered for the next one, until somebody is erased."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import ParamSpec, TypeVar, cast
from weakref import WeakSet

P = ParamSpec("P")
T = TypeVar("T")

_remembering: WeakSet[Callable[..., object]] = WeakSet()
_changing = Lock()


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """`lru_cache` for a function that is given what stands in leads: `forget_all` empties it."""

    def remember(function: Callable[P, T]) -> Callable[P, T]:
        kept = lru_cache(maxsize=most)(function)
        with _changing:
            _remembering.add(kept)
        return cast("Callable[P, T]", kept)

    return remember


def forget_all() -> None:
    """Remember nothing of any lead from now on: somebody was erased."""
    with _changing:
        every = [*_remembering]
    for kept in every:
        kept.cache_clear()  # type: ignore[attr-defined]  # each was made above
