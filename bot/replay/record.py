"""What the history holds, read once: who came and when, what they were then, and what Baton made of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook, named
from bot.agreement.faults import AgreementError
from bot.agreement.loader import parse_agreement
from bot.ladder.ticking import BATCH
from bot.lookups.history import WAS
from bot.replay.state import Card
from bot.rules import sla
from bot.rules.identity_changes import IDENTITY_FIELDS, put_back
from storage import people, replaying
from storage.models import Activity, ClockKind, Event, EventKind, NagKind
from storage.replaying import Passed, RanClock

A_LOOK = timedelta(seconds=2)
"""How long after a moment Baton may look at what fell due then, while it is at work."""

CHANGED = "changed"


@dataclass(slots=True)
class Record:
    """What was recorded. `stream` gives the history itself, once."""

    books: dict[int, AgreementBook]
    gone: dict[int, str]  # versions whose text cannot be read any more, and why
    in_force: list[tuple[datetime, int]]
    columns: dict[int, dict[str, Any]]  # of each lead, as it is now
    versions: dict[int, dict[int, dict[str, Any]]]  # of leads that changed: by event, their columns after it
    first: dict[int, dict[str, Any]]  # of the same, as they came
    activities: dict[int, list[Activity]]
    handoffs: dict[int, Passed]
    clocks: dict[int, list[RanClock]]
    steps: dict[int, list[replaying.Reminded]]
    stuck: list[tuple[datetime, int]]  # handoffs that nobody could take from somebody away
    late_cards: dict[int, list[Card]]
    outages: list[sla.Gap]
    left: frozenset[str]
    looks: list[datetime]
    forgotten: frozenset[int]
    undone: frozenset[int]  # handoffs of which something was taken back
    blurred: Mapping[int, datetime]  # leads of which a record changed nobody knows what, and when it last did
    batch: int  # clocks that the ladder looks at together
    events: Iterator[Event] = field(default_factory=lambda: iter(()))

    @property
    def faithful_from(self) -> datetime | None:
        """From when on the history keeps all that a replay asks; None: from its beginning."""
        return max(self.blurred.values(), default=None)

    def book_at(self, moment: datetime) -> AgreementBook:
        """The agreement that was in force, as far as it can be read."""
        place = bisect_right(self.in_force, (moment, 1 << 62)) - 1
        _, version = self.in_force[max(place, 0)]
        return self.books.get(version) or next(iter(self.books.values()))

    def owner_of(self, handoff: int, kind: ClockKind, moment: datetime) -> str | None:
        """Who had to keep the clock of a kind that a handoff had last at a moment, as it is recorded."""
        rows = reversed(self.clocks.get(handoff, ()))
        return next((row.owner for row in rows if row.kind == kind and row.started_at <= moment), None)

    def look_at(self, moment: datetime) -> datetime:
        """When Baton looked at what fell due at a moment: as the history has it, else at once, or as an
        outage was over."""
        place = bisect_left(self.looks, moment)
        looked = self.looks[place] if place < len(self.looks) else None
        if looked is not None and looked - moment <= A_LOOK:
            return looked
        gap = next((end for begin, end in self.outages if begin < moment < end), None)
        if gap is None:
            return moment
        return looked if looked is not None and looked <= gap + A_LOOK else gap


def read(tx: Connection) -> Record:
    """Read all of it. The history is read on while the replay runs, in the same transaction."""
    groups = people.groups(tx)
    books, gone = _books(tx, groups)
    rows = replaying.all_handoffs(tx)
    leads = {columns["id"]: columns for columns in replaying.all_leads(tx)}
    versions, first, blurred = _versions(tx, leads)
    activities: dict[int, list[Activity]] = defaultdict(list)
    for activity in replaying.all_activities(tx):
        activities[activity.lead_id].append(activity)
    clocks: dict[int, list[RanClock]] = defaultdict(list)
    for clock in replaying.all_clocks(tx):
        clocks[clock.handoff_id].append(clock)
    steps, stuck, looks = _reminders(tx)
    return Record(
        books,
        gone,
        _in_force(tx, books, rows),
        leads,
        versions,
        first,
        activities,
        {row.id: row for row in rows},
        clocks,
        steps,
        stuck,
        _late_cards(tx),
        [(row.began_at, row.ended_at) for row in replaying.all_outages(tx)],
        frozenset(row.user_id for row in replaying.who_left(tx)),
        looks,
        frozenset(lead for lead, columns in leads.items() if columns["forgotten_at"] is not None),
        replaying.undone(tx),
        blurred,
        BATCH[tx.dialect.name],
        replaying.stream(tx),
    )


def _books(
    tx: Connection, groups: Mapping[str, frozenset[str]]
) -> tuple[dict[int, AgreementBook], dict[int, str]]:
    books: dict[int, AgreementBook] = {}
    gone: dict[int, str] = {}
    for row in replaying.versions(tx):
        try:
            agreement = named(parse_agreement(row.text), row.version)
        except AgreementError as bad:
            gone[row.id] = f"the text of version {row.version} cannot be read any more: {bad}"
        else:
            books[row.id] = AgreementBook(agreement, row.id, groups, row.hash)
    return books, gone


def _in_force(
    tx: Connection, books: Mapping[int, AgreementBook], rows: Sequence[Passed]
) -> list[tuple[datetime, int]]:
    """From when on which version was in force: as it was first seen, as it was changed to, as it was used."""
    told = [(row.first_seen_at, row.id) for row in replaying.versions(tx)]
    told += [(row.created_at, int(row.body["after"])) for row in replaying.agreement_changes(tx)]
    told += [(row.handed_at, row.agreement_id) for row in rows if not row.history]
    found: list[tuple[datetime, int]] = []
    for moment, version in sorted(told, key=lambda each: each[0]):
        if version in books and (not found or found[-1][1] != version):
            found.append((moment, version))
    return found


def _versions(
    tx: Connection, leads: Mapping[int, dict[str, Any]]
) -> tuple[dict[int, dict[int, dict[str, Any]]], dict[int, dict[str, Any]], dict[int, datetime]]:
    """The columns of each lead that a record changed, after each change and before the first; and when the
    last record came of those of which the history does not say what it changed."""
    blurred: dict[int, datetime] = {}
    changes: dict[int, list[Event]] = defaultdict(list)
    for event in replaying.changes_of_leads(tx):
        if event.lead_id is None:
            continue
        if event.detail.keys() & {WAS, CHANGED}:
            changes[event.lead_id].append(event)
        if event.kind == EventKind.UPDATED and "system" in event.detail and WAS not in event.detail:
            blurred[event.lead_id] = event.at
    versions: dict[int, dict[int, dict[str, Any]]] = {}
    first: dict[int, dict[str, Any]] = {}
    for lead, events in changes.items():
        columns, after = leads[lead], {}
        for event in reversed(events):
            after[event.id] = columns
            old = {
                name: pair[0]
                for name, pair in event.detail.get("changed", {}).items()
                if name in IDENTITY_FIELDS and name != "external_ids"
            }
            columns = put_back({**columns, **old}, event.detail.get("was", {}))
        versions[lead], first[lead] = after, columns
    return versions, first, blurred


def _reminders(
    tx: Connection,
) -> tuple[dict[int, list[replaying.Reminded]], list[tuple[datetime, int]], list[datetime]]:
    steps: dict[int, list[replaying.Reminded]] = defaultdict(list)
    stuck: dict[tuple[datetime, int], None] = {}
    looks = set(replaying.looks(tx))
    for each in replaying.reminders(tx):
        if each.step >= 0:
            steps[each.handoff_id].append(each)
            looks.add(each.at)
        elif each.what == NagKind.CHOOSE:
            stuck[each.at, each.handoff_id] = None
        elif each.what == NagKind.POOLED:
            looks.add(each.at)
    return steps, list(stuck), sorted(looks)


def _late_cards(tx: Connection) -> dict[int, list[Card]]:
    """When the cards of a handoff were made and when they were shown, where one was not shown at once."""
    found: dict[int, list[Card]] = defaultdict(list)
    for card in replaying.cards(tx):
        found[card.handoff_id].append((card.created_at, card.sent_at or card.list_sent_at))
    return {number: cards for number, cards in found.items() if any(made != shown for made, shown in cards)}
