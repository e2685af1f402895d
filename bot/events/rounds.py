"""One round of telling a destination, as transactions: what came back is booked, what is new is collected,
what may go now is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.events import retries
from bot.events.sinks import Answer, Subscriber, Verdict
from bot.events.types import is_wanted
from storage import destinations
from storage.destinations import Horizon
from storage.models import Destination, Dispatch, DispatchState
from storage.models.values import DestinationValues, DispatchValues

LEASE = timedelta(seconds=60)
"""Longer than a call may take, so that no other process begins while one is under way."""
BATCH = 64
COLLECTED = 500
"""Events looked at in a round."""

LOOK_EVERY = timedelta(seconds=1)
"""How often whoever rests looks whether there is anything new."""

LONGEST_REST = timedelta(seconds=10)
"""By then a round is due whatever was seen: somebody may have asked for a replay."""
_SOON = timedelta(milliseconds=100)
_GRACE = timedelta(milliseconds=200)
"""A number may be drawn a moment before its transaction is seen to run (PostgreSQL draws it first)."""

Booked = tuple[Dispatch, Answer]


@dataclass(frozen=True, slots=True)
class Mark:
    """A horizon, and when it was seen."""

    horizon: Horizon
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """What to send now; if nothing, how long to rest unless something happens.

    `mark` is given to the next round.
    """

    rows: Sequence[Dispatch]
    wait: timedelta
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Teller:
    """Which process tells which destination; `chance` is uniform in 0 to 1, for the jitter.

    With `newest_alone` what waits of a lead gives way to what is newer.
    """

    hook: Subscriber
    process: str
    chance: Callable[[], float]
    newest_alone: bool = False


def turn(tx: Connection, teller: Teller, now: datetime, mark: Mark | None, booked: Sequence[Booked]) -> Round:
    """Book what came back, collect what is new, and choose what is sent next.

    Does nothing while another process tells the destination, or while it is paused.
    """
    name = teller.hook.name
    destination = destinations.take(tx, name, teller.process, now, now + LEASE)
    if destination is None:
        return Round((), LONGEST_REST)
    failing = _book(tx, teller, destination, now, booked)
    if destination.paused:
        return Round((), LONGEST_REST)
    mark, more = _collect(tx, teller, destination, now, mark)
    if failing.retry_at is not None and failing.retry_at > now:
        wait = min(LONGEST_REST, failing.retry_at - now)
        return Round((), _SOON if more or mark is not None else wait, mark)
    rows = (
        destinations.probe(tx, name)
        if failing.failures >= retries.OPEN_AFTER
        else destinations.due(tx, name, now, BATCH)
    )
    return Round(rows, timedelta(0) if more else _rest(tx, name, now, mark), mark)


def replay(tx: Connection, hook: Subscriber, now: datetime, since: datetime | None) -> int:
    """Send again: all that was parked, or with `since` all that happened from then on. Gives how many.

    What is sent again has new sequence numbers and the same ids. The destination must have a cursor.
    """
    if since is None:
        return destinations.unpark(tx, hook.name, now)
    destination = destinations.lock(tx, hook.name)
    count, after = 0, 0
    while found := destinations.happened_since(
        tx, since, after=after, last=destination.cursor, limit=COLLECTED
    ):
        after = found[-1].id
        count += _enqueue(tx, hook, destination.sequence + count, found, now)
    destinations.change(tx, hook.name, {"sequence": destination.sequence + count})
    return count


@dataclass(frozen=True, slots=True)
class _Failing:
    failures: int
    retry_at: datetime | None


def _book(
    tx: Connection, teller: Teller, destination: Destination, now: datetime, booked: Sequence[Booked]
) -> _Failing:
    """What became of each message, and how the destination is doing."""
    if not booked:
        return _Failing(destination.failures, destination.retry_at)
    name = destination.name
    destinations.arrived(
        tx, name, [row.sequence for row, answer in booked if answer.verdict is Verdict.ARRIVED]
    )
    for row, answer in booked:
        if answer.verdict is not Verdict.ARRIVED:
            destinations.change_dispatch(
                tx, name, row.sequence, _not_arrived(row, answer, now, teller.chance())
            )
    failed = [answer for _, answer in booked if answer.verdict is Verdict.RETRY]
    answered = len(failed) < len(booked)
    failures = 0 if answered else destination.failures + len(failed)
    changed = _standing(booked, failures, now, is_first=not destination.failures)
    if answered and destination.failures >= retries.OPEN_AFTER:
        destinations.hurry(tx, name, now)
    destinations.change(tx, name, changed)
    return _Failing(failures, changed["retry_at"])


def _standing(booked: Sequence[Booked], failures: int, now: datetime, *, is_first: bool) -> DestinationValues:
    """How the destination is doing. Whoever names a time is believed once, and then tried each minute."""
    troubles = [answer.why for _, answer in booked if answer.verdict is not Verdict.ARRIVED]
    asked = max((answer.wait for _, answer in booked if answer.wait), default=timedelta(0))
    wait = min(asked, retries.LONGEST_WAIT_ASKED)
    if failures >= retries.OPEN_AFTER and not (wait and is_first):
        wait = max(wait, retries.PROBE_EVERY)
    values: DestinationValues = {
        "failures": failures,
        "retry_at": now + wait if wait else None,
        "trouble": troubles[-1] if troubles else None,
    }
    if any(answer.verdict is Verdict.ARRIVED for _, answer in booked):
        values["delivered_at"] = now
    return values


def _not_arrived(row: Dispatch, answer: Answer, now: datetime, chance: float) -> DispatchValues:
    first_at = row.first_at or now
    values: DispatchValues = {"attempts": row.attempts + 1, "first_at": first_at, "error": answer.why}
    if answer.verdict is Verdict.REFUSED or retries.is_given_up(first_at, now):
        return {**values, "state": DispatchState.PARKED}
    return {**values, "due_at": now + retries.wait_after(row.attempts + 1, chance, answer.wait)}


def _collect(
    tx: Connection, teller: Teller, destination: Destination, now: datetime, mark: Mark | None
) -> tuple[Mark | None, bool]:
    """Put what is new on its way. Gives the mark for the next round, and whether there is more to collect."""
    hook = teller.hook
    mark = mark or Mark(destinations.horizon(tx), now)
    if mark.horizon.last <= destination.cursor:
        return None, False
    if mark.horizon.xmax and (now - mark.at < _GRACE or not destinations.is_settled(tx, mark.horizon)):
        return mark, False
    found = destinations.happened(tx, after=destination.cursor, last=mark.horizon.last, limit=COLLECTED)
    if not found:  # numbers that were drawn and never committed
        destinations.change(tx, hook.name, {"cursor": mark.horizon.last})
        return None, False
    count = _enqueue(tx, hook, destination.sequence, found, now, newest_alone=teller.newest_alone)
    cursor: DestinationValues = {"cursor": found[-1].id, "sequence": destination.sequence + count}
    destinations.change(tx, hook.name, cursor)
    more = found[-1].id < mark.horizon.last
    return (mark if more else None), more


def _enqueue(
    tx: Connection,
    hook: Subscriber,
    given: int,
    found: Sequence[destinations.Happening],
    now: datetime,
    *,
    newest_alone: bool = False,
) -> int:
    wanted = [
        each
        for each in found
        if not each.detail.get("history")  # what was imported of a CRM's past is no news to anybody
        and is_wanted(each.kind, each.team, hook.events, hook.teams)
    ]
    if newest_alone:
        wanted = list({each.lead_id: each for each in wanted}.values())
        destinations.supersede(tx, hook.name, {each.lead_id or 0 for each in wanted})
    destinations.enqueue(
        tx,
        [
            {
                "destination": hook.name,
                "sequence": number,
                "event_id": each.id,
                "lead_id": each.lead_id or 0,
                "due_at": now,
            }
            for number, each in enumerate(wanted, start=given + 1)
        ],
    )
    return len(wanted)


def _rest(tx: Connection, name: str, now: datetime, mark: Mark | None) -> timedelta:
    if mark is not None:
        return _SOON
    due = destinations.next_due(tx, name)
    return LONGEST_REST if due is None else min(LONGEST_REST, max(due - now, _SOON))
