"""What a lead below the line lacks most nearly, so that a thousand of them fall into a few groups.

Pure: the agreement and the judgement are arguments. Who is told, and of how many, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from bot.agreement.scoring import Qualification
from bot.rules.qualification import Identity, Judgement

Band = TypeVar("Band", str, int)

LATELY_DAYS = 30
"""Whoever did nothing that counts for so many days lacks engagement, not points."""


def shortfall(rules: Qualification, judged: Judgement, now: datetime) -> str:
    """What a lead that does not qualify lacks, in words that many leads share; "" for one at the line.

    Of fit the single rule that would be enough is named, the cheapest first, or the one that counts against
    the lead.
    """
    least_fit, least_engagement = _line(Identity(rules))
    fit, engagement = least_fit - judged.fit_points, least_engagement - judged.engagement_points
    if engagement <= 0:
        return _of_fit(rules, judged, fit) if fit > 0 else ""
    words = _of_engagement(judged, now)
    return f"{words} and too little fit" if fit > 0 else words


@lru_cache(maxsize=64)
def _line(rules: Identity[Qualification]) -> tuple[float, float]:
    """The fewest points of fit, and of engagement, with which a lead qualifies."""
    bands, mql = rules.it.bands, rules.it.mql
    letters = {str(letter): points for letter, points in bands.fit.items()}
    return _least(letters, mql[0]), _least(bands.engagement, int(mql[1]))


def _least(bands: Mapping[Band, int], wanted: Band) -> float:
    """The fewest points that reach a band; where no band asks for any, none are too few."""
    return min((points for band, points in bands.items() if band <= wanted), default=float("-inf"))


def _of_engagement(judged: Judgement, now: datetime) -> str:
    counted = [why for why in judged.why if why.kind == "engagement" and why.points > 0]
    lately = now - timedelta(days=LATELY_DAYS)
    if any(why.activity is None or why.activity.at >= lately for why in counted):
        return "too little engagement"
    return f"no engagement in {LATELY_DAYS} days"


def _of_fit(rules: Qualification, judged: Judgement, gap: float) -> str:
    matched = {why.rule for why in judged.why}
    against = [why for why in judged.why if why.kind == "fit" and -why.points >= gap]
    if against:
        return f"held back by “{min(against, key=lambda why: why.points).because}”"
    missing = [rule for number, rule in enumerate(rules.fit) if f"fit[{number}]" not in matched]
    enough = [rule for rule in missing if rule.points >= gap]
    return f"no “{min(enough, key=lambda rule: rule.points).why}”" if enough else "too little fit"
