"""Looks up what is shown of an answer to a rejection, and the form in which it is given."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.lookups.cards import lead_facts, who_decided
from bot.views.states import AnswerFacts, ContestedNotice
from storage import disputes, handoffs
from storage.models import Handoff

NO_REASON = "no reason was given"


def reason_of(tx: Connection, book: AgreementBook, handoff: Handoff) -> str:
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
        answer=row.answer,
        by=row.by,
        at=row.at,
        argument=row.argument,
        ruling=row.ruling,
        ruled_by=row.ruled_by,
        ruled_at=row.ruled_at,
        again=row.again_id is not None,
    )


def contested_facts(tx: Connection, book: AgreementBook, handoff_id: int) -> ContestedNotice | None:
    """Both sides of a contested rejection; None where there is nothing to rule on."""
    found, answer = handoffs.with_lead(tx, handoff_id), answer_facts(tx, handoff_id)
    if found is None or answer is None:
        return None
    handoff, lead = found
    if handoff.rejected_at is None:
        return None
    return ContestedNotice(
        handoff_id=handoff.id,
        lead=lead_facts(lead),
        team=handoff.team,
        rejected_by=who_decided(handoff.rejected_by),
        rejected_at=handoff.rejected_at,
        reason=reason_of(tx, book, handoff),
        note=handoff.note,
        answer=answer,
    )
