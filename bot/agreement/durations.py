"""Durations as the agreement writes them: `90s`, `5m`, `4h`, `3d`, and `3y` where years make sense.

What a working day is, and when a duration ends, is decided in bot/rules/worktime.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bot.agreement.wording import shown

_SHAPE = re.compile(r"([0-9]{1,9})([smhdy])")
_LOOSE = re.compile(r"\s*([0-9]{1,9}(?:[.,][0-9]{1,3})?)\s*([a-z]+)\.?\s*", re.IGNORECASE)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 365 * 86_400}
_LONGEST = timedelta(days=100 * 365)

# What people write for a unit, as a unit and how many of it.
_SPELLINGS = {
    spelling: meaning
    for meaning, spellings in {
        ("s", 1): "s sec secs second seconds",
        ("m", 1): "m min mins minute minutes",
        ("h", 1): "h hr hrs hour hours",
        ("d", 1): "d day days",
        ("d", 7): "w wk wks week weeks",
        ("d", 30): "mo mon month months",
        ("y", 1): "y yr yrs year years",
    }.items()
    for spelling in spellings.split()
}


@dataclass(frozen=True)
class Duration:
    """A length of time as it was written: a whole number above zero and a unit: s, m, h, d or y."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: object, *, years: bool = False) -> Self:
        """Read `5m`. Years are read only where the caller allows them.

        Raises ValueError, in words that name a remedy, for anything else, for zero and for over 100 years.
        """
        match = _SHAPE.fullmatch(text) if isinstance(text, str) else None
        if match is None or (match[2] == "y" and not years):
            raise ValueError(f'{shown(text)} is not a duration; write "{_suggestion(text, years)}"')
        duration = cls(int(match[1]), match[2])
        if duration.amount == 0:
            raise ValueError(f'"{text}" is not a length of time; write "1{duration.unit}" or more')
        if duration.amount * _SECONDS[duration.unit] > _LONGEST.total_seconds():
            raise ValueError(f'"{text}" is over 100 years; write a shorter duration')
        return duration

    def working(self, day: timedelta) -> timedelta:
        """The working time meant: `1d` is one working day of length `day`, the rest is what it says.

        Raises ValueError for years, which have no working length.
        """
        if self.unit == "y":
            raise ValueError(f"{self} has no length in working time")
        return self.amount * day if self.unit == "d" else self.wall()

    def wall(self) -> timedelta:
        """The time on the wall clock: a day is 24 hours, a year 365 days."""
        return self._wall

    @cached_property
    def _wall(self) -> timedelta:
        return timedelta(seconds=self.amount * _SECONDS[self.unit])

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read text, or take a Duration as it is, wherever a pydantic model has one."""
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, Duration) else cls.parse(value)
        )


def _suggestion(text: object, years: bool) -> str:
    """The nearest thing to `text` that is a duration, for the remedy."""
    match = _LOOSE.fullmatch(text) if isinstance(text, str) else None
    unit, factor = _SPELLINGS.get(match[2].lower(), ("", 0)) if match else ("", 0)
    if match is None or not factor:
        return "3y" if years else "5m"
    number = float(match[1].replace(",", ".")) * factor
    for smaller, per in (("d", 365), ("h", 24), ("m", 60), ("s", 60)):
        if number.is_integer() and (unit != "y" or years):
            break
        if _SECONDS[smaller] < _SECONDS[unit]:
            unit, number = smaller, number * per
    return f"{max(1, round(number))}{unit}"
