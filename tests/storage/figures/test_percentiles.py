"""Medians and 90th percentiles are those of the nearest rank, on both databases."""

from __future__ import annotations

from math import ceil

import pytest
from sqlalchemy import Connection, Integer, String, literal, select, union_all

from storage.database import Database
from storage.figures.times import Spread, spread_of


def spreads(tx: Connection, groups: dict[str, list[int]]) -> dict[str | None, Spread]:
    rows = [
        select(literal(label, String).label("label"), literal(value, Integer).label("v"))
        for label, values in groups.items()
        for value in values
    ]
    return spread_of(tx, union_all(*rows).subquery("taken"))


def nearest(values: list[int]) -> Spread:
    ordered, n = sorted(values), len(values)
    return Spread(n, ordered[ceil(n / 2) - 1], ordered[ceil(n * 9 / 10 - 1e-9) - 1])


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9, 10, 11, 19, 20, 21, 29, 39, 90, 99, 100, 101])
def test_every_number_of_values_has_its_ranks(database: Database, n: int) -> None:
    groups = {"P1": [(value * 7919) % 1009 for value in range(n)], "P2": [5] * 3}
    found = database.read_now(spreads, groups)
    expected: dict[str | None, Spread] = {label: nearest(values) for label, values in groups.items()}
    expected[None] = nearest([value for values in groups.values() for value in values])
    assert found == expected
