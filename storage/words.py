"""The words by which a lead is found: of its name, its company and, backwards, the digits of its number.

They are kept in a table of their own, so that any word finds a lead, in any order, along an index. Whoever
stores a lead refreshes them; a lead that was merged keeps its words, and whoever looks leaves it out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from sqlalchemy import Connection, TextClause, bindparam, delete, select, text

from storage.database.sql import insert_all
from storage.models import Lead, lead_words
from storage.models.values import LeadValues

WORD_COLUMNS = frozenset({"first_name", "last_name", "company_key", "phone", "email"})
"""The columns of a lead from which its words are made."""
FEWEST_DIGITS = 6
LOOKED_AT = 2000
"""Of how many leads with the rarest word the other words are looked for."""
_COUNTED = 1000
_LAST = "\U0010ffff"
_LONGEST, _MOST = 40, 12
_DIGITS = "t:"
_EXTENSION = re.compile(r"\s*(?:;|ext|x).*", re.IGNORECASE)
_SPLIT = re.compile(r"[\W_]+")
_JOINED = re.compile(r"['\u2019.](?=\w)")  # O'Brien is one word
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)

_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "\u00e6": "ae"})
_DIGRAPH = re.compile(r"([aou])e", re.IGNORECASE)


_OF_LEAD = select(lead_words.c.word).where(lead_words.c.lead_id == bindparam("lead"))
_REMOVE = delete(lead_words).where(
    lead_words.c.lead_id == bindparam("lead"), lead_words.c.word.in_(bindparam("gone", expanding=True))
)


def words_in(said: str) -> list[str]:
    """The words of a text without case, accents and punctuation, each once, in their order."""
    plain = said.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(char for char in plain if not unicodedata.combining(char)).translate(_UNDECOMPOSED)
    return list(dict.fromkeys(word[:_LONGEST] for word in _SPLIT.split(_JOINED.sub("", plain)) if word))


def spellings(word: str, said: str) -> Iterator[str]:
    """Other ways to write a word of a name: Müller is Mueller and Muller, and Mueller is Muller.

    `word` is as `words_in` gives it, `said` the text that it is of.
    """
    for written in () if said.isascii() else _SPLIT.split(said.casefold()):
        if written.translate(_WRITTEN_OUT) != written and word in words_in(written):
            yield from words_in(written.translate(_WRITTEN_OUT))
    if (shorter := without_digraphs(word)) != word:
        yield shorter


def without_digraphs(text: str) -> str:
    """The text with a for ae, o for oe and u for ue, which stand for ä, ö and ü."""
    return _DIGRAPH.sub(_first_letter, text)


def _first_letter(digraph: re.Match[str]) -> str:
    return digraph[1]


def phone_word(written: str) -> str | None:
    """A phone number as a word, from its last digit on: however its beginning is written, that is the same.

    None for fewer than six digits. A leading zero is left off: it stands in place of the country.
    """
    number = _EXTENSION.sub("", written)
    digits = "".join(str(unicodedata.digit(char)) for char in number if char.isdigit()).lstrip("0")
    return _DIGITS + digits[::-1] if len(digits) >= FEWEST_DIGITS else None


def words_of(lead: Lead) -> frozenset[str]:
    """All words by which this lead is found. Who has no name is found by what stands before the @."""
    return _words(lead.first_name, lead.last_name, lead.email, lead.company_key, lead.phone)


def _words(
    first: str | None, last: str | None, email: str | None, company_key: str | None, phone: str | None
) -> frozenset[str]:
    named = [name for name in (first, last) if name]
    named = named or [(email or "").partition("@")[0].replace(".", " ")]
    said = unicodedata.normalize("NFC", " ".join((*named, company_key or "")))
    found = words_in(said)[:_MOST]
    others = (other[:_LONGEST] for word in found for other in spellings(word, said))
    number = phone_word(phone) if phone else None
    return frozenset((*found, *others, *([number] if number else [])))


def refresh(tx: Connection, lead: Lead) -> None:
    """Keep the words of a lead in step with its row."""
    wanted = words_of(lead)
    there = frozenset(tx.execute(_OF_LEAD, {"lead": lead.id}).scalars())
    if gone := there - wanted:
        tx.execute(_REMOVE, {"lead": lead.id, "gone": sorted(gone)})
    if new := wanted - there:
        insert_all(tx, lead_words, [{"word": word, "lead_id": lead.id} for word in sorted(new)])


def add_all(tx: Connection, fresh: Iterable[tuple[int, LeadValues]]) -> None:
    """Keep the words of new leads, which have none yet, each by its id and its columns."""
    rows = [
        {"word": word, "lead_id": lead_id}
        for lead_id, columns in fresh
        for word in sorted(
            _words(
                columns.get("first_name"),
                columns.get("last_name"),
                columns.get("email"),
                columns.get("company_key"),
                columns.get("phone"),
            )
        )
    ]
    insert_all(tx, lead_words, rows)


def leads_with(tx: Connection, said: Sequence[str], *, begins: bool, limit: int) -> list[int]:
    """The ids of leads that have all these words, or with `begins` words that begin so; the newest first.

    The rarest word is followed along the index, as far as `LOOKED_AT` leads; the others are looked up.
    """
    spans = [(word, word + (_LAST if begins else "")) for word in said]
    if not spans:
        return []
    if len(spans) > 1:
        spans.sort(key=lambda span: _count(tx, span))
    values: dict[str, str | int] = {"looked_at": LOOKED_AT, "most": limit}
    for number, (low, high) in enumerate(spans):
        values |= {f"low{number}": low, f"high{number}": high}
    return list(tx.execute(_with_all(len(spans)), values).scalars())


# In order: or PostgreSQL collects all the words of the span from the index before it takes the first of them.
_HOW_MANY = text(
    "SELECT count(*) FROM (SELECT 1 FROM lead_word WHERE word >= :low AND word <= :high"
    " ORDER BY word LIMIT :most) AS found"
)


def _count(tx: Connection, span: tuple[str, str]) -> int:
    low, high = span
    return int(tx.execute(_HOW_MANY, {"low": low, "high": high, "most": _COUNTED}).scalar_one())


@cache
def _with_all(count: int) -> TextClause:
    others: Iterable[str] = (
        f"AND EXISTS (SELECT 1 FROM lead_word AS w{n} WHERE w{n}.lead_id = c.lead_id"
        f" AND w{n}.word >= :low{n} AND w{n}.word <= :high{n})"
        for n in range(1, count)
    )
    return text(
        "SELECT DISTINCT c.lead_id FROM (SELECT lead_id FROM lead_word"
        " WHERE word >= :low0 AND word <= :high0 ORDER BY word DESC, lead_id DESC LIMIT :looked_at) AS c"
        f" JOIN lead ON lead.id = c.lead_id WHERE lead.merged_into IS NULL {' '.join(others)}"
        " ORDER BY c.lead_id DESC LIMIT :most"
    )
