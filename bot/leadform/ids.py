"""Which ids are ids: what spreadsheets, forms and webhooks write where a record's id should stand is none.

Only the text decides here, and in a file what stands beside it. Whose id it is, is decided elsewhere.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from bot.memory import remembered

_LONGEST = 200  # characters; a cut id would be somebody else's

_NOTHING = """
- -- --- \u2013 \u2014 _ . .. ... ? ?? ??? / n/a n.a. na nan nil none null <null> undefined empty blank unset
tbd tba tbc unknown missing pending unbekannt inconnu desconocido desconhecido onbekend sconosciuto keine
aucun ninguno (blank) (null) (none) (unknown) [object] -1 x xx xxx new id
"""
_NO_IDS = frozenset(_NOTHING.split()) | {"not set", "no id", "no value", "not available", "[object object]"}
_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?e[+-]\d{1,3}|[+-]?\d[.,]\d+e\d{1,3}", re.IGNORECASE)
_SHEET_ERROR = re.compile(r"#¡?[\w/]+[!?]|#n/[abd]|#nv|#+|err:\d{3}|#getting_data", re.IGNORECASE)
_ZERO = re.compile(r"[+-]?0[0\s.,_-]*")  # also an empty GUID
_PLACEHOLDER = re.compile(r"\{\{.*\}\}|\$?\{.*\}|\[\[.*\]\]|<[\w .]+>|%[\w.]+%|\*\|.*\|\*")
_QUOTED_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f]")
_WHOLE_FLOAT = re.compile(r"(\d{1,15})\.0")

_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_SHORTENED, "is a number that a spreadsheet has shortened; several records may share it"),
    (_SHEET_ERROR, "is a spreadsheet's error"),
    (_ZERO, "is zero, which tools write when there is no record"),
    (_PLACEHOLDER, "is a placeholder that nobody filled in"),
)


@dataclass(frozen=True, slots=True)
class ReadId:
    """An id as it can be relied on, or why there is none. Both are None where nothing was written."""

    id: str | None
    reason: str | None = None
    """Begins with "is", to follow what was written: `"#N/A" is a spreadsheet's error`."""


@remembered(256)
def read_id(text: str) -> ReadId:
    """What a text says a record's id is: to the letter, without what a spreadsheet puts around it.

    `'00123` and `="00123"` are 00123, and 123.0 is 123; case stays, for some systems tell ids apart by it.
    """
    bare = _unwrapped(text)
    if not bare:
        return ReadId(None)
    plain = bare.casefold()
    if plain in _NO_IDS:
        return ReadId(None, "stands for no id")
    for pattern, reason in _REASONS:
        if pattern.fullmatch(bare):
            return ReadId(None, reason)
    if bare.startswith("="):
        return ReadId(None, "is a formula")
    if len(bare) > _LONGEST:
        return ReadId(None, f"is longer than {_LONGEST} characters")
    return ReadId(bare)


def _unwrapped(text: str) -> str:
    if text.isascii() and text.isalnum():  # most are, and need no second look
        return text
    bare = _UNSEEN.sub("", text).strip()
    if quoted := _QUOTED_FORMULA.fullmatch(bare):
        bare = quoted[1].strip()
    bare = bare.removeprefix("'").strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1].strip()
    return whole[1] if (whole := _WHOLE_FLOAT.fullmatch(bare)) else bare


class RepeatedIds:
    """Which ids of a file stand beside different addresses, and so name nobody.

    Fed row by row on a first pass, asked on the second; it keeps sixteen bytes a row, never a text. Rows with
    one id and one address are one person told twice, and a row without an address contradicts nobody.
    """

    REASON = "stands in several rows with different addresses"

    def __init__(self, rows: Iterable[tuple[str | None, str | None]] = ()) -> None:
        """Rows as (id, who): the id as `read_id` gives it, and the address's key; without one, any name."""
        self._ids = array("q")
        self._who = array("q")
        self._found: set[int] | None = None
        for each, who in rows:
            self.add(each, who)

    def add(self, record_id: str | None, who: str | None) -> None:
        """One row."""
        if record_id and who:
            self._ids.append(hash(record_id))
            self._who.append(hash(who))
            self._found = None

    def _shared(self) -> set[int]:
        """The ids that stood beside more than one address; sought when first asked for."""
        if self._found is None:
            order = sorted(range(len(self._ids)), key=self._ids.__getitem__)
            alike = ((a, b) for a, b in pairwise(order) if self._ids[a] == self._ids[b])
            self._found = {self._ids[a] for a, b in alike if self._who[a] != self._who[b]}
        return self._found

    def __contains__(self, record_id: str | None) -> bool:
        """Whether the id stood beside more than one address; two texts in 10**19 are taken for one."""
        return record_id is not None and hash(record_id) in self._shared()

    def __len__(self) -> int:
        """How many ids did."""
        return len(self._shared())
