"""What the views are given to show: plain frozen values, already looked up and judged.

The builders beside this file turn them into blocks and look nothing up themselves. Moments are aware UTC;
people are Slack user ids; everything else is text as it is stored, not yet escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.agreement.vocabulary import Then
from bot.rules.vacancy import Vacancy
from storage.models import (
    Answer,
    ClockKind,
    DeliveryKind,
    HandoffState,
    NagKind,
    Outcome,
    Ruling,
    Stage,
    TouchKind,
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else at the same company whom Baton knows."""

    lead_id: int
    name: str
    title: str | None
    owner: str | None
    stage: Stage


@dataclass(frozen=True, slots=True)
class Advice:
    """What to lead with and what to send now, from the agreement's playbook."""

    persona: str | None
    value: str | None
    journey: str
    content: tuple[tuple[str, str], ...] = ()  # title, address


@dataclass(frozen=True, slots=True)
class RunningClock:
    """The commitment that runs against a handoff now."""

    kind: ClockKind
    owner: str | None
    due_at: datetime
    breached_at: datetime | None = None
    paused_until: datetime | None = None
    amber_at: datetime | None = None  # when a quarter of its time is left, in the clock's own kind of time


@dataclass(frozen=True, slots=True)
class Decision:
    """How a handoff was decided."""

    by: str
    at: datetime
    reason: str | None = None  # the label, in words
    note: str | None = None
    then: Then | None = None  # what became of the lead
    until: datetime | None = None  # nurture: when it comes back
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What is known of a lead."""

    lead_id: int
    name: str  # never empty: the name, else the e-mail address, else its id
    stage: Stage
    email: str | None = None
    phone: str | None = None
    title: str | None = None
    company: str | None = None
    employees: int | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    source: str | None = None
    campaign: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    crm_url: str | None = None
    linkedin_url: str | None = None
    notes: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LastAsked:
    """The newest thing that a lead did of its own accord: what they asked for, and in which words."""

    type: str
    at: datetime
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class CardState:
    """Everything that a handoff's card shows, live."""

    handoff_id: int
    lead: LeadFacts
    state: HandoffState
    team: str
    grade: str
    priority: str
    why: tuple[str, ...]
    handed_at: datetime
    asked: LastAsked | None = None
    raised: str | None = None  # how it heated up while sales had it, in words
    owner: str | None = None
    owner_why: str | None = None
    clock: RunningClock | None = None
    decision: Decision | None = None
    advice: Advice | None = None
    colleagues: tuple[Colleague, ...] = ()
    moved_to: str | None = None  # this card is an old one: the team that the handoff went on to
    touched_at: datetime | None = None
    touched_by: str | None = None
    outcome: Outcome | None = None  # the last that this handoff came to, from SQL on
    amount_minor: int | None = None  # of its deal
    currency: str | None = None
    earlier: tuple[str, ...] = ()  # one line for each earlier handoff of this lead
    called: tuple[str, ...] = ()  # who is to take it, where anybody may and it is urgent
    vacancy: Vacancy | None = None  # that nobody can take it
    chooses: tuple[str, ...] = ()  # who was asked to choose then


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event as it is told."""

    kind: str  # an EventKind, or a word that only a newer version knows
    actor: str  # a Slack user id, or: baton, crm, import, api:<token name>
    about: str | None = None  # the lead's name, where the thread is of several leads
    reason: str | None = None  # the label, in words; of a rejection, or why somebody was chosen
    note: str | None = None
    team: str | None = None  # where it went
    owner: str | None = None  # who has it now
    other_lead: int | None = None  # merged: the lead that it joined
    until: datetime | None = None  # recycled: until when
    touch: TouchKind | None = None
    amount_minor: int | None = None
    currency: str | None = None
    taken_back_by: str | None = None  # it no longer holds


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that a rep may choose."""

    code: str
    label: str
    then: Then
    note_required: bool
    group: str | None = None
    until: datetime | None = None  # nurture: when it comes back if it is chosen now


@dataclass(frozen=True, slots=True)
class RejectForm:
    """The state of the rejection modal."""

    handoff_id: int
    lead_name: str
    company: str | None
    reasons: tuple[ReasonChoice, ...]
    chosen: str | None = None  # the code, once one is chosen
    teams: tuple[str, ...] = ()  # where it could go instead, for `reroute`


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What marketing answered to a rejection, and how the manager ruled where it was contested."""

    answer: Answer
    by: str
    at: datetime
    argument: str | None = None
    ruling: Ruling | None = None
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    again: bool = False  # a new handoff came of it


@dataclass(frozen=True, slots=True)
class ContestedNotice:
    """Both sides of a contested rejection, as the manager sees them."""

    handoff_id: int
    lead: LeadFacts
    team: str
    rejected_by: str
    rejected_at: datetime
    reason: str
    note: str | None
    answer: AnswerFacts


@dataclass(frozen=True, slots=True)
class RejectionNotice:
    """What marketing is told of a rejection."""

    handoff_id: int
    lead: LeadFacts
    by: str
    at: datetime
    reason: str
    note: str | None
    then: Then
    mention: tuple[str, ...]  # whom to call: the campaign's owner
    answer_due_at: datetime | None = None  # when marketing's answer is due, for `fix`
    until: datetime | None = None
    merged_into: int | None = None
    moved_to: str | None = None
    given_to: str | None = None  # the account's owner
    taken_back_by: str | None = None  # the rejection no longer holds
    answer: AnswerFacts | None = None  # what marketing said to it


@dataclass(frozen=True, slots=True)
class CustomerNotice:
    """An existing customer who raised a hand, told to whoever owns them; `why` in words."""

    lead: LeadFacts
    why: str


@dataclass(frozen=True, slots=True)
class UnroutedNotice:
    """Leads that qualify and match no team, told to the admins."""

    leads: tuple[LeadFacts, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ParkedNotice:
    """A place that Slack refuses, told to the admins."""

    place: str  # a channel or user id
    error: str  # Slack's own name for it
    waiting: int


@dataclass(frozen=True, slots=True)
class FormNotice:
    """A kind of message whose form Slack refuses, told to the admins; `kept`: not even plainly it went."""

    what: DeliveryKind
    error: str
    says: str
    kept: bool = False


class SettledAs(StrEnum):
    """How a matter stands of which somebody was reminded, so that nothing is left to do about it."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONTACTED = "contacted"
    REPORTED = "reported"
    ANSWERED = "answered"
    OPENED = "opened"  # to the whole team
    PASSED_ON = "passed_on"
    PAUSED = "paused"
    REPEATED = "repeated"  # a newer reminder tells of it
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Settled:
    """The same, with who did that and when."""

    how: SettledAs
    by: str | None = None
    at: datetime | None = None
    to: str | None = None  # passed on: who has it now
    until: datetime | None = None  # paused: until when


@dataclass(frozen=True, slots=True)
class NagLine:
    """One lead in a reminder.

    `excused`: it fell due in an outage. `choices` are the reps who could take it, as (user id, name).
    Without a `clock` nothing is due. `by` and `why`: who gave it to whom it is said.
    """

    handoff_id: int
    lead: LeadFacts
    what: NagKind
    team: str
    priority: str
    clock: RunningClock | None
    settled: Settled | None = None
    excused: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    by: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class NagState:
    """A reminder: all that one person, or the reps of a channel, are told at once, most urgent first."""

    lines: tuple[NagLine, ...]
    mention: tuple[str, ...] = ()  # whom to call where it is said to several
