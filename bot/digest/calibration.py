"""The calibration of the score over a quarter, in words and as JSON: what the numbers carry, and what not."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement import Agreement
from bot.agreement.book import AgreementBook
from bot.digest.making import Question
from bot.digest.periods import Span
from bot.digest.words import rate_short, share
from bot.metrics.calibration import Cell, Counts, Proposal, Verdict, Why, propose
from bot.metrics.lifts import Group, Lift, Rule, Worth, lifts
from bot.metrics.values import FEWEST, Rate
from storage.figures import cells as counting

QUARTER = timedelta(days=91)
WEEK = timedelta(days=7)
GRADES_SHOWN, RULES_SHOWN = 12, 12

WHY_WORDS: Mapping[Why, str] = {
    Why.FEW: "Keep the MQL threshold at {line}: too few decisions to compare another.",
    Why.UNSURE: "Keep the MQL threshold at {line}: no other is clearly better.",
    Why.COSTLY: "Keep the MQL threshold at {line}: raising acceptance would cost deals.",
    Why.EARLY: "The MQL threshold, {line}, is reviewed in the first report of each quarter.",
}
WORTH_WORDS: Mapping[Worth, str] = {
    Worth.HARMFUL: "predicts the opposite of its points",
    Worth.WEAK: "predicts little",
    Worth.USEFUL: "predicts good leads",
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """How each grade and each rule fared over a quarter, and whether another line would be better."""

    line: str
    cells: tuple[counting.Cell, ...]
    rules: tuple[Lift, ...]
    verdict: Verdict
    currency: str | None = None  # in which most deals were won; others' revenue is left out of a proposal
    gone: tuple[str, ...] = ()  # versions that have no readable text any more

    @property
    def n(self) -> int:
        """How many leads it rests on, handed off or not."""
        return sum(cell.leads for cell in self.cells)

    @property
    def lines(self) -> list[str]:
        """The calibration in words, a line each, plain text."""
        rules = [_rule_words(each) for each in self.rules[:RULES_SHOWN]]
        gone = map(_gone_words, self.gone)
        return [_verdict_words(self.line, self.verdict, self.n), *self._grades(), *rules, *gone]

    @property
    def advised_line(self) -> str | None:
        """The line for MQLs that it proposes."""
        return self.verdict.proposal.then if self.verdict.proposal else None

    def _grades(self) -> list[str]:
        return [
            f"{grade}: accepted {_rate(of['accepted'], of['accepted'] + of['rejected'])}, "
            f"won {_rate(of['won'], of['closed'])}"
            for grade, of in list(_by_grade(self.cells).items())[:GRADES_SHOWN]
            if of["handed_off"]
        ]

    def to_json(self) -> dict[str, Any]:
        """All of it as a JSON object; money in whole units, shares from 0 to 1."""
        proposal = self.verdict.proposal
        return {
            "n": self.n,
            "line": self.line,
            "cells": [{"grade": grade, **of} for grade, of in _by_grade(self.cells).items()],
            "rules": [_rule_json(each) for each in self.rules],
            "proposals": [_proposal_json(proposal, self.currency)] if proposal else [],
            "why_none": self.verdict.why,
        }


def calibration_of(tx: Connection, book: AgreementBook, question: Question, now: datetime) -> Calibration:
    """The calibration over the 13 weeks up to the end of what was asked.

    A line is proposed in the first weekly report of a quarter alone: each look is a test, and the more often
    one looks, the more often chance looks like a finding.
    """
    asked = question.scope(now)
    scope = replace(asked, since=asked.until - QUARTER)
    rules = book.current.qualification
    always = [rule.removeprefix("activity:") for rule in rules.always if rule.startswith("activity:")]
    graded = {rule for rule in rules.always if not rule.startswith("activity:")}
    known = known_rules(tx, book)
    found = counting.cells(tx, scope, always, [words for _, words in known])
    currency = _currency(found)
    verdict = Verdict(why=Why.EARLY)
    if is_look(question.span):
        halves = ([_cell(cell, graded, currency) for cell in found if cell.half == half] for half in (0, 1))
        verdict = propose(rules.mql, *halves)
    fitted = lifts([rule for rule, _ in known], _groups(found, len(known)))
    gone = tuple(book.every(tx)[1])
    return Calibration(rules.mql, tuple(found), tuple(fitted), verdict, currency, gone)


def is_look(span: Span) -> bool:
    """Whether the report over these days is the first weekly one of a quarter."""
    due = span.until.astimezone(ZoneInfo(span.tz)).date()
    before = due - WEEK
    return span.until - span.since <= WEEK + timedelta(hours=2) and (_quarter(due) != _quarter(before))


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def rule_id(kind: str, when: Mapping[str, object]) -> str:
    """What a rule is known by whatever it is called and worth: its kind and its conditions."""
    written = json.dumps([kind, when], sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:10]


def _scored(agreement: Agreement) -> list[tuple[str, str, int]]:
    """The id, words and points of each rule."""
    rules = agreement.qualification
    kinds = (("fit", rules.fit), ("engagement", rules.engagement))
    return [(rule_id(kind, rule.when), rule.why, rule.points) for kind, each in kinds for rule in each]


def known_rules(tx: Connection, book: AgreementBook) -> list[tuple[Rule, list[str]]]:
    """The rules in force, each with all the words that any readable version of the agreement had."""
    words: dict[str, dict[str, None]] = {}
    for agreement in book.every(tx)[0]:
        for name, why, _ in _scored(agreement):
            words.setdefault(name, {})[why] = None
    found: dict[str, tuple[Rule, list[str]]] = {}
    for name, why, points in _scored(book.current):
        found.setdefault(name, (Rule(name, why, points), [*dict.fromkeys((why, *words.get(name, {})))]))
    return list(found.values())


def _currency(found: Sequence[counting.Cell]) -> str | None:
    won: Counter[str] = Counter()
    for cell in found:
        if cell.currency is not None and cell.revenue:
            won[cell.currency] += cell.won
    return max(sorted(won), key=lambda each: won[each], default=None)


def _cell(cell: counting.Cell, graded: set[str], currency: str | None) -> Cell:
    revenue = cell.revenue if cell.currency == currency else 0
    counts = Counts(
        *(cell.leads, cell.handed_off, cell.accepted, cell.rejected),
        *(cell.won, cell.deals, revenue),
    )
    exempt = cell.exempt or cell.grade in graded or "*" in graded
    return Cell(cell.grade, exempt, counts, cell.by_hand)


def _groups(found: Sequence[counting.Cell], rules: int) -> list[Group]:
    counts: dict[int, tuple[int, int, int]] = {}
    for cell in found:
        leads_, accepted, rejected = counts.get(cell.met, (0, 0, 0))
        counts[cell.met] = leads_ + cell.leads, accepted + cell.accepted, rejected + cell.rejected
    return [
        Group(frozenset(place for place in range(rules) if met >> place & 1), *each)
        for met, each in counts.items()
    ]


_COUNTED = ("leads", "handed_off", "accepted", "rejected", "won", "closed")


def _by_grade(found: Sequence[counting.Cell]) -> dict[str, dict[str, int]]:
    grades: dict[str, Counter[str]] = {}
    for cell in sorted(found, key=lambda each: each.grade):
        grades.setdefault(cell.grade, Counter()).update({name: getattr(cell, name) for name in _COUNTED})
    return {grade: {name: counts[name] for name in _COUNTED} for grade, counts in grades.items()}


def _rate(part: int, n: int) -> str:
    return rate_short(Rate("", part, n))


def _rule_json(each: Lift) -> dict[str, Any]:
    return {
        **{"id": each.rule.id, "why": each.rule.why, "points": each.rule.points},
        **{"lift": each.lift, "low": each.low, "high": each.high, "n": each.n, "verdict": each.verdict},
    }


def _proposal_json(made: Proposal, currency: str | None) -> dict[str, Any]:
    return {
        **{"from": made.now, "to": made.then, "volume": made.volume, "lines": made.lines},
        "acceptance": {
            **{"delta": made.acceptance.delta, "low": made.acceptance.low, "high": made.acceptance.high},
        },
        **{"won_lost": made.won_lost, "revenue_lost": made.revenue_lost / 100, "currency": currency},
    }


def _rule_words(each: Lift) -> str:
    name = f"“{each.rule.why}” ({each.rule.points:+})"
    if each.lift is None or each.low is None or each.high is None:
        few = "too few to say" if each.n < FEWEST else "too few leads without it to say"
        return f"{name}: {few} (n = {each.n:,})"
    return (
        f"{name} {WORTH_WORDS[each.verdict]}: lift {each.lift:.2f}, {each.low:.2f} to {each.high:.2f} "
        f"(n = {each.n:,})"
    )


def _gone_words(version: str) -> str:
    return (
        f"The text of version {version} cannot be read any more. "
        "Rules reworded since then count only by today's wording."
    )


def _verdict_words(line: str, verdict: Verdict, n: int) -> str:
    made = verdict.proposal
    if made is None:
        return WHY_WORDS[verdict.why or Why.UNSURE].format(line=line)
    low, high = (f"{edge * 100:+.0f}" for edge in (made.acceptance.low, made.acceptance.high))
    verb = "Raise" if made.volume < 0 else "Lower"
    volume = f"{share(abs(made.volume))} {'fewer' if made.volume < 0 else 'more'} leads"
    lost = f"{made.won_lost:,} of the deals won" if made.won_lost else "no deal won"
    return (
        f"{verb} the MQL threshold from {made.now} to {made.then}: acceptance "
        f"{made.acceptance.delta * 100:+.0f} points ({low} to {high}), {volume}. "
        f"Over the last 13 weeks (n = {n:,}) it would have cost {lost}. "
        f'In the agreement, under [qualification]: mql = "{made.then}"'
    )
