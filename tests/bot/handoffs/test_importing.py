"""Files of leads: good rows in, bad rows beside them, short transactions, and nothing twice."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.agreement.loader import loaded
from bot.clock import Clock
from bot.handoffs import importing
from bot.handoffs.import_summary import in_slack
from bot.handoffs.importing import BadRow, ImportReport, ImportStopped, Wanted, import_file
from bot.leadform.csvfile import CsvUnreadable
from storage import refused
from storage.database import Database
from storage.models import RefusedCause, deliveries, events, handoffs, lead_aliases, leads
from storage.models import refused as refusals

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
HEADER = "Lead ID,Email Address,First Name,Job Title,# Employees,Activity Type"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "GAP", 0)


@pytest.fixture
def book(database: Database) -> AgreementBook:
    return database.write_now(open_book, default_agreement(), NOW)


def a_file(folder: Path, *lines: str) -> Path:
    path = folder / "leads.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n")
    return path


def run(path: Path, database: Database, book: AgreementBook, wanted: Wanted | None = None) -> ImportReport:
    return import_file(path, database, Clock(start=NOW, speed=0), book, lambda _done, _size: None, wanted)


def count(database: Database, *tables: object) -> list[int]:
    def counted(tx: Connection) -> list[int]:
        return [tx.execute(select(func.count()).select_from(each)).scalar_one() for each in tables]  # type: ignore[arg-type]  # tables

    return database.read_now(counted)


def test_good_rows_go_in_and_bad_ones_are_kept_with_their_reasons(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = a_file(
        tmp_path,
        "1,jane@example.com,Jane,VP Engineering,500,demo_request",
        ",not an address,Joe,,lots,",
        "",
        "3,ann@example.com,Ann,Intern,3,",
        ",,Nobody,,,",
    )
    report = run(path, database, book)
    assert (report.total, report.created, report.updated, report.bad, report.handed_off) == (4, 2, 0, 2, 1)
    assert [row.line for row in report.bad_rows] == [3, 6]
    assert "email:" in report.bad_rows[0].why
    assert report.rejected == tmp_path / "leads.rejected.csv"
    with report.rejected.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.reader(text))
    assert [row[1:] for row in rows] == [
        HEADER.split(","),
        ["", "not an address", "Joe", "", "lots", ""],
        ["", "", "Nobody", "", "", ""],
    ]
    assert count(database, leads, handoffs) == [2, 1]


def test_what_cannot_be_read_of_a_row_is_set_aside_and_costs_nobody_the_lead(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    report = run(a_file(tmp_path, "2,not an address,Joe,,lots,"), database, book)
    assert (report.created, report.bad, report.rejected) == (1, 0, None)
    assert report.file is not None
    assert {(each.column, each.example) for each in report.file.aside} == {
        ("Email Address", "not an address"),
        ("# Employees", "lots"),
    }


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("01_facebook_lead_ads_utf16.csv", 3),
        ("03_salesforce_lead_report.csv", 2),
        ("05_excel_sci_ids.csv", 4),
        ("09_zoom_webinar_attendees.csv", 2),
        ("11_encoding_cp1250.csv", 1),
        ("15_phones.csv", 14),
        ("23_hubspot_french.csv", 1),
    ],
)
def test_the_exports_of_tools_are_taken_as_they_are(
    name: str, count: int, database: Database, book: AgreementBook
) -> None:
    report = run(Path(__file__).parents[1] / "leadform" / "data" / name, database, book)
    assert (report.total, report.created, report.bad, report.rejected) == (count, count, 0, None)


def test_an_encoding_and_a_mapping_may_be_said(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes("Email;Ma colonne\na@example.com;Květa\n".encode("cp1250"))
    clock = Clock(start=NOW, speed=0)
    with pytest.raises(CsvUnreadable, match="--encoding"):
        import_file(path, database, clock, book, lambda _done, _size: None)
    mapping = {"Ma colonne": "company"}
    wanted = Wanted(encoding="cp1250", mapping=mapping)
    report = import_file(path, database, clock, book, lambda _done, _size: None, wanted)
    assert report.created == 1
    assert database.read_now(lambda tx: tx.execute(select(leads.c.company)).scalars().all()) == ["Květa"]


def test_mended_rows_can_be_imported_from_the_file_they_were_put_in(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    rejected = run(a_file(tmp_path, ",joe at example.com,Joe,,,"), database, book).rejected
    assert rejected is not None
    rejected.write_text(rejected.read_text(encoding="utf-8-sig").replace("joe at ", "joe@"))
    again = run(rejected, database, book)
    assert (again.total, again.created, again.bad, again.system) == (1, 1, 0, "file:leads")


def test_the_same_file_again_changes_nothing(tmp_path: Path, database: Database, book: AgreementBook) -> None:
    path = a_file(
        tmp_path, *(f"{n},p{n}@example.com,P,VP Sales,500,demo_request @ 2026-11-09" for n in range(7))
    )
    assert run(path, database, book).handed_off == 7
    before = count(database, leads, handoffs, events, deliveries)
    again = run(path, database, book)
    assert (again.created, again.updated, again.handed_off, again.bad) == (0, 7, 0, 0)
    assert count(database, leads, handoffs, events, deliveries) == before


def test_a_person_who_stands_twice_in_a_file_is_one_lead(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    report = run(a_file(tmp_path, "1,a@example.com,A,,,", "2,A+x@example.com,A,CTO,,"), database, book)
    assert (report.created, report.updated) == (1, 1)


def test_a_row_that_names_two_leads_is_bad_and_stops_nobody(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    run(a_file(tmp_path, "1,a@example.com,,,,", "2,b@example.com,,,,"), database, book)
    report = run(a_file(tmp_path, "1,b@example.com,,CEO,,", "3,c@example.com,,,,"), database, book)
    assert (report.created, report.bad) == (1, 1)
    assert report.bad_rows[0].line == 2


def test_transactions_are_short_and_progress_reaches_the_end(
    tmp_path: Path, database: Database, book: AgreementBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_file(tmp_path, *(f"{n},,,,," for n in range(1, 1_131)))
    sizes: list[int] = []
    write_now = database.write_now

    def watched(f: object, context: object, door: object, read: Sequence[object], *more: object) -> object:
        sizes.append(len(read))
        return write_now(f, context, door, read, *more)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(database, "write_now", watched)
    seen: list[tuple[int, int]] = []
    import_file(path, database, Clock(start=NOW, speed=0), book, lambda *step: seen.append(step))
    assert sum(sizes) == 1_130
    assert max(sizes) <= 500
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size,) * 2


def test_only_the_first_bad_rows_are_held_in_memory(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    report = run(a_file(tmp_path, *(f",bad{n},,,," for n in range(300))), database, book)
    assert (report.bad, len(report.bad_rows)) == (300, importing.MOST_SHOWN)
    assert report.bad_rows[0] == BadRow(2, report.bad_rows[0].why)


def test_a_file_that_is_no_list_of_leads_stores_nothing(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Colour,Size\nred,4\n")
    with pytest.raises(CsvUnreadable, match="Colour, Size"):
        run(path, database, book)
    assert count(database, leads) == [0]


def test_a_database_that_goes_away_is_told_with_what_is_stored(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = a_file(tmp_path, *(f"{n},,,,," for n in range(importing.ROWS_AT_ONCE * 2)))
    with pytest.raises(ImportStopped, match=f"Stored up to line {importing.ROWS_AT_ONCE + 1}"):
        import_file(path, database, Clock(start=NOW, speed=0), book, lambda _done, _size: database.close())


def test_bad_rows_that_cannot_be_written_stop_it_in_words(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = a_file(tmp_path, "1,a@example.com,,,,", ",nobody,,,,")
    (tmp_path / "leads.rejected.csv").mkdir()
    with pytest.raises(ImportStopped, match="cannot be written"):
        run(path, database, book)


DATA = Path(__file__).parents[1] / "leadform" / "data"


def aliases(database: Database) -> list[tuple[str, str]]:
    asked = select(lead_aliases.c.system, lead_aliases.c.external_id)
    return sorted(tuple(row) for row in database.read_now(lambda tx: tx.execute(asked).all()))


def test_ids_that_a_spreadsheet_has_shortened_are_set_aside_and_four_people_stay_four(
    database: Database, book: AgreementBook
) -> None:
    report = run(DATA / "05_excel_sci_ids.csv", database, book)
    assert (report.created, report.bad, aliases(database)) == (4, 0, [])
    assert report.file is not None
    assert [(each.column, each.count) for each in report.file.aside] == [("Record ID", 4)]
    assert run(DATA / "05_excel_sci_ids.csv", database, book).updated == 4


def test_an_id_that_stands_beside_different_addresses_names_nobody(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    rows = ("7,a@example.com,,,,", "7,b@example.com,,,,", "8,c@example.com,,,,")
    report = run(a_file(tmp_path, *rows), database, book)
    assert (report.created, aliases(database)) == (3, [("file:leads", "8")])
    assert report.file is not None
    assert [each.count for each in report.file.aside] == [2]


def test_the_numbers_of_two_fairs_are_not_the_same_people(database: Database, book: AgreementBook) -> None:
    reports = [run(DATA / f"{name}_fair_badges.csv", database, book) for name in ("19a_berlin", "19b_paris")]
    assert [(report.created, report.updated, report.bad) for report in reports] == [(3, 0, 0), (3, 0, 0)]
    assert aliases(database) == [
        (f"file:{name}_fair_badges", str(n)) for name in ("19a_berlin", "19b_paris") for n in (1, 2, 3)
    ]


def test_one_system_that_is_named_for_two_files_refuses_whom_its_ids_mean_twice(
    database: Database, book: AgreementBook, tmp_path: Path
) -> None:
    wanted = Wanted(system="fairs")
    berlin, paris = tmp_path / "berlin.csv", tmp_path / "paris.csv"
    berlin.write_bytes((DATA / "19a_berlin_fair_badges.csv").read_bytes())
    paris.write_bytes((DATA / "19b_paris_fair_badges.csv").read_bytes())
    assert run(berlin, database, book, wanted).created == 3
    report = run(paris, database, book, wanted)
    assert (report.created, report.updated, report.bad, report.system) == (0, 0, 3, "fairs")
    found = database.read_now(refused.newest, limit=10)
    assert {(each.door, each.system, each.cause) for each in found} == {
        ("import", "fairs", RefusedCause.IDENTITY)
    }
    assert {each.body["Email"] for each in found} == {
        "luc@consolidated.example",
        "eve@graphic.example",
        "guy@humongous.example",
    }


def test_people_who_share_a_mailbox_stay_different_people(database: Database, book: AgreementBook) -> None:
    report = run(DATA / "20_role_addresses.csv", database, book)
    assert (report.created, report.updated, report.bad) == (5, 0, 0)
    again = run(DATA / "20_role_addresses.csv", database, book)
    assert (again.created, again.updated, again.handed_off) == (0, 5, 0)


def test_the_file_of_a_tool_bears_the_tools_ids(database: Database, book: AgreementBook) -> None:
    assert run(DATA / "03_salesforce_lead_report.csv", database, book).system == "salesforce"


def test_without_handing_off_nothing_goes_to_sales(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = a_file(tmp_path, "1,jane@example.com,Jane,VP Engineering,500,demo_request")
    report = run(path, database, book, Wanted(hands_off=False))
    assert (report.created, report.handed_off, report.staying.reasons.total()) == (1, 0, 1)
    assert count(database, leads, handoffs, deliveries) == [1, 0, 0]


def test_what_was_read_otherwise_is_told_once_with_how_many_rows_it_fits(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = a_file(
        tmp_path,
        *(f"{n},p{n}@example.com,Pia,,,demo_requested" for n in range(3)),
        "9,won@example.com,Wim,,,Never",
    )
    report = run(path, database, book)
    asked = "activity demo_requested is in no rule; did you mean demo_request?"
    assert report.remarks.counts[asked] == 3
    assert f"Note on each of 3 rows: {asked}" in " ".join(in_slack(report))
    assert sum("Never" in remark for remark in report.remarks.counts) == 1
    assert run(path, database, book).remarks.counts.keys() <= report.remarks.counts.keys()


def test_leads_that_stay_are_told_by_what_they_lack(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    path = a_file(
        tmp_path,
        "1,jane@example.com,Jane,VP Engineering,500,demo_request",
        "2,ann@example.com,Ann,CTO,500,",
        "3,bob@example.com,Bob,CTO,500,",
        "4,cid@example.com,Cid,,500,",
        "5,dan@example.com,Dan,,,",
    )
    staying = run(path, database, book).staying
    assert staying.reasons == {"below the line": 4}
    assert staying.lacking == {
        "no engagement in 30 days": 3,
        "no engagement in 30 days and too little fit": 1,
    }
    repeated = run(path, database, book)
    again = repeated.staying
    assert again.reasons["with sales already"] == 1
    assert "  4 came before, and nothing in them is new" in in_slack(repeated)
    later = tmp_path / "later.csv"
    later.write_text("Email,Job Title,Activity,Activity Date\neve@example.com,,webinar,2026-11-10\n")
    assert run(later, database, book).staying.lacking == {"no “200+ employees”": 1}


def test_leads_that_sales_would_take_are_told_why_it_did_not_get_them(
    tmp_path: Path, database: Database
) -> None:
    text = default_agreement().text.replace(
        'name    = "Growth"', 'name = "Growth"\nmatch = { country = "FR" }'
    )
    book = database.write_now(open_book, loaded(text), NOW)
    path = a_file(tmp_path, "1,jane@example.com,Jane,VP Engineering,20,demo_request")
    kept = run(path, database, book, Wanted(dry_run=True, hands_off=False)).staying.reasons
    assert kept == {"good enough for sales, kept back by --no-handoff": 1}
    assert run(path, database, book).staying.reasons == {"no team matches": 1}


def test_a_dry_run_says_what_the_import_then_does_and_stores_nothing(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    rows = ("1,jane@example.com,Jane,VP Engineering,500,demo_request", "2,ann@example.com,,,,", ",nobody,,,,")
    path = a_file(tmp_path, *rows)
    tried = run(path, database, book, Wanted(dry_run=True))
    assert count(database, leads, handoffs, deliveries, events, refusals) == [0, 0, 0, 0, 0]
    assert not (tmp_path / "leads.rejected.csv").exists()
    done = run(path, database, book)
    for name in ("total", "created", "updated", "bad", "handed_off", "bad_rows", "staying"):
        assert getattr(tried, name) == getattr(done, name), name
    assert (tried.dry_run, done.dry_run, tried.handed_off, tried.bad) == (True, False, 1, 1)
    assert count(database, leads, handoffs, refusals) == [2, 1, 1]


def test_a_dry_run_tells_of_rows_that_depend_on_rows_far_before_them(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    known = a_file(tmp_path, "7,joe@example.com,Joe,CTO,20,")
    run(known, database, book, Wanted(system="crm"))
    rows = [f"{n},p{n}@example.com,P{n},,," for n in range(100, 220)]
    rows[0] = "1,jane@example.com,Jane,VP Engineering,500,demo_request"
    rows[5], rows[60] = ",info@birch.example,Ann Lee,,,", ",info@birch.example,Amy Lee,,,"
    rows[110] = ",info@birch.example,A. Lee,,,"  # one of the two
    rows[112] = ",jane@example.com,Jane,CEO,500,"
    rows[115] = "7,joe@example.com,Joe,CEO,20,"
    path = a_file(tmp_path, *rows)
    stored = (leads, handoffs, deliveries, events, refusals)
    before = count(database, *stored)
    tried = run(path, database, book, Wanted(system="crm", dry_run=True))
    assert count(database, *stored) == before
    done = run(path, database, book, Wanted(system="crm"))
    assert (done.created, done.updated, done.bad, done.handed_off) == (117, 2, 1, 1)
    for name in ("total", "created", "updated", "bad", "handed_off", "bad_rows", "staying"):
        assert getattr(tried, name) == getattr(done, name), name
    numbers = select(leads.c.id).order_by(leads.c.id)
    used = database.read_now(lambda tx: list(tx.execute(numbers).scalars()))
    assert used == list(range(1, 119))  # trying has used up none
