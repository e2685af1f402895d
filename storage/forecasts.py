"""What was foretold of an agreement before it went live, by the hash of its text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, literal_column, select

from storage.database.sql import Query, upsert
from storage.models import AgreementVersion, Forecast, agreement_versions, forecasts
from storage.models.upkeep import ForecastValues

_OF_HASH = Query(Forecast, select(forecasts).where(forecasts.c.hash == bindparam("hash")))
_LIVE = select(agreement_versions.c.id).where(agreement_versions.c.hash == bindparam("hash"))
_WENT_LIVE = Query(
    AgreementVersion,
    select(agreement_versions)
    .where(
        agreement_versions.c.hash.in_(select(forecasts.c.hash)),
        agreement_versions.c.first_seen_at > bindparam("after"),
        agreement_versions.c.first_seen_at <= bindparam("until"),
    )
    .order_by(agreement_versions.c.first_seen_at.desc(), agreement_versions.c.id.desc())
    .limit(literal_column("1")),
)
_NEXT = (
    select(agreement_versions.c.first_seen_at)
    .where(agreement_versions.c.first_seen_at > bindparam("after"))
    .order_by(agreement_versions.c.first_seen_at)
    .limit(literal_column("1"))
)


def keep(tx: Connection, row: ForecastValues) -> bool:
    """Keep a forecast in the place of an earlier one. False: its agreement was in force already."""
    if tx.execute(_LIVE, {"hash": row["hash"]}).first() is not None:
        return False
    statement = upsert(tx, forecasts).values(**row)
    told = {name: value for name, value in row.items() if name != "hash"}
    tx.execute(statement.on_conflict_do_update(index_elements=["hash"], set_=told))
    return True


def of(tx: Connection, digest: str) -> Forecast | None:
    """What was foretold of the agreement with this hash, if anything was."""
    return _OF_HASH.one(tx, {"hash": digest})


def went_live(tx: Connection, after: datetime, until: datetime) -> AgreementVersion | None:
    """The newest version with a forecast that first came into force after one moment, until another."""
    return _WENT_LIVE.one(tx, {"after": after, "until": until})


def next_version_at(tx: Connection, after: datetime) -> datetime | None:
    """When the next version came into force after that moment; None: none did."""
    return tx.execute(_NEXT, {"after": after}).scalar_one_or_none()
