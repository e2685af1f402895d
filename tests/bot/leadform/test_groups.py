"""Reports that group their rows: what stands once for a group is each row's, and nothing else is invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.leadform.csvfile import open_csv
from bot.leadform.filerows import FileReader
from bot.leadform.groups import NUMBER, TOTAL_ALONE

HEADER = "Lead Owner,Lead Source,First Name,Last Name,Company,Email,Employees"
HEADS = """
Riley Park,,,,,,
,Web,,,,,
,,Ola,Nordmann,Tailspin,ola@tailspin.example,1250
,,Pia,,Tailspin,pia@tailspin.example,1250
,Subtotal,,,,,2
,Partner,,,,,
,,Ivo,Kral,,ivo@wingtip.example,40
Subtotal,,,,,,3
Sam Lee,,,,,,
,,Ada,Okoye,Proseware,ada@proseware.example,320
Total,,,,,Count,4
"""
FIRST_ROWS = """
Riley Park,Web,Ola,Nordmann,Tailspin,ola@tailspin.example,1250
,,Pia,,Tailspin,pia@tailspin.example,1250
,Subtotal,,,,Count,2
,Partner,Ivo,Kral,,ivo@wingtip.example,40
Riley Park,Subtotal,,,Sum,Count,3
Sam Lee,,Ada,Okoye,Proseware,ada@proseware.example,320
Subtotal,,,,,Count,1
Total,,,,,Count,4
"""
WANTED = [
    ("Riley Park", "Web", "Ola", "Nordmann", "Tailspin"),
    ("Riley Park", "Web", "Pia", "", "Tailspin"),
    ("Riley Park", "Partner", "Ivo", "Kral", ""),
    ("Sam Lee", "", "Ada", "Okoye", "Proseware"),
]


def read(folder: Path, text: str) -> tuple[list[tuple[str, ...]], FileReader]:
    path = folder / "report.csv"
    path.write_text(text, encoding="utf-8")
    reader = FileReader(open_csv(path))
    reader.survey()
    return [row.cells[:5] for row in reader], reader


@pytest.mark.parametrize("rows", [HEADS, FIRST_ROWS], ids=["in a line above", "in the first row"])
def test_a_groups_value_is_that_of_each_of_its_rows(tmp_path: Path, rows: str) -> None:
    found, reader = read(tmp_path, HEADER + rows)
    assert found == WANTED
    said = " ".join(reader.report.sentences())
    assert "Lead Owner is filled down into" in said
    assert "is not a row of the table" in said
    assert reader.report.as_json()["filled_down"]["Lead Owner"] >= 2


def test_the_arrow_of_a_report_says_that_it_is_grouped(tmp_path: Path) -> None:
    rows = "Riley Park,Web,Ola,Nordmann,,ola@tailspin.example,1\n,,Pia,,,pia@tailspin.example,2\n"
    found, _ = read(tmp_path, f"{HEADER.replace('Lead Owner', 'Lead Owner  ↑')}\n{rows}")
    assert found == [
        ("Riley Park", "Web", "Ola", "Nordmann", ""),
        ("Riley Park", "Web", "Pia", "", ""),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        "Riley Park,Web,Ola,Nordmann,,ola@t.example,1\n,,Pia,,,pia@t.example,2\n",
        "Riley Park,Web,Ola,Nordmann,,ola@t.example,1\n,,Pia,,,pia@t.example,2\nTotal,,,,,,3\n",
        "Riley Park,Web,Ola,Nordmann,,ola@t.example,1\n,,Pia,,,pia@t.example,2\nSubtotal,,,,,,3\n",
    ],
    ids=["a list", "a list with a total", "a list with a subtotal at its end"],
)
def test_a_list_with_gaps_is_no_grouped_report(tmp_path: Path, rows: str) -> None:
    found, reader = read(tmp_path, f"{HEADER}\n{rows}")
    assert [cells[:3] for cells in found] == [("Riley Park", "Web", "Ola"), ("", "", "Pia")]
    assert reader.report.filled == {}


def test_no_name_and_no_address_is_filled_down(tmp_path: Path) -> None:
    header = "Company ↑,Last Name ↑,Email,Lead Owner"
    found, _ = read(tmp_path, f"{header}\nAcme,Doe,ann@acme.example,Riley\n,,bo@acme.example,\n")
    assert found == [("Acme", "Doe", "ann@acme.example", "Riley"), ("Acme", "", "bo@acme.example", "")]


def test_numbers_and_sums_of_any_length_are_looked_at_once() -> None:
    assert TOTAL_ALONE.fullmatch("Total" + " " * 100_000 + "x") is None
    assert all(TOTAL_ALONE.fullmatch(each) for each in ("Total", "Grand total : 12", "Subtotal (3)", "Sum 7"))
    assert NUMBER.fullmatch("1" * 500_000 + "x") is None
    assert all(NUMBER.fullmatch(each) for each in ("$ 1,200.50", "(12)", "7 %", "-3"))
    assert not any(NUMBER.fullmatch(each) for each in ("", "$", "1a", " - "))
