"""Who is told, when, and in how many messages; and what a message says once its leads are settled."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from bot.agreement import default_agreement, loaded
from bot.handoffs import Accept, accept
from storage import heartbeats, people
from storage.database import Database
from storage.models import Delivery, DeliveryState, deliveries, pings
from storage.outbox import receipts
from tests.bot.house import MANAGER, MONDAY, RILEY, ROBIN, SASHA
from tests.bot.post import GROWTH, MINUTE, Post

WALL = {'clock = "business"': 'clock = "wall"'}
ONE_REP = {'\n  { user = "U0REP4", capacity = 30, timezone = "America/Los_Angeles" },': ""}


def agreed(database: Database, changes: dict[str, str], **others: object) -> Post:
    """An office that agreed on something else than the built-in agreement."""
    text = default_agreement().text
    for was, now in changes.items():
        assert was in text
        text = text.replace(was, now)
    return Post(database, agreement=loaded(text), **others)  # type: ignore[arg-type]  # `now` alone


def comes(post: Post, name: str, **fields: object) -> int:
    """A lead of its own company; P3 unless it asked for a demo."""
    told = {"email": f"{name}@{name}.example", "external_id": name, "company": name.title()}
    return post.handoff_comes(**{**told, "first_name": name.title(), **fields})


QUALIFIED = {"activities": [], "qualified": True, "title": "Engineer"}  # P3


def only(messages: list[Delivery]) -> Delivery:
    (message,) = messages
    return message


def test_five_late_leads_are_one_message_with_five_lines_and_buttons(database: Database) -> None:
    post = agreed(database, ONE_REP)
    leads = [comes(post, name, **GROWTH) for name in ("ann", "bob", "cat", "dan", "eve")]
    post.delivers()
    post.ticks(4 * MINUTE)
    message = only(post.waiting())
    assert (message.place, message.thread_id, message.rank) == (SASHA, None, 10)
    said = post.reads(message)
    assert "5 leads wait for you" in said
    assert all(name in said for name in ("Ann", "Bob", "Cat", "Dan", "Eve"))
    blocks = post.blocks(message)
    values = [each["value"] for block in blocks if block["type"] == "actions" for each in block["elements"]]
    assert values == [str(lead) for lead in leads for _ in ("accept", "reject")]


def test_nobody_is_reminded_twice_within_the_quiet_and_what_is_due_meanwhile_is_gathered(
    database: Database,
) -> None:
    post = agreed(database, ONE_REP)
    first = comes(post, "ann", **GROWTH, **QUALIFIED)
    post.now += MINUTE
    comes(post, "bob", **GROWTH, **QUALIFIED)
    post.now += MINUTE / 2
    comes(post, "cat", **GROWTH, **QUALIFIED)
    post.delivers()
    start = post.clock(first, "accept").started_at
    post.now = start + timedelta(hours=2)
    post.ticks()
    assert [row.due_at for row in post.waiting()] == [post.now]
    post.delivers()
    post.ticks(MINUTE)
    post.ticks(MINUTE)
    later = only(post.waiting())
    assert later.due_at == start + timedelta(hours=2, minutes=3)
    assert "2 leads wait for you" in post.reads(later)


def test_a_p1_does_not_wait_for_the_quiet_and_takes_along_what_does(database: Database) -> None:
    post = agreed(database, ONE_REP)
    first = comes(post, "ann", **GROWTH, **QUALIFIED)
    post.now += MINUTE
    comes(post, "bob", **GROWTH, **QUALIFIED)
    post.now = post.clock(first, "accept").started_at + timedelta(hours=2) - timedelta(minutes=2.5)
    comes(post, "cat", **GROWTH)
    post.delivers()
    post.ticks(timedelta(minutes=2.5))
    post.delivers()
    post.ticks(MINUTE)
    assert only(post.waiting()).due_at > post.now
    post.ticks(MINUTE / 4)
    message = only(post.waiting())
    assert (message.due_at, message.rank) == (post.now, 10)
    assert ("Bob" in post.reads(message), "Cat" in post.reads(message)) == (True, True)


def test_in_a_pool_the_nudge_goes_to_the_thread_of_the_card_and_calls_who_is_on_shift(post: Post) -> None:
    handoff_id = post.card_comes()
    post.ticks(4 * MINUTE)
    message = only(post.waiting())
    assert (message.place, message.thread_id) == ("C0SALES", post.handoff(handoff_id).card_id)
    assert f"<@{RILEY}> <@{ROBIN}>" in post.reads(message)
    post.now = MONDAY + timedelta(hours=4)  # Berlin has gone home
    said = post.reads(message)
    assert (f"<@{RILEY}>" in said, f"<@{ROBIN}>" in said) == (True, False)


def test_a_rep_of_the_pool_who_is_away_is_not_called(post: Post) -> None:
    post.card_comes()
    post.database.write_now(people.set_away, RILEY, post.now + timedelta(days=1))
    post.ticks(4 * MINUTE)
    said = post.reads(only(post.waiting()))
    assert (f"<@{RILEY}>" in said, f"<@{ROBIN}>" in said) == (False, True)


def test_several_leads_of_a_pool_at_once_are_one_message_in_the_channel(post: Post) -> None:
    for name in ("ann", "bob", "cat"):
        comes(post, name)
    post.delivers()
    post.ticks(4 * MINUTE)
    message = only(post.waiting())
    assert (message.place, message.thread_id) == ("C0SALES", None)
    assert "3 leads wait for you" in post.reads(message)


def test_a_nudge_that_waits_in_a_thread_moves_to_the_channel_when_another_lead_joins_it(post: Post) -> None:
    first = comes(post, "ann", **QUALIFIED)
    post.now += MINUTE
    comes(post, "bob", **QUALIFIED)
    post.now += MINUTE
    comes(post, "cat", **QUALIFIED)
    post.delivers()
    post.now = post.clock(first, "accept").started_at + timedelta(hours=2)
    post.ticks()
    post.delivers()
    post.ticks(MINUTE)
    assert only(post.waiting()).thread_id is not None
    post.ticks(MINUTE)
    message = only(post.waiting())
    assert message.thread_id is None
    assert "2 leads wait for you" in post.reads(message)


def test_a_row_of_a_list_is_nagged_for_in_the_thread_of_the_list(post: Post) -> None:
    handoff_id = post.handoff_comes()
    card = post.handoff(handoff_id).card_id
    post.delivers()
    shown = {"kind": "list", "op": "post", "state": "sent", "lane": "post:C0SALES", "rank": 20, "ts": "9.9"}
    shown |= {"place": "C0SALES", "body": {}, "trace": "x", "created_at": post.now, "due_at": post.now}

    def list_it(tx: Connection) -> int:
        key = tx.execute(insert(deliveries).returning(deliveries.c.id), shown).scalar_one()
        listed = {"state": DeliveryState.LISTED, "list_id": key, "ts": None}
        tx.execute(update(deliveries).where(deliveries.c.id == card).values(**listed))
        return int(key)

    in_list = post.database.write_now(list_it)
    post.ticks(4 * MINUTE)
    assert only(post.waiting()).thread_id == in_list


def test_nobody_is_nagged_outside_working_hours(database: Database) -> None:
    post = agreed(database, WALL | ONE_REP, now=MONDAY.replace(hour=23))  # 18:00 in New York
    comes(post, "ann", **GROWTH)
    post.delivers()
    post.ticks(5 * MINUTE)
    due = {row.place: row.due_at for row in post.waiting()}
    nine = MONDAY.replace(hour=14) + timedelta(days=1)
    assert due == {SASHA: nine, MANAGER: nine}


def test_a_p1_nags_at_night_where_the_agreement_says_so(database: Database) -> None:
    changes = ONE_REP | {"p1_after_hours = false": "p1_after_hours = true"}
    post = agreed(database, changes, now=MONDAY.replace(hour=23))
    comes(post, "ann", **GROWTH)
    post.delivers()
    post.ticks(4 * MINUTE)
    assert only(post.waiting()).due_at == post.now


def test_friday_afternoon_goes_on_on_monday(post: Post) -> None:
    post.now = MONDAY + timedelta(days=4, hours=6)  # Friday, 16:00 in New York
    handoff_id = comes(post, "ann", **QUALIFIED)
    post.delivers()
    clock = post.clock(handoff_id, "accept")
    assert clock.due_at == MONDAY + timedelta(days=7, hours=2)
    post.ticks(timedelta(days=2))
    assert post.lines() == []
    post.now = MONDAY + timedelta(days=7)
    post.ticks()
    assert [what for _, what, _ in post.lines()] == ["nudge"]


def test_a_nag_for_a_lead_that_was_decided_meanwhile_is_never_sent(post: Post) -> None:
    handoff_id = post.card_comes()
    post.ticks(4 * MINUTE)
    message = only(post.waiting())
    post.does(RILEY, accept, Accept(handoff_id))
    assert post.reads(message) == ""


def test_a_nag_that_went_out_is_rewritten_as_settled(post: Post) -> None:
    handoff_id = post.card_comes()
    post.ticks(5 * MINUTE)
    post.delivers()
    post.does(ROBIN, accept, Accept(handoff_id))
    rewrites = post.messages("nag", "update")
    assert {row.place for row in rewrites} == {"C0SALES", MANAGER}
    for row in rewrites:
        assert f"~Jane Doe, ACME~ — accepted by <@{ROBIN}>" in post.reads(row)
        assert "All settled" in post.reads(row)


def test_a_nag_in_flight_is_rewritten_too(post: Post) -> None:
    handoff_id = post.card_comes()
    post.ticks(4 * MINUTE)
    in_flight = update(deliveries).where(deliveries.c.kind == "nag").values(state=DeliveryState.CLAIMED)
    post.database.write_now(lambda tx: tx.execute(in_flight).rowcount)
    post.does(ROBIN, accept, Accept(handoff_id))
    assert len(post.messages("nag", "update")) == 1


def test_what_falls_due_after_a_nag_was_claimed_begins_another_message(database: Database) -> None:
    post = agreed(database, ONE_REP)
    comes(post, "ann", **GROWTH)
    post.now += MINUTE
    comes(post, "bob", **GROWTH)
    post.delivers()
    post.ticks(3 * MINUTE)
    in_flight = update(deliveries).where(deliveries.c.kind == "nag").values(state=DeliveryState.CLAIMED)
    post.database.write_now(lambda tx: tx.execute(in_flight).rowcount)
    post.ticks(MINUTE)
    told = [row for row in post.messages("nag") if row.place == SASHA]
    assert len(told) == 2
    assert ("Bob" in post.reads(told[0]), "Bob" in post.reads(told[1])) == (False, True)


def test_an_owner_who_lost_a_lead_reads_who_has_it_and_the_new_one_gets_its_buttons(post: Post) -> None:
    post.now = MONDAY + timedelta(hours=3)
    handoff_id = post.card_comes(**GROWTH)
    post.ticks(4 * MINUTE)
    post.delivers()
    post.ticks(4 * MINUTE)
    owner = post.handoff(handoff_id).owner
    former = next(row for row in post.messages("nag", "update") if row.place not in (owner, MANAGER))
    assert f"passed on to <@{owner}>" in post.reads(former)
    mine = next(row for row in post.waiting() if row.place == owner)
    assert "It is yours now" in post.reads(mine)
    assert any(block["type"] == "actions" for block in post.blocks(mine))


def test_the_managers_message_carries_the_buttons_that_end_the_matter(post: Post) -> None:
    handoff_id = post.card_comes()
    post.ticks(5 * MINUTE)
    message = next(row for row in post.waiting() if row.place == MANAGER)
    (row,) = [block for block in post.blocks(message) if block["type"] == "actions"]
    assert [each["action_id"] for each in row["elements"]] == ["lead_reassign", "lead_take", "lead_more_time"]
    assert row["block_id"] == f"lead:{handoff_id}"
    assert {option["value"] for option in row["elements"][0]["options"]} == {RILEY, ROBIN}


def test_after_downtime_everybody_gets_one_message_and_nothing_counts_against_a_rep(
    database: Database,
) -> None:
    post = agreed(database, ONE_REP)
    late = [comes(post, name, **GROWTH) for name in ("ann", "bob", "cat")]
    slow = comes(post, "dan", **GROWTH, **QUALIFIED)
    post.delivers()
    due_at = post.clock(slow, "accept").due_at
    post.database.write_now(heartbeats.beat_noting_outage, "engine", post.now, MINUTE)
    post.now += timedelta(minutes=30)
    gap = post.database.write_now(heartbeats.beat_noting_outage, "engine", post.now, MINUTE)
    assert gap == (MONDAY, post.now)
    post.ticks()
    assert [post.clock(lead, "accept").cause for lead in late] == ["outage"] * 3
    assert post.clock(slow, "accept").due_at == due_at
    assert sorted(row.place for row in post.waiting()) == [MANAGER, SASHA]
    said = post.reads(next(row for row in post.waiting() if row.place == MANAGER))
    assert said.count("counts against nobody") == 3


def test_a_nag_with_nothing_left_to_say_leaves_no_quiet_behind(post: Post) -> None:
    post.card_comes()
    post.ticks(4 * MINUTE)
    message = only(post.waiting())
    post.database.write_now(lambda tx: receipts.drop(tx, _claimed(tx, message), now=post.now, why="nothing"))
    assert post.database.read_now(lambda tx: tx.execute(select(pings)).all()) == []


def _claimed(tx: Connection, message: Delivery) -> Delivery:
    taken = update(deliveries).where(deliveries.c.id == message.id).values(state=DeliveryState.CLAIMED)
    tx.execute(taken)
    return message
