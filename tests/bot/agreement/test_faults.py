from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.agreement import AgreementFaults, load_agreement, parse_agreement

DATA = Path(__file__).parents[1] / "data"
SAMPLE = (DATA / "sample_agreement.toml").read_text(encoding="utf-8")
REP2 = '{ user = "U0REP2", weight = 2, capacity = 20, timezone = "Europe/Berlin" }'
HOURS = 'days = ["mon", "tue", "wed", "thu", "fri"]\nopen = "09:00"\nclose = "17:00"\nholidays = "US"'
TEAM = '[[teams]]\nname = "Rest"\nchannel = "C0REST"\nmanager = "U0MGR"\nreps = [{ user = "U0REP9" }]\n'


def written_faults() -> Iterator[tuple[str, str, str]]:
    """The blocks of the data file: what stands in the sample, what comes in its place, what is then said."""
    named = {"$HOURS": HOURS, "$REP2": REP2}
    text = (DATA / "agreement_faults.txt").read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        old, new, fault = (line[2:] for line in block.strip("\n").split("\n"))
        yield named.get(old, old.replace("\\n", "\n")), new.replace("\\n", "\n"), fault


def faults_of(text: str) -> list[str]:
    with pytest.raises(AgreementFaults) as caught:
        parse_agreement(text)
    return [str(fault) for fault in caught.value.faults]


def changed(old: str, new: str) -> str:
    assert old in SAMPLE
    return SAMPLE.replace(old, new, 1)


@pytest.mark.parametrize(("old", "new", "fault"), list(written_faults()))
def test_a_fault_names_its_place_and_its_remedy(old: str, new: str, fault: str) -> None:
    found = faults_of(changed(old, new))
    assert len(found) == 1
    assert found[0] == fault


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        SAMPLE.replace('accept = "5m"', 'accept = "5 min"')
        .replace("Europe/Berlin", "Europe/Berln")
        .replace('persona = "Engineering leader"', 'persona = "Nobody at all"')
        .replace("at = 1.5", "at = 0.1")
        .replace('recycle = "90d"', "")
        .replace('version = "2026-Q4"\n', "")
    )
    assert [fault.partition(":")[0] for fault in faults_of(text)] == [
        "version",
        'teams[0] "Enterprise".reps[1].timezone',
        "sla.P1.accept",
        "ladder.accept[3].at",
        'reasons[1] "no_budget".recycle',
        "content[0].persona",
    ]


def test_the_text_of_the_error_lists_every_fault_on_a_line() -> None:
    with pytest.raises(AgreementFaults) as caught:
        parse_agreement(changed("spend = 12000", "spend = -1").replace("at = 1.5", "at = 0"))
    assert str(caught.value).splitlines()[0] == "The agreement has 2 faults:"
    assert len(str(caught.value).splitlines()) == 3


def test_a_team_after_one_that_takes_all_can_never_be_reached() -> None:
    text = changed('match = { employees = ">=200" }', "").replace(
        "[qualification]", f"{TEAM}\n[qualification]", 1
    )
    assert faults_of(text) == [
        'teams[1] "Rest": gets no lead, since "Enterprise" above it takes all; '
        'move "Enterprise" to the end, or give it a match'
    ]


def test_nobody_in_marketing_to_hear_of_rejections_is_a_fault() -> None:
    text = changed('marketing = ["U0MARA"]', "").replace('channel = "C0MKTG"', "")
    assert [fault.partition(":")[0] for fault in faults_of(text)] == ["roles.marketing"]


def test_the_faults_of_the_office_hours_are_not_told_again_for_each_rep() -> None:
    text = changed(HOURS, 'mon = ["20:00-10:00"]').replace(REP2, '{ user = "U0REP2", holidays = "DE" }')
    assert len(faults_of(text)) == 1


def test_an_empty_file_says_what_is_missing() -> None:
    found = faults_of("")
    assert [fault.partition(":")[0] for fault in found] == [
        "version",
        "roles",
        "teams",
        "qualification",
        "priorities",
        "sla",
        "reasons",
    ]
    assert found[0] == 'version: is missing; add version = "2026-Q4"'


@pytest.mark.parametrize(
    ("text", "place", "fault", "remedy"),
    [
        ("version", (1, 8), "expected '=' after a key in a key/value pair", "write key = value"),
        ("a = 1\na = 2", (2, 6), "cannot overwrite a value", "name each key and each table once"),
        ("a = yes", (1, 5), "invalid value", "text goes in quotes"),
        ('a = "x', (1, 7), "unterminated string", "close the quotes"),
        ("a = [1,\n2", (2, 2), "unclosed array", "close the bracket or brace"),
        ('a = "\\d"', (1, 8), "unescaped '\\' in a string", "put patterns between single quotes"),
        ("a = 1 b = 2", (1, 7), "expected newline or end of document", "put one key on a line"),
    ],
)
def test_broken_toml_is_one_fault_with_its_line_and_column(
    text: str, place: tuple[int, int], fault: str, remedy: str
) -> None:
    (found,) = faults_of(text)
    assert found.startswith(f"line {place[0]}, column {place[1]}: is not TOML ({fault}")
    assert f"); {remedy}" in found


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "9" * 5_000])
def test_a_monstrous_file_is_one_fault_too(text: str) -> None:
    assert faults_of(text) == [
        "The file nests too deep or holds too long a number; write it flatter, or shorten it"
    ]


def test_what_has_no_end_is_no_agreement() -> None:
    with pytest.raises(AgreementFaults, match="is over 10 MB"):
        load_agreement(Path("/dev/zero"))


LIBRARY_WORDS = ("pydantic", "Input should", "Field required", "validation", "type=", "NoneType", "Traceback")
BAD = ("7", '"x"', "true", "[]", "{}", "1.5", "[[1]]", '{ a = "b" }', "2026-01-01", "nan", '""')


def complaints_about(text: str) -> AgreementFaults | None:
    try:
        parse_agreement(text)
    except AgreementFaults as error:
        return error
    return None


@pytest.mark.parametrize("value", BAD)
def test_no_value_anywhere_brings_the_library_to_the_reader(value: str) -> None:
    """With a wrong value on any one line of the sample, what comes back is always in our own words."""
    lines, seen = SAMPLE.split("\n"), 0
    for number, line in enumerate(lines):
        key, equals, _ = line.partition("=")
        if not equals or line.lstrip().startswith(("#", "{")) or line.rstrip().endswith("["):
            continue
        error = complaints_about("\n".join([*lines[:number], f"{key}= {value}", *lines[number + 1 :]]))
        if error is not None:
            seen += 1
            assert not [word for word in LIBRARY_WORDS if word in str(error)], str(error)
            assert all("; " in fault.message for fault in error.faults), str(error)
    assert seen > 30


def test_a_whole_missing_part_is_one_fault() -> None:
    text = SAMPLE.replace("[sla.", "[slow.")
    assert [fault.partition(":")[0] for fault in faults_of(text)] == ["sla", "slow"]
