"""The calibration of the score over the last quarter, and in words: what the numbers carry, and what not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.digest.making import Question
from bot.digest.words import rate_short, share
from bot.metrics.calibration import Criterion, GradeCell, Outcomes, Verdict, propose
from bot.metrics.values import Rate
from storage.figures import cells as counting
from storage.figures.cells import Cell

QUARTER = timedelta(days=91)
GRADES_SHOWN, CRITERIA_SHOWN = 12, 12


@dataclass(frozen=True, slots=True)
class Calibration:
    """How each grade and each criterion fared, and whether another line would be better."""

    line: str
    grades: tuple[GradeCell, ...]
    criteria: tuple[Criterion, ...]
    verdict: Verdict

    @property
    def lines(self) -> list[str]:
        """The calibration in words, a line each, plain text."""
        return [_verdict(self.line, self.verdict), *self._grades(), *self._criteria()]

    def _grades(self) -> list[str]:
        return [
            f"{cell.grade}: accepted {rate_short(cell.accepted)}, won {rate_short(cell.won)}"
            for cell in self.grades[:GRADES_SHOWN]
        ]

    def _criteria(self) -> list[str]:
        return [
            f"“{each.words}”: {_lift(each)}; "
            f"with it {rate_short(each.with_it)}, without {rate_short(each.without)}"
            for each in self.criteria[:CRITERIA_SHOWN]
        ]


def calibration_of(tx: Connection, book: AgreementBook, question: Question, now: datetime) -> Calibration:
    """The calibration over the 13 weeks up to the end of what was asked."""
    asked = question.scope(now)
    scope = replace(asked, since=asked.until - QUARTER)
    rules = book.current.qualification
    always = [rule.removeprefix("activity:") for rule in rules.always if rule.startswith("activity:")]
    graded = {rule for rule in rules.always if not rule.startswith("activity:")}
    found = counting.cells(tx, scope, always)
    rows = [
        (cell.grade, cell.exempt or cell.grade in graded or "*" in graded, _outcomes(cell)) for cell in found
    ]
    words = list(dict.fromkeys(rule.why for rule in (*rules.fit, *rules.engagement)))
    met = counting.criteria(tx, scope, words)
    everything = sum((outcomes for _, _, outcomes in rows), Outcomes())
    return Calibration(rules.mql, _grades(found), _criteria(words, met, everything), propose(rules.mql, rows))


def _outcomes(cell: Cell) -> Outcomes:
    return Outcomes(cell.handed_off, cell.accepted, cell.rejected, cell.won)


def _grades(found: Sequence[Cell]) -> tuple[GradeCell, ...]:
    made = []
    for grade in sorted({cell.grade for cell in found}):
        own = [cell for cell in found if cell.grade == grade]
        accepted, rejected = (sum(getattr(cell, name) for cell in own) for name in ("accepted", "rejected"))
        won, closed = (sum(getattr(cell, name) for cell in own) for name in ("won", "closed"))
        accepted_rate = Rate(f"grade.{grade}", accepted, accepted + rejected)
        made.append(GradeCell(grade, accepted_rate, Rate(f"grade.{grade}", won, closed)))
    return tuple(made)


def _criteria(
    words: Sequence[str], met: Sequence[tuple[int, int]], everything: Outcomes
) -> tuple[Criterion, ...]:
    """The criteria that tell most first; those with too few to say, last."""
    made = [
        Criterion(
            each,
            Rate("accepted", accepted, accepted + rejected),
            Rate("accepted", everything.accepted - accepted, everything.decided - accepted - rejected),
        )
        for each, (accepted, rejected) in zip(words, met, strict=True)
    ]
    return tuple(sorted(made, key=lambda each: (each.lift is None, -(each.lift or 0.0), each.words)))


def _lift(criterion: Criterion) -> str:
    return "too few to say" if criterion.lift is None else f"lift {criterion.lift:.2f}"


def _verdict(line: str, verdict: Verdict) -> str:
    proposal = verdict.proposal
    if proposal is None:
        if verdict.more_decisions is None:
            return f"Keep the MQL line at {line}: no stricter one would have raised acceptance."
        more = f"{verdict.more_decisions:,}"
        return f"Keep the MQL line at {line}. To prove another takes about {more} more decisions."
    lost = (
        f" It would have cost {proposal.won_lost} won."
        if proposal.won_lost
        else " No deal won would be lost."
    )
    now, then = rate_short(proposal.acceptance_now), rate_short(proposal.acceptance_then)
    return (
        f"Raise the MQL line from {proposal.now} to {proposal.then}: {_volume(proposal.volume)} volume, "
        f"{proposal.points:+.0f} points acceptance. Over the last 13 weeks: from {now} to {then}.{lost} "
        f'In the agreement, under [qualification]: mql = "{proposal.then}"'
    )


def _volume(change: float) -> str:
    return f"-{share(-change)}"
