"""The words of the data: every enum whose values stand in a column, each held there by a CHECK."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a lead stands in the demand waterfall, and the two ways out before a deal."""

    INQUIRY = "inquiry"
    MQL = "mql"
    SAL = "sal"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"


class HandoffState(StrEnum):
    """How far one passing of a lead to sales has come."""

    WAITING = "waiting"  # posted, nobody has decided
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CLOSED = "closed"  # accepted, and it has an outcome
    MERGED = "merged"  # turned out to be another lead; not counted


class ClockKind(StrEnum):
    """The commitments that run against a handoff."""

    ACCEPT = "accept"
    FIRST_TOUCH = "first_touch"
    OUTCOME = "outcome"
    ANSWER = "answer"


class Cause(StrEnum):
    """Why a clock was not met."""

    OUTAGE = "outage"
    NO_ELIGIBLE_REP = "no_eligible_rep"
    BAD_DATA = "bad_data"
    REP = "rep"
    MARKETING = "marketing"


class Answer(StrEnum):
    """What marketing answered to a rejection."""

    AGREED = "agreed"
    RESUBMITTED = "resubmitted"  # corrected, and handed off again
    CONTESTED = "contested"  # the manager rules


class Ruling(StrEnum):
    """How a manager ruled on a rejection that marketing contests."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"  # handed off again


class DeliveryKind(StrEnum):
    """What a delivery shows. The views are chosen by it."""

    CARD = "card"
    LIST = "list"
    HISTORY = "history"  # one line in a card's thread
    REJECTION = "rejection"  # marketing hears of a rejection
    UNROUTED = "unrouted"  # admins hear of leads that match no team
    PARKED = "parked"  # admins hear of a place that Slack refuses
    NAG = "nag"  # somebody is reminded, told of a breach, or given a lead: gathered, one a person
    HOME = "home"  # somebody's App Home
    ANSWER = "answer"  # a manager rules on a dispute, or hears that it was contested
    REPORT = "report"  # the weekly digest
    DETAIL = "detail"  # a chart or table in the digest's thread


class DeliveryOp(StrEnum):
    """What Slack is asked to do."""

    POST = "post"
    UPDATE = "update"
    PUBLISH = "publish"  # somebody's Home


class DeliveryState(StrEnum):
    """How far one delivery has come."""

    PENDING = "pending"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"  # sent, and no answer came back: looked up before anything else
    SENT = "sent"
    LISTED = "listed"  # a card that stands as a row of a list message
    PARKED = "parked"  # refused for what it says; kept
    DROPPED = "dropped"  # there was nothing left to show when its turn came
