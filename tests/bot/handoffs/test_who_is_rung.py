"""Whatever people do and let be, in whatever order: who is rung can act, was not the one who clicked, and is
not rung of the same lead again within the quiet."""

from __future__ import annotations

import ast
import json
import os
import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.agreement import default_agreement, loaded
from bot.errors import DomainError
from bot.handoffs.accept import Accept, accept
from bot.handoffs.add import Add, add_lead
from bot.handoffs.away import ComeBack, GoAway, cancel_absence, come_back, go_away
from bot.handoffs.away_leads import HandOn, Reclaim, hand_on, reclaim, reclaim_all
from bot.handoffs.dispute import Agree, Contest, Resubmit, Rule, agree, contest, resubmit, rule
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.reject import Reject, reject
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.ladder.vacancies import look_for_nobody
from bot.rules.in_charge import in_charge
from bot.rules.presence import away_at
from bot.views.modals.add import Who
from storage.database.sql import Query
from storage.models import Delivery, DeliveryOp, Nag, Outcome, Ruling, TouchKind
from storage.models import nags as nag_table
from tests.bot.ledger import MANAGER, MARKETER, RILEY, ROBIN, SASHA, TONI
from tests.bot.memory import InMemory
from tests.bot.ticking import GROWTH, TickingLedger

STEPS = int(os.environ.get("BATON_STEPS", "50"))
LISTENERS = Path(__file__).parents[3] / "handlers" / "slack"
RUNG = re.compile(r"<@([UW][A-Z0-9]+)>")
SECONDS = (1, 20, 61, 150, 240, 900)
STEF = "U0STEF"  # stands in for the manager
REPS = {"Enterprise": (RILEY, ROBIN), "Growth": (SASHA, TONI)}
EVERYBODY = (RILEY, ROBIN, SASHA, TONI, MANAGER, STEF, MARKETER)


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
        self.rung_of: dict[tuple[str, int], datetime] = {}
        self.rung = self.posts = 0

    def day(self) -> None:
        for _ in range(STEPS):
            seen = {row.id for row in self.ticking.deliveries()}
            actor = self._deed()
            self._look(seen, actor)
            seen = {row.id for row in self.ticking.deliveries()}
            self.ticking.ticks(timedelta(seconds=self.chance.choice(SECONDS)))
            self.ticking.does("baton", look_for_nobody)
            self._look(seen, None)

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
        use_case, command = self.chance.choice(self._deeds(actor, lead, other))
        try:
            self.ticking.does(actor, use_case, command)
        except DomainError:
            return None
        return actor

    def _deeds(self, actor: str, lead: int, other: str) -> list[tuple[Callable[..., object], object]]:
        """What people can do to a lead, or about who is there."""
        typed = {"email": f"t{next(self.numbers)}@typed.example", "last_name": "Typed", "company": "Typed"}
        reason = self.chance.choice(("too_small", "bad_contact", "existing_customer", "wrong_territory"))
        ruling = self.chance.choice(tuple(Ruling))
        answers = ((agree, Agree(lead)), (contest, Contest(lead, "It works")), (rule, Rule(lead, ruling)))
        return [
            (accept, Accept(lead)),
            (accept, Accept(lead)),
            (reject, Reject(lead, reason, "They said so")),
            (reassign, Reassign(lead, other)),
            (take, Take(lead)),
            (touch, Touch(lead, TouchKind.CALL)),
            (set_outcome, SetOutcome(lead, Outcome.SQL)),
            (snooze, Snooze(lead, "15m", "Lunch")),
            (give_more_time, MoreTime(lead, "30m", "Fair")),
            (undo, Undo(lead)),
            *answers,
            (resubmit, Resubmit(lead, {"phone": f"+1 212 555 {next(self.numbers):04}"})),
            (add_lead, Add(typed, qualified=True, who=self.chance.choice(tuple(Who)))),
            (go_away, GoAway("2h", other)),
            (go_away, GoAway("1h", actor)),
            (come_back, ComeBack(actor)),
            (hand_on, HandOn(other, (lead,))),
            (reclaim, Reclaim(lead)),
            (reclaim_all, 1),
            (cancel_absence, 1),
        ]

    def _look(self, seen: set[int], actor: str | None) -> None:
        posts = (row for row in self.ticking.deliveries() if row.op == DeliveryOp.POST)
        fresh = [row for row in posts if row.id not in seen]
        if actor is not None:
            for row in fresh:
                assert actor not in self._called(row), (row.kind, actor)
                assert (row.kind, row.place) != ("nag", actor)
        for row in self.ticking.delivers():
            self.posts += 1
            self._rings_once(row)
            if row.kind == "nag":
                self._nag(row)

    def _called(self, row: Delivery) -> set[str]:
        shown = self.ticking.shown(row)
        return set(RUNG.findall(json.dumps([shown.text, shown.blocks]))) if shown is not None else set()

    def _rings_once(self, row: Delivery) -> None:
        """Who is called by a card or in a thread can act, and was not called of that lead within the quiet;
        but for news that they have to hear at once: it heated up, or it is anybody's now."""
        called = self._called(row) if row.place[0] != "U" and row.kind != "rejection" else set()
        lines = self._lines(row) if row.kind == "nag" else []
        news = {line.handoff_id for line in lines if line.what in ("raised", "pooled")}
        leads = {line.handoff_id for line in lines} | ({row.handoff_id} if row.handoff_id else set())
        able = {user: [lead for lead in leads if self._works(user, lead)] for user in called}
        assert all(able.values()), (able, row.kind)
        for user, lead in ((user, lead) for user, theirs in able.items() for lead in theirs):
            last = self.rung_of.get((user, lead))
            due = last is None or lead in news or self.ticking.now - last >= timedelta(minutes=3)
            assert due, (user, lead, row.kind, self.ticking.now, last)
            self.rung_of[user, lead] = self.ticking.now
        if row.place[0] == "U" and row.kind == "nag":
            for lead in leads:
                last = self.rung_of.get((row.place, lead))
                given = any(line.handoff_id == lead and line.what not in ("nudge",) for line in lines)
                due = last is None or given or self.ticking.now - last >= timedelta(minutes=3)
                assert due, (row.place, lead, [line.what for line in lines])

    def _works(self, user: str, lead: int) -> bool:
        """Whether somebody has a lead, or is of the team in which anybody may take it."""
        handoff = self.ticking.handoff(lead)
        return user in (handoff.owner, *(REPS[handoff.team] if handoff.owner is None else ()))

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


ELSEWHERE = {
    *("ask_to_forget", "change_prefs", "decide", "decline", "finish_file", "hand_off_by_step", "keep_file"),
    *("open_home", "propose", "report_who_left", "say_helped", "say_missing", "show_own_home", "split"),
    "tell_of_file",
}
"""Deeds of listeners that are about no lead in work, or tell nobody."""


def test_every_deed_of_a_listener_is_played_here(sqlite_url: str) -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in LISTENERS.glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    done = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "do"]
    names = {ast.unparse(deed).rpartition(".")[2] for deed in done}
    played = {deed.__name__ for deed, _ in Rings(sqlite_url, 0)._deeds(RILEY, 1, ROBIN)}
    assert names - played == ELSEWHERE
