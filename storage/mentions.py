"""Where others' texts mention somebody who is erased: found in every table, and struck.

What of the person's own rows goes is in erasing.py; how they may be written is the caller's to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    cast,
    false,
    func,
    null,
    or_,
    select,
    update,
)
from sqlmodel import SQLModel

from storage import erasing
from storage.erasing import holds_text, struck
from storage.models import (
    activities,
    content_feedback,
    decisions,
    deliveries,
    disputes,
    events,
    handoffs,
    leads,
    proposals,
    reports,
)

SPACES = " \u00a0\u2007\u2009\u202f"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
"""A hyphen, and what word processors and web pages make of it."""
BETWEEN_DIGITS = f"{SPACES}{DASHES}()./"
"""What people write between the digits of a number."""
_UNSWEPT = frozenset(
    {
        *("agreement_version", "installation", "tombstone", "erasure", "lane", "heartbeat", "replica"),
        *("sent_form", "forecast"),
        *("person", "user_group"),  # a colleague who once was a lead stays a colleague
    }
)
_NOTES: Mapping[str, str] = {
    leads.name: "notes",
    handoffs.name: "note",
    disputes.name: "argument",
    content_feedback.name: "note",
    activities.name: "detail",
    events.name: "detail",
    deliveries.name: "body",
    decisions.name: "what",
    proposals.name: "why",
}
"""Where people write what they like, by table; of JSON that is what stands under one of `_NOTE_KEYS`."""
_NOTE_KEYS = frozenset({"note", "notes", "lines", "what"})


@dataclass(frozen=True, slots=True)
class Spelling:
    """How something is written in texts: a regular expression, whatever the case.

    `parts` are what a text with it holds, one after the other; with `digits`, once what may stand between two
    digits is left out. A `name` is looked for in notes alone, since others bear it too.
    """

    pattern: str
    parts: tuple[str, ...]
    digits: bool = False
    name: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A table's text columns, the columns by which its rows are found again, and whose lead's a row is.

    With `notes` only what people write as they like counts.
    """

    table: Table
    columns: tuple[Column[Any], ...]
    key: tuple[Column[Any], ...]
    lead: ColumnElement[Any]
    notes: bool = False


def places() -> Iterator[Place]:
    """Every table with its columns that can hold what people or tools wrote."""
    for table in SQLModel.metadata.sorted_tables:
        columns = tuple(column for column in table.columns if holds_text(column))
        if columns and table.name not in _UNSWEPT:
            yield _place(table, columns)
    for name, column in _NOTES.items():
        table = SQLModel.metadata.tables[name]
        yield _place(table, (table.c[column],), notes=True)


def _place(table: Table, columns: tuple[Column[Any], ...], *, notes: bool = False) -> Place:
    lead: ColumnElement[Any] = table.c.id if table is leads else table.c.get("lead_id", null())
    if "handoff_id" in table.c:
        of_handoff = select(handoffs.c.lead_id).where(handoffs.c.id == table.c.handoff_id)
        lead = func.coalesce(lead, of_handoff.scalar_subquery())
    return Place(table, columns, tuple(table.primary_key.columns), lead, notes)


def mentions(tx: Connection, place: Place, spellings: Collection[Spelling]) -> list[tuple[Any, ...]]:
    """The keys of the rows in whose text one of these may stand."""
    texts = [cast(column, Text) for column in place.columns]
    asked = [_may_hold(text, each) for text in texts for each in spellings if each.name == place.notes]
    return [tuple(row) for row in tx.execute(select(*place.key).where(or_(false(), *asked)))]


def _may_hold(text: ColumnElement[str], spelling: Spelling) -> ColumnElement[bool]:
    if spelling.digits:
        for between in BETWEEN_DIGITS:
            for form in {between, json.dumps(between)[1:-1]}:
                text = func.replace(text, form, "")
    written = zip(*(_forms(part) for part in spelling.parts), strict=True)
    patterns = {f"%{'%'.join(map(_escaped, form))}%" for form in written}
    return or_(*(text.ilike(each, escape="!") for each in sorted(patterns)))


def strike(tx: Connection, place: Place, key: Sequence[Any], spellings: Iterable[Spelling]) -> bool:
    """Write `REMOVED` in one row's texts wherever one of these stands; False if none does."""
    new = _without(tx, place, key, spellings)
    if new:
        tx.execute(update(place.table).where(_here(place, key)).values(new))
    return bool(new)


def stands_in(tx: Connection, place: Place, key: Sequence[Any], spellings: Iterable[Spelling]) -> bool:
    """Whether one of these stands in a row's texts."""
    return bool(_without(tx, place, key, spellings))


def _without(
    tx: Connection, place: Place, key: Sequence[Any], spellings: Iterable[Spelling]
) -> dict[str, Any]:
    """The columns of a row in which one of these stands, without it."""
    row = tx.execute(select(*place.columns).where(_here(place, key))).one_or_none()
    forms = sorted({each.pattern for each in spellings if each.name == place.notes})
    pattern = re.compile("|".join(forms), re.IGNORECASE)
    old = {} if row is None else dict(row._mapping)
    return {name: left for name, value in old.items() if (left := _cleared(place, value, pattern)) != value}


def leads_of(tx: Connection, place: Place, keys: Iterable[Sequence[Any]]) -> set[int]:
    """The leads that these rows are of."""
    found = (tx.execute(select(place.lead).where(_here(place, key))).scalar_one_or_none() for key in keys)
    return {int(each) for each in found if each is not None}


def messages_of(tx: Connection, place: Place, keys: Iterable[Sequence[Any]]) -> list[int]:
    """The posts, by the delivery's id, that show these rows and are about no lead."""
    ids = [key[0] for key in keys]
    if place.table is deliveries:
        return erasing.posts_among(tx, ids)
    if place.table is decisions:
        of = select(decisions.c.report_id).where(decisions.c.id.in_(ids))
        shown = select(reports.c.delivery_id).where(reports.c.id.in_(of), reports.c.delivery_id.is_not(None))
        return list(tx.execute(shown).scalars())
    if place.table is proposals:
        cards = tx.execute(select(proposals.c.cards).where(proposals.c.id.in_(ids))).scalars()
        return [card for each in cards for card in each.values()]
    return []


def _here(place: Place, key: Sequence[Any]) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(place.key, key, strict=True)))


def _cleared(place: Place, value: Any, pattern: re.Pattern[str]) -> Any:
    if not place.notes or isinstance(value, str):
        return struck(value, pattern)
    if isinstance(value, dict):
        return {
            name: struck(each, pattern) if name in _NOTE_KEYS else _cleared(place, each, pattern)
            for name, each in value.items()
        }
    return value


def _forms(text: str) -> tuple[str, ...]:
    """As a text or JSON has it, in each case: a database may know the cases of ASCII alone."""
    cases = (text, text.lower(), text.upper())
    return (*cases, *(json.dumps(each)[1:-1] for each in cases))


def _escaped(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)
