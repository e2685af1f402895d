"""The exports of many tools: every lead with the right values, or a sentence that says why not."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform import LeadFaults, LeadForm
from bot.leadform.csvfile import open_csv
from bot.leadform.filereport import FileReport
from bot.leadform.filerows import FileReader, read_row
from storage.models import Stage

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)

# Per file the leads in order: what must be true of them, and nothing that is not there may be told.
SHOWN = ("external_id", "email", "first_name", "last_name", "title", "company", "employees", "phone")


def read(path: Path, **options: Any) -> tuple[list[LeadForm | str], FileReport]:
    reader = FileReader(open_csv(path, **options))
    reader.survey()
    leads: list[LeadForm | str] = []
    for row in reader:
        try:
            leads.append(read_row(reader, row, NOW))
        except LeadFaults as faults:
            leads.append(f"line {row.line} {faults}")
    return leads, reader.report


def lead_of(path: Path, number: int = 0) -> LeadForm:
    found = read(path)[0][number]
    assert isinstance(found, LeadForm)
    return found


def shown(lead: LeadForm | str) -> tuple[Any, ...]:
    assert isinstance(lead, LeadForm), lead
    return tuple(getattr(lead, field) for field in SHOWN)


LEADS: dict[str, list[tuple[Any, ...]]] = {
    "01_facebook_lead_ads_utf16.csv": [
        (
            "1373385458000001",
            "amara@northwind.example",
            "Amara",
            "Okafor",
            "CTO",
            "Northwind",
            201,
            "+2348031234567",
        ),
        (
            "1373385458000002",
            "emilie@société.example",
            "Émilie",
            "Dupont",
            "Head of Data",
            "Société",
            51,
            "+33612345678",
        ),
        ("1373385458000004", "ali@contoso.example", "علي", "حسن", "CEO", "شركة النور", 501, "+971501234567"),
    ],
    "02_google_ads_lead_form.csv": [
        (None, "jonas@fabrikam.example", "Jonas", "Lind", "VP Engineering", "Fabrikam", None, "+46701234567"),
        (None, "mia@fabrikam.example", "Mia", "Berg", "CTO", "Fabrikam", None, "+46701234568"),
    ],
    "03_salesforce_lead_report.csv": [
        (
            "00Q000000000001",
            "ola@tailspin.example",
            "Ola",
            "Nordmann",
            "CIO",
            "Tailspin AS",
            1250,
            "+4722123456",
        ),
        (
            "00Q000000000002",
            "pia@tailspin.example",
            "Pia",
            "Holm",
            "Director",
            "Tailspin AS",
            1250,
            "+4722123457",
        ),
    ],
    "03b_last_activity_date_us.csv": [
        (None, "ola@tailspin.example", "Ola", "Nordmann", "CIO", "Tailspin AS", 1250, None),
        (None, "pia@tailspin.example", "Pia", "Holm", "Director", "Tailspin AS", 1250, None),
        (None, "uwe@tailspin.example", "Uwe", "Kern", "Leiter", "Tailspin AS", 1250, None),
        (None, "ann@tailspin.example", "Ann", "Rye", "CTO", "Tailspin AS", 1250, None),
        (None, "ian@tailspin.example", "Ian", "Poe", "CTO", "Tailspin AS", 1250, None),
    ],
    "04_hubspot_contacts.csv": [
        ("151", "kai@proseware.example", "Kai", "Ito", "CTO", "Proseware", 501, "+81312345678"),
    ],
    "05_excel_sci_ids.csv": [
        (None, "ada@acorn.example", "Ada", "Stone", "CTO", "Acorn", 500, None),
        (None, "ben@birch.example", "Ben", "Marsh", "CTO", "Birch", 500, None),
        (None, "cleo@cedar.example", "Cleo", "Wood", "CTO", "Cedar", 500, None),
        (None, "dov@dale.example", "Dov", "Field", "CTO", "Dale", 500, None),
    ],
    "06_linkedin_lead_gen.csv": [
        ("6f1f-1", "ivo@wingtip.example", "Ivo", "Novak", "CTO", "Wingtip", 1001, None),
        ("6f1f-2", "eva@wingtip.example", "Eva", "Mala", "Head of IT", "Wingtip", 10001, None),
        ("6f1f-3", "jan@wingtip.example", "Jan", "Cap", "Owner", "Wingtip", 1, None),
        ("6f1f-4", "ota@wingtip.example", "Ota", "Dub", "CTO", "Wingtip", 11, None),
        ("6f1f-5", "pia@wingtip.example", "Pia", "Elm", "CTO", "Wingtip", 51, None),
    ],
    "07_apollo.csv": [
        (
            "66f0a1",
            "zoe@blueyonder.example",
            "Zoe",
            "Hart",
            "VP, Platform Engineering",
            "Blue Yonder Inc",
            1200,
            "+16175550101",
        ),
    ],
    "09_zoom_webinar_attendees.csv": [
        (None, "ray@vanarsdel.example", "Ray", "Finn", "CTO", "Van Arsdel", 1001, None),
        (None, "lia@vanarsdel.example", "Lia", "Moss", "VP Eng", "Van Arsdel", 1001, None),
    ],
    "10_duplicate_columns.csv": [
        (None, "dup1@acme.example", "Ann", "Bee", "CTO", "Acme", 400, "+1 555 0100"),
    ],
    "11_encoding_cp1250.csv": [
        (None, "p@cp1250.example", "Łukasz", "Źdźbło", "Dyrektor", "Żubr sp. z o.o.", 500, None),
    ],
    "11_encoding_cp1251.csv": [
        (None, "p@cp1251.example", "Ольга", "Смирнова", "Директор", "Ромашка", 500, None),
    ],
    "11_encoding_gbk.csv": [
        (None, "p@gbk.example", "伟", "王", "总监", "示例科技有限公司", 500, None),
    ],
    "13_full_names.csv": [
        (None, f"f{number}@names.example", first, last, None, "Names", None, None)
        for number, (first, last) in enumerate(
            [
                ("Jane", "Doe"),
                ("John", "Smith"),
                ("John", "Smith"),
                ("John", "Smith"),
                ("Anna", "van der Berg"),
                ("Anna", "van der Berg"),
                ("María José", "García López"),
                ("Jane", "Doe"),
                ("Erik", "Holm"),
                ("Cher", None),
                ("太郎", "山田"),
                ("Văn An", "Nguyễn"),
                ("Mary", "O'Brien"),
                ("Jane", "Doe"),
                ("Min-ho", "Lee"),
                ("Jane", "Doe"),
                (None, None),
                ("Amy", "Wu"),
            ]
        )
    ],
    "15_phones.csv": [
        (None, f"t{number}@phones.example", None, f"P{number}", None, None, None, phone)
        for number, phone in enumerate(
            [
                None,
                "+491701234567",
                "+16175550101",
                "+16175550101",
                "+4930123456",
                "+4930123456",
                "617.555.0101 ext. 23",
                "617-555-0101 x23",
                "+16175550101",
                "+16175550101",
                "+16175550101",
                "+16175550101",
                None,
                "(617) 555-0111",
            ]
        )
    ],
    "17_activity_no_date.csv": [
        (None, "act1@acme.example", "Ann", "Bee", "CTO", "Acme", 500, None),
    ],
    "18_same_export_next_night.csv": [
        (None, "nightly@acme.example", "Nia", "Kent", "CTO", "Acme", 500, None),
    ],
    "19a_berlin_fair_badges.csv": [
        ("1", "ray@vanarsdel.example", "Ray", "Finn", "CTO", "Van Arsdel", 500, None),
        ("2", "lia@fourthcoffee.example", "Lia", "Moss", "VP Eng", "Fourth Coffee", 500, None),
        ("3", "bo@wideworld.example", "Bo", "Ash", "CEO", "Wide World", 500, None),
    ],
    "19b_paris_fair_badges.csv": [
        ("1", "luc@consolidated.example", "Luc", "Roi", "CTO", "Consolidated", 500, None),
        ("2", "eve@graphic.example", "Eve", "Mont", "VP Eng", "Graphic", 500, None),
        ("3", "guy@humongous.example", "Guy", "Val", "CEO", "Humongous", 500, None),
    ],
    "20_role_addresses.csv": [
        (None, "info@acme.example", "Ann", "Bee", "CTO", "Acme", 500, None),
        (None, "info@acme.example", "Carl", "Dunn", "Head of Sales", "Acme", 500, None),
        (None, "info@acme.example", "Eva", "Fox", "Buyer", "Acme", 500, None),
        (None, "support+tickets@acme.example", "Gil", "Hay", "Support Lead", "Acme", 500, None),
        (None, "support@acme.example", "Ida", "Jones", "Director", "Acme", 500, None),
    ],
    "27_bookings.csv": [  # of three people with one colleague, who is none of them
        (None, "ines@lumen.example", "Ines", "Moreau", None, "Lumen SAS", 120, "+33612345678"),
        (None, "bob@nullify.example", "Bob", "Null", None, "Nullify Inc", None, None),
        (None, "noor@sands.example", "Noor", "Aziz", None, None, None, "+16175550148"),
    ],
    "23_hubspot_french.csv": [
        (
            "151",
            "zoe@entreprise.example",
            "Zoé",
            "Blanc",
            "Directrice technique",
            "Entreprise SA",
            1250,
            "+33612345678",
        ),
    ],
    "26_formula.csv": [
        (None, "x@evil.example", None, None, None, None, None, "+16175550101"),
    ],
}


def test_every_file_is_in_the_table() -> None:
    assert LEADS.keys() == {path.name for path in DATA.glob("*.csv")}


@pytest.mark.parametrize("name", LEADS)
def test_every_lead_of_a_file_has_the_right_values(name: str) -> None:
    leads, report = read(DATA / name)
    assert [shown(lead) for lead in leads] == LEADS[name]
    assert report.rows == len(LEADS[name])


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("02_google_ads_lead_form.csv", [("form_submission", "2026-11-16 12:00", None)]),
        ("01_facebook_lead_ads_utf16.csv", [("form_submission", "2026-11-16 13:21", "1- IG - form-email")]),
        ("06_linkedin_lead_gen.csv", [("form_submission", "2026-11-16 14:02", "Demo form")]),
        (
            "09_zoom_webinar_attendees.csv",
            [("webinar_attended", "2026-11-12 17:01", "Ship faster, sleep better")],
        ),
        ("17_activity_no_date.csv", [("demo_request", "2026-11-17 09:00", None)]),
        ("27_bookings.csv", [("meeting_booked", "2026-11-16 10:02", None)]),
        ("03_salesforce_lead_report.csv", []),
        ("04_hubspot_contacts.csv", []),
    ],
)
def test_what_happened_is_an_activity_at_its_moment(
    name: str, events: list[tuple[str, str, str | None]]
) -> None:
    activities = lead_of(DATA / name).activities
    assert [(each.type, f"{each.at:%Y-%m-%d %H:%M}", each.detail) for each in activities] == events


def test_whoever_did_not_come_to_the_webinar_only_registered() -> None:
    (event,) = lead_of(DATA / "09_zoom_webinar_attendees.csv", 1).activities
    assert (event.type, f"{event.at:%Y-%m-%d %H:%M}") == ("webinar_registered", "2026-11-10 08:00")


def test_a_booking_that_was_canceled_is_none_and_a_question_keeps_its_words() -> None:
    canceled = lead_of(DATA / "27_bookings.csv", 1)
    assert canceled.activities == ()
    assert canceled.extra["What hurts most?"] == "Handoffs"
    assert canceled.extra["User Email"] == "riley@acme-sales.example"


def test_whoever_left_no_address_does_not_get_that_of_a_colleague(tmp_path: Path) -> None:
    file = tmp_path / "bookings.csv"
    file.write_text("User Email,Invitee Email,Invitee Name\nriley@acme-sales.example,,Noor Aziz\n", "utf-8")
    ((said,), _) = read(file)
    assert said == "line 2 email: is missing; give an e-mail address or an external_id"


def test_dates_are_read_in_the_order_of_their_column() -> None:
    leads, _ = read(DATA / "03b_last_activity_date_us.csv")
    assert [lead.extra["Last Activity Date"] for lead in leads if isinstance(lead, LeadForm)] == [
        "2026-11-05",
        "2026-11-13T14:30:00+00:00",
        "2026-11-13",
        "2026-11-13",
        "2026-11-13T14:30:00+00:00",
    ]


def test_a_crm_s_status_is_a_stage_where_it_amounts_to_one() -> None:
    first, second = read(DATA / "03_salesforce_lead_report.csv")[0]
    assert isinstance(first, LeadForm)
    assert isinstance(second, LeadForm)
    assert (first.stage, first.extra["Lead Status"]) == (None, "Open - Not Contacted")
    assert (second.stage, second.extra["Lead Status"]) == (Stage.SAL, "Working - Contacted")


def test_what_loses_to_a_better_column_is_kept_beside_it() -> None:
    apollo, linkedin = lead_of(DATA / "07_apollo.csv"), lead_of(DATA / "06_linkedin_lead_gen.csv")
    assert apollo.extra["Corporate Phone"] == "+1 617-555-0199"
    assert apollo.extra["Secondary Email"] == "zoe.hart@gmail.example"
    assert linkedin.extra["Email Address"] == "ivo.home@gmail.example"
    assert linkedin.extra["employees"] == "1,001-5,000 employees"
    assert lead_of(DATA / "10_duplicate_columns.csv").extra == {"Phone (2)": "+1 555 0101"}


def put(folder: Path, *lines: str) -> Path:
    path = folder / "leads.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_field_that_cannot_be_read_costs_the_field_and_not_the_lead(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "Email,First Name,Employees,Amount,Currency,Phone,Stage,Close Date,Qualified,Website,CRM Link",
        "a@x.com,Ann,lots,much,Taler,call me,Waiting,next week,perhaps,soon,ask me",
        "b@x.com,Bob,450,12k,Euro,+1 617 555 0101,Closed Won,2026-11-05,yes,x.com,crm.x.com/1",
        "c@x.com,Cid,plenty,,,,,,,,",
    )
    leads, report = read(path)
    ann, bob, _ = leads
    assert isinstance(ann, LeadForm)
    assert ann.model_fields_set == {"email", "first_name", "extra"}
    assert ann.extra == {
        "Employees": "lots",
        "Amount": "much",
        "Currency": "Taler",
        "Phone": "call me",
        "Stage": "Waiting",
        "Close Date": "next week",
        "Qualified": "perhaps",
        "Website": "soon",
        "CRM Link": "ask me",
    }
    assert isinstance(bob, LeadForm)
    assert (bob.employees, str(bob.amount), bob.currency) == (450, "12000.00", "EUR")
    assert (bob.phone, bob.stage, bob.crm_url) == ("+16175550101", Stage.WON, "https://crm.x.com/1")
    assert {(each.column, each.count, each.example, each.line) for each in report.aside} == {
        ("Employees", 2, "lots", 2),
        ("Amount", 1, "much", 2),
        ("Currency", 1, "Taler", 2),
        ("Phone", 1, "call me", 2),
        ("Stage", 1, "Waiting", 2),
        ("Close Date", 1, "next week", 2),
        ("Qualified", 1, "perhaps", 2),
        ("CRM Link", 1, "ask me", 2),
    }


def test_refused_are_only_rows_that_are_none_and_those_that_say_nothing_of_who(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "Lead ID,Email,First Name",
        "1,not an address,Ann",
        ",not an address,Bob",
        ",,Cid",
        "#N/A,,Dee",
        "5,e@x.com,Eve,surplus",
    )
    leads, report = read(path)
    assert [lead if isinstance(lead, str) else lead.external_id for lead in leads] == [
        "1",
        "line 3 email: is not an e-mail address; write one, like jane@example.com",
        "line 4 email: is missing; give an e-mail address or an external_id",
        "line 5 email: is missing; give an e-mail address or an external_id",
        "line 6 row: has 4 cells, the header 3; put quotes around text with a delimiter in it",
    ]
    assert [(each.column, each.count) for each in report.aside] == [("Email", 1), ("Lead ID", 1)]


def test_an_id_beside_different_addresses_names_nobody(tmp_path: Path) -> None:
    path = put(tmp_path, "Id,Email", "7,a@x.com", "7,b@x.com", "8,c@x.com", "8,C@x.com", "9,d@x.com")
    leads, report = read(path)
    assert [lead.external_id for lead in leads if isinstance(lead, LeadForm)] == [None, None, "8", "8", "9"]
    assert [str(each) for each in report.aside] == [
        'Id, 2 values: "7" in line 2 stands in several rows with different addresses'
    ]


def test_dates_that_may_be_two_days_are_set_aside_with_that_reason(tmp_path: Path) -> None:
    path = put(
        tmp_path, "Email,Activity,Activity Date", "a@x.com,demo_request,11/5/2026", "b@x.com,,3/4/2026"
    )
    leads, report = read(path)
    assert [(each.column, each.count, each.example) for each in report.aside] == [
        ("Activity Date", 2, "11/5/2026")
    ]
    assert "may be two days, and its column has no date that tells which" in report.aside[0].why
    assert isinstance(leads[0], LeadForm)
    assert leads[0].extra["Activity Date"] == "11/5/2026"


def test_an_undated_activity_takes_the_moment_at_which_the_form_was_sent(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "Email,Activity,Submitted At",
        "a@x.com,Demo Request,2026-11-12 10:00",
        "b@x.com,,2026-11-13",
    )
    assert [(each.type, each.at.day) for n in (0, 1) for each in lead_of(path, n).activities] == [
        ("demo_request", 12),
        ("form_submission", 13),
    ]


def test_a_mapping_says_what_nobody_knows(tmp_path: Path) -> None:
    path = put(tmp_path, "Email,Ma colonne,Secret", "a@x.com,Acme,1")
    reader = FileReader(open_csv(path, mapping={"Ma colonne": "company", "Secret": "skip"}))
    (row,) = reader
    form = read_row(reader, row, NOW)
    assert (form.company, form.extra) == ("Acme", {})


def test_several_sources_are_told_apart_by_what_they_say(tmp_path: Path) -> None:
    path = put(tmp_path, "Email,Original Source,Lead Source", "a@x.com,OFFLINE,Trade Show Berlin")
    form = lead_of(path)
    assert (form.source, form.extra) == ("Trade Show Berlin", {"origin": "OFFLINE"})


def test_the_report_says_in_words_and_in_json_what_was_made_of_a_file() -> None:
    _, report = read(DATA / "15_phones.csv")
    report.created, report.refused = 14, 0
    assert list(report.sentences()) == [
        "Read as UTF-8.",
        "Columns: Email → email, Last Name → last_name, Phone → phone.",
        'Set aside in Phone, 2 values: "4.91512E+12" in line 2 is a number that a spreadsheet has shortened; '
        "format the column as text.",
    ]
    told = json.loads(json.dumps(report.as_json()))
    assert (told["rows"], told["created"], told["encoding"], told["system"]) == (14, 14, "UTF-8", None)
    assert told["set_aside"][0] | {"why": ""} == {
        "column": "Phone",
        "why": "",
        "count": 2,
        "example": "4.91512E+12",
        "line": 2,
    }


def test_unknown_columns_are_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    _, report = read(put(tmp_path, "Email,Compny Name,Shoe Size", "a@x.com,Acme,44"))
    assert "Kept as they are: Compny Name (did you mean company name?), Shoe Size." in report.sentences()


def test_lines_that_are_no_rows_are_reported() -> None:
    _, report = read(DATA / "01_facebook_lead_ads_utf16.csv")
    assert 'Line 4 is left out: "a test lead".' in report.sentences()
    _, report = read(DATA / "03_salesforce_lead_report.csv")
    assert 'Line 6 is not a row of the table: "All open leads".' in report.sentences()


def test_many_rows_are_read_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    with path.open("w") as text:
        text.write("Email,Company,Last Activity Date,Employees\n")
        for number in range(20_000):
            text.write(f"somebody@example.com,A company,11/{number % 28 + 1}/2026,lots\n")
    tracemalloc.start()
    try:
        reader = FileReader(open_csv(path))
        reader.survey()
        for row in reader:
            reader.record(row)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reader.report.rows == 20_000
    assert peak < 8_000_000


@given(
    table=st.lists(
        st.lists(
            st.sampled_from(["a@x.com", "", "11/5/2026", "=1+1", "Ann", "4.9E+12", "#N/A", "'", "Yes"]),
            min_size=6,
            max_size=6,
        ),
        max_size=6,
    ),
    header=st.permutations(
        ["Email", "Phone", "Phone", "Attended", "Join Time", "Last Activity", "Name", "Lead ID"]
    ),
)
def test_every_row_is_a_lead_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], header: list[str]
) -> None:
    names = [name for name in header if name not in ("Email", "Name")]
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["Email", *names[:5]], *table])
    path = tmp_path_factory.mktemp("rows") / "leads.csv"
    path.write_text(written.getvalue())
    leads, report = read(path)
    assert len(leads) == report.rows
    assert all(isinstance(lead, LeadForm) or lead.startswith("line ") for lead in leads)
