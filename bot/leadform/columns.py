"""What the columns of a file are: which field each holds, which of several wins, and who wrote the file.

The names are column_names.py's. What stands in a column is left to the readers of values.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bot.leadform.bystanders import ours
from bot.leadform.column_names import ASKED, NAMES
from bot.leadform.past_names import PAST_NAMES
from bot.leadform.pastcolumns import past_fields, past_kind
from bot.leadform.senders import SENDERS
from bot.leadform.text import clean, cut, quoted, simplify
from bot.memory import remembered

_LONGEST = 100
_LONGEST_KNOWN = 80
_ALIKE = 90  # of 100, by the share of letters that two names have in common
_ZONE = re.compile(r"\s*[(\[](?:(?:UTC|GMT)?\s?[+-]?\d{0,2}:?\d{0,2}|UTC|GMT|[A-Z]{3,4}|\w+/\w+)[)\]]\s*$")
_AN_ID = re.compile(r"(?:\b|_)IDs?\b", re.IGNORECASE)
_MAPPED = -1  # the rank of what the person who imports has said

SKIP = "skip"
"""In a mapping: this column is left out."""

FIELDS = frozenset(NAMES)
"""All that a column may hold; what is none of them is kept under the sender's own name."""

BATON = "baton"
"""The sender of what `export leads` wrote."""

QUESTION, ANSWER = "question", "answer"
"""A column with a question's words, and one with what each row answered to it."""

_QUESTION, _ANSWER = re.compile(r"question(\d+)"), re.compile(r"(?:response|answer)(\d+)")
_OWN_MARKS = frozenset({"toldat", "namesbefore", "externalids"})
_OWN = {"crm_owner": "owner", "external_ids": "external_id", "owner": SKIP, "closed_at": SKIP, "stage": SKIP}
"""Of an export's own columns, what holds another field than its name says, or none that is taken."""

_OWN_NUMBERS = frozenset({"id", "external_id", "created_at", "updated_at"})

IDENTIFYING = frozenset({"email", "external_id", "id"})
"""A record with none of these cannot be told apart from another; a file needs a column of one of them."""


@dataclass(frozen=True, slots=True)
class Known:
    """A field, and how well a column of this name holds it: rank 0 best."""

    field: str
    rank: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `place` counts from 0; `name` is no other column's: the second "Phone" is "Phone (2)".

    `field` is None for one of the sender's own. What `is_ours` is about the user of a tool, whatever its
    name may say.
    """

    place: int
    name: str
    field: str | None
    rank: int = 0
    is_ours: bool = False


class BadMapping(ValueError):
    """A mapping of columns that cannot be meant; the text says what to write instead."""


@cache
def _known() -> dict[str, Known]:
    found: dict[str, Known] = {}
    for field, ranks in NAMES.items():
        for rank, names in enumerate(ranks):
            for name in names.split(";"):
                found.setdefault(simplify(name), Known(field, rank))
    for field in NAMES:
        found[simplify(field)] = Known(field, found.get(simplify(field), Known(field, 0)).rank)
    found.pop("", None)
    return found


@cache
def _questions() -> tuple[str, ...]:
    return tuple(sorted(map(simplify, ASKED), key=len, reverse=True))


@remembered(4096)
def find(name: str) -> Known | None:
    """The field that a column or key of this name holds; None where it is one of the sender's own.

    Case, spaces, punctuation and a zone in brackets do not matter; neither does a form's way of asking ("What
    is your company size?").
    """
    if len(name) > _LONGEST_KNOWN:
        return None
    known, plain = _known(), simplify(name)
    if plain in known:
        return known[plain]
    if (bare := simplify(_ZONE.sub("", name))) in known:
        return known[bare]
    asked = next((start for start in _questions() if plain.startswith(start)), None)
    return known.get(plain.removeprefix(asked)) if asked else None


@remembered(1024)
def nearest(name: str) -> str | None:
    """The known name of which this one is probably a slip: for "Compny" it is "company"; else None."""
    from rapidfuzz import fuzz, process

    plain = simplify(name)
    if not 4 <= len(plain) <= _LONGEST_KNOWN or find(name) or _AN_ID.search(name):
        return None  # an id of something else is no slip of its name
    found = process.extractOne(plain, _labels().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return _labels()[found[0]] if found else None


@cache
def _labels() -> dict[str, str]:
    """The known names as people write them, by their letters."""
    labels: dict[str, str] = {}
    for ranks in NAMES.values():
        for name in ";".join(ranks).split(";"):
            if len(simplify(name)) >= 4:
                labels.setdefault(simplify(name), name.strip())
    return labels


def system_of(header: Iterable[str]) -> str | None:
    """The tool that wrote a file, by its columns: `salesforce`, `hubspot`, `meta` …, or Baton itself; None
    for nobody's."""
    names = {simplify(_ZONE.sub("", name)) for name in header} | {simplify(name) for name in header}
    if names >= _OWN_MARKS:
        return BATON
    return next((sender for sender, marks in SENDERS if {simplify(mark) for mark in marks} <= names), None)


def parse_mapping(options: Iterable[str], *, past: bool = False) -> dict[str, str]:
    """What `--map "Ma colonne=company"` says, as names of columns and fields; with `past` also those of a
    history.

    Raises BadMapping for what is no mapping and for a field that does not exist, with the nearest one.
    """
    mapping: dict[str, str] = {}
    for option in options:
        column, equals, wanted = (part.strip() for part in option.rpartition("="))
        if not equals or not column or not wanted:
            raise BadMapping(f'{quoted(option)} is not a mapping; write it like "Ma colonne=company"')
        field = wanted.casefold()
        if field != SKIP and not (past and field in PAST_NAMES):
            field = _field_called(wanted)
        mapping[column] = field
    return mapping


def _field_called(wanted: str) -> str:
    known = find(wanted)
    if known is None:
        likely = nearest(wanted)
        hint = f"did you mean {likely}?" if likely else f"there are {', '.join(sorted(FIELDS))}"
        raise BadMapping(f"A lead has no field {quoted(wanted)}; {hint}")
    return known.field


class Columns:
    """The columns of one file, understood once.

    `system` is the sender that they betray, `past` what the lines of a history are; `unknown` are those that
    hold no field of a lead.
    """

    def __init__(
        self, header: Sequence[str], mapping: Mapping[str, str] | None = None, *, past: bool = False
    ) -> None:
        """With `past` the columns of a history are known too, and come before those of a lead.

        Raises BadMapping where the mapping names a column that the file does not have.
        """
        names = unique_names(header)
        self.system = system_of(header)
        self.past = past_kind(names) if past else None
        said = _said(names, mapping or {})
        if past:
            known = enumerate(past_fields(names))
            said = {place: field for place, field in known if field is not None} | said
        self.all = tuple(
            Column(place, name, *_field_of(header[place], said.get(place), self.system))
            for place, name in enumerate(names)
        )
        self.all = _with_names_settled(_without_ours(_with_answers(self.all)))
        of: dict[str | None, list[Column]] = defaultdict(list)
        for column in sorted(self.all, key=lambda each: (each.rank, each.place)):
            of[column.field].append(column)
        self._of = {field: tuple(columns) for field, columns in of.items()}

    @property
    def unknown(self) -> tuple[Column, ...]:
        """The columns that hold no field of a lead and were not left out on purpose."""
        return tuple(column for column in self.all if column.field is None)

    def of(self, field: str) -> tuple[Column, ...]:
        """The columns of a field, the one that wins first."""
        return self._of.get(field, ())

    def answers(self) -> list[tuple[int, int]]:
        """The places of each question and of its answer."""
        pairs = zip(self.of(QUESTION), self.of(ANSWER), strict=True)
        return [(asked.place, told.place) for asked, told in pairs]

    @property
    def fields(self) -> frozenset[str]:
        """The fields that have at least one column."""
        return frozenset(column.field for column in self.all if column.field) - {SKIP}


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """A name for each column that no other has; one without a name goes by its place."""
    used: Counter[str] = Counter()
    names: list[str] = []
    for number, written in enumerate(header, 1):
        name = cut(clean(written).lstrip("\ufeff'"), _LONGEST) or f"Column {number}"
        used[name.casefold()] += 1
        while used[name.casefold()] > 1:
            name = f"{cut(clean(written), _LONGEST)} ({used[name.casefold()]})"
            used[name.casefold()] += 1
        names.append(name)
    return tuple(names)


def _said(names: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str]:
    places: dict[int, str] = {}
    for wanted, field in mapping.items():
        found = [place for place, name in enumerate(names) if simplify(name) == simplify(wanted)]
        if not found:
            shown = ", ".join(names[:20])
            raise BadMapping(f"The file has no column {quoted(wanted)}; it has {shown}")
        places.update(dict.fromkeys(found, field))
    return places


def _field_of(name: str, said: str | None, system: str | None) -> tuple[str | None, int]:
    if said is not None:
        return said, _MAPPED
    if system == BATON:
        return _OWN.get(name, name if name in FIELDS and name not in _OWN_NUMBERS else SKIP), 0
    if system == "meta" and simplify(name) == "createdtime":
        return "submitted_at", 0
    known = find(clean(name).lstrip("\ufeff'"))
    return (known.field, known.rank) if known else (None, 0)


def _with_answers(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Take "Question 1" and "Response 1" for one answer, as bookings have it; one alone stays as it is."""
    asked, told = (_numbered(columns, pattern) for pattern in (_QUESTION, _ANSWER))
    both = asked.keys() & told.keys()
    known = {asked[number].place: (QUESTION, number) for number in both}
    known |= {told[number].place: (ANSWER, number) for number in both}
    return tuple(
        Column(each.place, each.name, *known[each.place]) if each.place in known else each for each in columns
    )


def _numbered(columns: tuple[Column, ...], pattern: re.Pattern[str]) -> dict[int, Column]:
    found = ((pattern.fullmatch(simplify(each.name)), each) for each in columns if each.field is None)
    return {int(match[1]): each for match, each in found if match is not None}


def _without_ours(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    apart = ours((each.name, each.field) for each in columns)
    return tuple(
        Column(each.place, each.name, None, is_ours=True)
        if each.name in apart and each.rank != _MAPPED
        else each
        for each in columns
    )


def _with_names_settled(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Take "Nom" beside "Prénom" for a last name, and "Nombre" beside "Apellidos" for a first one."""
    fields = {column.field for column in columns}
    instead = {
        (True, False): "last_name",
        (False, True): "first_name",
    }.get(("first_name" in fields, "last_name" in fields))
    if instead is None:
        return columns
    wholes = [column for column in columns if column.field == "name" and simplify(column.name) in _EITHER]
    return tuple(
        Column(column.place, column.name, instead, column.rank) if column in wholes[:1] else column
        for column in columns
    )


_EITHER = frozenset({"name", "nom", "nombre", "nome", "naam"})
"""Words for a name that are used for a part of it too."""
