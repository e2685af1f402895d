"""One sample of each view that people work with, for `check` to have Slack itself look at: a made-up lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.agreement import Agreement
from bot.agreement.vocabulary import Then
from bot.digest.report import About as ReportAbout
from bot.digest.report import Dated, DigestReport, Reason, Reminders, Week
from bot.metrics import Rate
from bot.rules.roles import Role
from bot.views.agreement_change import agreement_notice
from bot.views.away import AwayAnswer, away_answer
from bot.views.blocks import Block
from bot.views.card import card
from bot.views.details import Details, details_modal, missing_modal
from bot.views.digest.charts import reasons, trend
from bot.views.digest.forms import decide_modal
from bot.views.digest.message import Posted, digest_message
from bot.views.erasure import ErasureFacts, erasure_card
from bot.views.history import history_line
from bot.views.home import Home, home_view
from bot.views.ids import Action, FigureRef
from bot.views.lead_list import lead_list
from bot.views.message import Page, Rendered, rendered
from bot.views.modals.add import add_modal
from bot.views.modals.away import away_modal
from bot.views.modals.dispute import contested_notice, dispute_modal
from bot.views.modals.erasure import forget_modal
from bot.views.modals.notice import notice_modal
from bot.views.modals.outcome import outcome_modal
from bot.views.modals.proposal import Choice, ProposalForm, proposal_modal
from bot.views.modals.reassign import reassign_modal
from bot.views.modals.reject import reject_modal
from bot.views.modals.snooze import SNOOZE_WORDS, snooze_modal
from bot.views.modals.split import split_modal
from bot.views.modals.states import (
    About,
    DisputeForm,
    OutcomeForm,
    ReassignForm,
    SnoozeForm,
    SplitForm,
    SplitPart,
)
from bot.views.modals.team import TeamForm, team_modal
from bot.views.modals.touch import touch_modal
from bot.views.nags import nag
from bot.views.notices import customer_notice, rejection_notice, unrouted_notice
from bot.views.parked import parked_notice
from bot.views.refused import RefusedCount, RefusedFacts, RefusedLine, refused_notice
from bot.views.states import (
    AnswerFacts,
    CardState,
    ContestedNotice,
    CustomerNotice,
    Decision,
    HistoryLine,
    LeadFacts,
    NagLine,
    NagState,
    ParkedNotice,
    ReasonChoice,
    RejectForm,
    RejectionNotice,
    RunningClock,
    UnroutedNotice,
)
from storage.models import Answer, ClockKind, EventKind, HandoffState, NagKind, Outcome, RefusedCause, Stage

SAMPLE_AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""Any moment does: Slack judges the form alone."""
_LEAD = LeadFacts(
    lead_id=1,
    name="Jane Doe",
    stage=Stage.MQL,
    email="jane@acme.example",
    phone="+1 555 0100",
    title="VP Engineering",
    company="ACME",
    employees=450,
    crm_url="https://crm.example/1",
)
_ABOUT = About(1, "Jane Doe", "ACME")


def sample_messages(agreement: Agreement, now: datetime = SAMPLE_AT) -> Iterator[tuple[str, Rendered]]:
    """Each kind of message by its name."""
    user = agreement.teams[0].reps[0].user
    due = RunningClock(ClockKind.ACCEPT, owner=None, due_at=now + timedelta(minutes=5))
    waiting = CardState(
        handoff_id=1,
        lead=_LEAD,
        state=HandoffState.WAITING,
        team=agreement.teams[0].name,
        grade="A1",
        priority="P1",
        why=("Asked for a demo",),
        handed_at=now,
        clock=due,
    )
    decided = replace(waiting, state=HandoffState.ACCEPTED, owner=user, decision=Decision(by=user, at=now))
    rejection = RejectionNotice(
        handoff_id=1,
        lead=_LEAD,
        by=user,
        at=now,
        reason="Bad data",
        note="Bounces",
        then=Then.FIX,
        mention=(user,),
    )
    yield "card", card(waiting, now)
    yield "accepted card", card(decided, now)
    yield "list", lead_list([waiting], now)
    yield "history", history_line(HistoryLine(EventKind.ACCEPTED, user))
    yield "rejection", rejection_notice(rejection)
    yield "unrouted", unrouted_notice(UnroutedNotice((_LEAD,), 1))
    yield "customer", customer_notice(CustomerNotice(_LEAD, "Asked for a demo"))
    yield "parked", parked_notice(ParkedNotice(agreement.teams[0].channel, "not_in_channel", 1))
    yield "agreement", agreement_notice(agreement, agreement)
    yield "erasure", erasure_card(ErasureFacts(_LEAD, user, now, (Action.ERASE, Action.KEEP_PERSON)))
    line = NagLine(1, _LEAD, NagKind.NUDGE, agreement.teams[0].name, "P1", due, choices=((user, "Sam"),))
    yield "reminder", nag(NagState((line, replace(line, handoff_id=2))), now)
    answer = AnswerFacts(Answer.CONTESTED, user, now, "They asked for a demo")
    team = agreement.teams[0].name
    contested = ContestedNotice(1, _LEAD, team, user, now, "Too small", "12 people", answer)
    yield "contested", contested_notice(contested)
    yield "absence", away_answer(AwayAnswer(user, True, "until Monday", False, None))
    refused = RefusedCount("POST /leads", RefusedCause.FIELDS, 2)
    latest = RefusedLine(1, refused.door, refused.cause, "No e-mail")
    yield "refused", refused_notice(RefusedFacts([refused], [latest]))
    report = _report(agreement, now)
    yield "report", digest_message(report, Posted(1, {}))
    charts = [*reasons(report, plain=False), *trend(report, plain=False)]
    yield "charts", rendered("Charts of the report", charts)


def _report(agreement: Agreement, now: datetime) -> DigestReport:
    """A report from before there were data, with what its charts need."""
    since = now - timedelta(days=7)
    about = ReportAbout(
        "week", "2026-W47", "Week 47", agreement.timezone, since, now, now, now, agreement.version
    )
    weeks = tuple(Week(f"2026-W{n}", Rate("s", 9, 12), Rate("m", 10, 12)) for n in range(40, 48))
    return DigestReport(
        about=about,
        opening="No leads were handed off yet.",
        decided=(),
        lines=(),
        reasons=(Reason("no_budget", "No budget", Rate("r", 3, 5), None, None, False),),
        campaigns=(),
        campaigns_left_out=0,
        costs_since=since.date(),
        dated=Dated(0, 0, 0, 0),
        velocity=(),
        causes=(),
        overturned=(),
        reminders=Reminders((), 0, 0),
        merged=0,
        trend=weeks,
        agenda=(),
        goals=(),
        goals_words=None,
    )


def sample_views(agreement: Agreement, now: datetime = SAMPLE_AT) -> Iterator[tuple[str, Block]]:
    """Each modal, and Home, by its name."""
    user, today = agreement.teams[0].reps[0].user, now.date()
    choices = tuple(ReasonChoice(each.code, each.label, each.then, False) for each in agreement.reasons)
    teams = tuple(team.name for team in agreement.teams)
    reps = ((agreement.teams[0].name, ((user, "Sam"),)),)
    yield "reject", reject_modal(RejectForm(1, "Jane Doe", "ACME", choices, teams=teams))
    yield "touch", touch_modal(_ABOUT)
    yield "outcome", outcome_modal(OutcomeForm(_ABOUT, tuple(Outcome), choices, today))
    yield "snooze", snooze_modal(SnoozeForm(_ABOUT, tuple(SNOOZE_WORDS)))
    yield "reassign", reassign_modal(ReassignForm(_ABOUT, reps))
    yield "split", split_modal(SplitForm(1, 1, SplitPart("Jane Doe"), SplitPart("Joe Roe")))
    yield "dispute", dispute_modal(DisputeForm(_ABOUT, _LEAD, "Bad data", "Bounces", user))
    yield "add", add_modal(tuple(campaign.name for campaign in agreement.campaigns), {})
    yield "away", away_modal()
    yield "missing", missing_modal(1)
    yield "forget", forget_modal(second=True)
    team = agreement.teams[0]
    yield "team", team_modal(TeamForm(team.name, team.channel, ((user, 20),), "0"))
    offered = (Choice("value:sla.P1.accept", "SLA", "SLA P1 accept"),)
    yield "proposal", proposal_modal(ProposalForm(1, offered, teams, teams[0], agreement.timezone))
    yield (
        "decide",
        decide_modal(FigureRef(asked="2026-W47", key="quality", report=1), "Lead quality fell", None),
    )
    yield "details", details_modal(Details(_LEAD, now, handoff_id=1, may=frozenset(Action)), now)
    yield "notice", notice_modal("Nothing was changed.")
    page: Page = home_view(Home(user, frozenset({Role.REP}), agreement), now)
    yield "home", {"type": "home", "blocks": page.blocks}
