from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, update

from bot.handoffs import Accept, Reject, accept, reject
from storage.models import clocks, outages
from tests.bot.handoffs.house import MANAGER, RILEY, ROBIN, SASHA, TONI
from tests.bot.ladder.post import MINUTE, Post

GROWTH = {"employees": 20}


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
