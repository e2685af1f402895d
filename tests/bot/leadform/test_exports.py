"""Forty more layouts of files: every row of each a right lead, and no line that is none taken for one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.leadform import LeadForm, full_name
from bot.leadform.csvfile import open_csv
from bot.leadform.filerows import FileReader, read_row
from tests.bot.leadform.exports import EXPORTS, Export

DATA = Path(__file__).parent / "data" / "exports"
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def reader_of(file: str) -> FileReader:
    reader = FileReader(open_csv(DATA / file))
    reader.survey()
    return reader


def shown(lead: LeadForm) -> str:
    event = next((f"{each.type}@{each.at:%Y-%m-%dT%H:%M}" for each in lead.activities), "")
    name = full_name(lead.first_name, lead.last_name)
    return "|".join((name, lead.email or "", lead.company or "", str(lead.employees or ""), event))


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.file)
def test_every_row_of_an_export_comes_to_the_right_lead(export: Export) -> None:
    reader = reader_of(export.file)
    assert tuple(shown(read_row(reader, row, NOW)) for row in reader) == export.rows


def test_each_file_is_in_the_table_and_each_says_where_it_is_from() -> None:
    assert {path.name for path in DATA.iterdir()} == {export.file for export in EXPORTS}
    assert all(export.documented for export in EXPORTS)


def test_lines_that_group_the_rows_of_a_report_are_passed_over_in_words() -> None:
    reader = reader_of("salesforce_report_grouped.csv")
    owners = [read_row(reader, row, NOW).owner for row in reader]
    assert owners == ["Riley Park", "Riley Park", "Sam Lee"]
    said = list(reader.report.sentences())
    assert 'Line 2 is not a row of the table: "Riley Park".' in said
    assert 'Line 8 is not a row of the table: "Total · 3".' in said
    assert "Lead Owner is filled down into 3 rows: it stands once for each group." in said


def test_a_test_lead_of_linkedin_is_left_out_and_a_profile_is_told_as_understood() -> None:
    reader = reader_of("linkedin.csv")
    assert len(list(reader)) == 1
    said = " ".join(reader.report.sentences())
    assert 'Line 3 is left out: "a test lead"' in said
    assert "LinkedIn profile URL → linkedin_url" in said


def test_an_owner_who_is_nobody_is_none() -> None:
    reader = reader_of("hubspot_contacts.csv")
    assert [read_row(reader, row, NOW).owner for row in reader] == ["Riley Park (riley@us.example)", None]


def test_between_two_encodings_the_language_of_the_header_decides(tmp_path: Path) -> None:
    for header, codec in (("Nome;Cognome;Email", "cp1252"), ("Jmeno;Prijmeni;Email", "cp1250")):
        path = tmp_path / f"{codec}.csv"
        path.write_bytes(f"{header}\nx;".encode() + b"Nicol\xf2;n@example.com\n")
        assert open_csv(path).encoding.codec == codec
