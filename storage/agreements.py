"""The versions of the agreement that were ever in force, and the campaigns that they named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.database.sql import upsert
from storage.models import agreement_versions, campaigns
from storage.models.values import CampaignValues, VersionValues


def remember_version(tx: Connection, *, version: str, digest: str, text: str, now: datetime) -> int:
    """Keep this version's text for good and give its id; the same text is kept once."""
    row: VersionValues = {"version": version, "hash": digest, "text": text, "first_seen_at": now}
    statement = upsert(tx, agreement_versions).values(**row)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["hash"]))
    found = select(agreement_versions.c.id).where(agreement_versions.c.hash == digest)
    return int(tx.execute(found).scalar_one())


def version_text(tx: Connection, agreement_id: int) -> str:
    """The text of a version, as it was loaded. Raises NoResultFound for an id that was never given."""
    statement = select(agreement_versions.c.text).where(agreement_versions.c.id == agreement_id)
    return str(tx.execute(statement).scalar_one())


def remember_campaigns(tx: Connection, rows: Sequence[CampaignValues]) -> None:
    """Bring the campaigns that the agreement names up to date; those it no longer names stay."""
    for row in rows:
        statement = upsert(tx, campaigns).values(**row)
        changed = {name: statement.excluded[name] for name in ("name", "owner", "spend_minor", "currency")}
        tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed))


def version_ids(tx: Connection) -> list[int]:
    """The ids of all versions that were ever in force, the newest first."""
    return list(
        tx.execute(select(agreement_versions.c.id).order_by(agreement_versions.c.id.desc())).scalars()
    )


def first_seen(tx: Connection) -> datetime | None:
    """When the first version of all came into force: how long Baton has been at work here."""
    return tx.execute(select(func.min(agreement_versions.c.first_seen_at))).scalar_one_or_none()
