"""One round of the ladder: what is known of the clocks that are due together, and all that follows from them.

What is looked up is looked up for all of them at once, and what is found out is written for all of them at
once. What a rung does is decided in the files beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Rep, Team
from bot.context import BATON, Context
from bot.ladder.clock_rows import team_and_rep
from bot.rules import sla
from bot.rules.routing import Candidate
from bot.rules.worktime import WorkCalendar, hours_for
from storage import clocks, handoffs, heartbeats, history, people
from storage.clocks import ClockChange, Standing
from storage.models import ClockKind, EventKind, NagKind, SlaClock
from storage.models.values import ClockValues, EventValues


@dataclass(frozen=True, slots=True)
class Line:
    """One step of one clock as it is to be told: whom or where, what, and in whose hours."""

    place: str
    thread_id: int | None
    what: NagKind
    clock_id: int
    handoff_id: int
    step: int
    priority: str
    hours: tuple[WorkCalendar, ...]


@dataclass(slots=True)
class Passing:
    """A lead that a rung takes from its owner: `row` is its clock, `change` what becomes of that.

    `user` is who gets it and `why` in words, once that is known; none: the manager must choose.
    """

    row: SlaClock
    handoff: Standing
    step: int
    change: ClockChange
    user: str | None = None
    why: str | None = None


class Round:
    """The clocks of one transaction. `rows` are claimed rows of `clock`; `full` says that more may be due."""

    def __init__(self, tx: Connection, ctx: Context, rows: Sequence[SlaClock], *, full: bool = False) -> None:
        self.tx, self.ctx, self.rows, self.full = tx, ctx, rows, full
        self.stamp = ctx.stamp.by(BATON)
        self.handoffs = clocks.standing(tx, {row.handoff_id for row in rows})
        self.people = people.among(tx, self._everybody())
        self.gaps = heartbeats.outages_within(tx, min(row.due_at for row in rows), ctx.now)
        self.changes: list[ClockChange] = []
        self.postponed: dict[datetime, list[int]] = {}
        self.events: list[EventValues] = []
        self.lines: list[Line] = []
        self.recoloured: set[int] = set()
        self.passings: list[Passing] = []
        self.started: list[ClockValues] = []
        self._courses: dict[tuple[int, ClockKind, str, str, str | None], sla.Course] = {}
        self._hours: dict[tuple[str | None, str | None], WorkCalendar] = {}
        self._rosters: dict[str, list[Candidate]] = {}

    @property
    def current(self) -> Agreement:
        """The agreement in force, which says who is who."""
        return self.ctx.book.current

    def team(self, handoff: Standing) -> Team | None:
        """The handoff's team as it is now."""
        return self.current.team(handoff.team)

    def agreement(self, row: SlaClock) -> Agreement:
        """The version of the agreement that a clock goes by."""
        return self.ctx.book.of(self.tx, row.agreement_id)

    def course(self, row: SlaClock, handoff: Standing) -> sla.Course:
        """What a clock runs on."""
        key = (row.agreement_id, row.kind, handoff.priority, handoff.team, row.owner)
        if key not in self._courses:
            agreement = self.agreement(row)
            team, rep = team_and_rep(self.ctx.book, agreement, handoff.team, row.owner)
            kind = row.kind
            self._courses[key] = sla.course(agreement, kind, handoff.priority, team, rep)
        return self._courses[key]

    def hours(self, team: Team | None, user: str | None) -> WorkCalendar:
        """When somebody works: a rep of this team in their own hours, its manager in the team's."""
        rep = team.rep(user) if team and user else None
        key = (team.name if team else None, rep.user if rep else None)
        if key not in self._hours:
            self._hours[key] = hours_for(self.current, team, rep)
        return self._hours[key]

    def has_left(self, user: str) -> bool:
        """Whether somebody is no longer in the workspace."""
        person = self.people.get(user)
        return bool(person and person.left)

    def is_away(self, user: str) -> bool:
        """Whether somebody has said that they are away."""
        person = self.people.get(user)
        return bool(person and person.away_until and person.away_until > self.ctx.now)

    def roster(self, team: Team) -> list[Candidate]:
        """Everybody in a team as they stand now. Whoever chooses one keeps the list in step."""
        if team.name not in self._rosters:
            loads = handoffs.open_counts(self.tx, [rep.user for rep in team.reps])
            self._rosters[team.name] = [self._candidate(team, rep, loads) for rep in team.reps]
        return self._rosters[team.name]

    def note(self, kind: EventKind, handoff: Standing, detail: Mapping[str, object]) -> None:
        """Write a line of history, with the others."""
        line = history.new_line(
            self.stamp, kind, lead_id=handoff.lead_id, handoff_id=handoff.id, detail=detail
        )
        self.events.append(line)

    def _candidate(self, team: Team, rep: Rep, loads: Mapping[str, int]) -> Candidate:
        hours = self.hours(team, rep.user)
        return Candidate(
            user=rep.user,
            open_leads=loads[rep.user],
            opens_at=hours.opens_next(self.ctx.now),
            on_shift=hours.is_open(self.ctx.now),
            away=self.is_away(rep.user),
            left=self.has_left(rep.user),
        )

    def _everybody(self) -> set[str]:
        names = {row.team for row in self.handoffs.values()}
        named = [team for team in self.current.teams if team.name in names]
        users = {rep.user for team in named for rep in team.reps} | {team.manager for team in named}
        users |= {row.owner for row in self.rows if row.owner}
        users |= {self.current.marketing.manager} if self.current.marketing.manager else set()
        return users | self.ctx.book.people_in(self.current.roles.admins)
