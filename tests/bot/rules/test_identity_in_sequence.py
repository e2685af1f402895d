"""Verdicts carried out one after the other, on leads held in memory: what no single table shows."""

from __future__ import annotations

import csv
import io
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leadform.ids import RepeatedIds, read_id
from bot.leadform.keys import company_domain, company_key, email_key
from bot.rules.identity import Came, Hold, Known, Outcome, Verdict, decide
from bot.rules.identity_changes import identity_changes, replay, undo
from bot.rules.names import Likeness, Name, likeness

FIELDS = ("email", "first_name", "last_name", "company")
Record = dict[str, str]


def columns(row: dict[str, Any]) -> dict[str, Any]:
    email, company = row.get("email"), row.get("company")
    return {
        **{name: row.get(name) for name in FIELDS},
        "email_key": email and email_key(email),
        "company_domain": company_domain(email),
        "company_key": company and company_key(company),
    }


@dataclass
class Ledger:
    """What a database would hold: leads, their ids, and the history of who they were."""

    leads: dict[int, dict[str, Any]] = field(default_factory=dict)
    history: dict[int, list[str]] = field(default_factory=dict)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    former: dict[str, set[int]] = field(default_factory=dict)
    former_names: dict[int, list[Name]] = field(default_factory=dict)

    def known(self, lead_id: int, system: str, hold: Hold = Hold.PRESENT) -> Known:
        mine = frozenset(
            number for (where, number), each in self.ids.items() if (where, each) == (system, lead_id)
        )
        former = tuple(self.former_names.get(lead_id, ()))
        return Known.of(lead_id, columns(self.leads[lead_id]), ids=mine, former_names=former, hold=hold)

    def take(self, system: str, record: Record) -> Verdict:
        told = {name: record[name] for name in FIELDS if record.get(name)}
        number = record.get("id")
        came = Came.of(system, number, columns(told))
        by_id = self.ids.get((system, number)) if number else None
        here = [
            self.known(each, system)
            for each, lead in self.leads.items()
            if columns(lead)["email_key"] == came.email_key
        ]
        here += [
            self.known(each, system, Hold.FORMER)
            for each in self.former.get(came.email_key or "", ())
            if each not in {lead.id for lead in here}
        ]
        verdict = decide(came, self.known(by_id, system) if by_id else None, here if came.email_key else [])
        if verdict.outcome in (Outcome.NEW, Outcome.KNOWN):
            self.carry_out(verdict, system, number, told)
        return verdict

    def carry_out(self, verdict: Verdict, system: str, number: str | None, told: Record) -> None:
        lead_id = verdict.lead or len(self.leads) + 1
        old = self.leads.get(lead_id, {})
        if verdict.outcome is Outcome.NEW:
            assert verdict.lead is None
        new: dict[str, Any] = {name: value for name, value in told.items() if name not in verdict.keeps}
        if number:
            assert self.ids.setdefault((system, number), lead_id) == lead_id
            new["external_ids"] = [pair for pair, each in self.ids.items() if each == lead_id]
        changes = identity_changes(old, new)
        if "email" in changes and old.get("email"):
            self.former.setdefault(email_key(old["email"]), set()).add(lead_id)
        if {"first_name", "last_name"} & changes.keys() and old:
            self.former_names.setdefault(lead_id, []).append(
                Name(old.get("first_name"), old.get("last_name"))
            )
        self.leads[lead_id] = {**old, **{name: new for name, (_, new) in changes.items()}}
        if changes:
            self.history.setdefault(lead_id, []).append(json.dumps(changes))


PEOPLE = ["Ann Bee", "Carl Dunn", "Jane Doe", "Jane Smith", "J. Doe", "Jane", ""]
EMAILS = [
    "ann@acme.example",
    "carl@birch.example",
    "jane@acme.example",
    "info@acme.example",
    "jane@gmail.com",
    "",
]


@st.composite
def records(draw: st.DrawFn) -> tuple[str, Record]:
    first, _, last = draw(st.sampled_from(PEOPLE)).partition(" ")
    record = {
        "id": draw(st.sampled_from(["", "", "1", "2", "3"])),
        "first_name": first,
        "last_name": last,
        "email": draw(st.sampled_from(EMAILS)),
        "company": draw(st.sampled_from(["", "Acme", "Birch"])),
    }
    return draw(st.sampled_from(["crm", "fair"])), record


@settings(max_examples=100, deadline=None)
@given(st.lists(records(), max_size=12))
def test_from_the_history_alone_each_lead_can_be_put_back_as_it_was(came: list[tuple[str, Record]]) -> None:
    ledger = Ledger()
    states: dict[int, list[dict[str, Any]]] = {}
    for system, record in came:
        verdict = ledger.take(system, record)
        for lead_id, lead in ledger.leads.items():
            if len(ledger.history.get(lead_id, ())) > len(states.setdefault(lead_id, [])):
                states[lead_id].append(dict(lead))
        assert verdict.words
    for lead_id, lines in ledger.history.items():
        changes = [json.loads(line) for line in lines]
        for steps, state in enumerate(states[lead_id], start=1):
            then = undo(ledger.leads[lead_id], reversed(changes[steps:]))
            assert {name: value for name, value in then.items() if value} == state
            assert {name: value for name, value in replay(changes[:steps]).items() if value} == state


@settings(max_examples=100, deadline=None)
@given(st.lists(records(), max_size=12))
def test_no_record_makes_one_lead_of_two_people(came: list[tuple[str, Record]]) -> None:
    ledger = Ledger()
    for system, record in came:
        before = {lead_id: dict(lead) for lead_id, lead in ledger.leads.items()}
        ids = dict(ledger.ids)
        verdict = ledger.take(system, record)
        if verdict.outcome in (Outcome.CONFLICT, Outcome.AMBIGUOUS, Outcome.NOBODY):
            assert ledger.leads == before
            assert ledger.ids == ids
        for lead_id, old in before.items():
            new = ledger.leads[lead_id]
            was, now = (Name(each.get("first_name"), each.get("last_name")) for each in (old, new))
            moved = bool(old.get("email")) and old["email"] != new["email"]
            assert not (moved and likeness(was, now) is Likeness.OTHER)
            others = {each for each in before if each != verdict.lead}
            assert all(ledger.leads[each] == before[each] for each in others)


BERLIN = """id,first_name,last_name,email,company
1,Ray,Finn,ray@vanarsdel.example,Van Arsdel
2,Lia,Moss,lia@fourthcoffee.example,Fourth Coffee
3,Bo,Ash,bo@wideworld.example,Wide World
"""
PARIS = """id,first_name,last_name,email,company
1,Luc,Roi,luc@consolidated.example,Consolidated
2,Eve,Mont,eve@graphic.example,Graphic
3,Guy,Val,guy@humongous.example,Humongous
"""
SHORTENED = """id,first_name,last_name,email,company
1.23457E+11,Ada,Stone,ada@acorn.example,Acorn
1.23457E+11,Ben,Marsh,ben@birch.example,Birch
1.23457E+11,Cleo,Wood,cleo@cedar.example,Cedar
1.23457E+11,Dov,Field,dov@dale.example,Dale
"""
ONE_ID = """id,first_name,last_name,email,company
A-100,Uma,Stone,uma@oak.example,Oak
A-100,Vic,Marsh,vic@oak.example,Oak
A-100,Wes,Wood,wes@oak.example,Oak
"""
ROLES = """id,first_name,last_name,email,company
,Ann,Bee,info@acme.example,Acme
,Carl,Dunn,info@acme.example,Acme
,Eva,Fox,Info@Acme.example,Acme
,Gil,Hay,support+tickets@acme.example,Acme
,Ida,Jones,support@acme.example,Acme
"""
NIGHTLY = """id,first_name,last_name,email,company
crm-7,Nia,Kent,nia@acme.example,ACME
crm-7,Nia,Kent,nia@acme.example,ACME
"""
FILES = {
    "berlin": (BERLIN, 3),
    "paris": (PARIS, 3),
    "excel": (SHORTENED, 4),
    "account": (ONE_ID, 3),
    "roles": (ROLES, 5),
    "crm": (NIGHTLY, 1),
}


def import_file(ledger: Ledger, system: str, text: str) -> list[Verdict]:
    rows = list(csv.DictReader(io.StringIO(text)))
    ids = [read_id(row["id"]).id for row in rows]
    repeated = RepeatedIds(zip(ids, (email_key(row["email"]) for row in rows), strict=True))
    return [
        ledger.take(system, {**row, "id": "" if each is None or each in repeated else each})
        for each, row in zip(ids, rows, strict=True)
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(FILES))[::97])
def test_each_person_of_each_file_is_one_lead_however_often_and_in_whatever_order(
    order: tuple[str, ...],
) -> None:
    ledger = Ledger()
    for system in order:
        import_file(ledger, system, FILES[system][0])
    assert len(ledger.leads) == sum(people for _, people in FILES.values())
    names = [f"{lead['first_name']} {lead['last_name']}" for lead in ledger.leads.values()]
    assert len(set(names)) == len(names)
    history = json.dumps(ledger.history)
    for system in reversed(order):
        verdicts = import_file(ledger, system, FILES[system][0])
        assert {verdict.outcome for verdict in verdicts} == {Outcome.KNOWN}
        assert not any(verdict.changes for verdict in verdicts)
    assert json.dumps(ledger.history) == history


def test_two_fairs_that_number_their_badges_alike_overwrite_nobody_even_under_one_name() -> None:
    ledger = Ledger()
    import_file(ledger, "fairs", BERLIN)
    verdicts = import_file(ledger, "fairs", PARIS)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.CONFLICT] * 3
    assert "Ray Finn (lead #1)" in verdicts[0].words
    assert "Luc Roi" in verdicts[0].words
    assert [lead["first_name"] for lead in ledger.leads.values()] == ["Ray", "Lia", "Bo"]


def test_an_owner_who_accepted_ann_does_not_find_carl_on_the_card() -> None:
    ledger = Ledger()
    ledger.take("crm", {"id": "7", "first_name": "Ann", "last_name": "Bee", "email": "ann@acme.example"})
    verdict = ledger.take(
        "crm", {"id": "7", "first_name": "Carl", "last_name": "Dunn", "email": "carl@acme.example"}
    )
    assert verdict.outcome is Outcome.CONFLICT
    assert ledger.leads[1]["first_name"] == "Ann"


def test_a_person_is_found_by_the_address_that_they_had_before() -> None:
    ledger = Ledger()
    ledger.take("crm", {"id": "7", "first_name": "Ann", "last_name": "Bee", "email": "ann@old.example"})
    ledger.take("crm", {"id": "7", "first_name": "Ann", "last_name": "Bee", "email": "ann@new.example"})
    verdict = ledger.take("webinar", {"first_name": "Ann", "last_name": "Bee", "email": "ann@old.example"})
    assert (verdict.outcome, verdict.lead) == (Outcome.KNOWN, 1)
    assert ledger.leads[1]["email"] == "ann@new.example"
