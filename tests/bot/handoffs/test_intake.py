from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.agreement import default_agreement, loaded
from bot.handoffs import Reject, Taken, note_activity, reject
from bot.leadform import ActivityForm
from storage import handoffs, leads
from storage.database import Database
from storage.models import HandoffState, Stage
from storage.models.values import HandoffValues
from tests.bot.ledger import JANE, RILEY, Ledger


def noted(ledger: Ledger, lead_id: int, kind: str) -> Taken:
    return ledger.does("api:crm", note_activity, lead_id, ActivityForm(type=kind, at=ledger.now))


def test_what_is_told_of_a_new_lead_is_judged_as_if_it_had_been_stored_first(ledger: Ledger) -> None:
    new = ledger.takes_in()
    again = ledger.tells(external_id="hs-1")
    assert (again.grade, again.priority, again.why) == (new.grade, new.priority, new.why)
    assert (again.created, again.handed_off, again.handoff_id) == (False, False, new.handoff_id)


def test_a_lead_that_sales_sent_back_waits_for_news(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    assert ledger.tells(**JANE).handoff_id is None
    assert ledger.tells(**JANE, phone="+1 555 0100").handed_off


def test_a_recycled_lead_comes_back_for_engagement_and_not_for_a_routine_update(ledger: Ledger) -> None:
    taken = ledger.takes_in()
    ledger.database.write_now(leads.change, taken.id, {"stage": Stage.RECYCLED})
    closed: HandoffValues = {"state": HandoffState.REJECTED, "closed_at": ledger.now}
    assert taken.handoff_id is not None
    ledger.database.write_now(handoffs.change, taken.handoff_id, closed)
    ledger.passes(timedelta(days=40))
    assert not ledger.tells(external_id="hs-1", title="Chief Technology Officer").handed_off
    assert noted(ledger, taken.id, "demo_request").handed_off


def test_no_team_matches_and_the_lead_is_held_and_told_of_once(database: Database) -> None:
    text = default_agreement().text
    growth = text.rindex("[[teams]]", 0, text.index('name    = "Growth"'))
    ledger = Ledger(database, agreement=loaded(text[:growth] + text[text.index("# ---- What qualifies") :]))
    for number in range(3):
        taken = ledger.takes_in(external_id=str(number), email=f"small{number}@example.com", employees=3)
        assert (taken.stage, taken.handoff_id, taken.handed_off) == (Stage.INQUIRY, None, False)
    assert [message.place for message in ledger.messages("unrouted")] == ["U0ADMIN"]
    assert ledger.database.read_now(leads.count_unrouted) == 3
    routed = ledger.tells(external_id="1", employees=900)
    assert routed.handed_off
    assert ledger.database.read_now(leads.count_unrouted) == 2


def test_a_colleague_of_an_owned_lead_goes_to_its_owner(ledger: Ledger) -> None:
    first = ledger.takes_in(employees=20)
    owner = ledger.handoff(first.handoff_id or 0).owner
    assert owner is not None
    ledger.database.write_now(leads.change, first.id, {"owner": owner})
    for number in range(4):
        other = ledger.takes_in(external_id=f"c{number}", email=f"c{number}@acme.example", employees=20)
        assert ledger.handoff(other.handoff_id or 0).owner == owner


def test_free_mail_makes_nobody_colleagues(ledger: Ledger) -> None:
    for number in range(2):
        taken = ledger.takes_in(external_id=str(number), email=f"p{number}@gmail.com", employees=20)
    row = ledger.lead_of(taken.handoff_id or 0)
    assert row.company_domain is None


@pytest.mark.parametrize("told", [{}, {"title": None}, {"title": ""}, {"company": "ACME"}])
def test_a_record_without_news_leaves_no_line_in_the_history(ledger: Ledger, told: dict[str, Any]) -> None:
    handoff_id = ledger.handoff_comes()
    before = ledger.messages("card", "update")
    ledger.tells(external_id="hs-1", **told)
    assert ledger.kinds(handoff_id) == ["lead.handed_off"]
    assert ledger.messages("card", "update") == before
