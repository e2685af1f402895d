"""By what somebody who was erased is known again: words for an address, an id, a number, each with a name.

The words are hashed by whoever keeps them; here is only which there are, and when they mean the same person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.leadform.mailboxes import is_shared_mailbox
from bot.rules.names import NO_NAME, Name


@dataclass(frozen=True, slots=True)
class Person:
    """All by which a person is known: addresses by key, ids as (system, id), numbers by key, names.

    `shared` are those of the addresses that others have too.
    """

    addresses: frozenset[str] = frozenset()
    ids: frozenset[tuple[str, str]] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[Name] = frozenset()
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """What a record says of whom it is about."""

    system: str
    external_id: str | None = None
    email_key: str | None = None
    phone_key: str | None = None
    name: Name = NO_NAME


def traces(person: Person) -> set[str]:
    """The words that remain of a person."""
    names = {key for name in person.names if (key := _key(name))}
    found = {f"address {each}" for each in person.addresses if not _is_shared(each, person.shared)}
    found |= {f"mailbox {each} {name}" for each in person.addresses for name in names}
    found |= {f"phone {each} {name}" for each in person.phones for name in names}
    for system, external_id in person.ids:
        found |= {_id(system, external_id), *(_id(system, external_id, name) for name in names)}
    return found


def asked(record: Record) -> set[str]:
    """The words that may stand for whom a record is about."""
    name = _key(record.name)
    found = set[str]()
    if record.email_key:
        found |= {f"address {record.email_key}", f"mailbox {record.email_key} {name}"}
    if record.phone_key and name and not record.email_key and not record.external_id:
        found.add(f"phone {record.phone_key} {name}")
    if record.external_id:
        found |= {_id(record.system, record.external_id), _id(record.system, record.external_id, name)}
    return found


def is_meant(record: Record, standing: Collection[str]) -> bool:
    """Whether a record is about somebody of whom these words remain.

    An id that comes with another name and another address was given to somebody else since.
    """
    known = asked(record) & set(standing)
    if not record.external_id:
        return bool(known)
    plain = _id(record.system, record.external_id)
    if known - {plain}:
        return True
    name = _key(record.name)
    return plain in known and not (name and record.email_key)


def _is_shared(address: str, shared: Iterable[str]) -> bool:
    return address in shared or is_shared_mailbox(address)


def _id(system: str, external_id: str, name: str = "") -> str:
    return f"id {system}\n{external_id}\n{name}"


def _key(name: Name) -> str:
    """A name without case, accents and order."""
    plain = unicodedata.normalize("NFKD", str(name)).casefold()
    letters = "".join(each if each.isalnum() else " " for each in plain if not unicodedata.combining(each))
    return " ".join(sorted(letters.split()))
