"""Accepting and rejecting: who may, who was first, where each reason sends the lead, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.agreement import default_agreement, loaded
from bot.errors import AlreadyDecided, HandoffNotFound, InvalidInput, NotAllowed
from bot.handoffs import Accept, Reject, accept, reject
from storage.database import Database
from storage.models import HandoffState, Stage
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, ROBIN, SASHA, Ledger


@pytest.mark.parametrize("who", [RILEY, ROBIN, MANAGER, ADMIN])
def test_a_lead_of_the_pool_is_whoses_who_accepts_it(ledger: Ledger, who: str) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.passes(timedelta(minutes=2))
    assert not ledger.does(who, accept, Accept(handoff_id)).again
    handoff = ledger.handoff(handoff_id)
    assert (handoff.state, handoff.owner, handoff.accepted_by) == ("accepted", who, who)
    assert (handoff.accepted_at, ledger.lead_of(handoff_id).stage) == (ledger.now, Stage.SAL)
    met = ledger.clock(handoff_id, "accept")
    assert (met.met_at, met.met_by) == (ledger.now, who)
    assert set(ledger.running(handoff_id)) == {"first_touch"}


@pytest.mark.parametrize("who", [SASHA, MARKETER, "U0STRANGER"])
def test_nobody_else_decides_and_is_told_who_can(ledger: Ledger, who: str) -> None:
    handoff_id = ledger.handoff_comes()
    for use_case, command in ((accept, Accept(handoff_id)), (reject, Reject(handoff_id, "junk"))):
        with pytest.raises(NotAllowed) as refused:
            ledger.does(who, use_case, command)  # type: ignore[arg-type]  # each goes with its own command
        assert set(refused.value.who_can) >= {RILEY, ROBIN, MANAGER}
    assert ledger.handoff(handoff_id).state == HandoffState.WAITING


def test_the_second_is_told_who_was_first_and_when(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    first_at = ledger.now
    ledger.passes(timedelta(seconds=3))
    with pytest.raises(AlreadyDecided) as late:
        ledger.does(ROBIN, accept, Accept(handoff_id))
    assert (late.value.state, late.value.by, late.value.at) == (HandoffState.ACCEPTED, RILEY, first_at)
    with pytest.raises(AlreadyDecided):
        ledger.does(ROBIN, reject, Reject(handoff_id, "junk"))


@pytest.mark.parametrize("reason", ["junk", "duplicate"])
def test_the_same_click_of_the_same_person_is_no_error_and_changes_nothing(
    ledger: Ledger, reason: str
) -> None:
    other = ledger.handoff_comes(external_id="other", email="other@acme.example")
    handoff_id = ledger.handoff_comes()
    command = Reject(handoff_id, reason, merge_into=f"#{ledger.handoff(other).lead_id}")
    ledger.does(RILEY, reject, command)
    before = len(ledger.events(handoff_id))
    assert ledger.does(RILEY, reject, command).again
    assert len(ledger.events(handoff_id)) == before
    ledger.does(RILEY, accept, Accept(other))
    assert ledger.does(RILEY, accept, Accept(other)).again


def test_a_handoff_that_never_was_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(HandoffNotFound):
        ledger.does(RILEY, accept, Accept(404))


@pytest.mark.parametrize(
    ("reason", "state", "stage", "running"),
    [
        ("bad_contact", "rejected", Stage.INQUIRY, {"answer"}),
        ("low_intent", "rejected", Stage.RECYCLED, set()),
        ("junk", "rejected", Stage.DISQUALIFIED, set()),
        ("duplicate", "merged", Stage.DISQUALIFIED, set()),
        ("wrong_territory", "waiting", Stage.MQL, {"accept"}),
    ],
)
def test_a_reason_says_where_the_lead_goes(
    ledger: Ledger, reason: str, state: str, stage: Stage, running: set[str]
) -> None:
    other = ledger.tells(external_id="other", email="other@acme.example")
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, reason, note="Seen", merge_into=f"#{other.id}"))
    handoff, lead = ledger.handoff(handoff_id), ledger.lead_of(handoff_id)
    assert (handoff.state, lead.stage) == (state, stage)
    assert set(ledger.running(handoff_id)) == running
    assert (lead.recycled_until is not None) == (stage == Stage.RECYCLED)
    assert lead.merged_into == (other.id if state == "merged" else None)
    assert handoff.team == ("Growth" if state == "waiting" else "Enterprise")
    assert [told.place for told in ledger.messages("rejection")] == ["C0MKTG"]


def test_a_lead_that_is_sent_on_has_a_full_clock_and_a_card_there(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    before = ledger.clock(handoff_id, "accept")
    ledger.passes(timedelta(minutes=4))
    ledger.does(RILEY, reject, Reject(handoff_id, "wrong_territory"))
    after = ledger.clock(handoff_id, "accept")
    assert (after.started_at, after.due_at - before.due_at) == (ledger.now, timedelta(minutes=4))
    assert [card.place for card in ledger.messages("card")] == ["C0SALES", "C0GROWTH"]
    owner = ledger.handoff(handoff_id).owner
    assert owner in ("U0REP3", "U0REP4")
    assert ledger.lead_of(handoff_id).owner == owner


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (Reject(1, "no_such_reason"), "reason"),
        (Reject(1, "no_budget"), "reason"),  # for after contact
        (Reject(1, "other"), "note"),
        (Reject(1, "other", note="  "), "note"),
        (Reject(1, "duplicate"), "merge_into"),
        (Reject(1, "duplicate", merge_into="#77"), "merge_into"),
        (Reject(1, "duplicate", merge_into="#1"), "merge_into"),
        (Reject(1, "wrong_territory", team="Nowhere"), "team"),
    ],
)
def test_what_is_missing_or_wrong_stands_at_its_field(ledger: Ledger, command: Reject, field: str) -> None:
    assert ledger.handoff_comes() == 1
    with pytest.raises(InvalidInput) as faulty:
        ledger.does(RILEY, reject, command)
    assert set(faulty.value.faults) == {field}
    assert ledger.handoff(1).state == HandoffState.WAITING


CHANNEL = 'channel = "C0MKTG"'


@pytest.mark.parametrize(
    ("campaign", "told"),
    [("fair", ["U0CMO"]), ("unheard-of", [ADMIN, MARKETER]), (None, [ADMIN, MARKETER])],
)
def test_without_a_channel_the_campaigns_owner_hears_else_every_marketer(
    database: Database, campaign: str | None, told: list[str]
) -> None:
    text = default_agreement().text
    assert CHANNEL in text
    text = text.replace(CHANNEL, "").replace('marketing = ["U0MARA"]', 'marketing = ["U0MARA", "U0ADMIN"]')
    text += '\n[[campaigns]]\nname = "fair"\nowner = "U0CMO"\n'
    ledger = Ledger(database, agreement=loaded(text))
    handoff_id = ledger.handoff_comes(campaign=campaign)
    ledger.does(RILEY, reject, Reject(handoff_id, "junk"))
    assert [message.place for message in ledger.messages("rejection")] == told


def test_a_handoff_goes_by_the_agreement_it_started_under(ledger: Ledger, database: Database) -> None:
    handoff_id = ledger.handoff_comes()
    text = default_agreement().text.replace('code = "junk"', 'code = "rubbish"')
    later = Ledger(database, agreement=loaded(text.replace('"2026-Q4"', '"2027-Q1"')))
    assert later.book.current_id != ledger.book.current_id
    old = database.read_now(later.book.of, later.handoff(handoff_id).agreement_id)
    assert (old.version, later.book.current.version) == ("2026-Q4", "2027-Q1")
    with pytest.raises(InvalidInput):
        later.does(RILEY, reject, Reject(handoff_id, "rubbish"))
    later.does(RILEY, reject, Reject(handoff_id, "junk"))
    assert later.handoff(handoff_id).reason == "junk"
