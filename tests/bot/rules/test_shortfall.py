"""What leads below the line lack, in words that many of them share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import default_agreement
from bot.rules.qualification import judge
from bot.rules.shortfall import shortfall

AGREEMENT = default_agreement().agreement
NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
FIT = {"title": "CTO", "employees": 500}


class Activity(NamedTuple):
    type: str
    at: datetime = NOW
    detail: Any = None


def ago(kind: str, days: int) -> Activity:
    return Activity(kind, NOW - timedelta(days=days))


def lacks(lead: dict[str, Any], *activities: Activity) -> str:
    return shortfall(AGREEMENT.qualification, judge(AGREEMENT, lead, activities, NOW), NOW)


@pytest.mark.parametrize(
    ("lead", "activities", "words"),
    [
        (FIT, [], "no engagement in 30 days"),
        (FIT, [ago("webinar", 31)], "no engagement in 30 days"),
        (FIT, [ago("webinar", 30)], "too little engagement"),
        (FIT, [ago("email_click", 0)], "too little engagement"),
        (FIT, [ago("unheard_of", 0)], "no engagement in 30 days"),
        ({"employees": 60}, [ago("webinar", 0)], "no “Senior title”"),
        ({"title": "CTO"}, [ago("webinar", 0)], "no “A country we sell in”"),  # the cheapest that is enough
        ({}, [ago("webinar", 0)], "no “200+ employees”"),
        ({"title": "Intern"}, [ago("webinar", 0)], "too little fit"),  # no single rule is enough
        ({"title": "Student", "employees": 500}, [ago("webinar", 0)], "held back by “Not a buyer”"),
        ({}, [], "no engagement in 30 days and too little fit"),
        ({}, [ago("email_click", 0)], "too little engagement and too little fit"),
        (FIT, [ago("webinar", 0)], ""),
    ],
)
def test_what_a_lead_lacks(lead: dict[str, Any], activities: list[Activity], words: str) -> None:
    assert lacks(lead, *activities) == words


@given(
    title=st.sampled_from(["", "CTO", "Manager", "Student", "Head of Intern Programmes"]),
    employees=st.sampled_from([None, 5, 50, 500]),
    country=st.sampled_from([None, "US", "FR"]),
    kinds=st.lists(
        st.tuples(st.sampled_from(["webinar", "email_click", "demo_request"]), st.integers(0, 90))
    ),
)
def test_a_lead_lacks_something_just_when_its_points_do_not_qualify_it(
    title: str, employees: int | None, country: str | None, kinds: list[tuple[str, int]]
) -> None:
    lead = {"title": title, "employees": employees, "country": country}
    judged = judge(AGREEMENT, lead, [ago(*each) for each in kinds], NOW)
    lacks = shortfall(AGREEMENT.qualification, judged, NOW)
    assert bool(lacks) == (judged.letter > "B" or judged.digit > 2)
