"""How well the points tell accepted leads from rejected ones, and which known field no rule makes use of.

Reckoned in the terminal, beside the bot: a fit of thousands of leads takes seconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.agreement.book import AgreementBook
from bot.agreement.fields import activity_name
from bot.agreement.matching import compile_when, number_range, simplify
from bot.digest.calibration import QUARTER, known_rules
from bot.digest.making import Question
from bot.leadform.counts import count_of
from bot.metrics.explained import FEWEST_OF_EACH, Decided, Explained, Value, explained
from storage.figures.decided import DecidedLead, activities_before, decided

MOST = 2000
"""The newest decisions of the period; more would say the same, later."""
_ACTIVITY = "activity "
_POINTS = re.compile(r"\(([+-]\d+)(?: of [+-]?\d+)?\)$")
_FIELDS = ("employees", "industry", "country", "region", "source")


@dataclass(frozen=True, slots=True)
class Missed:
    """A field that says more than the rules do; `in_rules`: one of them asks about it already."""

    field: str
    in_rules: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The measure, None with too few decisions of either kind, and the fields that the points miss."""

    of: Explained | None
    missed: tuple[Missed, ...] = ()

    @property
    def words(self) -> str:
        """In one or two sentences, plain text."""
        if self.of is None:
            return (
                f"Points beside a model: too few leads to say, under {FEWEST_OF_EACH} accepted or rejected."
            )
        shown = f"points {self.of.points:.2f}, best possible on your fields {self.of.fields:.2f}"
        said = (
            f"How well the score separates accepted from rejected: {shown} "
            f"(n = {self.of.n:,}; 0.50 is chance)."
        )
        if not self.of.surely:
            return f"{said} The fields do not clearly tell more than the points do."
        return " ".join([said, *(_words(each) for each in self.missed)])

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; null where there are too few decisions."""
        found = self.of
        return {
            "n": found.n if found else None,
            "points": found.points if found else None,
            "fields": found.fields if found else None,
            "surely": found.surely if found else None,
            "missed": [{"field": each.field, "in_rules": each.in_rules} for each in self.missed],
        }


def explanation(tx: Connection, book: AgreementBook, question: Question, now: datetime) -> Explanation:
    """Of the decisions over the 13 weeks up to the end of what was asked."""
    asked = question.scope(now)
    rows = decided(tx, replace(asked, since=asked.until - QUARTER), MOST)
    known = [words for _, words in known_rules(tx, book)]
    kinds = activities_before(tx, [row.id for row in rows])
    found = explained(len(known), [_decided(row, known, kinds.get(row.id, set())) for row in rows])
    missed = found.missed if found and found.surely else ()
    return Explanation(found, tuple(Missed(name, _in_rules(book.current, name)) for name in missed))


def _decided(row: DecidedLead, rules: Sequence[Sequence[str]], kinds: set[str]) -> Decided:
    points = sum(int(found[1]) for why in row.why if (found := _POINTS.search(why)))
    met = (
        place
        for place, names in enumerate(rules)
        if any(why.startswith(f"{name} ") for why in row.why for name in names)
    )
    fields = {**_columns(row), **_counts(row), **{_ACTIVITY + kind: 1.0 for kind in kinds}}
    return Decided(row.accepted_at is not None, points, frozenset(met), fields)


def _columns(row: DecidedLead) -> dict[str, Value]:
    values = {name: getattr(row, name) for name in _FIELDS}
    return {
        name: float(value) if isinstance(value, int) else value for name, value in values.items() if value
    }


def _counts(row: DecidedLead) -> dict[str, Value]:
    """The numbers that a record told before the handoff; what came later would know how it ended."""
    found: dict[str, Value] = {}
    moments = {name: datetime.fromisoformat(at) for name, at in row.told_at.items()}
    for name, value in row.extra.items():
        told, number = moments.get(simplify(name)), number_range(value)
        if told is not None and number is not None and told <= row.handed_at:
            found[count_of(name) or simplify(name)] = number[0]
    return found


def _in_rules(agreement: Agreement, name: str) -> bool:
    rules = agreement.qualification
    if name.startswith(_ACTIVITY):
        told = {"activity": activity_name(name.removeprefix(_ACTIVITY))}
        asked = (rule.when["activity"] for rule in rules.engagement if "activity" in rule.when)
        return any(compile_when({"activity": condition})(told) for condition in asked)
    keys = {simplify(key) for rule in (*rules.fit, *rules.engagement) for key in rule.when}
    return simplify(name) in keys


def _words(each: Missed) -> str:
    return f"{each.field} says more than its rules do." if each.in_rules else f"{each.field} is in no rule."
