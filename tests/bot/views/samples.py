"""Leads, cards and forms for the tests of the views: an ordinary morning, and the worst that data can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.agreement.vocabulary import Then
from bot.rules.vacancy import Vacancy
from bot.views.refused import RefusedCount, RefusedFacts, RefusedLine
from bot.views.states import (
    Advice,
    CardState,
    Colleague,
    Decision,
    HistoryLine,
    LastAsked,
    LeadFacts,
    ParkedNotice,
    ReasonChoice,
    RejectForm,
    RejectionNotice,
    RunningClock,
    UnroutedNotice,
)
from storage.models import ClockKind, EventKind, HandoffState, RefusedCause, Stage, TouchKind

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
RILEY, SAM, MARA = "U0RILEY", "U0SAM", "U0MARA"

JANE = LeadFacts(
    lead_id=12,
    name="Jane Doe",
    stage=Stage.MQL,
    email="jane@acme.example",
    phone="+1 (555) 010-99",
    title="VP Engineering",
    company="ACME",
    employees=450,
    industry="Software",
    country="Germany",
    region="Berlin",
    source="Webinar",
    campaign="q4-webinar",
    amount_minor=5_000_000,
    currency="USD",
    crm_url="https://crm.example/leads/12?a=1&b=2",
    notes="Asked about\nsingle sign-on",
)
ACCEPT = RunningClock(
    ClockKind.ACCEPT,
    owner=None,
    due_at=NOW + timedelta(minutes=5),
    amber_at=NOW + timedelta(minutes=3, seconds=45),
)
WAITING = CardState(
    handoff_id=7,
    lead=JANE,
    state=HandoffState.WAITING,
    team="Enterprise",
    grade="A1",
    priority="P1",
    why=("Asked for a demo", "Senior title", "200+ employees"),
    handed_at=NOW,
    asked=LastAsked("demo_request", NOW - timedelta(minutes=2), "We need this by March"),
    clock=ACCEPT,
    advice=Advice(
        persona="Engineering leader",
        value="Ship faster with fewer incidents",
        journey="consideration",
        content=(("Case study: 40% fewer incidents", "https://example.com/case"),),
    ),
    colleagues=(
        Colleague(3, "Bob Ray", "CTO", SAM, Stage.SQL),
        Colleague(4, "Ann Lee", None, None, Stage.MQL),
    ),
    earlier=("March 2026: rejected by Sam — bad timing",),
)
NOBODYS = replace(
    WAITING,
    vacancy=Vacancy("Nobody can take it: 2 away, 1 at capacity", NOW + timedelta(days=3)),
    chooses=("U0MGR",),
)
ACCEPTED = replace(
    WAITING,
    lead=replace(JANE, stage=Stage.SAL),
    state=HandoffState.ACCEPTED,
    owner=RILEY,
    clock=RunningClock(ClockKind.FIRST_TOUCH, owner=RILEY, due_at=NOW + timedelta(minutes=15)),
    decision=Decision(by=RILEY, at=NOW + timedelta(minutes=2)),
)
REJECTED = replace(
    WAITING,
    state=HandoffState.REJECTED,
    clock=RunningClock(ClockKind.ANSWER, owner=None, due_at=NOW + timedelta(days=5)),
    decision=Decision(
        by=RILEY, at=NOW, reason="Bad or missing contact data", note="Mail bounces.\nNo phone.", then=Then.FIX
    ),
)
CLOSED = replace(
    WAITING,
    lead=replace(JANE, stage=Stage.WON),
    state=HandoffState.CLOSED,
    clock=None,
    decision=Decision(by=RILEY, at=NOW),
)
MERGED = replace(
    WAITING,
    state=HandoffState.MERGED,
    clock=None,
    decision=Decision(by=RILEY, at=NOW, reason="Duplicate", then=Then.MERGE, merged_into=3),
)
MOVED = replace(WAITING, moved_to="Mid-market")

REASONS = (
    ReasonChoice("bad_contact", "Bad or missing contact data", Then.FIX, False, "Clerical"),
    ReasonChoice("duplicate", "Duplicate of another lead", Then.MERGE, False, "Procedural"),
    ReasonChoice("territory", "Wrong territory", Then.REROUTE, False, "Procedural"),
    ReasonChoice("timing", "Bad timing", Then.NURTURE, False, "Definitional", NOW + timedelta(days=90)),
    ReasonChoice("other", "Other", Then.CLOSE, True),
)
FORM = RejectForm(7, "Jane Doe", "ACME", REASONS, teams=("Mid-market", "Public sector"))
REJECTION = RejectionNotice(
    handoff_id=7,
    lead=JANE,
    by=RILEY,
    at=NOW,
    reason="Bad or missing contact data",
    note="Mail bounces.",
    then=Then.FIX,
    mention=(MARA,),
    answer_due_at=NOW + timedelta(days=5),
)
UNROUTED = UnroutedNotice(leads=(JANE,), total=3)
PARKED = ParkedNotice("C0SALES", "not_in_channel", 3)
REFUSED = RefusedFacts(
    (RefusedCount("fair-form", RefusedCause.FIELDS, 8), RefusedCount("import", RefusedCause.IDENTITY, 1)),
    (
        RefusedLine(
            12, "fair-form", RefusedCause.FIELDS, "email: is missing; send one, or a phone or a name"
        ),
        RefusedLine(11, "import", RefusedCause.IDENTITY, "id 7 is Ann Lee's, but the record names Carl Roe"),
    ),
)
ACCEPTED_LINE = HistoryLine(EventKind.ACCEPTED, RILEY)

_EVIL = "<!channel>& <@U0RILEY> *b* ~s~ `c` | \n\n\u202e\u0000عربي 👩\u200d🚀 <https://evil.example|x> "
HORROR = (_EVIL * 100)[:5000]
AMPERSANDS = "&" * 5000
EMOJI = "👩\u200d🚀" * 1700
UNBROKEN = "x" * 5000
ENDLESS_URL = "https://evil.example/" + "&<|>é " * 900
FAMILY = "👨🏽\u200d👩🏽\u200d👧🏽\u200d👦🏽🇩🇪🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
ARABIC = "\u0634\u0631\u0643\u0629 \u0627\u0644\u0646\u0648\u0631 "
HOSTILE = {
    "horror": HORROR,
    "ampersands": AMPERSANDS,
    "emoji": EMOJI,
    "unbroken": UNBROKEN,
    "blank": " \n\u202e ",
    "letters": FAMILY * 70 + ARABIC * 60 + "a" + "\u0310" * 4000,
}


def hostile_lead(text: str) -> LeadFacts:
    """A lead of which every field holds this text."""
    return LeadFacts(
        lead_id=2**63 - 1,
        name=text,
        stage=Stage.MQL,
        email=text,
        phone=text,
        title=text,
        company=text,
        employees=2**63 - 1,
        industry=text,
        country=text,
        region=text,
        source=text,
        campaign=text,
        amount_minor=2**63 - 1,
        currency=text,
        crm_url=ENDLESS_URL,
        notes=text,
    )


def hostile_line(text: str) -> HistoryLine:
    """A line of history of which every text is this one."""
    return HistoryLine(
        kind=text,
        actor=text,
        about=text,
        reason=text,
        note=text,
        team=text,
        owner=text,
        other_lead=2**63 - 1,
        until=NOW,
        touch=TouchKind.CALL,
        amount_minor=2**63 - 1,
        currency=text,
    )


def hostile_card(text: str, handoff_id: int = 2**63 - 1) -> CardState:
    """A waiting card of which every text is this one, and every list is long."""
    return CardState(
        handoff_id=handoff_id,
        lead=hostile_lead(text),
        state=HandoffState.WAITING,
        team=text,
        grade=text,
        priority=text,
        why=(text,) * 40,
        handed_at=NOW,
        asked=LastAsked(text, NOW, text),
        raised=text,
        owner=text,
        owner_why=text,
        clock=replace(ACCEPT, owner=text, breached_at=NOW),
        decision=Decision(by=text, at=NOW, reason=text, note=text, then=Then.FIX),
        advice=Advice(text, text, text, ((text, ENDLESS_URL), (text, text), ("", "https://a.example")) * 9),
        colleagues=(Colleague(1, text, text, text, Stage.RECYCLED),) * 40,
        earlier=(text,) * 40,
        touched_at=NOW,
        touched_by=text,
    )
