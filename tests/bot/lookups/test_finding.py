"""Which lead is meant by what somebody typed: exact, by company, by likeness, or none."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.lookups.finding import Asked, find, most_alike
from bot.lookups.why import WhyAsked, why_of
from storage import leads, people, search
from storage.database import Database
from tests.bot.ledger import RILEY, Ledger

COMPANIES = (
    "ACME Corp.",
    "Acme Bank",
    "Müller & Söhne GmbH",
    "Globex",
    "Initech LLC",
    "Umbrella",
    "Hooli",
    "3M",
)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    ledger = Ledger(database)
    for number, company in enumerate(COMPANIES):
        comes(ledger, number, company)
    return ledger


def comes(ledger: Ledger, number: int, company: str | None, **fields: Any) -> int:
    domain = "".join(letter for letter in (company or "x").lower() if letter in string.ascii_lowercase)
    told = {"email": f"p{number}@{domain}.example", "last_name": f"No{number}", "company": company}
    return ledger.tells(**{**told, **fields}).id


def finds(ledger: Ledger, typed: str) -> Asked:
    return ledger.database.read_now(find, typed)


NAMES_OF_ONE = {
    "acme": "ACME Corp.",
    "ACME CORPORATION": "ACME Corp.",
    "acme bank": "Acme Bank",
    "acme b": "Acme Bank",
    "muller und": None,
    "mueller": "Müller & Söhne GmbH",
    "Müller & Sohne": "Müller & Söhne GmbH",
    "glob": "Globex",
    "initech": "Initech LLC",
    "3m": "3M",
    "hooli.example": "Hooli",
    "https://www.hooli.example/about?x=1": "Hooli",
    "p5@umbrella.example": "Umbrella",
    "  P5+news@Umbrella.example ": "Umbrella",
}


def test_a_company_a_domain_or_an_address_names_its_only_lead(ledger: Ledger) -> None:
    found = {typed: finds(ledger, typed).lead for typed in NAMES_OF_ONE}
    assert {typed: lead and lead.company for typed, lead in found.items()} == NAMES_OF_ONE


def test_a_slip_of_the_hand_is_offered_what_was_meant(ledger: Ledger) -> None:
    for typed in ("akme", "amce", "acmee", "cme", "axme", "acne", "akme."):
        found = finds(ledger, typed)
        assert found.alike, typed
        assert "ACME Corp." in [choice.name for choice in found.companies], typed


def test_a_beginning_that_several_share_is_a_choice(ledger: Ledger) -> None:
    found = finds(ledger, "acm")
    assert not found.alike
    assert [(choice.name, choice.leads) for choice in found.companies] == [
        ("ACME Corp.", 1),
        ("Acme Bank", 1),
    ]


PEOPLE = (
    ("Jane", "Doe", "Northwind Rail Ltd"),
    ("Bob", "Doe", "Northwind Rail Ltd"),
    ("José", "Núñez-O'Brien", "Aktiengesellschaft für Bäder AG"),
    ("علی", "رضایی", None),
    ("🚀", "🚀🚀", "*_~"),
)


@pytest.fixture
def known(ledger: Ledger) -> dict[str, int]:
    return {
        f"{first} {last}": comes(
            ledger,
            40 + number,
            company,
            first_name=first,
            last_name=last,
            email=f"{number}@people{number}.example",
            phone=f"+4915112345{number}78",
        )
        for number, (first, last, company) in enumerate(PEOPLE)
    }


NAMES_OF_PEOPLE = {
    "Jane Doe": "Jane Doe",
    "doe jane": "Jane Doe",
    "DOE, Jane": "Jane Doe",
    "jane": "Jane Doe",
    "jan do": "Jane Doe",
    "jane northwind": "Jane Doe",
    "jose nunez": "José Núñez-O'Brien",
    "obrien": "José Núñez-O'Brien",
    "bader": "José Núñez-O'Brien",
    "رضایی": "علی رضایی",
    "+49 151 12345 178": "Bob Doe",
    "+49 (0)151 12345178": "Bob Doe",
    "0151/12345178": "Bob Doe",
    "<tel:+4915112345178|+49 151 12345178>": "Bob Doe",
    "<http://people1.example|people1.example>": "Bob Doe",
    "<mailto:1@people1.example|1@people1.example>": "Bob Doe",
    "<https://people1.example/a?b=c>": "Bob Doe",
}


def test_a_person_is_found_by_any_words_and_a_number_however_it_is_written(
    ledger: Ledger, known: dict[str, int]
) -> None:
    found = {typed: finds(ledger, typed).lead for typed in NAMES_OF_PEOPLE}
    assert {typed: lead and lead.id for typed, lead in found.items()} == {
        typed: known[who] for typed, who in NAMES_OF_PEOPLE.items()
    }


def test_two_people_of_one_name_are_a_choice(ledger: Ledger, known: dict[str, int]) -> None:
    found = finds(ledger, "doe")
    assert found.lead is None
    assert {lead.id for lead in found.people} == {known["Jane Doe"], known["Bob Doe"]}
    assert found.companies == ()


def test_any_word_of_a_company_finds_it_and_who_is_called_so_too(
    ledger: Ledger, known: dict[str, int]
) -> None:
    assert finds(ledger, "rail").company == "northwind rail"
    assert finds(ledger, "sohne").lead is not None
    banker = comes(ledger, 60, "Umbrella", first_name="Sam", last_name="Bank")
    found = finds(ledger, "bank")
    assert [lead.id for lead in found.people] == [banker]
    assert [company.name for company in found.companies] == ["Acme Bank"]
    globex = comes(ledger, 61, "Initech", first_name="Globex", last_name="Smith")
    both = finds(ledger, "globex")
    assert [lead.id for lead in both.people] == [globex]
    assert [company.key for company in both.companies] == ["globex"]


def test_whoever_is_renamed_or_merged_is_found_by_the_new_name_alone(
    ledger: Ledger, known: dict[str, int]
) -> None:
    jane, bob = known["Jane Doe"], known["Bob Doe"]
    ledger.database.write_now(leads.change, jane, {"last_name": "Roe"})
    found = finds(ledger, "jane roe").lead
    assert found is not None
    assert found.id == jane
    assert [lead.id for lead in (finds(ledger, "doe").lead,) if lead] == [bob]
    ledger.database.write_now(leads.merge, bob, jane, ledger.now)
    assert finds(ledger, "bob doe").people == ()


def test_a_mention_means_what_somebody_has(ledger: Ledger) -> None:
    for user, name in (("U0REP1", "Sam Ray"), ("U0REP2", "Kim")):
        told: dict[str, Any] = {"name": name, "email": None, "timezone": None, "left": False}
        ledger.database.write_now(people.remember, user, **told, asked_at=ledger.now)
    for typed in ("<@U0REP1|sam>", "<@U0REP1>", "@sam", "@Sam Ray"):
        assert finds(ledger, typed).rep == "U0REP1", typed
    assert finds(ledger, "@nobody") == Asked("@nobody")


def test_what_is_hardly_a_name_or_a_number_finds_somebody_or_nobody(
    ledger: Ledger, known: dict[str, int]
) -> None:
    for typed in ("1-800-FLOWERS", "+49 CALL ME", "🚀🚀🚀", "*_~", "\u202eabc\u202c", "()()()()"):
        found = finds(ledger, typed)
        assert found.lead is None or found.lead.id in known.values(), typed


def test_several_people_at_a_company_are_that_company(ledger: Ledger) -> None:
    comes(ledger, 20, "Globex Inc.")
    found = finds(ledger, "globex")
    assert (found.lead, found.company) == (None, "globex")


def test_a_lead_without_a_company_is_found_by_the_name_of_its_domain(ledger: Ledger) -> None:
    lead_id = comes(ledger, 30, None, email="sam@wayneenterprises.example")
    found = finds(ledger, "Wayne Enterprises").lead
    assert found is not None
    assert found.id == lead_id


def test_an_address_that_nobody_has_is_offered_its_neighbours(ledger: Ledger) -> None:
    found = finds(ledger, "p4@nowhere.example")
    assert (found.lead, found.near) == (None, ())
    found = finds(ledger, "p44@initechllc.example")
    assert found.near == ("p4@initechllc.example",)
    assert found.domain == "initechllc.example"


NAMES_OF_NOBODY = (
    "",
    "   ",
    "#",
    "#0",
    "#999999999999999999",
    "ext:nobody",
    "zzzz",
    "x",
    "%",
    "' OR 1=1 --",
    "\u202e\ud800",
)


def test_what_names_nobody_finds_nobody(ledger: Ledger) -> None:
    for typed in NAMES_OF_NOBODY:
        found = finds(ledger, typed)
        assert (found.lead, found.company, found.domain, found.companies) == (None, None, None, ()), typed


def test_a_merged_lead_stands_for_the_one_that_it_joined(ledger: Ledger) -> None:

    one, other = finds(ledger, "globex").lead, finds(ledger, "hooli").lead
    assert one is not None
    assert other is not None
    ledger.database.write_now(leads.merge, one.id, other.id, ledger.now)
    found = finds(ledger, f"#{one.id}").lead
    assert found is not None
    assert found.id == other.id
    assert finds(ledger, "globex").lead is None


def test_keys_sort_alike_on_every_database(database: Database) -> None:
    ledger = Ledger(database)
    for number, company in enumerate(("Zebra", "zebra two", "zebra-2", "zebraß", "ärzte", "日本")):
        comes(ledger, number, company, email=f"p{number}@c{number}.example")
    keys = ledger.database.read_now(search.companies_starting, "zebra", limit=10)
    assert keys == sorted(keys)
    assert len(keys) == 4
    assert ledger.database.read_now(search.companies_starting, "日", limit=10) == ["日本"]


LETTERS = st.text(string.ascii_lowercase, min_size=4, max_size=10)


@given(
    word=LETTERS, at=st.integers(0, 9), letter=st.sampled_from(string.ascii_lowercase), how=st.integers(0, 3)
)
def test_whatever_the_slip_what_was_meant_is_among_the_candidates(
    word: str, at: int, letter: str, how: int
) -> None:
    at = min(at, len(word) - 1)
    slips = (
        word[:at] + letter + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    )
    slip = slips[how]
    assume(len(slip) >= search.SHORTEST)
    starts = {slip[:3], *search.slips(slip[: search.HEAD])}
    assert any(word.startswith(start) for start in starts if start)
    assert most_alike(slip, [word, "unlike" * 3]) == [word]


@pytest.mark.parametrize("last_name", ["Grüner", "Gruener"])
def test_an_umlaut_may_be_written_out_and_back(ledger: Ledger, last_name: str) -> None:
    lead = ledger.tells(email="a@x.example", first_name="Anna", last_name=last_name, company="X")
    for typed in ("Grüner", "Gruener", "Gruner", "anna gruener", "GRÜNER Anna"):
        found = finds(ledger, typed).lead
        assert found is not None, typed
        assert found.id == lead.id, typed


def test_so_may_a_companys(ledger: Ledger) -> None:
    for number, company in enumerate(("Grüner GmbH", "Jörgensen A/S")):
        ledger.tells(email=f"kim@c{number}.example", first_name="Kim", last_name="Poe", company=company)
    for typed in ("Gruener", "Grüner", "Jörgensen", "Joergensen"):
        found = finds(ledger, typed).lead
        assert found is not None, typed
        assert str(found.company)[:1] == typed[:1], typed


def test_a_number_that_no_lead_has_is_answered_as_a_number(ledger: Ledger) -> None:
    answer = ledger.database.read_now(why_of, ledger.context(RILEY), WhyAsked("#9999"))
    assert answer.text.startswith("There is no lead #9999.")
