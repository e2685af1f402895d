"""Every action_id, callback_id and block_id that Baton puts into Slack, and the value behind its buttons."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.views.text import clip

BLOCK_ID_LIMIT = 255
"""Slack's, in UTF-16 units."""
Number = Annotated[int, Field(ge=0, lt=2**63)]
"""An id of a row: what is more fits into no database."""


class Action(StrEnum):
    """The action_id of a button, menu or input."""

    ACCEPT = "lead_accept"
    REJECT = "lead_reject"
    TOUCH = "lead_touch"
    OUTCOME = "lead_outcome"
    REASSIGN = "lead_reassign"  # a menu of the team's reps; its option's value is the rep's id
    REASSIGN_FORM = "lead_reassign_form"  # asks to whom, in a form
    TAKE = "lead_take"
    MORE_TIME = "lead_more_time"
    MORE = "lead_more"  # the menu at the end of a card
    DISPUTE = "lead_dispute"
    UPHOLD = "dispute_uphold"
    OVERTURN = "dispute_overturn"
    UNDO = "lead_undo"
    OPEN_CRM = "lead_crm"  # a link: Slack reports the click, and nothing follows
    REASON = "reason"
    NOTE = "note"
    TEAM = "team"
    MERGE_INTO = "merge_into"
    CONTACT = "touch"  # what kind of contact it was
    RESULT = "outcome"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DEAL_ON = "deal_on"
    UNTIL = "until"
    LENGTH = "length"
    OWNER = "owner"
    ANSWER = "answer"
    ARGUMENT = "argument"
    DETAILS = "lead_details"  # opens the modal with everything; the value is the lead's id
    STATUS = "lead_status"  # one of several that somebody may have meant; the value is what to look for
    PAGE_BACK = "page_back"
    PAGE_ON = "page_on"
    ADD = "lead_add"
    AWAY = "go_away"
    BACK = "come_back"  # the value is who is back; without one, whoever clicks
    AWAY_READING = "away_reading"  # what an ambiguous time meant; the value is an AwayText
    AWAY_LEADS = "away_leads"  # opens the modal with somebody's open leads; the value is who is away
    CANCEL_ABSENCE = "cancel_absence"  # the value is its id
    RECLAIM = "lead_reclaim"
    RECLAIM_ALL = "lead_reclaim_all"  # the value is the absence's id
    REP = "rep"
    NUDGES = "pref_nudges"
    DIGEST = "pref_digest"
    QUIET = "pref_quiet"
    HELPED = "content_helped"
    MISSING = "content_missing"
    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    JOB = "title"
    PHONE = "phone"
    COMPANY = "company"
    EMPLOYEES = "employees"
    INDUSTRY = "industry"
    COUNTRY = "country"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    NOTES = "notes"
    QUALIFIED = "qualified"
    FILE = "file"
    DECIDE = "digest_decide"
    SHOW_LEADS = "digest_leads"
    SHOW_FIGURE = "digest_figure"  # a menu of figures; its option's value is the key
    SHARE = "digest_share"
    WHAT = "what"
    WHO = "who"
    TEAM_FORM = "team_edit"  # opens the form about a team of the agreement; the value is its name
    TEAM_MENU = "team_menu"  # the same form for a team that has no button; the option's value is its name
    CHANNEL = "channel"
    CAPACITY = "capacity"
    REMOVE = "remove"
    CHANGE = "change"  # what of the agreement is to change
    VALUE = "value"
    LIVE_AT = "live_at"
    PROPOSE = "alignment_propose"  # opens the form for what the report advises; the value is an Advised
    AGREE = "proposal_agree"  # the value of these three is the proposal's id
    COUNTER = "proposal_counter"
    DECLINE = "proposal_decline"
    FORGET = "person_forget"  # opens the form
    PERSON = "person"
    ERASE = "erasure_agree"  # the value of these two is the lead's id
    KEEP_PERSON = "erasure_decline"


class Callback(StrEnum):
    """The callback_id of a modal."""

    REJECT = "lead_reject"
    TOUCH = "lead_touch"
    OUTCOME = "lead_outcome"
    SNOOZE = "lead_snooze"  # and more time
    REASSIGN = "lead_reassign"
    SPLIT = "lead_split"
    DISPUTE = "lead_dispute"
    ADD = "lead_add"
    AWAY = "go_away"
    AWAY_LEADS = "lead_away"
    MISSING = "content_missing"
    DECIDE = "digest_decide"
    TEAM = "team_edit"
    PROPOSE = "alignment_propose"
    FORGET = "person_forget"


class Step(StrEnum):
    """What Workflow Builder knows Baton's steps by."""

    HAND_OFF = "hand_off_lead"


class Shortcut(StrEnum):
    """The callback_id of a shortcut."""

    ADD = "lead_add"
    ADD_FROM_MESSAGE = "lead_add_from_message"


class More(StrEnum):
    """What the menu of a card offers; an option's value is one of these, a colon and the handoff's id."""

    SNOOZE = "snooze"
    REASSIGN = "reassign"
    DETAILS = "details"
    UNDO = "undo"
    OPEN_CRM = "crm"  # a link

    def of(self, handoff_id: int) -> str:
        """The value of this choice for a handoff."""
        return f"{self.value}:{handoff_id}"


class AnswerChoice(StrEnum):
    """What the form offers in which marketing answers a rejection."""

    AGREE = "agree"
    RESUBMIT = "resubmit"
    CONTEST = "contest"


class ListKind(StrEnum):
    """The lists that somebody leafs through."""

    QUEUE = "queue"
    MINE = "mine"
    COMPANY = "company"
    DOMAIN = "domain"
    HISTORY = "history"
    REP = "rep"


class LeadWord(StrEnum):
    """What may follow `/lead`."""

    STATUS = "status"
    MINE = "mine"
    QUEUE = "queue"
    HISTORY = "history"
    WHY = "why"
    ADD = "add"
    SPLIT = "split"
    AWAY = "away"
    BACK = "back"
    HELP = "help"


class Command(StrEnum):
    """The slash commands."""

    LEAD = "/lead"
    ALIGNMENT = "/alignment"


class RejectContext(BaseModel):
    """The private_metadata of the rejection modal. In a modal, block_id and action_id are the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handoff_id: Number
    chosen: str | None = None  # the reason's code that the modal was last drawn for


class Listed(BaseModel):
    """A page of a list: the value of the buttons that leaf through it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: ListKind
    of: str = ""  # the company's key, the domain, the lead's id
    page: Number = 0


class FormContext(BaseModel):
    """The private_metadata of a modal about a handoff; `chosen` is what it was last drawn for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handoff_id: Number
    chosen: str | None = None


class TeamContext(BaseModel):
    """The private_metadata of the form about a team, and the hash of the agreement that it showed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    team: str
    made_for: str


class ProposalContext(BaseModel):
    """The private_metadata of the form for a proposal: the agreement that it showed, and what it counters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreement_id: Number
    counters: Number | None = None


class Advised(BaseModel):
    """A change that a report advises: a key of the agreement, and its new value as one writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    value: str


class SplitContext(BaseModel):
    """The private_metadata of the modal that splits a lead; `seen` is the newest line of its history then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lead_id: Number
    seen: Number


class AwayText(BaseModel):
    """A time away as it was meant: whose, and written so that it means only this."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str
    text: str


class AwayContext(BaseModel):
    """The private_metadata of the modal with the open leads of somebody who is away.

    `shown` are those that nobody has contacted, by their handoffs' ids.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str
    shown: tuple[int, ...] = ()


class FigureRef(BaseModel):
    """The value of a button beneath a figure of the alignment report.

    `asked` names the period and to what it is narrowed, as `/alignment` takes it; `key` is the figure's.
    `report` is the report's id where it was posted: only there something can be decided.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    asked: str
    key: str = ""
    report: Number | None = None


ABOUT_A_HANDOFF = frozenset(
    {
        *(Action.ACCEPT, Action.REJECT, Action.TOUCH, Action.OUTCOME, Action.REASSIGN_FORM, Action.TAKE),
        *(Action.MORE_TIME, Action.DISPUTE, Action.UPHOLD, Action.OVERTURN, Action.UNDO, Action.RECLAIM),
        Action.MISSING,
    }
)
"""The buttons whose value is a handoff's id; in a message or on Home a dot and its token follow."""
SEAL = "."


def list_row(handoff_id: int) -> str:
    """The block_id of a lead's buttons in a list message."""
    return f"lead:{handoff_id}"


class RowRef(BaseModel):
    """The block_id of a row in a list that somebody leafs through, so that a click there keeps the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: Number
    listed: Listed


def figures_of(asked: str) -> str:
    """The block_id of the menu of a report's figures; `asked` as in FigureRef."""
    return clip(f"figures:{asked}", BLOCK_ID_LIMIT)


METADATA_EVENT = "baton"
