"""What holds for any sequence of records, clicks and time: the same records again are no news, every place
shows the same grade and priority, and the history alone says who somebody was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from bot.errors import DomainError
from bot.handoffs import Accept, Reject, Taken, accept, note_activity, reject, take_in
from bot.handoffs.identity import NotTaken
from bot.handoffs.lead_changes import CHANGED
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.taken import Door
from bot.handoffs.touch import Touch, touch
from bot.leadform import ActivityForm, LeadForm, read_lead
from bot.lookups.api_lead import lead_details
from bot.lookups.cards import card_state
from bot.lookups.status import lead_status
from bot.rules.identity_changes import IDENTITY_FIELDS, replay
from storage import leads
from storage.database import Database
from storage.models import Outcome, TouchKind, activities, clocks, events, lead_aliases
from storage.models import handoffs as handoff_table
from storage.models import leads as lead_table
from tests.bot.ledger import MANAGER, Ledger

BOUNDED = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_numbers = count()


@pytest.fixture
def template(_sqlite_template: Path, tmp_path: Path) -> tuple[Path, Path]:
    """An empty migrated database, and where its copies may lie."""
    return _sqlite_template, tmp_path


@contextmanager
def fresh(template: tuple[Path, Path]) -> Iterator[Ledger]:
    """An empty ledger for each example."""
    path = template[1] / f"{next(_numbers)}.db"
    shutil.copy(template[0], path)
    database = Database.open(f"sqlite:///{path}")
    try:
        yield Ledger(database)
    finally:
        database.close()
        path.unlink()


# ---- Records of few people, who share ids, addresses, names and mailboxes

MOMENTS = [f"2026-11-{day:02}T09:00:00Z" for day in (2, 13, 16)] + ["2023-05-01T10:00:00Z"]
KINDS = ["demo_request", "webinar", "page_view", "call", "email_click"]
ACTIVITY = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(KINDS), "at": st.sampled_from(MOMENTS)}),
    st.fixed_dictionaries({"type": st.sampled_from(KINDS)}),
)
WHO = st.fixed_dictionaries(
    {},
    optional={
        "external_id": st.sampled_from(["1", "2", "3"]),
        "email": st.sampled_from(
            ["ann@acme.example", "Ann@ACME.example", "bo@acme.example", "info@acme.example", "ann@gmail.com"]
        ),
        "first_name": st.sampled_from(["Ann", "Bo", "A."]),
        "last_name": st.sampled_from(["Bee", "Dunn", "Müller"]),
        "title": st.sampled_from(["CTO", "Analyst", "Chief Technology Officer"]),
        "phone": st.sampled_from(["+1 212 555 0101", "+12125550101", "+1 212 555 0202"]),
        "company": st.sampled_from(["ACME", "Acme Inc.", "Other"]),
        "domain": st.sampled_from(["acme.example", "other.example"]),
        "crm_url": st.sampled_from(["https://crm.example/1", "https://crm.example/2"]),
        "employees": st.sampled_from([20, 60, 450]),
        "qualified": st.booleans(),
        "notes": st.sampled_from(["one", "two"]),
        "source": st.sampled_from(["Webinar", "Organic Search"]),
        "Last Modified Date": st.sampled_from(["2026-11-15", "2026-11-16"]),
        "Last Activity": st.sampled_from(["Email", "Webinar", "Never"]),
        "activities": st.lists(ACTIVITY, max_size=2),
    },
).filter(lambda told: bool(told.keys() & {"external_id", "email"}))
SENT = st.tuples(st.sampled_from(["crm", "hubspot"]), WHO)


def sends(ledger: Ledger, system: str, record: dict[str, Any]) -> Taken | None:
    """A record by a system's door; None where it is refused."""
    form: LeadForm = read_lead(record, now=ledger.now)
    try:
        return ledger.does(f"api:{system}", take_in, form, Door(system))
    except NotTaken:
        return None


# ---- The same again


def happened(ledger: Ledger) -> dict[str, Any]:
    """What may not change by what was told before."""
    met = select(clocks.c.id, clocks.c.met_at, clocks.c.stopped_at).order_by(clocks.c.id)
    counted = {
        table.name: select(func.count()).select_from(table)
        for table in (events, handoff_table, activities, lead_table, lead_aliases)
    }
    return ledger.database.read_now(
        lambda tx: {
            "clocks": [tuple(row) for row in tx.execute(met)],
            **{name: tx.execute(query).scalar_one() for name, query in counted.items()},
        }
    )


@settings(BOUNDED, max_examples=10)
@given(sent=st.lists(SENT, min_size=1, max_size=4), again=st.data())
def test_the_same_records_again_in_any_order_are_no_news(
    template: tuple[Path, Path], sent: list[tuple[str, dict[str, Any]]], again: st.DataObject
) -> None:
    with fresh(template) as ledger:
        taken = [each for each in sent if sends(ledger, *each) is not None]
        ended = again.draw(st.sampled_from(["waits", "is accepted", "is rejected", "is to be mended"]))
        for handoff_id in _open(ledger):
            ledger.passes(timedelta(minutes=1))
            _decide(ledger, handoff_id, ended)
        before = happened(ledger)
        for record in again.draw(st.permutations(taken)):
            ledger.passes(timedelta(hours=again.draw(st.sampled_from([0, 1, 30]))))
            sends(ledger, *record)
            assert happened(ledger) == before, record


@settings(BOUNDED, max_examples=3)
@given(again=st.data())
def test_however_many_records_a_lead_has_had_the_first_is_no_news(
    template: tuple[Path, Path], again: st.DataObject
) -> None:
    ann = {"external_id": "1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Bee"}
    did = [{"type": "webinar", "at": MOMENTS[0]}, {"type": "page_view"}]
    sent = [("crm", {**ann, "notes": f"Score {n}", "activities": did[: n % 3]}) for n in range(130)]
    with fresh(template) as ledger:
        for each in sent:
            assert sends(ledger, *each) is not None
        before = happened(ledger)
        for record in (sent[0], *again.draw(st.permutations(sent))):
            sends(ledger, *record)
            assert happened(ledger) == before, record


A_MAILBOX = [
    {"email": "info@acme.example"},
    {"email": "info@acme.example", "first_name": "Ann", "last_name": "Bee"},
    {"email": "info@acme.example", "first_name": "Bo", "last_name": "Dunn"},
]
A_NAME = [
    {"email": "ann@acme.example", "first_name": "A.", "last_name": "Bee"},
    {"email": "ann@acme.example", "first_name": "Bo", "last_name": "Dunn"},
    {"email": "ann@acme.example", "first_name": "Ann", "last_name": "Bee"},
]
AN_ADDRESS = [
    {"external_id": "1", "email": "ann@acme.example", "first_name": "Ann", "last_name": "Bee"},
    {"external_id": "1", "email": "ann.bee@acme.example", "first_name": "Ann", "last_name": "Bee"},
    {"email": "ann@acme.example", "first_name": "Ann", "last_name": "Bee"},
]


@pytest.mark.parametrize("records", [A_MAILBOX, A_NAME, AN_ADDRESS])
def test_whoever_comes_to_a_mailbox_makes_the_records_before_about_nobody_new(
    template: tuple[Path, Path], records: list[dict[str, Any]]
) -> None:
    for order in permutations(records):
        with fresh(template) as ledger:
            taken = [each for each in order if sends(ledger, "crm", each) is not None]
            before = happened(ledger)
            for record in [*taken, *reversed(taken)]:
                sends(ledger, "crm", record)
                assert happened(ledger) == before, (order, record)


def _open(ledger: Ledger) -> list[int]:
    wanted = select(handoff_table.c.id).where(handoff_table.c.closed_at.is_(None))
    return ledger.database.read_now(lambda tx: list(tx.execute(wanted).scalars()))


def _decide(ledger: Ledger, handoff_id: int, ended: str) -> None:
    if ended == "is accepted":
        ledger.does(MANAGER, accept, Accept(handoff_id))
    elif ended == "is rejected":
        ledger.does(MANAGER, reject, Reject(handoff_id, "low_intent"))
    elif ended == "is to be mended":
        ledger.does(MANAGER, reject, Reject(handoff_id, "bad_contact"))


# ---- Every place shows the same

CLICKS = ["accept", "reject", "mend", "touch", "sql", "lost", "won", "recycle"]
STEP = st.one_of(
    SENT,
    st.sampled_from(CLICKS),
    st.tuples(st.just("did"), st.sampled_from(KINDS), st.sampled_from([0, 1, 200, -2])),
    st.sampled_from([timedelta(minutes=3), timedelta(hours=20), timedelta(days=9)]),
)
_DEAL = Entered(amount="1000", currency="USD", deal_on="2027-12-24")


def clicks(ledger: Ledger, what: str, handoff_id: int) -> None:
    """What a manager does; what is not possible as the lead stands is refused, and nothing else."""
    try:
        if what == "accept":
            ledger.does(MANAGER, accept, Accept(handoff_id))
        elif what in ("reject", "mend"):
            reason = "low_intent" if what == "reject" else "bad_contact"
            ledger.does(MANAGER, reject, Reject(handoff_id, reason))
        elif what == "touch":
            ledger.does(MANAGER, touch, Touch(handoff_id, TouchKind.CALL))
        elif what == "recycle":
            entered = Entered(reason="no_budget")
            ledger.does(MANAGER, set_outcome, SetOutcome(handoff_id, Outcome.DISQUALIFIED, entered))
        else:
            outcome = {"sql": Outcome.SQL, "lost": Outcome.LOST, "won": Outcome.WON}[what]
            if what != "sql":
                deal = SetOutcome(handoff_id, Outcome.OPPORTUNITY, _DEAL)
                ledger.does(MANAGER, set_outcome, deal)
            ledger.does(MANAGER, set_outcome, SetOutcome(handoff_id, outcome, _DEAL))
    except DomainError:
        pass


def agrees(ledger: Ledger, taken: Taken | None) -> None:
    """Of every lead that sales has, handoff, lead, card, status and the API's two answers say the same."""
    for handoff_id in _open(ledger):
        handoff, lead = ledger.handoff(handoff_id), ledger.lead_of(handoff_id)
        card = ledger.database.read_now(card_state, ledger.book, handoff_id)
        status = ledger.does(MANAGER, lead_status, lead)
        details = ledger.database.read_now(lead_details, f"{lead.id}")
        assert card is not None
        places: list[Any] = [handoff, lead, card, status, details]
        if taken is not None and taken.handoff_id == handoff_id:
            places.append(taken)
        assert len({(each.grade, each.priority) for each in places}) == 1, places
        due = min((clock.due_at for clock in ledger.running(handoff_id).values()), default=None)
        assert [each.clock and each.clock.due_at for each in (card, status)] == [due, due]


@BOUNDED
@given(steps=st.lists(STEP, min_size=2, max_size=9))
def test_every_place_shows_the_same_grade_and_priority_at_every_moment(
    template: tuple[Path, Path], steps: list[Any]
) -> None:
    with fresh(template) as ledger:
        for step in steps:
            taken = None
            if isinstance(step, timedelta):
                ledger.passes(step)
            elif isinstance(step, str):
                for handoff_id in _open(ledger)[-1:]:
                    clicks(ledger, step, handoff_id)
            elif step[0] == "did":
                taken = _did(ledger, step[1], timedelta(hours=step[2]))
            else:
                taken = sends(ledger, *step)
            agrees(ledger, taken)


def _did(ledger: Ledger, kind: str, ago: timedelta) -> Taken | None:
    newest = select(func.max(lead_table.c.id))
    lead_id = ledger.database.read_now(lambda tx: tx.execute(newest).scalar_one())
    if lead_id is None:
        return None
    activity = ActivityForm(type=kind, at=ledger.now - ago)
    return ledger.does("api:crm", note_activity, lead_id, activity)


# ---- The history says who somebody was


@BOUNDED
@given(sent=st.lists(SENT, min_size=1, max_size=8))
def test_the_history_alone_says_who_everybody_is_and_was(
    template: tuple[Path, Path], sent: list[tuple[str, dict[str, Any]]]
) -> None:
    with fresh(template) as ledger:
        were: dict[int, list[dict[str, Any]]] = {}
        for each in sent:
            ledger.passes(timedelta(minutes=1))
            sends(ledger, *each)
            for lead_id, (now, ids, details) in ledger.database.read_now(_identities).items():
                kept = were.setdefault(lead_id, [replay(())])
                if kept[-1] != replay(()) | now:
                    kept.append(replay(()) | now)
                changes = [detail[CHANGED] for detail in details if CHANGED in detail]
                assert [replay(changes[:number]) for number in range(len(changes) + 1)] == kept
                told = [(each["system"], each["external_id"]) for each in details if "external_id" in each]
                assert sorted(told) == sorted(ids)


Identity = tuple[dict[str, Any], list[tuple[str, str]], list[dict[str, Any]]]


def _identities(tx: Connection) -> dict[int, Identity]:
    """Who each lead is now, its ids, and what its history says of it, oldest first."""
    found: dict[int, Identity] = {}
    for row in tx.execute(select(lead_table).order_by(lead_table.c.id)):
        wanted = select(events.c.detail).where(events.c.lead_id == row.id).order_by(events.c.id)
        now = {field: getattr(row, field) for field in IDENTITY_FIELDS if field in lead_table.c}
        details = [detail or {} for detail in tx.execute(wanted).scalars()]
        found[row.id] = now, leads.aliases(tx, row.id), details
    return found
