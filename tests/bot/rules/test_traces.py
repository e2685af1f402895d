"""Who was erased is known again by an address, an id or a number with their name, and by nothing less."""

from __future__ import annotations

import pytest

from bot.rules.names import Name
from bot.rules.traces import Person, Record, is_meant, traces

ANN = Person(
    addresses=frozenset({"ann@acme.example", "info@acme.example"}),
    ids=frozenset({("crm", "7")}),
    phones=frozenset({"+49301"}),
    names=frozenset({Name("Änn", "Bell")}),
)


@pytest.mark.parametrize(
    ("record", "meant"),
    [
        (Record("x", email_key="ann@acme.example"), True),
        (Record("x", email_key="ann@acme.example", name=Name("Bo", "Cole")), True),
        (Record("x", email_key="info@acme.example", name=Name("Bell", "ann")), True),
        (Record("x", email_key="info@acme.example", name=Name("Bo", "Cole")), False),
        (Record("x", email_key="info@acme.example"), False),
        (Record("crm", "7"), True),
        (Record("crm", "7", name=Name("Bo", "Cole")), True),
        (Record("crm", "7", email_key="bo@acme.example", name=Name("Bo", "Cole")), False),
        (Record("crm", "7", email_key="bo@acme.example", name=Name("Ann", "Bell")), True),
        (Record("fair", "7"), False),
        (Record("x", phone_key="+49301", name=Name("Ann", "Bell")), True),
        (Record("x", phone_key="+49301", name=Name("Bo", "Cole")), False),
        (Record("x", "8", phone_key="+49301", name=Name("Ann", "Bell")), True),
        (Record("x"), False),
    ],
)
def test_whom_a_record_means(record: Record, *, meant: bool) -> None:
    assert is_meant(record, traces(ANN)) is meant


def test_an_address_that_others_have_too_needs_the_name() -> None:
    shared = Person(
        addresses=frozenset({"ann@acme.example"}),
        names=frozenset({Name("Ann", "Bell")}),
        shared=frozenset({"ann@acme.example"}),
    )
    assert not is_meant(Record("x", email_key="ann@acme.example"), traces(shared))
    assert is_meant(Record("x", email_key="ann@acme.example", name=Name("Ann", "Bell")), traces(shared))
