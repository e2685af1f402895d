"""What is to be written, what was changed there, and what both sides changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.crm.port import Fields, same


@dataclass(frozen=True, slots=True)
class Conflict:
    """What Baton says of a field, and what stands there; None is an empty field."""

    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A record's fields as they were last read, as Baton wrote them, and as it meant to in a failed call.

    `conflicts` are those that both sides changed and nobody has settled.
    """

    seen: Fields = field(default_factory=dict)
    sent: Fields = field(default_factory=dict)
    intended: Fields = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)

    def is_ours(self, name: str, value: str | None) -> bool:
        """Whether it may be Baton that wrote this."""
        return any(name in by and same(by[name], value) for by in (self.sent, self.intended))


@dataclass(frozen=True, slots=True)
class Differences:
    """Of the fields in which Baton says something: those to write, those that both sides changed, and those
    in which both say the same."""

    write: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)


def differences(ours: Mapping[str, str], known: Known, theirs: Fields) -> Differences:
    """What to do about each field in which Baton says something.

    What Baton said before and somebody has changed since is theirs, until Baton has something new to say.
    What was changed since it was last read is a conflict then: it is not overwritten, and stays one until
    both sides say the same.
    """
    found = Differences()
    for name, value in ours.items():
        now = theirs.get(name)
        if same(now, value):
            found.agreed[name] = value
        elif name in known.conflicts:
            found.conflicts[name] = Conflict(value, now)
        elif name in known.sent and same(known.sent[name], value) and name not in known.intended:
            continue
        elif name not in known.seen or same(now, known.seen[name]) or known.is_ours(name, now):
            found.write[name] = value
        else:
            found.conflicts[name] = Conflict(value, now)
    return found


def changed_there(known: Known, theirs: Fields) -> dict[str, str | None]:
    """The fields that somebody else changed: what Baton wrote itself comes back and is none of them."""
    return {
        name: value
        for name, value in theirs.items()
        if name in known.seen and not same(value, known.seen[name]) and not known.is_ours(name, value)
    }
