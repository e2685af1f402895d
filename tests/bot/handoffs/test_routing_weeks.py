"""Weeks of routing through use cases and ticks, made up by a seed: the year of the pure rules, shorter.

What must hold is looked at with the means of that year: the clock on each rep's wall, and counts by hand.
"""

from __future__ import annotations

import random
import re
from datetime import timedelta
from typing import Any

from bot.agreement import LoadedAgreement, Rep, loaded
from bot.handoffs.reject import Reject, reject
from bot.rules.rotation import expected_turns
from bot.rules.spans import Span
from storage import boards
from storage.database import Database
from tests.bot.rules.test_routing_year import (
    REPS,
    Lead,
    Year,
    can_keep,
    is_at_work,
    is_barred,
    wall,
)
from tests.bot.teams import ANNE, NEW_YORK, rep, with_team
from tests.bot.ticking import TickingLedger

LEADS, WEEKS = 200, timedelta(weeks=5)
SECOND = timedelta(seconds=1)


def agreement() -> LoadedAgreement:
    """The reps of the year, with room for four leads each, so that now and then all of them are full."""
    before, rest = with_team(rep(ANNE, NEW_YORK)).text.split("reps = [", 1)
    small = re.sub(r", capacity = \d+", "", REPS).replace(" },\n", ", capacity = 4 },\n")
    return loaded(f"{before}{small}{rest.split(']', 1)[1]}")


class Weeks:
    """What is known by hand of everybody, as the weeks go on."""

    def __init__(self, ticking: TickingLedger, seed: int) -> None:
        self.ticking, self.chance = ticking, random.Random(seed)
        agreed = ticking.agreement.agreement
        self.year = Year(self.chance, agreed, {each.user: () for each in agreed.teams[0].reps})
        self.reps = {each.user: each for each in self.year.team.reps}
        self.open: dict[int, str | None] = {}
        self.without = self.waited = 0

    def hold(self, lead: Lead) -> None:
        """The counts of the pure year, as the database has them."""
        for each in self.reps.values():
            held = sum(owner == each.user for owner in self.open.values())
            self.year.closes[each.user] = [lead.at + timedelta(days=1)] * held

    def barred(self, lead: Lead) -> set[str]:
        self.hold(lead)
        return {each.user for each in self.reps.values() if is_barred(self.year, each, lead)}

    def comes(self, number: int, lead: Lead) -> None:
        """A lead comes, and is with somebody who can keep its promise, if there is any."""
        barred = self.barred(lead)
        calm: dict[str, Any] = {} if lead.priority == "P1" else {"activities": [], "qualified": True}
        told = {"external_id": f"w-{number}", "email": f"p{number}@firm{number}.example"}
        handoff_id = self.ticking.handoff_comes(**told, company=f"Firm {number}", **calm)
        row = self.ticking.handoff(handoff_id)
        self.open[handoff_id] = row.owner
        if row.owner is None:
            assert barred == set(self.reps)
            self.without += 1
            return
        assert row.owner not in barred
        if row.priority == "P1" and not is_at_work(self.year, self.reps[row.owner], lead.at):
            others = self.reps.keys() - barred
            assert not any(can_keep(self.year, self.reps[user], lead.at) for user in others)
        self.given(self.reps[row.owner])

    def given(self, who: Rep) -> None:
        self.year.given[who.user].append(wall(who, self.ticking.now).date())

    def closes(self, handoff_id: int) -> None:
        """Whoever has it turns it down; what nobody has stays."""
        owner = self.open[handoff_id]
        if owner is not None:
            self.ticking.does(owner, reject, Reject(handoff_id, "too_small"))
            del self.open[handoff_id]

    def ticks(self) -> None:
        """A second passes: nothing is without an owner while somebody could have it."""
        self.ticking.ticks(SECOND)
        for handoff_id, owner in list(self.open.items()):
            if owner is None and (now := self.ticking.handoff(handoff_id).owner) is not None:
                self.open[handoff_id] = now
                self.given(self.reps[now])
                self.waited += 1
        if None in self.open.values():
            assert self.barred(Lead(self.ticking.now, "P1", None, SECOND)) == set(self.reps)


def test_in_weeks_of_work_no_lead_waits_for_somebody_who_is_not_there(sqlite_url: str) -> None:
    ticking = TickingLedger(Database.open(sqlite_url), agreement=agreement())
    weeks = Weeks(ticking, seed=2026)
    begin = ticking.now
    times = sorted(WEEKS * weeks.chance.random() for _ in range(LEADS))
    for number, after in enumerate(times):
        ticking.now = max(ticking.now, begin + after)
        if weeks.chance.random() < 0.2:
            user = weeks.chance.choice(list(weeks.reps))
            lasting = timedelta(hours=weeks.chance.choice((2, 24, 72)))
            ticking.goes_away(user, lasting)
            weeks.year.absences[user] += (Span(ticking.now, ticking.now + lasting),)
        lead = Lead(ticking.now, weeks.chance.choice(("P1", "P3", "P3")), None, SECOND)
        weeks.comes(number, lead)
        if len(weeks.open) > 52 or weeks.chance.random() < 0.4:
            weeks.closes(next(iter(weeks.open)))
        weeks.ticks()
    turns = ticking.database.read_now(boards.turns_since, begin)
    due = expected_turns(turn["among"] for turn in turns)
    had = {user: sum(turn["user"] == user for turn in turns) for user in due}
    assert len(due) == len(weeks.reps)
    for user, share in due.items():
        assert abs(had[user] - share) <= max(share / 5, 2), (user, had[user], float(share))
    assert weeks.without > 5
    assert weeks.waited > 5
