"""What a delivery says, made from the live state at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.vocabulary import Then
from bot.lookups.away import absence_state
from bot.lookups.cards import card_state, lead_facts
from bot.lookups.digest import show_detail, show_report
from bot.lookups.disputes import answer_facts, contested_facts
from bot.lookups.erasure import erasure_facts
from bot.lookups.history import history_line_of
from bot.lookups.home import home_page
from bot.lookups.names import ready_to_post
from bot.lookups.proposals import proposal_facts
from bot.lookups.refused import refused_facts
from bot.lookups.reminders import nag_state
from bot.lookups.seals import sealed
from bot.rules.presence import away_at
from bot.views.agreement_change import agreement_notice
from bot.views.away import absence_gone, absence_message
from bot.views.card import card
from bot.views.erasure import erasure_card
from bot.views.history import history_line
from bot.views.imported import imported_notice
from bot.views.lead_list import lead_list
from bot.views.message import Rendered, people_called
from bot.views.modals.dispute import contested_notice
from bot.views.nags import nag
from bot.views.notices import customer_notice, rejection_notice, removed_notice, unrouted_notice
from bot.views.parked import form_notice, parked_notice
from bot.views.proposal import proposal_card
from bot.views.refused import refused_notice
from bot.views.states import (
    CardState,
    CustomerNotice,
    FormNotice,
    ParkedNotice,
    RejectionNotice,
    UnroutedNotice,
)
from storage import clocks, handoffs, history, leads
from storage.database.sql import known
from storage.models import (
    AbsenceNotice,
    ClockKind,
    Delivery,
    DeliveryKind,
    DeliveryOp,
    HandoffState,
    member_of,
)
from storage.outbox import posts
from storage.outbox.bodies import (
    AbsenceBody,
    AgreementBody,
    CustomerBody,
    DetailBody,
    ErasureBody,
    HistoryBody,
    ImportedBody,
    ParkedBody,
    ProposalBody,
    RefusedBody,
    RejectionBody,
    ReportBody,
    body_of,
)

UNROUTED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Sending:
    """One delivery at the moment it goes."""

    tx: Connection
    book: AgreementBook
    delivery: Delivery
    now: datetime

    @property
    def posted(self) -> Delivery:
        """The delivery that the message belongs to: the one that a rewrite is for, else this one."""
        if self.delivery.op != DeliveryOp.UPDATE:
            return self.delivery
        return posts.require(self.tx, known(self.delivery.target_id))


def render(tx: Connection, book: AgreementBook, delivery: Delivery, now: datetime) -> Rendered | None:
    """The message as it should read now; None if there is nothing left to show."""
    sending = _Sending(tx, book, delivery, now)
    if _is_about_somebody_removed(sending):
        return None if delivery.op == DeliveryOp.POST else removed_notice()
    message = RENDERERS[delivery.kind](sending)
    if message is None:
        return None
    message = sealed(tx, message)
    if delivery.kind is DeliveryKind.HOME:  # which rings nobody
        return message
    return ready_to_post(tx, message, spared=_spared(sending, message))


def _spared(sending: _Sending, message: Rendered) -> frozenset[str]:
    """Who is not rung though the message calls them: who did what it comes from, and who is away."""
    called = people_called(message)
    if not called:
        return called
    lead_id = sending.delivery.lead_id
    actor = history.actor_of(sending.tx, lead_id, sending.delivery.trace) if lead_id is not None else None
    return called & {actor, *away_at(sending.tx, called, sending.now)}


def _is_about_somebody_removed(sending: _Sending) -> bool:
    """Whether the message is about one lead, and that was erased."""
    posted = sending.posted
    lead_id = posted.lead_id
    if lead_id is None and posted.handoff_id is not None:
        found = handoffs.get(sending.tx, posted.handoff_id)
        lead_id = found.lead_id if found is not None else None
    lead = leads.get(sending.tx, lead_id) if lead_id is not None else None
    return lead is not None and lead.forgotten_at is not None


def _card(sending: _Sending) -> Rendered | None:
    state = card_state(
        sending.tx,
        sending.book,
        known(sending.delivery.handoff_id),
        card_id=sending.posted.id,
        now=sending.now,
    )
    if state is None or (sending.delivery.op == DeliveryOp.POST and not _worth_posting(state)):
        return None
    return card(state, sending.now)


def _worth_posting(state: CardState) -> bool:
    return state.moved_to is None and state.state in (HandoffState.WAITING, HandoffState.ACCEPTED)


def _list(sending: _Sending) -> Rendered | None:
    members = posts.members(sending.tx, sending.posted.id)
    found = (card_state(sending.tx, sending.book, known(row.handoff_id), card_id=row.id) for row in members)
    rows = [state for state in found if state is not None]
    if sending.delivery.op == DeliveryOp.POST and not any(_worth_posting(row) for row in rows):
        return None
    return lead_list(rows, sending.now) if rows else None


def _history(sending: _Sending) -> Rendered | None:
    body = body_of(sending.posted, HistoryBody)
    taken_back = body.get("taken_back")
    if taken_back and sending.delivery.op == DeliveryOp.POST:
        return None
    lead_id = sending.delivery.lead_id
    lead = leads.get(sending.tx, lead_id) if lead_id is not None else None
    thread_id = sending.posted.thread_id
    alone = thread_id is None or posts.require(sending.tx, thread_id).kind == DeliveryKind.LIST
    line = history_line_of(body["event"], body["actor"], body["detail"])
    shown = replace(
        line,
        about=lead_facts(lead).name if alone and lead is not None else None,
        taken_back_by=taken_back["by"] if taken_back else None,
    )
    return history_line(shown)


def _rejection(sending: _Sending) -> Rendered | None:
    body = body_of(sending.posted, RejectionBody)
    found = handoffs.with_lead(sending.tx, known(sending.delivery.handoff_id))
    taken_back = body.get("taken_back")
    if found is None or (taken_back and sending.delivery.op == DeliveryOp.POST):
        return None
    handoff, lead = found
    campaign = sending.book.current.campaign(handoff.campaign)
    answer = clocks.running_of_kind(sending.tx, handoff.id, ClockKind.ANSWER)
    return rejection_notice(
        RejectionNotice(
            handoff_id=handoff.id,
            lead=lead_facts(lead),
            by=body["by"],
            at=datetime.fromisoformat(body["at"]),
            reason=body["label"],
            note=body["note"],
            then=Then(body["then"]),
            mention=(campaign.owner,) if campaign and campaign.owner else (),
            answer_due_at=answer.due_at if answer else None,
            until=_moment(body.get("until")),
            merged_into=body.get("merged_into"),
            moved_to=body.get("team"),
            given_to=body.get("owner"),
            taken_back_by=taken_back["by"] if taken_back else None,
            answer=answer_facts(sending.tx, handoff.id),
        )
    )


def _contested(sending: _Sending) -> Rendered | None:
    notice = contested_facts(sending.tx, sending.book, known(sending.delivery.handoff_id))
    return contested_notice(notice) if notice is not None else None


def _customer(sending: _Sending) -> Rendered | None:
    lead = leads.get(sending.tx, known(sending.delivery.lead_id))
    if lead is None:
        return None
    return customer_notice(CustomerNotice(lead_facts(lead), body_of(sending.posted, CustomerBody)["why"]))


def _unrouted(sending: _Sending) -> Rendered | None:
    total = leads.count_unrouted(sending.tx)
    if total == 0 and sending.delivery.op == DeliveryOp.POST:
        return None
    shown = tuple(lead_facts(lead) for lead in leads.unrouted(sending.tx, limit=UNROUTED_SHOWN))
    return unrouted_notice(UnroutedNotice(shown, total))


def _refused(sending: _Sending) -> Rendered | None:
    since = datetime.fromisoformat(body_of(sending.posted, RefusedBody)["since"])
    facts = refused_facts(sending.tx, since)
    return refused_notice(facts) if facts.total else None


def _parked(sending: _Sending) -> Rendered | None:
    body = body_of(sending.posted, ParkedBody)
    what = member_of(DeliveryKind, body.get("what"))
    if what is not None:
        form = FormNotice(what, body["error"], body.get("says", ""), kept=body.get("kept", False))
        return form_notice(form)
    waiting = posts.waiting_for(sending.tx, body["place"])
    return parked_notice(ParkedNotice(body["place"], body["error"], waiting))


def _agreement(sending: _Sending) -> Rendered | None:
    body = body_of(sending.posted, AgreementBody)
    before, after = sending.book.read(sending.tx, body["before"]), sending.book.of(sending.tx, body["after"])
    return agreement_notice(before, after, body.get("by", ()))


def _proposal(sending: _Sending) -> Rendered | None:
    number, reader = body_of(sending.posted, ProposalBody)["proposal"], sending.posted.place
    facts = proposal_facts(sending.tx, sending.book, number, reader, sending.now)
    return proposal_card(facts) if facts is not None else None


def _erasure(sending: _Sending) -> Rendered | None:
    posted = sending.posted
    body = body_of(posted, ErasureBody)
    facts = erasure_facts(sending.tx, known(posted.lead_id), body, posted.place, sending.now)
    return erasure_card(facts) if facts is not None else None


def _imported(sending: _Sending) -> Rendered | None:
    body = body_of(sending.posted, ImportedBody)
    return imported_notice(body["file"], body["lines"])


def _nag(sending: _Sending) -> Rendered | None:
    posting = sending.delivery.op == DeliveryOp.POST
    state = nag_state(sending.tx, sending.book, sending.posted, sending.now, posting=posting)
    return nag(state, sending.now) if state is not None else None


def _absence(sending: _Sending) -> Rendered | None:
    body = body_of(sending.posted, AbsenceBody)
    what = AbsenceNotice(body["what"])
    state = absence_state(sending.tx, sending.book, body["absence"], what, sending.now)
    if state is None:  # it was cancelled, or became part of another
        return absence_gone() if sending.delivery.op == DeliveryOp.UPDATE else None
    return absence_message(state)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _report(sending: _Sending) -> Rendered | None:
    return show_report(sending.tx, body_of(sending.posted, ReportBody))


def _detail(sending: _Sending) -> Rendered | None:
    return show_detail(sending.tx, body_of(sending.posted, DetailBody))


def _home(sending: _Sending) -> Rendered | None:
    return home_page(sending.tx, sending.book, sending.delivery.place, sending.now)


RENDERERS: Mapping[DeliveryKind, Callable[[_Sending], Rendered | None]] = {
    DeliveryKind.CARD: _card,
    DeliveryKind.LIST: _list,
    DeliveryKind.HISTORY: _history,
    DeliveryKind.REJECTION: _rejection,
    DeliveryKind.ANSWER: _contested,
    DeliveryKind.CUSTOMER: _customer,
    DeliveryKind.UNROUTED: _unrouted,
    DeliveryKind.IMPORTED: _imported,
    DeliveryKind.PARKED: _parked,
    DeliveryKind.REFUSED: _refused,
    DeliveryKind.AGREEMENT: _agreement,
    DeliveryKind.PROPOSAL: _proposal,
    DeliveryKind.ERASURE: _erasure,
    DeliveryKind.HOME: _home,
    DeliveryKind.NAG: _nag,
    DeliveryKind.REPORT: _report,
    DeliveryKind.DETAIL: _detail,
    DeliveryKind.ABSENCE: _absence,
}
