"""Records as they come to real databases, one after the other, and what follows from them: a nightly sync, a
hand raised in the middle of the work, a customer who asks again, people who share an id or a mailbox."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.handoffs import Accept, Reject, Taken, accept, note_activity, reject, take_in
from bot.handoffs.identity import NotTaken
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.taken import Door
from bot.handoffs.touch import Touch, touch
from bot.leadform import ActivityForm
from bot.leadform.csvfile import open_csv
from bot.leadform.filerows import FileReader, read_row
from bot.lookups.api_lead import lead_details
from bot.lookups.cards import card_state
from bot.lookups.status import Status, status_of
from storage.models import Outcome, Stage, TouchKind
from tests.bot.ledger import RILEY, SASHA, TONI, Ledger

RECORDS = Path(__file__).parent.parent / "data" / "records"
OF_A_POOL: dict[str, Any] = {"title": "Analyst", "employees": 450}  # fits B, in the pool
OF_GROWTH: dict[str, Any] = {"title": "CTO", "employees": 60}  # fits B, by rotation


def at(ledger: Ledger, **ago: float) -> str:
    return (ledger.now - timedelta(**ago)).isoformat()


def did(kind: str, when: str) -> dict[str, Any]:
    return {"type": kind, "at": when}


def a_p3(ledger: Ledger, **fields: Any) -> int:
    """Somebody who came to a webinar, handed to sales as P3."""
    webinar = did("webinar", at(ledger, hours=1))
    taken = ledger.takes_in(**{**OF_A_POOL, **fields}, activities=[webinar])
    assert (taken.priority, taken.handed_off) == ("P3", True)
    assert taken.handoff_id is not None
    return taken.handoff_id


def asks_for_a_demo(ledger: Ledger, **more: Any) -> Taken:
    return ledger.tells(external_id="hs-1", **more, activities=[did("demo_request", ledger.now.isoformat())])


def by_file(ledger: Ledger, name: str, system: str) -> list[Taken | NotTaken]:
    taken: list[Taken | NotTaken] = []
    reader = FileReader(open_csv(RECORDS / name))
    reader.survey()
    for row in reader:
        form = read_row(reader, row, ledger.now)
        try:
            taken.append(ledger.does("import", take_in, form, Door(system, past=True)))
        except NotTaken as bad:
            taken.append(bad)
    return taken


def ids(taken: list[Taken | NotTaken]) -> set[int]:
    return {each.id for each in taken if isinstance(each, Taken)}


# ---- A nightly sync


@pytest.fixture
def nightly() -> list[dict[str, Any]]:
    """The same lead on two nights: only the day of its last change differs."""
    found: list[dict[str, Any]] = json.loads((RECORDS / "nightly_sync.json").read_text())
    return found


def rejected(ledger: Ledger, record: dict[str, Any]) -> int:
    handoff_id = ledger.tells(**record).handoff_id
    assert handoff_id is not None
    ledger.passes(timedelta(minutes=2))
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    ledger.passes(timedelta(hours=10))
    return handoff_id


def test_a_sync_that_says_only_when_it_ran_changes_nothing_of_a_rejected_lead(
    ledger: Ledger, nightly: list[dict[str, Any]]
) -> None:
    handoff_id = rejected(ledger, nightly[0])
    kinds = ledger.kinds(handoff_id)
    for record in (nightly[1], nightly[0], nightly[1], {**nightly[1], "qualified": True}):
        taken = ledger.tells(**record)
        assert (taken.handed_off, taken.handoff_id, taken.stage) == (False, None, Stage.INQUIRY)
    assert set(ledger.running(handoff_id)) == {"answer"}
    assert ledger.kinds(handoff_id) == kinds


def test_another_phone_number_comes_back_and_meets_the_clock(
    ledger: Ledger, nightly: list[dict[str, Any]]
) -> None:
    handoff_id = rejected(ledger, nightly[0])
    taken = ledger.tells(**nightly[1], phone="+1 212 555 0101")
    assert taken.handed_off
    assert ledger.clock(handoff_id, "answer").met_at == ledger.now
    assert ledger.handoff(taken.handoff_id or 0).why[0] == "Phone corrected after the rejection"


def test_a_number_written_otherwise_is_no_other_number(ledger: Ledger, nightly: list[dict[str, Any]]) -> None:
    handoff_id = rejected(ledger, {**nightly[0], "phone": "+1 212 555 0101"})
    assert not ledger.tells(**nightly[1], phone="+12125550101").handed_off
    assert set(ledger.running(handoff_id)) == {"answer"}


def test_a_hand_raised_after_the_rejection_comes_back_and_nobody_has_answered(
    ledger: Ledger, nightly: list[dict[str, Any]]
) -> None:
    handoff_id = rejected(ledger, nightly[0])
    before = did("pricing_request", at(ledger, hours=11))
    assert not ledger.tells(**{**nightly[1], "activities": [before]}).handed_off
    taken = ledger.tells(**{**nightly[1], "activities": [did("contact_sales", at(ledger, hours=1))]})
    assert taken.handed_off
    clock = ledger.clock(handoff_id, "answer")
    assert (clock.met_at, clock.stopped_at) == (None, ledger.now)


# ---- A hand raised while sales has it


def test_a_waiting_lead_that_asks_for_a_demo_is_urgent_everywhere_at_once(ledger: Ledger) -> None:
    handoff_id = a_p3(ledger)
    due_before = ledger.clock(handoff_id, "accept").due_at
    ledger.passes(timedelta(minutes=10))
    told_before = len(ledger.messages("nag"))
    taken = asks_for_a_demo(ledger)
    assert (taken.priority, taken.handed_off, taken.handoff_id) == ("P1", False, handoff_id)
    assert ledger.kinds(handoff_id).count("lead.raised") == 1
    clock = ledger.running(handoff_id)["accept"]
    assert clock.due_at == ledger.now + timedelta(minutes=5) < due_before
    card = ledger.database.read_now(card_state, ledger.book, handoff_id)
    details = ledger.database.read_now(lead_details, f"{taken.id}")
    status = ledger.does(RILEY, status_of, Status(f"#{taken.id}"))
    assert card is not None
    assert (card.priority, details.priority, ledger.lead_of(handoff_id).priority) == ("P1", "P1", "P1")
    assert "P1" in json.dumps(status.blocks)
    assert "P3" not in json.dumps(status.blocks[:2])
    assert len(ledger.messages("nag")) == told_before + 1
    again = asks_for_a_demo(ledger)
    assert (again.priority, len(ledger.messages("nag"))) == ("P1", told_before + 1)
    assert ledger.kinds(handoff_id).count("lead.raised") == 1


def test_the_owner_of_an_accepted_lead_hears_of_a_raised_hand_and_has_less_time(ledger: Ledger) -> None:
    handoff_id = a_p3(ledger, **OF_GROWTH)
    owner = ledger.handoff(handoff_id).owner
    assert owner in (SASHA, TONI)
    ledger.does(owner, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=10))
    asks_for_a_demo(ledger)
    clock = ledger.running(handoff_id)["first_touch"]
    assert (clock.due_at, clock.owner) == (ledger.now + timedelta(minutes=15), owner)
    assert ledger.kinds(handoff_id).count("lead.raised") == 1
    assert [message.place for message in ledger.messages("nag")][-1:] == [owner]


def test_what_heats_up_after_the_first_contact_leaves_the_clocks_alone(ledger: Ledger) -> None:
    handoff_id = a_p3(ledger, **OF_GROWTH)
    owner = ledger.handoff(handoff_id).owner or ""
    ledger.does(owner, accept, Accept(handoff_id))
    ledger.does(owner, touch, Touch(handoff_id, TouchKind.CALL))
    before = ledger.running(handoff_id)
    ledger.passes(timedelta(minutes=10))
    assert asks_for_a_demo(ledger).priority == "P1"
    assert ledger.running(handoff_id) == before


def test_a_demo_request_of_years_ago_is_not_urgent(ledger: Ledger) -> None:
    taken = ledger.takes_in(**OF_A_POOL, activities=[did("demo_request", "2023-05-01T10:00:00Z")])
    assert (taken.priority, taken.handed_off) == ("P3", False)


# ---- After the end


def worked(ledger: Ledger, outcome: Outcome, **entered: str) -> int:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    if outcome is Outcome.LOST:
        deal = Entered(amount="1000", currency="USD", deal_on="2026-12-24")
        ledger.does(RILEY, set_outcome, SetOutcome(handoff_id, Outcome.OPPORTUNITY, deal))
    ledger.does(RILEY, set_outcome, SetOutcome(handoff_id, outcome, Entered(**entered)))
    ledger.passes(timedelta(days=1))
    return handoff_id


@pytest.mark.parametrize(
    ("outcome", "entered", "stage", "after"),
    [
        (Outcome.LOST, {}, Stage.LOST, "after the deal was lost"),
        (
            Outcome.DISQUALIFIED,
            {"reason": "other_after_contact", "note": "Nothing in it"},
            Stage.DISQUALIFIED,
            "after it was disqualified",
        ),
    ],
)
def test_a_closed_lead_that_raises_a_hand_goes_to_whoever_had_it(
    ledger: Ledger, outcome: Outcome, entered: dict[str, str], stage: Stage, after: str
) -> None:
    handoff_id = worked(ledger, outcome, **entered)
    assert ledger.lead_of(handoff_id).stage == stage
    assert not ledger.tells(external_id="hs-1", title="CIO", qualified=True).handed_off
    taken = asks_for_a_demo(ledger)
    assert (taken.handed_off, taken.stage) == (True, Stage.MQL)
    card = ledger.database.read_now(card_state, ledger.book, taken.handoff_id or 0)
    assert card is not None
    assert card.owner == RILEY
    assert card.why[0].startswith("Raised a hand: demo request")
    assert after in card.why[0]
    assert len(card.earlier) == 1


def test_the_owner_of_a_customer_is_told_and_nothing_is_handed_off(ledger: Ledger) -> None:
    handoff_id = worked(ledger, Outcome.WON, amount="1000", currency="USD")
    taken = asks_for_a_demo(ledger)
    assert (taken.handed_off, taken.handoff_id, taken.stage) == (False, None, Stage.WON)
    assert [message.place for message in ledger.messages("customer")] == [RILEY]
    asks_for_a_demo(ledger)
    assert len(ledger.messages("customer")) == 1
    assert "customer_raised" in ledger.kinds(handoff_id)[-1]


# ---- What happened, and what a tool says of the past


def test_the_last_activity_of_an_export_is_no_contact_of_the_rep(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.passes(timedelta(minutes=5))
    ledger.tells(
        external_id="hs-1", **{"Last Activity": "Email", "Last Activity Date": ledger.now.isoformat()}
    )
    ledger.tells(external_id="hs-1", **{"Last Activity": "Email"})
    assert set(ledger.running(handoff_id)) == {"first_touch"}
    assert ledger.handoff(handoff_id).touched_at is None


def test_an_activity_without_a_moment_counts_once(ledger: Ledger) -> None:
    record = {
        "external_id": "hs-1",
        "email": "jane@acme.example",
        **OF_GROWTH,
        "activities": [{"type": "webinar"}],
    }
    first = ledger.tells(**record)
    assert first.handed_off
    for _ in range(3):
        ledger.passes(timedelta(days=3))
        assert not ledger.tells(**record, notes=f"{ledger.now}").created
    details = ledger.database.read_now(lead_details, f"{first.id}")
    assert len(details.activities) == 1


def test_a_summary_lifts_only_a_lead_that_sales_never_had(ledger: Ledger) -> None:
    latest = {"Last Activity": "Webinar", "Last Activity Date": at(ledger, hours=20)}
    record: dict[str, Any] = {
        "external_id": "hs-1",
        "email": "jane@acme.example",
        "first_name": "Jane",
        **OF_GROWTH,
    }
    assert not ledger.tells(**record).handed_off
    taken = ledger.tells(**record, **latest)
    assert taken.handed_off
    handoff = ledger.handoff(taken.handoff_id or 0)
    ledger.does(handoff.owner or "", reject, Reject(handoff.id, "low_intent"))
    ledger.passes(timedelta(days=5))
    later = {"Last Activity": "Demo Request", "Last Activity Date": at(ledger, days=1)}
    assert not ledger.tells(**record, **later).handed_off


def test_what_lies_an_hour_ahead_does_not_count_until_then(ledger: Ledger) -> None:
    ahead = did("demo_request", at(ledger, hours=-1))
    taken = ledger.takes_in(**OF_A_POOL, activities=[ahead])
    assert (taken.handed_off, taken.priority) == (False, "P3")
    ledger.passes(timedelta(minutes=50))
    assert not ledger.tells(external_id="hs-1", notes="Met at the fair").handed_off
    ledger.passes(timedelta(minutes=15))
    assert ledger.tells(external_id="hs-1", notes="Met at the fair in Berlin").priority == "P1"


def test_a_contact_that_lies_ahead_meets_no_clock(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, accept, Accept(handoff_id))
    lead_id = ledger.handoff(handoff_id).lead_id
    call = ActivityForm(type="call", at=ledger.now + timedelta(hours=1))
    ledger.does("api:crm", note_activity, lead_id, call)
    assert ledger.handoff(handoff_id).touched_at is None


# ---- Who it is about


def test_ids_that_a_spreadsheet_shortened_make_nobody_one(ledger: Ledger) -> None:
    taken = by_file(ledger, "05_excel_sci_ids.csv", "hubspot")
    assert len(ids(taken)) == len(taken) == 4
    assert ids(by_file(ledger, "05_excel_sci_ids.csv", "hubspot")) == ids(taken)


def test_the_same_numbers_from_two_systems_are_two_records(ledger: Ledger) -> None:
    berlin = by_file(ledger, "19a_berlin_fair_badges.csv", "berlin")
    paris = by_file(ledger, "19b_paris_fair_badges.csv", "paris")
    assert len(ids(berlin) | ids(paris)) == 6
    assert {d.external_id for d in berlin if isinstance(d, Taken)} == {"1", "2", "3"}


def test_the_same_numbers_in_one_system_overwrite_nobody(ledger: Ledger) -> None:
    berlin = ids(by_file(ledger, "19a_berlin_fair_badges.csv", "fair"))
    refused = by_file(ledger, "19b_paris_fair_badges.csv", "fair")
    assert [type(each) for each in refused] == [NotTaken] * 3
    names = [ledger.database.read_now(lead_details, f"{each}").first_name for each in sorted(berlin)]
    assert names == ["Ray", "Lia", "Bo"]


def test_those_who_share_a_mailbox_stay_several_people(ledger: Ledger) -> None:
    taken = by_file(ledger, "20_role_addresses.csv", "file:role addresses")
    assert len(ids(taken)) == 5
    again = by_file(ledger, "20_role_addresses.csv", "file:role addresses")
    assert [getattr(each, "id", 0) for each in again] == [getattr(each, "id", 1) for each in taken]
