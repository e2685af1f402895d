"""Every surface that people read in Slack, built from one text: a word, or the worst that data can be.

What there is of a kind stands in one function each; `everything` has them all, with the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.agreement import Agreement, default_agreement
from bot.agreement.vocabulary import Then
from bot.errors import Obstacle
from bot.lookups.history import history_line_of
from bot.rules.prefs import NudgeBy, Prefs
from bot.rules.roles import Role
from bot.rules.signing import Side
from bot.rules.spans import Span
from bot.rules.vacancy import Vacancy
from bot.views import away, home, queue, rows, status, why
from bot.views.agreement_change import agreement_notice
from bot.views.answers import OUTSIDER
from bot.views.away import AbsenceState, AwayAnswer, AwayForm, AwayLead, BackAnswer, BackOffer, Planned
from bot.views.blocks import Block
from bot.views.board import Board, Share, Worker
from bot.views.card import card
from bot.views.details import Commitment, Details, Score, ScoreLine, details_modal, missing_modal
from bot.views.digest.details import PARTS, detail_message, reps_message
from bot.views.digest.forms import decide_modal, leads_answer
from bot.views.digest.message import Agreed, Posted, digest_answer, digest_message
from bot.views.digest.why import LeadStory, why_answer
from bot.views.erasure import ErasureFacts, erasure_card
from bot.views.history import history_line
from bot.views.home import CampaignLine, Contested, Home, Marketing, Missed, Own
from bot.views.ids import Action, AnswerChoice, FigureRef, Listed
from bot.views.imported import imported_notice
from bot.views.lead_list import lead_list
from bot.views.message import Rendered, as_posted
from bot.views.modals import add, team
from bot.views.modals import proposal as proposal_form
from bot.views.modals.away import away_leads_modal, away_modal
from bot.views.modals.dispute import contested_notice, dispute_modal
from bot.views.modals.erasure import asked_modal, forget_modal
from bot.views.modals.notice import notice_modal
from bot.views.modals.outcome import outcome_modal
from bot.views.modals.reassign import reassign_modal
from bot.views.modals.reject import reject_modal
from bot.views.modals.snooze import EXTENSION_WORDS, SNOOZE_WORDS, snooze_modal
from bot.views.modals.split import split_done_modal, split_modal
from bot.views.modals.states import (
    About,
    DisputeForm,
    OutcomeForm,
    ReassignForm,
    SnoozeForm,
    SplitForm,
    SplitPart,
    WasSplit,
)
from bot.views.modals.touch import touch_modal
from bot.views.nags import nag
from bot.views.notices import customer_notice, rejection_notice, removed_notice, unrouted_notice
from bot.views.oversight import SHORT_SHOWN, CrmTrouble, Oversight, TeamLine, WebhookTrouble
from bot.views.parked import form_notice, parked_notice, parked_words
from bot.views.plain import plainly
from bot.views.proposal import ProposalFacts, Signature, proposal_card
from bot.views.refused import RefusedCount, RefusedFacts, RefusedLine, refused_notice
from bot.views.rows import LeadRow
from bot.views.sharing import only_for_you
from bot.views.states import (
    AnswerFacts,
    Colleague,
    ContestedNotice,
    CustomerNotice,
    FormNotice,
    HistoryLine,
    NagLine,
    NagState,
    ParkedNotice,
    ReasonChoice,
    RejectForm,
    RejectionNotice,
    Settled,
    SettledAs,
    UnroutedNotice,
)
from bot.views.status import Choice, LeadStatus, Told
from bot.views.strays import Stray, StrayKind
from bot.views.text import short
from bot.views.why import Reason, Why
from storage.models import (
    AbsenceNotice,
    Answer,
    ClockKind,
    DeliveryKind,
    EventKind,
    HandoffState,
    NagKind,
    Outcome,
    ProposalState,
    RefusedCause,
    Ruling,
    Stage,
)
from tests.bot.views import samples as s
from tests.bot.views.digest.reports import nothing, week

HUGE = 2**63 - 1
MANY = 300
TODAY = date(2026, 11, 23)


def everything(text: str, agreement: Agreement) -> Iterator[Rendered | Block]:
    """All messages, answers, pages and modals, the report's included."""
    yield from ordinary_messages()
    yield from (*lead_messages(text), *reminders(text), *answer_messages(text), *dispute_messages(text))
    yield from proposal_messages(text)
    yield from erasure_messages(text)
    yield home.home_view(Home("U0NOBODY", frozenset(), agreement), s.NOW)
    yield home.closed_page(OUTSIDER)
    yield home.home_view(crowded_home(text, agreement), s.NOW)
    yield home.home_view(replace(crowded_home(text, agreement), away=None), s.NOW)
    yield from (*reject_modals(text), *answer_modals(text), *dispute_modals(text), *work_modals(text))
    yield from split_modals(text)
    yield from report_messages(text)
    yield from report_modals(text)
    yield from away_messages(text)
    yield from away_modals(text)


# ---- absence


def away_form(text: str, own: bool, untouched: int, others: int) -> AwayForm:
    """The open leads of somebody who is away; more than are shown where there are many."""
    lead = s.hostile_card(text).lead
    leads = (AwayLead(HUGE, lead, True),) * untouched + (AwayLead(HUGE, lead, False),) * others
    return AwayForm("U0REP1", own, leads, *((HUGE, HUGE) if untouched > 1 else (0, 0)))


def away_modals(text: str) -> Iterator[Block]:
    """The forms of an absence."""
    for own in (True, False):
        for untouched, others in ((0, 0), (1, 1), (50, 30)):
            yield away_leads_modal(away_form(text, own, untouched, others))
    yield away_modal()
    yield away_modal((("U0REP1", text),))


def away_messages(text: str) -> Iterator[Rendered]:
    """The answers to setting and ending an absence, and its messages."""
    offer = BackOffer(HUGE, (full_row(text),) * 20)
    planned = (Planned(HUGE, "Monday 30 November to Friday 4 December"),) * 3
    for own in (True, False):
        for untouched, others in ((0, 0), (1, 1), (50, 30)):
            form = away_form(text, own, untouched, others)
            yield away.away_answer(AwayAnswer("U0REP1", own, "until Monday", False, form))
        yield away.away_answer(AwayAnswer("U0REP1", own, "tomorrow", True, None, planned, s.NOW, ("U0REP2",)))
        yield away.back_answer(BackAnswer("U0REP1", own, True, offer=offer, planned=planned))
        yield from (away.back_answer(BackAnswer("U0REP1", own, False, cancelled=c)) for c in (True, False))
        yield away.absences_answer("U0REP1", own, "until Monday", planned)
        yield away.absences_answer("U0REP1", own, None, ())
    for what in AbsenceNotice:
        for over, row in ((False, (full_row(text),) * 20), (True, ())):
            told = AbsenceState(
                what, HUGE, "U0REP1", "U0MGR", "tomorrow", s.NOW, True, over, row, BackOffer(7, row)
            )
            yield away.absence_message(told)
    yield away.absence_gone()
    yield away.which_one("U0REP1", (("Tuesday 12 January", "2027-01-12"), ("the rest of today", "x")), text)


# ---- leads


def ordinary_messages() -> Iterator[Rendered]:
    """An ordinary lead in every state, and what is told of it."""
    for state in (s.WAITING, s.ACCEPTED, s.REJECTED, s.CLOSED, s.MERGED, s.MOVED):
        yield card(state, s.NOW)
        yield lead_list([state], s.NOW)
    yield rejection_notice(s.REJECTION)
    yield unrouted_notice(s.UNROUTED)
    yield customer_notice(CustomerNotice(s.JANE, "Raised a hand: demo request"))
    yield plainly(card(s.WAITING, s.NOW))
    agreed = default_agreement().agreement
    yield agreement_notice(
        agreed, agreed.model_copy(update={"version": "2027-Q1", "teams": agreed.teams[:1]})
    )
    yield parked_notice(s.PARKED)
    for kept in (False, True):
        yield form_notice(FormNotice(DeliveryKind.CARD, "invalid_blocks", "too long [/blocks/0]", kept=kept))
    yield as_posted(card(replace(s.WAITING, owner=None, called=("U0REP1",)), s.NOW), {}, spared={"U0REP1"})
    yield card(s.NOBODYS, s.NOW)
    yield refused_notice(s.REFUSED)
    yield imported_notice("leads.csv", ["3 rows: 2 new leads.", "Read as UTF-8."])
    yield status.status_answer(LeadStatus(s.JANE), s.NOW)


def lead_messages(text: str) -> Iterator[Rendered]:
    """Cards, lists, lines of history and notices."""
    state = s.hostile_card(text)
    yield from (card(replace(state, state=each), s.NOW) for each in HandoffState)
    yield card(replace(state, moved_to=text), s.NOW)
    yield card(replace(state, owner=None, vacancy=Vacancy(text, s.NOW), chooses=(text,) * 40), s.NOW)
    yield lead_list([s.hostile_card(text, 2**63 - n) for n in range(1, 11)], s.NOW)
    yield lead_list([replace(state, state=each) for each in HandoffState], s.NOW)
    for kind in (*EventKind, text):
        yield history_line(replace(s.hostile_line(text), kind=kind))
    for then in Then:
        yield rejection_notice(
            RejectionNotice(
                HUGE, state.lead, text, s.NOW, text, text, then, (text,) * 20, s.NOW, s.NOW, HUGE, text
            )
        )
    yield unrouted_notice(UnroutedNotice((state.lead,) * 50, 10**9))
    yield customer_notice(CustomerNotice(state.lead, text))
    yield removed_notice()
    yield unrouted_notice(UnroutedNotice((), 0))
    yield parked_notice(ParkedNotice(text, text, 10**9))
    yield refused_notice(full_refused(text))
    yield imported_notice(text, [text] * MANY)


def reject_modals(text: str) -> Iterator[Block]:
    """The modal for every kind of reason."""
    for then in Then:
        reasons = tuple(
            ReasonChoice(f"{n:060}", text, then, True, text if n % 2 else None) for n in range(120)
        )
        for teams in ((), (text,), tuple(f"{n} {text}" for n in range(120))):
            yield reject_modal(RejectForm(HUGE, text, text, reasons, f"{0:060}", teams))


def reminders(text: str) -> Iterator[Rendered]:
    """Of one lead and of many: each kind, for each clock, settled in each way, and all of it at once."""
    lines = [_nag_line(text, what, kind) for what in NagKind for kind in ClockKind]
    for how in SettledAs:
        settled = Settled(how, by=text, at=s.NOW, to=text, until=s.NOW)
        lines.append(replace(lines[0], settled=settled))
    for together in (*([line] for line in lines), lines, lines[:1] * MANY):
        numbered = tuple(replace(line, handoff_id=n) for n, line in enumerate(together))
        yield nag(NagState(numbered, mention=(text,) * 40), s.NOW)


def _nag_line(text: str, what: NagKind, kind: ClockKind) -> NagLine:
    clock = replace(s.ACCEPT, kind=kind, owner=text, breached_at=s.NOW)
    choices = ((text, text),) * 150
    return NagLine(1, s.hostile_lead(text), what, text, text, clock, excused=True, choices=choices)


# ---- answers, lists, details and Home


def full_row(text: str) -> LeadRow:
    """A row of a list in which nothing is missing."""
    return LeadRow(
        s.hostile_lead(text),
        *(HUGE, text, text, text, HandoffState.WAITING, s.ACCEPT, s.NOW, text),
        due=Action.REASSIGN_FORM,
        card_url=s.ENDLESS_URL,
    )


def full_page(text: str, what: str = "queue") -> rows.Page:
    """A page of rows in the middle of very many."""
    row = full_row(text)
    several = tuple(replace(row, lead=replace(row.lead, lead_id=HUGE - n)) for n in range(10))
    return rows.Page(several, HUGE, Listed(what=what, of=text[:300], page=5))


def full_status(text: str) -> LeadStatus:
    """A lead of whom everything is known, to a reader who may do everything."""
    return LeadStatus(
        s.hostile_lead(text),
        handoff_id=HUGE,
        team=text,
        owner=text,
        owner_why=text,
        state=HandoffState.WAITING,
        grade=text,
        priority=text,
        why=(text,) * 40,
        clock=s.ACCEPT,
        until=s.NOW,
        history=(Told(s.NOW, s.hostile_line(text)),) * 40,
        may=frozenset(Action),
        card_url="https://x.slack.com/archives/C0SALES/p1",
    )


def full_details(text: str) -> Details:
    """Everything known of a lead, and much of it."""
    return Details(
        s.hostile_lead(text),
        s.NOW,
        handoff_id=HUGE,
        team=text,
        owner=text,
        owner_why=text,
        clock=s.ACCEPT,
        score=Score(text, text, HUGE, 10**300, (ScoreLine(text, text),) * 100, text),
        advice=s.hostile_card(text).advice,
        colleagues=(Colleague(HUGE, text, text, text, Stage.SQL),) * MANY,
        commitments=(Commitment("First contact", text, s.NOW, "SLA met"),) * 100,
        history=(Told(s.NOW, s.hostile_line(text)),) * 120,
        history_total=HUGE,
        external_ids=(text,) * 50,
        may=frozenset(Action),
        card_url=s.ENDLESS_URL,
        may_advise=True,
    )


def full_oversight(text: str) -> Oversight:
    """An installation in which everything asks for a look."""
    many = ((text, HUGE),) * MANY
    return Oversight(
        *(text, text, s.NOW, (parked_words(text, text),) * MANY, HUGE, many, many, text),
        short=(s.hostile_lead(text),) * SHORT_SHOWN,
        no_address=(text,) * MANY,
        strangers=(text,) * MANY,
        webhooks=(WebhookTrouble(text, HUGE, HUGE, text, False),) * MANY,
        crm=(CrmTrouble(None, "", text), *((CrmTrouble(HUGE, text, text, HUGE),) * MANY)),
        strays=tuple(Stray(kind, text, HUGE) for kind in StrayKind),
        others=(text,) * MANY,
        teams=(TeamLine(text, "C0SALES", HUGE),) * MANY,
        erasures=(ErasureFacts(s.hostile_lead(text), "U0ADMIN", s.NOW, (Action.ERASE, Action.KEEP_PERSON)),)
        * MANY,
    )


def crowded_home(text: str, agreement: Agreement) -> Home:
    """The Home of somebody with every role, every list full."""
    row = full_row(text)
    return Home(
        user="U0REP1",
        roles=frozenset(Role),
        agreement=agreement,
        away=Span(s.NOW, s.NOW),
        prefs=Prefs(NudgeBy.THREAD, False, "20:00-08:00"),
        own=Own(
            (row,) * home.WAITING_OWN_SHOWN,
            HUGE,
            (row,) * home.OWN_SHOWN,
            HUGE,
            dict.fromkeys(home.WEEK_WORDS, HUGE),
        ),
        marketing=Marketing(
            (CampaignLine(text, HUGE, HUGE, HUGE, HUGE, HUGE),) * MANY,
            (row,) * home.OWED_SHOWN,
            HUGE,
            (row,) * home.WAITING_SHOWN,
            (Missed(text, text, HUGE, text),) * home.MISSED_SHOWN,
        ),
        boards=(
            Board(
                text,
                HUGE,
                HUGE,
                HUGE,
                (Worker(text, HUGE, 1, HUGE, away=Span(s.NOW, s.NOW), ahead=Span(s.NOW, None), bar=text),)
                * MANY,
            ),
        )
        * 6,
        late=(row,) * home.LATE_SHOWN,
        contested=(Contested(row, HUGE, text, text, text, text, text),) * home.CONTESTED_SHOWN,
        oversight=full_oversight(text),
        shares=(Share(text, text, HUGE, 1e15, HUGE),) * MANY,
        refused=full_refused(text),
    )


def full_refused(text: str) -> RefusedFacts:
    """Each cause at more doors than are shown."""
    counts = [RefusedCount(f"{n} {text}", cause, HUGE) for n in range(9) for cause in RefusedCause]
    return RefusedFacts(counts, [RefusedLine(HUGE, text, RefusedCause.FIELDS, text)] * MANY)


def answer_messages(text: str) -> Iterator[Rendered]:
    """What a command is answered with."""
    yield status.status_answer(full_status(text), s.NOW)
    yield status.status_answer(full_status(text), s.NOW, shared=True)
    others = [Reason("U0REP2", text)] * MANY
    late = history_line_of("lead.reassigned", "U0MGR", {"owner": "U0REP3", "label": text})
    lead = s.hostile_lead(text)
    yield why.why_answer(
        Why(lead, text, pool=False, at=s.NOW, chosen="U0REP1", because=text, others=others, since=late)
    )
    yield why.why_answer(Why(lead, text, pool=False, at=s.NOW, because=text, about="U0REP4"))
    yield why.why_answer(Why(lead, text, pool=True, older=True))
    yield why.never_handed_off(lead)
    yield status.status_answer(LeadStatus(s.hostile_lead(text), unrouted=True), s.NOW)
    yield status.company_answer(text, full_page(text, "company"), s.NOW, reader="U0REP1")
    choices, named = [Choice(text, text[:500] or "x", HUGE)] * 10, full_page(text).rows
    yield status.choice_answer(text, choices, named, now=s.NOW, alike=True)
    yield status.nothing_answer(text, [text[:300] or "x"] * 5, text)
    yield only_for_you(status.nothing_answer(text), Obstacle.OUTSIDERS_READ)
    yield status.history_page(s.hostile_lead(text), [Told(s.NOW, s.hostile_line(text))] * 10, full_page(text))
    yield queue.mine_answer(full_page(text, "mine"), s.NOW, reader="U0REP1")
    yield queue.rep_answer(text, full_page(text, "rep"), s.NOW)
    yield queue.rep_answer(text, rows.Page((), 0, Listed(what="rep", of="U0REP1")), s.NOW)
    unrouted = (s.hostile_lead(text),) * 50
    full = queue.Queue(full_page(text), (text,) * 50, unrouted=unrouted, unrouted_total=HUGE, admins=(text,))
    full = replace(full, gone=(text,) * MANY)
    yield queue.queue_answer(full, s.NOW, reader="U0REP1")
    nobody = queue.Queue(rows.Page((), 0, Listed(what="queue")), (), admins=(text,) * 20)
    yield queue.queue_answer(nobody, s.NOW, reader="U0REP1")


def answer_modals(text: str) -> Iterator[Block]:
    """Details, the forms that are about no handoff, and what takes the place of a form."""
    yield details_modal(full_details(text), s.NOW)
    yield missing_modal(HUGE)
    filled = dict.fromkeys(("email", "first_name", "last_name", "company", "title", "phone", "notes"), text)
    yield add.add_modal([f"{n} {text}" for n in range(MANY)], {**filled, "campaign": f"3 {text}"})
    yield add.add_modal((), filled, tuple(add.Who))
    yield team.team_modal(
        team.TeamForm(text[:100], "C0SALES", (("U0REP1", HUGE), ("U0REP2", None)) * MANY, "0")
    )
    choices = tuple(proposal_form.Choice(f"value:{n}", text, f"{text} {n}") for n in range(MANY))
    yield proposal_form.proposal_modal(
        proposal_form.ProposalForm(1, choices, (text,) * MANY, text, "Europe/Berlin", 1)
    )
    yield proposal_form.proposed_modal((short(text, 80),) * MANY)
    yield team.saved_modal(text, (short(text, 80),) * MANY, ("U0REP1",))
    yield add.done_modal("Add a lead", add.added_words(add.Added(HUGE, text, False, text, text, team=text)))
    for second in (True, False):
        yield forget_modal(second=second)
    yield from (asked_modal(HUGE, admins) for admins in ((), (text,) * MANY))
    yield notice_modal("Nothing was changed.")


# ---- work on a lead


def dispute_messages(text: str) -> Iterator[Rendered]:
    """A rejection with every answer, decided in every way."""
    lead = s.hostile_lead(text)
    for answer in Answer:
        for ruling in (None, *Ruling):
            facts = AnswerFacts(answer, text, s.NOW, text, ruling, text, s.NOW, again=True)
            yield rejection_notice(replace(s.REJECTION, lead=lead, reason=text, note=text, answer=facts))
            yield contested_notice(ContestedNotice(2**63 - 1, lead, text, text, s.NOW, text, text, facts))
    yield rejection_notice(replace(s.REJECTION, lead=lead, taken_back_by=text))


def proposal_messages(text: str) -> Iterator[Rendered]:
    """A proposed change of the agreement in every state."""
    may = (Action.AGREE, Action.COUNTER, Action.DECLINE)
    waits = (Signature(Side.MARKETING, text, ()), Signature(Side.SALES, None, (text,) * MANY))
    for state in ProposalState:
        for trouble in (None, text):
            says = (short(text, 80),) * MANY
            facts = ProposalFacts(
                HUGE, state, text, text, says, text, s.NOW, waits, text, s.NOW, trouble, trouble, may
            )
            yield proposal_card(facts)
            yield proposal_card(replace(facts, says=says[:1], live_at=None, ended_by=None, ended_at=None))


def erasure_messages(text: str) -> Iterator[Rendered]:
    """A request to erase somebody: open to its reader, and ended in both ways."""
    for may in ((Action.ERASE, Action.KEEP_PERSON), ()):
        for by in (text, None):
            yield erasure_card(ErasureFacts(s.hostile_lead(text), text, s.NOW, may, by))


def dispute_modals(text: str) -> Iterator[Block]:
    """The form in which marketing answers, for each answer."""
    about = About(2**63 - 1, text, text)
    for chosen in (None, *AnswerChoice):
        yield dispute_modal(DisputeForm(about, s.hostile_lead(text), text, text, text, chosen))


def work_modals(text: str) -> Iterator[Block]:
    """The forms of a rep and a manager."""
    about = About(2**63 - 1, text, text)
    reasons = tuple(ReasonChoice(f"{n:060}", text, Then.NURTURE, True) for n in range(120))
    yield touch_modal(about)
    for chosen in (None, *Outcome):
        yield outcome_modal(
            OutcomeForm(about, tuple(Outcome), reasons, TODAY, chosen, f"{0:060}", HUGE, text, TODAY)
        )
    yield snooze_modal(SnoozeForm(about, tuple(SNOOZE_WORDS), tuple(EXTENSION_WORDS)))
    yield snooze_modal(SnoozeForm(about, extensions=tuple(EXTENSION_WORDS)))
    for teams, reps in ((101, 2), (2, 101)):
        team = text, tuple((f"U{n:09}", text) for n in range(reps))
        yield reassign_modal(ReassignForm(about, (team,) * teams))
    yield reassign_modal(ReassignForm(about, ()))
    yield reassign_modal(ReassignForm(about, ((text, (("U0REP1", text),)),), "U0REP1", (text, text)))


def split_modals(text: str) -> Iterator[Block]:
    """What goes where when a lead is split, and what became of it."""
    part = SplitPart(text, (text,) * 30, text, text, (text,) * 30, HUGE)
    yield split_modal(SplitForm(HUGE, HUGE, part, part, (text,) * 20, with_sales=True, revives=HUGE))
    yield split_modal(SplitForm(1, 2, SplitPart(text), SplitPart(text)))
    yield split_done_modal(WasSplit(HUGE, text, HUGE, text, text))


# ---- the report

AGREED = Agreed("Raise the line", "U0MGR", date(2026, 11, 30), "U0CMO")
POSTED = Posted(7, {"k0": AGREED})
REF = FigureRef(asked="2026-W47", key="k0", report=7)


def report_messages(text: str) -> Iterator[Rendered]:
    """The report posted, asked for and shared, its thread, and the leads behind a figure."""
    for report in (week(text), nothing()):
        yield digest_message(report, POSTED)
        yield digest_answer(report, "2026-W47")
        yield digest_answer(report, "2026-W47", shared=True)
        yield from (found for part in PARTS if (found := detail_message(report, part, plain=False)))
    yield reps_message(week(text))
    yield leads_answer(text, HUGE, (s.hostile_lead(text),) * MANY)
    told = (Told(s.NOW, HistoryLine(EventKind.REJECTED, text, reason=text, note=text)),) * MANY
    yield why_answer(text, HUGE, (LeadStory(s.hostile_lead(text), told, older=True),) * MANY, text)


def report_modals(text: str) -> Iterator[Block]:
    """The form for a decision, first and again."""
    yield from (decide_modal(REF, text, agreed) for agreed in (None, AGREED))
