"""A small vocabulary for saying what a JSON value must look like, and the walker that finds what is not so.

The specifications themselves, Slack's blocks and their limits, are tables in `blockkit`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a payload: what, and a JSON pointer to the offending value."""

    message: str
    pointer: str

    def __str__(self) -> str:
        """The line that Slack puts into `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


class Spec(Protocol):
    """What a value must look like."""

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """Every way in which the value, found at pointer `at`, is not so."""
        ...


Rule = Callable[[Any, str], Iterator[Fault]]
"""A check that one field alone cannot express; it runs only on a value whose fields are right."""


def length_faults(size: int, at: str, minimum: int, maximum: int | None, unit: str) -> Iterator[Fault]:
    """Slack's words for too short and too long."""
    if size < minimum:
        yield Fault(f"must be more than {minimum - 1} {unit}", at)
    if maximum is not None and size > maximum:
        yield Fault(f"must be less than {maximum + 1} {unit}", at)


def _units(text: str) -> int:
    """How Slack counts, at its strictest: an emoji is two units or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Str:
    """Text of a length in UTF-16 units, one of some words, or of a pattern."""

    maximum: int | None = None
    minimum: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """See `Spec.faults`."""
        if not isinstance(value, str):
            yield Fault("must be a string", at)
            return
        yield from length_faults(_units(value), at, self.minimum, self.maximum, "characters")
        if self.choices and value not in self.choices:
            yield Fault(f"must be one of: {', '.join(self.choices)}", at)
        if self.pattern and not re.fullmatch(self.pattern, value):
            yield Fault("invalid format", at)


@dataclass(frozen=True, slots=True)
class Num:
    """A number within bounds; `whole` refuses fractions, `above` is a bound that is itself excluded."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    whole: bool = False

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """See `Spec.faults`."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            yield Fault("must be an integer" if self.whole else "must be a number", at)
            return
        if self.minimum is not None and value < self.minimum:
            yield Fault(f"must be at least {self.minimum:g}", at)
        if self.above is not None and value <= self.above:
            yield Fault(f"must be greater than {self.above:g}", at)
        if self.maximum is not None and value > self.maximum:
            yield Fault(f"must be at most {self.maximum:g}", at)


@dataclass(frozen=True, slots=True)
class Bool:
    """True or false, not 0 or 1."""

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """See `Spec.faults`."""
        if not isinstance(value, bool):
            yield Fault("must be a boolean", at)


@dataclass(frozen=True, slots=True)
class Anything:
    """A JSON object whose inside is nobody's business."""

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """See `Spec.faults`."""
        if not isinstance(value, dict):
            yield Fault("must provide an object", at)


@dataclass(frozen=True, slots=True)
class Arr:
    """A list of a size; `nullable` allows gaps in it."""

    item: Spec
    maximum: int | None = None
    minimum: int = 0
    nullable: bool = False

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """See `Spec.faults`."""
        if not isinstance(value, list):
            yield Fault("must be an array", at)
            return
        if self.maximum is not None and len(value) > self.maximum:
            yield Fault(f"no more than {self.maximum} items allowed", at)
        if len(value) < self.minimum:
            yield Fault(f"no less than {self.minimum} items allowed", at)
        for index, item in enumerate(value):
            if item is None and self.nullable:
                continue
            yield from self.item.faults(item, f"{at}/{index}")


@dataclass(frozen=True, slots=True)
class Obj:
    """An object with these fields and no others; `rules` look at the whole when the fields are right."""

    fields: Mapping[str, Spec]
    required: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = field(default=())

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """See `Spec.faults`."""
        if not isinstance(value, dict):
            yield Fault("must provide an object", at)
            return
        found = list(self._field_faults(value, at))
        yield from found
        if not found:
            for rule in self.rules:
                yield from rule(value, at)

    def _field_faults(self, value: dict[str, Any], at: str) -> Iterator[Fault]:
        for name in self.required:
            if name not in value:
                yield Fault(f"missing required field: {name}", at)
        for name, inside in value.items():
            spec = self.fields.get(name)
            if spec is None:
                yield Fault(f"invalid additional property: {name}", at)
            else:
                yield from spec.faults(inside, f"{at}/{name}")


@dataclass(frozen=True, slots=True)
class OneOf:
    """An object whose `type` says which of the specifications it follows."""

    kinds: Mapping[str, Spec]

    def faults(self, value: Any, at: str) -> Iterator[Fault]:
        """See `Spec.faults`."""
        if not isinstance(value, dict):
            yield Fault("must provide an object", at)
            return
        if "type" not in value:
            yield Fault("missing required field: type", at)
            return
        spec = self.kinds.get(value["type"]) if isinstance(value["type"], str) else None
        if spec is None:
            yield Fault(f"unsupported type: {value['type']}", f"{at}/type")
            return
        yield from spec.faults(value, at)


def typed(name: str, fields: Mapping[str, Spec], required: str = "", rules: tuple[Rule, ...] = ()) -> Obj:
    """An `Obj` with a `type` field; `required` lists the other required fields, separated by spaces."""
    return Obj({"type": Str(choices=(name,)), **fields}, ("type", *required.split()), rules)


def exactly_one(first: str, second: str) -> Rule:
    """The rule that one of two fields is given, and not both."""

    def rule(value: dict[str, Any], at: str) -> Iterator[Fault]:
        if (first in value) == (second in value):
            yield Fault(f"must define either `{first}` or `{second}`", at)

    return rule


def at_least_one(*names: str) -> Rule:
    """The rule that some of these fields is given."""

    def rule(value: dict[str, Any], at: str) -> Iterator[Fault]:
        if not any(value.get(name) for name in names):
            yield Fault("must define either " + " or ".join(f"`{name}`" for name in names), at)

    return rule
