"""What somebody types after /lead add, and that no message takes longer than its length."""

from __future__ import annotations

import pytest

from bot.leadform.told import LONGEST, found_in, found_in_line

LINES = {
    "jane@acme.com, Jane Doe, CTO at ACME, 450 employees": {
        "email": "jane@acme.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "title": "CTO",
        "company": "ACME",
        "employees": "450",
    },
    "Jane Doe, jane@acme.com, ACME, +1 617 555 0101, Germany, via Fair Berlin": {
        "email": "jane@acme.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "company": "ACME",
        "phone": "+1 617 555 0101",
        "country": "Germany",
        "source": "Fair Berlin",
    },
    "jane.doe@acme.com, about 1.2k people, wants a price list for schools": {
        "email": "jane.doe@acme.com",
        "employees": "1200",
        "notes": "wants a price list for schools",
        "first_name": "Jane",
        "last_name": "Doe",
    },
    "jane@acme.com, VP Sales @ ACME GmbH, 11-50 employees, q4-webinar": {
        "email": "jane@acme.com",
        "title": "VP Sales",
        "company": "ACME GmbH",
        "employees": "11",
        "campaign": "q4-webinar",
    },
    "jane@acme.com": {"email": "jane@acme.com"},
    "jane@acme.com Jane Doe from ACME": {
        "email": "jane@acme.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "company": "ACME",
    },
    "": {},
    ",,,": {},
}


@pytest.mark.parametrize("line", LINES)
def test_a_typed_line_fills_the_form_part_by_part(line: str) -> None:
    assert found_in_line(line, ["q4-webinar"]) == LINES[line]


def test_what_is_nothing_else_becomes_the_note() -> None:
    found = found_in_line("jane@acme.com, Jane Doe, ACME, wants a demo on Tuesday, has budget")
    assert found["notes"] == "wants a demo on Tuesday, has budget"


@pytest.mark.parametrize(
    "text", ["\n" * 8_000, "name: " * 8_000, "A " * 20_000, "1 " * 20_000, "a." * 20_000]
)
def test_no_message_is_looked_at_beyond_its_beginning(text: str) -> None:
    found = found_in(f"{text[: LONGEST + 10]}jane@acme.com")
    assert "email" not in found
    assert len(found.get("notes", "")) <= 1_000
