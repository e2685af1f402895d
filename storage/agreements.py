"""The versions of the agreement that were ever in force, and the campaigns that they named."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import NoResultFound

from storage.database.sql import Query, insert_once, upsert
from storage.models import AgreementVersion, agreement_versions, campaigns
from storage.models.upkeep import VersionValues
from storage.models.values import CampaignValues

_OF_HASH = Query(
    AgreementVersion, select(agreement_versions).where(agreement_versions.c.hash == bindparam("hash"))
)
_BY_ID = Query(AgreementVersion, select(agreement_versions).where(agreement_versions.c.id == bindparam("id")))


def remember_version(
    tx: Connection, *, version: str, digest: str, text: str, now: datetime
) -> AgreementVersion:
    """Keep this version's text for good; the same text is kept once.

    Another text under the same version is kept as version+2, +3 and so on.
    """
    known = _OF_HASH.one(tx, {"hash": digest})
    if known is None:
        free = _free(tx, version)
        row: VersionValues = {"version": free, "hash": digest, "text": text, "first_seen_at": now}
        insert_once(tx, agreement_versions, row, "hash")
        known = _OF_HASH.one(tx, {"hash": digest})
    assert known is not None
    return known


def _free(tx: Connection, version: str) -> str:
    """The version, or the first of version+2, version+3 … that no other text has."""
    taken = set(names_taken(tx))
    names = itertools.chain([version], (f"{version}+{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def names_taken(tx: Connection) -> list[str]:
    """The names of all versions that were ever in force."""
    return list(tx.execute(select(agreement_versions.c.version)).scalars())


def version(tx: Connection, agreement_id: int) -> AgreementVersion:
    """A version as it was loaded. Raises NoResultFound for an id that was never given."""
    found = _BY_ID.one(tx, {"id": agreement_id})
    if found is None:
        raise NoResultFound(f"no agreement {agreement_id}")
    return found


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
