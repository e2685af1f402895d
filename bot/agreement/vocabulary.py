"""The words of the agreement: every enum whose values people write into the file.

What may stand together is checked in bot/agreement/checks.py; which words and handlers each member must have
is in tests/test_vocabularies.py.
"""

from __future__ import annotations

from enum import StrEnum


class Then(StrEnum):
    """Where a reason sends a lead that sales turns down."""

    FIX = "fix"  # back to marketing, whose clock to answer starts
    NURTURE = "nurture"  # until its date
    REROUTE = "reroute"  # the same handoff, another team
    OWNER = "owner"  # the same handoff, whoever owns the account
    MERGE = "merge"  # into the lead that it turned out to be
    CLOSE = "close"  # for good


class Verb(StrEnum):
    """What a rung of a ladder does."""

    NUDGE = "nudge"  # remind whoever should act
    NOTIFY_MANAGER = "notify_manager"
    NOTIFY_CHANNEL = "notify_channel"  # the team's
    REASSIGN = "reassign"  # to somebody else in the team
    POOL = "pool"  # anyone in the team may claim it
    MARKETING = "marketing"  # back to marketing, to nurture


class ReasonKind(StrEnum):
    """Whether a reason is given before contact or after it."""

    REJECT = "reject"
    DISQUALIFY = "disqualify"


class NoteRule(StrEnum):
    """Whether a reason needs a note."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class TurnRule(StrEnum):
    """Whether whoever had a rejected lead by rotation gets another in its place."""

    BACK = "back"
    KEEP = "keep"


class WhenAway(StrEnum):
    """Who gets the next lead of a company whose owner could not act in time."""

    NEXT = "next"  # whoever is next
    WAIT = "wait"  # the owner still


class Assign(StrEnum):
    """How a team's leads find their owner."""

    POOL = "pool"  # the first to accept
    ROTATE = "rotate"  # Baton picks


class ClockTime(StrEnum):
    """The time that clocks run in."""

    BUSINESS = "business"
    WALL = "wall"


class Journey(StrEnum):
    """How far a buyer has come by themselves, for what to send them."""

    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    DECISION = "decision"


class Preset(StrEnum):
    """The tools whose bodies an intake source knows by itself; `plain` is any other."""

    HUBSPOT_WORKFLOW = "hubspot_workflow"
    HUBSPOT_WEBHOOK = "hubspot_webhook"
    SALESFORCE_FLOW = "salesforce_flow"
    SALESFORCE_OUTBOUND = "salesforce_outbound"
    MARKETO_WEBHOOK = "marketo_webhook"
    PIPEDRIVE = "pipedrive"
    TYPEFORM = "typeform"
    CALENDLY = "calendly"
    SEGMENT = "segment"
    WEBFLOW = "webflow"
    JOTFORM = "jotform"
    UNBOUNCE = "unbounce"
    META_LEADGEN = "meta_leadgen"
    LINKEDIN_LEADGEN = "linkedin_leadgen"
    GOOGLE_ADS_LEAD_FORM = "google_ads_lead_form"
    ZAPIER = "zapier"
    PLAIN = "plain"


class CrmKind(StrEnum):
    """The CRMs that Baton works with."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"


class CrmSays(StrEnum):
    """What Baton says of a lead in the fields of a CRM."""

    OWNER = "owner"
    LEAD_STATUS = "lead_status"
    REJECTION_REASON = "rejection_reason"
    NOTE = "note"
    FIRST_TOUCH = "first_touch"
    OUTCOME = "outcome"
    AMOUNT = "amount"
    NEXT_STEP = "next_step"


class Proof(StrEnum):
    """How a request shows that it comes from whom it says."""

    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    QUERY = "query"
    BODY = "body"
    HMAC_SHA256 = "hmac_sha256"  # in hexadecimal
    HMAC_SHA256_BASE64 = "hmac_sha256_base64"
    HMAC_SHA1 = "hmac_sha1"  # in hexadecimal
    HUBSPOT_V3 = "hubspot_v3"
    CALENDLY = "calendly"
    LINKEDIN = "linkedin"
    WEBFLOW = "webflow"
