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
from storage import people
from storage.database import Database
from storage.database.sql import known
from storage.models import DeliveryState, agreement_versions, clocks, deliveries
from tests.bot.house import ADMIN, MANAGER, MONDAY, RILEY, ROBIN, SASHA, TONI
from tests.bot.post import GROWTH, MINUTE, Post

COAST_TO_COAST = MONDAY + timedelta(hours=3)
"""13:00 in New York and 10:00 in Los Angeles: both reps of Growth are at work."""


def test_a_lead_climbs_its_ladder_from_a_nudge_to_another_rep(post: Post) -> None:
    handoff_id = post.card_comes()
    post.ticks(2 * MINUTE)
    assert post.lines() == []
    post.ticks(2 * MINUTE)
    assert post.lines() == [("C0SALES", "nudge", 1)]
    post.ticks(1 * MINUTE)
    assert post.lines()[1:] == [(MANAGER, "breach", 2)]
    assert post.clock(handoff_id, "accept").cause == "rep"
    post.ticks(3 * MINUTE)
    owner = post.handoff(handoff_id).owner
    assert owner in (RILEY, ROBIN)
    assert post.lines()[2:] == [(owner, "assigned", 3)]
    assert post.kinds(handoff_id)[1:] == ["clock.nudged", "clock.breached", "lead.reassigned"]
    former, fresh = post.clocks(handoff_id)
    assert (former.owner, former.stopped_at, former.breached_at) == (None, post.now, former.due_at)
    assert (fresh.owner, fresh.started_at, fresh.duration) == (owner, post.now, former.duration)
    assert post.lead_of(handoff_id).owner == owner


def test_every_step_is_told_once_however_often_it_is_looked_at(post: Post) -> None:
    post.card_comes()
    for _ in range(30):
        post.ticks(timedelta(seconds=10))
        post.ticks()
    assert post.lines() == [("C0SALES", "nudge", 1), (MANAGER, "breach", 2)]


def test_a_rep_never_gets_a_lead_back_and_after_that_the_manager_must_choose(post: Post) -> None:
    post.now = COAST_TO_COAST
    handoff_id = post.card_comes(**GROWTH)
    first = post.handoff(handoff_id).owner
    post.ticks(8 * MINUTE)
    second = post.handoff(handoff_id).owner
    assert {first, second} == {SASHA, TONI}
    post.delivers()
    post.ticks(8 * MINUTE)
    assert post.handoff(handoff_id).owner == second, "nobody was left who had not had it"
    assert (MANAGER, "choose", 3) in post.lines()
    post.ticks(60 * MINUTE)
    assert post.kinds(handoff_id).count("lead.reassigned") == 1


def test_after_two_reassignments_the_manager_must_choose_though_somebody_is_left(database: Database) -> None:
    reps = "".join(f'\n  {{ user = "U0NEW{n}" }},' for n in range(4))
    text = default_agreement().text.replace('\n  { user = "U0REP3", capacity = 30 },', reps)
    post = Post(database, agreement=loaded(text))
    handoff_id = post.card_comes(**GROWTH)
    owners = [post.handoff(handoff_id).owner]
    for _ in range(3):
        post.ticks(8 * MINUTE)
        post.delivers()
        owners.append(post.handoff(handoff_id).owner)
    assert len(set(owners)) == 3
    assert post.handoff(handoff_id).reassigned == 2
    assert [what for _, what, _ in post.lines()].count("choose") == 1


def test_in_a_team_of_one_the_step_goes_to_the_manager(database: Database) -> None:
    text = default_agreement().text.replace('\n  { user = "U0REP3", capacity = 30 },', "")
    post = Post(database, agreement=loaded(text))
    handoff_id = post.card_comes(**GROWTH)
    post.now += 60 * MINUTE * 4  # Toni works in Los Angeles
    post.ticks()
    assert post.handoff(handoff_id).owner == TONI
    assert {line for line in post.lines() if line[1] != "nudge"} == {
        (MANAGER, "breach", 2),
        (MANAGER, "choose", 3),
    }


def test_reps_who_are_away_or_gone_are_not_chosen(post: Post) -> None:
    handoff_id = post.card_comes()
    post.leaves(RILEY)
    post.ticks(8 * MINUTE)
    assert post.handoff(handoff_id).owner == ROBIN
    other = post.card_comes(email="b@bravo.example", external_id="hs-2", company="Bravo")
    post.database.write_now(people.set_away, ROBIN, post.now + timedelta(days=3))
    post.ticks(8 * MINUTE)
    assert post.handoff(other).owner is None
    assert post.clock(other, "accept").cause == "no_eligible_rep"
    assert (MANAGER, "choose", 3) in post.lines()


def test_a_nudge_for_somebody_who_left_goes_to_the_manager(post: Post) -> None:
    handoff_id = post.card_comes(**GROWTH)
    post.leaves(known(post.handoff(handoff_id).owner))
    post.ticks(4 * MINUTE)
    assert post.lines() == [(MANAGER, "choose", 1)]


def test_a_clock_does_not_run_while_nobody_sees_the_card(post: Post) -> None:
    handoff_id = post.handoff_comes()
    for _ in range(10):
        post.ticks(MINUTE)
    assert post.lines() == []
    assert post.clock(handoff_id, "accept").breached_at is None


def test_a_card_that_slack_refuses_for_what_it_says_is_not_waited_for(post: Post) -> None:
    post.handoff_comes()
    refuse = update(deliveries).where(deliveries.c.kind == "card").values(state=DeliveryState.PARKED)
    post.database.write_now(lambda tx: tx.execute(refuse).rowcount)
    post.ticks(5 * MINUTE)
    assert [(place, what) for place, what, _ in post.lines()] == [("C0SALES", "nudge"), (MANAGER, "breach")]
    nudge = next(row for row in post.waiting() if row.place == "C0SALES")
    assert nudge.thread_id is None


def test_the_card_changes_its_colour_when_little_time_is_left_and_when_it_is_late(post: Post) -> None:
    post.card_comes()
    post.ticks(timedelta(minutes=3, seconds=44))
    assert post.messages("card", "update") == []
    post.ticks(timedelta(seconds=1))
    (amber,) = post.messages("card", "update")
    assert "Little time left" in post.reads(amber)
    post.delivers()
    post.ticks(timedelta(seconds=75))
    red = post.messages("card", "update")[-1]
    assert "Late since" in post.reads(red)
    assert (red.id != amber.id, red.rank) == (True, 60)


def test_a_lead_rejected_for_its_data_puts_the_breach_down_to_that(post: Post) -> None:
    handoff_id = post.card_comes()
    post.ticks(6 * MINUTE)
    post.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    breached = post.clock(handoff_id, "accept")
    assert (breached.cause, breached.met_by, breached.worked) == ("bad_data", RILEY, 360)


def test_a_clock_met_late_is_a_breach_though_no_tick_saw_it(post: Post) -> None:
    handoff_id = post.card_comes()
    post.passes(6 * MINUTE)
    post.does(RILEY, accept, Accept(handoff_id))
    met = post.clock(handoff_id, "accept")
    assert (met.breached_at, met.cause, met.worked) == (met.due_at, "rep", 360)
    post.ticks()
    assert post.lines() == []


def test_what_was_worked_is_counted_in_working_time(post: Post) -> None:
    handoff_id = post.card_comes(**GROWTH, activities=[], qualified=True)
    post.passes(timedelta(hours=24))
    post.does(SASHA, accept, Accept(handoff_id))
    met = post.clock(handoff_id, "accept")
    assert known(met.met_at) - met.started_at == timedelta(hours=24)
    assert met.worked == 8 * 3600


def test_marketing_is_reminded_of_its_answer_and_its_manager_told_when_it_is_late(post: Post) -> None:
    handoff_id = post.card_comes(campaign="trade-show")
    post.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    post.ticks(timedelta(days=6))
    assert post.lines() == [("U0CMO", "nudge", 0)]
    post.ticks(timedelta(days=3))
    assert post.lines()[1:] == [("U0CMO", "breach", 1)]
    assert post.clock(handoff_id, "answer").cause == "marketing"


def test_one_clock_that_cannot_be_reckoned_with_does_not_hold_up_the_others(post: Post) -> None:
    broken = post.card_comes()
    whole = post.card_comes(email="b@acme.example", external_id="hs-2")

    def spoil(tx: Connection) -> None:
        values = {"version": "x", "hash": "x", "text": "nonsense", "first_seen_at": post.now}
        (key,) = tx.execute(agreement_versions.insert().values(**values)).inserted_primary_key or (0,)
        tx.execute(update(clocks).where(clocks.c.handoff_id == broken).values(agreement_id=key))

    post.database.write_now(spoil)
    post.ticks(4 * MINUTE)
    assert post.kinds(whole)[-1] == "clock.nudged"
    assert post.clock(broken, "accept").next_at == post.now + MINUTE


def test_two_replicas_at_once_share_the_work_and_double_nothing(post: Post) -> None:
    if post.database.dialect == "sqlite":
        pytest.skip("SQLite is for one running bot")
    post.now = COAST_TO_COAST
    leads = [
        post.handoff_comes(email=f"l{n}@acme.example", external_id=f"l-{n}", **GROWTH) for n in range(60)
    ]
    post.delivers()
    post.passes(4 * MINUTE)
    with ThreadPoolExecutor(4) as replicas:
        looks = [replicas.submit(post.does, BATON, tick, 7) for _ in range(24)]
        seen = sum(look.result().looked_at for look in looks)
    post.ticks()
    assert seen >= len(leads)
    nudged = [kind for lead in leads for kind in post.kinds(lead) if kind == "clock.nudged"]
    assert len(nudged) == len(post.lines()) == len(leads)
    assert len(post.waiting()) == 2, "one message for each of the two reps"


def test_who_left_is_never_told_and_the_admins_stand_in_for_a_manager_who_left(post: Post) -> None:
    post.card_comes()
    post.leaves(MANAGER)
    post.ticks(5 * MINUTE)
    assert post.lines()[-1] == (ADMIN, "breach", 2)
