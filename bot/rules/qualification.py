"""Is this lead worth a handoff, how urgent is it, and why: fit and engagement become a grade and a priority.

Pure: the lead, its activities and the moment are arguments. What happens to a lead that qualifies is decided
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from bot.agreement import Duration
from bot.agreement.fields import activity_name
from bot.agreement.matching import compile_when
from bot.agreement.model import Agreement, EngagementRule, Qualification
from storage.outbox.posts import Rank

_SLACK = 1e-9  # sums of decayed points that differ by less are equal: halves of halves are not exact


class ActivityLike(Protocol):
    """Something a lead did. `at` is aware; `detail` is whatever the source said about it."""

    @property
    def type(self) -> str:
        """The kind of activity, such as `demo_request`."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def detail(self) -> Any:
        """More about it, text as a rule."""


@dataclass(frozen=True)
class Why:
    """One reason for the points, as people read it. `decayed_from` is what it was worth when it was new."""

    text: str
    points: float
    kind: Literal["fit", "engagement"]
    decayed_from: int | None = None
    half_life: Duration | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Judgement:
    """What the agreement says about a lead at one moment.

    `grade` is the letter of fit and the digit of engagement. `qualifies` says whether an inquiry becomes an
    MQL now, and `reason_qualified` why or why not. `hand_raiser`: its newest activity is one of `always`.
    """

    fit_points: int
    engagement_points: float
    letter: str
    digit: int
    priority: str
    qualifies: bool
    hand_raiser: bool
    why: tuple[Why, ...]
    reason_qualified: str

    @property
    def grade(self) -> str:
        """Such as `B2`."""
        return f"{self.letter}{self.digit}"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words; what counts most comes first, so that a short list can leave out the rest."""
        return tuple(why.text for why in sorted(self.why, key=lambda why: -abs(why.points)))


def judge(
    agreement: Agreement, lead: Mapping[str, Any], activities: Sequence[ActivityLike], now: datetime
) -> Judgement:
    """Judge a lead by the agreement at a moment.

    `qualified`, when true in the lead, says that marketing judged it: it qualifies whatever its grade.
    Activities dated after `now` count as if they happened now.
    """
    rules = agreement.qualification
    fit = tuple(
        Why(f"{rule.why} ({rule.points:+})", rule.points, "fit")
        for rule in rules.fit
        if compile_when(rule.when)(lead)
    )
    engagement = tuple(
        counted for rule in rules.engagement if (counted := _engagement(rule, activities, now)) is not None
    )
    fit_points = sum(int(why.points) for why in fit)
    engagement_points = sum(why.points for why in engagement)
    letter, digit = letter_of(rules, fit_points), digit_of(rules, engagement_points)
    marks = {f"{letter}{digit}", "*", *_newest(activities)}
    raised = next((rule for rule in rules.always if rule in marks and rule.startswith("activity:")), None)
    qualifies, reason = _verdict(rules, lead, letter, digit, marks, raised)
    return Judgement(
        fit_points=fit_points,
        engagement_points=engagement_points,
        letter=letter,
        digit=digit,
        priority=_priority(agreement, marks),
        qualifies=qualifies,
        hand_raiser=raised is not None,
        why=(*fit, *engagement),
        reason_qualified=reason,
    )


def letter_of(rules: Qualification, points: float) -> str:
    """The letter of fit for a sum of points, D below all bands."""
    return next((letter for letter, least in sorted(rules.bands.fit.items()) if points >= least), "D")


def digit_of(rules: Qualification, points: float) -> int:
    """The digit of engagement for a decayed sum of points, 3 below all bands."""
    bands = sorted(rules.bands.engagement.items())
    return next((digit for digit, least in bands if points >= least - _SLACK), 3)


def decayed(points: int, age: timedelta, half_life: Duration | None) -> float:
    """Points after `age`: points * 0.5 ** (age / half-life), in wall time; an age below zero is none."""
    if half_life is None:
        return float(points)
    return float(points * 0.5 ** (max(age, timedelta(0)) / half_life.wall()))


def _engagement(rule: EngagementRule, activities: Sequence[ActivityLike], now: datetime) -> Why | None:
    """What a rule counts: its points for the latest activity that matches it, once."""
    matches = compile_when(rule.when)
    moments = [item.at for item in activities if matches(_as_values(item))]
    if not moments:
        return None
    age = max(now - max(moments), timedelta(0))
    points = decayed(rule.points, age, rule.half_life)
    left = round(points)
    worth = f"{rule.points:+}" if left == rule.points else f"{left:+} of {rule.points}"
    return Why(f"{rule.why} {_ago(age)} ({worth})", points, "engagement", rule.points, rule.half_life)


def _as_values(activity: ActivityLike) -> dict[str, Any]:
    return {"activity": activity_name(activity.type), "detail": activity.detail}


def _newest(activities: Sequence[ActivityLike]) -> list[str]:
    """The newest activity as a rule names it; of several at one moment, all."""
    newest = max((item.at for item in activities), default=None)
    return [f"activity:{activity_name(item.type)}" for item in activities if item.at == newest]


def _priority(agreement: Agreement, marks: set[str]) -> str:
    """The first priority that asks for one of the marks; a lead that no priority asks for has the last."""
    priorities = agreement.priorities
    return next((each.name for each in priorities if marks & set(each.rules)), priorities[-1].name)


def _verdict(
    rules: Qualification,
    lead: Mapping[str, Any],
    letter: str,
    digit: int,
    marks: set[str],
    raised: str | None,
) -> tuple[bool, str]:
    if lead.get("qualified") is True:
        return True, "Marketing qualified it"
    if raised:
        return True, f"Raised a hand: {raised.removeprefix('activity:').replace('_', ' ')}"
    grade = f"{letter}{digit}"
    if letter <= rules.mql[0] and digit <= int(rules.mql[1]):
        return True, f"Grade {grade} reaches {rules.mql}"
    if marks & set(rules.always):
        return True, f"Grade {grade} is always handed off"
    return False, f"Grade {grade} does not reach {rules.mql}"


def _ago(age: timedelta) -> str:
    """An age in words, in the largest unit that fits it twice, or once for what is short."""
    for name, length in (
        ("month", timedelta(days=30)),
        ("day", timedelta(days=1)),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        count = age // length
        if count >= (2 if name == "month" else 1):
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"


def rank_of(agreement: Agreement, priority: str) -> Rank:
    """How soon a lead of this priority is shown."""
    names = [item.name for item in agreement.priorities]
    return Rank.of_priority(names.index(priority) if priority in names else len(names))


_NOT_FACTS = {"why", "extra", "grade", "priority", "stage"}


def facts_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """A lead's columns as the rules see them: its fields by name, and whatever else was told of it."""
    known = {name: value for name, value in columns.items() if name not in _NOT_FACTS}
    return {**columns.get("extra", {}), **known}
