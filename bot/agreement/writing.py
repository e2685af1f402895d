"""Changes to the agreement as it is written: text in, text out, with comments, order and layout kept.

    text = rewritten(text, [SetValue("sla.P1.accept", "10m"), MoveRep("U0REP1", "Enterprise", "Growth")])

What the new text means is compared with what the changes mean: a layout that is unknown here is left alone.
Whether the result is a sound agreement the loader says. No file is touched here: see bot/agreement/file.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.agreement.changes import (
    AddRep,
    Change,
    MoveRep,
    RemoveReason,
    RemoveRep,
    SetCapacity,
    SetChannel,
    SetPoints,
    SetReason,
    SetValue,
)
from bot.agreement.edits import (
    Append,
    Drop,
    Edit,
    Move,
    Put,
    Tables,
    at,
    has,
    key_text,
    section_text,
    value_text,
)
from bot.agreement.extending import DEFAULT, EXTENDS
from bot.agreement.faults import AgreementError
from bot.agreement.layout import Names
from bot.agreement.loader import default_agreement
from bot.settings import PROGRAM

BY_HAND = (
    f"The file is laid out in a way that I cannot change. Change it by hand, then run `{PROGRAM} reload`."
)


class CannotWrite(AgreementError):
    """The change cannot be made; the text says why, and what to do."""


def rewritten(text: str, changes: Sequence[Change], version: str | None = None) -> str:
    """The text with the changes made in order, and under another version if one is given.

    Raises CannotWrite. A text that is no TOML raises tomllib.TOMLDecodeError: read it with the loader first.
    """
    mark, ending = "\ufeff" * text.startswith("\ufeff"), "\r\n" if "\r\n" in text else "\n"
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    named = [] if version is None else [SetValue("version", version)]
    for change in [*changes, *named]:
        plain = _changed(plain, change)
    return mark + plain.replace("\n", ending)


def next_version(version: str, taken: Iterable[str] = ()) -> str:
    """What comes after a version: 2026-Q4, 2026-Q4+2, 2026-Q4+3 …; `taken` are names that are used up."""
    base, _, number = version.rpartition("+")
    if not base or not number.isdecimal():
        base, number = version, "1"
    count, used = int(number) + 1, {*taken}
    while f"{base}+{count}" in used:
        count += 1
    return f"{base}+{count}"


def _changed(text: str, change: Change) -> str:
    from tomlkit.exceptions import TOMLKitError  # loaded by whoever changes a file

    text = _with_own_list(text, change)
    meant = tomllib.loads(text)
    edits = list(_MEANINGS[type(change)](meant, change))
    for edit in edits:
        edit.on_tables(meant)
    try:
        for edit in edits:
            text = edit.on_text(text)
        done = tomllib.loads(text)
    except (TOMLKitError, tomllib.TOMLDecodeError, LookupError) as error:
        raise CannotWrite(BY_HAND) from error
    if done != meant:
        raise CannotWrite(BY_HAND)
    return text


# ---- what each change means


def _add_rep(data: Tables, change: AddRep) -> Iterable[Edit]:
    team = _team(data, change.team)
    if _rep_in(data, team, change.user) is not None:
        raise CannotWrite(f"They are in {change.team} already.")
    given = {"user": change.user, "weight": change.weight, "capacity": change.capacity}
    value = {key: item for key, item in given.items() if item is not None}
    yield Append(("teams", team, "reps"), value, _comment(change.name))


def _move_rep(data: Tables, change: MoveRep) -> Iterable[Edit]:
    source, target = _team(data, change.team), _team(data, change.to)
    index = _require_rep(data, source, change)
    if _rep_in(data, target, change.user) is not None:
        raise CannotWrite(f"They are in {change.to} already.")
    _require_others(data, source, change.team)
    yield Move(("teams", source, "reps"), index, ("teams", target, "reps"))


def _remove_rep(data: Tables, change: RemoveRep) -> Iterable[Edit]:
    team = _team(data, change.team)
    index = _require_rep(data, team, change)
    _require_others(data, team, change.team)
    yield Drop(("teams", team, "reps"), index)


def _set_capacity(data: Tables, change: SetCapacity) -> Iterable[Edit]:
    team = _team(data, change.team)
    place = ("teams", team, "reps", _require_rep(data, team, change), "capacity")
    if change.capacity is not None or has(data, place):
        yield Put(place, change.capacity)


def _set_channel(data: Tables, change: SetChannel) -> Iterable[Edit]:
    yield Put(("teams", _team(data, change.team), "channel"), change.channel, _comment(change.name))


def _set_value(data: Tables, change: SetValue) -> Iterable[Edit]:
    path = tuple(change.place.split("."))
    for length in range(1, len(path)):
        if has(data, path[:length]) and not isinstance(at(data, path[:length]), dict):
            raise CannotWrite(f"{change.place} is not a key of a table. Change it in the file.")
    old = at(data, path) if has(data, path) else None
    if isinstance(old, dict) or (isinstance(old, list) and any(isinstance(one, dict) for one in old)):
        raise CannotWrite(f"{change.place} holds more than one value. Change it in the file.")
    if change.value is not None or old is not None:
        yield Put(path, change.value)


def _set_points(data: Tables, change: SetPoints) -> Iterable[Edit]:
    rules = data.get("qualification", {}).get(change.side, [])
    index = next((index for index, rule in enumerate(rules) if rule.get("why") == change.why), None)
    if index is None:
        raise CannotWrite(f"No rule under qualification.{change.side} is called “{change.why}”.")
    yield Put(("qualification", change.side, index, "points"), change.points)


def _set_reason(data: Tables, change: SetReason) -> Iterable[Edit]:
    index = _reason(data, change.code)
    if index is None:
        yield Append(("reasons",), {"code": change.code, **change.values})
        return
    for key, value in change.values.items():
        yield Put(("reasons", index, key), value)


def _remove_reason(data: Tables, change: RemoveReason) -> Iterable[Edit]:
    index = _reason(data, change.code)
    if index is None:
        raise CannotWrite(f"There is no reason called {change.code}.")
    yield Drop(("reasons",), index)


_MEANINGS: Mapping[type, Callable[[Tables, Any], Iterable[Edit]]] = {
    AddRep: _add_rep,
    MoveRep: _move_rep,
    RemoveRep: _remove_rep,
    SetCapacity: _set_capacity,
    SetChannel: _set_channel,
    SetValue: _set_value,
    SetPoints: _set_points,
    SetReason: _set_reason,
    RemoveReason: _remove_reason,
}


def _team(data: Tables, name: str) -> int:
    names = [team.get("name") for team in data.get("teams", [])]
    if name not in names:
        raise CannotWrite(f"There is no team called {name}.")
    return names.index(name)


def _rep_in(data: Tables, team: int, user: str) -> int | None:
    reps = data["teams"][team].get("reps", [])
    return next((index for index, rep in enumerate(reps) if rep.get("user") == user), None)


def _require_rep(data: Tables, team: int, change: MoveRep | RemoveRep | SetCapacity) -> int:
    index = _rep_in(data, team, change.user)
    if index is None:
        raise CannotWrite(f"They are not in {change.team}.")
    return index


def _require_others(data: Tables, team: int, name: str) -> None:
    if len(data["teams"][team]["reps"]) < 2:
        raise CannotWrite(f"{name} would have no rep left. Add another one first.")


def _reason(data: Tables, code: str) -> int | None:
    codes = [reason.get("code") for reason in data.get("reasons", [])]
    return codes.index(code) if code in codes else None


def _comment(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


# ---- with `extends`, a list in the file replaces the built-in one: it is written whole before it changes


def _with_own_list(text: str, change: Change) -> str:
    data, path = tomllib.loads(text), _list_of(change)
    if data.get(EXTENDS) != DEFAULT or path is None or has(data, path):
        return text
    built_in = at(tomllib.loads(default_agreement().text), path)
    lines = [f"\n# From the built-in agreement. What is here replaces its {path[-1]}.\n"]
    if isinstance(built_in, dict):
        lines += [f"[{path[0]}]\n"]
        lines += [f"{key_text(key)} = {value_text(value)}\n" for key, value in built_in.items()]
    else:
        lines += [section_text(path, item) for item in built_in]
    return text.rstrip("\n") + "\n" + "".join(lines)


def _list_of(change: Change) -> Names | None:
    if isinstance(change, SetReason | RemoveReason):
        return ("reasons",)
    if isinstance(change, SetPoints):
        return "qualification", change.side
    return (
        ("priorities",) if isinstance(change, SetValue) and change.place.startswith("priorities.") else None
    )
