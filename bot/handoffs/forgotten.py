"""Who was erased does not come back by the next sync: a record about them is not taken, and its sender told.

What remains of a person is a keyed hash of each trace; the key stands in the database and nowhere else.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.handoffs.taken import Door
from bot.leadform import FieldFault, LeadFaults, LeadForm, email_key
from bot.rules.names import Name
from bot.rules.traces import Record, asked, is_meant
from bot.settings import PROGRAM
from storage import erasures, installation, leads
from storage.database.sql import in_portions
from storage.models.values import LeadValues

KEY = "tombstone_key"
"""The name under which the installation keeps the key of its hashes; made at the first erasure."""
WORDS = (
    "belongs to somebody who was removed from Baton. Stop sending them; "
    f"`{PROGRAM} forget --lift` accepts them again"
)


class Forgotten(LeadFaults):
    """A record about somebody who was erased. Of its body nothing is kept either."""

    def __init__(self, field: str) -> None:
        super().__init__([FieldFault(field, WORDS)])


def digests(tx: Connection, words: Collection[str]) -> Mapping[str, str]:
    """The keyed hash of each word, made with the installation's key."""
    key = installation.made_once(tx, KEY, lambda: secrets.token_hex(32))
    return _hashed(key, words)


def require_not_forgotten(
    tx: Connection, form: LeadForm, columns: LeadValues, door: Door, now: datetime
) -> None:
    """Let pass a record unless it is about somebody who was erased. Raises Forgotten.

    Who was erased by age comes in anew with what they did since then.
    """
    key = installation.value_of(tx, KEY)
    if key is None:  # nobody ever was
        return
    record = _record(form, columns, door)
    words = {digest: word for word, digest in _hashed(key, asked(record)).items()}
    stones = erasures.standing(tx, words)
    if not is_meant(record, [words[stone.digest] for stone in stones]):
        return
    since = max(stone.at for stone in stones)
    if all(stone.aged for stone in stones) and any(
        each.dated and not each.summary and since < each.at <= now for each in form.activities
    ):
        erasures.lift(tx, stones)
        return
    raise Forgotten("email" if form.email else "external_id" if form.external_id else "phone")


def names_forgotten(tx: Connection, reference: str, system: str) -> bool:
    """Whether a lead that is named by its number, `ext:ID`, `ext:SYSTEM:ID` or an address was erased.

    `system` is that of whoever names it, whose own ids may stand without one.
    """
    if reference.isdecimal():
        lead = leads.get(tx, int(reference[:18]))
        return lead is not None and lead.forgotten_at is not None
    key = installation.value_of(tx, KEY)
    if key is None:
        return False
    words = {word for record in _records(tx, reference, system) for word in asked(record)}
    return bool(erasures.standing(tx, _hashed(key, words).values()))


def _records(tx: Connection, reference: str, system: str) -> Iterator[Record]:
    """Whom a reference may mean."""
    if "@" in reference:
        yield Record(system, email_key=email_key(reference))
    external_id = reference.removeprefix("ext:")
    owner, colon, own = external_id.partition(":")
    if colon:
        yield Record(owner, own)
    for each in {system, *leads.systems(tx)}:
        yield Record(each, external_id)


def perhaps_forgotten(tx: Connection, came: Iterable[tuple[LeadForm, LeadValues]], door: Door) -> list[bool]:
    """Of each record, with its columns, whether anything remains by which `require_not_forgotten` may know
    it; all are asked at once."""
    records = list(came)
    key = installation.value_of(tx, KEY)
    if key is None:
        return [False] * len(records)
    traces = [set(_hashed(key, asked(_record(*each, door))).values()) for each in records]
    standing = {
        stone.digest
        for some in in_portions(set[str]().union(*traces))
        for stone in erasures.standing(tx, some)
    }
    return [not standing.isdisjoint(each) for each in traces]


def _record(form: LeadForm, columns: LeadValues, door: Door) -> Record:
    name = Name(form.first_name, form.last_name)
    return Record(door.system, form.external_id, columns.get("email_key"), columns.get("phone_key"), name)


def _hashed(key: str, words: Collection[str]) -> Mapping[str, str]:
    secret = bytes.fromhex(key)
    return {
        word: hmac.digest(secret, word.encode("utf-8", "surrogatepass"), "sha256").hex() for word in words
    }
