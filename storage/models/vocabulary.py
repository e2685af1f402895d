"""The words of the data: every enum whose values are stored.

A CHECK holds a column to them, or they are checked as they are written. Which words and handlers each member
must have is in tests/test_vocabularies.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

Word = TypeVar("Word", bound=StrEnum)


def member_of(words: type[Word], value: Any) -> Word | None:
    """The member of a vocabulary that has this value; None for what is none of its words."""
    try:
        return words(value)
    except ValueError:
        return None


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


OPEN_HANDOFF = (HandoffState.WAITING, HandoffState.ACCEPTED)
"""The states in which sales has something to do."""


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


class RefusedCause(StrEnum):
    """Why a body or a row was not taken."""

    IDENTITY = "identity"  # what it says of whom it is about means two people, or one of several
    NOBODY = "nobody"  # it names nobody at all
    FIELDS = "fields"  # a field that cannot be read
    SHAPE = "shape"  # it is no record
    TEST = "test"  # a tool's test lead: answered as if taken
    FORGOTTEN = "forgotten"  # it is about somebody who was erased; of its body nothing is kept


class Answer(StrEnum):
    """What marketing answered to a rejection."""

    AGREED = "agreed"
    RESUBMITTED = "resubmitted"  # corrected, and handed off again
    CONTESTED = "contested"  # the manager rules


class Ruling(StrEnum):
    """How a manager ruled on a rejection that marketing contests."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"  # handed off again


class ProposalState(StrEnum):
    """How far a proposed change of the agreement has come."""

    OPEN = "open"  # a signature is missing
    SIGNED = "signed"  # by both sides; its hour has not come
    LIVE = "live"
    COUNTERED = "countered"  # another proposal took its place
    DECLINED = "declined"
    MOVED = "moved"  # the agreement changed meanwhile: it was shown anew, or no longer fits


UNSETTLED_PROPOSAL = (ProposalState.OPEN, ProposalState.SIGNED)
"""The states in which a proposal can still go live."""


class Outcome(StrEnum):
    """What sales can say became of a lead that it accepted, in the order of the form."""

    SQL = "sql"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"


class TouchKind(StrEnum):
    """The types of activity that are contact of a rep with a lead."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    LINKEDIN = "linkedin"
    SMS = "sms"
    VOICEMAIL = "voicemail"
    MEETING_BOOKED = "meeting_booked"
    NO_SHOW = "no_show"


class Actor(StrEnum):
    """Who acts where it is nobody in Slack. The API's tokens are `api:<name>`, everybody else a user id."""

    BATON = "baton"
    CRM = "crm"
    IMPORT = "import"  # also whoever works at the terminal


class EventKind(StrEnum):
    """What a line of the history says happened, subject first."""

    CREATED = "lead.created"
    UPDATED = "lead.updated"
    ACTIVITY = "lead.activity"
    UNROUTED = "lead.unrouted"
    ASSIGNED = "lead.assigned"  # a turn of the rotation
    HANDED_OFF = "lead.handed_off"
    ACCEPTED = "lead.accepted"
    REJECTED = "lead.rejected"
    REROUTED = "lead.rerouted"
    MERGED = "lead.merged"
    REASSIGNED = "lead.reassigned"
    TEAM_GONE = "team.gone"  # the agreement no longer has a team with open leads
    PASSED_BY = "lead.passed_by"  # a colleague has a lead of a company that somebody owns: the owner is told
    POOLED = "lead.pooled"  # taken from its owner and open to the whole team
    TOUCHED = "lead.touched"
    SNOOZED = "lead.snoozed"
    MORE_TIME = "lead.more_time"
    UNDONE = "lead.undone"
    SQL = "lead.sql"
    OPPORTUNITY = "lead.opportunity"
    WON = "lead.won"
    LOST = "lead.lost"
    RECYCLED = "lead.recycled"
    DISQUALIFIED = "lead.disqualified"
    AGREED = "lead.agreed"
    RESUBMITTED = "lead.resubmitted"
    CONTESTED = "lead.contested"
    UPHELD = "lead.upheld"
    OVERTURNED = "lead.overturned"
    STAGE_REFUSED = "lead.stage_refused"
    CRM_CONFLICT = "crm.conflict"  # Baton and the CRM have each changed a field
    RETURNED = "lead.returned"  # from nurture
    RAISED = "lead.raised"  # heated up while sales had it
    CUSTOMER_RAISED = "lead.customer_raised"  # a customer raised a hand: the owner is told
    SPLIT = "lead.split"  # parted from a lead that had joined two people
    FORGOTTEN = "lead.forgotten"  # erased; the line names no one
    CLOCK_NUDGED = "clock.nudged"
    CLOCK_BREACHED = "clock.breached"
    PERSON_AWAY = "person.away"
    PERSON_BACK = "person.back"
    ABSENCE_CANCELLED = "person.absence_cancelled"
    PERSON_LEFT = "person.left"
    CONTENT_HELPED = "content.helped"
    CONTENT_MISSING = "content.missing"
    REPORT_DECIDED = "report.decided"
    DIGEST_POSTED = "digest.posted"
    PROPOSED = "agreement.proposed"
    SIGNED = "agreement.signed"  # for one side
    COUNTERED = "agreement.countered"
    DECLINED = "agreement.declined"
    SHOWN_ANEW = "agreement.shown_anew"  # the agreement had changed under a proposal
    WENT_LIVE = "agreement.went_live"  # a proposal that both sides had signed


class DispatchState(StrEnum):
    """How far an event has come on its way to another tool; what has arrived is deleted."""

    PENDING = "pending"
    PARKED = "parked"  # refused for good, or for three days: kept until it is replayed


class NagKind(StrEnum):
    """What a line of a reminder says, by urgency: of several about one lead the last of these is shown."""

    NUDGE = "nudge"
    RAISED = "raised"  # it heated up while they have it, or before anybody has it
    GIVEN = "given"  # the lead is theirs now, because a person decided it
    ASSIGNED = "assigned"  # the lead is theirs now, because the ladder passed it on
    ABLE = "able"  # the lead is theirs now, because they are the first who can take it
    POOLED = "pooled"  # the lead is anybody's in the team now
    BREACH = "breach"
    CHOOSE = "choose"  # the manager must say who takes it


class AbsenceNotice(StrEnum):
    """What is said of an absence, in a message of its own."""

    SET = "set"  # to the rep whom somebody else set away
    BEGINS = "begins"  # to the manager: one that was planned has begun, with leads that nobody contacted
    STILL = "still"  # to the rep, each Monday of one without an end
    OVER = "over"  # to the rep: what can be taken back


class DeliveryKind(StrEnum):
    """What a delivery shows. The views are chosen by it."""

    CARD = "card"
    LIST = "list"
    HISTORY = "history"  # one line in a card's thread
    REJECTION = "rejection"  # marketing hears of a rejection
    CUSTOMER = "customer"  # the owner hears that an existing customer raised a hand
    UNROUTED = "unrouted"  # admins hear of leads that match no team
    PARKED = "parked"  # admins hear of a place that Slack refuses
    NAG = "nag"  # somebody is reminded, told of a breach, or given a lead: gathered, one a person
    HOME = "home"  # somebody's App Home
    ANSWER = "answer"  # a manager rules on a dispute, or hears that it was contested
    REPORT = "report"  # the weekly digest
    DETAIL = "detail"  # a chart or table in the digest's thread
    REFUSED = "refused"  # admins hear of what was refused at the doors
    ABSENCE = "absence"  # what is to be decided because somebody is away, or is back
    AGREEMENT = "agreement"  # admins and the report's channel hear what changed in the agreement
    IMPORTED = "imported"  # whoever dropped a file into the form hears what became of it
    PROPOSAL = "proposal"  # the managers of both sides are asked to sign a change of the agreement
    ERASURE = "erasure"  # admins are asked whether somebody may be erased


class HeardKind(StrEnum):
    """What Slack tells Baton of; over HTTP each has an address of its own in the app's settings."""

    EVENTS = "events"
    CLICKS = "clicks"  # and forms, menus, shortcuts
    COMMANDS = "commands"


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


UNANSWERED = (DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
UNSETTLED = (*UNANSWERED, DeliveryState.PARKED)
"""The states of what is neither waiting for its turn nor done."""
