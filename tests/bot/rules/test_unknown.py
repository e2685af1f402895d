"""Words that nothing knows are told, each with the nearest that is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.agreement import Agreement, default_agreement, parse_agreement
from bot.leadform import read_lead
from bot.rules.unknown import activity_notes, column_notes, is_slip, nearest, notes_on, slips, unknown_keys
from bot.setup.checkup import warnings_of

TEXT = default_agreement().text
AGREEMENT = default_agreement().agreement
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)


def changed(old: str, new: str) -> Agreement:
    assert old in TEXT
    return parse_agreement(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("demo_requested", "activity demo_requested is in no rule; did you mean demo_request?"),
        ("webinr", "activity webinr is in no rule; did you mean webinar?"),
        ("carrier_pigeon", "activity carrier_pigeon is in no rule"),
        ("Demo Request", None),
        ("webinar_attended", None),
        ("page_view", None),
        ("voicemail", None),
    ],
)
def test_an_activity_in_no_rule_is_told_with_the_nearest(kind: str, note: str | None) -> None:
    assert activity_notes(AGREEMENT, [kind, kind]) == ((note,) if note else ())


def test_an_activity_that_only_a_priority_names_is_in_a_rule() -> None:
    agreement = changed('P2 = ["A2", "B1"]', 'P2 = ["A2", "B1", "activity:carrier_pigeon"]')
    assert activity_notes(agreement, ["carrier_pigeon"]) == ()


def test_the_notes_on_a_record_gather_all_that_its_sender_should_know() -> None:
    told: dict[str, Any] = {
        "email": "jane@example.com",
        "employes": 500,
        "Favourite colour": "green",
        "activities": [{"type": "demo_requested"}, {"type": "webinar", "at": "2031-01-01"}, "Never"],
    }
    assert notes_on(AGREEMENT, read_lead(told, now=NOW)) == (
        '"Never" is not a type of activity, and was left out',
        "activity webinar is dated 2031-01-01 00:00 UTC, which lies ahead; it counts from then on",
        "employes is not a field of a lead, and was kept as it is; did you mean employees?",
        "activity demo_requested is in no rule; did you mean demo_request?",
    )


@pytest.mark.parametrize("column", ["campaign_id", "Company ID", "ownerId", "source-id"])
def test_the_id_of_something_is_no_slip_for_it(column: str) -> None:
    assert column_notes(AGREEMENT, [column]) == ()


def test_a_column_that_a_rule_asks_for_is_no_slip() -> None:
    agreement = changed('match   = { employees = ">=200" }', 'match   = { Employes = ">=200" }')
    told = {"email": "jane@example.com", "employes": 500}
    assert notes_on(agreement, read_lead(told, now=NOW)) == ()


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        (
            'match   = { employees = ">=200" }',
            'match   = { employes = ">=200" }',
            'teams[0] "Enterprise".match.employes',
            'did you mean "employees"?',
        ),
        (
            'when = { employees = ">=50" }',
            'when = { "Job Title" = "x" }',
            "qualification.fit[4].when.Job Title",
            'write "title"',
        ),
        (
            'when = { activity = "email_click" }',
            'when = { visist = ">=5" }',
            "qualification.engagement[10].when.visist",
            'did you mean "visits"?',
        ),
        (
            "match = { title = '~\\b(cfo",
            "match = { moon_phase = '~\\b(cfo",
            'personas[1] "Finance leader".match.moon_phase',
            "until a lead has such a column",
        ),
    ],
)
def test_a_key_that_no_lead_has_is_told_with_the_nearest(old: str, new: str, place: str, says: str) -> None:
    [found] = unknown_keys(changed(old, new))
    assert found.place == place
    assert says in found.says


@pytest.mark.parametrize(
    "key", ["Employees", "number-of-employees", '"E-Mail"', "Origin", "page_views", "score"]
)
def test_a_key_is_known_without_case_and_punctuation(key: str) -> None:
    agreement = changed('when = { employees = ">=50" }', f'when = {{ {key} = ">=50" }}')
    assert unknown_keys(agreement, ["Number of Employees"]) == ()


def test_a_column_that_came_in_is_known() -> None:
    agreement = changed('when = { employees = ">=50" }', 'when = { lead_tier = "gold" }')
    assert unknown_keys(agreement) != ()
    assert unknown_keys(agreement, ["Lead Tier"]) == ()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            '"activity:pricing_request",\n  "activity:contact_sales",\n]',
            '"activity:pricing_reqest",\n  "activity:contact_sales",\n]',
            (
                "qualification.always[1]",
                '"pricing_reqest" appears nowhere else; did you mean "pricing_request"?',
            ),
        ),
        (
            'P1 = ["A1", "activity:demo_request"',
            'P1 = ["A1", "activity:demo_requests"',
            ("priorities.P1[1]", '"demo_requests" appears nowhere else; did you mean "demo_request"?'),
        ),
        ('P2 = ["A2"', 'P2 = ["activity:carrier_pigeon"', None),
        ('P2 = ["A2"', 'P2 = ["activity:webinar_attended"', None),
    ],
)
def test_an_activity_one_slip_away_from_a_known_one_is_told(
    old: str, new: str, found: tuple[str, str] | None
) -> None:
    assert [(each.place, each.says) for each in slips(changed(old, new))] == ([found] if found else [])


def test_an_activity_that_came_in_is_known() -> None:
    agreement = changed('P2 = ["A2"', 'P2 = ["activity:demo_requests"')
    assert slips(agreement)
    assert slips(agreement, ["Demo Requests"]) == ()


def test_the_default_agreement_gives_nothing_to_warn_of() -> None:
    assert list(warnings_of(AGREEMENT)) == []


def test_what_is_carried_out_is_not_warned_of() -> None:
    more = '\n[retention]\nleads = "3y"\n[[webhooks]]\nurl = "https://example.com/x"\nsecret_env = "SECRET"\n'
    assert list(warnings_of(parse_agreement(TEXT + more))) == []


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [
        ("employes", "employees", True),
        ("demo_requested", "demo_request", True),
        ("form", "from", True),
        ("call", "mail", False),
        ("title", "title", False),
    ],
)
def test_a_slip_is_a_letter_or_in_a_long_word_two(word: str, other: str, slip: bool) -> None:
    assert is_slip(word, other) is slip


def test_nothing_is_near_to_what_is_like_nothing() -> None:
    assert nearest("moon_phase", ["title", "employees"]) is None
    assert nearest("", ["title"]) is None
