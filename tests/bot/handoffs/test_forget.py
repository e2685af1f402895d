"""Somebody is erased: no trace of them is left in the whole database, and the counts stay as they were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlmodel import SQLModel

from bot.digest.making import Question, make_report
from bot.digest.periods import Span
from bot.errors import HandoffNotFound
from bot.handoffs import Accept, Reject, Taken, accept, reject, take_in
from bot.handoffs.dispute import Contest, contest
from bot.handoffs.dropped import Told, tell_of_file
from bot.handoffs.feedback import Missing, say_missing
from bot.handoffs.forget import _finish, agree, ask, carry_out, decline
from bot.handoffs.forgotten import Forgotten
from bot.handoffs.posts import tell_absence
from bot.handoffs.refused import API, keep
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.leadform import FieldFault, LeadFaults, read_lead
from bot.leadform.reading import SEEN
from bot.lookups.finding import find_lead
from storage import erasures, exporting, history, leads, people, refused
from storage.database import Database
from storage.models import (
    AbsenceNotice,
    EventKind,
    HandoffState,
    RefusedCause,
    Stage,
    TouchKind,
    decisions,
    deliveries,
    reports,
)
from storage.models import leads as table
from storage.models import people as colleagues
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, MONDAY, RILEY, Ledger

ZELDA: dict[str, Any] = {
    "external_id": "crm-zq77",
    "email": "Zelda.Quint+demo@zorgtech.example",
    "first_name": "Zelda",
    "last_name": "Quintarelli",
    "title": "VP of Zymurgy",
    "phone": "+49 30 5557 7123",
    "company": "Zorgtech AG",
    "industry": "Zymology",
    "country": "Zamunda",
    "crm_url": "https://crm.example/zq77",
    "linkedin_url": "https://linkedin.example/in/zeldaq",
    "notes": "Zelda likes zucchini",
    "favourite": "zabaglione",
}
TRACES = (
    *("zelda", "quint", "zorgtech", "zymurgy", "zymology", "zamunda", "zq77", "zucchini", "zabaglione"),
    *("55577123", "5557 7123", "zeldaq", "zip-line", "zither"),
)


def erased(ledger: Ledger, lead_id: int, actor: str = ADMIN) -> None:
    asked = ledger.does(actor, ask, lead_id)
    carry_out(ledger.database, lambda: ledger.context(actor), asked)


def everything(tx: Connection) -> str:
    """Every row of every table as text."""
    rows = [
        f"{table.name}: {tuple(row)}"
        for table in SQLModel.metadata.sorted_tables
        for row in tx.execute(select(table))
        if table.name != "agreement_version"
    ]
    return "\n".join(rows).casefold()


def found_in(ledger: Ledger) -> list[str]:
    """Which traces are left: in the rows, and on SQLite in the file's bytes and those beside it."""
    text = ledger.database.read_now(everything)
    if ledger.database.dialect == "sqlite":
        file = Path(ledger.database.url.database or "")
        for path in file.parent.glob(f"{file.name}*"):
            text += path.read_bytes().decode("latin-1").casefold()
    return [trace for trace in TRACES if trace in text]


def a_long_life(ledger: Ledger) -> int:
    """All that can be known of somebody: changes, work, a dispute, refused records, mentions elsewhere."""
    first = ledger.handoff_comes(**ZELDA)
    lead_id = ledger.lead_of(first).id
    ledger.slack_shows("card")
    ledger.does(RILEY, accept, Accept(first))
    ledger.does(RILEY, touch, Touch(first, TouchKind.CALL, "Zelda talks of the zip-line"))
    ledger.does(RILEY, say_missing, Missing(first, "A zither for Zelda"))
    ledger.passes(timedelta(hours=1))
    ledger.takes_in(**{**ZELDA, "last_name": "Quintarelli-Zorg", "email": "zelda.q@zorgtech.example"})
    other = ledger.tells(email="zelda@home.example", first_name="Zelda", last_name="Quintarelli")
    ledger.does(ADMIN, lambda tx, ctx: leads.merge(tx, other.id, lead_id, ctx.now) and None)
    fault = LeadFaults([FieldFault("amount", "is not an amount")])
    ledger.does("api:crm", keep, API, "crm", {**ZELDA, "amount": "zip"}, fault)
    ledger.does("api:crm", keep, API, "crm", {"Name": "Zelda Quintarelli", "amount": "x"}, fault)
    with pytest.raises(LeadFaults) as conflict:
        ledger.tells(external_id="crm-zq77", email="carl@other.example", first_name="Carl", last_name="Ash")
    raw = {"external_id": "crm-zq77", "email": "carl@other.example", "first_name": "Carl"}
    ledger.does("api:crm", keep, API, "crm", raw | {"last_name": "Ash"}, conflict.value)
    ledger.tells(email="bob@else.example", notes="A friend of zelda.q@zorgtech.example, call +493055577123")
    return lead_id


def test_no_trace_is_left_in_the_whole_database(ledger: Ledger) -> None:
    lead_id = a_long_life(ledger)
    assert set(found_in(ledger)) >= set(TRACES[:8])
    erased(ledger, lead_id)
    # Carl's refused record bears her id, and is his all the same.
    assert found_in(ledger) in ([], ["zq77"])
    left = ledger.database.read_now(refused.newest, limit=9)
    assert [row.body["first_name"] for row in left] in ([], ["Carl"])


def test_with_carls_record_gone_nothing_bears_the_id(ledger: Ledger) -> None:
    lead_id = a_long_life(ledger)
    ledger.database.write_now(
        refused.drop, [row.id for row in ledger.database.read_now(refused.newest, limit=9)]
    )
    erased(ledger, lead_id)
    assert found_in(ledger) == []


def test_one_line_of_the_history_says_so_and_names_no_one(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(**ZELDA)
    lead_id = ledger.lead_of(handoff_id).id
    kinds = [event.kind for event in ledger.database.read_now(history.of_lead, lead_id)]
    erased(ledger, lead_id)
    lines = ledger.database.read_now(history.of_lead, lead_id)
    assert [event.kind for event in lines] == [*kinds, EventKind.FORGOTTEN]
    assert {str(event.detail) for event in lines} == {"{}"}


def test_the_figures_of_the_report_stay_as_they_were(ledger: Ledger) -> None:
    first = ledger.handoff_comes(**ZELDA)
    ledger.passes(timedelta(minutes=3))
    ledger.does(RILEY, reject, Reject(first, "bad_contact", "Zelda's number is dead"))
    ledger.does(MARKETER, contest, Contest(first, "Zelda picks up"))
    second = ledger.handoff_comes(email="jim@acme.example", external_id="2")
    ledger.does(RILEY, accept, Accept(second))
    ledger.passes(timedelta(hours=1))

    def report() -> Any:
        seen = MONDAY + timedelta(hours=3)
        span = Span("days", MONDAY.date(), MONDAY.date() + timedelta(days=1), "UTC")
        return ledger.database.read_now(make_report, ledger.book, Question(span), seen)

    before = report()
    for handoff_id in (first, second):
        erased(ledger, ledger.lead_of(handoff_id).id)
    assert before.removed == (0, 0)
    assert report() == replace(before, removed=(0, 2))


def test_an_open_handoff_ends_and_its_buttons_find_nothing(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(**ZELDA)
    ledger.does(RILEY, accept, Accept(handoff_id))
    ledger.does(ADMIN, ask, ledger.lead_of(handoff_id).id)
    assert ledger.handoff(handoff_id).state is HandoffState.CLOSED
    assert ledger.running(handoff_id) == {}
    assert ledger.lead_of(handoff_id).stage is Stage.SAL
    with pytest.raises(HandoffNotFound):
        ledger.does(RILEY, touch, Touch(handoff_id, TouchKind.CALL))
    with pytest.raises(HandoffNotFound):
        ledger.does(RILEY, undo, Undo(handoff_id))
    assert ledger.database.read_now(find_lead, f"#{ledger.lead_of(handoff_id).id}") is None


def test_messages_that_slack_shows_are_rewritten_and_the_rest_never_goes(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(**ZELDA)
    ledger.slack_shows("card")
    ledger.does(RILEY, accept, Accept(handoff_id))
    waiting = [row.id for row in ledger.messages("history")]
    card = ledger.messages("card")[0].id
    erased(ledger, ledger.lead_of(handoff_id).id)
    assert [row.target_id for row in ledger.messages("card", "update")] == [card]
    assert waiting
    assert {row.state for row in ledger.messages("history")} == {"dropped"}


@pytest.mark.parametrize(
    "record",
    [
        {"email": "zelda.quint@ZORGTECH.example"},
        {"email": "zelda.quint@zorgtech.example", "first_name": "Somebody", "last_name": "Else"},
        {"external_id": "crm-zq77"},
        {
            "external_id": "crm-zq77",
            "first_name": "zelda",
            "last_name": "QUINTARELLI",
            "email": "n@e.example",
        },
    ],
    ids=["address", "address, other name", "id", "id and name"],
)
def test_the_next_sync_does_not_bring_them_back(ledger: Ledger, record: dict[str, Any]) -> None:
    erased(ledger, ledger.takes_in(**ZELDA).id)
    with pytest.raises(Forgotten, match="was removed from Baton"):
        ledger.tells(**record)


@pytest.mark.parametrize(
    ("known", "again"),
    [
        ({"email": "zelda.quint@gmail.com"}, {"email": "zeldaquint@googlemail.com"}),
        (
            {"phone": "+49 30 55577123", "first_name": "Zelda", "last_name": "Quint", "email": "z@a.example"},
            {"phone": "030 555 77123", "country": "DE", "first_name": "ZELDA", "last_name": "Quint"}
            | {"email": "z2@b.example", "external_id": "77"},
        ),
        ({"phone": "+49 30 55577123"}, {"phone": "+493055577123"}),
        (
            {"phone": "+49 30 55577123", "first_name": "Zelda", "last_name": "Quint"},
            {"phone": "+49 30 55577123 ext. 4"},
        ),
    ],
    ids=["dots of Google's", "number and name beside an id", "number alone", "number, name left out"],
)
def test_nor_does_another_spelling_or_a_part(
    ledger: Ledger, known: dict[str, Any], again: dict[str, Any]
) -> None:
    erased(ledger, tells_little(ledger, **known).id)
    with pytest.raises(Forgotten):
        tells_little(ledger, **again)
    at_the_switchboard = {"phone": "+49 30 55577123", "first_name": "Cy", "last_name": "Dole"}
    assert tells_little(ledger, **at_the_switchboard).created


def tells_little(ledger: Ledger, **fields: Any) -> Taken:
    """A record of an intake source, which may be known by a phone number alone."""
    form = read_lead(fields, now=ledger.now, least=SEEN)
    return ledger.does("intake:form", take_in, form)


def test_whose_address_or_number_contains_theirs_keeps_it(ledger: Ledger) -> None:
    ann = ledger.tells(email="ann@acme.example", phone="+49 30 5557712")
    other = {"email": "joann@acme.example", "phone": "+49 30 55577123", "notes": "not ann@acme.example.org"}
    kept = ledger.tells(**other)
    ledger.tells(email="cy@acme.example", notes="cc ANN+news@acme.example, 030-555 77 12 (0049 30 5557712)")
    fault = LeadFaults([FieldFault("amount", "is not an amount")])
    ledger.does("api:crm", keep, API, "crm", {**other, "amount": "x"}, fault)
    before = ledger.database.read_now(leads.get, kept.id)
    erased(ledger, ann.id)
    assert ledger.database.read_now(leads.get, kept.id) == before
    assert len(ledger.database.read_now(refused.newest, limit=9)) == 1
    noted = ledger.database.read_now(leads.get, kept.id + 1)
    assert noted is not None
    assert noted.notes == "cc [removed], [removed] ([removed])"


def test_what_others_noted_of_them_goes_in_slack_too(ledger: Ledger) -> None:
    zelda = ledger.takes_in(**ZELDA)
    ledger.takes_in(**{**ZELDA, "phone": "+49 30 55570000"})  # the old number is theirs as well
    jim = ledger.handoff_comes(
        email="jim@else.example",
        external_id="2",
        company="Zelda Quintarelli",
        notes="Ask Zelda  Quintarelli, 030 5557\u20117123, first",
    )
    ledger.slack_shows("card")
    ledger.does(RILEY, reject, Reject(jim, "low_intent", "Quintarelli, Zelda has the budget"))
    ledger.tells(email="dan@else.example", notes="Dan knows")
    erased(ledger, zelda.id)
    row = ledger.lead_of(jim)
    assert (row.notes, row.company) == ("Ask [removed], [removed], first", "Zelda Quintarelli")
    assert ledger.handoff(jim).note == "[removed] has the budget"
    said = [each.body for each in ledger.messages("rejection") + ledger.messages("history")]
    assert said
    assert "Zelda" not in str(said)
    (card,) = [each.id for each in ledger.messages("card") if each.handoff_id == jim]
    assert card in [each.target_id for each in ledger.messages("card", "update")]


def test_messages_that_gather_leads_or_quote_a_file_are_written_anew(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes(**ZELDA)
    absence = ledger.goes_away(RILEY, timedelta(days=2))
    ledger.does(MANAGER, tell_absence, absence, AbsenceNotice.BEGINS, MANAGER)
    ledger.slack_shows("absence")
    sent = update(deliveries).where(deliveries.c.kind == "absence").values(sent_at=ledger.now)
    ledger.database.write_now(lambda tx: tx.execute(sent) and None)
    told = ["Line 7: The id 3 is Zelda Quintarelli (lead #1)", "Line 8: bob@else.example"]
    ledger.does(MARKETER, tell_of_file, Told(1, "leads.csv", told))
    ledger.slack_shows("imported")
    erased(ledger, ledger.lead_of(handoff_id).id)
    (imported,) = ledger.messages("imported")
    assert imported.body["lines"] == ["Line 7: The id 3 is [removed] (lead #1)", told[1]]
    for kind in ("absence", "imported"):
        (posted,) = ledger.messages(kind)
        assert [row.target_id for row in ledger.messages(kind, "update")] == [posted.id], kind


def test_what_managers_decided_about_them_is_struck_in_the_report(ledger: Ledger) -> None:
    zelda = ledger.takes_in(**ZELDA)
    ledger.does(MARKETER, tell_of_file, Told(1, "leads.csv", ["a message that a report may be"]))
    ledger.slack_shows("imported")
    (posted,) = ledger.messages("imported")
    report = {"report": "digest", "period": "2026-W46", "channel": "C1", "delivery_id": posted.id}
    at = dict.fromkeys(("from_at", "to_at", "made_at"), ledger.now)
    words = "Zelda Quintarelli (zelda.quint@zorgtech.example) gets a call"
    decided = {"point": "sla", "what": words, "decided_by": MANAGER, "decided_at": ledger.now}

    def decide(tx: Connection) -> None:
        number = tx.execute(insert(reports).returning(reports.c.id), {**report, **at}).scalar_one()
        tx.execute(insert(decisions), {**decided, "report_id": number})

    ledger.database.write_now(decide)
    erased(ledger, zelda.id)
    (left,) = ledger.database.read_now(lambda tx: tx.execute(select(decisions.c.what)).scalars().all())
    assert left == "[removed] ([removed]) gets a call"
    assert [row.target_id for row in ledger.messages("imported", "update")] == [posted.id]


def test_a_colleague_who_was_a_lead_once_stays_a_colleague(ledger: Ledger) -> None:
    as_slack_says = {"user_id": RILEY, "name": "Zelda Quintarelli", "email": "zelda.quint@zorgtech.example"}
    ledger.database.write_now(lambda tx: tx.execute(insert(colleagues), as_slack_says) and None)
    erased(ledger, ledger.takes_in(**ZELDA).id)
    riley = ledger.database.read_now(people.get, RILEY)
    assert riley is not None
    assert riley.email == as_slack_says["email"]


def test_of_two_people_with_one_name_neither_goes_with_the_other(ledger: Ledger) -> None:
    one = ledger.tells(email="zelda@a.example", first_name="Zelda", last_name="Quint")
    ledger.tells(email="zelda@b.example", first_name="zelda", last_name="QUINT", notes="Zelda Quint is new")
    erased(ledger, one.id)
    other = ledger.database.read_now(leads.get, one.id + 1)
    assert other is not None
    assert other.notes == "Zelda Quint is new"


def test_an_id_that_was_given_to_somebody_else_is_theirs(ledger: Ledger) -> None:
    erased(ledger, ledger.takes_in(**ZELDA).id)
    taken = ledger.tells(external_id="crm-zq77", email="carl@o.example", first_name="Carl", last_name="Ash")
    assert taken.created
    assert ledger.tells(email="dan@zorgtech.example", phone=ZELDA["phone"], first_name="Dan").created


def test_colleagues_at_a_shared_mailbox_are_still_taken(ledger: Ledger) -> None:
    taken = ledger.tells(email="info@acme.example", first_name="Ann", last_name="Bell")
    erased(ledger, taken.id)
    assert ledger.tells(email="info@acme.example", first_name="Cy", last_name="Dole").created
    with pytest.raises(Forgotten):
        ledger.tells(email="info@acme.example", first_name="Ann", last_name="Bell")


def test_of_what_is_refused_for_it_no_body_is_kept(ledger: Ledger) -> None:
    erased(ledger, ledger.takes_in(**ZELDA).id)
    with pytest.raises(Forgotten) as no:
        ledger.tells(**ZELDA)
    for _ in range(2):
        ledger.does("api:crm", keep, API, "crm", ZELDA, no.value)
    (kept,) = ledger.database.read_now(refused.newest, limit=9)
    assert (kept.cause, kept.body, kept.email_key) == (RefusedCause.FORGOTTEN, {}, None)
    assert found_in(ledger) == []


def test_whoever_was_erased_by_age_comes_in_anew_with_what_they_do_since(ledger: Ledger) -> None:
    taken = ledger.takes_in(**ZELDA)
    asked = ledger.does("baton", ask, taken.id, aged=True)
    carry_out(ledger.database, lambda: ledger.context("baton"), asked)
    assert [trace for trace in found_in(ledger) if trace != "zither"] == []
    ledger.passes(timedelta(days=1))
    with pytest.raises(Forgotten):
        ledger.tells(**ZELDA)
    again = ledger.takes_in(**ZELDA)
    assert again.created
    assert again.id != taken.id


def test_whoever_was_erased_by_age_and_asks_for_it_then_does_not_come_in_anew(ledger: Ledger) -> None:
    taken = ledger.takes_in(**ZELDA)
    ledger.does("baton", ask, taken.id, aged=True)
    erased(ledger, taken.id)
    ledger.passes(timedelta(days=1))
    with pytest.raises(Forgotten):
        ledger.takes_in(**ZELDA)


def test_a_second_person_says_yes_or_no_first(ledger: Ledger) -> None:
    one, two = ledger.takes_in(**ZELDA).id, ledger.takes_in(email="b@c.example", external_id="9").id
    for each in (one, two):
        assert ledger.does(ADMIN, ask, each, agreed=False).agreed_at is None
    assert ledger.database.read_now(find_lead, f"#{one}") is not None
    ledger.does(MANAGER, decline, two)
    ledger.does(MANAGER, agree, one)
    assert ledger.database.read_now(find_lead, f"#{one}") is None
    assert ledger.database.read_now(find_lead, f"#{two}") is not None
    (open_,) = ledger.database.read_now(erasures.agreed)
    assert (open_.lead_id, open_.asked_by, open_.agreed_by) == (one, ADMIN, MANAGER)
    carry_out(ledger.database, lambda: ledger.context(MANAGER), open_)
    assert ledger.database.read_now(erasures.agreed) == []


def test_what_waits_for_a_yes_begins_when_it_is_asked_for_without_one(ledger: Ledger) -> None:
    lead_id = ledger.takes_in(**ZELDA).id
    ledger.does(ADMIN, ask, lead_id, agreed=False)
    erased(ledger, lead_id, "import")
    assert ledger.database.read_now(find_lead, f"#{lead_id}") is None
    assert found_in(ledger) == []


def test_what_was_broken_off_goes_on_where_it_ended(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_id = ledger.takes_in(**ZELDA).id
    asked = ledger.does(ADMIN, ask, lead_id)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "forget_pages", lambda _: None)
        patch.setattr("bot.handoffs.forget._finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            carry_out(ledger.database, lambda: ledger.context(ADMIN), asked)
    assert "zelda" in found_in(ledger)
    (again,) = ledger.database.read_now(erasures.agreed)
    carry_out(ledger.database, lambda: ledger.context(ADMIN), again)
    assert found_in(ledger) == []


def test_an_export_leaves_out_whoever_was_removed(ledger: Ledger) -> None:
    erased(ledger, ledger.takes_in(**ZELDA).id)
    assert ledger.database.read_now(lambda tx: list(exporting.rows(tx, "leads"))) == []


def test_no_page_of_a_large_file_keeps_what_stood_there(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    ledger = Ledger(database)
    rows = [
        {
            "first_name": f"Zelda{n}",
            "notes": "zucchini" * (n * 7 % 90),
            "email": f"z{n}@x.example",
            "created_at": MONDAY,
            "updated_at": MONDAY,
        }
        for n in range(1, 121)
    ]
    database.write_now(lambda tx: tx.execute(insert(table), rows) and None)
    for n in range(1, 121, 7):  # rows that grow and move
        database.write_now(leads.change, n, {"notes": "zither" * n})
    for n in range(1, 121):
        asked = ledger.does(ADMIN, ask, n, aged=True)
        database.write_now(_finish, [n], asked.id, ledger.now)
    database.forget_pages()
    assert found_in(ledger) == []
    database.close()
    with closing(sqlite3.connect(database.url.database or "")) as check:
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
