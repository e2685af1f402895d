"""By what somebody who was erased is known again: words for an address, an id, a number, each with a name.

The words are hashed by whoever keeps them; here is only which there are, and when they mean the same person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.leadform.mailboxes import is_shared_mailbox
from bot.rules.names import NO_NAME, Name

_GOOGLE = ("gmail.com", "googlemail.com")


@dataclass(frozen=True, slots=True)
class Person:
    """All by which a person is known: addresses by key, ids as (system, id), numbers by key, names.

    `shared` are those of the addresses that others have too, `shared_phones` those of the numbers.
    """

    addresses: frozenset[str] = frozenset()
    ids: frozenset[tuple[str, str]] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[Name] = frozenset()
    shared: frozenset[str] = frozenset()
    shared_phones: frozenset[str] = frozenset()


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
    own = {each for each in person.addresses if not _is_shared(each, person.shared)}
    found = {f"address {each}" for address in own for each in _mailbox(address)}
    mailboxes = {each for address in person.addresses for each in _mailbox(address)}
    found |= {f"mailbox {each} {name}" for each in mailboxes for name in names}
    found |= {_phone(each, name) for each in person.phones for name in names}
    found |= {_phone(each) for each in person.phones - person.shared_phones}
    for system, external_id in person.ids:
        found |= {_id(system, external_id), *(_id(system, external_id, name) for name in names)}
    return found


def asked(record: Record) -> set[str]:
    """The words that may stand for whom a record is about."""
    name = _key(record.name)
    found = set[str]()
    for each in _mailbox(record.email_key) if record.email_key else ():
        found |= {f"address {each}", f"mailbox {each} {name}"}
    if record.phone_key and (name or not (record.email_key or record.external_id)):
        found.add(_phone(record.phone_key, name))
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


def _mailbox(address: str) -> set[str]:
    """An address, and the one form of all that mean the same mailbox: Google's have dots or none."""
    local, _, domain = address.rpartition("@")
    one = f"{local.replace('.', '')}@{_GOOGLE[0]}" if domain in _GOOGLE else address
    return {address, one}


def _is_shared(address: str, shared: Iterable[str]) -> bool:
    return address in shared or is_shared_mailbox(address)


def _phone(number: str, name: str = "") -> str:
    return f"phone {number.partition(';')[0]} {name}"  # whatever its extension


def _id(system: str, external_id: str, name: str = "") -> str:
    return f"id {system}\n{external_id}\n{name}"


def _key(name: Name) -> str:
    """A name without case, accents and order."""
    plain = unicodedata.normalize("NFKD", str(name)).casefold()
    letters = "".join(each if each.isalnum() else " " for each in plain if not unicodedata.combining(each))
    return " ".join(sorted(letters.split()))
