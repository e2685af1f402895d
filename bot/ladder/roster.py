"""How the reps of a team stand: what a choice among them goes by, looked up for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.model import Agreement, Team
from bot.rules import assigning
from bot.rules.candidates import (
    Candidate,
    Facts,
    Need,
    bar_of,
    candidates_of,
    counted,
    counted_from,
    need_of,
)
from bot.rules.presence import absences_of, away_at
from storage import clocks, companies, handoffs, people
from storage.companies import CompanyOwner
from storage.models import Lead, Person


def facts_of(
    tx: Connection,
    agreement: Agreement,
    team: Team,
    now: datetime,
    known: Mapping[str, Person] | None = None,
) -> dict[str, Facts]:
    """What is known of each rep of the team at this moment. `known`: their rows of `person`, if at hand."""
    users = [rep.user for rep in team.reps]
    persons = people.among(tx, users) if known is None else known
    loads = handoffs.open_counts(tx, users)
    given, absences = _given(tx, agreement, team, now), absences_of(tx, users, now)
    return {
        user: Facts(
            loads[user],
            *given.get(user, (0, 0)),
            absences=absences.get(user, ()),
            left=bool((person := persons.get(user)) and person.left),
        )
        for user in users
    }


def present_in(tx: Connection, team: Team, now: datetime) -> list[str]:
    """The reps of a team who are neither away nor gone."""
    users = [rep.user for rep in team.reps]
    persons, away = people.among(tx, users), away_at(tx, users, now)
    return [user for user in users if user not in away and not (user in persons and persons[user].left)]


def has_room(tx: Connection, team: Team, now: datetime) -> bool:
    """Whether somebody of the team is there and has room, as far as a quick look tells; caps of a day or a
    week take a closer one."""
    free = set(present_in(tx, team, now))
    there = [rep for rep in team.reps if rep.user in free and rep.per_day is None and rep.per_week is None]
    if any(rep.capacity is None for rep in there):
        return True
    loads = handoffs.open_counts(tx, [rep.user for rep in there])
    return any(rep.capacity is not None and loads[rep.user] < rep.capacity for rep in there)


def _given(tx: Connection, agreement: Agreement, team: Team, now: datetime) -> dict[str, tuple[int, int]]:
    """How many leads those with a cap were given on this day of theirs, and in this week."""
    since = {
        rep.user: counted_from(now, agreement.timezone_of(team, rep))
        for rep in team.reps
        if rep.per_day is not None or rep.per_week is not None
    }
    if not since:
        return {}
    moments: dict[str, list[datetime]] = defaultdict(list)
    first = min(moment for both in since.values() for moment in both)
    for row in handoffs.given_since(tx, since, first):
        moments[row.owner].append(row.given_at)
    return {user: counted(sorted(moments[user]), *both) for user, both in since.items()}


def able_in(tx: Connection, agreement: Agreement, team: Team, now: datetime) -> list[Candidate]:
    """Who of the team could take one more lead at `now`, on shift or not, whatever its priority."""
    need = needed(agreement, team, agreement.priorities[-1].name, now)
    there = candidates_of(agreement, team, need, facts_of(tx, agreement, team, now))
    return [each for each in there if (rep := team.rep(each.user)) and bar_of(each, rep) is None]


class AbleNow:
    """Who could take one more lead now, in each team, looked up once for all that is asked in one tick.

    Whoever gives somebody a lead forgets what was known.
    """

    def __init__(self, tx: Connection, agreement: Agreement, now: datetime) -> None:
        self._tx, self._agreement, self._now = tx, agreement, now
        self._known: dict[str, list[Candidate]] = {}

    def in_(self, team: Team) -> list[Candidate]:
        """Everybody in the team who is able."""
        if team.name not in self._known:
            self._known[team.name] = able_in(self._tx, self._agreement, team, self._now)
        return self._known[team.name]

    def forget(self) -> None:
        """Leads were given to somebody: look again."""
        self._known.clear()


def needed(agreement: Agreement, team: Team, priority: str, now: datetime) -> Need:
    """What a lead asks; one of a priority that the agreement in force does not have goes by the last."""
    known = priority if priority in agreement.sla else agreement.priorities[-1].name
    return need_of(agreement, team, known, now)


def without_holders(
    tx: Connection, facts: Mapping[str, Facts], handoff_id: int | None, barred: Collection[str] = ()
) -> dict[str, Facts]:
    """The facts with those marked who had the lead in this handoff, or must not have it."""
    held = clocks.holders(tx, {handoff_id})[handoff_id] if handoff_id is not None else set()
    out = held | set(barred)
    return {user: replace(each, held_before=True) if user in out else each for user, each in facts.items()}


def company_owners(tx: Connection, agreement: Agreement, team: Team, lead: Lead) -> list[CompanyOwner]:
    """Who of the team owns other leads of this lead's company; nobody where owning one means nothing."""
    if agreement.routing.company_owner is None or not lead.company_domain:
        return []
    users = [rep.user for rep in team.reps]
    return list(companies.owners(tx, lead.id, lead.company_domain, users))


def with_company_owner(
    tx: Connection,
    agreement: Agreement,
    lead: Lead,
    owners: Collection[CompanyOwner],
    facts: Mapping[str, Facts],
    now: datetime,
) -> dict[str, Facts]:
    """The facts with the owner of the company marked: the first still here who did something lately."""
    domain = lead.company_domain
    if not domain:
        return dict(facts)
    return assigning.with_company_owner(
        agreement, list(owners), facts, lambda users: companies.deeds(tx, lead.id, domain, users), now
    )
