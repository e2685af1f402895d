"""A lead that nobody could take goes to the first who can, within a tick of what makes them able."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from bot.agreement import LoadedAgreement
from bot.handoffs.accept import Accept, accept
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.handoffs.reject import Reject, reject
from bot.ladder.ownerless import next_able
from storage.database import Database
from tests.bot.ledger import MANAGER, MONDAY
from tests.bot.teams import ANNE, BERLIN, BERT, CLEO, NEW_YORK, rep, with_team
from tests.bot.ticking import MINUTE, TickingLedger

SECOND = timedelta(seconds=1)
_NUMBERS = count(1)


def agreed(database: Database, agreement: LoadedAgreement) -> TickingLedger:
    return TickingLedger(database, agreement=agreement)


def comes(ticking: TickingLedger) -> int:
    n = next(_NUMBERS)
    told = {"external_id": f"o-{n}", "email": f"p{n}@firm{n}.example", "company": f"Firm {n}", "employees": 9}
    return ticking.card_comes(**told, last_name=f"Lee{n}")


ONE = with_team(rep(ANNE, NEW_YORK, "capacity = 1"))


def closes_one(ticking: TickingLedger, first: int) -> None:
    ticking.does(ANNE, reject, Reject(first, "junk"))


def joins(ticking: TickingLedger, _first: int) -> None:
    more = with_team(rep(ANNE, NEW_YORK, "capacity = 1"), rep(CLEO, NEW_YORK))
    ticking.agrees(more)


@pytest.mark.parametrize(("event", "who"), [(closes_one, ANNE), (joins, CLEO)])
def test_a_lead_waits_no_longer_than_a_tick_for_who_can_take_it(
    database: Database, event: Callable[[TickingLedger, int], None], who: str
) -> None:
    ticking = agreed(database, ONE)
    first, stuck = comes(ticking), comes(ticking)
    ticking.ticks(SECOND)
    assert ticking.handoff(stuck).owner is None
    assert ticking.lines() == [(MANAGER, "choose", -1)]
    event(ticking, first)
    ticking.ticks(SECOND)
    row = ticking.handoff(stuck)
    assert (row.owner, row.given_at, row.reassigned) == (who, ticking.now, 0)
    assert ticking.lines()[1:] == [(who, "able", -1)]
    fresh = ticking.running(stuck)["accept"]
    assert (fresh.owner, fresh.started_at, fresh.due_at) == (who, ticking.now, ticking.now + 5 * MINUTE)
    assert ticking.lead_of(stuck).owner == who


def test_who_is_back_gets_what_nobody_could_take_and_the_manager_reads_so(database: Database) -> None:
    ticking = agreed(database, with_team(rep(ANNE, NEW_YORK)))
    ticking.does(ANNE, go_away, GoAway("2h"))
    stuck = comes(ticking)
    ticking.ticks(6 * MINUTE)
    late = ticking.clock(stuck, "accept")
    assert (late.breached_at, late.cause) == (late.due_at, "no_eligible_rep")
    ticking.does(ANNE, come_back, ComeBack())
    ticking.ticks(SECOND)
    assert ticking.handoff(stuck).owner == ANNE
    to_manager = next(row for row in ticking.messages("nag", "update") if row.place == MANAGER)
    assert "reassigned to a colleague" in ticking.reads(to_manager)
    [to_anne] = [row for row in ticking.messages("nag") if row.place == ANNE]
    assert "Yours now: you are the first who can take it." in ticking.reads(to_anne)
    ticking.does(ANNE, accept, Accept(stuck))
    met = ticking.clock(stuck, "accept")
    assert (met.breached_at, met.worked) == (None, 6 * 60 + 1)  # from the handoff, whoever had it


def test_the_most_urgent_goes_first_where_there_is_room_for_one(database: Database) -> None:
    ticking = agreed(database, ONE)
    first = comes(ticking)
    calm = ticking.card_comes(
        external_id="calm", email="calm@calm.example", company="Calm", activities=[], qualified=True
    )
    hot = comes(ticking)
    closes_one(ticking, first)
    ticking.ticks(SECOND)
    assert (ticking.handoff(calm).owner, ticking.handoff(hot).owner) == (None, ANNE)


def test_the_next_moment_is_known_at_which_time_alone_makes_somebody_able(database: Database) -> None:
    ticking = agreed(database, with_team(rep(ANNE, NEW_YORK, "per_day = 1"), rep(BERT, BERLIN)))
    assert database.read_now(next_able, ticking.book, ticking.now) is None
    ticking.does(BERT, go_away, GoAway("2d"))
    comes(ticking)
    stuck = comes(ticking)
    midnight = MONDAY.replace(hour=5) + timedelta(days=1)
    assert database.read_now(next_able, ticking.book, ticking.now) == midnight
    ticking.now = midnight
    ticking.ticks()
    assert ticking.handoff(stuck).owner == ANNE


def test_in_a_pool_nobody_is_chosen_however_often_it_is_looked_at(database: Database) -> None:
    ticking = agreed(database, with_team(rep(ANNE, NEW_YORK), assign="pool"))
    handoff_id = comes(ticking)
    for _ in range(3):
        ticking.ticks(SECOND)
    assert ticking.handoff(handoff_id).owner is None
