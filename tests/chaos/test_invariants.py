"""Each invariant names the fault that it is there for, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.invariants import INVARIANTS, held_against, report
from tests.chaos.plan import Deed
from tests.chaos.world import Click, Command, Delivered, Kept, Left, Line, Ran, Shown, World

NOW = datetime(2026, 11, 16, 16, 0, tzinfo=UTC)


def well() -> World:
    """Two leads: one has a card and was accepted and touched, the other is a row of a list, and overdue."""
    kept = Kept(
        answered={"a": {1}, "b": {2}},
        clicks=[Click("U1", Deed.ACCEPT, 11, True), Click("U1", Deed.TOUCH, 11, True)],
        commands=[
            Command("check", "1", "", "The database is away; start it."),
            Command("backup a", "", "", "", killed=True),
            Command("replay --format json", "0", "{}", ""),
        ],
    )
    left = Left(
        now=NOW,
        leads={"a": 1, "b": 2},
        lead_count=2,
        handoffs={11: 1, 12: 2},
        shown=[
            Shown("C1", "1", 101, 1, False),
            Shown("C1", "2", 102, 0, False),
            Shown("D1", "3", 103, 2, False),
        ],
        listed={"2": [12]},
        private=[("U2", "Riley Ross accepted this lead.")],
        posts=[
            Delivered(101, "card", "sent", "C1", "1", 11, None),
            Delivered(102, "list", "sent", "C1", "2", None, None),
            Delivered(103, "nag", "sent", "D1", "3", 12, None),
        ],
        history=[
            Line(1, "lead.created", "crm", 1, None, told=True),
            Line(2, "lead.created", "crm", 2, None, told=True),
            Line(3, "lead.accepted", "U1", 1, 11, told=True),
            Line(4, "lead.touched", "U1", 1, 11, told=True),
            Line(5, "clock.nudged", "baton", 2, 12, "accept"),
            Line(6, "clock.breached", "baton", 2, 12, "accept", told=True),
        ],
        clocks=[
            Ran(11, "accept", NOW + timedelta(minutes=1), False, 1),
            Ran(12, "accept", NOW - timedelta(minutes=1), True, 1),
        ],
        nags=[(2, 0, "nudge", "C1"), (2, 1, "breach", "U9")],
        told=[(2, 2), (1, 1), (3, 1), (6, 2), (4, 1)],
        bots=1,
        unready=[],
        waiting=[],
        tracebacks=[],
    )
    return World(kept, left)


def left(**changed: object) -> Callable[[World], World]:
    return lambda world: replace(world, left=replace(world.left, **changed))  # type: ignore[arg-type]


def kept(**changed: object) -> Callable[[World], World]:
    return lambda world: replace(world, kept=replace(world.kept, **changed))  # type: ignore[arg-type]


def more(name: str, *added: object) -> Callable[[World], World]:
    return lambda world: left(**{name: [*getattr(world.left, name), *added]})(world)


def less(name: str, index: int) -> Callable[[World], World]:
    def change(world: World) -> World:
        values = [*getattr(world.left, name)]
        del values[index]
        return left(**{name: values})(world)

    return change


def ended(status: str, err: str) -> Callable[[World], World]:
    return kept(commands=[Command("check", status, "", err)])


PLANTED = [
    (kept(answered={"a": {1}, "b": {2}, "c": {3}}), "answers that are leads", "c was answered for and is no"),
    (kept(answered={"a": {1, 2}, "b": {2}}), "answers that are leads", "a was answered with [1, 2]"),
    (left(lead_count=3), "answers that are leads", "3 leads of 2 records"),
    (left(handoffs={11: 1}), "handoffs with one card", "1 handoffs of 2 leads"),
    (left(listed={"2": []}), "handoffs with one card", "handoff 12 stands nowhere"),
    (left(listed={"2": [12], "4": [12]}), "handoffs with one card", "handoff 12 has 0 cards and 2 rows"),
    (more("shown", Shown("C1", "9", 101, 1, False)), "handoffs with one card", "handoff 11 has 2 cards"),
    (more("shown", Shown("C1", "9", 109, 1, False)), "handoffs with one card", "lead 1 has 2 messages"),
    (less("history", 2), "acked clicks in the history once", "accept of handoff 11 stands 0 times"),
    (
        more("history", Line(9, "lead.accepted", "U1", 1, 11)),
        "acked clicks in the history once",
        "accept of handoff 11 stands 2 times",
    ),
    (kept(clicks=[]), "decisions that somebody clicked", "nobody clicked for lead.accepted of handoff 11"),
    (less("history", 4), "clocks whose due steps were taken once", "fell due: 0 nudges, 1 breaches"),
    (
        more("history", Line(9, "clock.breached", "baton", 2, 12, "accept")),
        "clocks whose due steps were taken once",
        "handoff 12: 1 nudges and 2 breaches",
    ),
    (
        more("history", Line(9, "clock.breached", "baton", 1, 11, "accept")),
        "clocks whose due steps were taken once",
        "handoff 11 is breached before it is due",
    ),
    (
        more("clocks", Ran(12, "accept", NOW - timedelta(minutes=2), True, 1)),
        "clocks whose due steps were taken once",
        "handoff 12 fell due: 1 nudges, 1 breaches",
    ),
    (more("nags", (2, 1, "breach", "U9")), "clocks whose due steps were taken once", "was written 2 times"),
    (less("told", 4), "events at the destination in order", "of lead 1 happened [1, 3, 4]"),
    (left(told=[(2, 2), (1, 1), (4, 1), (3, 1), (6, 2)]), "events at the destination in order", "told [1, 4"),
    (more("shown", Shown("D1", "9", 103, 2, False)), "messages that were expected", "2 messages of delivery"),
    (more("shown", Shown("D1", "9", None, 0, False)), "messages that were expected", "nobody knows of the"),
    (more("private", ("U2", "Surprise!")), "messages that were expected", "U2 was told 'Surprise!'"),
    (less("shown", 2), "sent posts that are shown", "delivery 103 (nag) is held for shown and is not"),
    (ended("", ""), "commands that end in words", "check ended with no status: nothing"),
    (ended("1", ""), "commands that end in words", "check ended with 1 and without a word"),
    (ended("1", "Traceback\nOSError"), "commands that end in words", "check ended with 1: OSError"),
    (kept(commands=[Command("replay --format json", "0", "{", "")]), "commands that end in words", "no JSON"),
    (
        kept(commands=[Command("export leads", "0", "a", "", lacks=("b",))]),
        "commands that end in words",
        "export leads lacks b",
    ),
    (left(unready=["not ready"]), "bots that end quiet", "not ready"),
    (left(tracebacks=["ValueError"]), "bots that end quiet", "ValueError"),
]


def test_where_all_is_well_no_invariant_has_a_fault() -> None:
    found = held_against(well())
    assert [finding.faults for finding in found] == [()] * len(INVARIANTS)
    assert "answers that are leads: 2\n" in report(found)


@pytest.mark.parametrize(("plant", "name", "words"), PLANTED)
def test_a_planted_fault_is_named(plant: Callable[[World], World], name: str, words: str) -> None:
    faults = {finding.name: finding.faults for finding in held_against(plant(well()))}
    assert any(words in fault for fault in faults[name])


def test_every_invariant_has_a_fault_planted() -> None:
    assert {name for _, name, _ in PLANTED} == INVARIANTS.keys()


def test_a_click_that_was_answered_with_sorry_need_not_be_in_the_history() -> None:
    world = less("history", 2)(more("private", ("U1", "The database is away; try again."))(well()))
    faults = {finding.name: finding.faults for finding in held_against(world)}
    assert faults["acked clicks in the history once"] == ()


def test_a_clock_that_was_begun_afresh_has_steps_of_its_own() -> None:
    stopped = Ran(12, "accept", NOW - timedelta(minutes=2), False, 1)
    world = more("history", Line(9, "clock.nudged", "baton", 2, 12, "accept"))(
        more("clocks", stopped)(well())
    )
    assert not any(finding.faults for finding in held_against(world))
