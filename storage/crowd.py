"""The leads that many records may be about: each table is asked once for all, and written once for all.

What one record needs is fetched by storage/leads.py and the files beside it, in the same words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage import lead_batches, words
from storage.database.sql import Query, insert_all
from storage.leads import Alias, one_at_a_time
from storage.models import (
    Activity,
    Lead,
    activities,
    former_addresses,
    handoffs,
    lead_aliases,
    lead_records,
    leads,
)
from storage.models.upkeep import AliasValues, RecordValues
from storage.models.values import ActivityValues, LeadValues

MOST_AT_ADDRESS = 20
"""So many leads at one mailbox are fetched; whose record it is where there are more is asked one by one."""

_BY_ID = select(lead_aliases.c.external_id, lead_aliases.c.lead_id).where(
    lead_aliases.c.system == bindparam("system"),
    lead_aliases.c.external_id.in_(bindparam("wanted", expanding=True)),
)
_PRESENT = (
    select(leads.c.email_key, leads.c.id)
    .where(leads.c.email_key.in_(bindparam("wanted", expanding=True)))
    .order_by(leads.c.id)
)
_FORMER = (
    select(former_addresses.c.email_key, former_addresses.c.lead_id)
    .where(former_addresses.c.email_key.in_(bindparam("wanted", expanding=True)))
    .order_by(former_addresses.c.lead_id)
)
_ROWS = Query(
    Lead,
    select(leads)
    .where(leads.c.id.in_(bindparam("wanted", expanding=True)))
    .order_by(leads.c.id)
    .with_for_update(),
)
_ALIASES = (
    select(lead_aliases.c.lead_id, lead_aliases.c.system, lead_aliases.c.external_id)
    .where(lead_aliases.c.lead_id.in_(bindparam("wanted", expanding=True)))
    .order_by(lead_aliases.c.external_id, lead_aliases.c.system)
)
_HANDED = select(handoffs.c.lead_id).where(handoffs.c.lead_id.in_(bindparam("wanted", expanding=True)))
_TOLD = select(lead_records.c.lead_id, lead_records.c.digest).where(
    lead_records.c.lead_id.in_(bindparam("wanted", expanding=True)),
    lead_records.c.digest.in_(bindparam("digests", expanding=True)),
)
_LAST_ID = select(func.coalesce(func.max(leads.c.id), 0))
_NEW = insert(leads).returning(leads.c.id, sort_by_parameter_order=True)
_CHANGE = update(leads).where(leads.c.id == bindparam("lead"))


@dataclass(slots=True)
class Crowd:
    """Leads by how they are found, and what stands beside each.

    `at_address` has who has an address now, `formerly` who had it before; `crowded` are the addresses at
    which there are too many to fetch. `handed` are the leads that sales ever had, `told` the records, as
    (lead, digest), that came before; `did` has the newest activities, as lead_batches.py gives them.
    """

    by_id: dict[str, int] = field(default_factory=dict)
    at_address: dict[str, list[int]] = field(default_factory=dict)
    formerly: dict[str, list[int]] = field(default_factory=dict)
    crowded: set[str] = field(default_factory=set)
    rows: dict[int, Lead] = field(default_factory=dict)
    aliases: dict[int, list[Alias]] = field(default_factory=dict)
    handed: set[int] = field(default_factory=set)
    told: set[tuple[int, str]] = field(default_factory=set)
    did: Mapping[int, Sequence[Activity]] = field(default_factory=dict)


def gather(
    tx: Connection, system: str, ids: Collection[str], keys: Collection[str], digests: Collection[str]
) -> Crowd:
    """Everybody who has one of these ids in the system, or one of these addresses, by its key.

    On PostgreSQL their rows are locked, and whoever brings the same id or address meanwhile waits, as
    `leads.candidates` has it.
    """
    one_at_a_time(tx, [*(f"{system} {each}" for each in ids), *keys])
    crowd = Crowd()
    if ids:
        found = tx.execute(_BY_ID, {"system": system, "wanted": list(ids)})
        crowd.by_id = {row.external_id: row.lead_id for row in found}
    if keys:
        crowd.at_address = _by_key(tx.execute(_PRESENT, {"wanted": list(keys)}))
        crowd.formerly = _by_key(tx.execute(_FORMER, {"wanted": list(keys)}))
    for here in (crowd.at_address, crowd.formerly):
        crowd.crowded |= {key for key, found_there in here.items() if len(found_there) > MOST_AT_ADDRESS}
    _look_up(tx, crowd, digests)
    return crowd


def _by_key(found: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    here: dict[str, list[int]] = defaultdict(list)
    for key, lead_id in found:
        here[key].append(lead_id)
    return dict(here)


def _look_up(tx: Connection, crowd: Crowd, digests: Collection[str]) -> None:
    """What stands beside each of them."""
    met = {*crowd.by_id.values()}
    for here in (crowd.at_address, crowd.formerly):
        met |= {each for key, found in here.items() if key not in crowd.crowded for each in found}
    if not met:
        return
    wanted = {"wanted": sorted(met)}
    crowd.rows = {row.id: row for row in _ROWS.all(tx, wanted)}
    crowd.aliases = {each: [] for each in met}
    for lead_id, system, external_id in tx.execute(_ALIASES, wanted):
        crowd.aliases[lead_id].append((system, external_id))
    crowd.handed = set(tx.execute(_HANDED, wanted).scalars())
    told = tx.execute(_TOLD, {**wanted, "digests": list(digests)})
    crowd.told = {(lead_id, digest) for lead_id, digest in told}
    crowd.did = lead_batches.activities_of(tx, met)


def add(tx: Connection, rows: Sequence[LeadValues]) -> list[int]:
    """Store new leads, with the words by which they are found, and give their ids."""
    columns = sorted({name for row in rows for name in row})
    filled: list[dict[str, Any]] = [
        {name: row.get(name, _EMPTY.get(name)) for name in columns} for row in rows
    ]
    if tx.dialect.name == "sqlite":  # which returns ids row by row alone; nobody else writes meanwhile
        first = tx.execute(_LAST_ID).scalar_one() + 1
        ids = list(range(first, first + len(rows)))
        for lead_id, row in zip(ids, filled, strict=True):
            row["id"] = lead_id
        insert_all(tx, leads, filled)
    else:
        ids = list(tx.execute(_NEW, filled).scalars())
    words.add_all(tx, zip(ids, rows, strict=True))
    return ids


_EMPTY = {"qualified": False, "extra": {}, "told_at": {}, "names_before": [], "why": []}
"""What the columns that are never NULL hold where nothing is told."""


def change(tx: Connection, changed: Mapping[int, LeadValues]) -> None:
    """Set these columns of leads, by id, and keep their words in step."""
    alike: dict[tuple[str, ...], list[dict[str, object]]] = defaultdict(list)
    for lead_id, values in changed.items():
        alike[tuple(sorted(values))].append({"lead": lead_id, **values})
    for columns, rows in alike.items():
        tx.execute(_CHANGE.values({name: bindparam(name) for name in columns}), rows)
    reworded = [each for each, values in changed.items() if not words.WORD_COLUMNS.isdisjoint(values)]
    if reworded:
        for row in _ROWS.all(tx, {"wanted": reworded}):
            words.refresh(tx, row)


def add_aliases(tx: Connection, rows: Sequence[AliasValues]) -> None:
    """Know leads by these ids, none of which is known yet."""
    insert_all(tx, lead_aliases, rows)


def add_activities(tx: Connection, rows: Sequence[ActivityValues]) -> None:
    """Note activities, none of which was noted of its lead before."""
    insert_all(tx, activities, rows)


def add_records(tx: Connection, rows: Sequence[RecordValues]) -> None:
    """Remember what records said of leads, none of which was said before."""
    insert_all(tx, lead_records, rows)
