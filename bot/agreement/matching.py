"""The small language of `when` and `match` tables: which values a rule asks for.

    title = '~\\bcto\\b'        a regular expression, found anywhere in the value
    employees = ">=200"        also `<=`, `>`, `<`: a number
    country = "in US, CA"      one of these
    source = "webinar"         exactly this

Case never matters, keys compare without punctuation too (`Lead Score` is `lead_score`), all keys must match,
and a missing or empty value matches nothing. Which tables there are, and what follows from a match, is
decided by the callers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.agreement.patterns import searching
from bot.memory import remembered

Condition = str | int | float | bool
Predicate = Callable[[Mapping[str, Any]], bool]
Test = Callable[[Any], bool]

LONGEST_VALUE = 500
"""Values are cut to this many characters before they are matched, so that a hostile one costs little."""

_Range = tuple[float, float]

_ORDERS: dict[str, Callable[[_Range, float], bool]] = {
    ">=": lambda span, bound: span[0] >= bound,
    "<=": lambda span, bound: span[1] <= bound,
    ">": lambda span, bound: span[0] > bound,
    "<": lambda span, bound: span[1] < bound,
}
_SLIPS = {"=>": ">=", "=<": "<=", "==": "", "!=": "", "<>": ""}

_DASH = "\u2013"
_AMOUNT = r"[$€£]?\s*+([0-9][0-9.,' ]*+)\s*+([kmb]?)"
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_SPAN = (
    re.compile(  # what comes in is a stranger's: blanks once taken are not given back, so it takes no time
        rf"{_AMOUNT}(?:\s*+(?:[-{_DASH}]|to)\s*+{_AMOUNT}|\s*+(\+))?\s*+(?:employees|people)?",
        re.IGNORECASE | re.ASCII,
    )
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,' ][0-9]{3})+(?:\.[0-9]+)?")
_GROUPED_BY_DOTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")


@remembered(4096)
def simplify(name: str) -> str:
    """The letters and digits of a name, without case: what two spellings of one key have in common."""
    return "".join(filter(str.isalnum, name.casefold()))


def compile_when(when: Mapping[str, Condition]) -> Predicate:
    """A predicate on a lead, or on anything else that is a mapping. An empty table matches all.

    Raises ValueError, in words that name a remedy, for a condition that cannot be read.
    """
    return _compiled(tuple((key, type(condition), condition) for key, condition in when.items()))


def compile_condition(condition: Condition) -> Test:
    """A test of one value. Raises ValueError as compile_when does."""
    if not isinstance(condition, str):
        return _equals(condition)
    text = condition.strip()
    if text.startswith("~"):
        return _searches(text[1:])
    for sign, order in _ORDERS.items():
        if text.startswith(sign):
            return _compares(order, sign, text[len(sign) :])
    if text[:3].lower() == "in " or text.lower() == "in":
        return _is_among(text)
    slip = next((slip for slip in _SLIPS if text.startswith(slip)), None)
    if slip is not None:
        right = _SLIPS[slip]
        remedy = (
            f'"{right}{text[2:].strip()}"' if right else "the plain value for equal, or a pattern after ~"
        )
        raise ValueError(f'"{condition}" begins with {slip}, which means nothing here; write {remedy}')
    if not text:
        raise ValueError(
            "is empty and would match nothing; write the value it must equal, or leave the key out"
        )
    return _equals(text)


def is_comparison(condition: object) -> bool:
    """Whether a condition compares with a number, as `>=200` does."""
    return isinstance(condition, str) and condition.strip().startswith(("<", ">"))


def number_range(value: Any) -> tuple[float, float] | None:
    """The numbers that a value may stand for, as (lowest, highest), or None where it is not a number.

    `1,200` is 1200, `1,5` is 1.5, `10k` is 10,000, `200-500` runs from 200 to 500 and `500+` has no end.
    A comparison with a range holds when it holds for all of it: `200-500` is `>=200` but not `>=300`.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return (float(value), float(value))
    match = _SPAN.fullmatch(str(value).strip()[:LONGEST_VALUE])
    if match is None:
        return None
    low = _number(match[1], match[2] or (match[4] if match[3] else ""))
    high = _number(match[3], match[4]) if match[3] else low
    if low is None or high is None or high < low:
        return None
    return (low, float("inf") if match[5] else high)


@remembered(2048)
def _compiled(items: tuple[tuple[str, type, Condition], ...]) -> Predicate:
    tests = tuple((key, compile_condition(condition)) for key, _, condition in items)

    def predicate(values: Mapping[str, Any]) -> bool:
        return all(_present(value := _value(values, key)) and test(value) for key, test in tests)

    return predicate


def _value(values: Mapping[str, Any], key: str) -> Any:
    """What stands under a key, or else under another spelling of it."""
    if key in values:
        return values[key]
    name = _spellings(tuple(values)).get(simplify(key))
    return values[name] if name is not None else None


@remembered(2048)
def spelt(names: tuple[str, ...], keys: tuple[str, ...]) -> tuple[str | None, ...]:
    """How each of the keys is spelt among the names; None for one that is not there."""
    spellings = _spellings(names)
    return tuple(key if key in names else spellings.get(simplify(key)) for key in keys)


@remembered(512)
def _spellings(names: tuple[str, ...]) -> Mapping[str, str]:
    """How each key is spelt among these, by its letters and digits; leads of one source have the same."""
    return {plain: name for name in reversed(names) if (plain := simplify(name))}


def _present(value: Any) -> bool:
    return value is not None and value != ""


def _text(value: Any) -> str:
    return str(value)[:LONGEST_VALUE].strip().casefold()


def _equals(wanted: Condition) -> Test:
    if isinstance(wanted, bool):
        return lambda value: value is wanted or _text(value) == str(wanted).casefold()
    span = number_range(wanted)
    exact = span[0] if span is not None and span[0] == span[1] else None
    text = _text(wanted)

    def test(value: Any) -> bool:
        if exact is not None and (not isinstance(wanted, str) or not isinstance(value, str)):
            return number_range(value) == (exact, exact)
        return _text(value) == text

    return test


def _searches(pattern: str) -> Test:
    if not pattern.strip():
        raise ValueError('"~" has no pattern after it; write one, such as "~director"')
    if "\b" in pattern:
        raise ValueError(
            "holds a backspace where \\b was meant; put the pattern between single quotes, "
            "in which a backslash stays one"
        )
    try:
        found = remembered(512)(searching(pattern))  # a file has the same few titles again and again
    except ValueError as error:
        raise ValueError(
            f'"~{pattern}" is not a regular expression that RE2 knows ({error}); '
            "fix it, or put \\ before a sign meant as itself"
        ) from None
    return lambda value: found(str(value)[:LONGEST_VALUE])


def _compares(order: Callable[[_Range, float], bool], sign: str, text: str) -> Test:
    bound = number_range(text)
    if bound is None or bound[0] != bound[1]:
        raise ValueError(
            f'"{sign}{text}" compares with "{text.strip()}", which is not a number; write "{sign}200"'
        )

    def test(value: Any) -> bool:
        span = number_range(value)
        return span is not None and order(span, bound[0])

    return test


def _is_among(text: str) -> Test:
    wanted = [_equals(item.strip()) for item in text[2:].split(",") if item.strip()]
    if not wanted:
        raise ValueError(
            f'"{text}" names nothing; write the values with commas between them, such as "in US, CA"'
        )
    return lambda value: any(test(value) for test in wanted)


def _number(text: str, scale: str) -> float | None:
    """Read digits with either mark between thousands; a lone comma before two digits is a decimal one."""
    digits = text.strip()
    if _GROUPED.fullmatch(digits):
        digits = re.sub(r"[,' ]", "", digits)
    elif _GROUPED_BY_DOTS.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".")
    try:
        return float(digits) * _SCALE[scale.lower()]
    except ValueError:
        return None
