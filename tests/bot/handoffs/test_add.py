"""A lead told of by hand: what a message says, and what the form does with it."""

from __future__ import annotations

import pytest

from bot.agreement import default_agreement
from bot.errors import InvalidInput, NotAllowed
from bot.handoffs.add import Add, AddForm, Said, add_form, add_lead
from bot.views.modals.add import Who
from storage import clocks, handoffs
from storage.database import Database
from storage.models import ClockKind, HandoffState
from tests.bot.ledger import MARKETER, SASHA, Ledger

MESSAGES = {
    "Just met Jane Doe from ACME Corp, <mailto:jane@acme.com|jane@acme.com>, <tel:+15550199|+1 555 01 99>": {
        "email": "jane@acme.com",
        "phone": "+1 555 01 99",
        "first_name": "Jane",
        "last_name": "Doe",
        "company": "ACME Corp",
    },
    "New lead\nName: José O'Neill-Smith\nCompany: Müller &amp; Söhne GmbH\nEmail: jose@mueller.de": {
        "email": "jose@mueller.de",
        "first_name": "José",
        "last_name": "O'Neill-Smith",
        "company": "Müller & Söhne GmbH",
    },
    "ping bob.ray@x.io please": {"email": "bob.ray@x.io", "first_name": "Bob", "last_name": "Ray"},
    "call (0)30 / 123 45 67 before 2026-12-01": {"phone": "(0)30 / 123 45 67"},
    "order 12345678901234567890 at https://x.example/1234567": {},
    "Hello Team, thanks": {},
    "from the Q4-Webinar: ann@b.example": {"email": "ann@b.example", "campaign": "q4-webinar"},
    "<!channel> look": {},
    "": {},
}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_fills_in_what_it_says_and_nothing_else(message: str, ledger: Ledger) -> None:
    found = dict(ledger.does(SASHA, add_form, Said(message)).filled)
    notes = found.pop("notes", "")
    assert found == MESSAGES[message]
    assert len(notes) <= 1000


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def test_a_lead_that_somebody_adds_is_judged_like_any_other(ledger: Ledger) -> None:
    added = ledger.does(SASHA, add_lead, Add({"email": "a@b.example", "last_name": "Ray"}))
    assert (added.created, added.team, added.unrouted) == (True, None, False)
    again = ledger.does(MARKETER, add_lead, Add({"email": "a@b.example", "last_name": "Ray"}, qualified=True))
    assert (again.lead_id, again.created, again.team) == (added.lead_id, False, "Growth")
    third = ledger.does(MARKETER, add_lead, Add({"email": "A@b.example", "last_name": "Ray"}, qualified=True))
    assert (third.with_sales, third.team) == (True, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "email"),
        ({"email": "   "}, "email"),
        ({"email": "not an address", "last_name": "Ray"}, "email"),
        ({"email": "a@b.example"}, "last_name"),
        ({"email": "a@b.example", "last_name": "  "}, "last_name"),
    ],
)
def test_faults_stand_at_their_fields_and_nothing_is_stored(
    ledger: Ledger, fields: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ledger.does(SASHA, add_lead, Add(fields))
    assert list(refused.value.faults) == [field]
    assert refused.value.faults[field].endswith(".")
    assert ledger.does(SASHA, add_lead, Add({"email": "a@b.example", "last_name": "Ray"})).created


def test_a_stranger_cannot_add_leads(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed):
        ledger.does("U0NOBODY", add_lead, Add({"email": "a@b.example", "last_name": "Ray"}))


def test_a_command_fills_the_form_and_a_reps_default_is_themselves(ledger: Ledger) -> None:
    typed = "<mailto:jane@acme.com|jane@acme.com>, Jane Doe, CTO at AT&amp;T, 450 employees"
    assert ledger.does(SASHA, add_form, Said(typed, typed=True)) == AddForm(
        tuple(campaign.name for campaign in default_agreement().agreement.campaigns),
        {
            "email": "jane@acme.com",
            "first_name": "Jane",
            "last_name": "Doe",
            "title": "CTO",
            "company": "AT&T",
            "employees": "450",
        },
        (Who.ME, Who.TEAM, Who.BATON),
    )
    assert ledger.does(MARKETER, add_form, None).works == ()


def test_a_lead_that_a_rep_adds_for_themselves_is_theirs(ledger: Ledger) -> None:
    fields = {"email": "a@b.example", "last_name": "Ray", "employees": "12", "country": "Germany"}
    added = ledger.does(SASHA, add_lead, Add(fields, who=Who.ME))
    assert (added.mine, added.created) == (True, True)
    handoff = ledger.database.read_now(handoffs.latest_of_lead, added.lead_id)
    assert handoff is not None
    assert (handoff.state, handoff.owner, handoff.accepted_by) == (HandoffState.ACCEPTED, SASHA, SASHA)
    assert [clock.kind for clock in ledger.database.read_now(clocks.running, handoff.id)] == [
        ClockKind.FIRST_TOUCH
    ]
    again = ledger.does(SASHA, add_lead, Add(fields, who=Who.ME))
    assert (again.with_sales, again.mine) == (True, False)


def test_a_lead_for_the_own_team_is_handed_off_whatever_its_grade(ledger: Ledger) -> None:
    added = ledger.does(SASHA, add_lead, Add({"email": "a@b.example", "last_name": "Ray"}, who=Who.TEAM))
    own = next(team.name for team in default_agreement().agreement.teams if team.rep(SASHA))
    assert (added.team, added.mine) == (own, False)
