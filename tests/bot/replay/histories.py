"""Histories made up by a seed, played through the use cases: leads, clicks, absences, outages, agreements."""

from __future__ import annotations

import logging
import random
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from bot.agreement import LoadedAgreement, default_agreement, loaded
from bot.context import BATON
from bot.delivery.shown import cards_shown
from bot.errors import DomainError
from bot.handoffs import Accept, Reject, accept, note_activity, reject
from bot.handoffs.agreement import change_agreement
from bot.handoffs.away import ComeBack, GoAway, come_back, go_away
from bot.handoffs.away_leads import HandOn, hand_on
from bot.handoffs.dispute import Agree, Contest, Resubmit, Rule, agree, contest, resubmit, rule
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.returning import return_due, route_unrouted
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.handoffs.team_gone import offer_to_present_teams
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.ladder import tick
from bot.ladder.ownerless import next_able
from bot.ladder.stayed import next_opening
from bot.leadform import ActivityForm
from storage import clocks, heartbeats
from storage.database import Database
from storage.database.sql import Query
from storage.models import (
    OPEN_HANDOFF,
    Delivery,
    DeliveryState,
    Handoff,
    HandoffState,
    Outcome,
    Ruling,
    TouchKind,
    deliveries,
    events,
    handoffs,
    leads,
)
from tests.bot.ledger import MANAGER, MARKETER, RILEY, ROBIN, SASHA, TONI
from tests.bot.ticking import TickingLedger

REPS = (RILEY, ROBIN, SASHA, TONI)
TITLES = ("CTO", "VP Sales", "Analyst", "Intern", "Director of Operations", None)
KINDS = ("demo_request", "pricing_request", "webinar", "page_view", "email_click", "content_download", "call")
_LOG = logging.getLogger("test")
_TEXT = default_agreement().text


def changed(number: int) -> LoadedAgreement:
    """Another agreement than the default: other clocks, another line, another ladder."""
    text = re.sub(r"(?m)^version = .*$", f'version = "other-{number}"', _TEXT)
    for key, value in _CHANGES[number % len(_CHANGES)]:
        text, times = re.subn(key, value, text, count=1)
        assert times == 1, key
    return loaded(text)


_CHANGES: tuple[tuple[tuple[str, str], ...], ...] = (
    ((r'accept +?= "30m"', 'accept = "20m"'), (r'mql = "\w\d"', 'mql = "A2"')),
    (
        (r'accept +?= "4h"', 'accept = "6h"'),
        (r'"U0REP3", capacity = 30', '"U0REP3", weight = 3, capacity = 12'),
    ),
    ((r'mql = "\w\d"', 'mql = "C3"'), (r"points = 30", "points = 10")),
    ((r'assign  = "pool"', 'assign = "rotate"'), (r'"U0REP4",', '"U0REP4", per_day = 2,')),
    ((r'at = 1\.5,  do = "reassign"', 'at = 1.2, do = "pool"'),),
    ((r'first_touch = "15m"', 'first_touch = "30m"'), (r'opportunity += "\d+d"', 'opportunity = "3d"')),
)


class History:
    """Plays what a seed makes up, step by step; every look of Baton at its clocks happens on the way."""

    def __init__(self, database: Database, seed: int, *, changes: bool = True) -> None:
        self.chance = random.Random(seed)
        self.ledger = TickingLedger(database, agreement=changed(1) if changes else default_agreement())
        self.changes = changes
        self.done: Counter[str] = Counter()
        self.leads = 0
        self.slack_away = 0.0

    # ---- time

    def passes(self, by: timedelta, *, outage: bool = False) -> None:
        """Time goes by, and Baton looks at what falls due within a second; in an outage it does not."""
        ledger = self.ledger
        until = ledger.now + by
        if outage:
            beat = ledger.now
            ledger.now = until
            ledger.database.write_now(lambda tx: heartbeats.beat(tx, "engine", beat))
            ledger.database.write_now(heartbeats.beat_noting_outage, "engine", until, timedelta(seconds=60))
            self.looks()
            return
        if by > timedelta(seconds=1):  # it looks every second
            self._looks_from(ledger.now, until)
        while (due := ledger.database.read_now(_next_moment, ledger)) is not None and due <= until:
            self._looks_from(due, until)
        ledger.now = until

    def _looks_from(self, due: datetime, until: datetime) -> None:
        """A look within a second, and one every second on while leads wait and a look does anything."""
        ledger, told = self.ledger, -1
        while True:
            ledger.now = min(until, due + timedelta(seconds=self.chance.random()))
            self.looks()
            newest = ledger.database.read_now(_newest_event_while_leads_wait, ledger.now)
            if newest in (None, told):
                return
            due, told = ledger.now + timedelta(seconds=1), newest

    def looks(self) -> None:
        """A tick, and what Slack is given."""
        self.delivers()
        while self.ledger.does(BATON, tick).more:
            self.ledger.now += timedelta(milliseconds=7)

    def delivers(self) -> None:
        """Slack takes what waits, unless it is away; what comes late starts its clock anew."""
        if self.slack_away > 0:
            return
        ledger = self.ledger
        ledger.database.write_now(_deliver, ledger)

    # ---- what happens

    def plays(self, count: int) -> None:
        """So many leads come, with all that goes on beside."""
        deeds = (*(self._lead,) * 4, *(self._click,) * 8, *(self._record,) * 2, *(self._activity,) * 2)
        rare = (self._away, self._policy, self._outage, self._slack, self._day)
        while self.leads < count:
            act = self.chance.choice(rare) if self.chance.random() < 0.06 else self.chance.choice(deeds)
            self.passes(
                timedelta(
                    minutes=self.chance.choice((0, 1, 3, 7, 20, 45, 90)), seconds=self.chance.random() * 59
                )
            )
            try:
                act()
                self.done[act.__name__] += 1
            except DomainError as no:
                self.done[type(no).__name__] += 1
            if self.chance.random() < 0.5 or self.slack_away <= 0:
                self.delivers()
            if self.slack_away > 0:
                self.slack_away -= 1
        self.passes(timedelta(days=3))

    def _lead(self) -> None:
        self.leads += 1
        firm = self.chance.randrange(40)
        told: dict[str, Any] = {
            "email": f"p{self.leads}@firm{firm}.example",
            "first_name": "Ann",
            "last_name": f"Number{self.leads}",
            "title": self.chance.choice(TITLES),
            "company": f"Firm {firm}",
            "employees": self.chance.choice((5, 20, 60, 250, 900)),
            "source": self.chance.choice(("Webinar", "Organic Search", None)),
            "qualified": self.chance.random() < 0.1 or None,
            "activities": self._activities(),
            "visits": self.chance.choice((None, 3, 30)),
        }
        self.ledger.tells("api:crm", **{name: value for name, value in told.items() if value is not None})

    def _activities(self) -> list[dict[str, str]]:
        return [
            {
                "type": self.chance.choice(KINDS),
                "at": (self.ledger.now - timedelta(hours=self.chance.choice((0, 2, 40, 300)))).isoformat(),
            }
            for _ in range(self.chance.randrange(3))
        ]

    def _record(self) -> None:
        number = self.chance.randrange(max(self.leads, 1)) + 1
        row = self._lead_row(number)
        if row is None:
            return
        told: dict[str, Any] = {"email": row, "last_name": f"Number{number}"}
        told |= self.chance.choice(
            (
                {"title": self.chance.choice(TITLES[:4])},
                {"employees": self.chance.choice((5, 20, 250))},
                {"phone": f"+1 212 555 {self.chance.randrange(1000, 9999)}"},
                {"qualified": True},
                {"activities": self._activities(), "visits": self.chance.randrange(50)},
                {"industry": "Software", "notes": "seen"},
            )
        )
        self.ledger.tells("api:crm", **told)

    def _activity(self) -> None:
        number = self.chance.randrange(max(self.leads, 1)) + 1
        kind = self.chance.choice(KINDS)
        if self._lead_row(number) is not None:
            form = ActivityForm(type=kind, at=self.ledger.now)
            self.ledger.does("api:crm", note_activity, number, form)

    def _lead_row(self, number: int) -> str | None:
        wanted = select(leads.c.email).where(leads.c.id == number)
        return self.ledger.database.read_now(lambda tx: tx.execute(wanted).scalar_one_or_none())

    def _some(self, *states: HandoffState) -> Handoff:
        wanted = select(handoffs).where(handoffs.c.state.in_(states)).order_by(handoffs.c.id.desc()).limit(40)
        rows = self.ledger.database.read_now(Query(Handoff, wanted).all)
        if not rows:
            raise DomainError
        return self.chance.choice(rows)

    def _click(self) -> None:
        getattr(self, f"_{self.chance.choice(_CLICKS)}")()

    def _whoever(self, found: Handoff) -> str:
        team = self.ledger.book.current.team(found.team)
        reps = [rep.user for rep in team.reps] if team is not None else list(REPS)
        return found.owner or self.chance.choice(reps)

    def _accepts(self) -> None:
        found = self._some(HandoffState.WAITING)
        by = MANAGER if self.chance.random() < 0.1 else self._whoever(found)
        self.ledger.does(by, accept, Accept(found.id))
        if self.chance.random() < 0.1:
            self.passes(timedelta(seconds=20))
            self.ledger.does(by, undo, Undo(found.id))

    def _rejects(self) -> None:
        found = self._some(HandoffState.WAITING)
        reason = self.chance.choice(_REASONS)
        team = None
        if reason == "wrong_territory":
            team = self.chance.choice([each.name for each in self.ledger.book.current.teams])
        by = self._whoever(found)
        self.ledger.does(by, reject, Reject(found.id, reason, "seen", team=team))
        if self.chance.random() < 0.1:
            self.passes(timedelta(seconds=20))
            self.ledger.does(by, undo, Undo(found.id))

    def _touches(self) -> None:
        found = self._some(HandoffState.ACCEPTED)
        self.ledger.does(self._whoever(found), touch, Touch(found.id, TouchKind.CALL))

    def _outcomes(self) -> None:
        found = self._some(HandoffState.ACCEPTED)
        what = self.chance.choice(
            (Outcome.SQL, Outcome.OPPORTUNITY, Outcome.WON, Outcome.LOST, Outcome.RECYCLED)
        )
        until = (self.ledger.now + timedelta(days=5)).date().isoformat()
        entered = Entered(amount="1000", currency="USD", deal_on="2027-12-24", until=until)
        self.ledger.does(self._whoever(found), set_outcome, SetOutcome(found.id, what, entered))

    def _snoozes(self) -> None:
        found = self._some(*OPEN_HANDOFF)
        self.ledger.does(
            self._whoever(found),
            snooze,
            Snooze(found.id, self.chance.choice(("15m", "1h", "tomorrow")), "busy"),
        )

    def _more_time(self) -> None:
        found = self._some(*OPEN_HANDOFF)
        self.ledger.does(
            MANAGER, give_more_time, MoreTime(found.id, self.chance.choice(("1h", "1d")), "busy")
        )

    def _reassigns(self) -> None:
        found = self._some(*OPEN_HANDOFF)
        self.ledger.does(MANAGER, reassign, Reassign(found.id, self.chance.choice(REPS)))

    def _takes(self) -> None:
        self.ledger.does(MANAGER, take, Take(self._some(*OPEN_HANDOFF).id))

    def _disputes(self) -> None:
        found = self._some(HandoffState.REJECTED)
        what = self.chance.randrange(4)
        if what == 0:
            self.ledger.does(MARKETER, agree, Agree(found.id))
        elif what == 1:
            corrected = {"phone": f"+1 212 555 {self.chance.randrange(1000, 9999)}", "employees": "300"}
            self.ledger.does(MARKETER, resubmit, Resubmit(found.id, corrected))
        else:
            self.ledger.does(MARKETER, contest, Contest(found.id, "They are real."))
            self.passes(timedelta(minutes=self.chance.randrange(60)))
            ruling = self.chance.choice((Ruling.UPHELD, Ruling.OVERTURNED))
            self.ledger.does(MANAGER, rule, Rule(found.id, ruling))

    def _away(self) -> None:
        user = self.chance.choice(REPS)
        if self.chance.random() < 0.4:
            self.ledger.does(user, come_back, ComeBack())
            return
        self.ledger.does(user, go_away, GoAway(self.chance.choice(("", "tomorrow", "2h", "friday"))))
        if self.chance.random() < 0.5:
            self.ledger.does(user, hand_on, HandOn(user, (), ()))

    def _policy(self) -> None:
        if not self.changes:
            return
        agreement = changed(self.chance.randrange(len(_CHANGES)))
        told = self.ledger.does(BATON, change_agreement, agreement)
        if told is not None:
            self.ledger.book.go_by(told.book)
            self.ledger.does(BATON, offer_to_present_teams, 0)
            self.ledger.does(BATON, route_unrouted, 0)

    def _outage(self) -> None:
        self.passes(timedelta(minutes=self.chance.choice((2, 30, 300))), outage=True)

    def _slack(self) -> None:
        self.slack_away = 4

    def _day(self) -> None:
        self.passes(timedelta(hours=self.chance.choice((8, 20, 48))))
        self.ledger.does(BATON, return_due)


_REASONS = ("bad_contact", "too_small", "low_intent", "junk", "wrong_territory", "existing_customer")
_OUTCOMES = (Outcome.SQL, Outcome.OPPORTUNITY, Outcome.WON, Outcome.LOST, Outcome.RECYCLED)
_CLICKS = (
    *("accepts",) * 8,
    *("rejects",) * 4,
    *("touches",) * 4,
    *("outcomes",) * 4,
    *("snoozes", "more_time", "reassigns", "takes", "disputes"),
)


def _next_moment(tx: Connection, ledger: TickingLedger) -> datetime | None:
    """When a clock falls due next, or somebody may be able for whom a lead waits."""
    able = next_able(tx, ledger.book, ledger.now), next_opening(tx, ledger.book, ledger.now)
    return min(filter(None, (clocks.next_moment(tx, ledger.now), *able)), default=None)


def _newest_event_while_leads_wait(tx: Connection, now: datetime) -> int | None:
    """Tells whether a look did anything; None where no lead waits for somebody."""
    waits, *_ = clocks.to_do(tx, now)
    return tx.execute(select(func.max(events.c.id))).scalar_one() if waits else None


_SHOWN = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("number"))
    .values(
        state=DeliveryState.SENT,
        channel=deliveries.c.place,
        ts=bindparam("shown_as"),
        sent_at=bindparam("now", type_=deliveries.c.sent_at.type),
    )
)


def _deliver(tx: Connection, ledger: TickingLedger) -> None:
    going = select(deliveries).where(
        deliveries.c.state == DeliveryState.PENDING, deliveries.c.due_at <= ledger.now
    )
    rows = Query(Delivery, going.order_by(deliveries.c.id)).all(tx)
    if rows:
        tx.execute(_SHOWN, [{"number": row.id, "shown_as": f"{row.id}.0", "now": ledger.now} for row in rows])
        cards_shown(tx, ledger.book, _LOG, rows, ledger.now, ledger.now)
