"""A CRM's past comes in: handoffs of their own dates, nothing posted, nothing twice, every figure right."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from bot.agreement import default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.context import Context
from bot.handoffs import importing
from bot.handoffs.importing import ImportReport, Wanted, import_file
from bot.handoffs.past import Fate
from bot.ladder.ticking import tick
from bot.lookups.status import Status, history_of, status_of
from bot.lookups.why import WhyAsked, why_of
from bot.views.status import ESTIMATED
from bot.views.why import IMPORTED
from storage import handoffs as stored
from storage import people
from storage.database import Database
from storage.figures import deals, milestones, times
from storage.figures.scope import Scope
from storage.models import (
    ClockKind,
    HandoffState,
    Stage,
    clocks,
    deliveries,
    events,
    handoffs,
    leads,
    refused,
)
from tests.bot.views.reading import said

NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
COLUMNS = (
    "email",
    "first_name",
    "last_name",
    "title",
    "employees",
    "campaign",
    "owner",
    "team",
    "handed_off_at",
    "accepted_at",
    "rejected_at",
    "reason",
    "first_touch_at",
    "sql_at",
    "opportunity_at",
    "won_at",
    "lost_at",
    "amount",
    "currency",
)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "GAP", 0)


@pytest.fixture
def book(database: Database) -> AgreementBook:
    return database.write_now(open_book, default_agreement(), NOW)


def a_file(folder: Path, rows: Sequence[dict[str, str]]) -> Path:
    path = folder / "past.csv"
    with path.open("w", newline="") as text:
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(name: str, **told: str) -> dict[str, str]:
    return {"email": f"{name}@acme.com", "first_name": name, "last_name": "Doe", **told}


def run(path: Path, database: Database, book: AgreementBook, **wanted: Any) -> ImportReport:
    clock = Clock(start=NOW, speed=0)
    return import_file(path, database, clock, book, lambda _d, _s: None, Wanted(history=True, **wanted))


def context(book: AgreementBook, now: datetime = NOW) -> Context:
    return Context(now, now, book, "U0MARA", "trace")


def counted(database: Database, *tables: Any) -> list[int]:
    def count(tx: Connection) -> list[int]:
        return [tx.execute(select(func.count()).select_from(each)).scalar_one() for each in tables]

    return database.read_now(count)


LAST_YEAR = [
    row(
        "Ann",
        title="VP Engineering",
        employees="900",
        owner="U0REP1",
        campaign="q4-webinar",
        handed_off_at="2025-11-03T10:00",
        accepted_at="2025-11-03T10:20",
        first_touch_at="2025-11-03T11:00",
        opportunity_at="2025-12-01",
        won_at="2026-01-15",
        amount="12000",
        currency="EUR",
    ),
    row("Bob", handed_off_at="2025-11-04", rejected_at="2025-11-05", reason="Too small"),
    row("Cid", handed_off_at="2025-11-04", rejected_at="2025-11-05", reason="bad_contact", team="Old team"),
    row("Dan", handed_off_at="2025-11-04", accepted_at="2025-11-06", lost_at="2026-02-01", reason="Price"),
    row("Eve", handed_off_at="2026-11-10T14:00", owner="U0REP1"),
    row("Fay", handed_off_at="2025-11-04", accepted_at="2025-11-05", owner="Somebody Else"),
    row("Gus"),
]


def test_a_year_comes_in_with_what_became_of_it_and_posts_nothing(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    report = run(a_file(tmp_path, LAST_YEAR), database, book)
    assert (report.created, report.bad, report.handed_off) == (7, 0, 0)
    assert report.past is not None
    assert report.past.fates == {
        Fate.WON: 1,
        Fate.REJECTED: 2,
        Fate.LOST: 1,
        Fate.RUNNING: 2,
        Fate.LEAD: 1,
    }
    assert dict(report.past.owners) == {"Somebody Else": 1}
    assert dict(report.past.reasons) == {"Price": 1}
    assert counted(database, handoffs, deliveries) == [6, 0]
    ann, bob, cid, dan, eve, fay, gus = database.read_now(_leads)
    assert [each.stage for each in (ann, dan, eve, fay, gus)] == [
        Stage.WON,
        Stage.LOST,
        Stage.MQL,
        Stage.SAL,
        Stage.INQUIRY,
    ]
    assert (ann.owner, ann.amount_minor, fay.owner, fay.crm_owner) == (
        "U0REP1",
        1_200_000,
        None,
        "Somebody Else",
    )
    assert (bob.stage, cid.stage) == (Stage.DISQUALIFIED, Stage.INQUIRY)
    first = database.read_now(stored.latest_of_lead, ann.id)
    assert first is not None
    assert first.history
    assert (first.state, first.campaign, first.accepted_by) == (HandoffState.CLOSED, "q4-webinar", "U0REP1")
    assert first.grade.startswith(("A", "B"))


def _leads(tx: Connection) -> list[Any]:
    return list(tx.execute(select(leads).order_by(leads.c.id)).all())


def test_only_what_is_not_due_yet_runs_and_nobody_is_reminded_of_what_was(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    report = run(a_file(tmp_path, LAST_YEAR), database, book)
    (clock,) = database.read_now(lambda tx: tx.execute(select(clocks)).all())
    assert report.past is not None
    assert report.past.clocks == 1
    assert (clock.kind, clock.owner) == (ClockKind.ACCEPT, "U0REP1")
    assert clock.started_at == datetime(2026, 11, 10, 14, 0, tzinfo=UTC)
    assert clock.due_at > NOW
    for hours in range(0, 24 * 40, 12):
        database.write_now(lambda tx, at: tick(tx, context(book, at)), NOW + timedelta(hours=hours))
    told = database.read_now(lambda tx: tx.execute(select(deliveries.c.lead_id, deliveries.c.kind)).all())
    assert {each.kind for each in told} <= {"nag", "card"}


def test_the_same_history_again_changes_nothing_and_a_newer_one_adds_what_came(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    run(a_file(tmp_path, LAST_YEAR), database, book)
    before = counted(database, leads, handoffs, events, clocks)
    again = run(a_file(tmp_path, LAST_YEAR), database, book)
    assert again.past is not None
    assert again.past.fates == {Fate.KNOWN: 6, Fate.LEAD: 1}
    assert counted(database, leads, handoffs, events, clocks) == before
    newer = {**LAST_YEAR[5], "won_at": "2026-11-01", "amount": "99"}
    later = run(a_file(tmp_path, [newer]), database, book)
    assert later.past is not None
    assert later.past.fates == {Fate.WON: 1}
    fay = database.read_now(_leads)[5]
    assert (fay.stage, fay.amount_minor) == (Stage.WON, 9_900)


def test_what_cannot_be_true_is_refused_in_words_and_kept(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    rows = [
        row("Ann", handed_off_at="2026-01-05", accepted_at="2026-01-03"),
        {"email": "info@beta.io", "handed_off_at": "2026-01-05", "won_at": "2026-02-03"},
        row("Cid", handed_off_at="2026-01-05", won_at="2026-02-03", lost_at="2026-02-04"),
        row("Dan", handed_off_at="2026-01-05", won_at="2026-02-03"),
    ]
    report = run(a_file(tmp_path, rows), database, book)
    assert (report.created, report.bad) == (1, 3)
    assert [bad.line for bad in report.bad_rows] == [2, 3, 4]
    assert "lies before handed_off_at" in report.bad_rows[0].why
    assert "the row names nobody" in report.bad_rows[1].why
    assert counted(database, refused) == [3]


def test_it_is_shown_at_its_own_dates(tmp_path: Path, database: Database, book: AgreementBook) -> None:
    database.write_now(
        lambda tx: people.remember(
            tx, "U0REP1", name="Riley", email="riley@ours.com", timezone=None, left=False, asked_at=NOW
        )
    )
    past = {**LAST_YEAR[0], "owner": "Riley (riley@ours.com)"}
    run(a_file(tmp_path, [past]), database, book)
    status = database.read_now(status_of, context(book), Status("ann@acme.com"))
    assert "Won" in status.text or "won" in status.text
    told = database.read_now(history_of, context(book), "ann@acme.com")
    lines = [str(block) for block in told.blocks if "Accepted" in str(block) or "Handed off" in str(block)]
    assert len(lines) == 2
    assert "<!date^1762165200" in lines[0]  # accepted 2025-11-03 10:20, not today
    assert "U0REP1" in lines[0]
    assert "from the CRM's history" in lines[1]


def test_why_marks_what_is_older_than_what_was_recorded_here(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    run(a_file(tmp_path, [LAST_YEAR[0]]), database, book)
    text = said(database.read_now(why_of, context(book), WhyAsked("ann@acme.com")))
    lines = text.split("What happened", 1)[1].splitlines()
    assert [line for line in lines if "Accepted" in line and line.startswith(ESTIMATED)]
    assert IMPORTED in text


def test_what_is_known_here_is_newer_than_a_history(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    live = tmp_path / "live.csv"
    live.write_text("email,first_name,last_name,title\nann@acme.com,Ann,Doe,CTO\n")
    import_file(live, database, Clock(start=NOW, speed=0), book, lambda _d, _s: None)
    run(a_file(tmp_path, [{**LAST_YEAR[0], "email": "ann@acme.com"}]), database, book)
    (ann,) = database.read_now(_leads)
    assert (ann.title, ann.employees, ann.stage) == ("CTO", 900, Stage.WON)


def test_a_lead_that_sales_has_here_is_not_opened_twice(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    live = tmp_path / "live.csv"
    live.write_text("email,first_name,last_name,qualified\nann@acme.com,Ann,Doe,yes\n")
    import_file(live, database, Clock(start=NOW, speed=0), book, lambda _d, _s: None)
    open_one = row("Ann", handed_off_at="2026-10-01", accepted_at="2026-10-02")
    closed = row("Ann", handed_off_at="2025-10-01", accepted_at="2025-10-02", lost_at="2025-12-01")
    report = run(a_file(tmp_path, [open_one, closed]), database, book)
    assert report.past is not None
    assert report.past.fates == {Fate.HERE: 1, Fate.LOST: 1}
    (ann,) = database.read_now(_leads)
    latest = database.read_now(stored.latest_of_lead, ann.id)
    assert ann.stage == Stage.MQL
    assert latest is not None
    assert latest.state == HandoffState.WAITING


def test_a_dry_run_of_a_history_stores_nothing(
    tmp_path: Path, database: Database, book: AgreementBook
) -> None:
    report = run(a_file(tmp_path, LAST_YEAR), database, book, dry_run=True)
    assert report.past is not None
    assert report.past.fates[Fate.WON] == 1
    assert counted(database, leads, handoffs) == [0, 0]


_DAY = datetime(2025, 6, 1, 9, 0, tzinfo=UTC)
_REASONS = ("bad_contact", "too_small", "Wrong role", "")


@st.composite
def _stories(draw: st.DrawFn) -> dict[str, Any]:
    """One handoff as it may have gone: moments in order, one end at most."""
    handed = _DAY + timedelta(days=draw(st.integers(0, 300)), minutes=draw(st.integers(0, 600)))
    story: dict[str, Any] = {"handed_off_at": handed, "campaign": draw(st.sampled_from(["spring", "Summer"]))}
    if draw(st.integers(0, 3)) == 0:
        story["rejected_at"] = handed + timedelta(hours=draw(st.integers(1, 50)))
        story["reason"] = draw(st.sampled_from(_REASONS))
        return story
    at = handed
    for name in ("accepted_at", "first_touch_at", "sql_at", "opportunity_at"):
        if not draw(st.booleans()) and name != "accepted_at":
            continue
        at += timedelta(hours=draw(st.integers(1, 900)))
        story[name] = at
    end = draw(st.sampled_from(["won_at", "lost_at", None]))
    if end:
        story[end] = at + timedelta(hours=draw(st.integers(1, 900)))
    if end == "won_at" or "opportunity_at" in story:
        story |= {"amount": draw(st.integers(1, 9_999)), "currency": draw(st.sampled_from(["EUR", "USD"]))}
    return story


@pytest.fixture
def sqlite_book(sqlite_url: str) -> Iterator[tuple[Database, AgreementBook]]:
    database = Database.open(sqlite_url)
    yield database, database.write_now(open_book, default_agreement(), NOW)
    database.close()


@settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(_stories(), min_size=1, max_size=30), st.integers(0, 300), st.integers(20, 365))
def test_every_figure_of_a_history_is_an_independent_count(
    tmp_path: Path,
    sqlite_book: tuple[Database, AgreementBook],
    stories: list[dict[str, Any]],
    first: int,
    length: int,
) -> None:
    database, book = sqlite_book
    database.write_now(_clear)
    rows = [
        row(f"P{number}", **{name: _cell(value) for name, value in story.items()})
        for number, story in enumerate(stories)
    ]
    report = run(a_file(tmp_path, rows), database, book)
    assert report.bad == 0
    scope = Scope(_DAY + timedelta(days=first), _DAY + timedelta(days=first + length), NOW)
    cohort = [story for story in stories if scope.since <= story["handed_off_at"] < scope.until]
    assert _figures(database, scope) == _expected(cohort)
    for won_only, found in ((False, deals.pipeline), (True, deals.revenue)):
        sums: dict[str | None, list[int]] = {}
        for each in database.read_now(found, scope):
            count, amount = sums.get(each.currency, [0, 0])
            sums[each.currency] = [count + each.deals, amount + each.amount]
        assert sums == _sums(stories, scope, won_only=won_only)


def _clear(tx: Connection) -> None:
    from storage.models import activities, lead_records, lead_words

    for table in (clocks, events, handoffs, lead_records, lead_words, activities, refused, leads):
        tx.execute(table.delete())


def _cell(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


FIGURES = ("handed_off", "accepted", "rejected", "touched", "sql", "opportunity", "won", "lost", "undecided")


def _figures(database: Database, scope: Scope) -> dict[str, Any]:
    slices = database.read_now(milestones.slices, scope)
    names = (
        "handed_off",
        "accepted",
        "rejected",
        "touched",
        "sql",
        "opportunity",
        "won",
        "lost",
        "undecided",
    )
    found: dict[str, Any] = {name: sum(each.counts[name] for each in slices) for name in names}
    reasons: dict[str | None, int] = {}
    for each in slices:
        if each.counts["rejected"]:
            reasons[each.reason] = reasons.get(each.reason, 0) + each.counts["rejected"]
    spread = database.read_now(times.spreads, scope, times.Measure.ACCEPT_WALL).get(None)
    return {**found, "reasons": reasons, "timed": spread.n if spread else 0}


def _expected(cohort: list[dict[str, Any]]) -> dict[str, Any]:
    """The same, counted from the stories alone."""

    def reached(story: dict[str, Any], *names: str) -> bool:
        longest = story["handed_off_at"] + timedelta(days=90)
        return any(name in story and story[name] <= longest for name in names)

    reasons: dict[str | None, int] = {}
    codes = {"bad_contact": "bad_contact", "too_small": "too_small", "Wrong role": "wrong_role", "": None}
    for story in cohort:
        if "rejected_at" in story:
            code = codes[story["reason"]]
            reasons[code] = reasons.get(code, 0) + 1
    accepted = sum("accepted_at" in story for story in cohort)
    rejected = sum("rejected_at" in story for story in cohort)
    return {
        "handed_off": len(cohort),
        "accepted": accepted,
        "rejected": rejected,
        "touched": sum("first_touch_at" in story for story in cohort),
        "sql": sum(reached(story, "sql_at", "opportunity_at", "won_at") for story in cohort),
        "opportunity": sum(reached(story, "opportunity_at", "won_at") for story in cohort),
        "won": sum(reached(story, "won_at") for story in cohort),
        "lost": sum("lost_at" in story for story in cohort),
        "undecided": len(cohort) - accepted - rejected,
        "reasons": reasons,
        "timed": accepted,
    }


def _sums(stories: list[dict[str, Any]], scope: Scope, *, won_only: bool) -> dict[str, list[int]]:
    """How many deals of the stretch there are in each currency, and their sum in hundredths."""
    sums: dict[str, list[int]] = {}
    for story in stories:
        if "won_at" not in story and (won_only or "opportunity_at" not in story):
            continue
        dated = story.get("won_at") or story.get("lost_at") or story["opportunity_at"]
        if scope.since <= dated < scope.until:
            count, amount = sums.get(story["currency"], [0, 0])
            sums[story["currency"]] = [count + 1, amount + story["amount"] * 100]
    return sums
