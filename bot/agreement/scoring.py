"""What the agreement says of scoring: points for what a lead is and does, and what they add up to.

What a rule means for a lead is decided in bot/rules/qualification.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from bot.agreement.durations import Duration
from bot.agreement.fields import (
    ACTIVITY_KEYS,
    AT_LEAST_KEYS,
    Frozen,
    Grade,
    Label,
    Rule,
    Text,
    When,
    Whole,
    activity_condition,
    at_least,
)
from bot.agreement.matching import is_comparison
from bot.agreement.wording import remedy

Points = Annotated[Whole, Field(ge=-10_000, le=10_000)]


class ScoreRule(Frozen):
    """Points for a lead that matches, and the reason as people read it."""

    when: Annotated[When, Field(min_length=1)]
    points: Points
    why: Text


class EngagementRule(ScoreRule):
    """Points for something a lead did; they halve with every `half_life` of wall time, if it has one.

    `when` asks about an activity (`activity`, `detail`), or else about counts that a record tells, each by a
    comparison: `{ visits = ">=5" }`, which may be written `{ field = "visits", at_least = 5 }`.
    """

    half_life: Duration | None = None

    @property
    def counts(self) -> bool:
        """Whether it asks about counts that were told of a lead and not about an activity."""
        return not any(key in ACTIVITY_KEYS for key in self.when)

    @field_validator("when", mode="before")
    @classmethod
    def _at_least_is_a_comparison(cls, when: Any) -> Any:
        return at_least(when) if isinstance(when, dict) and when.keys() == AT_LEAST_KEYS else when

    @field_validator("when")
    @classmethod
    def _asks_about_one_thing(cls, when: Mapping[str, Any]) -> Mapping[str, Any]:
        counts = [key for key, test in when.items() if key not in ACTIVITY_KEYS and is_comparison(test)]
        for key in when:
            if key not in (*ACTIVITY_KEYS, *counts):
                raise ValueError(f'"{key}" is nothing an activity has; {remedy(key, ACTIVITY_KEYS)}')
        if counts and len(counts) < len(when):
            raise ValueError(
                f'asks about an activity and about "{counts[0]}", which is a count; write a rule for each'
            )
        return {key: activity_condition(test) if key == "activity" else test for key, test in when.items()}


class Bands(Frozen):
    """The least sum of points for each letter of fit (else D) and each digit of engagement (else 3)."""

    fit: dict[Literal["A", "B", "C"], Points]
    engagement: dict[Annotated[int, Field(ge=1, le=2)], Points]


class Qualification(Frozen):
    """When an inquiry becomes an MQL.

    Rules by an activity, here in `always` and in the priorities, hold while it is at most `hot_for` old, in
    wall time. `customers` says what becomes of a won lead that raises a hand.
    """

    mql: Grade
    always: tuple[Rule, ...] = ()
    hot_for: Duration = Duration(7, "d")
    customers: Literal["tell", "handoff"] = "tell"
    fit: tuple[ScoreRule, ...] = ()
    engagement: tuple[EngagementRule, ...] = ()
    bands: Bands


class Priority(Frozen):
    """A name such as P1 and the rules, any one of which puts a lead there."""

    name: Label
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
