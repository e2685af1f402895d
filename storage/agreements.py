"""The versions of the agreement that were ever in force, and the campaigns that they named."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from storage.database.sql import Query, insert_once, upsert
from storage.models import OPEN_HANDOFF, AgreementVersion, agreement_versions, campaigns, handoffs
from storage.models.upkeep import VersionValues
from storage.models.values import CampaignValues

_OF_HASH = Query(
    AgreementVersion, select(agreement_versions).where(agreement_versions.c.hash == bindparam("hash"))
)
_BY_ID = Query(AgreementVersion, select(agreement_versions).where(agreement_versions.c.id == bindparam("id")))
_ALL = Query(AgreementVersion, select(agreement_versions).order_by(agreement_versions.c.id.desc()))
_KEPT = select(agreement_versions.c.id).where(
    agreement_versions.c.id == bindparam("id"),
    agreement_versions.c.hash == bindparam("hash"),
    agreement_versions.c.text == bindparam("text"),
)
_IN_USE = (
    select(handoffs.c.agreement_id)
    .where(
        handoffs.c.state.in_(list(OPEN_HANDOFF)),
        handoffs.c.agreement_id.not_in(select(agreement_versions.c.id)),
    )
    .distinct()
)


def remember_version(
    tx: Connection, *, version: str, digest: str, text: str, now: datetime
) -> AgreementVersion:
    """Keep this version's text for good; the same text is kept once, and put back where it was spoilt.

    Another text under the same version is kept as version+2, +3 and so on.
    """
    known = with_text(tx, digest)
    if known is None:
        free = _free(tx, version)
        row: VersionValues = {"version": free, "hash": digest, "text": text, "first_seen_at": now}
        insert_once(tx, agreement_versions, row, "hash")
        known = with_text(tx, digest)
    assert known is not None
    if known.text != text:
        put_back(tx, known.id, {"version": known.version, "hash": digest, "text": text, "first_seen_at": now})
    return known


def with_text(tx: Connection, digest: str) -> AgreementVersion | None:
    """The version that was loaded with a text of this hash, if it ever was."""
    return _OF_HASH.one(tx, {"hash": digest})


def is_kept(tx: Connection, agreement_id: int, digest: str, text: str) -> bool:
    """Whether a version stands there with this text."""
    return tx.execute(_KEPT, {"id": agreement_id, "hash": digest, "text": text}).first() is not None


def put_back(tx: Connection, agreement_id: int, row: VersionValues) -> None:
    """Let a version whose text was spoilt, or that is gone, stand there as it was."""
    spoilt = update(agreement_versions).where(agreement_versions.c.id == agreement_id)
    told: VersionValues = {"hash": row["hash"], "text": row["text"]}
    found = tx.execute(spoilt.values(**told)).rowcount
    if not found:
        insert_once(tx, agreement_versions, {"id": agreement_id, **row}, "hash")


def stand_in_for_lost(tx: Connection, now: datetime) -> None:
    """Let a row without a text stand for each version of open handoffs whose own is gone: a key must hold."""
    for agreement_id in tx.execute(_IN_USE).scalars().all():
        name = f"lost-{agreement_id}"
        row: VersionValues = {"version": name, "hash": name, "text": "", "first_seen_at": now}
        insert_once(tx, agreement_versions, {"id": agreement_id, **row}, "hash")


def _free(tx: Connection, version: str) -> str:
    """The version, or the first of version+2, version+3 … that no other text has."""
    taken = set(names_taken(tx))
    names = itertools.chain([version], (f"{version}+{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def names_taken(tx: Connection) -> list[str]:
    """The names of all versions that were ever in force."""
    return list(tx.execute(select(agreement_versions.c.version)).scalars())


def version(tx: Connection, agreement_id: int) -> AgreementVersion | None:
    """A version as it was loaded; None where its row is gone, or there never was one."""
    return _BY_ID.one(tx, {"id": agreement_id})


def called(tx: Connection, agreement_id: int) -> str:
    """The name of a version; its number where its row is gone."""
    found = version(tx, agreement_id)
    return found.version if found is not None else f"#{agreement_id}"


def damaged(tx: Connection) -> list[int]:
    """The versions whose text is another than was loaded, and those of open handoffs whose row is gone."""
    altered = [row.id for row in _ALL.all(tx) if hashlib.sha256(_bytes(row.text)).hexdigest() != row.hash]
    return [*altered, *tx.execute(_IN_USE).scalars()]


def _bytes(text: object) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode(errors="surrogatepass")


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


def since(tx: Connection, agreement_id: int) -> datetime | None:
    """Since when a version is known; None where its row is gone."""
    found = version(tx, agreement_id)
    return found.first_seen_at if found is not None else None


def first_seen(tx: Connection) -> datetime | None:
    """When the first version of all came into force: how long Baton has been at work here."""
    return tx.execute(select(func.min(agreement_versions.c.first_seen_at))).scalar_one_or_none()
