"""What of the agreement can be proposed to change: what the form offers, and which change it comes to."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import Connection

from bot.agreement import AgreementError, parse_agreement
from bot.agreement.book import AgreementBook
from bot.agreement.changes import (
    AddRep,
    Change,
    MoveRep,
    RemoveReason,
    RemoveRep,
    Scalar,
    SetCapacity,
    SetPoints,
    SetReason,
    SetValue,
)
from bot.agreement.edits import Tables, at
from bot.agreement.model import Agreement, Team
from bot.agreement.vocabulary import ReasonKind, Then
from bot.agreement.writing import rewritten
from bot.errors import InvalidInput
from bot.handoffs.team import EditTeam, about_rep
from bot.views.agreement_change import called, changes, choices_of, refusal_words
from bot.views.ids import Action
from bot.views.modals.proposal import Choice
from bot.views.text import unescape

NOTHING = "The agreement already says that. Propose another value."
_CHOOSE = "Please choose what should change."
_TABLES = {"qualification": "Qualification", "sla": "SLA", "ladder": "Reminders", "goals": "Goals"}
"""The tables whose keys both sides may propose to change, with the heading over them."""
_VALUE, _POINTS = "value", "points"
_REASON, _REWORDED, _NEW_REASON = "reason", "label", "reasons"
_CAPACITY, _JOINS, _LEAVES = "rep:capacity", "rep:joins", "rep:leaves"
_OF_REPS = {
    _CAPACITY: "Most open leads of a rep",
    _JOINS: "A rep joins the team",
    _LEAVES: "A rep leaves the team",
}
_NEW_RECYCLE = "90d"
_CODE_LIMIT = 50
_OF_CODE = re.compile(r"[a-z0-9]+")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form says is to change: the key of a choice, and to what; `rep` where it is about one."""

    choice: str
    value: str
    rep: str
    team: Team


def tables_in_force(book: AgreementBook) -> Tables:
    """The agreement in force, as its text says it."""
    return tomllib.loads(book.text)


def choices(data: Tables) -> tuple[Choice, ...]:
    """All that can be proposed, under headings."""
    return (*_keys(data), *_points(data), *_reps(), *_reasons(data))


def choice_of(place: str) -> str:
    """What the form knows a key of the agreement by."""
    return f"{_VALUE}:{place}"


def wanted_change(tx: Connection, agreement: Agreement, data: Tables, wanted: Wanted) -> Change:
    """The change that is meant. Raises InvalidInput naming the fields."""
    kind, _, rest = wanted.choice.partition(":")
    if kind not in _READERS:
        raise InvalidInput({Action.CHANGE: _CHOOSE})
    try:
        return _READERS[kind](tx, agreement, data, rest, wanted)
    except LookupError:  # a choice that is there no more
        raise InvalidInput({Action.CHANGE: _CHOOSE}) from None


def what_changes(book: AgreementBook, change: Change) -> list[str]:
    """What would be different in the agreement in force, a line of mrkdwn each; none: nothing.

    Raises AgreementError where the change cannot be made, or the agreement would be faulty.
    """
    return changes(book.current, parse_agreement(rewritten(book.text, [change])))


def checked(book: AgreementBook, change: Change) -> list[str]:
    """The same for a form. Raises InvalidInput where it cannot be, and where nothing would change."""
    try:
        says = what_changes(book, change)
    except AgreementError as error:
        raise InvalidInput({Action.VALUE: refusal_words(error)}) from error
    if not says:
        raise InvalidInput({Action.VALUE: NOTHING})
    return says


def subject_of(change: Change) -> str:
    """What a change is about: two changes of the same cannot both be open."""
    match change:
        case SetValue():
            return change.place
        case SetPoints():
            return f"points {change.side} {change.why}"
        case AddRep() | MoveRep() | RemoveRep() | SetCapacity():
            return f"rep {change.user}"
        case SetReason() | RemoveReason():
            return f"reason {change.code}"
        case _:
            return f"channel {change.team}"


# ---- what the form offers


def _keys(data: Tables) -> Iterator[Choice]:
    for table, heading in _TABLES.items():
        for path, value in _leaves(data.get(table, {}), (table,)):
            place = ".".join(path)
            yield Choice(choice_of(place), heading, f"{unescape(called(path))} (now {_now(place, value)})")


def _leaves(table: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    for key, value in table.items():
        if "." in key:  # its place cannot be written
            continue
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        elif isinstance(value, str | int | float):
            yield (*above, key), value


def _points(data: Tables) -> Iterator[Choice]:
    for side in ("fit", "engagement"):
        for index, rule in enumerate(data.get("qualification", {}).get(side, [])):
            if rule.get("why"):
                yield Choice(
                    f"{_POINTS}:{side}.{index}", f"Points for {side}", f"{rule['why']} (now {rule['points']})"
                )


def _reps() -> Iterator[Choice]:
    for key, label in _OF_REPS.items():
        yield Choice(key, "Reps", label)


def _reasons(data: Tables) -> Iterator[Choice]:
    yield Choice(_NEW_REASON, "Reasons", f"A new reason to reject (nurture, {_NEW_RECYCLE})")
    for reason in data.get("reasons", []):
        yield Choice(f"{_REWORDED}:{reason['code']}", "Wording of a reason", str(reason["label"]))
    for reason in data.get("reasons", []):
        yield Choice(f"{_REASON}:{reason['code']}", "Reasons to stop offering", str(reason["label"]))


def _now(place: str, value: Scalar) -> str:
    """What a key says today; where it takes a few words only, the others too."""
    names = choices_of(place)
    others = [name for key, name in names.items() if key != value]
    return ", or ".join([names.get(str(value), _shown(value)), *others])


def _shown(value: Scalar) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


# ---- what the form means


def _read_value(_tx: Connection, _agreement: Agreement, data: Tables, rest: str, wanted: Wanted) -> Change:
    old = at(data, rest.split("."))
    by_name = {name: key for key, name in choices_of(rest).items()}
    return SetValue(rest, _like(old, by_name.get(wanted.value.casefold(), wanted.value)))


def _like(old: Scalar, text: str) -> Scalar:
    """What was written, as a value of the same kind. Raises InvalidInput."""
    if not text:
        raise InvalidInput({Action.VALUE: "Please write the new value."})
    if isinstance(old, bool):
        if text.lower() not in _YES_NO:
            raise InvalidInput({Action.VALUE: "Please write yes or no."})
        return _YES_NO[text.lower()]
    if isinstance(old, int | float):
        return _number(text)
    return text


def _number(text: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise InvalidInput({Action.VALUE: "Please write a number."})


def _read_points(_tx: Connection, _agreement: Agreement, data: Tables, rest: str, wanted: Wanted) -> Change:
    side, _, index = rest.partition(".")
    rule = data["qualification"][side][int(index)]
    points = _number(wanted.value) if wanted.value else None
    if not isinstance(points, int):
        raise InvalidInput({Action.VALUE: "Please write whole points, like 15."})
    return SetPoints(side, str(rule["why"]), points)


def _read_rep(tx: Connection, agreement: Agreement, _data: Tables, _rest: str, wanted: Wanted) -> Change:
    if not wanted.rep:
        raise InvalidInput({Action.REP: "Who? Please choose a person."})
    team = wanted.team
    if wanted.choice == _CAPACITY and team.rep(wanted.rep) is None:
        raise InvalidInput({Action.REP: f"They are not in {team.name}."})
    if wanted.choice == _CAPACITY and not (wanted.value.isdecimal() and int(wanted.value)):
        raise InvalidInput({Action.VALUE: "How many open leads? Please write a number, like 20."})
    capacity = wanted.value if wanted.choice == _CAPACITY else ""
    command = EditTeam(
        team.name, rep=wanted.rep, capacity=capacity, remove=wanted.choice == _LEAVES, channel=""
    )
    found = about_rep(tx, agreement, team, command)
    if not found:
        raise InvalidInput({Action.VALUE if capacity else Action.REP: NOTHING})
    return found[0]


def _read_reason(_tx: Connection, agreement: Agreement, _data: Tables, rest: str, _wanted: Wanted) -> Change:
    if not any(reason.code == rest for reason in agreement.reasons):
        raise LookupError(rest)
    return RemoveReason(rest)


def _read_words(_tx: Connection, agreement: Agreement, _data: Tables, rest: str, wanted: Wanted) -> Change:
    if not any(reason.code == rest for reason in agreement.reasons):
        raise LookupError(rest)
    return SetReason(rest, {"label": _words(wanted)})


def _read_new_reason(
    _tx: Connection, agreement: Agreement, _data: Tables, _rest: str, wanted: Wanted
) -> Change:
    label = _words(wanted)
    if any(label.casefold() == reason.label.casefold() for reason in agreement.reasons):
        raise InvalidInput({Action.VALUE: "This reason already exists. Please write another one."})
    taken = {reason.code for reason in agreement.reasons}
    code = next(code for code in _codes(label) if code not in taken)
    values: dict[str, Scalar] = {"label": label, "kind": ReasonKind.REJECT.value}
    return SetReason(code, values | {"then": Then.NURTURE.value, "recycle": _NEW_RECYCLE})


def _codes(label: str) -> Iterator[str]:
    """Codes for a reason of these words, the plainest first."""
    letters = unicodedata.normalize("NFKD", label.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = "_".join(_OF_CODE.findall(kept))[:_CODE_LIMIT].strip("_")
    if plain:
        yield plain
    yield from (f"{plain or 'reason'}_{number}" for number in count(2))


def _words(wanted: Wanted) -> str:
    label = " ".join(wanted.value.split())
    if not label:
        raise InvalidInput({Action.VALUE: "Please write the new wording of the reason."})
    return label


_Reader = Callable[[Connection, Agreement, Tables, str, Wanted], Change]
_READERS: Mapping[str, _Reader] = {
    _VALUE: _read_value,
    _POINTS: _read_points,
    "rep": _read_rep,
    _REASON: _read_reason,
    _REWORDED: _read_words,
    _NEW_REASON: _read_new_reason,
}
