"""Is this lead worth a handoff, how urgent is it, and why: fit and engagement become a grade and a priority.

Pure: the lead, its activities and the moment are arguments. What happens to a lead that qualifies is decided
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

from bot.agreement import Duration
from bot.agreement.fields import activity_name
from bot.agreement.matching import compile_when, simplify, spelt
from bot.agreement.model import Agreement
from bot.agreement.scoring import EngagementRule, Qualification
from bot.leadform.counts import with_counts
from bot.leadform.model import AHEAD, EARLIEST
from bot.memory import remembered
from bot.rules.doings import ActivityLike as ActivityLike
from bot.rules.doings import is_own as is_own
from bot.rules.doings import is_summary as is_summary
from bot.rules.points import ago
from bot.rules.points import decayed as decayed
from bot.rules.points import digit_of as digit_of
from bot.rules.points import letter_of as letter_of
from bot.rules.value import value
from storage.outbox.posts import Rank

T = TypeVar("T")


@value
class Why:
    """One reason for the points, as people read it. `decayed_from` is what it was worth when it was new.

    `rule` names the rule by its place in the agreement (`engagement[2]`), `because` is its reason alone;
    `activity` is what it counted, None for fit and for a count such as `visits`.
    """

    text: str
    points: int
    kind: Literal["fit", "engagement"]
    decayed_from: int | None = None
    half_life: Duration | None = None
    rule: str = ""
    because: str = ""
    activity: ActivityLike | None = None

    def __str__(self) -> str:
        return self.text


@value
class Judgement:
    """What the agreement says about a lead at one moment.

    `grade` is the letter of fit and the digit of engagement. `qualifies` says whether an inquiry becomes an
    MQL now, and `reason_qualified` why or why not. `raised` is the activity of `always` by which it is a
    hand-raiser now, None for who is none.
    """

    fit_points: int
    engagement_points: int
    letter: str
    digit: int
    priority: str
    qualifies: bool
    raised: str | None
    why: tuple[Why, ...]
    reason_qualified: str

    @property
    def hand_raiser(self) -> bool:
        """Whether its newest activity is one of `always`, and still hot."""
        return self.raised is not None

    @property
    def grade(self) -> str:
        """Such as `B2`."""
        return f"{self.letter}{self.digit}"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words; what counts most comes first, so that a short list can leave out the rest."""
        return tuple(why.text for why in sorted(self.why, key=lambda why: -abs(why.points)))


@dataclass(frozen=True)
class ScoredActivity:
    """An activity and what it counts: the sum of the points that rules gave it, or in words why none did."""

    activity: ActivityLike
    points: int
    because: str


def judge(
    agreement: Agreement,
    lead: Mapping[str, Any],
    activities: Sequence[ActivityLike],
    now: datetime,
    *,
    handed_at: datetime | None = None,
    told_at: Mapping[str, datetime] | None = None,
) -> Judgement:
    """Judge a lead by the agreement at a moment.

    `qualified`, when true in the lead, says that marketing judged it: it qualifies whatever its grade.
    `handed_at` is the lead's first handoff, if it had one: summaries of later dates do not count, so that no
    summary lifts a lead that sales has had. `told_at` has the moment at which a column (without case and
    punctuation) was told its value, for rules about counts; without it the lead's `updated_at` stands, else
    `now`.
    """
    plan, facts = _plan_of(Identity(agreement)), with_counts(lead)
    counted = [each for each in activities if _bar(each, now, handed_at) is None]
    fit, qualified = plan.fit_of(facts), lead.get("qualified") is True
    engagement = tuple(_engagement(plan, facts, counted, told_at or {}, now))
    if counted or engagement:
        hot = _hot(counted, now, agreement.qualification.hot_for)
        return _judged(agreement, fit, engagement, hot, qualified=qualified)
    if qualified not in fit.alone:  # of most leads nothing more is known, and many are alike
        fit.alone[qualified] = _judged(agreement, fit, (), set(), qualified=qualified)
    return fit.alone[qualified]


def _judged(
    agreement: Agreement,
    fit: _Fit,
    engagement: tuple[Why, ...],
    hot: set[str],
    *,
    qualified: bool,
) -> Judgement:
    """The judgement by what rules have counted, and the activities that are hot."""
    rules = agreement.qualification
    engagement_points = sum(each.points for each in engagement)
    letter, digit = fit.letter, digit_of(rules, engagement_points)
    marks = {f"{letter}{digit}", "*", *hot}
    raised = next((rule for rule in rules.always if rule in marks and rule.startswith("activity:")), None)
    qualifies, reason = _verdict(rules, letter, digit, marks, raised, qualified=qualified)
    return Judgement(
        fit_points=fit.points,
        engagement_points=engagement_points,
        letter=letter,
        digit=digit,
        priority=_priority(agreement, marks),
        qualifies=qualifies,
        raised=raised.removeprefix("activity:") if raised else None,
        why=(*fit.why, *engagement),
        reason_qualified=reason,
    )


def scored(
    agreement: Agreement,
    judged: Judgement,
    activities: Iterable[ActivityLike],
    now: datetime,
    *,
    handed_at: datetime | None = None,
) -> tuple[ScoredActivity, ...]:
    """Each activity with the points that it has in a judgement, in the order given.

    `now` and `handed_at` are those of the judgement.
    """
    tests = [(rule.why, matches) for rule, matches, _, _ in _plan_of(Identity(agreement)).engagement]
    found = []
    for each in activities:
        reasons = [why for why in judged.why if why.activity is each]
        values = _as_values(each)
        if reasons:
            because = "; ".join(why.text for why in reasons)
        elif bar := _bar(each, now, handed_at):
            because = bar
        elif newer := next((why for why, matches in tests if matches(values)), None):
            because = f"{newer}: a newer one counts"
        else:
            because = "in no rule"
        found.append(ScoredActivity(each, sum(why.points for why in reasons), because))
    return tuple(found)


def _bar(activity: ActivityLike, now: datetime, handed_at: datetime | None) -> str | None:
    """Why an activity does not count now, in words; None if it does."""
    if activity.at > now + AHEAD:
        return f"lies ahead; counts from {activity.at:%d %b %Y} on"
    if activity.at < EARLIEST:
        return "is dated before 1990"
    if handed_at is not None and activity.at > handed_at and is_summary(activity):
        return "only a summary, of a lead that sales has had"
    return None


def _engagement(
    plan: _Plan,
    facts: Mapping[str, Any],
    activities: Sequence[ActivityLike],
    told_at: Mapping[str, datetime],
    now: datetime,
) -> list[Why]:
    """What each rule counts: its points for the latest activity that matches it, or for a count, once."""
    newest: dict[str, ActivityLike] = {}
    for each in activities:
        for name in plan.counted_by(each):
            if name not in newest or each.at > newest[name].at:
                newest[name] = each
    found = []
    for rule, matches, name, counts in plan.engagement if newest else plan.counting:
        latest = newest.get(name)
        at = latest.at if latest is not None else None
        if counts:
            at = _told(rule, facts, told_at, now) if matches(facts) else None
        if at is not None:
            found.append(_worth(rule, max(now - at, timedelta(0)), name, latest))
    return found


@dataclass(frozen=True, slots=True)
class _Fit:
    """What the rules of fit give to leads that are alike in all that they ask for, and the judgement, by
    whether marketing qualified it, of one that nothing else counts for."""

    why: tuple[Why, ...]
    points: int
    letter: str
    alone: dict[bool, Judgement] = field(default_factory=dict)


_Asked = tuple[tuple[type, Any], ...]


class _Plan:
    """The rules of an agreement made ready: what each one tests, and for fit what it gives."""

    def __init__(self, rules: Qualification) -> None:
        self._rules = rules
        self._asked = tuple(dict.fromkeys(key for rule in rules.fit for key in rule.when))
        self._fit_by_values = remembered(4096)(self._fit_by)
        self._fit = [
            (
                compile_when(rule.when),
                Why(
                    f"{rule.why} ({rule.points:+})",
                    rule.points,
                    "fit",
                    rule=f"fit[{number}]",
                    because=rule.why,
                ),
            )
            for number, rule in enumerate(rules.fit)
        ]
        self.engagement = [
            (rule, compile_when(rule.when), f"engagement[{number}]", rule.counts)
            for number, rule in enumerate(rules.engagement)
        ]
        self.counting = [each for each in self.engagement if each[3]]
        self._counted_by_kind = remembered(1024)(self._counted_by)

    def fit_of(self, facts: Mapping[str, Any]) -> _Fit:
        """What the rules of fit give to a lead."""
        names = spelt(tuple(facts), self._asked)
        values = [None if name is None else facts[name] for name in names]
        try:
            return self._fit_by_values(tuple([(type(value), value) for value in values]))
        except TypeError:  # a list, or whatever else has no hash
            return self._fit_by(tuple([(type(value), value) for value in values]))

    def _fit_by(self, values: _Asked) -> _Fit:
        facts = {name: value for name, (_, value) in zip(self._asked, values, strict=True)}
        why = tuple(gives for matches, gives in self._fit if matches(facts))
        points = sum(each.points for each in why)
        return _Fit(why, points, letter_of(self._rules, points))

    def counted_by(self, activity: ActivityLike) -> tuple[str, ...]:
        """The names of the rules of engagement that count such an activity."""
        kind, detail = activity.type, (type(activity.detail), activity.detail)
        try:
            return self._counted_by_kind(kind, detail)
        except TypeError:
            return self._counted_by(kind, detail)

    def _counted_by(self, kind: str, told_more: tuple[type, Any]) -> tuple[str, ...]:
        detail = told_more[1]
        told = {"activity": activity_name(kind), "detail": detail}
        return tuple(name for _, matches, name, counts in self.engagement if not counts and matches(told))


class Identity(Generic[T]):
    """One object as a key, whatever it equals."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other.it is self.it


@lru_cache(maxsize=64)
def _plan_of(agreement: Identity[Agreement]) -> _Plan:
    return _Plan(agreement.it.qualification)


def _worth(rule: EngagementRule, age: timedelta, name: str, activity: ActivityLike | None) -> Why:
    left = decayed(rule.points, age, rule.half_life)
    worth = f"{rule.points:+}" if left == rule.points else f"{left:+} of {rule.points}"
    text = f"{rule.why} {ago(age)} ({worth})"
    return Why(text, left, "engagement", rule.points, rule.half_life, name, rule.why, activity)


def _told(
    rule: EngagementRule, facts: Mapping[str, Any], told_at: Mapping[str, datetime], now: datetime
) -> datetime:
    """When the newest of the counts that a rule asks for was told."""
    updated = facts.get("updated_at")
    fallback = updated if isinstance(updated, datetime) else now
    return max(told_at.get(simplify(key), fallback) for key in rule.when)


def _at(activity: ActivityLike) -> datetime:
    return activity.at


def _as_values(activity: ActivityLike) -> dict[str, Any]:
    return {"activity": activity_name(activity.type), "detail": activity.detail}


def _hot(activities: Sequence[ActivityLike], now: datetime, hot_for: Duration) -> set[str]:
    """The newest activity as a rule names it, while it is hot; of several at one moment, all.

    What others did about a lead hides nothing that it did: a call, an automated e-mail or a summary that is
    newer stands beside the lead's own newest activity.
    """
    hot = [each for each in activities if now - each.at <= hot_for.wall()]
    own = [each for each in hot if is_own(each)]
    newest = [(some, max(map(_at, some))) for some in (hot, own) if some]
    return {f"activity:{activity_name(each.type)}" for some, at in newest for each in some if each.at == at}


def _priority(agreement: Agreement, marks: set[str]) -> str:
    """The first priority that asks for one of the marks; a lead that no priority asks for has the last."""
    priorities = agreement.priorities
    return next((each.name for each in priorities if not marks.isdisjoint(each.rules)), priorities[-1].name)


def _verdict(
    rules: Qualification,
    letter: str,
    digit: int,
    marks: set[str],
    raised: str | None,
    *,
    qualified: bool,
) -> tuple[bool, str]:
    if qualified:
        return True, "Marketing qualified it"
    if raised:
        return True, f"Raised a hand: {raised.removeprefix('activity:').replace('_', ' ')}"
    grade = f"{letter}{digit}"
    if letter <= rules.mql[0] and digit <= int(rules.mql[1]):
        return True, f"Grade {grade} reaches {rules.mql}"
    if not marks.isdisjoint(rules.always):
        return True, f"Grade {grade} is always handed off"
    return False, f"Grade {grade} does not reach {rules.mql}"


def rank_of(agreement: Agreement, priority: str) -> Rank:
    """How soon a lead of this priority is shown."""
    names = [item.name for item in agreement.priorities]
    return Rank.of_priority(names.index(priority) if priority in names else len(names))


_NOT_FACTS = ("why", "extra", "grade", "priority", "stage")


def facts_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """A lead's columns as the rules see them: its fields by name, and whatever else was told of it."""
    known = dict(columns)
    for name in _NOT_FACTS:
        known.pop(name, None)
    extra = columns.get("extra")
    return {**extra, **known} if extra else known
