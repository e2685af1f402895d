from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.agreement.vocabulary import Then
from bot.views.card import card
from bot.views.history import history_line
from bot.views.lead_list import lead_list
from bot.views.message import Rendered
from bot.views.modals.reject import reject_modal
from bot.views.notices import rejection_notice, unrouted_notice
from bot.views.parked import parked_notice
from bot.views.refused import refused_notice
from bot.views.states import CardState, HistoryLine, RejectForm
from storage.models import EventKind, TouchKind
from tests.bot.views import samples as s
from tests.bot.views.reading import outline, view_outline

ROTATED = replace(s.WAITING, owner=s.RILEY, owner_why="Rotation: Berlin shift, 7 of 20 open")
BARE = replace(
    s.WAITING,
    lead=replace(s.JANE, email=None, phone=None, title=None, company=None, crm_url=None, notes=None),
    advice=None,
    colleagues=(),
    earlier=(),
    why=(),
    clock=None,
)

CARDS: dict[str, CardState] = {
    "waiting": s.WAITING,
    "nobody can take it": s.NOBODYS,
    "waiting, assigned": ROTATED,
    "waiting, little known": BARE,
    "accepted": s.ACCEPTED,
    "accepted, contacted": replace(
        s.ACCEPTED, clock=None, touched_at=s.NOW + timedelta(minutes=9), touched_by=s.RILEY
    ),
    "rejected": s.REJECTED,
    "closed": s.CLOSED,
    "merged": s.MERGED,
    "moved to another team": s.MOVED,
}
LINES = {
    "accepted": s.ACCEPTED_LINE,
    "rejected": HistoryLine(EventKind.REJECTED, s.RILEY, reason="Bad timing", note="Asked\nfor June."),
    "rerouted": HistoryLine(EventKind.REROUTED, s.RILEY, team="Mid-market", reason="Wrong territory"),
    "merged": HistoryLine(EventKind.MERGED, s.RILEY, other_lead=3, reason="Duplicate"),
    "reassigned": HistoryLine(EventKind.REASSIGNED, "baton", owner=s.SAM, reason="nobody accepted in time"),
    "touched": HistoryLine(EventKind.TOUCHED, s.RILEY, touch=TouchKind.CALL, note="Left a message"),
    "outcome": HistoryLine(EventKind.OPPORTUNITY, "crm", amount_minor=5_000_000, currency="USD"),
    "of a list": HistoryLine(EventKind.ACCEPTED, s.RILEY, about="Jane Doe, ACME"),
    "unknown": HistoryLine("lead.looked_at", "api:website"),
}
NOTICES: dict[str, Rendered] = {
    "to be put right": rejection_notice(s.REJECTION),
    "to nurture": rejection_notice(
        replace(
            s.REJECTION,
            reason="Bad timing",
            then=Then.NURTURE,
            until=s.NOW + timedelta(days=90),
            answer_due_at=None,
        )
    ),
    "closed": rejection_notice(replace(s.REJECTION, reason="Student", note=None, then=Then.CLOSE)),
    "merged": rejection_notice(replace(s.REJECTION, reason="Duplicate", then=Then.MERGE, merged_into=3)),
    "rerouted": rejection_notice(
        replace(s.REJECTION, reason="Wrong territory", then=Then.REROUTE, moved_to="Mid-market", mention=())
    ),
    "unrouted": unrouted_notice(s.UNROUTED),
    "parked": parked_notice(s.PARKED),
    "refused": refused_notice(s.REFUSED),
}
FORMS: dict[str, RejectForm] = {
    "nothing chosen": s.FORM,
    "bad_contact": replace(s.FORM, chosen="bad_contact"),
    "which team": replace(s.FORM, chosen="territory"),
    "the only other team": replace(s.FORM, chosen="territory", teams=("Mid-market",)),
    "no other team": replace(s.FORM, chosen="territory", teams=()),
    "which lead": replace(s.FORM, chosen="duplicate"),
    "a note is required": replace(s.FORM, chosen="other"),
    "no groups": replace(s.FORM, reasons=tuple(replace(reason, group=None) for reason in s.REASONS)),
}


@pytest.mark.parametrize("name", CARDS)
def test_the_card_reads_as_agreed(name: str, snapshot: SnapshotAssertion) -> None:
    assert outline(card(CARDS[name], s.NOW)) == snapshot


@pytest.mark.parametrize("minutes", [4, 6])
def test_the_card_changes_its_tone_as_time_runs_out(minutes: int, snapshot: SnapshotAssertion) -> None:
    later = s.NOW + timedelta(minutes=minutes)
    assert outline(card(replace(s.WAITING, advice=None, colleagues=(), earlier=()), later)) == snapshot


def test_the_list_reads_as_agreed(snapshot: SnapshotAssertion) -> None:
    decided = [replace(state, handoff_id=20 + n) for n, state in enumerate((s.ACCEPTED, s.REJECTED, s.MOVED))]
    waiting = [replace(ROTATED, handoff_id=30, priority="P2"), replace(BARE, handoff_id=31, priority="P3")]
    assert outline(lead_list([*waiting, *decided], s.NOW)) == snapshot


def test_a_list_that_is_done_says_so(snapshot: SnapshotAssertion) -> None:
    assert outline(lead_list([s.ACCEPTED, s.MERGED], s.NOW)) == snapshot


@pytest.mark.parametrize("name", FORMS)
def test_the_rejection_asks_what_its_reason_needs(name: str, snapshot: SnapshotAssertion) -> None:
    assert view_outline(reject_modal(FORMS[name])) == snapshot


@pytest.mark.parametrize("name", NOTICES)
def test_notices_say_what_happened_and_what_to_do(name: str, snapshot: SnapshotAssertion) -> None:
    assert outline(NOTICES[name]) == snapshot


@pytest.mark.parametrize("name", LINES)
def test_history_is_one_short_line(name: str, snapshot: SnapshotAssertion) -> None:
    assert outline(history_line(LINES[name])) == snapshot
