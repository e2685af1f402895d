"""An outbox to try claims with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from storage.database import Database
from storage.database.sql import Query
from storage.models import Delivery, DeliveryKind, deliveries
from storage.outbox import claims, posts, receipts
from storage.outbox.claims import Claims
from storage.outbox.gates import Pace
from storage.outbox.posts import Rank
from storage.stamp import Stamp

T = TypeVar("T")

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
PACE = {
    "post": Pace(SECOND),
    "post:*": Pace(SECOND / 4, burst=50),
    "update": Pace(),
    "update:*": Pace(timedelta(seconds=1.75), burst=15),
}
STAMP = Stamp(NOW, NOW, "baton", "-")
FREE = {name: Pace() for name in PACE}
WAITING: dict[str, Any] = {
    "op": "post",
    "state": "pending",
    "trace": "-",
    "body": {},
    "created_at": NOW,
    "due_at": NOW,
}


class Outbox:
    """An outbox, and a moment that moves when it is told to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW

    @property
    def stamp(self) -> Stamp:
        return replace(STAMP, wire=self.now)

    def do(self, f: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self.database.write_now(f, *args, **kwargs)

    def post(self, place: str = "C1", *, rank: int = Rank.FIRST, kind: str = "history", **values: Any) -> int:
        return self.do(posts.post, self.stamp, DeliveryKind(kind), place=place, rank=rank, **values)

    def claim(self, limit: int = 16, pace: dict[str, Pace] | None = None) -> Claims:
        return self.do(claims.claim, now=self.now, limit=limit, lease=LEASE, pace=pace or PACE)

    def ids(self, limit: int = 16, pace: dict[str, Pace] | None = None) -> list[int]:
        return [row.id for row in self.claim(limit, pace).rows]

    def get(self, delivery_id: int) -> Delivery:
        return self.do(posts.require, delivery_id)

    def sent(self, row: Delivery) -> None:
        self.do(receipts.sent, row, channel=row.place, ts=f"1.{row.id:06}", now=self.now)

    def send_all(self) -> None:
        while rows := self.claim(pace=FREE).rows:
            for row in rows:
                self.sent(row)

    def rewrite(self, delivery_id: int, rank: int = Rank.CLICK) -> None:
        def pending_update(tx: Connection) -> None:
            posts.rewrite(tx, self.stamp, posts.require(tx, delivery_id), rank=rank)

        self.do(pending_update)

    def updates(self, target: int) -> list[Delivery]:
        found = select(deliveries).where(deliveries.c.target_id == target).order_by(deliveries.c.id)
        return self.do(lambda tx: list(Query(Delivery, found).all(tx)))
