"""What happened, and what is only said of the past: activities and summaries as tools send them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform import (
    ActivityForm,
    LeadFaults,
    LeadForm,
    activity_key,
    read_activity,
    read_lead,
    source_and_origin,
)
from bot.leadform.activities import MOST, is_type
from bot.leadform.aliases import summary_of
from storage.models import TouchKind

RECORDS = Path(__file__).parents[1] / "data" / "records"
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
WHO = {"email": "jane@example.com"}


def lead(**told: Any) -> LeadForm:
    return read_lead(WHO | told, now=NOW)


def read_file(name: str) -> list[LeadForm]:
    with (RECORDS / name).open(encoding="utf-8-sig", newline="") as file:
        return [read_lead(row, now=NOW) for row in csv.DictReader(file) if row["Email"]]


@pytest.mark.parametrize(
    ("file", "column", "kept"),
    [
        ("salesforce_lead_report.csv", "Last Activity", ["11/5/2026", "11/13/2026"]),
        (
            "last_activity_dates.csv",
            "Last Activity Date",
            ["11/5/2026", "11/13/2026 14:30", "13.11.2026", "Nov 13, 2026", "2026-11-13 14:30"],
        ),
        ("hubspot_contacts.csv", "Last Activity Date (GMT-05:00)", ["2026-11-15 17:30"]),
    ],
)
def test_a_date_of_the_last_activity_is_shown_and_is_no_activity(
    file: str, column: str, kept: list[str]
) -> None:
    forms = read_file(file)
    assert [form.extra[column] for form in forms] == kept
    assert [form.activities for form in forms] == [()] * len(kept)


def test_an_undated_activity_in_a_file_happened_now_and_says_that_it_was_undated() -> None:
    [form] = read_file("undated_activity.csv")
    assert form.activities == (ActivityForm(type="demo_request", at=NOW, dated=False),)


def test_a_nightly_export_brings_a_score_and_a_date_of_change_and_no_activity() -> None:
    [form] = read_file("nightly_export.csv")
    assert (form.activities, form.extra) == (
        (),
        {"Lead Score": "80", "Last Modified Date": "2026-11-15 01:00"},
    )


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Last Activity", ("last activity", "")),
        ("LastActivityDate", ("last activity", "at")),
        ("last_activity_type", ("last activity", "type")),
        ("Latest Touch", ("last touch", "")),
        ("Latest Touch Date", ("last touch", "at")),
        ("Most Recent Conversion", ("last conversion", "")),
        ("Recent Conversion Date", ("last conversion", "at")),
        ("recent_conversion_event_name", ("last conversion", "type")),
        ("First Conversion Date (GMT+01:00)", ("first conversion", "at")),
        ("Last Sales Activity Date", ("last sales activity", "at")),
        ("Activity", None),
        ("Activity Date", None),
        ("Last Name", None),
        ("First Name", None),
        ("Last Modified Date", None),
    ],
)
def test_a_summary_is_known_by_its_name(name: str, what: tuple[str, str] | None) -> None:
    assert summary_of(name) == what


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"Last Activity": "Email", "Last Activity Date": "2026-11-13 14:30"}, [("email", 13)]),
        ({"Last Activity": "2026-11-13", "Last Activity Type": "Demo Request"}, [("demo_request", 13)]),
        ({"Latest Touch": "webinar; demo_request @ 2026-11-02", "Latest Touch Date": "2026-11-10"}, None),
        ({"Most Recent Conversion": "Pricing form", "Most Recent Conversion Date": "2026-11-09"}, None),
        ({"Last Activity": "Email"}, []),
        ({"Last Activity": "Never", "Last Activity Date": "2026-11-13"}, []),
        ({"Last Activity": "Email", "Last Activity Date": "11/5/2026"}, []),
        ({"Last Activity": "Email", "Last Activity Date": "2026-12-24"}, []),
        ({"Last Activity": "Email", "Last Activity Date": "1970-01-01"}, []),
        ({"Last Activity": "Email", "Latest Touch Date": "2026-11-13"}, []),
    ],
)
def test_a_summary_with_a_type_and_a_date_is_engagement_marked_as_one(
    told: dict[str, str], expected: list[tuple[str, int]] | None
) -> None:
    others = {
        "Latest Touch": [("webinar", 10), ("demo_request", 2)],
        "Most Recent Conversion": [("pricing_form", 9)],
    }
    form = lead(**told)
    wanted = expected if expected is not None else others[next(iter(told))]
    assert [(each.type, each.at.day) for each in form.activities] == wanted
    assert all(each.summary and not each.is_touch for each in form.activities)
    assert form.extra == told


def test_the_zone_in_a_heading_is_the_zone_of_its_dates() -> None:
    form = lead(**{"Last Activity": "Call", "Last Activity Date (GMT-05:00)": "2026-11-15 17:30"})
    assert form.activities[0].at == datetime(2026, 11, 15, 22, 30, tzinfo=UTC)


def test_a_summary_stands_beside_the_activities_of_a_record() -> None:
    told = {"Activity": "webinar", "Last Activity": "Email", "Last Activity Date": "2026-11-13"}
    assert [(each.type, each.summary) for each in lead(**told).activities] == [
        ("webinar", False),
        ("email", True),
    ]


NO_TYPES = [
    *(
        "Never",
        "None",
        "never yet",
        "No",
        "Nov 05, 2026",
        "5. November 2026",
        "13 novembre 2026",
        "2026-11-05",
    ),
    *(
        "11/5/2026 2:30 PM",
        "Monday, Nov 2",
        "3 days ago",
        "yesterday",
        "42",
        "1.5",
        "2026年11月5日",
        "--",
        "May",
    ),
]


@pytest.mark.parametrize("written", NO_TYPES)
def test_what_is_no_type_of_activity_becomes_none(written: str) -> None:
    assert not is_type(written)
    for told in (written, [written], [{"type": written, "at": "2026-11-13"}]):
        assert lead(Activity=told).activities == ()
    with pytest.raises(LeadFaults, match="type"):
        read_activity({"type": written}, now=NOW)


@pytest.mark.parametrize(
    "written", ["Demo Request", "Event 2026", "Demo Day", "3D tour", "第一回相談", "e-mail"]
)
def test_what_is_a_type_stays_one(written: str) -> None:
    assert is_type(written)


def test_what_was_left_out_is_told_and_kept() -> None:
    form = lead(activities=["Demo Request", "Never", {"type": 7}])
    assert [each.type for each in form.activities] == ["demo_request"]
    assert form.extra == {"activities": "Never; 7"}
    assert form.remarks == (
        '"Never" is not a type of activity, and was left out',
        '"7" is not a type of activity, and was left out',
    )


@pytest.mark.parametrize(
    ("by", "who", "detail"),
    [
        ("Riley@Example.com", "riley@example.com", None),
        ("U0REP1", "U0REP1", None),
        ("<@U0REP1|riley>", "U0REP1", None),
        ("Riley Ross", None, "by: Riley Ross"),
        ("", None, None),
    ],
)
def test_an_activity_says_who_did_it(by: str, who: str | None, detail: str | None) -> None:
    found = read_activity({"type": "call", "by": by}, now=NOW)
    assert (found.by, found.detail) == (who, detail)


@pytest.mark.parametrize(("told", "automated"), [(True, True), ("yes", True), (False, False), (None, False)])
def test_an_automated_activity_is_no_touch(told: Any, automated: bool) -> None:
    found = read_activity({"type": "email", "automated": told}, now=NOW)
    assert (found.automated, found.is_touch) == (automated, not automated)


def test_whether_it_was_automated_is_a_yes_or_a_no() -> None:
    with pytest.raises(LeadFaults, match=r"activities\[0\]\.automated: .* is neither yes nor no"):
        lead(activities=[{"type": "email", "automated": "by a robot"}])


@pytest.mark.parametrize("kind", [*TouchKind, "E-mail", "LinkedIn", "voice mail", "phone call", "SMS"])
def test_the_types_of_contact_have_one_spelling(kind: str) -> None:
    assert read_activity({"type": kind}, now=NOW).is_touch


def test_an_activity_told_by_itself_happened_now_and_is_as_good_as_dated() -> None:
    assert read_activity({"type": "call"}, now=NOW) == ActivityForm(type="call", at=NOW, dated=True)
    assert not lead(activities=["call"]).activities[0].dated


@pytest.mark.parametrize(
    ("at", "remark"),
    [
        (
            "2026-11-17",
            "activity demo_request is dated 2026-11-17 00:00 UTC, which lies ahead; it counts from",
        ),
        ("9999-12-31", "which lies ahead"),
        ("1900-01-01", "is dated 1900-01-01; dates before 1990 are kept and do not count"),
        (0, "is dated 1970-01-01; dates before 1990"),
    ],
)
def test_an_odd_moment_is_kept_and_told(at: Any, remark: str) -> None:
    for form in (
        read_activity({"type": "demo_request", "at": at}, now=NOW),
        lead(activities=[{"type": "demo_request", "at": at}]),
        lead(Activity="demo_request", activity_at=at),
    ):
        [told] = form.remarks
        assert remark in told


@pytest.mark.parametrize("minutes", [0, 4, 5])
def test_a_clock_that_runs_a_little_ahead_is_nothing_to_tell(minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert read_activity({"type": "call", "at": at}, now=NOW).remarks == ()


def test_a_type_of_300_characters_is_cut_and_kept_whole_in_the_detail() -> None:
    written = "Requested a demo of everything " * 10
    form = lead(activities=[{"type": written, "detail": "Hall 7"}])
    [activity] = form.activities
    assert activity.type == "requested_a_demo_of_everything_requested_a_demo_of_everything_re"
    assert activity.detail == f"Hall 7\ntype: {written.strip()}"
    assert form.remarks == (
        f"an activity's type of {len(written) - 1} characters was cut; the whole is in its detail",
    )


def test_of_very_many_activities_the_newest_are_taken_and_one_of_each_type() -> None:
    def minutes_ago(kind: str, count: int) -> dict[str, str]:
        return {"type": kind, "at": (NOW - timedelta(minutes=count)).isoformat()}

    views = [minutes_ago("page_view", number) for number in range(800)]
    form = lead(activities=[*views, minutes_ago("demo_request", 10_000), minutes_ago("webinar", 20_000)])
    assert len(form.activities) == MOST
    assert [each.type for each in form.activities][-2:] == ["demo_request", "webinar"]
    assert form.activities[0].at == NOW
    assert form.remarks == (
        "the record brings 802 activities; the newest 500 were taken, the others only counted",
    )
    assert form.extra == {"activities": "page_view: 302 more, 2026-11-16 to 2026-11-16"}


def test_remarks_are_no_field_of_the_lead() -> None:
    form = lead(activities=["Demo Request", "Never"])
    assert form.remarks
    assert form.model_fields_set == {"email", "activities", "extra"}
    assert "remarks" not in form.model_dump()
    assert lead(activities=["Demo Request"]).remarks == ()


def undated(kind: str = "demo_request", detail: str | None = None, at: datetime = NOW) -> str:
    return activity_key(ActivityForm(type=kind, at=at, detail=detail, dated=False))


def test_an_undated_activity_is_the_same_whenever_it_comes() -> None:
    assert undated() == undated(at=NOW + timedelta(days=9)) == undated(detail="  ")
    assert undated(detail="Hall  7") == undated(detail="hall 7")
    assert len({undated(), undated("webinar"), undated(detail="Hall 7"), undated(detail="Hall 8")}) == 4


def test_a_dated_activity_is_the_same_at_the_same_moment_whatever_is_said_of_it() -> None:
    keys = {
        activity_key(read_activity({"type": "demo_request", "at": at, "detail": detail}, now=NOW))
        for at in ("2026-11-16T10:00Z", "2026-11-16T11:00+01:00")
        for detail in ("a", "b")
    }
    assert len(keys) == 1
    assert keys.isdisjoint({undated()})


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_key_fits_into_a_column(kind: str, detail: str) -> None:
    assert len(undated(kind[:64], detail)) <= 100


@pytest.mark.parametrize(
    ("told", "source", "origin", "kept"),
    [
        ({"Lead Source": "Web"}, "Web", None, {}),
        (
            {"Original Source": "OFFLINE", "Lead Source": "Trade Show Berlin"},
            "Trade Show Berlin",
            "OFFLINE",
            {},
        ),
        (
            {"Lead Source": "Trade Show Berlin", "Original Source": "OFFLINE"},
            "Trade Show Berlin",
            "OFFLINE",
            {},
        ),
        ({"source": "Direct traffic", "utm_source": "q4-newsletter"}, "q4-newsletter", "Direct traffic", {}),
        ({"source": "Organic search", "Original Source": "OFFLINE"}, "Organic search", "OFFLINE", {}),
        ({"utm_source": "partner-x", "source": "booth 7"}, "booth 7", "partner-x", {}),
        ({"source": "Web", "Lead Source": "web"}, "Web", None, {}),
        (
            {"source": "Web", "Lead Source": "Berlin Fair", "utm_source": "google"},
            "Berlin Fair",
            "google",
            {"source": "Web"},
        ),
        ({"Lead Source": "N/A", "Original Source": "Referral"}, "Referral", None, {}),
    ],
)
def test_the_most_specific_source_wins_and_the_others_are_kept(
    told: dict[str, str], source: str, origin: str | None, kept: dict[str, str]
) -> None:
    form = lead(**told)
    assert form.source == source
    assert form.extra == kept | ({"origin": origin} if origin else {})


def test_over_time_what_is_known_stays_unless_something_more_specific_is_told() -> None:
    assert source_and_origin("Trade Show Berlin", "OFFLINE") == ("Trade Show Berlin", "OFFLINE")
    assert source_and_origin("OFFLINE", "Trade Show Berlin") == ("Trade Show Berlin", "OFFLINE")
    assert source_and_origin("Berlin", "Paris") == ("Berlin", "Paris")


@given(
    st.lists(st.sampled_from(["OFFLINE", "Web", "Organic search", "Berlin", "Paris", "berlin"]), min_size=1)
)
def test_a_source_is_never_less_specific_than_one_that_was_told(sources: list[str]) -> None:
    best, origin = source_and_origin(*sources)
    assert best in sources
    assert origin is None or origin in sources
    assert source_and_origin(best, *sources)[0] == best
