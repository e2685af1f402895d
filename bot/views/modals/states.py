"""What the modals of work on a lead are given to show: plain frozen values, already looked up and judged.

As in states.py: people are Slack user ids, and text is as it is stored, not yet escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.views.ids import AnswerChoice
from bot.views.states import LeadFacts, ReasonChoice
from storage.models import Outcome


@dataclass(frozen=True, slots=True)
class About:
    """The lead that a form is about."""

    handoff_id: int
    lead_name: str
    company: str | None


@dataclass(frozen=True, slots=True)
class OutcomeForm:
    """What became of the lead: the outcomes that are legal now, and what each of them asks for."""

    about: About
    outcomes: tuple[Outcome, ...]
    reasons: tuple[ReasonChoice, ...]  # of kind `disqualify`
    today: date
    chosen: Outcome | None = None
    reason: str | None = None  # the code of the reason that the form is drawn for
    amount_minor: int | None = None  # as it is known now
    currency: str | None = None
    deal_on: date | None = None


@dataclass(frozen=True, slots=True)
class SnoozeForm:
    """More time: what this person may choose, by length: to put it off, or to start its clock anew."""

    about: About
    snoozes: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReassignForm:
    """Who could have the lead: each team with its reps, as (user id, name and what is worth knowing).

    `chosen` is who was chosen and is away, `away` says so: name, and until when.
    """

    about: About
    teams: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    chosen: str | None = None
    away: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DisputeForm:
    """A rejection that marketing answers."""

    about: About
    lead: LeadFacts
    reason: str
    note: str | None
    by: str
    chosen: AnswerChoice | None = None


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One of the two people of a lead, and what of it is theirs. `ids` read as the system and the id."""

    name: str
    addresses: tuple[str, ...] = ()
    title: str | None = None
    company: str | None = None
    ids: tuple[str, ...] = ()
    activities: int = 0


@dataclass(frozen=True, slots=True)
class SplitForm:
    """What goes where when a lead is split, as its history stood at the line `seen`.

    `with_sales`: an open handoff stays with who stays. `revives` is the lead that lives again because it was
    merged into this one; None: who goes becomes a new lead.
    """

    lead_id: int
    seen: int
    stays: SplitPart
    goes: SplitPart
    doubts: tuple[str, ...] = ()
    with_sales: bool = False
    revives: int | None = None


@dataclass(frozen=True, slots=True)
class WasSplit:
    """What became of a lead that was split: the lead of each of the two, and the team that got the second."""

    lead_id: int
    stays: str
    goes_to: int
    goes: str
    team: str | None = None
