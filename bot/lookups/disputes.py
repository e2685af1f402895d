"""Looks up what is shown of an answer to a rejection, and the form in which it is given."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.context import Context
from bot.errors import HandoffNotFound, NotPossible, Obstacle
from bot.handoffs.dispute import may_answer
from bot.lookups.cards import lead_facts, name_of
from bot.views.modals.states import About, DisputeForm
from bot.views.states import AnswerFacts, ContestedNotice
from storage import disputes, handoffs, leads
from storage.database.sql import Record
from storage.models import Answer, HandoffState, Ruling

NO_REASON = "no reason was given"


@dataclass(frozen=True, slots=True)
class AskDispute:
    """The form of an answer, drawn for a choice once it is made."""

    handoff_id: int
    chosen: str | None = None


def dispute_form(tx: Connection, ctx: Context, asked: AskDispute) -> DisputeForm:
    """Raises HandoffNotFound, NotAllowed or NotPossible, as the answer that follows would."""
    handoff = handoffs.get(tx, asked.handoff_id)
    lead = leads.get(tx, handoff.lead_id) if handoff else None
    if handoff is None or lead is None:
        raise HandoffNotFound(asked.handoff_id)
    may_answer(ctx, handoff)
    if handoff.state != HandoffState.REJECTED:
        raise NotPossible(Obstacle.NOT_REJECTED)
    known = disputes.of_handoff(tx, handoff.id)
    if known is not None:
        raise NotPossible(Obstacle.ANSWERED, known.by, known.at)
    return DisputeForm(
        about=About(handoff.id, name_of(lead), lead.company),
        lead=lead_facts(lead),
        reason=reason_of(tx, ctx.book, handoff),
        note=handoff.note,
        by=handoff.rejected_by,
        chosen=asked.chosen,
    )


def reason_of(tx: Connection, book: AgreementBook, handoff: Record) -> str:
    """Why a handoff was rejected, in the words of the agreement that it started under."""
    return reason_called(tx, book, handoff.agreement_id, handoff.reason)


def reason_called(tx: Connection, book: AgreementBook, agreement_id: int, code: str | None) -> str:
    """The words of an agreement for a reason's code; the code itself where it has none."""
    reason = book.of(tx, agreement_id).reason(code or "")
    return reason.label if reason else code or NO_REASON


def answer_facts(tx: Connection, handoff_id: int) -> AnswerFacts | None:
    """What marketing answered to the rejection of this handoff; None where it has not."""
    row = disputes.of_handoff(tx, handoff_id)
    if row is None:
        return None
    return AnswerFacts(
        answer=Answer(row.answer),
        by=row.by,
        at=row.at,
        argument=row.argument,
        ruling=Ruling(row.ruling) if row.ruling else None,
        ruled_by=row.ruled_by,
        ruled_at=row.ruled_at,
        again=row.again_id is not None,
    )


def contested_facts(tx: Connection, book: AgreementBook, handoff_id: int) -> ContestedNotice | None:
    """Both sides of a contested rejection; None where there is nothing to rule on."""
    handoff = handoffs.get(tx, handoff_id)
    lead = leads.get(tx, handoff.lead_id) if handoff else None
    answer = answer_facts(tx, handoff_id)
    if handoff is None or lead is None or answer is None or handoff.rejected_at is None:
        return None
    return ContestedNotice(
        handoff_id=handoff.id,
        lead=lead_facts(lead),
        team=handoff.team,
        rejected_by=handoff.rejected_by,
        rejected_at=handoff.rejected_at,
        reason=reason_of(tx, book, handoff),
        note=handoff.note,
        answer=answer,
    )
