"""What somebody asks for in words: a period, and a team or a campaign to which the report is narrowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.digest import facts
from bot.digest.making import Question, quality_reasons
from bot.digest.periods import HOW_TO, BadPeriod, take_period
from bot.metrics import FIGURES
from bot.metrics import LEADS as LEADS_WORDS
from storage.figures import evidence, milestones
from storage.figures.evidence import Evidence, UnknownFigure
from storage.figures.scope import Scope

_PREFIXES = ("team ", "campaign ", "for ")
LEADS, WHY = "leads ", "why "
_LONGEST_NAME = 8  # words in the name of a figure


class Unanswerable(ValueError):
    """What was asked for has no answer; the text says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: the question, and the key of the figure whose leads are wanted, if any.

    `why`: what happened to them is wanted, too.
    """

    question: Question
    key: str | None = None
    why: bool = False

    @property
    def words(self) -> str:
        """The same as it can be asked again, whatever the day: "2026-W47 team Enterprise"."""
        question = self.question
        narrowed = f" team {question.team}" if question.team else ""
        if question.campaign is not None:
            narrowed += f" campaign {question.campaign or NO_CAMPAIGN}"
        return question.span.label + narrowed


NO_CAMPAIGN = "none"


def understand(tx: Connection, book: AgreementBook, text: str, asker: str, now: datetime) -> Asked:
    """What a text asks for. Managers and stand-ins see the reps of their own teams, admins those of all.

    `leads KEY [period …]` asks for the leads behind a figure, `why FIGURE [period …]`, by its key or its
    name, for what happened to them. Raises Unanswerable.
    """
    wanted, key, why = " ".join(text.split()), None, False
    if wanted.lower().startswith(LEADS):
        key, _, wanted = wanted[len(LEADS) :].strip().partition(" ")
    elif why := f"{wanted} ".lower().startswith(WHY):
        key, wanted = _figure_named(wanted[len(WHY) :])
    try:
        span, rest = take_period(wanted, now, book.current.timezone)
    except BadPeriod as bad:
        raise Unanswerable(str(bad)) from None
    question = _narrowed(tx, book, Question(span, teams_of_reps=_teams_of(book, asker)), rest, now)
    return Asked(question, key, why)


def leads_behind(
    tx: Connection, book: AgreementBook, question: Question, key: str, now: datetime, limit: int
) -> Evidence:
    """The leads behind a figure of a report: by the key of the leads, or of the figure in its table.

    Raises Unanswerable for a key that neither has.
    """
    scope = question.scope(now)
    try:
        return evidence.behind(tx, scope, key, limit=limit)
    except UnknownFigure:
        leads = _leads_of(tx, book, scope, key)
    try:
        return replace(evidence.behind(tx, scope, leads, limit=limit), key=key)
    except UnknownFigure:
        raise Unanswerable(_no_figure(key)) from None


def _figure_named(text: str) -> tuple[str, str]:
    """The key of the figure with whose key or name a text begins, whatever its case, and the rest of it."""
    words = text.split()
    for count in range(min(len(words), _LONGEST_NAME), 0, -1):
        name = " ".join(words[:count]).strip("“”\"'`").casefold()
        if name in _NAMES:
            return _NAMES[name], " ".join(words[count:])
    if not words:
        raise Unanswerable("Which figure? Write its name or its key, such as `why quality last week`.")
    if not ("." in words[0] or words[0] in LEADS_WORDS):
        raise Unanswerable(_no_figure(" ".join(words)))
    return words[0], " ".join(words[1:])


_NAMES = {
    name.casefold(): figure.key
    for figure in reversed(list(FIGURES.values()))
    for name in (figure.behind, figure.title, figure.key)
    if name
}
"""The keys of the figures, by key and by name."""


def _no_figure(wanted: str) -> str:
    """That there is no such figure; which are near, else what keys are like."""
    starts = (" ".join(wanted.split()[:count]).casefold() for count in (4, 3, 2, 1))
    near = dict.fromkeys(
        _NAMES[each] for start in starts for each in get_close_matches(start, _NAMES, n=2, cutoff=0.6)
    )
    if near:
        meant = " or ".join(f"`{key}` ({FIGURES[key].title})" for key in list(near)[:3])
        return f"There is no figure “{wanted}”. Did you mean {meant}?"
    return (
        f"There is no figure “{wanted}”. Keys are such as `quality`, `rejected`, `reasons.too_small`, "
        "`campaign.q4-webinar.rejected`, `team.Enterprise.accept.missed` or `cause.rep.accept`."
    )


def _leads_of(tx: Connection, book: AgreementBook, scope: Scope, figure: str) -> str:
    """The key of the leads behind a figure of the table; "" for one that there is not."""
    if figure not in FIGURES:
        return ""
    quality = quality_reasons(tx, book, milestones.slices(tx, scope))
    return facts.keys_of(quality).get(FIGURES[figure].of.leads, FIGURES[figure].of.leads)


def _teams_of(book: AgreementBook, asker: str) -> tuple[str, ...]:
    agreement = book.current
    everything = asker in book.people_in(agreement.roles.admins)
    return tuple(team.name for team in agreement.teams if everything or asker in team.deciders)


def _narrowed(tx: Connection, book: AgreementBook, question: Question, rest: str, now: datetime) -> Question:
    name = rest
    for prefix in _PREFIXES:
        if name.lower().startswith(prefix):
            name = name[len(prefix) :].strip()
    if not name:
        return question
    span, reps = question.span, question.teams_of_reps
    for team in book.current.teams:
        if team.name.casefold() == name.casefold():
            return Question(span, team=team.name, teams_of_reps=tuple(n for n in reps if n == team.name))
    if name.casefold() == NO_CAMPAIGN:
        return Question(span, campaign="")
    known = book.current.campaign(name)
    narrowed = Question(span, campaign=known.name if known else name)
    if known or milestones.handed_off(tx, narrowed.scope(now)):
        return narrowed
    raise Unanswerable(_unknown(book, name, span.title))


def _unknown(book: AgreementBook, name: str, period: str) -> str:
    agreement = book.current
    names = [team.name for team in agreement.teams] + [campaign.name for campaign in agreement.campaigns]
    folded = {each.casefold(): each for each in names}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    meant = f" Did you mean “{folded[near[0]]}”?" if near else f" {HOW_TO}"
    return f"“{name}” is not a period, nor a team or campaign that handed off a lead in {period}.{meant}"
