"""Finding leads by what somebody typed: companies by the start of their key or a near miss, and who is there.

The keys are those of `bot.leadform.keys`, and compared byte by byte. How near is near enough is decided by
whoever asks; this file only brings few enough candidates, along the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from string import ascii_lowercase, digits

from sqlalchemy import ColumnElement, Connection, TextClause, bindparam, func, literal_column, select, text

from storage.models import leads
from storage.sql import Record

COUNTED = 1000
"""How far the leads of one company are counted."""
NEAR_START = 1500  # candidates that share the first three letters
NEAR_ELSEWHERE = 2500  # candidates with one slip in the first three letters
_ALPHABET = ascii_lowercase + digits
_LAST = "\U0010ffff"
_LIVE = (leads.c.merged_into.is_(None),)
_AT_COMPANY = (
    select(leads)
    .where(leads.c.company_key == bindparam("key"), *_LIVE)
    .order_by(leads.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_AT_DOMAIN = (
    select(leads)
    .where(leads.c.company_domain == bindparam("domain"), *_LIVE)
    .order_by(leads.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_DOMAIN = select(func.min(leads.c.company_domain)).where(
    leads.c.company_domain >= bindparam("low"), leads.c.company_domain < bindparam("high")
)


def companies_starting(tx: Connection, prefix: str, *, limit: int) -> list[str]:
    """The company keys that begin so, in the order of the alphabet, each once."""
    return _distinct(tx, [prefix], limit)


def companies_near(tx: Connection, key: str) -> list[str]:
    """Company keys that may be what somebody meant: at most one letter of the first three differs.

    Wrong, missing, doubled and swapped letters are all looked for. Gives at most some thousands, unsorted.
    """
    start = key[:3]
    return [
        *_distinct(tx, [start], NEAR_START),
        *_distinct(tx, [slip for slip in _slips(key) if slip != start], NEAR_ELSEWHERE),
    ]


def domain_called(tx: Connection, label: str) -> str | None:
    """The first company domain whose name this is: "acme" for acme.com, acme.co.uk."""
    return tx.execute(_DOMAIN, {"low": f"{label}.", "high": f"{label}.{_LAST}"}).scalar_one_or_none()


def at_company(tx: Connection, key: str, *, limit: int, skip: int = 0) -> Sequence[Record]:
    """Leads at the companies with this key, the newest first."""
    return tx.execute(_AT_COMPANY, {"key": key, "most": limit, "skip": skip}).all()


def at_domain(tx: Connection, domain: str, *, limit: int, skip: int = 0) -> Sequence[Record]:
    """Leads at a company's domain, the newest first."""
    return tx.execute(_AT_DOMAIN, {"domain": domain, "most": limit, "skip": skip}).all()


def count_at_company(tx: Connection, key: str) -> int:
    """How many leads there are at the companies with this key, counted up to `COUNTED`."""
    return _count(tx, leads.c.company_key == key)


def count_at_domain(tx: Connection, domain: str) -> int:
    """How many leads there are at a company's domain, counted up to `COUNTED`."""
    return _count(tx, leads.c.company_domain == domain)


def _count(tx: Connection, here: ColumnElement[bool]) -> int:
    some = select(literal_column("1")).where(here, *_LIVE).limit(COUNTED).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def _slips(key: str) -> set[str]:
    """The beginnings that `key` would have with one slip of the hand in its first three letters."""
    one, two = key[:1], key[1:2]
    starts = {key[:2], key[1:4], one + key[2:4], two + one + key[2:3]}
    for letter in _ALPHABET:
        starts |= {letter + key[1:3], one + letter + key[2:3], letter + key[:2], one + letter + two}
    return {start for start in starts if start and (start == key[:2] or not start.startswith(key[:2]))}


def _distinct(tx: Connection, prefixes: Iterable[str], limit: int) -> list[str]:
    """The distinct keys that have one of these beginnings.

    The index is walked from key to key, so that a company with a thousand people costs no more than one;
    every beginning has its turn before any has a second.
    """
    wanted = list(prefixes)
    values: dict[str, str | int] = {"most": limit}
    for number, prefix in enumerate(wanted):
        values |= {f"low{number}": prefix, f"high{number}": prefix + _LAST}
    return list(tx.execute(_walk(len(wanted)), values).scalars()) if wanted else []


@cache
def _walk(count: int) -> TextClause:
    spans = ", ".join(f"(:low{number}, :high{number})" for number in range(count))
    return text(
        f"""
        WITH RECURSIVE span(low, high) AS (VALUES {spans}),
        walk(high, key) AS (
            SELECT high, (SELECT min(company_key) FROM lead WHERE company_key >= low AND company_key < high)
            FROM span
            UNION ALL
            SELECT high, (SELECT min(company_key) FROM lead WHERE company_key > key AND company_key < high)
            FROM walk WHERE key IS NOT NULL
        )
        SELECT key FROM walk WHERE key IS NOT NULL LIMIT :most
        """
    )
