"""Which order of day and month the dates of a file have: settled by whole columns, in constant memory.

How one date is read is dates.py's; which columns are dates is told by whoever feeds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.leadform.dates import Order, orders_of, read_moment, zone_in
from bot.leadform.text import BadValue, quoted

_BOTH = frozenset(Order)


class ColumnDates:
    """The dates of one column: fed with every text of it, then asked to read them.

    Keeps nothing of the texts but which orders remain possible. `header` may name the zone of its times
    ("Create Date (GMT-05:00)"); without one they are in `zone`.
    """

    def __init__(self, header: str = "", zone: tzinfo = UTC) -> None:
        self.header = header
        self.zone = zone_in(header) or zone
        self.in_doubt = 0
        """How many of the texts fed so far are two days, one in each order."""
        self._possible = _BOTH
        self._borrowed: Order | None = None

    def feed(self, text: str) -> None:
        """Take one text of the column into account; what is no date, or only one, decides nothing."""
        orders = orders_of(text)
        if orders == _BOTH:
            self.in_doubt += 1
        elif orders:
            self._possible &= orders

    @property
    def clashes(self) -> bool:
        """Whether the column has dates of either order, so that the others may be of any."""
        return not self._possible

    @property
    def own_order(self) -> Order | None:
        """The order that the column itself settles, if it does."""
        return next(iter(self._possible)) if len(self._possible) == 1 else None

    @property
    def order(self) -> Order | None:
        """The order that its dates are read in; None where nothing settles it."""
        return self.own_order or (None if self.clashes else self._borrowed)

    def borrow(self, order: Order | None) -> None:
        """Read by the order of the file's other columns, where this one does not settle its own."""
        self._borrowed = order

    def read(self, value: Any) -> datetime:
        """One of its dates as aware UTC. Raises BadValue, also for one that may be two days."""
        if self.order is None and isinstance(value, str) and orders_of(value) == _BOTH:
            why = "has dates of either order" if self.clashes else "has no date that tells which"
            raise BadValue(f"{quoted(value)} may be two days, and its column {why}; write it like 2026-11-05")
        return read_moment(value, self.order, self.zone)


def settle(columns: Iterable[ColumnDates]) -> Order | None:
    """Lend the order of the columns that settled theirs to those that could not; returns it.

    One tool wrote them all, in one form. Where two columns differ, nothing is lent.
    """
    every = list(columns)
    settled = {column.own_order for column in every} - {None}
    if len(settled) != 1 or any(column.clashes for column in every):
        return None
    (order,) = settled
    for column in every:
        column.borrow(order)
    return order
