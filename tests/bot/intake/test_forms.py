"""Forms of page builders are read by their fields' names, however those are wrapped."""

from __future__ import annotations

from typing import Any

import pytest

from bot.intake.forms import numbered, of_json, unpacked


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"form_fields[email]": "a@b.c", "form_id": "7"}, {"email": "a@b.c", "form_id": "7"}),
        ({"names[first_name]": "Ann", "names[last_name]": "Bee"}, {"first_name": "Ann", "last_name": "Bee"}),
        ({"company[name]": "ACME", "utm[term]": "crm"}, {"company name": "ACME", "utm term": "crm"}),
        ({"interests[]": ["a", "b"]}, {"interests": ["a", "b"]}),
        ({"fields[x1][title]": "Email", "fields[x1][value]": "a@b.c"}, {"Email": "a@b.c"}),
        ({"data": {"Email": "a@b.c", "data": {"Phone": "1"}}}, {"Email": "a@b.c", "Phone": "1"}),
        ({"email": "a@b.c", "fields": {"email": "x@y.z"}}, {"email": "a@b.c"}),
        ({"company": {"name": "ACME"}}, {"company": {"name": "ACME"}}),
        ({"a[b]": "1", "a[b][c]": "2"}, {"a b": "1"}),
        ([], {}),
        (None, {}),
    ],
)
def test_fields_come_out_of_brackets_and_wrappers(body: Any, fields: dict[str, Any]) -> None:
    assert unpacked(body) == fields


def test_a_body_that_wraps_itself_without_end_is_read_as_far_as_anybody_would() -> None:
    body: dict[str, Any] = {"email": "a@b.c"}
    for _ in range(50):
        body = {"data": body, "phone": "1"}
    assert unpacked(body) == {"phone": "1"}


def test_a_name_in_brackets_without_end_is_a_name() -> None:
    name = "a" + "[b]" * 10_000
    assert unpacked({name: "1", "email": "a@b.c"}) == {name: "1", "email": "a@b.c"}


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "1", None, 7])
def test_a_text_that_is_no_object_names_nothing(text: Any) -> None:
    assert numbered(of_json(text)) == {}


def test_answers_are_taken_apart_and_whatever_is_no_question_is_left_out() -> None:
    told = {
        "slug": "x",
        "q1_name": {"first": "Ann", "last": "Bee"},
        "q2_phone": {"area": "212", "phone": "555 0142"},
        "q3_address": {"state": "NY", "country": "US", "city": ""},
        "q4_email": "",
        "q5_plan": ["a", "b"],
    }
    assert numbered(told) == {
        "first_name": "Ann",
        "last_name": "Bee",
        "phone": "212 555 0142",
        "region": "NY",
        "country": "US",
        "plan": "a, b",
    }
