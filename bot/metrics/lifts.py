"""What each scoring rule is worth: how much likelier sales accepts a lead that meets it, all else equal.

Among the leads that passed, a rule that helped them over the line looks worse than it is, since those without
it passed for better reasons. So acceptance is fitted on all rules together (a logistic regression, which a
selection by those very rules does not bend), and each rule's lift is what the fit says of all leads of the
period, handed off or not: mean acceptance if all met the rule ÷ if none did (standardisation; Robins, 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, sqrt
from statistics import NormalDist

from bot.metrics.calibration import CONFIDENCE, Z
from bot.metrics.logistic import Fit, Observed, Vector, fitted, form
from bot.metrics.values import FEWEST

_SURE = NormalDist().inv_cdf(CONFIDENCE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A scoring rule of the agreement: its id, its words, and its points."""

    id: str
    why: str
    points: int


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that meet the same rules (by their places): how many, and how many of them sales decided on."""

    met: frozenset[int]
    leads: int
    accepted: int
    rejected: int


class Worth(StrEnum):
    """What the numbers say of a rule, beside the sign of its points."""

    HARMFUL = "harmful"  # surely against its sign
    WEAK = "weak"  # may be nothing
    USEFUL = "useful"  # surely with its sign


@dataclass(frozen=True, slots=True)
class Lift:
    """A rule and what it is worth. `n` of the decided leads met it; with too few there is no lift."""

    rule: Rule
    n: int
    verdict: Worth
    lift: float | None = None
    low: float | None = None
    high: float | None = None


def lifts(rules: Sequence[Rule], groups: Sequence[Group]) -> list[Lift]:
    """Every rule, the harmful ones first, then by how far the lift is from 1; those without one last."""
    decided = [group for group in groups if group.accepted + group.rejected]
    fit = fitted(len(rules), [_observed(group) for group in decided])
    found = [_lift(place, rule, groups, decided, fit) for place, rule in enumerate(rules)]
    return sorted(found, key=_order)


def _observed(group: Group) -> Observed:
    return Observed(dict.fromkeys(group.met, 1.0), group.accepted + group.rejected, group.accepted)


def _order(each: Lift) -> tuple[bool, bool, float, str]:
    apart = abs(log(each.lift)) if each.lift else 0.0
    return each.verdict is not Worth.HARMFUL, each.lift is None, -apart, each.rule.id


def _lift(place: int, rule: Rule, groups: Sequence[Group], decided: Sequence[Group], fit: Fit) -> Lift:
    met = [group for group in decided if place in group.met]
    n = sum(group.accepted + group.rejected for group in met)
    rest = sum(group.accepted + group.rejected for group in decided) - n
    if min(n, rest) < FEWEST:
        return Lift(rule, n, Worth.WEAK)
    with_it, slope_with = _standardised(place, True, groups, fit)
    without, slope_without = _standardised(place, False, groups, fit)
    slope = [a / with_it - b / without for a, b in zip(slope_with, slope_without, strict=True)]
    error = sqrt(max(form(slope, fit.covariance), 0.0))
    middle = log(with_it / without)
    lift, low, high = (exp(middle + Z * step * error) for step in (0, -1, 1))
    return Lift(rule, n, _worth(rule.points, middle, error), lift, low, high)


def _worth(points: int, middle: float, error: float) -> Worth:
    """One-sided, at 95 %: which side matters is known before, by the sign of the points."""
    if not points or abs(middle) < _SURE * error:
        return Worth.WEAK
    return Worth.USEFUL if (middle > 0) is (points > 0) else Worth.HARMFUL


def _standardised(place: int, meets: bool, groups: Sequence[Group], fit: Fit) -> tuple[float, Vector]:
    """Mean acceptance of all leads if all met the rule, or none, and its slope by each coefficient."""
    total, mean, slope = 0, 0.0, [0.0] * len(fit.beta)
    for group in groups:
        met = group.met | {place} if meets else group.met - {place}
        share = fit.share(dict.fromkeys(met, 1.0))
        total += group.leads
        mean += group.leads * share
        step = group.leads * share * (1 - share)
        slope[0] += step
        for each in met:
            slope[each + 1] += step
    return mean / total, [each / total for each in slope]
