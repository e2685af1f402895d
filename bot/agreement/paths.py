"""The mapping language of intake sources, JMESPath, as far as a file can be checked for it.

What the expressions are held against is bot/intake's business, and so is what our own functions do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult

from bot.agreement.wording import remedy, shown

OWN_FUNCTIONS = (
    "answered",
    "joined",
    "merged",
    "named",
    "numbered",
    "of_json",
    "scalars",
    "unpacked",
    "unwrapped",
)
"""Functions beside those of JMESPath."""

_LONGEST = 2_000


@lru_cache(maxsize=1024)
def compiled(path: str) -> ParsedResult:
    """A path that can be searched with. Raises ValueError in words for one that cannot."""
    if not path.strip():
        raise ValueError("is empty; write a JMESPath such as contact.email")
    if len(path) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters; write a shorter path")
    try:
        parsed: ParsedResult = jmespath.compile(path)
    except (JMESPathError, RecursionError) as error:
        raise ValueError(f"{shown(path)} is not a JMESPath ({_where(error)}); {_HINT}") from None
    for name in _functions(parsed.parsed):
        if name not in _known():
            raise ValueError(f'calls "{name}", which is not a function; {remedy(name, _known())}')
    return parsed


_HINT = "write it like contact.email; a fixed text goes in single quotes, 'demo_request'"


def _where(error: BaseException) -> str:
    position = getattr(error, "lex_position", None)
    return f"at character {position + 1}" if isinstance(position, int) and position >= 0 else "it breaks off"


@lru_cache(maxsize=1)
def _known() -> tuple[str, ...]:
    return (*sorted(Functions.FUNCTION_TABLE), *OWN_FUNCTIONS)


def _functions(node: Mapping[str, Any]) -> Iterator[str]:
    """The functions that an expression calls, from its syntax tree."""
    if node.get("type") == "function_expression":
        yield str(node["value"])
    for child in node.get("children", ()):
        if isinstance(child, Mapping):
            yield from _functions(child)
