"""Points: the bands that make a grade of them, and how they decay with age."""

from __future__ import annotations

from datetime import timedelta

from bot.agreement import Duration
from bot.agreement.scoring import Qualification

_DAY = timedelta(days=1)
_UNITS = (
    ("month", timedelta(days=30)),
    ("day", _DAY),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


def letter_of(rules: Qualification, points: float) -> str:
    """The letter of fit for a sum of points, D below all bands."""
    return next((letter for letter, least in sorted(rules.bands.fit.items()) if points >= least), "D")


def digit_of(rules: Qualification, points: float) -> int:
    """The digit of engagement for a decayed sum of points, 3 below all bands."""
    bands = sorted(rules.bands.engagement.items())
    return next((digit for digit, least in bands if points >= least), 3)


def decayed(points: int, age: timedelta, half_life: Duration | None) -> int:
    """What is left of points: points * 0.5 ** (age / half-life), by whole days of age, in whole points.

    A day is 24 hours on the wall clock; an age below one day is none, so nothing decays within its first 24
    hours. Halves are rounded away from zero. What is shown is this number, and so is what is judged.
    """
    if half_life is None:
        return points
    days = max(age, timedelta(0)) // _DAY
    left = abs(points) * 0.5 ** (days * _DAY / half_life.wall())
    return int(left + 0.5) * (1 if points >= 0 else -1)


def ago(age: timedelta) -> str:
    """An age in words, in the largest unit that fits it twice, or once for what is short."""
    for name, length in _UNITS:
        count = age // length
        if count >= (2 if name == "month" else 1):
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"
