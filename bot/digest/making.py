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
from bot.digest.report import Decided, DigestReport
from storage import agreements
from storage.figures import evidence
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
    points = (
        replace(point, leads=evidence.behind(tx, scope, point.key, limit=LEADS_SHOWN).lead_ids)
        for point in agenda(gathered, book.current, report.volume, labels)
    )
    return replace(report, agenda=tuple(points))


def reasons_known(tx: Connection, book: AgreementBook, codes: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """Label and quality of the agreement's reasons, and of older versions' for codes that it has no more."""
    found = {reason.code: (reason.label, reason.quality) for reason in book.current.reasons}
    missing = set(codes) - set(found)
    for version in agreements.version_ids(tx) if missing else ():
        for reason in book.of(tx, version).reasons:
            if reason.code in missing:
                found.setdefault(reason.code, (reason.label, reason.quality))
    return found


def _codes(gathered: Gathered) -> set[str]:
    return {code for slices in (gathered.slices, *gathered.earlier) for code in tallies.rejections(slices)}
