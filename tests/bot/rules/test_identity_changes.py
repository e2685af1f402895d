from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.identity_changes import (
    IDENTITY_FIELDS,
    HistoryGap,
    identity_changes,
    replay,
    undo,
    worth_telling,
)

ANN = {"email": "ann@acme.example", "first_name": "Ann", "last_name": "Bee", "title": "CTO", "employees": 500}


def test_only_what_says_who_somebody_is_and_is_different_is_kept_with_old_and_new_value() -> None:
    told = {"email": "ann@new.example", "first_name": "Ann", "title": None, "employees": 50, "phone": "1"}
    assert identity_changes(ANN, told) == {
        "email": ("ann@acme.example", "ann@new.example"),
        "title": ("CTO", None),
        "phone": (None, "1"),
    }


def test_of_somebody_new_each_value_is_a_change() -> None:
    assert identity_changes({}, ANN) == {
        name: (None, value) for name, value in ANN.items() if name in IDENTITY_FIELDS
    }


def test_ids_are_compared_without_their_order() -> None:
    old = {"external_ids": [["hs", "2"], ["crm", "1"]]}
    assert identity_changes(old, {"external_ids": (("crm", "1"), ("hs", "2"))}) == {}
    assert identity_changes(old, {"external_ids": [("crm", "1")]}) == {
        "external_ids": ((("crm", "1"), ("hs", "2")), (("crm", "1"),))
    }


def test_what_is_only_written_otherwise_is_kept_but_not_worth_telling() -> None:
    old = {**ANN, "phone": "617-555-0101"}
    new = {"email": "Ann@ACME.example", "phone": "+1 617 555 0101", "title": "CEO"}
    changes = identity_changes(old, new)
    assert changes.keys() == {"email", "phone", "title"}
    assert worth_telling(changes, "US") == {"title": ("CTO", "CEO")}
    assert undo({**old, **new}, [changes]) == old


def test_a_hole_in_the_history_is_not_written_over() -> None:
    first = identity_changes({}, ANN)
    second = identity_changes({**ANN, "title": "CEO"}, {"title": "CIO"})
    with pytest.raises(HistoryGap, match="title was changed by something that the history does not tell"):
        replay([first, second])
    with pytest.raises(HistoryGap) as gap:
        undo({**ANN, "title": "CFO"}, [second])
    assert gap.value.field == "title"


_pairs = st.lists(st.tuples(st.sampled_from(["crm", "hs", "file:x"]), st.sampled_from("123")), max_size=3)
_records = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.none() | st.text(max_size=5) for name in IDENTITY_FIELDS if name != "external_ids"},
        "external_ids": _pairs,
        "employees": st.integers(),
    },
)


@settings(deadline=None)
@given(st.lists(_records, min_size=1, max_size=8), st.integers(0, 8))
def test_from_the_history_alone_each_lead_is_put_back_as_it_was(
    records: list[dict[str, Any]], back: int
) -> None:
    lead: dict[str, Any] = {}
    states, history = [replay([])], []
    for record in records:
        changes = identity_changes(lead, record)
        lead = {**lead, **record}
        history.append(json.loads(json.dumps(changes)))
        states.append({name: replay([identity_changes({}, lead)])[name] for name in IDENTITY_FIELDS})
    steps = max(0, len(records) - back)
    assert replay(history[:steps]) == states[steps]
    put_back = undo(lead, reversed(history[steps:]))
    assert replay([identity_changes({}, put_back)]) == states[steps]
    assert put_back.get("employees") == lead.get("employees")
