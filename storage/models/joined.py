"""What the classes of joins are made of: all columns of one table, beside those that a join adds.

To the type checker these are the tables' own classes. At run time they are plain ones with the same
annotations, because a subclass of a table's class would become part of that table.
"""

from __future__ import annotations

from inspect import get_annotations
from typing import TYPE_CHECKING

from storage.models import Delivery, Handoff, Lead, SlaClock

if TYPE_CHECKING:
    LeadRow = Lead
    HandoffRow = Handoff
    ClockRow = SlaClock
    DeliveryRow = Delivery
else:

    def _columns(model: type) -> dict[str, object]:
        hints = {k: v for each in reversed(model.__mro__) for k, v in get_annotations(each).items()}
        return {name: kind for name, kind in hints.items() if name in model.__table__.c}

    LeadRow, HandoffRow, ClockRow, DeliveryRow = (
        type(model.__name__, (), {"__annotations__": _columns(model), "__module__": model.__module__})
        for model in (Lead, Handoff, SlaClock, Delivery)
    )
