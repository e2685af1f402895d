"""Who is told, when, and in how many messages; and what a message says once its leads are settled."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from bot.agreement import default_agreement, loaded
from bot.handoffs import Accept, accept
from bot.handoffs.away import ComeBack, come_back
from bot.handoffs.reassign import Reassign, reassign
from bot.ladder.vacancies import look_for_nobody
from bot.views.ids import SEAL
from storage import heartbeats
from storage.database import Database
from storage.models import Delivery, DeliveryState, deliveries, pings
from storage.outbox import receipts
from tests.bot.ledger import MANAGER, MONDAY, RILEY, ROBIN, SASHA, TONI
from tests.bot.ticking import GROWTH, MINUTE, TickingLedger

WALL = {'clock = "business"': 'clock = "wall"'}
ONE_REP = {'\n  { user = "U0REP4", capacity = 30, timezone = "America/Los_Angeles" },': ""}


def agreed(database: Database, changes: dict[str, str], **others: object) -> TickingLedger:
    """Use cases under another agreement than the built-in one."""
    text = default_agreement().text
    for was, now in changes.items():
        assert was in text
        text = text.replace(was, now)
    return TickingLedger(database, agreement=loaded(text), **others)  # type: ignore[arg-type]  # `now` alone


def comes(ticking: TickingLedger, name: str, **fields: object) -> int:
    """A lead of its own company; P3 unless it asked for a demo."""
    told = {"email": f"{name}@{name}.example", "external_id": name, "company": name.title()}
    return ticking.handoff_comes(**{**told, "first_name": name.title(), **fields})


QUALIFIED = {"activities": [], "qualified": True, "title": "Engineer"}  # P3


def only(messages: list[Delivery]) -> Delivery:
    (message,) = messages
    return message


def test_five_late_leads_are_one_message_with_five_lines_and_buttons(database: Database) -> None:
    ticking = agreed(database, ONE_REP)
    leads = [comes(ticking, name, **GROWTH) for name in ("ann", "bob", "cat", "dan", "eve")]
    ticking.delivers()
    ticking.ticks(4 * MINUTE)
    message = only(ticking.waiting())
    assert (message.place, message.thread_id, message.rank) == (SASHA, None, 10)
    said = ticking.reads(message)
    assert "5 leads are waiting for you" in said
    assert all(name in said for name in ("Ann", "Bob", "Cat", "Dan", "Eve"))
    blocks = ticking.blocks(message)
    pressed = [each["value"] for block in blocks if block["type"] == "actions" for each in block["elements"]]
    values = [value.partition(SEAL)[0] for value in pressed]
    assert values == [str(lead) for lead in leads for _ in ("accept", "reject")]


def test_nobody_is_reminded_twice_within_the_quiet_and_what_is_due_meanwhile_is_gathered(
    database: Database,
) -> None:
    ticking = agreed(database, ONE_REP)
    first = comes(ticking, "ann", **GROWTH, **QUALIFIED)
    ticking.now += MINUTE
    comes(ticking, "bob", **GROWTH, **QUALIFIED)
    ticking.now += MINUTE / 2
    comes(ticking, "cat", **GROWTH, **QUALIFIED)
    ticking.delivers()
    start = ticking.clock(first, "accept").started_at
    ticking.now = start + timedelta(hours=2)
    ticking.ticks()
    assert [row.due_at for row in ticking.waiting()] == [ticking.now]
    ticking.delivers()
    ticking.ticks(MINUTE)
    ticking.ticks(MINUTE)
    later = only(ticking.waiting())
    assert later.due_at == start + timedelta(hours=2, minutes=3)
    assert "2 leads are waiting for you" in ticking.reads(later)


def test_a_p1_does_not_wait_for_the_quiet_and_takes_along_what_does(database: Database) -> None:
    ticking = agreed(database, ONE_REP)
    first = comes(ticking, "ann", **GROWTH, **QUALIFIED)
    ticking.now += MINUTE
    comes(ticking, "bob", **GROWTH, **QUALIFIED)
    ticking.now = ticking.clock(first, "accept").started_at + timedelta(hours=2) - timedelta(minutes=2.5)
    comes(ticking, "cat", **GROWTH)
    ticking.delivers()
    ticking.ticks(timedelta(minutes=2.5))
    ticking.delivers()
    ticking.ticks(MINUTE)
    assert only(ticking.waiting()).due_at > ticking.now
    ticking.ticks(MINUTE / 4)
    message = only(ticking.waiting())
    assert (message.due_at, message.rank) == (ticking.now, 10)
    assert ("Bob" in ticking.reads(message), "Cat" in ticking.reads(message)) == (True, True)


def test_in_a_pool_the_nudge_goes_to_the_thread_of_the_card_and_calls_who_is_on_shift(
    ticking: TickingLedger,
) -> None:
    handoff_id = ticking.card_comes()
    ticking.ticks(4 * MINUTE)
    message = only(ticking.waiting())
    assert (message.place, message.thread_id) == ("C0SALES", ticking.handoff(handoff_id).card_id)
    assert f"<@{RILEY}> <@{ROBIN}>" in ticking.reads(message)
    ticking.now = MONDAY + timedelta(hours=4)  # Berlin has gone home
    said = ticking.reads(message)
    assert (f"<@{RILEY}>" in said, f"<@{ROBIN}>" in said) == (True, False)


def test_a_rep_of_the_pool_who_is_away_is_not_called(ticking: TickingLedger) -> None:
    ticking.card_comes()
    ticking.goes_away(RILEY, timedelta(days=1))
    ticking.ticks(4 * MINUTE)
    said = ticking.reads(only(ticking.waiting()))
    assert (f"<@{RILEY}>" in said, f"<@{ROBIN}>" in said) == (False, True)


def test_several_leads_of_a_pool_at_once_are_one_message_in_the_channel(ticking: TickingLedger) -> None:
    for name in ("ann", "bob", "cat"):
        comes(ticking, name)
    ticking.delivers()
    ticking.ticks(4 * MINUTE)
    message = only(ticking.waiting())
    assert (message.place, message.thread_id) == ("C0SALES", None)
    assert "3 leads are waiting for you" in ticking.reads(message)


def test_a_nudge_that_waits_in_a_thread_moves_to_the_channel_when_another_lead_joins_it(
    ticking: TickingLedger,
) -> None:
    first = comes(ticking, "ann", **QUALIFIED)
    ticking.now += MINUTE
    comes(ticking, "bob", **QUALIFIED)
    ticking.now += MINUTE
    comes(ticking, "cat", **QUALIFIED)
    ticking.delivers()
    ticking.now = ticking.clock(first, "accept").started_at + timedelta(hours=2)
    ticking.ticks()
    ticking.delivers()
    ticking.ticks(MINUTE)
    assert only(ticking.waiting()).thread_id is not None
    ticking.ticks(MINUTE)
    message = only(ticking.waiting())
    assert message.thread_id is None
    assert "2 leads are waiting for you" in ticking.reads(message)


def test_a_row_of_a_list_is_nagged_for_in_the_thread_of_the_list(ticking: TickingLedger) -> None:
    handoff_id = ticking.handoff_comes()
    card = ticking.handoff(handoff_id).card_id
    ticking.delivers()
    shown = {"kind": "list", "op": "post", "state": "sent", "lane": "post:C0SALES", "rank": 20, "ts": "9.9"}
    shown |= {"place": "C0SALES", "body": {}, "trace": "x", "created_at": ticking.now, "due_at": ticking.now}

    def list_it(tx: Connection) -> int:
        key = tx.execute(insert(deliveries).returning(deliveries.c.id), shown).scalar_one()
        listed = {"state": DeliveryState.LISTED, "list_id": key, "ts": None}
        tx.execute(update(deliveries).where(deliveries.c.id == card).values(**listed))
        return int(key)

    in_list = ticking.database.write_now(list_it)
    ticking.ticks(4 * MINUTE)
    assert only(ticking.waiting()).thread_id == in_list


def test_no_rep_is_nagged_outside_working_hours(database: Database) -> None:
    ticking = agreed(database, WALL | ONE_REP, now=MONDAY.replace(hour=23))  # 18:00 in New York
    comes(ticking, "ann", **GROWTH)
    ticking.delivers()
    ticking.ticks(5 * MINUTE)
    due = {row.place: row.due_at for row in ticking.waiting()}
    nine = MONDAY.replace(hour=14) + timedelta(days=1)
    assert due == {SASHA: nine, MANAGER: ticking.now}


def test_a_p1_nags_at_night_where_the_agreement_says_so(database: Database) -> None:
    changes = ONE_REP | {"p1_after_hours = false": "p1_after_hours = true"}
    ticking = agreed(database, changes, now=MONDAY.replace(hour=23))
    comes(ticking, "ann", **GROWTH)
    ticking.delivers()
    ticking.ticks(4 * MINUTE)
    assert only(ticking.waiting()).due_at == ticking.now


def test_friday_afternoon_goes_on_on_monday(ticking: TickingLedger) -> None:
    ticking.now = MONDAY + timedelta(days=4, hours=6)  # Friday, 16:00 in New York
    handoff_id = comes(ticking, "ann", **QUALIFIED)
    ticking.delivers()
    clock = ticking.clock(handoff_id, "accept")
    berlin_opens = MONDAY.replace(hour=8) + timedelta(days=7)  # an hour was worked on Friday
    assert clock.due_at == berlin_opens + timedelta(hours=3)
    ticking.ticks(timedelta(days=2))
    assert ticking.lines() == []
    ticking.now = berlin_opens + timedelta(hours=1.5)
    ticking.ticks()
    assert [what for _, what, _ in ticking.lines()] == ["nudge"]


def test_a_nag_for_a_lead_that_was_decided_meanwhile_is_never_sent(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.ticks(4 * MINUTE)
    message = only(ticking.waiting())
    ticking.does(RILEY, accept, Accept(handoff_id))
    assert ticking.reads(message) == ""


def test_a_nag_that_went_out_is_rewritten_as_settled(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.ticks(5 * MINUTE)
    ticking.delivers()
    ticking.does(ROBIN, accept, Accept(handoff_id))
    rewrites = ticking.messages("nag", "update")
    assert {row.place for row in rewrites} == {"C0SALES", MANAGER}
    for row in rewrites:
        assert "~Jane Doe, ACME~ — accepted by a colleague" in ticking.reads(row)
        assert ticking.shown(row).blocks[1:] == []  # type: ignore[union-attr]  # it is shown


def test_a_nag_in_flight_is_rewritten_too(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.ticks(4 * MINUTE)
    in_flight = update(deliveries).where(deliveries.c.kind == "nag").values(state=DeliveryState.CLAIMED)
    ticking.database.write_now(lambda tx: tx.execute(in_flight).rowcount)
    ticking.does(ROBIN, accept, Accept(handoff_id))
    assert len(ticking.messages("nag", "update")) == 1


def test_what_falls_due_after_a_nag_was_claimed_begins_another_message(database: Database) -> None:
    ticking = agreed(database, ONE_REP)
    comes(ticking, "ann", **GROWTH)
    ticking.now += MINUTE
    comes(ticking, "bob", **GROWTH)
    ticking.delivers()
    ticking.ticks(3 * MINUTE)
    in_flight = update(deliveries).where(deliveries.c.kind == "nag").values(state=DeliveryState.CLAIMED)
    ticking.database.write_now(lambda tx: tx.execute(in_flight).rowcount)
    ticking.ticks(MINUTE)
    told = [row for row in ticking.messages("nag") if row.place == SASHA]
    assert len(told) == 2
    assert ("Bob" in ticking.reads(told[0]), "Bob" in ticking.reads(told[1])) == (False, True)


def test_an_owner_who_lost_a_lead_reads_who_has_it_and_the_new_one_gets_its_buttons(
    ticking: TickingLedger,
) -> None:
    ticking.now = MONDAY + timedelta(hours=3)
    handoff_id = ticking.card_comes(**GROWTH)
    ticking.ticks(4 * MINUTE)
    ticking.delivers()
    ticking.ticks(4 * MINUTE)
    owner = ticking.handoff(handoff_id).owner
    former = next(row for row in ticking.messages("nag", "update") if row.place not in (owner, MANAGER))
    assert "reassigned to a colleague" in ticking.reads(former)
    mine = next(row for row in ticking.waiting() if row.place == owner)
    assert "Reassigned to you" in ticking.reads(mine)
    assert any(block["type"] == "actions" for block in ticking.blocks(mine))


def test_the_managers_message_carries_the_buttons_that_end_the_matter(ticking: TickingLedger) -> None:
    handoff_id = ticking.card_comes()
    ticking.ticks(5 * MINUTE)
    message = next(row for row in ticking.waiting() if row.place == MANAGER)
    (row,) = [block for block in ticking.blocks(message) if block["type"] == "actions"]
    assert [each["action_id"] for each in row["elements"]] == ["lead_reassign", "lead_take", "lead_more_time"]
    assert row["block_id"].partition(SEAL)[0] == f"lead:{handoff_id}"
    assert {option["value"] for option in row["elements"][0]["options"]} == {RILEY, ROBIN}


def test_after_downtime_everybody_gets_one_message_and_nothing_counts_against_a_rep(
    database: Database,
) -> None:
    ticking = agreed(database, ONE_REP)
    late = [comes(ticking, name, **GROWTH) for name in ("ann", "bob", "cat")]
    slow = comes(ticking, "dan", **GROWTH, **QUALIFIED)
    ticking.delivers()
    due_at = ticking.clock(slow, "accept").due_at
    ticking.database.write_now(heartbeats.beat_noting_outage, "engine", ticking.now, MINUTE)
    ticking.now += timedelta(minutes=30)
    gap = ticking.database.write_now(heartbeats.beat_noting_outage, "engine", ticking.now, MINUTE)
    assert gap == (MONDAY, ticking.now)
    ticking.ticks()
    assert [ticking.clock(lead, "accept").cause for lead in late] == ["outage"] * 3
    assert ticking.clock(slow, "accept").due_at == due_at
    assert sorted(row.place for row in ticking.waiting()) == [MANAGER, SASHA]
    said = ticking.reads(next(row for row in ticking.waiting() if row.place == MANAGER))
    assert said.count("does not count as missed") == 3


def test_a_nag_with_nothing_left_to_say_leaves_no_quiet_behind(ticking: TickingLedger) -> None:
    ticking.card_comes()
    ticking.ticks(4 * MINUTE)
    message = only(ticking.waiting())
    ticking.database.write_now(
        lambda tx: receipts.drop(tx, _claimed(tx, message), now=ticking.now, why="nothing")
    )
    assert ticking.database.read_now(lambda tx: tx.execute(select(pings)).all()) == []


def _claimed(tx: Connection, message: Delivery) -> Delivery:
    taken = update(deliveries).where(deliveries.c.id == message.id).values(state=DeliveryState.CLAIMED)
    tx.execute(taken)
    return message


# One reminder a person and lead

QUIET_FOR_LONG = ONE_REP | {'quiet = "3m" ': 'quiet = "2h" '}


def test_a_reminder_that_is_fresh_says_what_comes_next_in_place(database: Database) -> None:
    ticking = agreed(database, QUIET_FOR_LONG)
    lead = comes(ticking, "ann", **GROWTH)
    ticking.delivers()
    for _ in range(3):
        ticking.ticks(2.5 * MINUTE)
        ticking.delivers()
    to_manager = [row for row in ticking.messages("nag") if row.place == MANAGER]
    assert len(to_manager) == 1  # of the breach, which became the choice that only the manager has
    assert [what for place, what, _ in ticking.lines() if place == MANAGER] == ["breach", "choose"]
    (rewritten,) = [row for row in ticking.messages("nag", "update") if row.place == MANAGER]
    said = ticking.reads(rewritten)
    assert "Please choose who takes it." in said
    assert said.count("Ann Doe") == 1
    ticking.does(SASHA, accept, Accept(lead))
    assert len(ticking.blocks(rewritten)) == 1


def test_a_lead_that_is_given_to_and_fro_within_the_quiet_is_one_message_to_each(database: Database) -> None:
    ticking = agreed(database, {})
    ticking.now = MONDAY + timedelta(hours=3)
    lead = comes(ticking, "ann", **GROWTH)
    ticking.delivers()
    for owner in (TONI, SASHA, TONI, SASHA):
        if ticking.handoff(lead).owner != owner:
            ticking.passes(MINUTE / 4)
            ticking.does(MANAGER, reassign, Reassign(lead, owner))
            ticking.delivers()
    told = [row.place for row in ticking.messages("nag")]
    assert sorted(told) == [SASHA, TONI]
    last = [row for row in ticking.messages("nag", "update") if row.place == SASHA][-1]
    assert "Reassigned to you" in ticking.reads(last)


def test_once_the_quiet_is_over_the_older_reminder_gives_way_to_the_newer(database: Database) -> None:
    ticking = agreed(database, ONE_REP)
    lead = comes(ticking, "ann", **GROWTH, **QUALIFIED)
    ticking.delivers()
    ticking.ticks(timedelta(hours=2))
    ticking.delivers()
    first = only([row for row in ticking.messages("nag") if row.place == SASHA])
    ticking.ticks(timedelta(hours=1))
    ticking.delivers()
    newer = [row for row in ticking.messages("nag") if row.place == SASHA][-1]
    assert newer.id != first.id
    shrunk = only([row for row in ticking.messages("nag", "update") if row.target_id == first.id])
    assert ticking.reads(shrunk).splitlines()[-1] == "⤵️ Ann Doe, Ann — see the newer reminder"
    assert "Accept" in str(ticking.blocks(newer))
    ticking.does(SASHA, accept, Accept(lead))
    for row in ticking.messages("nag", "update"):
        if row.place == SASHA:
            assert ticking.reads(row).splitlines()[-1].startswith("✅ ~Ann Doe, Ann~ — accepted by")
            assert len(ticking.blocks(row)) == 1


def test_who_is_called_to_an_opened_lead_hears_it_though_others_were_reminded_just_now(
    database: Database,
) -> None:
    ticking = agreed(database, {})
    lead = comes(ticking, "ann")
    ticking.delivers()
    ticking.ticks(4 * MINUTE)
    ticking.delivers()  # in the thread: both are called
    for user in (RILEY, ROBIN):
        ticking.goes_away(user)
    ticking.does("baton", look_for_nobody)
    ticking.does(RILEY, come_back, ComeBack())
    ticking.ticks(MINUTE / 60)
    again = ticking.waiting()
    assert [row.place for row in again if row.thread_id == ticking.handoff(lead).card_id] == ["C0SALES"]
