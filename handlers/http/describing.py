"""How much the routes say of themselves: nothing while they serve, all once somebody asks for it.

Models of every answer take a tenth of a start, and only `/openapi.json` and `/docs` show them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

Told = Callable[[str], dict[str, Any]]
"""What FastAPI is told of a call by its name in shapes.py."""


def nothing(_call: str) -> dict[str, Any]:
    """Enough to serve."""
    return {}


def everything(call: str) -> dict[str, Any]:
    """What shapes.py says of the call."""
    from handlers.http import shapes

    said: dict[str, Any] = getattr(shapes, call)
    return said


class Described(FastAPI):
    """An app whose OpenAPI description comes from a twin that says everything."""

    def __init__(self, twin: Callable[[], FastAPI] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._twin = twin
        self._told: dict[str, Any] | None = None

    def openapi(self) -> dict[str, Any]:
        """The description; made when it is first asked for."""
        if self._twin is None:
            return super().openapi()
        if self._told is None:
            self._told = self._twin().openapi()
        return self._told
