from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.identity_changes import identity_changes, replay, undo
from bot.rules.splitting import Activity, Entry, Joined, Split, propose_split

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
ANN = {
    "email": "ann@acme.example",
    "first_name": "Ann",
    "last_name": "Bee",
    "title": "CTO",
    "company": "Acme",
    "external_ids": [("crm", "7")],
}
CARL = {"email": "carl@birch.example", "first_name": "Carl", "last_name": "Dunn", "company": "Birch"}


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def told(*records: tuple[str, str | None, dict[str, Any]]) -> list[Entry]:
    """The history of one lead that took in these records, as JSON gives it back."""
    lead: dict[str, Any] = {}
    history = []
    for number, (system, record_id, record) in enumerate(records, start=1):
        changes = json.loads(json.dumps(identity_changes(lead, record)))
        lead |= record
        history.append(Entry(number, day(number), changes, (system, record_id)))
    return history


def split(*args: Any, **options: Any) -> Split:
    proposal = propose_split(*args, **options)
    assert proposal is not None
    return proposal


def test_a_lead_that_was_overwritten_is_parted_into_who_it_was_and_who_it_became() -> None:
    history = told(
        ("crm", "7", ANN),
        ("fair", "1", {**CARL, "external_ids": [("crm", "7"), ("fair", "1")]}),
        ("fair", "1", {"title": "Head of Sales", "phone": "+16175550101"}),
    )
    activities = [
        Activity(1, day(1), entry=1),
        Activity(2, day(9), entry=2),
        Activity(3, day(0), source=("crm", "7")),
        Activity(4, day(0), source=("fair", "1")),
    ]
    parted = split(history, activities)
    assert (parted.stays.name, parted.goes.name) == ("Ann Bee", "Carl Dunn")
    assert (parted.stays.fields["title"], parted.stays.fields["phone"]) == ("CTO", None)
    assert parted.goes.fields["title"] == "Head of Sales"
    assert parted.goes.fields["company"] == "Birch"
    assert parted.stays.external_ids == (("crm", "7"),)
    assert parted.goes.external_ids == (("fair", "1"),)
    assert (parted.stays.addresses, parted.goes.addresses) == (("ann@acme.example",), ("carl@birch.example",))
    assert (parted.stays.activities, parted.goes.activities) == ((1, 3), (2, 4))
    assert (parted.stays.entries, parted.goes.entries) == ((1,), (2, 3))
    assert parted.doubts == ()


def test_two_who_overwrote_each_other_night_after_night_get_their_own_back() -> None:
    history = told(
        ("crm", "7", ANN),
        ("fair", "1", CARL),
        ("crm", "7", {**ANN, "title": "CEO"}),
        ("fair", "1", CARL),
        ("crm", "7", {**ANN, "email": "ann@new.example", "title": "CEO"}),
    )
    parted = split(history)
    assert (parted.stays.entries, parted.goes.entries) == ((1, 3, 5), (2, 4))
    assert parted.stays.fields["title"] == "CEO"
    assert parted.stays.addresses == ("ann@acme.example", "ann@new.example")
    assert parted.goes.fields["email"] == "carl@birch.example"


def test_who_the_lead_was_when_sales_took_it_stays() -> None:
    history = told(("crm", "7", ANN), ("fair", "1", CARL))
    assert split(history, held_at=day(1)).stays.name == "Ann Bee"
    assert split(history, held_at=day(3)).stays.name == "Carl Dunn"
    assert split(history, held_at=day(0)).stays.name == "Ann Bee"


def test_a_merge_by_hand_is_taken_apart_into_what_each_lead_was() -> None:
    history = told(("crm", "7", ANN), ("crm", "7", {"title": "CEO"}))
    joined = Joined(5, CARL, (("fair", "1"),), frozenset({20, 21}))
    merge = Entry(
        10, day(3), {"external_ids": [[["crm", "7"]], [["crm", "7"], ["fair", "1"]]]}, joined=joined
    )
    after = Entry(11, day(4), {"title": ["CEO", "Chair"]}, ("crm", "7"))
    activities = [Activity(1, day(1), entry=1), Activity(20, day(1)), Activity(21, day(2))]
    parted = split([*history, merge, after], activities, held_at=day(9))
    assert (parted.stays.name, parted.goes.name, parted.goes.lead) == ("Ann Bee", "Carl Dunn", 5)
    assert parted.goes.external_ids == (("fair", "1"),)
    assert parted.stays.external_ids == (("crm", "7"),)
    assert (parted.stays.activities, parted.goes.activities) == ((1,), (20, 21))
    assert parted.stays.fields["title"] == "Chair"


def test_an_id_that_both_bore_stays_with_the_first_and_is_a_doubt() -> None:
    history = told(("crm", "7", ANN), ("crm", "7", {**CARL, "external_ids": [("crm", "7")]}))
    parted = split(history)
    assert parted.stays.external_ids == (("crm", "7"),)
    assert parted.goes.external_ids == ()
    assert parted.doubts == ("The id 7 of crm came with both; it stays with Ann Bee.",)


def test_an_activity_without_a_record_goes_by_its_date_and_is_a_doubt() -> None:
    history = told(("crm", "7", ANN), ("fair", "1", CARL))
    parted = split(history, [Activity(1, day(0)), Activity(2, day(1)), Activity(3, day(5))])
    assert (parted.stays.activities, parted.goes.activities) == ((1, 2), (3,))
    assert parted.doubts == (
        "Some activities do not say which record brought them; they went by their dates.",
    )


def test_without_names_the_last_change_of_address_is_the_seam() -> None:
    history = told(
        ("fair", "1", {"email": "ada@acorn.example", "title": "CTO"}),
        ("fair", "1", {"email": "ben@birch.example", "title": "CEO"}),
    )
    parted = split(history)
    assert (parted.stays.name, parted.goes.name) == ("ada@acorn.example", "ben@birch.example")
    assert (parted.stays.fields["title"], parted.goes.fields["title"]) == ("CTO", "CEO")


def test_a_manager_may_say_where_the_second_person_begins() -> None:
    history = told(
        (
            "crm",
            "7",
            {"email": "kim@acme.example", "first_name": "Kim", "last_name": "Bee", "company": "Acme"},
        ),
        ("crm", "7", {"title": "CTO"}),
        ("web", None, {"email": "lou@acme.example", "first_name": "Lou"}),
    )
    assert split(history).goes.entries == (3,)
    parted = split(history, seam=3)
    assert (parted.stays.name, parted.goes.name) == ("Kim Bee", "Lou Bee")
    assert (
        parted.goes.fields["company"] == "Acme"
    )  # both are at one company, so the second record changed none
    assert parted.stays.fields["title"] == "CTO"
    assert parted.goes.fields["title"] is None


def test_a_third_name_is_told() -> None:
    history = told(
        ("fair", "1", ANN),
        ("fair", "1", CARL),
        ("fair", "1", {**CARL, "first_name": "Eva", "last_name": "Fox"}),
    )
    parted = split(history)
    assert parted.goes.entries == (2, 3)
    assert parted.doubts[0] == "The id 1 of fair came with both; it stays with Ann Bee."
    assert "Eva Fox is a third name; it is counted as the second person's." in parted.doubts


def test_one_person_is_not_split() -> None:
    assert propose_split([]) is None
    married = told(("crm", "7", ANN), ("crm", "7", {"last_name": "Dee"}), ("web", None, {"title": "CEO"}))
    assert propose_split(married) is None


_records = st.lists(
    st.tuples(
        st.sampled_from(["crm", "fair"]),
        st.sampled_from(["1", "2", None]),
        st.fixed_dictionaries(
            {},
            optional={
                "email": st.sampled_from(["ann@acme.example", "carl@birch.example", "info@acme.example"]),
                "first_name": st.sampled_from(["Ann", "Carl", "Eva"]),
                "last_name": st.sampled_from(["Bee", "Dunn"]),
                "title": st.sampled_from(["CTO", "CEO"]),
            },
        ),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(_records, st.lists(st.tuples(st.integers(0, 9), st.integers(1, 8) | st.none()), max_size=6))
def test_each_entry_activity_id_and_address_goes_to_exactly_one_of_the_two_and_none_is_lost(
    records: list[tuple[str, str | None, dict[str, Any]]], happened: list[tuple[int, int | None]]
) -> None:
    history = told(*records)
    activities = [
        Activity(number, day(on), entry)
        for number, (on, entry) in enumerate(happened)
        if (entry or 1) <= len(history)
    ]
    proposal = propose_split(history, activities)
    if proposal is None:
        return
    stays, goes = proposal.stays, proposal.goes
    assert sorted(stays.entries + goes.entries) == [entry.id for entry in history]
    assert sorted(stays.activities + goes.activities) == [activity.id for activity in activities]
    assert set(stays.external_ids) | set(goes.external_ids) == {
        (system, number) for system, number, _ in records if number
    }
    assert not set(stays.external_ids) & set(goes.external_ids)
    emails = {record["email"] for _, _, record in records if "email" in record}
    assert {*stays.addresses, *goes.addresses} == emails
    final = replay(entry.changes for entry in history)
    assert undo(final, (entry.changes for entry in reversed(history))) == replay([])


@settings(deadline=None)
@given(_records, st.lists(st.integers(0, 12), max_size=8))
def test_what_goes_by_its_date_goes_by_the_times_of_either_person(
    records: list[tuple[str, str | None, dict[str, Any]]], days: list[int]
) -> None:
    activities = [Activity(number, day(on)) for number, on in enumerate(days)]
    proposal = propose_split(told(*records), activities)
    if proposal is None:
        return
    for part in (proposal.stays, proposal.goes):
        within = [
            each.id
            for each in activities
            for since, until in part.times
            if (since is None or since <= each.at) and (until is None or each.at < until)
        ]
        assert within == list(part.activities)
