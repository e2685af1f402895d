"""One round of the ladder: what is known of the clocks that are due together, and all that follows from them.

What is looked up is looked up for all of them at once, and what is found out is written for all of them at
once. What a rung does is decided in the files beside this one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.agreement.model import Agreement, MarketingSide, Team
from bot.context import BATON, Context
from bot.ladder.clock_rows import team_and_rep
from bot.ladder.roster import company_owners, facts_of, with_company_owner
from bot.rules import sla
from bot.rules.absence import absence_at
from bot.rules.candidates import Candidate, Facts, Need, candidates_of, one_less, one_more
from bot.rules.prefs import Prefs, prefs_of
from bot.rules.presence import absences_of
from bot.rules.roles import who_is_to_answer
from bot.rules.value import value
from bot.rules.worktime import WorkCalendar, hours_for
from storage import clocks, heartbeats, history, people
from storage.clocks import ClockChange, Standing
from storage.models import ClockKind, EventKind, Lead, NagKind, SlaClock
from storage.models.details import Detail
from storage.models.values import ClockValues, EventValues

_CourseKey = tuple[int, ClockKind, str, str, str | None, tuple[str, ...] | None]


@value
class Line:
    """One step of one clock as it is to be told: whom or where, what, and in whose hours.

    `by` and `why`: who gave the lead.
    """

    place: str
    thread_id: int | None
    what: NagKind
    clock_id: int
    handoff_id: int
    step: int
    priority: str
    hours: tuple[WorkCalendar, ...]
    by: str | None = None
    why: str | None = None


@dataclass(slots=True)
class Passing:
    """A lead that changes hands: `row` is its clock, `change` what becomes of that.

    `what` is said to who gets it, and `label` in the history. `user` is who that is, `why` in words and
    `choice` in full, once that is known; none: the manager must choose.
    """

    row: SlaClock
    handoff: Standing
    step: int
    change: ClockChange
    label: str
    what: NagKind = NagKind.ASSIGNED
    user: str | None = None
    why: str | None = None
    choice: dict[str, Any] | None = None
    lead: Lead | None = None  # where its company matters


class Round:
    """The clocks of one transaction. `rows` are claimed rows of `clock`; `full` says that more may be due."""

    def __init__(self, tx: Connection, ctx: Context, rows: Sequence[SlaClock], *, full: bool = False) -> None:
        self.tx, self.ctx, self.rows, self.full = tx, ctx, rows, full
        self.stamp = ctx.stamp.by(BATON)
        self.handoffs = clocks.standing(tx, {row.handoff_id for row in rows})
        everybody = self._everybody()
        self.people = people.among(tx, everybody)
        self.absences = absences_of(tx, everybody, ctx.now)
        self.away = {user for user, each in self.absences.items() if absence_at(each, ctx.now) is not None}
        self.gaps = heartbeats.outages_within(tx, min(row.due_at for row in rows), ctx.now)
        self.changes: list[ClockChange] = []
        self.postponed: dict[datetime, list[int]] = {}
        self.events: list[EventValues] = []
        self.lines: list[Line] = []
        self.recoloured: set[int] = set()
        self.passings: list[Passing] = []
        self.started: list[ClockValues] = []
        self._courses: dict[_CourseKey, sla.Course] = {}
        self._prefs: dict[str, Prefs] = {}
        self._hours: dict[tuple[str | None, str | None], WorkCalendar] = {}
        self._facts: dict[str, dict[str, Facts]] = {}

    @property
    def current(self) -> Agreement:
        """The agreement in force, which says who is who."""
        return self.ctx.book.current

    def team(self, handoff: Standing) -> Team | None:
        """The handoff's team as it is now."""
        return self.current.team(handoff.team)

    def answerers(self, handoff: Standing) -> list[str]:
        """Whom to remind of marketing's answer."""
        book = self.ctx.book
        return who_is_to_answer(book, handoff.campaign, handoff.team, lambda user: user in self.gone)

    def agreement(self, row: SlaClock) -> Agreement:
        """The version of the agreement that a clock goes by."""
        return self.ctx.book.of(self.tx, row.agreement_id)

    def course(self, row: SlaClock, handoff: Standing) -> sla.Course:
        """What a clock runs on."""
        present = None if row.present is None else tuple(row.present)
        key = (row.agreement_id, row.kind, handoff.priority, handoff.team, row.owner, present)
        if key not in self._courses:
            agreement = self.agreement(row)
            team, rep = team_and_rep(self.ctx.book, agreement, handoff.team, row.owner)
            kind = row.kind
            self._courses[key] = sla.course(
                agreement, kind, handoff.priority, team, rep, present=present, repeats=True
            )
        return self._courses[key]

    def hours(self, team: Team | None, user: str | None) -> WorkCalendar:
        """When somebody works: a rep of this team in their own hours, its manager in the team's."""
        rep = team.rep(user) if team and user else None
        key = (team.name if team else None, rep.user if rep else None)
        if key not in self._hours:
            self._hours[key] = hours_for(self.current, team, rep)
        return self._hours[key]

    def prefs(self, user: str) -> Prefs:
        """How somebody wants to be reminded."""
        if user not in self._prefs:
            self._prefs[user] = prefs_of(self.people.get(user))
        return self._prefs[user]

    def has_left(self, user: str) -> bool:
        """Whether somebody is no longer in the workspace."""
        person = self.people.get(user)
        return bool(person and person.left)

    @property
    def gone(self) -> frozenset[str]:
        """Who is away, or no longer in the workspace."""
        return frozenset({*self.away, *(user for user in self.people if self.has_left(user))})

    def is_away(self, user: str) -> bool:
        """Whether somebody has said that they are away."""
        return user in self.away

    def facts(self, team: Team) -> dict[str, Facts]:
        """What is known of everybody in a team now. Whoever gives one a lead keeps it in step."""
        if team.name not in self._facts:
            self._facts[team.name] = facts_of(self.tx, self.current, team, self.ctx.now, self.people)
        return self._facts[team.name]

    def candidates(
        self, team: Team, need: Need, had: Collection[str] = (), lead: Lead | None = None
    ) -> list[Candidate]:
        """Everybody in a team as they stand now towards such a lead, which some of them had before.

        With `lead` the owner of its company is marked.
        """
        facts = self.facts(team)
        facts = facts | {user: replace(facts[user], held_before=True) for user in had if user in facts}
        if lead is not None:
            owners = company_owners(self.tx, self.current, team, lead)
            facts = with_company_owner(self.tx, self.current, lead, owners, facts, self.ctx.now)
        return candidates_of(self.current, team, need, facts)

    def given(self, team: Team, user: str, handoff: Standing) -> None:
        """Somebody in the team was given one more lead just now; whoever had it has one less, and has had one
        less of those that count for a day and a week."""
        facts, former = self.facts(team), handoff.owner
        if former is not None and former in facts:
            zone = self.current.timezone_of(team, former)
            facts[former] = one_less(facts[former], handoff.given_at, self.ctx.now, zone)
        facts[user] = one_more(facts[user])

    def note(self, kind: EventKind, handoff: Standing, detail: Detail) -> None:
        """Write a line of history, with the others."""
        line = history.new_line(
            self.stamp, kind, lead_id=handoff.lead_id, handoff_id=handoff.id, detail=detail
        )
        self.events.append(line)

    def _everybody(self) -> set[str]:
        names = {row.team for row in self.handoffs.values()}
        named = [team for team in self.current.teams if team.name in names]
        sides: list[Team | MarketingSide] = [*named, self.current.marketing]
        users = {rep.user for team in named for rep in team.reps}
        users |= {user for side in sides for user in side.deciders}
        users |= {row.owner for row in self.rows if row.owner}
        if any(row.kind == ClockKind.ANSWER for row in self.rows):
            users |= self.ctx.book.people_in(self.current.roles.marketing)
            users |= {each.owner for each in self.current.campaigns if each.owner}
        return users | self.ctx.book.people_in(self.current.roles.admins)
