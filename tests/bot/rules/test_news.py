"""What is news about a lead: every standing with every change, and how what came is sorted into changes."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agreement import default_agreement, parse_agreement
from bot.leadform import ActivityForm, activity_key, read_lead, to_columns
from bot.rules.changes import changed_fields, contested_fields, rewritten_fields
from bot.rules.evidence import touches
from bot.rules.news import (
    AnswerClock,
    Change,
    Outcome,
    Standing,
    Told,
    lifts,
    news,
    standing_of,
    told_by_activities,
    told_by_fields,
    told_by_qualified,
)
from bot.rules.qualification import judge
from storage.models import HandoffState, Stage
from storage.models.values import LeadValues

RECORDS = Path(__file__).parents[1] / "data" / "records"
AGREEMENT = default_agreement().agreement
WITH_CUSTOMERS = parse_agreement(
    default_agreement().text.replace('customers = "tell"', 'customers = "handoff"')
)
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
REJECTED = NOW - timedelta(days=3)

COLUMNS = (
    *(Standing.NEW, Standing.WAITING, Standing.ACCEPTED, Standing.FIX, Standing.RECYCLED),
    *(Standing.DISQUALIFIED, Standing.LOST, Standing.WON),
)
OUTCOMES = {
    "-": Outcome.NOTHING,
    "raise": Outcome.RAISE,
    "tell_owner": Outcome.TELL_OWNER,
    "hand_off": Outcome.HAND_OFF,
    "last_owner": Outcome.HAND_OFF_TO_LAST_OWNER,
}
CLOCKS = {"!": AnswerClock.MET, "*": AnswerClock.MOOT}


def table() -> dict[tuple[Standing, Change], str]:
    text = (Path(__file__).parents[1] / "data" / "news.txt").read_text(encoding="utf-8")
    _, *rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {
        (standing, Change[name.upper()]): cell
        for name, *cells in rows
        for standing, cell in zip(COLUMNS, cells, strict=True)
    }


TABLE = table()


def test_the_table_has_every_standing_and_every_change() -> None:
    assert set(TABLE) == set(product(Standing, Change))


@pytest.mark.parametrize(("standing", "change"), sorted(TABLE), ids=lambda word: word.name.lower())
@pytest.mark.parametrize("qualifies", [True, False])
def test_what_follows_is_what_the_table_says(standing: Standing, change: Change, qualifies: bool) -> None:
    cell = TABLE[standing, change]
    clock = CLOCKS.get(cell[-1], AnswerClock.RUNS)
    if cell == "?":
        expected = Outcome.HAND_OFF if qualifies else Outcome.NOTHING
    else:
        expected = OUTCOMES[cell.rstrip("!*")]
    found = news(AGREEMENT, standing, [Told(change, "something")], qualifies=qualifies)
    assert (found.outcome, found.change, found.answer) == (expected, change, clock)
    assert found.reason[0].isupper()


def test_nothing_new_is_the_same_record_again() -> None:
    assert news(AGREEMENT, Standing.RECYCLED, [], qualifies=True).change is Change.SAME


def test_a_customer_who_raises_a_hand_is_handed_off_where_it_was_agreed() -> None:
    hand = [Told(Change.HAND_RAISED, "demo request")]
    told = news(AGREEMENT, Standing.WON, hand, qualifies=True)
    assert (told.outcome, told.reason) == (
        Outcome.TELL_OWNER,
        "Raised a hand: demo request as an existing customer",
    )
    found = news(WITH_CUSTOMERS, Standing.WON, hand, qualifies=False)
    assert found.outcome is Outcome.HAND_OFF_TO_LAST_OWNER
    others = [change for change in Change if change is not Change.HAND_RAISED]
    assert {news(WITH_CUSTOMERS, Standing.WON, [Told(each)], qualifies=True).outcome for each in others} == {
        Outcome.NOTHING
    }


@given(st.sampled_from(Standing), st.lists(st.sampled_from(Change)), st.booleans())
def test_of_several_changes_the_strongest_decides_and_each_can_answer(
    standing: Standing, changes: list[Change], qualifies: bool
) -> None:
    order = list(Outcome)
    alone = [news(AGREEMENT, standing, [Told(each)], qualifies=qualifies) for each in changes]
    found = news(AGREEMENT, standing, [Told(each) for each in changes], qualifies=qualifies)
    if alone:
        assert found.outcome is max((each.outcome for each in alone), key=order.index)
        assert (found.answer is AnswerClock.MET) == any(each.answer is AnswerClock.MET for each in alone)


@pytest.mark.parametrize(
    ("standing", "told", "reason"),
    [
        (
            Standing.FIX,
            [
                Told(Change.BOOKKEEPING, "notes"),
                Told(Change.CONTESTED, "phone"),
                Told(Change.CONTESTED, "email"),
            ],
            "Phone, email corrected after the rejection",
        ),
        (Standing.RECYCLED, [Told(Change.DATE_REACHED)], "Back from nurture, as agreed"),
        (
            Standing.LOST,
            [Told(Change.HAND_RAISED, "demo request")],
            "Raised a hand: demo request after the deal was lost",
        ),
        (
            Standing.FIX,
            [Told(Change.BOOKKEEPING, "notes")],
            "No news for a lead that is sent back to be fixed: "
            "a score, notes, a date of change, a column of another system (notes)",
        ),
        (Standing.NEW, [], "Does not qualify yet"),
    ],
)
def test_the_reason_says_what_came_and_when(standing: Standing, told: list[Told], reason: str) -> None:
    assert news(AGREEMENT, standing, told, qualifies=False).reason == reason


@pytest.mark.parametrize(
    ("stage", "handoff", "standing"),
    [
        (Stage.INQUIRY, None, Standing.NEW),
        (Stage.INQUIRY, HandoffState.REJECTED, Standing.FIX),
        (Stage.MQL, HandoffState.WAITING, Standing.WAITING),
        (Stage.SAL, HandoffState.ACCEPTED, Standing.ACCEPTED),
        (Stage.SQL, HandoffState.ACCEPTED, Standing.ACCEPTED),
        (Stage.OPPORTUNITY, HandoffState.ACCEPTED, Standing.ACCEPTED),
        (Stage.WON, HandoffState.CLOSED, Standing.WON),
        (Stage.LOST, HandoffState.CLOSED, Standing.LOST),
        (Stage.RECYCLED, HandoffState.REJECTED, Standing.RECYCLED),
        (Stage.RECYCLED, HandoffState.CLOSED, Standing.RECYCLED),
        (Stage.DISQUALIFIED, HandoffState.REJECTED, Standing.DISQUALIFIED),
        (Stage.DISQUALIFIED, None, Standing.DISQUALIFIED),
    ],
)
def test_a_lead_stands_where_its_stage_and_its_handoff_say(
    stage: Stage, handoff: HandoffState | None, standing: Standing
) -> None:
    assert standing_of(stage, handoff) is standing


# What a record's fields bring


JANE = {
    "external_id": "crm-7",
    "email": "nia@acme.example",
    "first_name": "Nia",
    "last_name": "Kent",
    "title": "CTO",
    "company": "ACME",
    "employees": 450,
    "phone": "+1 555 0101",
    "Lead Score": "80",
    "Last Modified Date": "2026-11-15 01:00",
    "activities": [{"type": "demo_request", "at": "2026-11-16T15:00:00Z"}],
}
CONTACT = contested_fields(AGREEMENT.reason("bad_contact"))


def columns(**told: Any) -> LeadValues:
    return to_columns(read_lead(JANE | told, now=NOW))


def brought(**told: Any) -> dict[Change, str]:
    found = told_by_fields(columns(), columns(**told), CONTACT)
    return {each.change: each.about for each in found}


@pytest.mark.parametrize(
    ("told", "kinds"),
    [
        ({}, {}),
        ({"Last Modified Date": "2026-11-16 01:00"}, {Change.BOOKKEEPING: "Last Modified Date"}),
        ({"Lead Score": "81"}, {Change.BOOKKEEPING: "Lead Score"}),
        ({"notes": "Called twice"}, {Change.BOOKKEEPING: "notes"}),
        ({"owner": "Dana Rep"}, {Change.BOOKKEEPING: "owner"}),
        ({"source": "webinar"}, {Change.BOOKKEEPING: "source"}),
        ({"title": "Chief Technology Officer"}, {Change.FACT: "title"}),
        ({"phone": "+15550101"}, {Change.REWRITTEN: "phone"}),
        ({"phone": "+1 555 0102"}, {Change.CONTESTED: "phone"}),
        ({"email": "nia.kent@acme.example"}, {Change.CONTESTED: "email"}),
        ({"last_name": "Kant"}, {Change.CONTESTED: "last name"}),
        ({"phone": "", "email": "nia@acme.example"}, {}),
        ({"company": "Acme Inc."}, {Change.REWRITTEN: "company"}),
        ({"company": "Apex"}, {Change.FACT: "company"}),
    ],
)
def test_what_a_record_changes_is_sorted_by_what_was_contested(
    told: dict[str, Any], kinds: dict[Change, str]
) -> None:
    assert brought(**told) == kinds


def test_a_nightly_sync_of_a_rejected_lead_is_no_news_and_meets_no_clock() -> None:
    night = columns(**{"Last Modified Date": "2026-11-16 01:00"})
    found = news(AGREEMENT, Standing.FIX, told_by_fields(columns(), night, CONTACT), qualifies=True)
    assert (found.outcome, found.answer) == (Outcome.NOTHING, AnswerClock.RUNS)


def records() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(RECORDS.iterdir()):
        text = path.read_text(encoding="utf-8-sig")
        found += json.loads(text) if path.suffix == ".json" else csv.DictReader(text.splitlines())
    return [record for record in found if record.get("Email") or record.get("email")]


@pytest.mark.parametrize(
    "record", records(), ids=lambda record: str(record.get("Email", record.get("email")))
)
def test_the_same_record_again_is_no_change_whenever_it_comes(record: dict[str, Any]) -> None:
    first, again = (read_lead(record, now=NOW + timedelta(days=days)) for days in (0, 30))
    assert told_by_fields(to_columns(first), to_columns(again), CONTACT) == ()
    assert [*map(activity_key, first.activities)] == [*map(activity_key, again.activities)]


def test_changes_have_both_values_and_blank_nothing() -> None:
    known = {"phone": None, "title": "CTO", "extra": {"Tier": "gold"}}
    told = {"phone": "+1 555 0101", "title": None, "extra": {"Tier": "silver"}, "email_key": "x"}
    assert changed_fields(known, told) == {"phone": (None, "+1 555 0101"), "Tier": ("gold", "silver")}
    assert rewritten_fields(known, {"title": "cto"}) == ("title",)


def test_a_phone_is_dialled_where_the_lead_lives() -> None:
    known, told = {"phone": "030 1234567"}, {"phone": "+49 30 1234567"}
    assert changed_fields(known, told, "DE") == {}
    assert rewritten_fields(known, told, "DE") == ("phone",)
    assert changed_fields(known, told, "FR") != {}


@pytest.mark.parametrize(
    ("code", "contested"),
    [
        ("bad_contact", {"email", "phone", "first_name", "last_name"}),
        ("no_such_reason", {"email", "phone", "first_name", "last_name"}),
        ("junk", set()),
        ("low_intent", set()),
    ],
)
def test_a_reason_contests_what_it_names_or_the_contact_data(code: str, contested: set[str]) -> None:
    assert contested_fields(AGREEMENT.reason(code)) == contested


def test_a_reason_may_contest_anything_about_a_lead() -> None:
    other = AGREEMENT.reason("other")
    assert other is not None
    assert {"title", "company", "employees"} <= contested_fields(other)
    plain = other.model_copy(update={"contests": None})
    assert contested_fields(plain) == CONTACT


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (False, True, (Told(Change.TURNED_QUALIFIED),)),
        (True, True, (Told(Change.STILL_QUALIFIED),)),
        (True, False, ()),
        (False, None, ()),
    ],
)
def test_qualified_is_news_when_it_turns_true(before: bool, now: bool | None, told: tuple[Told, ...]) -> None:
    assert told_by_qualified(before, now) == told


# What activities bring


def did(kind: str = "demo_request", at: datetime = NOW, **more: Any) -> ActivityForm:
    return ActivityForm(type=kind, at=at, **more)


@pytest.mark.parametrize(
    ("activity", "change"),
    [
        (did(), Change.HAND_RAISED),
        (did(at=REJECTED + timedelta(seconds=1)), Change.HAND_RAISED),
        (did(at=REJECTED), Change.EARLIER),
        (did(at=datetime(1970, 1, 1, tzinfo=UTC)), Change.EARLIER),
        (did(at=NOW + timedelta(minutes=5)), Change.HAND_RAISED),
        (did(at=NOW + timedelta(minutes=6)), Change.AHEAD),
        (did(dated=False), Change.UNDATED),
        (did(summary=True), Change.SUMMARY),
        (did(automated=True), Change.OUTREACH),
        (did("call"), Change.OUTREACH),
        (did("page_view"), Change.ACTIVITY),
    ],
)
def test_an_activity_is_sorted_by_what_it_is_and_when(activity: ActivityForm, change: Change) -> None:
    [told] = told_by_activities(AGREEMENT, [activity], now=NOW, since=REJECTED)
    assert (told.change, told.about) == (change, activity.type.replace("_", " "))


def test_a_hand_stays_up_as_long_as_it_is_hot() -> None:
    for days, change in ((7, Change.HAND_RAISED), (8, Change.ACTIVITY)):
        old = did(at=NOW - timedelta(days=days))
        [told] = told_by_activities(AGREEMENT, [old], now=NOW, since=NOW - timedelta(days=30))
        assert told.change is change


def test_what_sales_weighs_at_first_has_no_earlier() -> None:
    [told] = told_by_activities(AGREEMENT, [did(at=NOW - timedelta(days=2))], now=NOW)
    assert told.change is Change.HAND_RAISED


FIT = {"title": "CTO", "employees": 450}
WEBINAR, VIEW = "webinar", "page_view"


@pytest.mark.parametrize(
    ("known", "new", "lifted"),
    [
        ([], [did(WEBINAR)], True),
        ([did(WEBINAR, REJECTED - timedelta(days=60))], [did(VIEW, detail="pricing")], True),
        ([did("trial_signup", REJECTED - timedelta(days=1))], [did(VIEW, detail="pricing")], False),
        ([did(WEBINAR, REJECTED - timedelta(days=1))], [did("trial_signup")], True),
        ([], [did(VIEW, detail="pricing")], False),
        ([], [did(WEBINAR, dated=False)], False),
        ([], [did(WEBINAR, summary=True)], False),
        ([], [did(WEBINAR, REJECTED - timedelta(days=1))], False),
        ([], [did(WEBINAR, NOW + timedelta(days=1))], False),
    ],
)
def test_an_activity_lifts_a_recycled_lead_over_the_line_or_does_not(
    known: list[ActivityForm], new: list[ActivityForm], lifted: bool
) -> None:
    assert lifts(AGREEMENT, FIT | {"qualified": True}, known, new, NOW, REJECTED) is lifted
    told = told_by_activities(AGREEMENT, new, now=NOW, since=REJECTED, lifted=lifted)
    handed = news(AGREEMENT, Standing.RECYCLED, told, qualifies=True).outcome is Outcome.HAND_OFF
    assert handed is lifted


def test_no_summary_brings_a_lead_back_whatever_it_says() -> None:
    told = told_by_activities(AGREEMENT, [did(summary=True)], now=NOW, since=REJECTED)
    for standing in Standing:
        if standing is not Standing.NEW:
            assert news(AGREEMENT, standing, told, qualifies=True).outcome is Outcome.NOTHING
    assert judge(AGREEMENT, {}, [did(summary=True)], NOW).qualifies


# What is contact


@pytest.mark.parametrize(
    ("activity", "counts"),
    [
        (did("call"), True),
        (did("voicemail", REJECTED + timedelta(seconds=1)), True),
        (did("call", REJECTED), True),
        (did("call", REJECTED - timedelta(seconds=1)), False),
        (did("call", dated=False), False),
        (did("call", NOW + timedelta(hours=1)), False),
        (did("email", automated=True), False),
        (did("email", summary=True), False),
        (did("demo_request"), False),
    ],
)
def test_contact_is_by_hand_dated_and_not_before_the_accept(activity: ActivityForm, counts: bool) -> None:
    assert touches([activity], REJECTED, NOW) == ([activity] if counts else [])


def test_the_first_contact_comes_first() -> None:
    late, early = did("call", NOW), did("email", NOW - timedelta(hours=1))
    assert touches([late, early], REJECTED, NOW) == [early, late]
