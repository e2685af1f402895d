"""Under the agreements that were in force a replay gives what was recorded, all of it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.digest.periods import BadPeriod
from bot.handoffs import Accept, Reject, accept, reject
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.handoffs.forget import ask, carry_out
from bot.handoffs.undo import Undo, undo
from bot.ladder.nagging import NO_STEP
from bot.lookups.history import WAS
from bot.replay.asking import NothingToReplay, WhatIf, span_of, what_if
from bot.replay.comparing import differences
from bot.replay.summary import Figure
from bot.replay.words import brief
from storage.database import Database
from storage.models import EventKind, agreement_versions, events
from tests.bot.ledger import ADMIN, JANE, MANAGER, RILEY, ROBIN, SASHA, TONI, Ledger
from tests.bot.replay.histories import History
from tests.bot.ticking import GROWTH, TickingLedger

LEADS = int(os.environ.get("REPLAY_LEADS", "60"))
"""How many leads a history has; the promise is made for 2,000."""
SEEDS = int(os.environ.get("REPLAY_SEEDS", "2"))
LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def again(database: Database, other: LoadedAgreement | None = None) -> WhatIf:
    """What comes of the whole history, run again."""
    return database.read_now(what_if, other, LONG_AGO, FAR_AHEAD)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_of_a_history_comes_out_as_it_was_recorded(sqlite_url: str, seed: int) -> None:
    database = Database.open(sqlite_url)
    history = History(database, seed)
    history.plays(LEADS)
    found = again(database)
    assert len(found.compared) > LEADS / 4
    assert any(each.recorded and each.recorded.breaches for each in found.compared)
    assert any(each.recorded and each.recorded.steps for each in found.compared)
    assert [each.to_json() for each in differences(found.compared)] == []
    assert not any(each.found.guessed for each in found.compared if each.found is not None)
    assert found.summary.unknown == ()
    assert found.summary.all_same
    database.close()


def test_a_history_replayed_under_the_agreement_that_it_had_throughout_is_the_same(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    history = History(database, 5, changes=False)
    history.plays(LEADS // 2)
    found = again(database, history.ledger.agreement)
    assert found.summary.all_same
    assert found.words()[-1] == f"Everything comes out as it was recorded: {len(found.compared):,} handoffs."
    database.close()


def test_whoever_accepts_a_lead_that_was_rerouted_to_somebody_else_has_it(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes(employees=450)
    ticking.does(RILEY, reject, Reject(handoff_id, "wrong_territory", "seen", team="Growth"))
    assert ticking.handoff(handoff_id).owner in (SASHA, TONI)
    ticking.ticks(timedelta(minutes=2))
    ticking.does(MANAGER, accept, Accept(handoff_id))
    (each,) = again(ticking.database).compared
    assert each.found is not None
    assert (each.same, each.found.owner, each.found.guessed) == (True, MANAGER, set())


def test_a_contact_that_the_crm_saw_is_the_new_owners_where_it_changed_hands_before(
    ticking: TickingLedger,
) -> None:
    handoff_id = ticking.card_comes(employees=450)
    ticking.does(RILEY, reject, Reject(handoff_id, "wrong_territory", "seen", team="Growth"))
    owner = ticking.handoff(handoff_id).owner or ""
    ticking.does(owner, accept, Accept(handoff_id))
    ticking.ticks(timedelta(minutes=2))
    call = {"type": "call", "at": ticking.now.isoformat()}
    ticking.tells(**{**JANE, "activities": [call]})
    assert EventKind.TOUCHED in ticking.kinds(handoff_id)
    (each,) = again(ticking.database).compared
    assert each.found is not None
    assert (each.same, each.found.owner, each.found.guessed) == (True, owner, set())


def test_what_one_look_eases_only_the_next_one_sees(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    history = History(database, 0, changes=False)
    ledger = history.ledger
    ledger.agrees(
        other(
            ('"U0REP3", capacity = 30', '"U0REP3", capacity = 1'),
            ('"U0REP4", capacity = 30', '"U0REP4", capacity = 1'),
            ('at = 1.5,  do = "reassign"', 'at = 1.5,  do = "marketing"'),
        )
    )
    came = []
    for number in range(3):
        came.append(
            ledger.card_comes(email=f"p{number}@firm{number}.example", external_id=f"n-{number}", **GROWTH)
        )
        history.passes(timedelta(seconds=30))
    first, _, last = came
    had = ledger.handoff(first).owner
    assert ledger.handoff(last).owner is None
    history.passes(timedelta(hours=1))
    recycled, given = ledger.handoff(first), ledger.handoff(last)
    assert (recycled.rejected_by, given.owner) == ("baton", had)
    assert recycled.closed_at is not None
    assert given.given_at is not None
    assert timedelta(0) < given.given_at - recycled.closed_at < timedelta(seconds=2)
    assert differences(again(database).compared) == []
    database.close()


def test_a_lead_that_nobody_could_take_waits_for_somebody_again_once_its_accept_is_undone(
    ticking: TickingLedger,
) -> None:
    for user in (RILEY, ROBIN):
        ticking.does(user, go_away, GoAway(""))
    handoff_id = ticking.card_comes(employees=450)
    ticking.ticks(timedelta(minutes=1))
    ticking.does(RILEY, accept, Accept(handoff_id))
    ticking.ticks(timedelta(seconds=20))
    ticking.does(RILEY, undo, Undo(handoff_id))
    ticking.ticks(timedelta(minutes=1))
    ticking.does(ROBIN, come_back, ComeBack())
    ticking.ticks(timedelta(seconds=1))
    assert ticking.running(handoff_id)["accept"].started_at == ticking.now
    assert differences(again(ticking.database).compared) == []


def test_a_lead_whose_owner_is_away_as_it_heats_up_stays_with_them(ticking: TickingLedger) -> None:
    quiet: dict[str, Any] = {"email": "ann@firm.example", "last_name": "Ann", "title": "CTO", **GROWTH}
    handoff_id = ticking.tells(**quiet, qualified=True).handoff_id or 0
    ticking.delivers()
    owner = ticking.handoff(handoff_id).owner or ""
    ticking.does(owner, go_away, GoAway(""))
    ticking.ticks(timedelta(minutes=1))
    asked = {"type": "demo_request", "at": ticking.now.isoformat()}
    ticking.tells(**quiet, activities=[asked])
    assert (MANAGER, "choose", NO_STEP) in ticking.lines()
    ticking.ticks(timedelta(minutes=1))
    ticking.does(owner, come_back, ComeBack())
    assert ticking.handoff(handoff_id).owner == owner
    (each,) = again(ticking.database).compared
    assert each.found is not None
    assert (each.same, each.found.owner) == (True, owner)


def test_the_card_of_a_move_that_was_undone_starts_no_clock_however_late_it_comes(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    history = History(database, 0, changes=False)
    ledger = history.ledger
    handoff_id = ledger.card_comes(employees=450)
    due = ledger.running(handoff_id)["accept"].due_at
    history.slack_away = 1
    history.passes(timedelta(minutes=2))
    ledger.does(RILEY, reject, Reject(handoff_id, "wrong_territory", "seen", team="Growth"))
    history.passes(timedelta(seconds=20))
    ledger.does(RILEY, undo, Undo(handoff_id))
    history.passes(timedelta(minutes=2))
    history.slack_away = 0
    history.delivers()
    assert ledger.running(handoff_id)["accept"].due_at == due
    history.passes(timedelta(hours=1))
    assert differences(again(database).compared) == []
    database.close()


# ---- another agreement


def other(*changes: tuple[str, str]) -> LoadedAgreement:
    text = default_agreement().text.replace('version = "2026-Q4"', 'version = "2027-Q1"')
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now)
    return loaded(text)


def test_a_looser_line_says_who_would_have_come_too_and_how_lookalikes_went(ticking: TickingLedger) -> None:
    quiet: dict[str, Any] = {"activities": [], "title": "Analyst"}
    for number in range(3):
        ticking.tells(email=f"quiet{number}@firm{number}.example", last_name="Q", employees=450, **quiet)
    told = {**quiet, "email": "sure@firm9.example", "last_name": "S", "employees": 450, "qualified": True}
    handoff_id = ticking.tells(**told).handoff_id
    assert handoff_id is not None
    ticking.does(RILEY, accept, Accept(handoff_id))
    summary = again(ticking.database, other(('mql = "B2"', 'mql = "C3"'))).summary
    assert summary.more.leads == (1, 2, 3)
    assert (summary.alike.n, summary.alike.accepted) == (1, 1)
    assert summary.fewer.n == 0
    assert summary.version == "2027-Q1"


def test_a_card_has_it_in_brief_with_the_number_and_from_when_it_is_faithful(ticking: TickingLedger) -> None:
    for number in range(10):
        told: dict[str, Any] = {
            "email": f"lead{number}@firm{number}.example",
            "last_name": f"L{number}",
            "qualified": True,
        }
        ticking.tells(**told, employees=250)
    found = again(
        ticking.database, other(('match   = { employees = ">=200" }', 'match = { employees = ">=300" }'))
    )
    since, until = ticking.now - timedelta(days=10), ticking.now
    summary = replace(found.summary, since=since, until=until)
    first, *_ = brief(summary, "UTC")
    assert first.startswith("Replayed on the last 10 days (n = 10): 10 leads to another team")
    more = replace(summary, more=Figure((1, 2, 3, 4)), moved=(), faithful_from=since, estimated=Figure((7,)))
    assert "4 more MQLs (12.0 a month)" in next(brief(more, "UTC"))
    faithful = f"Faithful after {since:%d %b %Y} only. Before it, 1 lead can only be estimated."
    assert [*brief(more, "UTC")][-1] == faithful
    few = replace(summary, since=until - timedelta(days=3))
    assert [*brief(few, "UTC")] == [
        "Too little history for a replay: 10 handoffs in 3 days. It needs 10 in 7 days."
    ]


def test_another_team_says_who_would_have_gone_there_instead(ticking: TickingLedger) -> None:
    ticking.card_comes(employees=250)
    found = again(
        ticking.database, other(('match   = { employees = ">=200" }', 'match = { employees = ">=300" }'))
    )
    ((before, after, figure),) = found.summary.moved
    assert (before, after, figure.leads) == ("Enterprise", "Growth", (1,))
    assert "1 lead would have gone to Growth instead of Enterprise: #1." in found.words()
    (each,) = found.compared
    assert each.replayed is not None
    assert each.replayed.owner in (SASHA, "U0REP4")
    assert not each.same


def test_a_longer_clock_misses_less(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes(**GROWTH)
    owner = ticking.handoff(handoff_id).owner or ""
    ticking.ticks(timedelta(minutes=6))
    ticking.does(owner, accept, Accept(handoff_id))
    found = again(ticking.database, other(('accept      = "5m"', 'accept = "30m"')))
    missed = found.summary.missed
    assert (missed.recorded.leads, missed.known.n, missed.estimated.n) == ((1,), 0, 0)
    assert "0 SLAs missed instead of 1." in found.words()


def test_what_somebody_else_would_have_done_is_estimated_from_their_own_times_and_said_so(
    ticking: TickingLedger,
) -> None:
    for number in range(12):
        told = {"email": f"p{number}@firm{number}.example", "external_id": f"n-{number}"}
        handoff_id = ticking.card_comes(**told, company=f"Firm {number}", employees=20)
        owner = ticking.handoff(handoff_id).owner or ""
        ticking.ticks(timedelta(minutes=2))
        ticking.does(owner, accept, Accept(handoff_id))
    only_toni = ('  { user = "U0REP3", capacity = 30 },\n', "")
    found = again(ticking.database, other(only_toni))
    estimated = found.summary.missed.estimated
    assert estimated.n > 0
    assert 0 <= estimated.low <= estimated.mean <= estimated.high <= estimated.n
    assert any("estimated from their own past times" in line for line in found.words())
    toni = next(side for side in found.summary.reps if side.name == "U0REP4")
    assert toni.replayed.n == 12


# ---- what cannot be had


def test_without_decisions_it_says_that_there_is_nothing_to_compare(ledger: Ledger) -> None:
    (line,) = again(ledger.database, other()).words()
    assert "there is nothing to compare" in line


def test_a_period_of_several_versions_names_them(ledger: Ledger) -> None:
    ledger.takes_in()
    ledger.passes(timedelta(days=1))
    ledger.agrees(other())
    ledger.takes_in(email="bo@firm.example", external_id="hs-2", last_name="Bo")
    found = again(ledger.database, other())
    assert found.summary.versions == ("2026-Q4", "2027-Q1")
    assert "In force then: 2026-Q4, 2027-Q1, one after the other." in found.words()


def test_a_version_whose_text_is_gone_is_named_with_its_leads(ledger: Ledger) -> None:
    ledger.takes_in()
    ledger.passes(timedelta(days=1))
    ledger.agrees(other())
    ledger.takes_in(email="bo@firm.example", external_id="hs-2", last_name="Bo")

    def spoil(tx: Connection) -> None:
        gone = update(agreement_versions).where(agreement_versions.c.version == "2026-Q4")
        tx.execute(gone.values(text="this was lost"))

    ledger.database.write_now(spoil)
    found = again(ledger.database, other())
    ((why, figure),) = found.summary.unknown
    assert why.startswith("the text of version 2026-Q4 cannot be read any more")
    assert figure.leads == (1,)


def test_an_erased_lead_is_taken_as_recorded_and_named(ledger: Ledger) -> None:
    ledger.takes_in()
    erasure = ledger.does(ADMIN, ask, 1)
    carry_out(ledger.database, lambda: ledger.context(ADMIN), erasure)
    found = again(ledger.database)
    assert [why for why, _ in found.summary.unknown] == ["it was erased, and nobody knows what it was"]
    assert found.compared[0].replayed is not None
    assert found.compared[0].replayed.grade == found.compared[0].recorded.grade  # type: ignore[union-attr]


def test_a_history_that_does_not_say_what_records_changed_names_from_when_on_it_is_faithful(
    ledger: Ledger,
) -> None:
    ledger.takes_in()
    ledger.passes(timedelta(days=1))
    ledger.takes_in(title="Analyst")

    def as_an_old_baton_kept_it(tx: Connection) -> None:
        rows = tx.execute(select(events.c.id, events.c.detail).where(events.c.kind == EventKind.UPDATED))
        for number, detail in rows.all():
            kept = {name: value for name, value in detail.items() if name != WAS}
            tx.execute(update(events).where(events.c.id == number).values(detail=kept))

    assert again(ledger.database).summary.faithful_from is None
    ledger.database.write_now(as_an_old_baton_kept_it)
    found = again(ledger.database)
    assert found.summary.faithful_from == ledger.now
    assert found.summary.estimated.leads == (1,)
    (line,) = [each for each in found.words() if each.startswith("A replay is faithful after")]
    assert line.endswith("1 lead handed off until then can only be estimated, by what was known later: #1.")
    assert found.to_json()["summary"]["estimated"] == {"n": 1, "leads": [1]}


# ---- bad input


def test_a_period_before_there_was_history_has_nothing_to_compare(ledger: Ledger) -> None:
    ledger.takes_in()
    before = LONG_AGO, LONG_AGO + timedelta(days=90)
    (line,) = ledger.database.read_now(what_if, other(), *before).words()
    assert "there is nothing to compare" in line


def test_a_period_in_which_three_versions_were_in_force_names_all_three(ledger: Ledger) -> None:
    names = ("2026-Q4", "2027-Q1", "2027-Q2")
    for number, name in enumerate(names):
        if number:
            ledger.passes(timedelta(days=1))
            ledger.agrees(loaded(default_agreement().text.replace("2026-Q4", name)))
        ledger.takes_in(email=f"p{number}@firm{number}.example", external_id=f"n-{number}")
    found = again(ledger.database, other())
    assert found.summary.versions == names
    assert "In force then: 2026-Q4, 2027-Q1, 2027-Q2, one after the other." in found.words()


def test_leads_that_are_all_alike_and_undecided_have_no_share(ledger: Ledger) -> None:
    for number in range(3):
        ledger.takes_in(email=f"p{number}@firm{number}.example", external_id=f"n-{number}")
    found = again(ledger.database, other(('mql = "B2"', 'mql = "A1"')))
    assert found.summary.alike.to_json() == {"n": 0, "accepted": 0}
    assert not any("%" in line for line in found.words() if "95 %" not in line)


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        (
            "2026-03-08T02:30",
            "",
            "2026-03-08T02:30 does not exist in America/New_York: the clocks go forward",
        ),
        ("2026-11-02", "2026-11-01", "--to must be later than --from"),
        ("last fortnight of never", "", "last fortnight of never"),
    ],
)
def test_a_period_that_is_none_is_refused_in_words(since: str, until: str, says: str) -> None:
    with pytest.raises(BadPeriod, match=re.escape(says)):
        span_of(since, until, datetime(2026, 11, 23, 14, tzinfo=UTC), "America/New_York")


def test_without_any_readable_version_it_says_which_text_is_gone(ledger: Ledger) -> None:
    ledger.takes_in()
    ledger.database.write_now(lambda tx: tx.execute(update(agreement_versions).values(text="lost")))
    with pytest.raises(NothingToReplay, match="the text of version 2026-Q4 cannot be read any more"):
        again(ledger.database, other())
