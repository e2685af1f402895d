from __future__ import annotations

import csv
import io
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leadform import LeadFaults, read_lead
from bot.leadform.csvfile import (
    DELIMITERS,
    ERROR_COLUMN,
    CsvUnreadable,
    RejectedWriter,
    Row,
    Skipped,
    Skips,
    open_csv,
    rows,
)
from bot.sandbox.slack import sample

DATA = Path(__file__).parent / "data"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
LATIN = (*"abc 012,;|\t\"'\n@.-", "Zürich ", " Straße", "Märkte ", " Åsa Björk ")
ANYTHING = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"


def put(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def values(path: Path) -> list[dict[str, str]]:
    return [row.values for row in rows(open_csv(path))]


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_usual_encoding_and_delimiter_is_found_out(place: Path, encoding: str, delimiter: str) -> None:
    text = delimiter.join(["E-mail", "Company Name", "Notes"]) + "\r\n"
    text += delimiter.join(["jörg@example.com", "Café Zürich", '"one, two; three\ttwo|lines\nhere"']) + "\r\n"
    found = open_csv(put(place, text, encoding))
    assert found.delimiter == delimiter
    assert [row.values for row in rows(found)] == [
        {
            "E-mail": "jörg@example.com",
            "Company Name": "Café Zürich",
            "Notes": "one, two; three\ttwo|lines\nhere",
        }
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_what_a_spreadsheet_writes_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, delimiter: str, data: st.DataObject
) -> None:
    cell = st.lists(st.sampled_from(LATIN), max_size=4).map("".join) if encoding == "cp1252" else ANYTHING
    table = data.draw(st.lists(st.tuples(cell, cell), max_size=5))
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["Email", "Ägypten" if encoding == "cp1252" else "Company"])
    writer.writerows(table)
    path = put(tmp_path_factory.mktemp("csv") / "leads.csv", written.getvalue(), encoding)
    expected = [row for row in table if "".join(row).strip()]
    assert [tuple(row.values.values()) for row in rows(open_csv(path))] == expected


@settings(max_examples=60, deadline=None)
@given(junk=st.binary(max_size=300))
def test_no_bytes_break_the_reader_but_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("csv") / "leads.csv"
    path.write_bytes(b"email,name\n" + junk)
    found: list[Row] = []
    with suppress(CsvUnreadable):
        found = list(rows(open_csv(path)))
    assert all(row.fault or set(row.values) == {"email", "name"} for row in found)


def test_a_row_has_the_number_of_the_line_where_it_starts(place: Path) -> None:
    put(place, '\nemail,notes\na@example.com,"two\nlines"\n\n ,\nb@example.com,x\n')
    assert [(row.line, row.values["email"]) for row in rows(open_csv(place))] == [
        (3, "a@example.com"),
        (7, "b@example.com"),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_ends_a_line(place: Path, ending: str) -> None:
    put(place, ending.join(["email", "a@example.com", "b@example.com"]))
    assert [row.line for row in rows(open_csv(place))] == [2, 3]


def test_cells_beyond_the_header_are_a_fault_of_that_row_alone(place: Path) -> None:
    put(place, "email,name\na@example.com,Ann,surplus\nb@example.com,Bob,,\nc@example.com\n")
    first, second, third = rows(open_csv(place))
    assert (first.line, first.values, first.cells) == (2, {}, ("a@example.com", "Ann", "surplus"))
    assert first.fault is not None
    assert "has 3 cells, the header 2" in first.fault
    assert (second.fault, second.values) == (None, {"email": "b@example.com", "name": "Bob"})
    assert (third.fault, third.values) == (None, {"email": "c@example.com", "name": ""})


@pytest.mark.parametrize(
    "text",
    [
        'email,notes\nbad@example.com,"never closed\ngood@example.com,x\n',
        'email,notes\nbad@example.com,"never closed\ngood@example.com,"x"\n',
        'email,notes\nbad@example.com,"never closed\ngood@example.com,x\n' + "filler@example.com,y\n" * 9000,
    ],
)
def test_a_quote_that_is_never_closed_swallows_no_other_row(place: Path, text: str) -> None:
    first, second, *rest = rows(open_csv(put(place, text)))
    assert (first.line, first.cells) == (2, ('bad@example.com,"never closed',))
    assert first.fault is not None
    assert "never closed" in first.fault
    assert (second.line, second.values) == (3, {"email": "good@example.com", "notes": "x"})
    assert len(rest) == text.count("filler")


def test_a_stray_quote_within_a_line_does_no_harm(place: Path) -> None:
    put(place, 'email,company,notes\na@example.com,"Acme" Inc,5" disk\n')
    assert values(place) == [{"email": "a@example.com", "company": "Acme Inc", "notes": '5" disk'}]


def test_a_cell_too_long_for_anybody_is_a_fault_of_its_row(place: Path) -> None:
    put(place, f"email,notes\na@example.com,{'x' * 200_000}\nb@example.com,ok\n")
    long, fine = rows(open_csv(place))
    assert long.fault is not None
    assert "longer than 131,072 characters" in long.fault
    assert (fine.line, fine.fault) == (3, None)


def test_a_line_without_end_is_refused_in_words(place: Path) -> None:
    found = open_csv(put(place, "email,notes\na@example.com," + "x" * (1 << 20)))
    with pytest.raises(CsvUnreadable, match="Line 2 is longer than"):
        list(rows(found))


def test_a_header_without_rows_is_no_fault(place: Path) -> None:
    assert values(put(place, "Email Address,First Name\n")) == []


def test_a_first_line_that_names_the_delimiter_is_believed(place: Path) -> None:
    put(place, 'sep=;\r\nemail;"a,b"\r\nx@example.com;1,5\r\n', "utf-8-sig")
    found = open_csv(place)
    assert (found.delimiter, found.header_line) == (";", 2)
    assert [(row.line, row.values) for row in rows(found)] == [(3, {"email": "x@example.com", "a,b": "1,5"})]


def test_a_column_without_a_name_is_kept_by_its_place(place: Path) -> None:
    assert values(put(place, "email,,\nx@example.com,1,2\n")) == [
        {"email": "x@example.com", "Column 2": "1", "Column 3": "2"}
    ]


def test_one_latin_byte_does_not_turn_a_file_of_utf_8_into_latin_1(place: Path) -> None:
    good = "".join(f"{n}@example.com,Zoë Müller\n" for n in range(5))
    place.write_bytes(("email,name\n" + good).encode() + b"x@example.com,Jos\xe9\n")
    names = [row["name"] for row in values(place)]
    assert names == ["Zoë Müller"] * 5 + ["José"]


def test_the_table_begins_at_the_line_that_names_most_fields() -> None:
    file, skips = open_csv(DATA / "09_zoom_webinar_attendees.csv"), Skips()
    found = [(row.line, row.values["Email"], row.values["Organization"]) for row in rows(file, skips)]
    assert found == [(12, "ray@vanarsdel.example", "Van Arsdel"), (13, "lia@vanarsdel.example", "Van Arsdel")]
    assert (file.header_line, file.columns.system, skips.count) == (11, "zoom", 0)
    assert [(line.line, line.text) for line in file.above] == [
        (1, "Attendee Report"),
        (2, "Report Generated: · Nov 16, 2026 10:00 AM"),
        (3, "Topic · Webinar ID · Actual Start Time · Actual Duration (m…"),
        (4, "Ship faster, sleep better · 812 3456 7890 · Nov 12, 2026 05…"),
        (6, "Host Details"),
        (7, "Attended · User Name (Original Name) · Email"),
        (8, "Yes · Mara · mara@seller.example"),
        (10, "Attendee Details"),
    ]


def test_the_lines_below_a_report_are_passed_over_in_words() -> None:
    skips = Skips()
    found = [row.values["Email"] for row in rows(open_csv(DATA / "03_salesforce_lead_report.csv"), skips)]
    assert found == ["ola@tailspin.example", "pia@tailspin.example"]
    assert (skips.count, skips.first[0]) == (5, Skipped(6, "All open leads", "is not a row of the table"))


def test_another_table_below_ends_the_first_and_a_repeated_header_does_not(place: Path) -> None:
    header = "Email,First Name,Last Name,Company"
    put(
        place,
        f"{header}\na@x.example,Ann,Bee,Acme\n{header}\nb@x.example,Bob,Cole,Acme\n\nOther Attended\n"
        "User Name,Join Time,Country/Region Name\n4930,12:00,Germany\n",
    )
    skips = Skips()
    assert [row.cells[0] for row in rows(open_csv(place), skips)] == ["a@x.example", "b@x.example"]
    assert [(skip.line, skip.why) for skip in skips.first] == [
        (3, "is the header again"),
        (6, "is not a row of the table"),
        (7, "belongs to another table"),
        (8, "belongs to another table"),
    ]


def test_a_row_that_looks_like_known_names_is_a_row(place: Path) -> None:
    put(place, "Email,Preferred,Second,Third\na@x.example,Email,Phone,Web\n,Email,Phone,Name\n")
    assert open_csv(place).header_line == 1
    assert [row.line for row in rows(open_csv(place))] == [2, 3]


def test_a_lone_id_or_address_is_a_row_and_no_footer(place: Path) -> None:
    put(place, "Lead ID,Email,Company\n4711\nTotal: 1 lead\na@x.example\n")
    skips = Skips()
    assert [row.cells for row in rows(open_csv(place), skips)] == [("4711", "", ""), ("a@x.example", "", "")]
    assert skips.count == 1


@pytest.mark.parametrize(
    "line",
    [
        "Grand Totals (2 records),,,,",
        "Total,,,,3",
        'Subtotal,,,,"1,203"',
        ",,,Gesamt,42",
        "Summe: 2,,,,",
        "Leads by source,,,,",
        "Generated by: Mara M,,,,",
        "Sum,,,,4 %",
    ],
)
def test_a_line_below_the_table_is_none_though_it_is_padded_to_the_width(place: Path, line: str) -> None:
    put(place, f"Lead ID,Last Name,Email,Company,Employees\n00Q1,Doe,a@x.example,Acme,3\n{line}\n")
    skips = Skips()
    assert [row.cells[0] for row in rows(open_csv(place), skips)] == ["00Q1"]
    assert [skip.why for skip in skips.first] == ["is not a row of the table"]


@pytest.mark.parametrize(
    "line",
    [
        ",,jane at acme dot com,,",
        ",Total,jane@totalenergies.example,Total,100",
        ",Doe,,Total Energies,300",
        "00Q2,,,,",
        "Total,Doe,,Acme,3",
        ",,,Acme,",
    ],
)
def test_a_poor_record_is_a_record_whatever_it_lacks(place: Path, line: str) -> None:
    put(place, f"Lead ID,Last Name,Email,Company,Employees\n00Q1,Doe,a@x.example,Acme,3\n{line}\n")
    skips = Skips()
    assert [row.line for row in rows(open_csv(place), skips)] == [2, 3]
    assert skips.count == 0


def test_two_columns_of_one_name_are_both_kept() -> None:
    (row,) = rows(open_csv(DATA / "10_duplicate_columns.csv"))
    assert {name: cell for name, cell in row.values.items() if name.startswith(("Phone", "Notes"))} == {
        "Phone": "+1 555 0100",
        "Phone (2)": "+1 555 0101",
        "Notes": "x",
        "Notes (2)": "",
    }


def test_a_mapping_explains_columns_that_nobody_knows(place: Path) -> None:
    put(place, "Liste 4711\nAdresse du courrier;Ma colonne;Autre\na@x.example;Acme;1\n")
    with pytest.raises(CsvUnreadable, match="say which it is with --map"):
        open_csv(place)
    file = open_csv(place, mapping={"Adresse du courrier": "email", "Ma colonne": "company"})
    assert (file.header_line, [column.field for column in file.columns.all]) == (
        2,
        ["email", "company", None],
    )
    with pytest.raises(CsvUnreadable, match='The file has no column "Nirgends"'):
        open_csv(place, mapping={"Adresse du courrier": "email", "Nirgends": "company"})


def test_a_slip_in_the_only_column_that_tells_who_is_pointed_out(place: Path) -> None:
    with pytest.raises(CsvUnreadable, match="Perhaps Emial Address is meant as email address"):
        open_csv(put(place, "Emial Address,Company\na@x.example,Acme\n"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; it needs a header line"),
        (b"\xff\xfe", "is empty; it needs a header line"),
        (b" \n\n , ,\n", "is empty; it needs a header line"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01", "is not a text file"),
        (b"PK\x03\x04\x14\0\x06\0", "is an Excel workbook"),
        (
            b"Company,City\nAcme,Rome\n",
            "I found the columns Company, City; one of them must be an e-mail or an",
        ),
        (
            b"Email:Name\nx@example.com:Jane\n",
            "I found a single column, Email:Name; separate columns by commas, semicolons or tabs, and name",
        ),
    ],
)
def test_what_is_no_list_of_leads_is_refused_in_a_sentence(
    place: Path, content: bytes, sentence: str
) -> None:
    place.write_bytes(content)
    with pytest.raises(CsvUnreadable, match=sentence):
        open_csv(place)


def test_a_missing_file_and_a_directory_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CsvUnreadable, match=r"There is no file .*nowhere\.csv; check the name"):
        open_csv(tmp_path / "nowhere.csv")
    with pytest.raises(CsvUnreadable, match="is a directory; name the CSV file in it"):
        open_csv(tmp_path)


def test_a_file_that_goes_away_underneath_is_reported_in_a_sentence(place: Path) -> None:
    found = open_csv(put(place, "email\na@example.com\n"))
    place.unlink()
    with pytest.raises(CsvUnreadable, match="cannot be read any further"):
        list(rows(found))


def test_refused_rows_are_written_as_they_were_with_the_reason_in_front(place: Path) -> None:
    found = open_csv(put(place, 'email;notes\nnope;"a;b\nc"\nx@example.com;1;2\n', "cp1252"))
    with RejectedWriter(found) as rejected:
        for row in rows(found):
            rejected.write(row, row.fault or "email: is not an e-mail address")
    assert rejected.count == 2
    assert rejected.path == place.with_name("leads.rejected.csv")
    assert rejected.path.read_bytes().startswith(b"\xef\xbb\xbfbaton_error;email;notes\r\n")
    with rejected.path.open(encoding="utf-8-sig", newline="") as text:
        assert list(csv.reader(text, delimiter=";"))[1:] == [
            ["email: is not an e-mail address", "nope", "a;b\nc"],
            [next(r.fault for r in rows(found) if r.fault), "x@example.com", "1", "2"],
        ]


def test_a_mended_file_of_refused_rows_is_imported_as_it_is(place: Path) -> None:
    put(place, f"{ERROR_COLUMN},email,notes\nold reason,x@example.com,hello\n")
    found = open_csv(place)
    (row,) = rows(found)
    assert row.values == {"email": "x@example.com", "notes": "hello"}
    with RejectedWriter(found) as rejected:
        rejected.write(row, "new reason")
    assert rejected.path.read_text("utf-8-sig").splitlines() == [
        f"{ERROR_COLUMN},email,notes",
        "new reason,x@example.com,hello",
    ]


def test_without_a_refused_row_there_is_no_file_of_them(place: Path) -> None:
    with RejectedWriter(open_csv(put(place, "email\nx@example.com\n"))) as rejected:
        pass
    assert rejected.count == 0
    assert not rejected.path.exists()


def test_a_file_of_many_rows_is_read_in_constant_memory(place: Path) -> None:
    put(place, "email,company\n" + "somebody@example.com,A company of some length\n" * 20_000)
    tracemalloc.start()
    try:
        count, last = 0, 0
        for row in rows(open_csv(place)):
            count, last = count + 1, row.offset
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, last) == (20_000, place.stat().st_size)
    assert peak < 3_000_000


def test_the_demo_sample_has_one_bad_row_and_uses_every_column() -> None:
    found = open_csv(Path(sample.__file__).with_name("sample_leads.csv"))
    refused: list[tuple[str, str]] = []
    unknown: set[str] = set()
    for row in rows(found):
        try:
            unknown |= read_lead(row.values, now=datetime(2026, 11, 5, tzinfo=UTC)).extra.keys()
        except LeadFaults as faults:
            refused.append((row.values["Company Name"], str(faults)))
    assert refused == [("Faceless Ltd", "email: is missing; give an e-mail address or an external_id")]
    assert unknown == {"employees"}
