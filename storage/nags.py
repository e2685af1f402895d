"""Nags: which steps of which clocks a message tells somebody of, and when somebody was last reminded."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from storage.models import deliveries, nags
from storage.sql import Record

_ABOUT = select(deliveries).where(
    deliveries.c.id.in_(select(nags.c.delivery_id).where(nags.c.handoff_id == bindparam("handoff")))
)


def messages_about(tx: Connection, handoff_id: int) -> Sequence[Record]:
    """The deliveries, gone out or waiting, that tell somebody of this handoff's clocks."""
    return tx.execute(_ABOUT, {"handoff": handoff_id}).all()
