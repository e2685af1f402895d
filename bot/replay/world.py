"""How everybody stands while a replay runs, and the decisions of who gets a lead, by the bot's own rules."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.agreement import Agreement, Duration, Rep, Team
from bot.agreement.book import AgreementBook
from bot.agreement.vocabulary import Assign
from bot.ladder.clock_rows import team_and_rep
from bot.ladder.roster import needed
from bot.replay.record import Record
from bot.replay.state import LeadNow, Pass, Ran
from bot.rules import sla
from bot.rules.absence import absence_at
from bot.rules.assigning import assigned, with_company_owner
from bot.rules.candidates import Facts, can_any, counted, counted_from
from bot.rules.kept import kept
from bot.rules.rotation import RotationState, give_back
from bot.rules.spans import Span
from bot.rules.value import but
from storage.models import ClockKind, HandoffState, Stage

_OVER = (Stage.INQUIRY, Stage.RECYCLED, Stage.DISQUALIFIED, Stage.LOST)


@dataclass(frozen=True, slots=True)
class _Owner:
    owner: str
    given_at: datetime | None


class World:
    """Leads, people and turns at one moment. `book` is the agreement in force at it."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.now = datetime.min.replace(tzinfo=UTC)
        self.book: AgreementBook = next(iter(record.books.values()))
        self.leads: dict[int, LeadNow] = {}
        self.passes: list[Pass] = []
        self.turns: dict[str, RotationState] = {}
        self.absences: dict[str, list[Span]] = defaultdict(list)
        self.left: set[str] = set()
        self.ownerless: dict[int, Pass] = {}
        self.unowned: dict[int, Pass] = {}
        self._nobodys: dict[int, Pass] = {}
        self.stayed: dict[int, Ran] = {}
        self.eased = True  # somebody may be able by now who was not, or one more lead waits for somebody
        self.started: list[Ran] = []  # since the ladder last asked
        self.of_clock: dict[int, Pass] = {}
        self._holds: dict[str, int] = defaultdict(int)
        self._given: dict[str, list[tuple[datetime, int, Pass]]] = defaultdict(list)
        self._by_domain: dict[str, dict[int, LeadNow]] = defaultdict(dict)

    # ---- who is who

    def lead(self, lead_id: int) -> LeadNow:
        """A lead, which is met here for the first time or was before."""
        if lead_id not in self.leads:
            columns = self.record.first.get(lead_id) or self.record.columns[lead_id]
            found = LeadNow(lead_id, columns)
            if lead_id in self.record.forgotten:
                found.unknown = "it was erased, and nobody knows what it was"
            self.leads[lead_id] = found
            self._index(found, None)
        return self.leads[lead_id]

    def become(self, lead: LeadNow, columns: dict[str, Any]) -> None:
        """Other columns of a lead are known from now on."""
        before = lead.domain
        lead.become(columns)
        self._index(lead, before)

    def _index(self, lead: LeadNow, before: str | None) -> None:
        if before != lead.domain and before is not None:
            self._by_domain[before].pop(lead.id, None)
        if lead.domain is not None:
            self._by_domain[lead.domain][lead.id] = lead

    def is_away(self, user: str) -> bool:
        """Whether somebody has said that they are away."""
        spans = self.absences.get(user)
        return bool(spans) and absence_at(spans or (), self.now) is not None

    def is_gone(self, user: str) -> bool:
        """Whether somebody is away, or has left."""
        return user in self.left or self.is_away(user)

    # ---- what a handoff becomes

    def change(self, found: Pass, **values: Any) -> None:
        """Set these of a handoff, and keep the counts in step."""
        before = found.owner if found.is_open else None
        for name, value in values.items():
            setattr(found, name, value)
        after = found.owner if found.is_open else None
        if before != after:
            if before is not None:
                self._holds[before] -= 1
                self.eased = self.eased or self._frees(before)
            if after is not None:
                self._holds[after] += 1
        if found.owner is not None and found.given_at is not None and values.keys() & {"owner", "given_at"}:
            entry = (found.given_at, found.number, found)
            place = bisect_left(self._given[found.owner], entry[:2], key=lambda one: one[:2])
            if self._given[found.owner][place : place + 1] != [entry]:
                self._given[found.owner].insert(place, entry)
        if found.state is HandoffState.WAITING and found.owner is None:
            self.unowned[found.number] = found
        else:
            self.unowned.pop(found.number, None)
            self.note_nobody(found, False)
        if found.number in self.unowned and found.pooled_at is None:
            self.ownerless[found.number] = found
        else:
            self.ownerless.pop(found.number, None)
        self.eased = self.eased or "team" in values or self._waits(found)

    def _frees(self, user: str) -> bool:
        """Whether somebody may be able now who was not while they had one lead more."""
        with_it = self._holds[user] + 1
        reps = (team.rep(user) for team in self.book.current.teams)
        return any(
            rep is not None
            and (rep.capacity == with_it or rep.per_day is not None or rep.per_week is not None)
            for rep in reps
        )

    def _waits(self, found: Pass) -> bool:
        """Whether a handoff waits for somebody to be able, and not only for somebody to take it."""
        if found.nobody or found.number not in self.ownerless:
            return found.nobody
        return found.team in teams_that(self.book.current, Assign.ROTATE)

    def note_nobody(self, found: Pass, is_so: bool) -> None:
        """Whether nobody could take it, when last looked at."""
        found.nobody = is_so
        if is_so:
            self._nobodys[found.number], self.eased = found, True
        else:
            self._nobodys.pop(found.number, None)

    def add(self, found: Pass) -> None:
        """A new handoff begins."""
        self.passes.append(found)
        found.lead.passes.append(found)
        first = found.lead.first_handed
        found.lead.first_handed = found.handed_at if first is None else min(first, found.handed_at)
        owner, given_at, state = found.owner, found.given_at, found.state
        found.owner, found.given_at = None, None
        self.change(found, owner=owner, given_at=given_at, state=state)

    # ---- clocks

    def start(
        self,
        found: Pass,
        kind: ClockKind,
        *,
        team: Team | None,
        owner: str | None,
        book: AgreementBook | None = None,
        lasts: Duration | None = None,
    ) -> None:
        """Start a clock now, under the version of the agreement that the handoff goes by."""
        version = book or found.book
        rep = team.rep(owner) if team and owner else None
        anybody = team is not None and owner is None and team.assign is Assign.POOL
        present = self.present_in(team) if team and anybody and kind is ClockKind.ACCEPT else None
        if found.priority not in version.current.sla and kind is not ClockKind.ANSWER:
            return
        clock = sla.start(
            version.current, kind, found.priority, team, rep, self.now, present=present, lasts=lasts
        )
        if clock is not None:
            self.write(found, clock, version, owner, present)

    def write(
        self,
        found: Pass,
        clock: sla.Clock,
        book: AgreementBook,
        owner: str | None,
        present: Sequence[str] | None = None,
    ) -> Ran:
        """A clock runs from now on."""
        kept = None if present is None else tuple(present)
        ran = Ran(len(self.of_clock), clock.kind, owner, clock, book, kept)
        self.of_clock[ran.number] = found
        found.clocks.append(ran)
        self.started.append(ran)
        self.eased = self.eased or self._waits(found)
        return ran

    def stop_all(self, found: Pass) -> None:
        """End every running clock without its being met."""
        for each in found.clocks:
            if each.runs:
                self.stop(each)

    def stop(self, ran: Ran) -> None:
        """End one clock without its being met."""
        ran.stopped_at, ran.clock = self.now, but(ran.clock, next_at=None)

    def meet(self, found: Pass, kind: ClockKind, at: datetime | None = None) -> bool:
        """End the running clock of this kind as met; later than its due moment is a breach too."""
        ran = found.running_of(kind)
        if ran is None:
            return False
        at = at or self.now
        late = at > ran.clock.due_at
        if not late:
            ran.cause = None
        elif ran.clock.breached_at is None:
            ran.cause = sla.cause(kind, ran.clock.due_at, gaps=self.gaps())
        ran.clock = but(ran.clock, met_at=at, next_at=None, breached_at=ran.clock.due_at if late else None)
        return True

    def gaps(self) -> list[sla.Gap]:
        """The outages that are over by now."""
        return [gap for gap in self.record.outages if gap[1] <= self.now]

    def course(self, ran: Ran) -> sla.Course:
        """What a clock runs on."""
        found = self.of_clock[ran.number]
        agreement = ran.book.current
        team, rep = self.team_and_rep(agreement, found.team, ran.owner)
        return sla.course(agreement, ran.kind, found.priority, team, rep, present=ran.present, repeats=True)

    def team_and_rep(
        self, agreement: Agreement, team: str, owner: str | None
    ) -> tuple[Team | None, Rep | None]:
        """The team and the rep as that version knows them, else as the one in force does."""
        return team_and_rep(self.book, agreement, team, owner)

    # ---- who gets it

    def present_in(self, team: Team) -> list[str]:
        """The reps of a team who are neither away nor gone."""
        return [rep.user for rep in team.reps if not self.is_gone(rep.user)]

    def is_full(self, team: Team) -> bool:
        """Whether everybody in the team has left or has as many leads as they may: no need to ask further."""
        return all(
            rep.user in self.left or (rep.capacity is not None and self._holds[rep.user] >= rep.capacity)
            for rep in team.reps
        )

    def facts(self, team: Team) -> dict[str, Facts]:
        """What is known of each rep of the team now."""
        return {rep.user: self._facts_of(team, rep) for rep in team.reps}

    def _facts_of(self, team: Team, rep: Rep) -> Facts:
        given = (0, 0)
        if rep.per_day is not None or rep.per_week is not None:
            given = self._given_to(rep.user, self.book.current.timezone_of(team, rep))
        spans: Iterable[Span] = self.absences.get(rep.user, ())
        ahead = tuple([each for each in spans if each.ends is None or each.ends > self.now])
        return Facts(self._holds[rep.user], *given, ahead, rep.user in self.left)

    def _given_to(self, user: str, zone: str) -> tuple[int, int]:
        day, week = counted_from(self.now, zone)
        moments: list[datetime] = []
        for at, _, found in reversed(self._given[user]):
            if at < week:
                break
            if found.owner == user and found.given_at == at:
                moments.append(at)
        return counted(moments[::-1], day, week)

    def assign(
        self,
        team: Team,
        lead: LeadNow,
        priority: str,
        *,
        found: Pass | None = None,
        knows: Sequence[str] = (),
        barred: Collection[str] = (),
        must: bool = False,
    ) -> str | None:
        """Whom a lead goes to, with their turn counted; None for nobody. `must`: also in a pool."""
        agreement = self.book.current
        again = next((user for user in knows if team.rep(user) and user not in barred), None)
        if must:
            again = None
        pooled = team.assign is Assign.POOL and not must
        owners = self._company_owners(team, lead)
        if again is None and not owners and (pooled or self.is_full(team)):
            return None
        facts: Mapping[str, Facts] = self.facts(team)
        facts = self.marked(team, lead, facts)
        out = {*barred, *(found.holders() if found is not None else ())}
        if out:
            facts = {
                user: but(each, held_before=True) if user in out else each for user, each in facts.items()
            }
        state = self.turns.get(team.name, RotationState())
        company = lead.columns.get("company")
        need = needed(agreement, team, priority, self.now)
        chosen = assigned(agreement, team, facts, state, need, company=company, knows=again, pooled=pooled)
        if chosen is None:
            return None
        choice = chosen[1]
        if choice.among and choice.user is not None:
            self.turns[team.name] = choice.state
            lead.turn = (self.now, team.name, choice.user)
        return choice.user

    def _company_owners(self, team: Team, lead: LeadNow) -> list[_Owner]:
        if self.book.current.routing.company_owner is None or not lead.domain:
            return []
        users = {rep.user for rep in team.reps}
        theirs: dict[str, list[LeadNow]] = defaultdict(list)
        for other in self._by_domain[lead.domain].values():
            if other.id != lead.id and other.merged is None and other.owner in users:
                theirs[other.owner or ""].append(other)
        if not theirs:
            return []
        order = sorted(
            theirs,
            key=lambda user: (
                min(each.stage in _OVER for each in theirs[user]),
                min(each.id for each in theirs[user]),
            ),
        )
        return [_Owner(user, _last_given(user, theirs[user])) for user in order]

    def _deeds(self, lead: LeadNow, users: Sequence[str]) -> dict[str, datetime]:
        others = [
            each
            for each in self._by_domain[lead.domain or ""].values()
            if each.id != lead.id and each.merged is None
        ]
        found = {}
        for user in users:
            last = max((each.deeds[user] for each in others if user in each.deeds), default=None)
            if last is not None:
                found[user] = last
        return found

    def return_turn(self, found: Pass) -> None:
        """Give the owner's turn back, if they had the lead by rotation."""
        turn = found.lead.turn
        if turn is None or turn[0] < found.handed_at or turn[1:] != (found.team, found.owner):
            return
        self.turns[turn[1]] = give_back(self.turns.get(turn[1], RotationState()), turn[2])
        found.turned_back = turn[1:]

    def is_vacant(self, team: Team) -> bool:
        """Whether nobody in the team can take one more lead now."""
        if self.is_full(team):
            return True
        agreement = self.book.current
        need = needed(agreement, team, agreement.priorities[-1].name, self.now)
        return not can_any(agreement, team, need, self.facts(team))

    def marked(self, team: Team, lead: LeadNow, facts: Mapping[str, Facts]) -> Mapping[str, Facts]:
        """The facts with the owner of the lead's company marked."""
        owners = self._company_owners(team, lead)
        if not owners:
            return facts
        current = self.book.current
        return with_company_owner(current, owners, facts, lambda users: self._deeds(lead, users), self.now)

    def nobodys(self) -> Iterator[Pass]:
        """The handoffs that wait in a pool, and that nobody could take when last looked at."""
        pools = teams_that(self.book.current, Assign.POOL)
        yield from (
            found for found in self._nobodys.values() if found.team in pools and found.number in self.unowned
        )

    def open_in(self, team: str) -> bool:
        """Whether the agreement in force has the team."""
        return self.book.current.team(team) is not None


@kept
def teams_that(agreement: Agreement, assign: Assign) -> frozenset[str]:
    """The names of the teams whose leads find their owner in this way."""
    return frozenset(team.name for team in agreement.teams if team.assign is assign)


def _last_given(user: str, theirs: Sequence[LeadNow]) -> datetime | None:
    moments = [
        found.given_at
        for each in theirs
        for found in each.passes
        if found.owner == user and found.given_at is not None
    ]
    return max(moments, default=None)
