"""A seed plays the same again, and every kind of trouble comes."""

from __future__ import annotations

import pytest

from tests.chaos.driver import DEEDS
from tests.chaos.plan import EVERY, LASTING, ONLY, Deed, Shape, planned

LEASE = 30.0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_seed_plays_the_same_again(database: str) -> None:
    shape = Shape(database, 1, 60, 3)
    assert planned(7, shape) == planned(7, shape)
    assert planned(7, shape) != planned(8, shape)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("seconds", [1, 600])
def test_every_deed_that_can_come_comes(database: str, seconds: float) -> None:
    shape = Shape(database, 2, seconds, 3)
    steps = planned(1, shape)
    assert {step.deed for step in steps} == {deed for deed in Deed if ONLY.get(deed, database) == database}
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert all(0 <= step.at <= seconds for step in steps)


def test_every_deed_has_its_pace_and_somebody_who_does_it() -> None:
    assert EVERY.keys() == set(Deed) == DEEDS.keys()


def test_whoever_is_stopped_goes_on_after_their_lease() -> None:
    assert LASTING[Deed.FREEZE][0] > LEASE
    frozen = [step for step in planned(3, Shape("sqlite", 1, 600, 3)) if step.deed is Deed.FREEZE]
    assert all(step.lasting * 3 > LEASE for step in frozen)
