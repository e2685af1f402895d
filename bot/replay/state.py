"""Leads, handoffs and clocks as they stand while a replay runs."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.agreement.book import AgreementBook
from bot.rules import sla
from bot.rules.qualification import facts_of
from bot.rules.value import value
from storage.models import Activity, Cause, ClockKind, HandoffState, NagKind, Stage

Card = tuple[datetime, datetime | None]
"""When a card was made, and when Slack showed it, None for never."""


@dataclass(slots=True)
class Ran:
    """One clock of a handoff, by which version of the agreement it goes, and how it ended."""

    number: int
    kind: ClockKind
    owner: str | None
    clock: sla.Clock
    book: AgreementBook
    present: tuple[str, ...] | None = None
    cause: Cause | None = None
    stopped_at: datetime | None = None
    stayed: bool = False  # nobody could have the lead next

    @property
    def runs(self) -> bool:
        """Whether somebody has to keep it still."""
        return self.clock.met_at is None and self.stopped_at is None


@value
class Taken:
    """A rung of the ladder that was taken: of which clock, which step, what was said, and when."""

    kind: ClockKind
    step: int
    what: NagKind
    at: datetime


@dataclass(slots=True)
class Pass:
    """One passing of a lead to sales, as replayed. `ids` are the recorded handoffs that it stands for.

    `guessed`: the kinds of clock that were ended by a stand-in for what somebody would have done.
    """

    lead: LeadNow
    number: int
    book: AgreementBook
    team: str
    priority: str
    grade: str
    handed_at: datetime
    owner: str | None = None
    state: HandoffState = HandoffState.WAITING
    given_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    rejected_at: datetime | None = None
    rejected_by: str | None = None
    reason: str | None = None
    closed_at: datetime | None = None
    touched_at: datetime | None = None
    pooled_at: datetime | None = None
    snoozed_at: datetime | None = None
    reassigned: int = 0
    nobody: bool = False  # nobody could take it, when last looked at
    from_stage: Stage = Stage.INQUIRY
    cards: Sequence[Card] = ()
    clocks: list[Ran] = field(default_factory=list)
    steps: list[Taken] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    guessed: set[ClockKind] = field(default_factory=set)
    turned_back: tuple[str, str] | None = None
    was: Was | None = None

    @property
    def is_open(self) -> bool:
        """Whether sales has something to do."""
        return self.state in (HandoffState.WAITING, HandoffState.ACCEPTED)

    def card(self, now: datetime) -> Card | None:
        """Its present card, where any of its cards was shown late."""
        return next((each for each in reversed(self.cards) if each[0] <= now), None)

    def is_shown(self, now: datetime) -> bool:
        """Whether Slack shows its present card by now."""
        card = self.card(now)
        return card is None or (card[1] is not None and card[1] <= now)

    def running(self) -> list[Ran]:
        """The clocks that run, the first due first."""
        return sorted((each for each in self.clocks if each.runs), key=lambda each: each.clock.due_at)

    def running_of(self, kind: ClockKind) -> Ran | None:
        """The running clock of a kind."""
        return next((each for each in self.clocks if each.kind is kind and each.runs), None)

    def holders(self) -> set[str]:
        """Everybody who ever had the lead in this handoff."""
        named = {self.owner, self.rejected_by, *(each.owner for each in self.clocks)}
        return {user for user in named if user is not None}


@value
class Was:
    """How a handoff, its lead and its clocks stood before a decision, so that it can be taken back."""

    at: datetime
    stage: Stage
    owner: str | None
    merged: int | None
    values: dict[str, Any]
    clocks: dict[int, Ran]
    nobody: bool


PUT_BACK = (
    *("state", "team", "owner", "given_at", "accepted_at", "accepted_by", "rejected_at", "rejected_by"),
    *("reason", "closed_at", "touched_at", "pooled_at", "snoozed_at", "reassigned"),
)


def remembered(found: Pass, now: datetime) -> Was:
    """How a handoff stands now."""
    values = {name: getattr(found, name) for name in PUT_BACK}
    clocks = {each.number: copy.copy(each) for each in found.clocks if each.runs}
    lead = found.lead
    return Was(now, lead.stage, lead.owner, lead.merged, values, clocks, found.nobody)


@dataclass(slots=True)
class LeadNow:
    """A lead as it stands: what is known of it, what it did, and its handoffs.

    `unknown`: why it cannot be judged as it was, in words. `turn`: whose turn of which team it last was, and
    when. `deeds`: when each person last did something about it.
    """

    id: int
    columns: dict[str, Any]
    stage: Stage = Stage.INQUIRY
    owner: str | None = None
    merged: int | None = None
    unrouted: bool = False
    unknown: str | None = None
    activities: list[Activity] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    turn: tuple[datetime, str, str] | None = None
    deeds: dict[str, datetime] = field(default_factory=dict)
    first_handed: datetime | None = None
    _facts: dict[str, Any] | None = None

    @property
    def domain(self) -> str | None:
        """The domain of its company."""
        domain: str | None = self.columns.get("company_domain")
        return domain

    def become(self, columns: dict[str, Any]) -> None:
        """Other columns are known from now on."""
        self.columns, self._facts = columns, None

    def facts(self, *, qualified: bool | None = None) -> dict[str, Any]:
        """The lead as the rules see it; `qualified` in place of what it says itself."""
        if self._facts is None:
            self._facts = facts_of(self.columns)
        return self._facts if qualified is None else {**self._facts, "qualified": qualified}

    def told_at(self) -> dict[str, datetime]:
        """Since when each count among its own columns has its value."""
        told = self.columns["told_at"]
        return {name: datetime.fromisoformat(at) for name, at in told.items()} if told else {}

    def latest(self) -> Pass | None:
        """The newest handoff; one that was merged away only where there is no other."""
        kept = [each for each in self.passes if each.state is not HandoffState.MERGED]
        return next(reversed(kept or self.passes), None)

    def open(self) -> Pass | None:
        """The handoff that sales has."""
        return next((each for each in reversed(self.passes) if each.is_open), None)
