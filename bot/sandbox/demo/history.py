"""Four weeks of a small company, played through the real use cases: who did what, and when.

What happens to each lead stands in fates.py, who they are comes from cast.py. People keep their own hours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.model import Team
from bot.agreement.vocabulary import ReasonKind
from bot.context import BATON
from bot.digest.deciding import Decide, decide
from bot.digest.posting import DIGEST, due_digest, post_digest, weekly_report
from bot.handoffs import Accept, Reject, accept, reject, take_in
from bot.handoffs.dispute import Agree, Contest, Resubmit, Rule, agree, contest, resubmit, rule
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.outcome_fields import Entered
from bot.handoffs.snooze import Snooze, snooze
from bot.handoffs.touch import Touch, touch
from bot.leadform import read_lead
from bot.rules.worktime import WorkCalendar, hours_for
from bot.sandbox.demo import fates
from bot.sandbox.demo.cast import Cast, campaign_in
from bot.sandbox.demo.past import Past
from storage import clocks, handoffs, reports
from storage.models import ClockKind, HandoffState, Outcome, Ruling, TouchKind

WEEK = timedelta(days=7)
LENGTH = WEEK * len(fates.WEEKS)
DIGESTS = 2
"""How many of the last digests are in the channel."""

Fate = Sequence[str]

_DEALS: dict[str, tuple[Outcome, ...]] = {
    "sql": (Outcome.SQL,),
    "deal": (Outcome.SQL, Outcome.OPPORTUNITY),
    "won": (Outcome.SQL, Outcome.OPPORTUNITY, Outcome.WON),
    "lost": (Outcome.SQL, Outcome.OPPORTUNITY, Outcome.LOST),
}
_HOURS = {
    Outcome.SQL: (3, 18),
    Outcome.OPPORTUNITY: (8, 24),
    Outcome.WON: (20, 40),
    Outcome.LOST: (16, 40),
    Outcome.DISQUALIFIED: (4, 20),
}
"""Working hours from one step to the next, at least and at most."""
_CONTACTS = (TouchKind.CALL, TouchKind.EMAIL, TouchKind.MEETING)
_RULED = {"upheld": Ruling.UPHELD, "overturned": Ruling.OVERTURNED}
_ON_AGAIN: Fate = ("sql",)


class History:
    """Plans the past of one workspace. `until` is the present, aware UTC."""

    def __init__(self, past: Past, rng: Random, until: datetime) -> None:
        self.past, self.tx, self.book = past, past.tx, past.book
        self.agreement = past.book.current
        self.rng, self.until = rng, until
        self.cast = Cast(rng)
        self.hours = hours_for(self.agreement, None)
        self.zone = ZoneInfo(self.agreement.timezone)

    def plan(self) -> None:
        """Plan every lead's arrival, and the digests; what follows from them is planned as they happen."""
        for number, week in enumerate(fates.WEEKS):
            begins = self.until - LENGTH + number * WEEK
            for moment, fate in zip(self._moments(begins, len(week)), self._mixed(week), strict=True):
                self.past.at(moment, self._arrival(fate))
        for minutes, fate in fates.TODAY:
            self.past.at(self.until - timedelta(minutes=minutes), self._arrival(fate))
        due = due_digest(self.agreement, self.until)
        for ago in range(DIGESTS if due else 0):
            self.past.at(self.until if due is None else due.since - ago * WEEK, self._digest)

    def _mixed(self, week: Sequence[Fate]) -> list[Fate]:
        """The week in an order of chance; first the leads whose question is still to be open at its end."""
        mixed = list(week)
        self.rng.shuffle(mixed)
        return sorted(mixed, key=lambda fate: fate[-1] not in fates.OPEN_QUESTIONS)

    def _moments(self, begins: datetime, count: int) -> list[datetime]:
        """So many moments in the week from then, most of them in working hours."""
        first = begins.astimezone(self.zone).date()
        mornings = [
            datetime.combine(first + timedelta(days=day), time(8), self.zone).astimezone(UTC)
            for day in range(1 if begins + WEEK < self.until else 0, 7)
        ]
        days = [one for one in mornings if self.hours.is_open(one + timedelta(hours=2))]
        chosen = [days[index * len(days) // count] for index in range(count)]
        return [day + timedelta(seconds=self._seconds()) for day in chosen]

    def _seconds(self) -> int:
        """After eight in the morning: mostly in the day, now and then at night."""
        return (
            self.rng.randrange(13 * 3600, 23 * 3600)
            if self.rng.random() < 0.08
            else self.rng.randrange(9 * 3600)
        )

    # ---- one lead

    def _arrival(self, fate: Fate) -> Callable[[datetime], None]:
        def arrive(at: datetime) -> None:
            large = True if "large" in fate else (False if "small" in fate else None)
            lead = self.cast.lead(fate[0], at, large=large, campaign=campaign_in(fate))
            form = read_lead(lead, now=at)
            taken = take_in(self.tx, self.past.as_("api:website", at), form)
            if taken.handoff_id is not None and len(fate) > 2:
                self._await_decision(taken.handoff_id, fate)

        return arrive

    def _await_decision(self, handoff_id: int, fate: Fate) -> None:
        share = 1.55 if "reassigned" in fate else self._share(late="late" in fate)
        moment = self._on_clock(handoff_id, ClockKind.ACCEPT, share)
        if moment is not None:
            self.past.at(moment, lambda at: self._decide(handoff_id, fate, at))

    def _decide(self, handoff_id: int, fate: Fate, at: datetime) -> None:
        row = handoffs.get(self.tx, handoff_id)
        if row is None or row.state != HandoffState.WAITING:
            return
        if "reassigned" in fate and row.reassigned:  # the new owner has a clock of their own
            self._await_decision(handoff_id, [word for word in fate if word != "reassigned"])
            return
        who = row.owner or self._on_shift(row.team, at)
        reason = self._reason(fate, ReasonKind.REJECT)
        if reason is None:
            accept(self.tx, self.past.as_(who, at), Accept(handoff_id))
            self._work(handoff_id, who, fate)
            return
        note = fates.NOTES.get(reason)
        reject(self.tx, self.past.as_(who, at), Reject(handoff_id, reason, note))
        if reason == "wrong_territory":
            self._await_decision(handoff_id, [word for word in fate if word != reason])
        else:
            self._answer(handoff_id, row.campaign, fate, at)

    def _work(self, handoff_id: int, who: str, fate: Fate) -> None:
        """The owner gets in touch, unless that is still to come."""
        if "accepted" in fate:
            return
        share = self._share(late="slow" in fate)
        moment = self._on_clock(handoff_id, ClockKind.FIRST_TOUCH, share)
        if moment is None:
            return
        if "snoozed" in fate:
            before = self._on_clock(handoff_id, ClockKind.FIRST_TOUCH, share / 3)
            self.past.at(before or moment, lambda at: self._snooze(handoff_id, who, at))
        self.past.at(moment, lambda at: self._touch(handoff_id, who, fate, at))

    def _snooze(self, handoff_id: int, who: str, at: datetime) -> None:
        snooze(self.tx, self.past.as_(who, at), Snooze(handoff_id, "1h", fates.SNOOZED_BECAUSE))

    def _touch(self, handoff_id: int, who: str, fate: Fate, at: datetime) -> None:
        touch(self.tx, self.past.as_(who, at), Touch(handoff_id, self.rng.choice(_CONTACTS)))
        steps = next((_DEALS[word] for word in fate if word in _DEALS), ())
        code = self._reason(fate, ReasonKind.DISQUALIFY)
        self._outcomes(handoff_id, who, (*steps, *([Outcome.DISQUALIFIED] if code else [])), code, at)

    def _outcomes(
        self, handoff_id: int, who: str, steps: Sequence[Outcome], code: str | None, at: datetime
    ) -> None:
        """One step after the other, faster where the present is near: what began in time is done by now."""
        hours = self._hours_of(handoff_id, who)
        waits = [timedelta(hours=self.rng.uniform(*_HOURS[step])) for step in steps]
        there = max(timedelta(0), hours.between(at, self.until) - timedelta(hours=1))
        fits = min(1.0, there / sum(waits, timedelta(seconds=1)))
        worth = self.rng.randrange(12, 76) * 500
        for step, wait in zip(steps, waits, strict=True):
            at = hours.after(at, wait * fits)
            self.past.at(at, self._outcome(handoff_id, who, step, worth, code))

    def _outcome(
        self, handoff_id: int, who: str, step: Outcome, worth: int, code: str | None
    ) -> Callable[[datetime], None]:
        def tell(at: datetime) -> None:
            closes = (at + timedelta(days=self.rng.randrange(14, 60))).astimezone(self.zone).date()
            entered = {
                Outcome.OPPORTUNITY: Entered(amount=str(worth), currency="USD", deal_on=closes.isoformat()),
                Outcome.WON: Entered(amount=str(worth), currency="USD"),
                Outcome.DISQUALIFIED: Entered(reason=code, note=fates.NOTES.get(code or "")),
            }
            command = SetOutcome(handoff_id, step, entered.get(step, Entered()))
            set_outcome(self.tx, self.past.as_(who, at), command)

        return tell

    # ---- marketing's side

    def _answer(self, handoff_id: int, campaign: str | None, fate: Fate, at: datetime) -> None:
        answers = {
            "agreed": lambda ctx: agree(self.tx, ctx, Agree(handoff_id)),
            "resubmitted": lambda ctx: resubmit(self.tx, ctx, self._correction(handoff_id)),
            **dict.fromkeys(
                ("contested", "upheld", "overturned"),
                lambda ctx: contest(self.tx, ctx, Contest(handoff_id, self._argument(fate))),
            ),
        }
        found = next((word for word in fate if word in answers), None)
        known = self.agreement.campaign(campaign)
        who = (known and known.owner) or self.agreement.roles.marketing[0]
        if found is None:
            return

        def say(moment: datetime) -> None:
            answers[found](self.past.as_(who, moment))
            if found in _RULED:
                self._after(moment, 2, 8, lambda later: self._rule(handoff_id, _RULED[found], later))
            self._begin_again(handoff_id)

        self._after(at, 2, 11, say)

    def _correction(self, handoff_id: int) -> Resubmit:
        number = f"+1 555 02{self.rng.randrange(100):02}"
        return Resubmit(handoff_id, {"phone": number}, "They sent us their direct line")

    def _rule(self, handoff_id: int, ruling: Ruling, at: datetime) -> None:
        row = handoffs.get(self.tx, handoff_id)
        team = self.agreement.team(row.team) if row is not None else None
        if team is not None:
            rule(self.tx, self.past.as_(team.manager, at), Rule(handoff_id, ruling))
            self._begin_again(handoff_id)

    def _begin_again(self, handoff_id: int) -> None:
        """A lead that came to sales anew is worked like any other."""
        before = handoffs.get(self.tx, handoff_id)
        newest = handoffs.latest_of_lead(self.tx, before.lead_id) if before is not None else None
        if newest is not None and newest.id != handoff_id:
            self._await_decision(newest.id, _ON_AGAIN)

    # ---- the weekly report

    def _digest(self, at: datetime) -> None:
        due = due_digest(self.agreement, at)
        if due is None:
            return
        report = weekly_report(self.tx, self.book, due.span, due.channel, at)
        post_digest(self.tx, self.past.as_(BATON, at), report, due.channel)
        for number, point in enumerate(report.agenda, 4):
            if at + WEEK < self.until:  # what the last one says is still to be talked about
                what = next(what for part, what in fates.DECISIONS.items() if part in point.key)
                self.past.at(at + timedelta(minutes=5 * number), self._agreed(due.channel, point.key, what))

    def _agreed(self, channel: str, key: str, what: str) -> Callable[[datetime], None]:
        def say(at: datetime) -> None:
            posted = reports.latest(self.tx, DIGEST, channel, before=at)
            manager = self.agreement.teams[0].manager
            if posted is not None:
                until = (at + WEEK).date()
                decide(self.tx, self.past.as_(manager, at), Decide(posted.id, key, what, manager, until))

        return say

    # ---- when

    def _share(self, *, late: bool) -> float:
        """After how much of a clock somebody acts."""
        return self.rng.uniform(1.08, 1.42) if late else self.rng.uniform(0.12, 0.68)

    def _on_clock(self, handoff_id: int, kind: ClockKind, share: float) -> datetime | None:
        """The moment at which so much of a running clock has passed."""
        clock = clocks.running_of_kind(self.tx, handoff_id, kind)
        if clock is None:
            return None
        hours = self._hours_of(handoff_id, clock.owner)
        return hours.after(clock.started_at, timedelta(seconds=clock.duration * share))

    def _hours_of(self, handoff_id: int, user: str | None) -> WorkCalendar:
        row = handoffs.get(self.tx, handoff_id)
        team = self.agreement.team(row.team) if row is not None else None
        return hours_for(self.agreement, team, team.rep(user) if team and user else None)

    def _on_shift(self, name: str, at: datetime) -> str:
        """A rep of the team who is at work, else whoever begins first."""
        team = self.agreement.team(name) or self.agreement.teams[0]
        return self._first_at_work(team, at)

    def _first_at_work(self, team: Team, at: datetime) -> str:
        reps = list(team.reps)
        self.rng.shuffle(reps)
        return min(reps, key=lambda rep: hours_for(self.agreement, team, rep).opens_next(at)).user

    def _after(self, at: datetime, least: float, most: float, act: Callable[[datetime], None]) -> None:
        """So many working hours later."""
        self.past.at(self.hours.after(at, timedelta(hours=self.rng.uniform(least, most))), act)

    def _argument(self, fate: Fate) -> str:
        return fates.ARGUMENTS[self._reason(fate, ReasonKind.REJECT) or ""]

    def _reason(self, fate: Fate, kind: ReasonKind) -> str | None:
        """The code in the fate that is a reason of this kind."""
        found = (self.agreement.reason(word) for word in fate)
        return next((reason.code for reason in found if reason is not None and reason.kind == kind), None)


def write_history(tx: Connection, book: AgreementBook, seed: int, until: datetime) -> None:
    """Write the past of the sample workspace up to this moment (aware UTC). The same seed, the same past."""
    past = Past(tx, book, until - LENGTH)
    History(past, Random(seed), until).plan()
    past.play(until)
