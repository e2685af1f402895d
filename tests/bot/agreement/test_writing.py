"""The agreement is changed as it is written: what was meant changes, and every other line stays."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agreement import default_agreement, loaded
from bot.agreement.changes import (
    AddRep,
    Change,
    MoveRep,
    RemoveReason,
    RemoveRep,
    Scalar,
    SetCapacity,
    SetChannel,
    SetPoints,
    SetReason,
    SetValue,
)
from bot.agreement.writing import BY_HAND, CannotWrite, next_version, rewritten
from bot.setup.short_agreement import Answers, Found, short_agreement

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text("utf-8")
SHORT = short_agreement(
    Answers(["ada@x.example"], ["mara@x.example"], "max@x.example", ["sam@x.example", "kim@x.example"]),
    Found(people={"sam@x.example": ("U0SAM11", "Sam Lee"), "kim@x.example": ("U0KIM11", "Kim Poe")}),
    "2026-Q4",
)
TWO_TEAMS = """
[[teams]]
name = "Growth"
channel = "C0GROWTH"
manager = "U0MGR"
reps = [{ user = "U0REP9" }]
"""

# The same two teams as people write them: one list a line, all on one line, sections, all in brackets.
HEAD = """# Ours since spring.
extends = "default"
version = "2026-Q4"   # keep
[roles]
admins = ["U0ADMIN"]  # Ada
marketing = ["U0MARA"]
"""
LAYOUTS = {
    "lines": """[[teams]]  # the big ones
name = "Big"
match = { employees = ">=200" }
channel = "C0BIG"  # #big
manager = "U0MGR"
reps = [  # they share a shift
  { user = "U0AAA1", capacity = 20 },  # Ann
  # at night
  { user = "U0BBB1", hours = { open = "20:00", close = "04:00" } }  # Bob, } and ]
]
# the small ones
[[teams]]
name = "Small"
channel = "C0SMALL"
manager = "U0MGR"
reps = [
\t{ user = "U0CCC1" },
]
""",
    "one line": """[[teams]]
name = "Big"
match = { employees = ">=200" }
channel = "C0BIG"
manager = "U0MGR"
reps = [{ user = "U0AAA1", capacity = 20 }, {user="U0BBB1", hours={open="20:00", close="04:00"}}] # two
[[teams]]
name = 'Small'
channel = '''C0SMALL'''
manager = "U0MGR"
"reps" = [ {user = "U0CCC1"} ]
""",
    "sections": """[[teams]]
name = "Big"
match = { employees = ">=200" }
channel = "C0BIG"
manager = "U0MGR"

# Ann leads it
[[teams.reps]]
user = "U0AAA1"
capacity = 20 # enough

[[teams.reps]]
user = "U0BBB1"
[teams.reps.hours]
open = "20:00"
close = "04:00"

# the small ones
[[teams]]
name = "Small"
channel = "C0SMALL"
manager = "U0MGR"
[[teams.reps]]
user = "U0CCC1"
# that is all""",
    "brackets": """[digest]
channel = "C0D"
time = "09:00"
""",
}
BIG = """{ name = "Big", match = { employees = ">=200" }, channel = "C0BIG", manager = "U0MGR", reps = [\
{ user = "U0AAA1", capacity = 20 }, { user = "U0BBB1", hours = { open = "20:00", close = "04:00" } }] }"""
SMALL = '{ name = "Small", channel = "C0SMALL", manager = "U0MGR", reps = [{ user = "U0CCC1" }] }'
IN_BRACKETS = f"teams = [\n  {BIG},\n  {SMALL},  # few\n]\n"
TEXTS = {name: HEAD + body for name, body in LAYOUTS.items()}
TEXTS["brackets"] = HEAD.replace("[roles]", IN_BRACKETS + "[roles]") + LAYOUTS["brackets"]


def reps_of(text: str) -> dict[str, list[str]]:
    return {team.name: [rep.user for rep in team.reps] for team in loaded(text).agreement.teams}


def removed(before: str, after: str) -> list[str]:
    """The lines that are no longer there, or not as they were."""
    return [line[2:] for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] == "- "]


def comments(text: str) -> list[str]:
    return [line[line.rindex("#") :] for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("layout", TEXTS)
def test_reps_come_go_and_move_in_every_layout(layout: str) -> None:
    text = TEXTS[layout]
    added = rewritten(text, [AddRep("U0NEW11", "Small", capacity=7, name="Zoë\n# Poe")])
    assert reps_of(added) == {"Big": ["U0AAA1", "U0BBB1"], "Small": ["U0CCC1", "U0NEW11"]}
    assert (rep := loaded(added).agreement.teams[1].rep("U0NEW11")) is not None
    assert rep.capacity == 7
    moved = rewritten(text, [MoveRep("U0BBB1", "Big", "Small")])
    assert reps_of(moved) == {"Big": ["U0AAA1"], "Small": ["U0CCC1", "U0BBB1"]}
    before, after = (tomllib.loads(one)["teams"] for one in (text, moved))
    assert before[0]["reps"][1] == after[1]["reps"][1]  # with the hours
    gone = rewritten(text, [RemoveRep("U0AAA1", "Big")])
    assert reps_of(gone) == {"Big": ["U0BBB1"], "Small": ["U0CCC1"]}
    for after_text in (added, moved, gone):
        mine = {"# Ann", "# Bob, } and ]", "# enough"}  # these may go with their rep
        assert not set(comments(text)) - set(comments(after_text)) - mine


@pytest.mark.parametrize("layout", TEXTS)
def test_a_channel_and_a_capacity_change_one_line_each(layout: str) -> None:
    text = TEXTS[layout]
    after = rewritten(
        text, [SetChannel("Small", "C0OTHER", "small-sales"), SetCapacity("U0CCC1", "Small", 5)]
    )
    team = loaded(after).agreement.teams[1]
    assert (team.channel, team.reps[0].capacity) == ("C0OTHER", 5)
    assert len(removed(text, after)) <= 2
    back = rewritten(after, [SetCapacity("U0CCC1", "Small", None), SetChannel("Small", "C0SMALL")])
    assert loaded(back).agreement == loaded(text).agreement


def test_a_line_of_its_own_keeps_its_indent_and_its_name() -> None:
    text = TEXTS["lines"]
    added = rewritten(text, [AddRep("U0NEW11", "Big", name="Zoë"), AddRep("U0TAB11", "Small")])
    assert '  { user = "U0BBB1", hours = { open = "20:00", close = "04:00" } },  # Bob, } and ]\n' in added
    assert '\n  { user = "U0NEW11" },  # Zoë\n]' in added
    assert '\n\t{ user = "U0TAB11" },\n]' in added
    assert removed(text, added) == [
        '  { user = "U0BBB1", hours = { open = "20:00", close = "04:00" } }  # Bob, } and ]'
    ]
    moved = rewritten(text, [MoveRep("U0AAA1", "Big", "Small")])
    assert '\n\t{ user = "U0AAA1", capacity = 20 },  # Ann\n]' in moved
    assert "  # at night\n" in moved


def test_the_short_agreement_of_init_takes_every_change() -> None:
    text = rewritten(
        SHORT + TWO_TEAMS.replace("[[teams]]", "[[teams]]  # later", 1).replace('"Growth"', '"Other"'),
        [AddRep("U0ANN11", "Sales", capacity=20, name="Ann")],
    )
    assert (
        '  { user = "U0KIM11", capacity = 20 },  # Kim Poe\n  { user = "U0ANN11", capacity = 20 },  # Ann\n'
        in text
    )
    assert comments(text) == [
        *comments(SHORT)[: comments(text).index("# Ann")],
        "# Ann",
        *comments(SHORT)[comments(text).index("# Ann") :],
        "# later",
    ]


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        ("qualification.mql", "B1", "qualification.mql"),
        ("sla.P1.accept", "10m", "sla.P1.accept"),
        ("sla.P2.opportunity", "45d", "sla.P2.opportunity"),
        ("sla.marketing.answer", "3d", "sla.marketing.answer"),
        ("qualification.bands.fit.A", 70, "qualification.bands.fit.A"),
        ("ladder.quiet", "5m", "ladder.quiet"),
        ("ladder.p1_after_hours", True, "ladder.p1_after_hours"),
        ("goals.mql", 140, "goals.mql"),
        ("priorities.P2", ["A2", "B1", "C1"], "priorities.P2"),
        ("timezone", "Europe/Berlin", "timezone"),
    ],
)
@pytest.mark.parametrize("name", ["built-in", "sample", "short", "sections"])
def test_a_value_is_written_where_it_belongs(name: str, place: str, value: Any, found: str) -> None:
    texts = {
        "built-in": default_agreement().text,
        "sample": SAMPLE,
        "short": SHORT,
        "sections": TEXTS["sections"],
    }
    text = texts[name]
    after = rewritten(text, [SetValue(place, value)])
    loaded(after)
    here = tomllib.loads(after)
    for part in found.split("."):
        here = here[part]
    assert here == value
    assert comments(text) == [one for one in comments(after) if one in comments(text)]
    assert len(removed(text, after)) <= 2
    assert rewritten(after, [SetValue(place, value)]) == after


def test_a_new_key_comes_after_the_tables_last_one_and_before_what_heads_the_next() -> None:
    text = '[sla.P1]\naccept = "5m"\n\n# How fast for the rest\n[sla.P2]\naccept = "30m"\n'
    assert rewritten(text, [SetValue("sla.P1.opportunity", "9d")]).startswith(
        '[sla.P1]\naccept = "5m"\nopportunity = "9d"\n\n# How fast for the rest\n'
    )
    dotted = 'sla.P1.accept = "5m" # five\nsla.P1.outcome = "5d"\n'
    assert rewritten(dotted, [SetValue("sla.P1.accept", "6m")]).startswith('sla.P1.accept = "6m" # five\n')
    apart = '[sla.P1]\naccept = "5m"\n[ladder]\nquiet = "3m"\n[sla.P2]\naccept = "30m"\n'
    assert rewritten(apart, [SetValue("sla.P3.accept", "4h")]).endswith(
        '[sla.P2]\naccept = "30m"\n[sla.P3]\naccept = "4h"\n'
    )


@pytest.mark.parametrize("name", ["built-in", "short"])
def test_reasons_and_rules_change_one_by_one_also_where_the_built_in_ones_hold(name: str) -> None:
    text = {"built-in": default_agreement().text, "short": SHORT}[name]
    values: dict[str, Scalar] = {
        "label": "On a freeze",
        "kind": "disqualify",
        "then": "nurture",
        "recycle": "60d",
        "quality": False,
    }
    changes: list[Change] = [
        SetReason("budget_freeze", values),
        SetReason("no_budget", {"recycle": "30d"}),
        RemoveReason("too_small"),
        SetPoints("fit", "Senior title", 10),
    ]
    after = loaded(rewritten(text, changes, "2027-Q1")).agreement
    before = loaded(text).agreement
    assert [one.code for one in after.reasons] == [
        *(one.code for one in before.reasons if one.code != "too_small"),
        "budget_freeze",
    ]
    assert str(next(one for one in after.reasons if one.code == "no_budget").recycle) == "30d"
    assert {rule.points for rule in after.qualification.fit if rule.why == "Senior title"} == {10}
    assert (after.version, after.sla, after.teams) == ("2027-Q1", before.sla, before.teams)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (AddRep("U0AAA1", "Big"), "They are in Big already."),
        (AddRep("U0ZZZ1", "Bog"), "There is no team called Bog."),
        (MoveRep("U0ZZZ1", "Big", "Small"), "They are not in Big."),
        (MoveRep("U0CCC1", "Small", "Big"), "Small would have no rep left. Add another one first."),
        (RemoveRep("U0CCC1", "Small"), "Small would have no rep left. Add another one first."),
        (RemoveReason("nonsense"), "There is no reason called nonsense."),
        (SetPoints("fit", "Nice", 1), "No rule under qualification.fit is called “Nice”."),
        (SetValue("teams.0.name", "x"), "teams.0.name is not a key of a table. Change it in the file."),
        (SetValue("teams", "x"), "teams holds more than one value. Change it in the file."),
    ],
)
def test_what_cannot_be_is_refused_in_words(change: Change, why: str) -> None:
    with pytest.raises(CannotWrite) as raised:
        rewritten(TEXTS["lines"], [change])
    assert str(raised.value) == why


def test_line_ends_and_the_mark_at_the_start_stay() -> None:
    text = "\ufeff" + TEXTS["lines"].replace("\n", "\r\n")
    after = rewritten(text, [SetValue("sla.P1.accept", "9m"), RemoveRep("U0AAA1", "Big")])
    assert after[0] == "\ufeff"
    assert after.count("\r\n") == after.count("\n")


@pytest.mark.parametrize(
    ("version", "taken", "follows"),
    [
        ("2026-Q4", (), "2026-Q4+2"),
        ("2026-Q4+2", (), "2026-Q4+3"),
        ("2026-Q4", ("2026-Q4+2", "2026-Q4+3"), "2026-Q4+4"),
        ("a+b", (), "a+b+2"),
        ("+3", (), "+3+2"),
    ],
)
def test_the_next_version_is_one_that_nothing_had(version: str, taken: tuple[str, ...], follows: str) -> None:
    assert next_version(version, taken) == follows


people = st.sampled_from(["U0AAA1", "U0BBB1", "U0CCC1", "U0DDD1", "U0EEE1"])
teams = st.sampled_from(["Big", "Small"])
some_changes = st.one_of(
    st.builds(AddRep, people, teams, st.none() | st.integers(1, 50), name=st.sampled_from(["", "Zo\n"])),
    st.builds(MoveRep, people, teams, teams),
    st.builds(RemoveRep, people, teams),
    st.builds(SetCapacity, people, teams, st.none() | st.integers(1, 50)),
    st.builds(SetChannel, teams, st.sampled_from(["C0XXX11", "C0YYY11"]), st.sampled_from(["", "x"])),
    st.builds(
        SetValue,
        st.sampled_from(["sla.P1.accept", "sla.P9.outcome", "ladder.quiet"]),
        st.sampled_from(["1m", None]),
    ),
    st.builds(
        SetReason,
        st.sampled_from(["junk", "new"]),
        st.just({"label": "L", "kind": "reject", "then": "close"}),
    ),
)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(list(TEXTS)), st.lists(some_changes, max_size=6))
def test_whatever_comes_in_whatever_order_is_written(layout: str, changes: list[Change]) -> None:
    """That it means what was meant is checked within; here, that no layout is given up, no comment lost."""
    text, refused = TEXTS[layout], set[str]()
    theirs = {"# Ann", "# Bob, } and ]", "# enough", "# #big", "#big"}
    for change in changes:
        try:
            text = rewritten(text, [change])
        except CannotWrite as error:
            refused.add(str(error))
    assert BY_HAND not in refused
    assert not set(comments(TEXTS[layout])) - set(comments(text)) - theirs
