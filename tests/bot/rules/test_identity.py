from __future__ import annotations

from typing import Any

import pytest

from bot.leadform.keys import company_domain, company_key, email_key
from bot.rules.identity import Came, Change, Hold, Known, Outcome, Tie, Verdict, decide
from bot.rules.names import Name

ADDRESS, NAME = frozenset({Change.ADDRESS}), frozenset({Change.NAME})
BOTH = ADDRESS | NAME


def columns(who: str, email: str | None, company: str | None) -> dict[str, Any]:
    first, _, last = who.partition(" ")
    return {
        "first_name": first or None,
        "last_name": last or None,
        "email_key": email and email_key(email),
        "company_domain": company_domain(email),
        "company_key": company and company_key(company),
    }


def came(
    who: str = "", email: str | None = None, external_id: str | None = None, *, company: str | None = None
) -> Came:
    return Came.of("crm", external_id, columns(who, email, company))


def lead(
    lead_id: int, who: str = "", email: str | None = None, *, company: str | None = None, **more: Any
) -> Known:
    return Known.of(lead_id, columns(who, email, company), **more)


def names(*whole: str) -> tuple[Name, ...]:
    return tuple(Name(None, each) for each in whole)


def said(verdict: Verdict) -> tuple[Outcome, int | None, frozenset[Change]]:
    return verdict.outcome, verdict.lead, verdict.changes


ADA = lead(1, "Ada Stone", "ada@acorn.example")
JANE = lead(2, "Jane Doe", "jane.doe@acme.example", company="Acme")
PRIVATE = lead(3, "Jane Doe", "jane.doe@gmail.com")
BARE = lead(4, "Ray Finn", company="Van Arsdel")

OF_THE_ID = [
    # (who, address), what the lead of the id is, verdict, what changes
    ("Ada Stone", "ada@acorn.example", ADA, Outcome.KNOWN, frozenset()),
    ("Ada Stone", "Ada+fair@Acorn.example", ADA, Outcome.KNOWN, frozenset()),
    ("ADA STONE", None, ADA, Outcome.KNOWN, frozenset()),
    ("", None, ADA, Outcome.KNOWN, frozenset()),
    ("", "ada@acorn.example", ADA, Outcome.KNOWN, frozenset()),
    ("Ada Stone", "ada.stone@oak.example", ADA, Outcome.KNOWN, ADDRESS),
    ("Dr. A. Stone", "ada.stone@oak.example", ADA, Outcome.KNOWN, ADDRESS),
    ("", "ada.stone@oak.example", ADA, Outcome.KNOWN, ADDRESS),
    ("Ada Berg", "ada@acorn.example", ADA, Outcome.KNOWN, NAME),
    ("Ben Marsh", "ada@acorn.example", ADA, Outcome.KNOWN, NAME),
    ("Ben Marsh", "ben@birch.example", ADA, Outcome.CONFLICT, frozenset()),
    ("Ben Marsh", "ben@acorn.example", ADA, Outcome.CONFLICT, frozenset()),
    ("Ben Stone", "ben@acorn.example", ADA, Outcome.CONFLICT, frozenset()),
    ("Ben", "ben@birch.example", ADA, Outcome.CONFLICT, frozenset()),
    ("Ben Marsh", None, ADA, Outcome.KNOWN, NAME),
    # a wedding changes both, at one company; two who share a first name elsewhere are two
    ("Jane Smith", "jane.smith@acme.example", JANE, Outcome.KNOWN, BOTH),
    ("Jane Smith", "jane.smith@emea.acme.example", JANE, Outcome.KNOWN, BOTH),
    ("Jane Smith", "jane@birch.example", JANE, Outcome.CONFLICT, frozenset()),
    ("Jane Smith", "jane.smith@gmail.com", PRIVATE, Outcome.CONFLICT, frozenset()),
    # a lead without an address: there is no other address, but there may be another company
    ("Ray Finn", "ray@vanarsdel.example", BARE, Outcome.KNOWN, frozenset()),
    ("Ray Berg", "ray@vanarsdel.example", BARE, Outcome.KNOWN, NAME),
    ("Luc Roi", "luc@consolidated.example", BARE, Outcome.KNOWN, NAME),
]


@pytest.mark.parametrize(("who", "email", "known", "outcome", "changes"), OF_THE_ID)
def test_a_known_id_is_its_lead_unless_address_and_name_say_somebody_else(
    who: str, email: str | None, known: Known, outcome: Outcome, changes: frozenset[Change]
) -> None:
    here = [known] if email and email_key(email) == known.email_key else []
    verdict = decide(came(who, email, "7"), known, here)
    assert said(verdict) == (outcome, known.id, changes)
    assert verdict.tie is Tie.ID


def test_two_badges_of_one_number_at_two_companies_are_two_people() -> None:
    verdict = decide(came("Luc Roi", None, "1", company="Consolidated"), BARE)
    assert said(verdict) == (Outcome.CONFLICT, 4, frozenset())
    assert verdict.words == (
        "The id 1 of crm is Ray Finn (lead #4), and this record is Luc Roi at another company."
        " Give each person an id of their own."
    )
    same = decide(came("Luc Roi", None, "1", company="Van Arsdel, Inc."), BARE)
    assert said(same) == (Outcome.KNOWN, 4, NAME)


def test_a_conflict_names_both_and_no_address() -> None:
    verdict = decide(came("Ben Marsh", "ben@birch.example", "123457"), ADA)
    assert verdict.words == (
        "The id 123457 of crm is Ada Stone (lead #1), and this record is Ben Marsh at another address."
        " Give each person an id of their own."
    )
    assert "@" not in decide(came("", "ben@birch.example", "7"), JANE, [ADA]).words


@pytest.mark.parametrize("who", ["", "Ada Stone", "Jane Doe", "Ben Marsh"])
def test_an_id_and_an_address_of_two_leads_are_a_conflict(who: str) -> None:
    verdict = decide(came(who, "ada@acorn.example", "7"), JANE, [ADA])
    assert said(verdict) == (Outcome.CONFLICT, 2, frozenset())
    assert verdict.others == (1,)
    assert "Jane Doe (lead #2)" in verdict.words
    assert "Ada Stone (lead #1)" in verdict.words


AT_THE_ADDRESS = [
    ("Ada Stone", Outcome.KNOWN, frozenset()),
    ("", Outcome.KNOWN, frozenset()),
    ("Ada", Outcome.KNOWN, frozenset()),
    ("Ada Berg", Outcome.KNOWN, NAME),
    ("Ben Marsh", Outcome.KNOWN, NAME),
]


@pytest.mark.parametrize(("who", "outcome", "changes"), AT_THE_ADDRESS)
@pytest.mark.parametrize("external_id", [None, "99"])
def test_another_name_at_one_address_is_a_change_of_name(
    who: str, outcome: Outcome, changes: frozenset[Change], external_id: str | None
) -> None:
    verdict = decide(came(who, "ada@acorn.example", external_id), None, [ADA])
    assert said(verdict) == (outcome, 1, changes)
    assert verdict.tie is Tie.ADDRESS


def test_two_records_of_one_system_at_one_address_are_two_people_if_their_names_are_others() -> None:
    known = lead(1, "Ada Stone", "ada@acorn.example", ids=frozenset({"7"}))
    at = "ada@acorn.example"
    assert decide(came("Ben Marsh", at, "8"), None, [known]).outcome is Outcome.NEW
    assert said(decide(came("Ada Stone", at, "8"), None, [known])) == (Outcome.KNOWN, 1, frozenset())
    assert said(decide(came("Ada Berg", at, "8"), None, [known])) == (Outcome.KNOWN, 1, NAME)
    assert said(decide(came("", at, "8"), None, [known])) == (Outcome.KNOWN, 1, frozenset())
    assert said(decide(came("Ben Marsh", at), None, [known])) == (Outcome.KNOWN, 1, NAME)


ANN = lead(1, "Ann Bee", "info@acme.example")
CARL = lead(2, "Carl Dunn", "info@acme.example")
NAMELESS = lead(3, "", "info@acme.example")


@pytest.mark.parametrize(
    ("who", "here", "outcome", "lead_id"),
    [
        ("Ann Bee", [], Outcome.NEW, None),
        ("Ann Bee", [ANN], Outcome.KNOWN, 1),
        ("Carl Dunn", [ANN], Outcome.NEW, None),
        ("Carl Bee", [ANN], Outcome.NEW, None),
        ("Ann Dunn", [ANN], Outcome.NEW, None),
        ("Carl Dunn", [ANN, CARL], Outcome.KNOWN, 2),
        ("C. Dunn", [ANN, CARL], Outcome.KNOWN, 2),
        ("Eva Fox", [ANN, CARL], Outcome.NEW, None),
        ("", [ANN], Outcome.KNOWN, 1),
        ("", [ANN, CARL], Outcome.NEW, None),
        ("", [ANN, CARL, NAMELESS], Outcome.KNOWN, 3),
        ("Ann Bee", [NAMELESS], Outcome.KNOWN, 3),
        ("Eva Fox", [CARL, NAMELESS], Outcome.NEW, None),
        ("Ann Bee", [ANN, CARL, NAMELESS], Outcome.KNOWN, 1),
    ],
)
def test_at_a_shared_mailbox_address_and_name_make_the_person(
    who: str, here: list[Known], outcome: Outcome, lead_id: int | None
) -> None:
    verdict = decide(came(who, "info@acme.example"), None, here)
    assert said(verdict) == (outcome, lead_id, frozenset())


def test_an_address_at_which_two_names_are_known_is_shared_too() -> None:
    ann, carl = lead(1, "Ann Bee", "ab@acme.example"), lead(2, "Carl Dunn", "ab@acme.example")
    assert decide(came("Eva Fox", "ab@acme.example"), None, [ann, carl]).outcome is Outcome.NEW
    renamed = lead(1, "Carl Dunn", "ab@acme.example", former_names=names("Ann Bee"))
    assert decide(came("Eva Fox", "ab@acme.example"), None, [renamed]).outcome is Outcome.NEW
    assert decide(came("Carl Dunn", "ab@acme.example"), None, [renamed]).lead == 1


def test_a_wedding_makes_no_mailbox_a_shared_one() -> None:
    married = lead(1, "Jane Smith", "jane@acme.example", former_names=names("Jane Doe"))
    assert said(decide(came("Eva Fox", "jane@acme.example"), None, [married])) == (Outcome.KNOWN, 1, NAME)
    assert said(decide(came("Jane Doe", "jane@acme.example"), None, [married])) == (Outcome.KNOWN, 1, NAME)


def test_at_a_shared_mailbox_an_id_of_one_person_does_not_become_another() -> None:
    assert said(decide(came("Ann Bee", "info@acme.example", "7"), ANN, [ANN, CARL])) == (
        Outcome.KNOWN,
        1,
        frozenset(),
    )
    stranger = decide(came("Eva Fox", "info@acme.example", "7"), ANN, [ANN, CARL])
    assert said(stranger) == (Outcome.CONFLICT, 1, frozenset())
    assert "at a mailbox that several people share" in stranger.words
    colleague = decide(came("Carl Dunn", "info@acme.example", "7"), ANN, [ANN, CARL])
    assert said(colleague) == (Outcome.CONFLICT, 1, frozenset())
    assert colleague.others == (2,)
    married = decide(came("Ann Dee", "info@acme.example", "7"), ANN, [ANN, CARL])
    assert said(married) == (Outcome.KNOWN, 1, NAME)


def test_somebody_may_move_to_a_mailbox_that_others_share() -> None:
    jane = lead(9, "Jane Doe", "jane.doe@acme.example")
    moved = decide(came("Jane Doe", "info@acme.example", "7"), jane, [ANN, CARL])
    assert said(moved) == (Outcome.KNOWN, 9, ADDRESS)
    assert decide(came("Ann Bee", "info@acme.example", "7"), jane, [ANN, CARL]).outcome is Outcome.CONFLICT


def test_half_a_name_that_two_people_bear_is_ambiguous() -> None:
    doe, roe = lead(1, "Jane Doe", "info@acme.example"), lead(2, "Jane Roe", "info@acme.example")
    verdict = decide(came("Jane", "info@acme.example"), None, [roe, doe])  # in whichever order they are found
    assert said(verdict) == (Outcome.AMBIGUOUS, None, frozenset())
    assert verdict.others == (1, 2)
    assert (
        verdict.words
        == "Jane may be Jane Doe (lead #1) or Jane Roe (lead #2). Send the whole name, or an id."
    )
    whole = decide(came("Jane Roe", "info@acme.example"), None, [doe, roe])
    assert said(whole) == (Outcome.KNOWN, 2, frozenset())


def test_of_two_leads_that_are_one_person_the_oldest_is_taken() -> None:
    first, second = lead(8, "Jane Doe", "info@acme.example"), lead(5, "JANE DOE", "info@acme.example")
    assert decide(came("Jane Doe", "info@acme.example"), None, [first, second]).lead == 5


def test_the_address_of_a_merged_lead_means_the_lead_that_it_joined_and_does_not_become_its_address() -> None:
    joined = lead(2, "Jane Doe", "jane@acme.example", hold=Hold.JOINED, joined_names=names("J. D. Doe-Smith"))
    for who in ("", "Jane Doe", "J. D. Doe-Smith"):
        for by_id in (None, joined):
            verdict = decide(came(who, "old@acme.example", "7" if by_id else None), by_id, [joined])
            assert said(verdict) == (Outcome.KNOWN, 2, frozenset()), who
            assert "email" in verdict.keeps


def test_a_former_address_still_finds_its_lead_but_not_under_another_name() -> None:
    former = lead(2, "Jane Doe", "jane@new.example", hold=Hold.FORMER)
    verdict = decide(came("Jane Doe", "jane@old.example"), None, [former])
    assert said(verdict) == (Outcome.KNOWN, 2, frozenset())
    assert "email" in verdict.keeps
    assert decide(came("Ben Marsh", "jane@old.example"), None, [former]).outcome is Outcome.NEW


def test_by_its_id_a_lead_may_go_back_to_its_former_address_and_name() -> None:
    former = lead(2, "Jane Smith", "jane@new.example", hold=Hold.FORMER, former_names=names("Jane Doe"))
    assert said(decide(came("Jane Smith", "jane@old.example", "7"), former, [former])) == (
        Outcome.KNOWN,
        2,
        ADDRESS,
    )
    assert said(decide(came("Jane Doe", "jane@old.example", "7"), former, [former])) == (
        Outcome.KNOWN,
        2,
        BOTH,
    )


def test_a_lead_that_moves_takes_the_new_address() -> None:
    former = lead(2, "Jane Smith", "jane@new.example", hold=Hold.FORMER)
    for known in (former, lead(2, "Jane Smith", "jane@new.example")):
        assert decide(came("Jane Smith", "jane@old.example", "7"), known, [former]).keeps == frozenset()


def test_a_sentence_has_no_address_even_where_one_stands_for_a_name_and_no_novel() -> None:
    odd = Known.of(1, {"first_name": "ada@acorn.example", "email_key": "ada@acorn.example"})
    assert decide(came("Ben Marsh", "ada@acorn.example"), None, [odd]).words == "It is lead #1."
    long = decide(came("B" * 300, "ben@birch.example", "7"), ADA).words
    assert "@" not in long
    assert len(long) < 250


def test_a_former_address_of_somebody_else_is_free() -> None:
    former = lead(9, "Ben Marsh", "ben@new.example", hold=Hold.FORMER)
    verdict = decide(came("Jane Doe", "desk@acme.example", "7"), JANE, [former])
    assert said(verdict) == (Outcome.KNOWN, 2, ADDRESS)


@pytest.mark.parametrize(
    ("who", "external_id", "keeps"),
    [
        ("J. Doe", "7", {"first_name", "last_name"}),
        ("Jane", "7", {"first_name", "last_name"}),
        ("", "7", {"first_name", "last_name"}),
        ("Jane Marie Doe", "7", set()),
        ("Doe Jane", "7", set()),
        ("Doe Jane", None, {"first_name", "last_name"}),
        ("Jane Smith", None, set()),
    ],
)
def test_a_name_that_says_less_does_not_overwrite_one_that_says_more(
    who: str, external_id: str | None, keeps: set[str]
) -> None:
    verdict = decide(came(who, "jane.doe@acme.example", external_id), JANE if external_id else None, [JANE])
    assert verdict.lead == 2
    assert set(verdict.keeps) == keeps


def test_without_id_and_address_a_phone_number_and_a_name_make_the_person() -> None:
    ray = lead(4, "Ray Finn")
    called = Came.of("fair", None, {"first_name": "Ray", "last_name": "Finn", "phone": "+16175550101"})
    assert said(decide(called, None, at_phone=[ray])) == (Outcome.KNOWN, 4, frozenset())
    assert decide(called, None, at_phone=[lead(5, "Lia Moss")]).outcome is Outcome.NEW
    assert decide(called, None).outcome is Outcome.NEW
    nameless = Came.of("fair", None, {"phone": "+16175550101"})
    assert decide(nameless, None, at_phone=[ray]).outcome is Outcome.NEW
    assert decide(Came("fair"), None).outcome is Outcome.NOBODY


def test_an_unknown_id_without_an_address_is_somebody_new() -> None:
    assert decide(came("", None, "7"), None).outcome is Outcome.NEW
