"""What falls due, step by step: breaches, causes, reassignment, and clocks that nobody may count yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from bot.agreement import default_agreement, loaded
from bot.context import BATON
from bot.handoffs import Accept, Reject, accept, reject
from bot.ladder import tick
from storage.database import Database
from storage.database.sql import known
from storage.models import DeliveryState, agreement_versions, clocks, deliveries
from tests.bot.ledger import ADMIN, MANAGER, MONDAY, RILEY, ROBIN, SASHA, TONI
from tests.bot.ticking import GROWTH, MINUTE, TickingLedger

COAST_TO_COAST = MONDAY + timedelta(hours=3)
"""13:00 in New York and 10:00 in Los Angeles: both reps of Growth are at work."""


def test_a_lead_climbs_its_ladder_from_a_nudge_to_another_rep(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.ticks(2 * MINUTE)
    assert ticking.lines() == []
    ticking.ticks(2 * MINUTE)
    assert ticking.lines() == [("C0SALES", "nudge", 1)]
    ticking.ticks(1 * MINUTE)
    assert ticking.lines()[1:] == [(MANAGER, "breach", 2)]
    assert ticking.clock(handoff_id, "accept").cause == "rep"
    ticking.ticks(3 * MINUTE)
    owner = ticking.handoff(handoff_id).owner
    assert owner in (RILEY, ROBIN)
    assert ticking.lines()[2:] == [(owner, "assigned", 3)]
    assert ticking.kinds(handoff_id)[1:] == [
        *("clock.nudged", "clock.breached", "lead.assigned", "lead.reassigned")
    ]
    former, fresh = ticking.clocks(handoff_id)
    assert (former.owner, former.stopped_at, former.breached_at) == (None, ticking.now, former.due_at)
    assert (fresh.owner, fresh.started_at, fresh.duration) == (owner, ticking.now, former.duration)
    assert ticking.lead_of(handoff_id).owner == owner


def test_every_step_is_told_once_however_often_it_is_looked_at(ticking: TickingLedger) -> None:
    ticking.card_comes()
    for _ in range(30):
        ticking.ticks(timedelta(seconds=10))
        ticking.ticks()
    assert ticking.lines() == [("C0SALES", "nudge", 1), (MANAGER, "breach", 2)]


def test_a_rep_never_gets_a_lead_back_and_after_that_the_manager_must_choose(ticking: TickingLedger) -> None:
    ticking.now = COAST_TO_COAST
    handoff_id = ticking.card_comes(**GROWTH)
    first = ticking.handoff(handoff_id).owner
    ticking.ticks(8 * MINUTE)
    second = ticking.handoff(handoff_id).owner
    assert {first, second} == {SASHA, TONI}
    ticking.delivers()
    ticking.ticks(8 * MINUTE)
    assert ticking.handoff(handoff_id).owner == second, "nobody was left who had not had it"
    assert (MANAGER, "choose", 3) in ticking.lines()
    ticking.ticks(60 * MINUTE)
    assert ticking.kinds(handoff_id).count("lead.reassigned") == 1


def test_after_two_reassignments_the_manager_must_choose_though_somebody_is_left(database: Database) -> None:
    reps = "".join(f'\n  {{ user = "U0NEW{n}" }},' for n in range(4))
    text = default_agreement().text.replace('\n  { user = "U0REP3", capacity = 30 },', reps)
    ticking = TickingLedger(database, agreement=loaded(text))
    handoff_id = ticking.card_comes(**GROWTH)
    owners = [ticking.handoff(handoff_id).owner]
    for _ in range(3):
        ticking.ticks(8 * MINUTE)
        ticking.delivers()
        owners.append(ticking.handoff(handoff_id).owner)
    assert len(set(owners)) == 3
    assert ticking.handoff(handoff_id).reassigned == 2
    assert [what for _, what, _ in ticking.lines()].count("choose") == 1


def test_in_a_team_of_one_the_step_goes_to_the_manager(database: Database) -> None:
    text = default_agreement().text.replace('\n  { user = "U0REP3", capacity = 30 },', "")
    ticking = TickingLedger(database, agreement=loaded(text))
    handoff_id = ticking.card_comes(**GROWTH)
    ticking.now += 60 * MINUTE * 4  # Toni works in Los Angeles
    ticking.ticks()
    assert ticking.handoff(handoff_id).owner == TONI
    assert {line for line in ticking.lines() if line[1] != "nudge"} == {
        (MANAGER, "breach", 2),
        (MANAGER, "choose", 3),
    }


def test_reps_who_are_away_or_gone_are_not_chosen(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.leaves(RILEY)
    ticking.ticks(8 * MINUTE)
    assert ticking.handoff(handoff_id).owner == ROBIN
    other = ticking.card_comes(email="b@bravo.example", external_id="hs-2", company="Bravo")
    ticking.goes_away(ROBIN, timedelta(days=3))
    ticking.ticks(8 * MINUTE)
    assert ticking.handoff(other).owner is None
    assert ticking.clock(other, "accept").cause == "no_eligible_rep"
    assert (MANAGER, "choose", 3) in ticking.lines()


def test_a_nudge_for_somebody_who_left_goes_to_the_manager(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes(**GROWTH)
    ticking.leaves(known(ticking.handoff(handoff_id).owner))
    ticking.ticks(4 * MINUTE)
    assert ticking.lines() == [(MANAGER, "choose", 1)]


def test_a_clock_does_not_run_while_nobody_sees_the_card(ticking: TickingLedger) -> None:
    handoff_id = ticking.handoff_comes()
    for _ in range(10):
        ticking.ticks(MINUTE)
    assert ticking.lines() == []
    assert ticking.clock(handoff_id, "accept").breached_at is None


def test_a_card_that_slack_refuses_for_what_it_says_is_not_waited_for(ticking: TickingLedger) -> None:
    ticking.handoff_comes()
    refuse = update(deliveries).where(deliveries.c.kind == "card").values(state=DeliveryState.PARKED)
    ticking.database.write_now(lambda tx: tx.execute(refuse).rowcount)
    ticking.ticks(5 * MINUTE)
    assert [(place, what) for place, what, _ in ticking.lines()] == [
        ("C0SALES", "nudge"),
        (MANAGER, "breach"),
    ]
    nudge = next(row for row in ticking.waiting() if row.place == "C0SALES")
    assert nudge.thread_id is None


def test_the_card_changes_its_colour_when_little_time_is_left_and_when_it_is_late(
    ticking: TickingLedger,
) -> None:
    ticking.card_comes()
    ticking.ticks(timedelta(minutes=3, seconds=44))
    assert ticking.messages("card", "update") == []
    ticking.ticks(timedelta(seconds=1))
    (amber,) = ticking.messages("card", "update")
    assert "Almost due" in ticking.reads(amber)
    ticking.delivers()
    ticking.ticks(timedelta(seconds=75))
    red = ticking.messages("card", "update")[-1]
    assert "Late since" in ticking.reads(red)
    assert (red.id != amber.id, red.rank) == (True, 60)


def test_a_lead_rejected_for_its_data_puts_the_breach_down_to_that(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.ticks(6 * MINUTE)
    ticking.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    breached = ticking.clock(handoff_id, "accept")
    assert (breached.cause, breached.met_by, breached.worked) == ("bad_data", RILEY, 360)


def test_a_clock_met_late_is_a_breach_though_no_tick_saw_it(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.passes(6 * MINUTE)
    ticking.does(RILEY, accept, Accept(handoff_id))
    met = ticking.clock(handoff_id, "accept")
    assert (met.breached_at, met.cause, met.worked) == (met.due_at, "rep", 360)
    ticking.ticks()
    assert ticking.lines() == []


def test_what_was_worked_is_counted_in_working_time(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes(**GROWTH, activities=[], qualified=True)
    ticking.passes(timedelta(hours=24))
    ticking.does(SASHA, accept, Accept(handoff_id))
    met = ticking.clock(handoff_id, "accept")
    assert known(met.met_at) - met.started_at == timedelta(hours=24)
    assert met.worked == 8 * 3600


def test_marketing_is_reminded_of_its_answer_and_its_manager_told_when_it_is_late(
    ticking: TickingLedger,
) -> None:
    handoff_id = ticking.card_comes(campaign="trade-show")
    ticking.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    ticking.ticks(timedelta(days=6))
    assert ticking.lines() == [("U0CMO", "nudge", 0)]
    ticking.ticks(timedelta(days=3))
    assert ticking.lines()[1:] == [("U0CMO", "breach", 1)]
    assert ticking.clock(handoff_id, "answer").cause == "marketing"


def test_one_clock_that_cannot_be_reckoned_with_does_not_hold_up_the_others(ticking: TickingLedger) -> None:
    broken = ticking.card_comes()
    whole = ticking.card_comes(email="b@acme.example", external_id="hs-2")

    def spoil(tx: Connection) -> None:
        values = {"version": "x", "hash": "x", "text": "nonsense", "first_seen_at": ticking.now}
        (key,) = tx.execute(agreement_versions.insert().values(**values)).inserted_primary_key or (0,)
        tx.execute(update(clocks).where(clocks.c.handoff_id == broken).values(agreement_id=key))

    ticking.database.write_now(spoil)
    ticking.ticks(4 * MINUTE)
    assert ticking.kinds(whole)[-1] == "clock.nudged"
    assert ticking.clock(broken, "accept").next_at == ticking.now + MINUTE


def test_two_replicas_at_once_share_the_work_and_double_nothing(ticking: TickingLedger) -> None:
    if ticking.database.dialect == "sqlite":
        pytest.skip("SQLite is for one running bot")
    ticking.now = COAST_TO_COAST
    leads = [
        ticking.handoff_comes(email=f"l{n}@acme.example", external_id=f"l-{n}", **GROWTH) for n in range(60)
    ]
    ticking.delivers()
    ticking.passes(4 * MINUTE)
    with ThreadPoolExecutor(4) as replicas:
        looks = [replicas.submit(ticking.does, BATON, tick, 7) for _ in range(24)]
        seen = sum(look.result().looked_at for look in looks)
    ticking.ticks()
    assert seen >= len(leads)
    nudged = [kind for lead in leads for kind in ticking.kinds(lead) if kind == "clock.nudged"]
    assert len(nudged) == len(ticking.lines()) == len(leads)
    assert len(ticking.waiting()) == 2, "one message for each of the two reps"


def test_who_left_is_never_told_and_the_admins_stand_in_for_a_manager_who_left(
    ticking: TickingLedger,
) -> None:
    ticking.card_comes()
    ticking.leaves(MANAGER)
    ticking.ticks(5 * MINUTE)
    assert ticking.lines()[-1] == (ADMIN, "breach", 2)
