"""The changes that can be made to a written agreement, as values. What each does to the text: writing.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Scalar = str | int | float | bool | list[str]


@dataclass(frozen=True, slots=True)
class AddRep:
    """A person joins a team. `name` is written beside the id as a comment; None leaves a key out."""

    user: str
    team: str
    capacity: int | None = None
    weight: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class MoveRep:
    """A rep goes to another team, with capacity, hours and all."""

    user: str
    team: str
    to: str


@dataclass(frozen=True, slots=True)
class RemoveRep:
    """A rep leaves a team. A team keeps at least one."""

    user: str
    team: str


@dataclass(frozen=True, slots=True)
class SetCapacity:
    """How many open leads a rep has at most; None: no limit."""

    user: str
    team: str
    capacity: int | None


@dataclass(frozen=True, slots=True)
class SetChannel:
    """Where a team's cards are posted. `name` is written beside the id as a comment."""

    team: str
    channel: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SetValue:
    """One key of a table, by its place: `qualification.mql`, `sla.P1.accept`, `goals.mql`, `ladder.quiet`.

    None takes the key out, so that the default holds. A place inside a list (teams, rules, reasons) is none.
    """

    place: str
    value: Scalar | None


@dataclass(frozen=True, slots=True)
class SetPoints:
    """What a rule of `[[qualification.fit]]` or `[[qualification.engagement]]` is worth, by its `why`."""

    side: str
    why: str
    points: int


@dataclass(frozen=True, slots=True)
class SetReason:
    """A reason by its code: the keys given here are written, the others stay. A new code is added."""

    code: str
    values: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoveReason:
    """A reason is no longer offered. Leads that were rejected for it keep it."""

    code: str


Change = (
    AddRep | MoveRep | RemoveRep | SetCapacity | SetChannel | SetValue | SetPoints | SetReason | RemoveReason
)
_KINDS: Mapping[str, type[Change]] = {
    kind.__name__: kind
    for kind in (
        *(AddRep, MoveRep, RemoveRep, SetCapacity, SetChannel),
        *(SetValue, SetPoints, SetReason, RemoveReason),
    )
}


def record_of(change: Change) -> dict[str, Any]:
    """The change as JSON can keep it."""
    return {"kind": type(change).__name__, **asdict(change)}


def change_of(record: Mapping[str, Any]) -> Change:
    """The change that was kept so. Raises LookupError or TypeError for what no version of this wrote."""
    given = dict(record)
    return _KINDS[given.pop("kind")](**given)
