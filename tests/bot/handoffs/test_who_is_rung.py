"""Whatever people do and let be, in whatever order: who is rung can act, was not the one who clicked, and is
not rung of the same lead again within the quiet."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from bot.agreement import default_agreement, loaded
from bot.errors import DomainError
from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.handoffs.away_leads import HandOn, hand_on
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.reject import Reject, reject
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.ladder.vacancies import look_for_nobody
from bot.rules.in_charge import in_charge
from bot.rules.presence import away_at
from storage.database.sql import Query
from storage.models import Delivery, DeliveryOp, Nag, TouchKind
from storage.models import nags as nag_table
from tests.bot.ledger import MANAGER, RILEY, ROBIN, SASHA, TONI
from tests.bot.memory import InMemory
from tests.bot.ticking import GROWTH, TickingLedger

STEPS = 50
RUNG = re.compile(r"<@([UW][A-Z0-9]+)>")
SECONDS = (1, 20, 61, 150, 240, 900)
STEF = "U0STEF"  # stands in for the manager
REPS = {"Enterprise": (RILEY, ROBIN), "Growth": (SASHA, TONI)}
EVERYBODY = (RILEY, ROBIN, SASHA, TONI, MANAGER, STEF)


class Rings:
    """A random working day, with an eye on every message that is posted."""

    def __init__(self, sqlite_url: str, seed: int) -> None:
        text = default_agreement().text.replace(
            'manager = "U0MGR"', f'manager = "U0MGR"\nstand_in = "{STEF}"'
        )
        self.ticking = TickingLedger(InMemory(sqlite_url), agreement=loaded(text))
        self.chance, self.numbers = random.Random(seed), count()
        self.leads: list[int] = []
        self.told: dict[tuple[str, int], list[object]] = {}
        self.rung = self.posts = 0

    def day(self) -> None:
        for _ in range(STEPS):
            known = {row.id for row in self.ticking.deliveries()}
            actor = self._deed()
            self._look(known, actor)
            known = {row.id for row in self.ticking.deliveries()}
            self.ticking.ticks(timedelta(seconds=self.chance.choice(SECONDS)))
            self.ticking.does("baton", look_for_nobody)
            self._look(known, None)

    def _deed(self) -> str | None:
        """Somebody does something, or tries to; gives who."""
        if not self.leads or self.chance.random() < 0.2:
            n = next(self.numbers)
            more = {} if self.chance.random() < 0.5 else GROWTH
            told = {"external_id": f"s-{n}", "email": f"p{n}@firm{n}.example", "company": f"Firm {n}"}
            calm = {} if self.chance.random() < 0.5 else {"activities": [], "qualified": True}
            self.leads.append(self.ticking.handoff_comes(**told, **more, **calm))
            return None
        actor, lead = self.chance.choice(EVERYBODY), self.chance.choice(self.leads)
        other = self.chance.choice(EVERYBODY[:4])
        deeds: list[tuple[Callable[..., object], object]] = [
            (accept, Accept(lead)),
            (reject, Reject(lead, "too_small")),
            (reassign, Reassign(lead, other)),
            (take, Take(lead)),
            (touch, Touch(lead, TouchKind.CALL)),
            (snooze, Snooze(lead, "15m", "Lunch")),
            (give_more_time, MoreTime(lead, "30m", "Fair")),
            (undo, Undo(lead)),
            (go_away, GoAway("2h", other)),
            (go_away, GoAway("1h", actor)),
            (come_back, ComeBack(actor)),
            (hand_on, HandOn(other, (lead,))),
        ]
        use_case, command = self.chance.choice(deeds)
        try:
            self.ticking.does(actor, use_case, command)
        except DomainError:
            return None
        return actor

    def _look(self, known: set[int], actor: str | None) -> None:
        posts = (row for row in self.ticking.deliveries() if row.op == DeliveryOp.POST)
        fresh = [row for row in posts if row.id not in known]
        if actor is not None:
            for row in fresh:
                assert actor not in self._called(row), (row.kind, actor)
        for row in self.ticking.delivers():
            self.posts += 1
            if row.kind == "nag":
                self._nag(row)

    def _called(self, row: Delivery) -> set[str]:
        shown = self.ticking.shown(row)
        return set(RUNG.findall(json.dumps([shown.text, shown.blocks]))) if shown is not None else set()

    def _nag(self, row: Delivery) -> None:
        shown = self.ticking.shown(row)
        if shown is None or not any(block["type"] == "actions" for block in shown.blocks):
            return  # nothing was left to say, so nothing goes out
        to = {row.place} if row.place[0] == "U" else self._called(row)
        lines = [line for line in self._lines(row) if self._waits(line)]
        away = self.ticking.database.read_now(away_at, to, self.ticking.now)
        for user in to:
            self.rung += 1
            able = [line for line in lines if self._may(user, line)]
            assert able, (row.place, user, [(line.what, line.handoff_id) for line in lines])
            charge = {one for line in able for one in self._charge(line)}
            given = any(line.what == "given" for line in able)  # by a manager, who saw that they are away
            assert user not in away or user in charge or given, (user, "is away")
        for line in lines:
            if row.place[0] == "U":
                times = self.told.setdefault((row.place, line.handoff_id), [])
                assert not times or self.ticking.now - times[-1] >= timedelta(minutes=3)  # type: ignore[operator]
                times.append(self.ticking.now)

    def _lines(self, row: Delivery) -> list[Nag]:
        query = Query(Nag, select(nag_table).where(nag_table.c.delivery_id == row.id))
        found = {line.handoff_id: line for line in self.ticking.database.read_now(query.all)}
        return list(found.values())

    def _waits(self, line: Nag) -> bool:
        return self.ticking.handoff(line.handoff_id).state in ("waiting", "accepted")

    def _charge(self, line: Nag) -> tuple[str, ...]:
        team = self.ticking.book.current.team(self.ticking.handoff(line.handoff_id).team)
        assert team is not None
        return self.ticking.database.read_now(in_charge, self.ticking.book, team, self.ticking.now)

    def _may(self, user: str, line: Nag) -> bool:
        """Whether they have it, may take what is anybody's, or decide for its team."""
        row = self.ticking.handoff(line.handoff_id)
        if row.owner == user or user in self._charge(line):
            return True
        return row.owner is None and user in REPS[row.team]


@pytest.mark.parametrize("seed", range(4))
def test_who_is_rung_can_act_and_is_not_rung_again_at_once(sqlite_url: str, seed: int) -> None:
    rings = Rings(sqlite_url, seed)
    rings.day()
    assert rings.posts > STEPS / 3
    assert rings.rung > 3
