"""Which leads cost a rep of a rotation their turn, and which give it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.handoffs.accept import Accept, accept
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.reject import Reject, reject
from bot.handoffs.undo import Undo, undo
from storage.database import Database
from tests.bot.ledger import MANAGER, MONDAY, SASHA, TONI, Ledger

AT_NOON = MONDAY + timedelta(hours=3)  # both reps of the rotation are at work
_NUMBERS = count(1)


def handed(ledger: Ledger) -> int:
    """A stranger's lead comes to the team that takes turns."""
    n = next(_NUMBERS)
    return ledger.handoff_comes(
        external_id=f"turn-{n}",
        email=f"kim@company{n}.example",
        first_name="Kim",
        last_name=f"Lee{n}",
        company=f"Company {n}",
        employees=20,
    )


def next_owner(ledger: Ledger) -> str | None:
    return ledger.handoff(handed(ledger)).owner


def rejects(reason: str, note: str | None = None) -> Callable[[Ledger, int], object]:
    return lambda ledger, handoff: ledger.does(SASHA, reject, Reject(handoff, reason, note=note))


def reassigns(ledger: Ledger, handoff: int) -> None:
    ledger.does(MANAGER, reassign, Reassign(handoff, TONI))


def takes_over(ledger: Ledger, handoff: int) -> None:
    ledger.does(SASHA, accept, Accept(handoff))
    ledger.does(MANAGER, take, Take(handoff))


def takes(ledger: Ledger, handoff: int) -> None:
    ledger.does(MANAGER, take, Take(handoff))


def accepts_in_their_place(ledger: Ledger, handoff: int) -> None:
    ledger.does(MANAGER, accept, Accept(handoff))


BACK: list[Callable[[Ledger, int], object]] = [
    rejects("junk"),
    reassigns,
    takes,
    takes_over,
    accepts_in_their_place,
]


@pytest.mark.parametrize("loses", BACK)
def test_whoever_loses_a_lead_that_was_none_for_them_gets_the_next(
    database: Database, loses: Callable[[Ledger, int], object]
) -> None:
    ledger = Ledger(database, AT_NOON)
    first = handed(ledger)
    assert ledger.handoff(first).owner == SASHA
    loses(ledger, first)
    assert [next_owner(ledger) for _ in range(3)] == [SASHA, TONI, SASHA]


@pytest.mark.parametrize(
    "loses", [rejects("bad_contact", "The number is dead."), lambda _ledger, _handoff: None]
)
def test_every_other_lead_costs_the_turn(database: Database, loses: Callable[[Ledger, int], object]) -> None:
    ledger = Ledger(database, AT_NOON)
    loses(ledger, handed(ledger))
    assert [next_owner(ledger) for _ in range(2)] == [TONI, SASHA]


def test_a_rejection_that_is_undone_costs_the_turn_again(database: Database) -> None:
    ledger = Ledger(database, AT_NOON)
    first = handed(ledger)
    ledger.does(SASHA, reject, Reject(first, "junk"))
    ledger.does(SASHA, undo, Undo(first))
    assert ledger.handoff(first).owner == SASHA
    assert [next_owner(ledger) for _ in range(2)] == [TONI, SASHA]


def test_undone_after_another_came_in_its_place_they_are_a_turn_ahead(database: Database) -> None:
    ledger = Ledger(database, AT_NOON)
    first = handed(ledger)
    ledger.does(SASHA, reject, Reject(first, "junk"))
    assert next_owner(ledger) == SASHA
    ledger.does(SASHA, undo, Undo(first))
    owners = [next_owner(ledger) for _ in range(6)]
    assert owners.count(TONI) == 4


def managed_by_a_rep(rep: str) -> LoadedAgreement:
    """The agreement, where a rep of the team that takes turns is its manager too."""
    text = default_agreement().text
    before, growth = text.split('channel = "C0GROWTH"')
    return loaded(f'{before}channel = "C0GROWTH"{growth.replace(MANAGER, rep, 1)}')


@pytest.mark.parametrize(("manager", "then"), [(TONI, [SASHA, TONI, SASHA]), (SASHA, [TONI, SASHA, TONI])])
def test_a_manager_who_sells_too_takes_a_lead_from_others_and_not_from_themselves(
    database: Database, manager: str, then: list[str]
) -> None:
    ledger = Ledger(database, AT_NOON, managed_by_a_rep(manager))
    ledger.does(manager, accept, Accept(handed(ledger)))
    assert [next_owner(ledger) for _ in range(3)] == then


def test_a_colleague_who_is_faster_leaves_the_turn_as_it_was(database: Database) -> None:
    ledger = Ledger(database, AT_NOON)
    ledger.does(TONI, accept, Accept(handed(ledger)))
    assert [next_owner(ledger) for _ in range(2)] == [TONI, SASHA]


def test_a_lead_that_somebody_was_given_is_no_turn_to_give_back(database: Database) -> None:
    ledger = Ledger(database, AT_NOON)
    first = handed(ledger)
    ledger.does(MANAGER, reassign, Reassign(first, TONI))
    ledger.does(TONI, reject, Reject(first, "junk"))
    assert [next_owner(ledger) for _ in range(3)] == [SASHA, TONI, SASHA]
