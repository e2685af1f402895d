"""Finding leads by what somebody typed: companies by the start of their key or a near miss, and who is there.

The keys are those of `bot.leadform.keys`, and compared byte by byte. How near is near enough is decided by
whoever asks; this file only brings few enough candidates, along the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from string import ascii_lowercase, digits

from sqlalchemy import ColumnElement, Connection, TextClause, bindparam, func, literal_column, select, text

from storage.database.sql import Query
from storage.models import Lead, leads

COUNTED = 1000
"""How far the leads of one company are counted."""
SHORTEST = 3
HEAD = 6
NEAR_START, NEAR_ELSEWHERE = 400, 1500  # the most candidates of either kind
_ALPHABET = ascii_lowercase + digits
_LAST = "\U0010ffff"
_LIVE = (leads.c.merged_into.is_(None),)
_AT_COMPANY = Query(
    Lead,
    select(leads)
    .where(leads.c.company_key == bindparam("key"), *_LIVE)
    .order_by(leads.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip")),
)
_AT_DOMAIN = Query(
    Lead,
    select(leads)
    .where(leads.c.company_domain == bindparam("domain"), *_LIVE)
    .order_by(leads.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip")),
)
_THESE = Query(
    Lead, select(leads).where(leads.c.id.in_(bindparam("ids", expanding=True))).order_by(leads.c.id.desc())
)
_DOMAIN = select(func.min(leads.c.company_domain)).where(
    leads.c.company_domain >= bindparam("low"), leads.c.company_domain < bindparam("high")
)


def companies_starting(tx: Connection, prefix: str, *, limit: int) -> list[str]:
    """The company keys that begin so, in the order of the alphabet, each once."""
    return _distinct(tx, [prefix], limit)


def companies_near(tx: Connection, key: str) -> list[str]:
    """Company keys that may be what somebody meant, a few hundred as a rule, unsorted.

    Those with one slip in the first six letters (one wrong, missing, too many, or swapped with the next),
    whatever follows; and some of those that share the first three. Of one or two letters everything is near,
    so nothing is given.
    """
    if len(key) < SHORTEST:
        return []
    return [*_distinct(tx, [key[:3]], NEAR_START), *_distinct(tx, sorted(slips(key[:HEAD])), NEAR_ELSEWHERE)]


def domain_called(tx: Connection, label: str) -> str | None:
    """The first company domain whose name this is: "acme" for acme.com, acme.co.uk."""
    return tx.execute(_DOMAIN, {"low": f"{label}.", "high": f"{label}.{_LAST}"}).scalar_one_or_none()


def at_company(tx: Connection, key: str, *, limit: int, skip: int = 0) -> Sequence[Lead]:
    """Leads at the companies with this key, the newest first."""
    return _AT_COMPANY.all(tx, {"key": key, "most": limit, "skip": skip})


def at_domain(tx: Connection, domain: str, *, limit: int, skip: int = 0) -> Sequence[Lead]:
    """Leads at a company's domain, the newest first."""
    return _AT_DOMAIN.all(tx, {"domain": domain, "most": limit, "skip": skip})


def these(tx: Connection, lead_ids: Sequence[int]) -> Sequence[Lead]:
    """The leads with these ids, the newest first."""
    return _THESE.all(tx, {"ids": list(lead_ids)}) if lead_ids else ()


def count_at_company(tx: Connection, key: str) -> int:
    """How many leads there are at the companies with this key, counted up to `COUNTED`."""
    return _count(tx, leads.c.company_key == key)


def count_at_domain(tx: Connection, domain: str) -> int:
    """How many leads there are at a company's domain, counted up to `COUNTED`."""
    return _count(tx, leads.c.company_domain == domain)


def _count(tx: Connection, here: ColumnElement[bool]) -> int:
    some = select(literal_column("1")).where(here, *_LIVE).limit(COUNTED).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def slips(head: str) -> set[str]:
    """What the head of a key would be with one slip of the hand less, or as it is."""
    found = {head}
    for at in range(len(head)):
        before, letter, after = head[:at], head[at], head[at + 1 :]
        found |= {before + after, before + after[:1] + letter + after[1:]}
        for other in _ALPHABET:
            found |= {before + other + after, before + other + letter + after}
    return found


def _distinct(tx: Connection, prefixes: Iterable[str], limit: int) -> list[str]:
    """The distinct keys that have one of these beginnings.

    The index is walked from key to key, so that a company with a thousand people costs no more than one;
    every beginning has its turn before any has a second.
    """
    wanted = list(prefixes)
    if tx.dialect.name == "postgresql":
        ends = [prefix + _LAST for prefix in wanted]
        return list(tx.execute(_WALK_OF_ANY, {"most": limit, "lows": wanted, "highs": ends}).scalars())
    values: dict[str, str | int] = {"most": limit}
    for number, prefix in enumerate(wanted):
        values |= {f"low{number}": prefix, f"high{number}": prefix + _LAST}
    return list(tx.execute(_walk(len(wanted)), values).scalars()) if wanted else []


@cache
def _walk(count: int) -> TextClause:
    return _walk_along("VALUES " + ", ".join(f"(:low{number}, :high{number})" for number in range(count)))


def _walk_along(spans: str) -> TextClause:
    return text(
        f"""
        WITH RECURSIVE span(low, high) AS ({spans}),
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


# Two arrays rather than a thousand values, which take longer to read and plan than the walk takes.
_WALK_OF_ANY = _walk_along("SELECT * FROM unnest(CAST(:lows AS TEXT[]), CAST(:highs AS TEXT[]))")
