"""What is sent when: order, retries, parking, the breaker, filters and replay. On both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.agreement.webhooks import Webhook
from bot.events.payload import messages
from bot.events.retries import GIVE_UP_AFTER, OPEN_AFTER, PROBE_EVERY
from bot.events.rounds import LEASE, LONGEST_REST, Mark, Round, Teller, replay, turn
from bot.events.sinks import Answer, Verdict
from bot.events.standing import pause, resume, standings
from bot.handoffs.accept import Accept, accept
from bot.handoffs.reject import Reject, reject
from bot.handoffs.touch import Touch, touch
from storage import destinations
from storage.database import Database
from storage.history import record
from storage.models import Dispatch, EventKind, TouchKind
from storage.models.details import Detail
from tests.bot.ledger import RILEY, Ledger

WELL = Answer(Verdict.ARRIVED)
DOWN = Answer(Verdict.RETRY, "answered 503")
NEVER = Answer(Verdict.REFUSED, "refused it with 422")
SECOND = timedelta(seconds=1)


def hook(**fields: Any) -> Webhook:
    return Webhook.model_validate(
        {"name": "crm", "url": "https://crm.example/hook", "secret_env": "S", **fields}
    )


@dataclass
class Tool:
    """A destination, told round by round; what it makes of each message is up to the test."""

    ledger: Ledger
    hook: Webhook = field(default_factory=hook)
    process: str = "one"
    arrived: list[dict[str, Any]] = field(default_factory=list)
    mark: Mark | None = None
    newest_alone: bool = False

    def __post_init__(self) -> None:
        self.ledger.database.write_now(destinations.begin, self.hook.name)

    def round(self, booked: Sequence[tuple[Dispatch, Answer]] = ()) -> Round:
        teller = Teller(self.hook, self.process, lambda: 0.5, self.newest_alone)
        done = self.ledger.database.write_now(turn, teller, self.ledger.now, self.mark, booked)
        self.mark = done.mark
        return done

    def told(self, answer: Callable[[dict[str, Any]], Answer] = lambda _: WELL) -> list[dict[str, Any]]:
        """All that may go now, sent until nothing is left; gives what was sent."""
        sent: list[dict[str, Any]] = []
        booked: list[tuple[Dispatch, Answer]] = []
        quiet = 0
        while quiet < 2:
            done = self.round(booked)
            booked = []
            quiet = 0 if done.rows else quiet + 1
            for row, message in zip(
                done.rows, self.ledger.database.read_now(messages, done.rows), strict=True
            ):
                body = json.loads(message.body)
                sent.append(body)
                booked.append((row, answer(body)))
            if self.mark is not None:
                self.ledger.passes(SECOND)  # PostgreSQL's numbers settle
        self.arrived += sent
        return sent

    def backlog(self) -> tuple[int, int]:
        (standing,) = self.ledger.database.read_now(standings, [self.hook])
        return standing.backlog.pending, standing.backlog.parked


@pytest.fixture
def tool(ledger: Ledger) -> Tool:
    return Tool(ledger)


def types(sent: Sequence[dict[str, Any]]) -> list[str]:
    return [each["type"] for each in sent]


def test_a_lead_is_told_from_its_creation_to_the_decision(tool: Tool) -> None:
    handoff = tool.ledger.handoff_comes()
    tool.ledger.does(RILEY, accept, Accept(handoff))
    sent = tool.told()
    assert types(sent) == ["lead.created", "lead.handed_off", "lead.accepted"]
    assert [each["sequence"] for each in sent] == [1, 2, 3]
    last = sent[-1]
    assert last["actor"] == RILEY
    assert last["lead"]["email"] == "jane@acme.example"
    assert last["lead"]["external_ids"] == [{"system": "crm", "id": "hs-1"}]
    assert (last["handoff"]["state"], last["handoff"]["owner"]) == ("accepted", RILEY)
    assert last["change"] == {"kind": "lead.accepted"}
    assert last["at"] == "2026-11-16T15:00:00Z"
    assert tool.told() == []


def test_who_reads_how_a_lead_stands_is_told_of_the_newest_alone(ledger: Ledger) -> None:
    tool = Tool(ledger, newest_alone=True)
    first = ledger.handoff_comes()
    ledger.handoff_comes(external_id="2", email="pete@acme.example")
    ledger.does(RILEY, accept, Accept(first))
    sent = tool.told(lambda _: Answer(Verdict.RETRY, "away"))
    assert sorted(types(sent)[:2]) == ["lead.accepted", "lead.handed_off"]
    assert tool.backlog() == (2, 0)
    ledger.does(RILEY, touch, Touch(first, TouchKind.CALL))
    for _ in range(2):  # PostgreSQL's numbers settle
        tool.round()
        ledger.passes(SECOND)
    ledger.passes(timedelta(minutes=2))
    assert sorted(types(tool.told())) == ["lead.handed_off", "lead.touched"]
    assert tool.backlog() == (0, 0)


def test_what_happened_before_it_was_agreed_is_not_told_unless_replayed(ledger: Ledger) -> None:
    ledger.handoff_comes()
    tool = Tool(ledger)
    ledger.takes_in(external_id="hs-2", email="sam@acme.example")
    assert {each["lead"]["email"] for each in tool.told()} == {"sam@acme.example"}
    count = ledger.database.write_now(replay, tool.hook, ledger.now, ledger.now - timedelta(days=1))
    assert count == 4
    sent = tool.told()
    assert sorted(each["sequence"] for each in sent) == [3, 4, 5, 6]
    assert {each["lead"]["email"] for each in sent} == {"jane@acme.example", "sam@acme.example"}
    assert {each["id"] for each in tool.arrived[:2]} <= {each["id"] for each in sent}


def test_what_does_not_arrive_holds_up_its_own_lead_alone(tool: Tool) -> None:
    first = tool.ledger.handoff_comes()
    other = tool.ledger.handoff_comes(external_id="hs-2", email="sam@acme.example")
    leads = [tool.ledger.handoff(each).lead_id for each in (first, other)]
    sent = tool.told(lambda body: DOWN if body["lead"]["id"] == leads[0] else WELL)
    assert [(each["lead"]["id"], each["type"]) for each in sent] == [
        (leads[0], "lead.created"),
        (leads[1], "lead.created"),
        (leads[1], "lead.handed_off"),
    ]
    tool.ledger.passes(4 * SECOND)
    assert tool.told() == []
    tool.ledger.passes(SECOND)
    assert types(tool.told()) == ["lead.created", "lead.handed_off"]
    assert tool.backlog() == (0, 0)


def test_what_is_refused_is_parked_and_the_next_one_goes_on(tool: Tool) -> None:
    tool.ledger.handoff_comes()
    sent = tool.told(lambda body: NEVER if body["type"] == "lead.created" else WELL)
    assert types(sent) == ["lead.created", "lead.handed_off"]
    assert tool.backlog() == (0, 1)
    (parked,) = tool.ledger.database.read_now(destinations.parked, "crm", 5)
    assert (parked.sequence, parked.error) == (1, "refused it with 422")
    assert tool.ledger.database.write_now(replay, tool.hook, tool.ledger.now, None) == 1
    assert types(tool.told()) == ["lead.created"]
    assert tool.backlog() == (0, 0)


def test_an_event_is_given_up_after_three_days(tool: Tool) -> None:
    tool.ledger.handoff_comes()
    begun = tool.ledger.now
    while tool.backlog()[1] == 0:
        tool.told(lambda body: DOWN if body["type"] == "lead.created" else WELL)
        tool.ledger.passes(timedelta(hours=3))
        assert tool.ledger.now - begun < GIVE_UP_AFTER + timedelta(days=1)
    assert tool.ledger.now - begun >= GIVE_UP_AFTER
    tool.told()
    assert tool.arrived[-1]["type"] == "lead.handed_off"


def test_a_message_that_it_never_takes_does_not_stand_for_a_destination(tool: Tool) -> None:
    handoff = tool.ledger.handoff_comes()
    poison = tool.ledger.handoff(handoff).lead_id
    for _ in range(OPEN_AFTER + 2):
        tool.told(lambda _: DOWN)
        tool.ledger.passes(timedelta(hours=1))
    tool.ledger.takes_in(external_id="hs-2", email="sam@acme.example")
    takes = lambda body: DOWN if body["lead"]["id"] == poison else WELL  # noqa: E731 - read beside its use
    sent: list[dict[str, Any]] = []
    for _ in range(2):
        tool.ledger.passes(PROBE_EVERY)
        sent += tool.told(takes)
    assert [each["lead"]["email"] for each in sent if each["lead"]["id"] != poison] == [
        "sam@acme.example"
    ] * 2


def test_a_destination_that_fails_throughout_is_tried_once_a_minute(tool: Tool) -> None:
    for number in range(OPEN_AFTER + 3):
        tool.ledger.takes_in(external_id=f"hs-{number}", email=f"p{number}@acme.example")
    assert len(tool.told(lambda _: DOWN)) == OPEN_AFTER + 3
    (standing,) = tool.ledger.database.read_now(standings, [tool.hook])
    assert standing.words == "failing, tried each minute: answered 503"
    for _ in range(3):
        tool.ledger.passes(PROBE_EVERY - SECOND)
        assert tool.told() == []
        tool.ledger.passes(SECOND)
        assert len(tool.told(lambda _: DOWN)) == 1
    tool.ledger.passes(PROBE_EVERY)
    tool.told()  # well again: nothing waits for its own moment any more
    assert tool.backlog() == (0, 0)
    (standing,) = tool.ledger.database.read_now(standings, [tool.hook])
    assert standing.words == "well"


def test_a_receiver_that_asks_to_be_left_alone_is(tool: Tool) -> None:
    tool.ledger.handoff_comes()
    tool.told(lambda _: Answer(Verdict.RETRY, "answered 429", timedelta(seconds=40)))
    tool.ledger.takes_in(external_id="hs-2", email="sam@acme.example")
    tool.ledger.passes(35 * SECOND)
    assert tool.told() == []
    tool.ledger.passes(6 * SECOND)
    assert len(tool.told()) == 4


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"events": ["lead.*"]}, ["lead.created", "lead.handed_off", "lead.accepted"]),
        ({"events": ["lead.accepted", "digest.*"]}, ["lead.accepted"]),
        ({"teams": ["Enterprise"]}, ["lead.handed_off", "lead.accepted"]),
        ({"teams": ["Growth"]}, []),
    ],
)
def test_only_what_was_asked_for_is_told(ledger: Ledger, fields: dict[str, Any], expected: list[str]) -> None:
    tool = Tool(ledger, hook(**fields))
    ledger.does(RILEY, accept, Accept(ledger.handoff_comes()))
    sent = tool.told()
    assert types(sent) == expected
    assert [each["sequence"] for each in sent] == list(range(1, len(expected) + 1))


def test_while_it_is_paused_it_hears_nothing_and_afterwards_all(tool: Tool) -> None:
    tool.ledger.database.write_now(pause, "crm")
    tool.ledger.handoff_comes()
    assert tool.told() == []
    tool.ledger.database.write_now(resume, "crm")
    assert len(tool.told()) == 2


def test_one_process_at_a_time_tells_it(tool: Tool) -> None:
    other = Tool(tool.ledger, process="other")
    tool.round()
    tool.ledger.handoff_comes()
    assert other.told() == []
    tool.ledger.passes(LEASE + SECOND)  # killed meanwhile
    assert len(other.told()) == 2
    assert tool.told() == []


def test_a_round_without_anything_to_send_says_how_long_to_rest(tool: Tool) -> None:
    assert tool.round().wait == LONGEST_REST
    tool.ledger.handoff_comes()
    tool.told(lambda _: DOWN)
    assert timedelta(0) < tool.round().wait <= 5 * SECOND


def test_an_event_whose_lead_was_forgotten_says_that_alone(tool: Tool) -> None:
    tool.ledger.handoff_comes()
    with tool.ledger.database.engine.begin() as tx:
        tx.exec_driver_sql("DELETE FROM event")
        numbers = [
            {"destination": "crm", "sequence": 1, "event_id": 77, "lead_id": 1, "due_at": tool.ledger.now}
        ]
        destinations.enqueue(tx, numbers)  # type: ignore[arg-type]  # a whole row, as `enqueue` is given
    (sent,) = tool.told()
    assert sent == {"id": "evt_77", "type": "lead.forgotten", "sequence": 1, "lead": {"id": 1}}


def test_numbers_that_are_committed_late_are_not_passed_over(own_database: Database) -> None:
    """On PostgreSQL a transaction may commit an event with a lower number than one that is seen already."""
    if own_database.dialect != "postgresql":
        pytest.skip("SQLite has one writer")
    ledger = Ledger(own_database)
    tool = Tool(ledger)
    with own_database.engine.connect() as late:
        slow = late.begin()
        record(late, ledger.context(RILEY).stamp, EventKind.DIGEST_POSTED, detail={"period": "late"})
        ledger.takes_in()
        assert tool.told() == []
        slow.commit()
    ledger.passes(SECOND)
    sent = tool.told()
    assert types(sent) == ["digest.posted", "lead.created", "lead.handed_off"]


def test_a_rejection_names_its_reason_and_an_undo_is_told(tool: Tool) -> None:
    handoff = tool.ledger.handoff_comes()
    tool.ledger.does(RILEY, reject, Reject(handoff, "bad_contact", "The address bounces."))
    sent = tool.told()
    assert sent[-1]["type"] == "lead.rejected"
    assert sent[-1]["change"]["reason"] == "bad_contact"
    assert sent[-1]["change"]["note"] == "The address bounces."


def test_what_was_imported_of_the_past_is_no_news(tool: Tool) -> None:
    ctx = tool.ledger.context("import")
    details: list[Detail] = [{"history": True}, {}]
    for detail in details:
        tool.ledger.database.write_now(record, ctx.stamp, EventKind.DIGEST_POSTED, detail=detail)
    assert len(tool.told()) == 1
