"""A year of leads through the use cases and the ladder, made up by a seed: nobody waits for who is not there.

Twelve reps in four zones with shifts, absences, holidays and caps. What must hold is looked at with means of
its own: the clock on each rep's wall, and counts kept by hand. The suite plays some weeks of it; BATON_YEAR=1
plays the whole.
"""

from __future__ import annotations

import heapq
import os
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select, update

from bot.agreement import LoadedAgreement, Rep, loaded
from bot.context import BATON
from bot.handoffs.accept import Accept, accept
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.reassign import Reassign, reassign
from bot.handoffs.reject import Reject, reject
from bot.ladder import tick
from bot.rules.rotation import expected_turns
from bot.rules.spans import Span
from storage import absences, clocks
from storage.models import DeliveryState, HandoffState, Outcome, deliveries, events
from tests.bot.ledger import MANAGER
from tests.bot.memory import InMemory
from tests.bot.rules.test_routing_year import BEGIN, REPS, Lead, Year, can_keep, is_at_work, is_barred, wall
from tests.bot.teams import ANNE, NEW_YORK, rep, with_team
from tests.bot.ticking import TickingLedger
from tests.bot.truth import FALSE, times

WHOLE = bool(os.environ.get("BATON_YEAR"))
LEADS = 5000 if WHOLE else 60
LENGTH = timedelta(days=365) if WHOLE else timedelta(days=5)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86400))
CLOSED = Entered(reason="no_budget", note="None this year")


def agreement() -> LoadedAgreement:
    before, rest = with_team(rep(ANNE, NEW_YORK)).text.split("reps = [", 1)
    reps = REPS.removeprefix("reps = [").rpartition("]")[0]
    room = f", capacity = {4 if WHOLE else 3} }},\n"  # so that now and then all of them are full
    reps = re.sub(r", capacity = \d+", "", reps).replace(" },\n", room)
    return loaded(f"{before}reps = [{reps}]{rest.split(']', 1)[1]}")


@dataclass
class Hands(Year):
    """What everybody has and was given, counted by hand."""

    holds: dict[int, str] = field(default_factory=dict)
    days: dict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    since: dict[int, tuple[str, date]] = field(default_factory=dict)

    def open(self, rep: Rep, _at: datetime) -> int:
        return sum(owner == rep.user for owner in self.holds.values())

    def given_since(self, rep: Rep, at: datetime, days: int) -> int:
        today = wall(rep, at).date()
        first = today if days == 1 else today - timedelta(days=today.weekday())
        given = self.days[rep.user]
        return sum(given[first + timedelta(days=n)] for n in range((today - first).days + 1))

    def goes_to(self, handoff_id: int, rep: Rep, at: datetime) -> None:
        if handoff_id in self.since:
            user, day = self.since.pop(handoff_id)
            self.days[user][day] -= 1
        self.holds[handoff_id] = rep.user
        self.since[handoff_id] = rep.user, wall(rep, at).date()
        self.days[rep.user][wall(rep, at).date()] += 1


class Sales:
    """A year as it goes: what happens next is in a heap, and between two things all that falls due does."""

    def __init__(self, sqlite_url: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ticking = TickingLedger(InMemory(sqlite_url), now=BEGIN, agreement=agreement())
        agreed = self.ticking.agreement.agreement
        self.hands = Hands(self.chance, agreed, {each.user: () for each in agreed.teams[0].reps})
        self.reps = {each.user: each for each in self.hands.team.reps}
        self.ahead: list[tuple[datetime, int, str, int]] = []
        self._numbers = count()
        self.priority: dict[int, str] = {}
        self.had: dict[int, set[str]] = defaultdict(set)
        self.nobodys: set[int] = set()
        self.seen = self.waited = self.asleep = self.went_on = 0
        self._fill()

    def then(self, at: datetime, what: str, about: int = 0) -> None:
        heapq.heappush(self.ahead, (at, next(self._numbers), what, about))

    def _fill(self) -> None:
        for number in range(LEADS):
            self.then(BEGIN + LENGTH * self.chance.random(), "lead", number)
        for user in self.reps:
            for _ in range(max(2, round(LENGTH / DAY / 55))):
                begins = BEGIN + LENGTH * self.chance.random()
                span = Span(begins, begins + HOUR * self.chance.choice((2, 24, 72, 150, 200)))
                self.hands.absences[user] += (span,)
                row = {"user_id": user, "begins": span.begins, "ends": span.ends}
                self.ticking.database.write_now(absences.add, {**row, "set_by": user, "set_at": BEGIN})  # type: ignore[typeddict-item]
                self.then(known(span.ends), "look")
            for day in range(LENGTH // DAY + 2):  # caps count anew at midnight, wherever that is
                zone_midnight = datetime.combine((BEGIN + day * DAY).date(), datetime.min.time())
                self.then(local(self.reps[user], zone_midnight), "look")

    # what happens

    def plays(self) -> None:
        while self.ahead:
            at, _, what, about = heapq.heappop(self.ahead)
            self._until(at)
            if what == "look" and not self.nobodys:
                continue
            self.ticking.now = max(self.ticking.now, at)
            getattr(self, what)(about)
            self._ticks()

    def _until(self, at: datetime) -> None:
        """Through every moment at which a clock is to be looked at."""
        while (moment := self.ticking.database.read_now(clocks.next_moment, self.ticking.now)) is not None:
            if moment > at:
                return
            self.ticking.now = moment
            self._ticks()

    def look(self, _about: int) -> None:
        """Somebody may be able from now on."""

    def lead(self, number: int) -> None:
        hot = self.chance.random() < 0.3
        calm: dict[str, Any] = {} if hot else {"activities": [], "qualified": True, "title": "Engineer"}
        firm = self.chance.randrange(400) if self.chance.random() < 0.3 else 1000 + number
        told = {"external_id": f"y-{number}", "email": f"p{number}@firm{firm}.example"}
        at, now = Lead(self.ticking.now, "P1", None, HOUR), self.ticking.now
        free = self._free(at)
        handoff_id = self.ticking.handoff_comes(**told, company=f"Firm {firm}", **calm)
        row = self.ticking.handoff(handoff_id)
        self.ticking.database.write_now(_shown, row.card_id or 0)
        self.priority[handoff_id] = row.priority
        if row.owner is None:
            assert not free - self._winding()
            self.nobodys.add(handoff_id)
            return
        assert row.owner in free
        self._is_fit(handoff_id, row.owner, free, now)
        self._goes_to(handoff_id, row.owner)

    def act(self, handoff_id: int) -> None:
        """Whoever has it does something about it, once they are at work."""
        row, now = self.ticking.handoff(handoff_id), self.ticking.now
        if row.state != HandoffState.WAITING or row.owner is None:
            return
        if not is_at_work(self.hands, self.reps[row.owner], now):
            self.then(self._at_work_from(self.reps[row.owner], now), "act", handoff_id)
        elif self.chance.random() < 0.2:
            self.ticking.does(row.owner, reject, Reject(handoff_id, "too_small"))
            del self.hands.holds[handoff_id]
        else:
            self.ticking.does(row.owner, accept, Accept(handoff_id))
            self.then(now + HOUR * self.chance.expovariate(1 / 60), "close", handoff_id)

    def close(self, handoff_id: int) -> None:
        row = self.ticking.handoff(handoff_id)
        if row.state == HandoffState.ACCEPTED:
            over = SetOutcome(handoff_id, Outcome.DISQUALIFIED, CLOSED)
            self.ticking.does(row.owner or MANAGER, set_outcome, over)
            del self.hands.holds[handoff_id]

    def clear(self, handoff_id: int) -> None:
        """The manager gives what nobody acted on for days to somebody, who turns it down."""
        row = self.ticking.handoff(handoff_id)
        if row.state == HandoffState.WAITING and row.owner is not None:
            other = next(user for user in self.reps if user != row.owner)
            self.ticking.does(MANAGER, reassign, Reassign(handoff_id, other))
            self._goes_to(handoff_id, other, acts=False)
            self.ticking.does(other, reject, Reject(handoff_id, "too_small"))
            del self.hands.holds[handoff_id]

    def _at_work_from(self, rep: Rep, now: datetime) -> datetime:
        """About when somebody is at work again."""
        later = (now + n * HOUR for n in range(1, 24 * 30))
        return next((at for at in later if is_at_work(self.hands, rep, at)), now + 30 * DAY)

    def _goes_to(self, handoff_id: int, user: str, *, acts: bool = True) -> None:
        now = self.ticking.now
        self.hands.goes_to(handoff_id, self.reps[user], now)
        self.had[handoff_id].add(user)
        if acts and self.chance.random() < 0.8:
            mean = 2 * MINUTE if self.priority[handoff_id] == "P1" else 90 * MINUTE
            self.then(now + mean * self.chance.expovariate(1), "act", handoff_id)
        else:
            self.then(now + 4 * DAY, "clear", handoff_id)

    # what must hold

    def _ticks(self) -> None:
        """One tick: whoever it gave a lead is fit, and nothing is nobody's that somebody could have."""
        while self.ticking.does(BATON, tick).more:
            pass
        for handoff_id, owner in self.ticking.database.read_now(_passed_on, self.seen):
            self.seen = max(self.seen, handoff_id[1])
            self._passed_on(handoff_id[0], owner)
        if self.nobodys:
            free = self._free(Lead(self.ticking.now, "P1", None, HOUR))
            assert not free - self._winding(), (self.ticking.now, free)

    def _passed_on(self, handoff_id: int, owner: str) -> None:
        if self.hands.holds.get(handoff_id) == owner:  # the manager's deed, known already
            return
        if handoff_id in self.nobodys:
            self.nobodys.discard(handoff_id)
            self.waited += 1
            free = self._free(Lead(self.ticking.now, "P1", None, HOUR))
            assert owner in free
            self._is_fit(handoff_id, owner, free, self.ticking.now)
        else:
            self.went_on += 1
            assert owner not in self.had[handoff_id]
            free = self._free(Lead(self.ticking.now, "P1", None, HOUR)) - self.had[handoff_id]
            assert owner in free
            if not is_at_work(self.hands, self.reps[owner], self.ticking.now):
                there = {user for user in free if is_at_work(self.hands, self.reps[user], self.ticking.now)}
                assert not there - self._winding(), (self.ticking.now, handoff_id, owner, there)
        self._goes_to(handoff_id, owner)

    def _is_fit(self, handoff_id: int, owner: str, free: set[str], now: datetime) -> None:
        if self.priority[handoff_id] != "P1" or is_at_work(self.hands, self.reps[owner], now):
            return
        self.asleep += 1
        others = free - {owner} - self._winding()
        assert not any(can_keep(self.hands, self.reps[user], now) for user in others)

    def _free(self, lead: Lead) -> set[str]:
        return {user for user, each in self.reps.items() if not is_barred(self.hands, each, lead)}

    def _winding(self) -> set[str]:
        """Who goes away for over five days within four, and takes no new leads by the agreement."""
        now = self.ticking.now
        goes = (now < span.begins <= now + 7 * DAY for span in self.hands.absences["U0IN1"])
        return {"U0IN1"} if any(goes) else set()


def local(rep: Rep, at: datetime) -> datetime:
    return at.replace(tzinfo=ZoneInfo(rep.timezone or "UTC")).astimezone(BEGIN.tzinfo)


def known(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment


def _shown(tx: Connection, card_id: int) -> None:
    shown = {"state": DeliveryState.SENT, "ts": f"{card_id}.0"}
    tx.execute(update(deliveries).where(deliveries.c.id == card_id).values(**shown))


def _passed_on(tx: Connection, after: int) -> list[tuple[tuple[int, int], str]]:
    """The leads that Baton gave to somebody since an event, in order."""
    found = (
        select(events.c.handoff_id, events.c.id, events.c.detail)
        .where(events.c.id > after, events.c.kind == "lead.reassigned", events.c.actor == BATON)
        .order_by(events.c.id)
    )
    return [((row.handoff_id, row.id), row.detail["owner"]) for row in tx.execute(found)]


@pytest.mark.parametrize("seed", (2026, 2027) if WHOLE else (2026,))
def test_in_a_year_of_work_nobody_waits_for_who_is_not_there(sqlite_url: str, seed: int) -> None:
    sales = Sales(sqlite_url, seed)
    sales.plays()
    database = sales.ticking.database
    assert sales.nobodys == set()
    assert min(sales.waited, sales.went_on, sales.asleep) > 0
    turns = database.read_now(_turns)
    due = expected_turns(turn["among"] for turn in turns)
    had = Counter(turn["user"] for turn in turns)
    assert set(due) == set(sales.reps) if WHOLE else set(due) <= set(sales.reps)
    for user, share in due.items():
        slack = 0 if WHOLE else 2  # in some weeks a single turn is much
        assert share / 1.2 - slack <= had[user] <= share * 1.2 + slack, (user, had[user], float(share))
    for what, query in FALSE.items():
        assert database.read_now(times, query) == 0, what
    if WHOLE:
        print({user: (had[user], round(float(share), 1)) for user, share in due.items()})
        print(f"{sales.waited} waited, {sales.went_on} went on, {sales.asleep} hot ones with nobody at work")


def _turns(tx: Connection) -> list[dict[str, Any]]:
    found = select(events.c.detail).where(events.c.kind == "lead.assigned").order_by(events.c.id)
    return list(tx.execute(found).scalars())
