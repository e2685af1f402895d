"""What a CRM's history tells of a lead: whatever its columns are called, and only what can be true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.leadform import LeadFaults
from bot.leadform.csvfile import open_csv
from bot.leadform.filerows import FileReader
from bot.leadform.past import PastForm, read_past
from bot.leadform.pastcolumns import MOMENTS, PastKind, find_past, past_kind
from bot.leadform.pastrows import past_rows, read_past_row
from bot.leadform.reading import read_lead

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
JANE = read_lead({"email": "jane@acme.com", "first_name": "Jane", "last_name": "Doe"}, now=NOW)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def past(form: Any = JANE, **told: str) -> PastForm:
    moments = {name: at(text) if name.endswith("_at") else text for name, text in told.items()}
    return read_past(form, moments, NOW)


def days(form: PastForm) -> Mapping[str, str]:
    return {name: f"{moment:%m-%d}" for name, moment in form.moments.items()}


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("handed_off_at", "handed_off_at"),
        ("Became a Marketing Qualified Lead Date", "handed_off_at"),
        ('Date entered "Marketing Qualified Lead (Lifecycle Stage Pipeline)"', "handed_off_at"),
        ('Date entered "Closed Won (Sales Pipeline)"', "won_at"),
        ('Date entered "Closed lost (Sales Pipeline)"', "lost_at"),
        ("Became a Customer Date", "won_at"),
        ("Converted Date", "opportunity_at"),
        ("Closed Lost Reason", "reason"),
        ("Associated Contact IDs", "contact_id"),
        ("HubSpot Team", "team"),
        ('Date entered "Something of ours (Sales Pipeline)"', None),
        ("Favourite colour", None),
    ],
)
def test_columns_are_known_by_the_names_that_crms_give_them(column: str, field: str | None) -> None:
    assert find_past(column) == field


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Associated Contact", PastKind.DEALS),
        ("Opportunity Owner,Account Name,Opportunity Name,Stage,Amount,Close Date,Email", PastKind.DEALS),
        ("Lead Owner,First Name,Lead Status,Converted Date,Opportunity Name,Email", PastKind.LEADS),
        ("Lead Owner,Lead ID,Field / Event,Old Value,New Value,Edit Date", PastKind.CHANGES),
        ("Email,First Name,handed_off_at", PastKind.LEADS),
    ],
)
def test_what_a_line_is_follows_from_the_columns(header: str, kind: PastKind) -> None:
    assert past_kind(header.split(",")) is kind


def test_whoever_reached_a_stage_went_through_those_before_it() -> None:
    found = past(handed_off_at="2026-01-05T10:00", won_at="2026-03-01")
    assert days(found) == {
        "handed_off_at": "01-05",
        "accepted_at": "01-05",
        "sql_at": "03-01",
        "opportunity_at": "03-01",
        "won_at": "03-01",
    }


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ({"stage": "Closed Won", "closed_at": "2026-03-01"}, {"won_at": "03-01"}),
        ({"stage": "Closed Lost", "closed_at": "2026-03-01"}, {"lost_at": "03-01"}),
        ({"is_won": "1", "closed_at": "2026-03-01"}, {"won_at": "03-01"}),
        ({"stage": "Negotiation/Review", "closed_at": "2026-12-31"}, {"opportunity_at": "01-05"}),
        ({"status": "Unqualified"}, {"rejected_at": "01-05"}),
        (
            {"status": "Unqualified", "first_touch_at": "2026-01-06"},
            {"accepted_at": "01-05", "first_touch_at": "01-06", "disqualified_at": "01-05"},
        ),
        ({"status": "Working - Contacted"}, {"accepted_at": "01-05"}),
        ({"status": "Open - Not Contacted"}, {}),
    ],
)
def test_a_stage_counts_where_no_date_says_it(told: dict[str, str], ends: dict[str, str]) -> None:
    found = days(past(handed_off_at="2026-01-05", **told))
    assert ends.items() <= found.items()


def test_a_row_that_tells_of_nothing_is_a_lead_without_a_handoff() -> None:
    assert past(created_at="2026-01-01").moments == {}
    assert past(status="Open - Not Contacted", created_at="2026-01-01").handed_at is None


def test_without_a_date_of_its_own_the_handoff_counts_from_the_creation() -> None:
    assert days(past(created_at="2026-01-01T09:00", status="Contacted"))["handed_off_at"] == "01-01"


def test_a_day_is_no_earlier_than_what_else_happened_on_it() -> None:
    found = past(created_at="2026-01-05T09:30", handed_off_at="2026-01-05", accepted_at="2026-01-05")
    assert set(found.moments.values()) == {at("2026-01-05T09:30")}


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (
            {"created_at": "2026-01-05", "accepted_at": "2026-01-03"},
            "accepted_at: 2026-01-03 lies before created_at, 2026-01-05; correct one",
        ),
        (
            {"handed_off_at": "2026-01-05", "accepted_at": "2026-01-03"},
            "accepted_at: 2026-01-03 lies before handed_off_at",
        ),
        (
            {"handed_off_at": "2026-01-05", "won_at": "2026-02-01", "lost_at": "2026-02-02"},
            "lost_at: cannot be true together with won_at",
        ),
        (
            {"handed_off_at": "2026-01-05", "rejected_at": "2026-01-06", "won_at": "2026-02-02"},
            "rejected_at: cannot be true together with won_at",
        ),
        ({"handed_off_at": "2027-01-05"}, "handed_off_at: lies in the future, 2027-01-05"),
        ({"handed_off_at": "2026-01-05", "stage": "Closed Won"}, "won_at: is missing"),
        (
            {"handed_off_at": "2026-01-05", "sql_at": "2026-03-05", "won_at": "2026-02-02"},
            "won_at: 2026-02-02 lies before sql_at",
        ),
    ],
)
def test_what_cannot_all_be_true_is_refused_in_words(told: dict[str, str], complaint: str) -> None:
    with pytest.raises(LeadFaults) as refused:
        past(**told)
    assert complaint in str(refused.value)


def test_a_deal_that_is_won_needs_somebody_who_bought() -> None:
    nobody = read_lead({"email": "info@acme.com"}, now=NOW)
    with pytest.raises(LeadFaults, match="the deal is won, and the row names nobody"):
        past(nobody, handed_off_at="2026-01-05", won_at="2026-02-01")


def rows_in(folder: Path, text: str) -> list[PastForm]:
    path = folder / "past.csv"
    path.write_text(text)
    reader = FileReader(open_csv(path, past=True))
    reader.survey()
    return [read_past_row(reader, row, told, NOW) for row, told in past_rows(reader)]


def test_hubspots_deals_are_read_by_their_contacts(tmp_path: Path) -> None:
    (won, lost) = rows_in(
        tmp_path,
        "Record ID,Deal Name,Deal Stage,Pipeline,Close Date,Create Date,Deal owner,Amount,Currency,"
        "Associated Contact,Associated Contact IDs,Associated Company,Closed Lost Reason\n"
        "901,ACME - big,Closed Won,Sales,2026-03-01 10:00,2026-01-05 09:00,Riley (riley@ours.com),12000,EUR,"
        '"Jane Doe (jane@acme.com);Bob Roe (bob@acme.com)",51;52,ACME,\n'
        "902,Beta,Closed Lost,Sales,2026-04-01 10:00,2026-02-05 09:00,Riley (riley@ours.com),,,"
        "Eve Fox (eve@beta.io),53,Beta,No budget\n",
    )
    assert (won.form.email, won.form.first_name, won.form.external_id) == ("jane@acme.com", "Jane", "51")
    assert (won.form.company, won.form.owner) == ("ACME", "Riley (riley@ours.com)")
    assert won.form.amount == 12000
    assert days(won)["opportunity_at"] == "01-05"
    assert days(won)["won_at"] == "03-01"
    assert won.form.extra["Deal Name"] == "ACME - big"
    assert (days(lost)["lost_at"], lost.reason) == ("04-01", "No budget")


def test_salesforces_opportunities_are_dated_as_the_report_writes_days(tmp_path: Path) -> None:
    (won, open_deal) = rows_in(
        tmp_path,
        "Opportunity Owner,Account Name,Opportunity Name,Stage,Fiscal Period,Amount,Probability (%),Age,"
        "Close Date,Created Date,Lead Source,Primary Contact,Contact: Email\n"
        'Sam Smith,ACME,ACME - 50 seats,Closed Won,Q1-2026,"USD 4,500.00",100,50,2/25/2026,1/3/2026,Web,'
        "Jane Doe,jane@acme.com\n"
        "Sam Smith,Beta,Beta,Proposal/Price Quote,Q4-2026,9000,75,10,12/31/2026,10/30/2026,Web,"
        "Eve Fox,eve@b.io\n",
    )
    assert (days(won)["handed_off_at"], days(won)["won_at"], won.form.currency) == ("01-03", "02-25", "USD")
    assert (won.form.first_name, won.form.source) == ("Jane", "Web")
    assert days(open_deal) == dict.fromkeys(
        ("handed_off_at", "accepted_at", "sql_at", "opportunity_at"), "10-30"
    )
    assert open_deal.deal_at == at("2026-12-31")


def test_salesforces_lead_history_is_gathered_by_lead(tmp_path: Path) -> None:
    jane, eve = rows_in(
        tmp_path,
        "Lead ID,Lead Owner,First Name,Last Name,Company / Account,Email,Field / Event,Old Value,New Value,"
        "Edited By,Edit Date\n"
        "00Q1,Sam,Jane,Doe,ACME,jane@acme.com,Created.,,,Web,1/3/2026 9:00 AM\n"
        "00Q2,Sam,Eve,Fox,Beta,eve@beta.io,Created.,,,Web,1/4/2026 9:00 AM\n"
        "00Q1,Sam,Jane,Doe,ACME,jane@acme.com,Lead Owner,Queue,Sam,Ann,1/13/2026 9:00 AM\n"
        "00Q1,Sam,Jane,Doe,ACME,jane@acme.com,Lead Status,Open,Working - Contacted,Sam,1/14/2026 9:00 AM\n"
        "00Q2,Sam,Eve,Fox,Beta,eve@beta.io,Lead Status,Open,Unqualified,Sam,1/6/2026 9:00 AM\n"
        "00Q1,Sam,Jane,Doe,ACME,jane@acme.com,Lead Status,Working,Closed - Converted,Sam,1/20/2026 9:00 AM\n",
    )
    assert days(jane) == {"handed_off_at": "01-13", "accepted_at": "01-14", "sql_at": "01-20"}
    assert (jane.form.external_id, jane.form.owner) == ("00Q1", "Sam")
    assert days(eve) == {"handed_off_at": "01-04", "rejected_at": "01-06"}


def test_every_moment_of_a_handoff_may_be_told_by_its_own_name(tmp_path: Path) -> None:
    assert {find_past(name) for name in MOMENTS} == set(MOMENTS)
    assert {find_past(name) for name in ("reason", "team", "first_touch_at")} == {
        "reason",
        "team",
        "first_touch_at",
    }
