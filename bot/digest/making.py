"""Makes a report: reads, adds up, chooses the agenda, and looks up the leads behind it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.digest import tallies
from bot.digest.agenda import agenda
from bot.digest.assembly import build
from bot.digest.gathering import Gathered, gather, scope_of
from bot.digest.periods import Span
from bot.digest.report import Decided, DigestReport, Point
from bot.metrics import FEWEST
from storage import erasures
from storage.figures import evidence
from storage.figures.milestones import Slice
from storage.figures.scope import Scope

LEADS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a period, and the campaign or team to which it is narrowed.

    `campaign` "" asks for leads without one. `teams_of_reps` are the names of the teams whose reps are shown.
    """

    span: Span
    campaign: str | None = None
    team: str | None = None
    teams_of_reps: tuple[str, ...] = ()

    def scope(self, now: datetime) -> Scope:
        """The handoffs that it is about."""
        return scope_of(self.span, now, self.campaign, self.team)


def make_report(
    tx: Connection,
    book: AgreementBook,
    question: Question,
    now: datetime,
    decided: Sequence[Decided] = (),
) -> DigestReport:
    """The report that answers the question as things stand now (aware UTC)."""
    scope = question.scope(now)
    gathered = gather(tx, book.current, question.span, scope)
    reasons = reasons_known(tx, book, _codes(gathered))
    teams: list[Team] = [team for team in book.current.teams if team.name in question.teams_of_reps]
    report = build(gathered, book.current, known_reasons=reasons, decided=decided, teams_of_reps=teams)
    labels = {code: label for code, (label, _) in reasons.items()}
    points = agenda(gathered, book.current, report.line("volume"), labels)
    found = tuple(_with_evidence(tx, scope, point) for point in points)
    return replace(report, agenda=found, removed=erasures.counts(tx, scope.since, scope.until))


def _with_evidence(tx: Connection, scope: Scope, point: Point) -> Point:
    """The point with its leads, and with the size of the companies that were rejected."""
    found = evidence.behind(tx, scope, point.key, limit=LEADS_SHOWN).lead_ids
    rejections = point.key.startswith("reasons.") or point.key.endswith(".rejected")
    sizes = evidence.employees(tx, scope, point.key) if rejections else []
    if len(sizes) < FEWEST:
        return replace(point, leads=found)
    middle = sizes[len(sizes) // 10 : len(sizes) - len(sizes) // 10]
    size = f"Most companies have {middle[0]:,} to {middle[-1]:,} employees (n = {len(sizes):,})."
    return replace(point, sentence=f"{point.sentence} {size}", leads=found)


def reasons_known(tx: Connection, book: AgreementBook, codes: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Label and quality of the agreement's reasons, and of older versions' for codes that it has no more."""
    found = {reason.code: (reason.label, reason.quality) for reason in book.current.reasons}
    missing = set(codes) - set(found)
    for agreement in book.every(tx)[0] if missing else ():
        for reason in agreement.reasons:
            if reason.code in missing:
                found.setdefault(reason.code, (reason.label, reason.quality))
    return found


def quality_reasons(tx: Connection, book: AgreementBook, slices: Sequence[Slice]) -> list[str]:
    """The reasons that count against lead quality, of those known and those given in these slices."""
    known = reasons_known(tx, book, tallies.rejections(slices))
    return [code for code, (_, against) in known.items() if against]


def _codes(gathered: Gathered) -> set[str]:
    given = {code for slices in (gathered.slices, *gathered.earlier) for code in tallies.rejections(slices)}
    return given | set(gathered.rulings)
