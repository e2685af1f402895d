"""What goes where when a lead that joined two people is split: a proposal, made from its history.

A person looks at it and decides; carrying it out, handoffs and clocks included, is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.leadform.keys import company_domain, email_key
from bot.rules.identity_changes import IDENTITY_FIELDS, Changes
from bot.rules.names import Likeness, Name, likeness, says_who

_NAME_FIELDS = frozenset({"first_name", "last_name"})

Span = tuple[datetime | None, datetime | None]
"""From a moment on, and before another; None where there is no such bound."""
ExternalId = tuple[str, str]
"""A system, and a record's id in it."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A lead that was merged into this one by hand: who it was, and what it brought."""

    lead: int
    fields: Mapping[str, Any]
    external_ids: tuple[ExternalId, ...] = ()
    activities: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a lead's history that touches who it is.

    `changes` are those of `identity_changes`. `source` is the record that it came from: its system, and its
    id there if it had one; None for what a person changed by hand.
    """

    id: int
    at: datetime
    changes: Changes = field(default_factory=dict)
    source: tuple[str, str | None] | None = None
    joined: Joined | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Something the lead did. `entry` is the line of the history that brought it, where that is known."""

    id: int
    at: datetime
    entry: int | None = None
    source: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What was said of the lead at a moment, so that the same again is no news."""

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two people: their fields, and what goes with them.

    `lead` is the lead that they were before a merge; None for one that is to be made, or that stays. `times`
    are those in which the lead was this person, by which goes what is too much to be named one by one.
    """

    fields: Mapping[str, Any]
    external_ids: tuple[ExternalId, ...] = ()
    addresses: tuple[str, ...] = ()
    activities: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    records: tuple[int, ...] = ()
    lead: int | None = None
    times: tuple[Span, ...] = ()

    @property
    def name(self) -> str:
        """What to call them: their name, else their address."""
        return str(Name(self.fields.get("first_name"), self.fields.get("last_name"))) or str(
            self.fields.get("email") or "Somebody without a name"
        )


@dataclass(frozen=True, slots=True)
class Split:
    """Who keeps the lead, who leaves it, and what of it is a guess, in sentences."""

    stays: Part
    goes: Part
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Person:
    """One of the people while the history is gone through."""

    fields: dict[str, Any] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)  # by their keys, the newest last
    ids: dict[ExternalId, None] = field(default_factory=dict)
    entries: list[int] = field(default_factory=list)
    activities: list[int] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    lead: int | None = None

    def is_called(self, name: Name) -> bool:
        return any(says_who(each) and likeness(each, name) is Likeness.SAME for each in self.names)

    def is_like(self, name: Name) -> bool:
        """Whether the name may be one of theirs: it shares a word with one, or none is known."""
        return not self.names or any(likeness(each, name) is not Likeness.OTHER for each in self.names)

    def as_part(self, times: tuple[Span, ...] = ()) -> Part:
        fields = {name: self.fields.get(name) for name in IDENTITY_FIELDS if name != "external_ids"}
        return Part(
            fields=fields,
            external_ids=tuple(self.ids),
            addresses=tuple(self.addresses.values()),
            activities=tuple(self.activities),
            entries=tuple(self.entries),
            records=tuple(self.records),
            lead=self.lead,
            times=times,
        )


def propose_split(
    history: Sequence[Entry],
    activities: Iterable[Activity] = (),
    records: Iterable[Record] = (),
    *,
    seam: int | None = None,
    held_at: datetime | None = None,
) -> Split | None:
    """How to part the two people of a lead; None where its history tells of one only.

    `history` comes oldest first, from the lead's creation on. The second person begins at the entry `seam`,
    else with the last lead that was merged into this one, else where somebody of quite another name appears,
    else with the last change of address. Entries belong to whose name they leave the lead with, activities
    and records to whoever they were about. Who the lead was at `held_at`, when sales took it, stays.
    """
    people = _People(history, seam)
    if people.second is None:
        return None
    people.share_activities(activities)
    people.share_records(records)
    people.share_company()
    stays, goes = people.first, people.second
    if held_at is not None and people.in_force(held_at) is goes and goes.lead is None:
        stays, goes = goes, stays
    stays_, goes_ = (person.as_part(people.times_of(person)) for person in (stays, goes))
    return Split(stays_, goes_, tuple(people.doubts))


class _People:
    """The two people of a lead, told apart entry by entry."""

    def __init__(self, history: Sequence[Entry], seam: int | None) -> None:
        self.first = _Person()
        self.second: _Person | None = None
        self.doubts: list[str] = []
        self._owners: dict[int, _Person] = {}
        self._times: list[tuple[datetime, _Person]] = []
        self._state: dict[str, Any] = {}
        self._seam = seam if seam is not None else _begin_of_second(history)
        for entry in history:
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        self._state |= {name: pair[1] for name, pair in entry.changes.items()}
        if entry.id == self._seam:
            self.second = _joined(entry.joined) if entry.joined else _Person()
            person = self.first if entry.joined else self.second
        else:
            person = self._whose(entry)
        self._note(person, entry)

    def _whose(self, entry: Entry) -> _Person:
        """Whose the entry is: of whom it leaves the lead's name and address, else of its source's person."""
        if self.second is None:
            return self.first
        name = Name(self._state.get("first_name"), self._state.get("last_name"))
        people = (self.first, self.second)
        named = [person for person in people if person.is_called(name)]
        key = email_key(str(self._state.get("email") or ""))
        found = [person for person in named or people if key in person.addresses]
        candidates = found or named
        if _NAME_FIELDS & entry.changes.keys() and not any(person.is_like(name) for person in people):
            self._doubt(f"{name} is a third name; it is counted as the second person's.")
            return self.second
        if len(candidates) == 1:
            return candidates[0]
        return self._times[-1][1] if self._times else self.first

    def _note(self, person: _Person, entry: Entry) -> None:
        told = {name: pair[1] for name, pair in entry.changes.items() if name != "external_ids"}
        if told.keys() & _NAME_FIELDS:  # what both names share is no change, and belongs to both
            told |= {name: self._state.get(name) for name in _NAME_FIELDS}
        person.fields |= told
        name = Name(person.fields.get("first_name"), person.fields.get("last_name"))
        if says_who(name) and name not in person.names:
            person.names.append(name)
        if email := told.get("email"):
            person.addresses[email_key(email)] = email
        person.entries.append(entry.id)
        self._owners[entry.id] = person
        self._times.append((entry.at, person))
        for each in _new_ids(entry):
            self._give_id(person, each)

    def _give_id(self, person: _Person, external_id: ExternalId) -> None:
        other = self.second if person is self.first else self.first
        if other is not None and external_id in other.ids:
            system, number = external_id
            self._doubt(f"The id {number} of {system} came with both; it stays with {other.as_part().name}.")
        else:
            person.ids[external_id] = None

    def share_activities(self, activities: Iterable[Activity]) -> None:
        """Gives each activity to the person whose record brought it, else to whoever it was then."""
        brought = frozenset(self.second.activities if self.second else ())
        for each in activities:
            if each.id in brought:
                continue
            person = self._owners.get(each.entry) if each.entry is not None else self._of(each.source)
            if person is None:
                person = self.in_force(each.at)
                self._doubt("Some activities do not say which record brought them; they went by their dates.")
            person.activities.append(each.id)

    def share_records(self, records: Iterable[Record]) -> None:
        """Gives each record to the person of the line that came with it, else to whoever it was then."""
        for each in records:
            then = {id(person): person for at, person in self._times if at == each.at}
            person = next(iter(then.values())) if len(then) == 1 else self.in_force(each.at)
            person.records.append(each.id)

    def _of(self, source: tuple[str, str | None] | None) -> _Person | None:
        if source is None or source[1] is None:
            return None
        people = [person for person in (self.first, self.second) if person and source in person.ids]
        return people[0] if len(people) == 1 else None

    def in_force(self, at: datetime) -> _Person:
        """Who the lead was at a moment; before its history begins, who it was first."""
        return next((person for since, person in reversed(self._times) if since <= at), self.first)

    def times_of(self, person: _Person) -> tuple[Span, ...]:
        """When `in_force` gives this person, the oldest time first."""
        turns: list[tuple[datetime | None, _Person]] = [(None, self.first)]
        for at, each in self._times:
            turns = [turn for turn in turns if turn[0] is None or turn[0] < at]
            if turns[-1][1] is not each:
                turns.append((at, each))
        ends = [*(since for since, _ in turns[1:]), None]
        return tuple(
            (since, until) for (since, whose), until in zip(turns, ends, strict=True) if whose is person
        )

    def share_company(self) -> None:
        """Gives the second person the company that both have: the history shows only what differs."""
        second = self.second
        if second is None or not self._at_one_company(second):
            return
        for name in ("company", "domain"):
            if second.fields.get(name) is None:
                second.fields[name] = self.first.fields.get(name)

    def _at_one_company(self, second: _Person) -> bool:
        domains = [company_domain(person.fields.get("email")) for person in (self.first, second)]
        return domains[0] is not None and domains[0] == domains[1]

    def _doubt(self, sentence: str) -> None:
        if sentence not in self.doubts:
            self.doubts.append(sentence)


def _joined(lead: Joined) -> _Person:
    name = Name(lead.fields.get("first_name"), lead.fields.get("last_name"))
    email = lead.fields.get("email")
    return _Person(
        fields={key: value for key, value in lead.fields.items() if key != "external_ids"},
        names=[name] if says_who(name) else [],
        addresses={email_key(email): email} if email else {},
        ids=dict.fromkeys(lead.external_ids),
        activities=sorted(lead.activities),
        lead=lead.lead,
    )


def _new_ids(entry: Entry) -> list[ExternalId]:
    """The ids that an entry tells of the person: those that it added, and the id of its record."""
    old, new = entry.changes.get("external_ids", ((), ()))
    known = {(system, number) for system, number in old or ()}
    added = [(system, number) for system, number in new or () if (system, number) not in known]
    if entry.source is not None and entry.source[1] is not None:
        added.append((entry.source[0], entry.source[1]))
    return list(dict.fromkeys(added))


def _begin_of_second(history: Sequence[Entry]) -> int | None:
    """The entry at which the second person appears."""
    merges = [entry.id for entry in history if entry.joined]
    if merges:
        return merges[-1]
    moves: list[int] = []
    state: dict[str, Any] = {}
    for entry in history:
        before = Name(state.get("first_name"), state.get("last_name"))
        moved = bool(state.get("email")) and bool(entry.changes.get("email", (None, None))[1])
        state |= {name: pair[1] for name, pair in entry.changes.items()}
        after = Name(state.get("first_name"), state.get("last_name"))
        if says_who(before) and says_who(after) and likeness(before, after) is Likeness.OTHER:
            return entry.id
        if moved:
            moves.append(entry.id)
    return moves[-1] if moves else None
