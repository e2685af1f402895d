"""What is news about a lead, by where it stands: the whole table, and nothing else decides it.

Pure: what a record changed and where the lead stands are arguments; carrying the outcome out is the use
cases'. How hot an open handoff becomes is heat.py's.

A use case asks in three steps: `standing_of` the lead, `told_by_…` for each part of what came, `news`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.agreement import Agreement
from bot.leadform import is_touch
from bot.leadform.model import AHEAD, EARLIEST
from bot.rules.changes import FACTS, changed_fields, rewritten_fields
from bot.rules.qualification import ActivityLike, judge
from storage.models import HandoffState, Stage


class NewActivity(ActivityLike, Protocol):
    """An activity that was not known before, and how much is known of it."""

    @property
    def dated(self) -> bool:
        """Whether its moment was told."""

    @property
    def summary(self) -> bool:
        """Whether it is only what a tool says of the past."""

    @property
    def automated(self) -> bool:
        """Whether nobody did it by hand."""


class Standing(StrEnum):
    """Where a lead stands when something comes in about it."""

    NEW = "never handed off"
    WAITING = "waiting for sales"
    ACCEPTED = "accepted"
    FIX = "sent back to be fixed"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"
    LOST = "lost"
    WON = "won"


class Change(StrEnum):
    """What a record, a person or the calendar brought; the order is that of weight, for a reason's words."""

    SAME = "the same record again"
    REWRITTEN = "a value written otherwise"
    BOOKKEEPING = "a score, notes, a date of change, a column of another system"
    FACT = "another value of a field that was not contested"
    CONTESTED = "another value of a contested field"
    RESUBMITTED = "resubmitted by a person"
    STILL_QUALIFIED = "qualified as before"
    TURNED_QUALIFIED = "qualified turned true"
    DATE_REACHED = "its date"
    SUMMARY = "a summary of the past"
    UNDATED = "an activity without a moment"
    AHEAD = "an activity that lies ahead"
    EARLIER = "an activity from before sales said no"
    OUTREACH = "contact by a rep, or something automated"
    ACTIVITY = "an activity"
    LIFTED = "an activity that lifts it over the line"
    HAND_RAISED = "a raised hand"


class Outcome(StrEnum):
    """What follows. The order is that of strength: of several changes the strongest decides."""

    NOTHING = "nothing"
    RAISE = "raise"  # sales has it: heat.py says whether it heats up
    TELL_OWNER = "tell the owner"
    HAND_OFF = "hand off"
    HAND_OFF_TO_LAST_OWNER = "hand off to the last owner"  # if present; shows the handoff before


class AnswerClock(StrEnum):
    """What becomes of marketing's clock for an answer, if it runs."""

    RUNS = "runs on"
    MOOT = "stops"  # the lead is with sales again, and nobody answered
    MET = "is met"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that came, and what it is about in words: `phone`, `demo request`."""

    change: Change
    about: str = ""


QUALIFIES, DOES_NOT_QUALIFY = "Qualifies", "Does not qualify yet"
"""The reasons for a lead that sales never had."""
NO_NEWS = "No news for a lead that is "
"""So the reason begins where nothing follows for a lead that sales has had."""


@dataclass(frozen=True, slots=True)
class News:
    """What follows from all that came, which change decided it, why in words, and marketing's clock."""

    outcome: Outcome
    change: Change
    reason: str
    answer: AnswerClock = AnswerClock.RUNS


def news(agreement: Agreement, standing: Standing, told: Sequence[Told], *, qualifies: bool) -> News:
    """What follows for a lead that stands there from what came; nothing at all is the same record again.

    `qualifies` is the judgement as it is now: it decides only for a lead that sales never had.
    """
    given = tuple(told) or (Told(Change.SAME),)
    found = {each.change: _outcome(agreement, standing, each.change, qualifies) for each in given}
    decided = max(found, key=lambda change: (_STRENGTH[found[change]], _WEIGHT[change]))
    about = dict.fromkeys(each.about for each in given if each.change is decided and each.about)
    reason = _reason(standing, found[decided], decided, ", ".join(about))
    return News(found[decided], decided, reason, _answer(standing, found))


_WITH_SALES = {
    Change.BOOKKEEPING: Outcome.RAISE,
    Change.FACT: Outcome.RAISE,
    Change.CONTESTED: Outcome.RAISE,
    Change.RESUBMITTED: Outcome.RAISE,
    Change.TURNED_QUALIFIED: Outcome.RAISE,
    Change.UNDATED: Outcome.RAISE,
    Change.EARLIER: Outcome.RAISE,
    Change.ACTIVITY: Outcome.RAISE,
    Change.LIFTED: Outcome.RAISE,
    Change.HAND_RAISED: Outcome.RAISE,
}
_TABLE: dict[Standing, dict[Change, Outcome]] = {  # what is not named is nothing
    Standing.NEW: {change: Outcome.HAND_OFF for change in Change if change is not Change.DATE_REACHED},
    Standing.WAITING: _WITH_SALES,
    Standing.ACCEPTED: _WITH_SALES,
    Standing.FIX: {
        Change.CONTESTED: Outcome.HAND_OFF,
        Change.RESUBMITTED: Outcome.HAND_OFF,
        Change.HAND_RAISED: Outcome.HAND_OFF,
    },
    Standing.RECYCLED: {
        Change.DATE_REACHED: Outcome.HAND_OFF,
        Change.TURNED_QUALIFIED: Outcome.HAND_OFF,
        Change.LIFTED: Outcome.HAND_OFF,
        Change.HAND_RAISED: Outcome.HAND_OFF,
    },
    Standing.DISQUALIFIED: {Change.HAND_RAISED: Outcome.HAND_OFF_TO_LAST_OWNER},
    Standing.LOST: {Change.HAND_RAISED: Outcome.HAND_OFF_TO_LAST_OWNER},
    Standing.WON: {Change.HAND_RAISED: Outcome.TELL_OWNER},
}
_ANSWERS = (Change.CONTESTED, Change.RESUBMITTED)
_STRENGTH = {outcome: number for number, outcome in enumerate(Outcome)}
_WEIGHT = {change: number for number, change in enumerate(Change)}


def _outcome(agreement: Agreement, standing: Standing, change: Change, qualifies: bool) -> Outcome:
    outcome = _TABLE[standing].get(change, Outcome.NOTHING)
    if standing is Standing.NEW and not qualifies:
        return Outcome.NOTHING
    if outcome is Outcome.TELL_OWNER and agreement.qualification.customers == "handoff":
        return Outcome.HAND_OFF_TO_LAST_OWNER
    return outcome


def _answer(standing: Standing, found: Mapping[Change, Outcome]) -> AnswerClock:
    if standing is not Standing.FIX:
        return AnswerClock.RUNS
    if any(change in found for change in _ANSWERS):
        return AnswerClock.MET
    return AnswerClock.MOOT if Outcome.HAND_OFF in found.values() else AnswerClock.RUNS


_AFTER = {
    Standing.FIX: "after the rejection",
    Standing.RECYCLED: "while in nurture",
    Standing.DISQUALIFIED: "after it was disqualified",
    Standing.LOST: "after the deal was lost",
    Standing.WON: "as an existing customer",
}
_WORDS = {
    Change.CONTESTED: "{about} corrected",
    Change.RESUBMITTED: "Resubmitted by marketing",
    Change.TURNED_QUALIFIED: "Qualified by marketing",
    Change.DATE_REACHED: "Back from nurture, as agreed",
    Change.ACTIVITY: "New activity: {about}",
    Change.LIFTED: "New interest: {about}",
    Change.HAND_RAISED: "Raised a hand: {about}",
}


def _reason(standing: Standing, outcome: Outcome, change: Change, about: str) -> str:
    """Why, as the card or the history has it. Of a lead that sales never had the judgement says more."""
    if standing is Standing.NEW:
        return QUALIFIES if outcome is Outcome.HAND_OFF else DOES_NOT_QUALIFY
    if outcome is Outcome.NOTHING:
        named = f" ({about})" if about else ""
        return f"{NO_NEWS}{standing.value}: {change.value}{named}"
    words = _WORDS.get(change, "{about}").format(about=about or change.value)
    after = _AFTER.get(standing, "") if change is not Change.DATE_REACHED else ""
    return f"{words[:1].upper()}{words[1:]} {after}".strip()


def standing_of(stage: Stage, handoff: HandoffState | None) -> Standing:
    """Where a lead stands, by its stage and the state of its latest handoff, None where it had none."""
    if stage in _STANDINGS:
        return _STANDINGS[stage]
    if stage is Stage.INQUIRY:
        return Standing.NEW if handoff is None else Standing.FIX
    return Standing.WAITING if stage is Stage.MQL else Standing.ACCEPTED


_STANDINGS = {
    Stage.RECYCLED: Standing.RECYCLED,
    Stage.DISQUALIFIED: Standing.DISQUALIFIED,
    Stage.LOST: Standing.LOST,
    Stage.WON: Standing.WON,
}


def told_by_fields(
    known: Mapping[str, Any],
    told: Mapping[str, Any],
    contested: frozenset[str],
    region: str | None = None,
) -> tuple[Told, ...]:
    """What a record's fields bring.

    `known`, `told` and `region` are what `changed_fields` takes, `contested` the fields that the last
    rejection says are wrong (`contested_fields`).
    """
    changed = changed_fields(known, told, region)
    found = [Told(_kind_of(name, contested), name.replace("_", " ")) for name in changed]
    found += [
        Told(Change.REWRITTEN, name.replace("_", " ")) for name in rewritten_fields(known, told, region)
    ]
    return tuple(found)


def _kind_of(field: str, contested: frozenset[str]) -> Change:
    if field in contested or (field == "crm_owner" and "owner" in contested):
        return Change.CONTESTED
    return Change.FACT if field in FACTS else Change.BOOKKEEPING


def told_by_qualified(before: bool, now: bool | None) -> tuple[Told, ...]:
    """What a record's `qualified` brings: news when it turns true, not while it stays so."""
    if not now:
        return ()
    return (Told(Change.STILL_QUALIFIED if before else Change.TURNED_QUALIFIED),)


def told_by_activities(
    agreement: Agreement,
    new: Sequence[NewActivity],
    *,
    now: datetime,
    since: datetime | None = None,
    lifted: bool = False,
) -> tuple[Told, ...]:
    """What activities bring that were not told before (`activity_key`).

    `since` is when sales said no, or closed the lead; None for a lead that sales has, or never had. `lifted`
    is what `lifts` says of them.
    """
    return tuple(
        Told(_kind_of_activity(agreement, each, now, since, lifted), each.type.replace("_", " "))
        for each in new
    )


def _kind_of_activity(
    agreement: Agreement, activity: NewActivity, now: datetime, since: datetime | None, lifted: bool
) -> Change:
    if activity.summary:
        return Change.SUMMARY
    if activity.at > now + AHEAD:
        return Change.AHEAD
    if not activity.dated:
        return Change.UNDATED
    if activity.at < EARLIEST or (since is not None and activity.at <= since):
        return Change.EARLIER
    if activity.automated or is_touch(activity.type):
        return Change.OUTREACH
    rules = agreement.qualification
    if f"activity:{activity.type}" in rules.always and now - activity.at <= rules.hot_for.wall():
        return Change.HAND_RAISED
    return Change.LIFTED if lifted else Change.ACTIVITY


_INTEREST = (Change.LIFTED, Change.HAND_RAISED)


def lifts(
    agreement: Agreement,
    lead: Mapping[str, Any],
    known: Sequence[ActivityLike],
    new: Sequence[NewActivity],
    now: datetime,
    since: datetime,
) -> bool:
    """Whether new dated activities after `since` bring a recycled lead over the line.

    They do if it qualifies with them and did not without, or if what it did since then would be enough by
    itself: interest that sales has weighed already does not count twice.
    """
    fresh = [each for each in new if _kind_of_activity(agreement, each, now, since, True) in _INTEREST]
    if not fresh:
        return False
    facts = {**lead, "qualified": False}

    def qualifies(activities: Sequence[ActivityLike]) -> bool:
        return judge(agreement, facts, activities, now, handed_at=since).qualifies

    alone = [*(each for each in known if each.at > since), *fresh]
    return qualifies([*known, *fresh]) and (not qualifies(known) or qualifies(alone))
