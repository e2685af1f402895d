"""Keeps the ladder going: a beat, a tick, an audit, and the demo's jump from one due moment to the next.

It remembers nothing that matters: all that is due is due in a row, whoever looks at it next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.clock import Clock
from bot.context import BATON, Context
from bot.engine.audit import Findings, audit, forget_old_rewrites
from bot.handoffs.away_notices import speak_of_absences
from bot.handoffs.renewal import renew_cards, renew_company_keys
from bot.handoffs.returning import return_due, route_unrouted
from bot.ladder.ownerless import next_able
from bot.ladder.stayed import next_opening
from bot.ladder.ticking import BATCH, tick
from bot.ladder.vacancies import look_for_nobody
from bot.logs import begin_trace
from bot.lookups.strays import strays_of, teams_astray
from bot.rules import sla
from bot.spans import Attribute, began, record
from bot.views.strays import other_agreements, stray_words
from storage import absences, ahead, clocks, disputes, heartbeats, history, leads, replicas
from storage.database import Database, DatabaseAway
from storage.outbox import bounds, lanes, nags

T = TypeVar("T")

BEAT_EVERY = 10.0
"""Real seconds between two heartbeats."""
LATE_AFTER = 35.0
"""Real seconds without a beat after which the ticker hangs, or cannot write."""
LONGEST_STEP = timedelta(seconds=30)
"""How far the clock may go between two ticks, however fast it runs."""
A_TICK = timedelta(seconds=1)
"""What falls due within it is looked at together, in a jump as by the clock."""
ENGINE, AUDITOR = "engine", "auditor"
FIRST_AUDIT_AFTER = 30.0
AUDIT_LATE_AFTER = 150.0
PURGE_EVERY = 3600.0
"""Real seconds between two looks for what was refused so long ago that it is kept no longer."""
FAR_AHEAD = timedelta(minutes=10)
"""A beat further in the future than this was not left by another machine whose clock is a little ahead."""
SENT_WITHIN = 0.3
"""Real seconds that a jump waits at each moment for the reminders that fell due then."""


class Ticker:
    """Looks at what is due, for as long as somebody asks it to. Several may share a database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        book: AgreementBook,
        log: logging.Logger,
        is_clock_right: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._is_clock_right, self._clock_is_wrong, self._jumps = is_clock_right, False, clock.jumps_believed
        self._database, self._clock, self._book, self._log = database, clock, book, log
        self._one_at_a_time = asyncio.Lock()
        self._begun_at: float | None = None
        self._beaten_at: float | None = None
        self._beaten_real = clock.real()
        self._speed = 1.0
        self._tried_under: int | None = None
        self._found: tuple[float, Findings] | None = None
        self._forgotten = 0
        self._rekeyed: int | None = 0
        self._purged_at: float | None = None
        self._others: Sequence[str] = ()
        self._newest, self._gone_back = 0, ""
        self.name = replicas.own_name()

    @property
    def interval(self) -> float:
        """The real seconds from one tick to the next: one, or as long as 30 s of a faster clock take."""
        return min(1.0, LONGEST_STEP.total_seconds() / max(1.0, self._clock.speed))

    async def tick(self) -> None:
        """Look at everything that is due now. Raises DatabaseAway."""
        async with self._one_at_a_time:
            await self._tick()

    async def advance(self, to: datetime) -> None:
        """Move the clock ahead to a moment, through every due moment on the way. It is no downtime.

        Raises DatabaseAway, with the clock at the last moment that was looked at.
        """
        async with self._one_at_a_time:
            await self._tick()
            while (moment := await self.next_due_moment()) is not None and moment <= to:
                await self._jump(min(moment + A_TICK, to))
            await self._jump(to)

    async def next_due_moment(self) -> datetime | None:
        """The next moment at which a clock, a reminder that waits or a lead in nurture falls due, if any."""
        now, wire = self._clock.now(), self._clock.wire()
        found = await self._database.read(_next_moments, self._book, now, wire)
        return min(found, default=None)

    async def audit(self) -> None:
        """Look for what should have happened and did not. Raises DatabaseAway.

        Not in the first seconds: what was left undone before the start is being done then.
        """
        loop = asyncio.get_running_loop()
        if self._begun_at is not None and loop.time() - self._begun_at < FIRST_AUDIT_AFTER:
            return
        from bot.handoffs.dispute import ask_who_decides
        from bot.handoffs.leaving import report_who_left  # a start does not wait for what an audit needs
        from bot.handoffs.refused import forget_old_refused

        if bounded := await self._do(_bound):
            self._log.warning("%d things waited for longer than they can, and go now", bounded)
        found = await self._do(audit, self._clock.speed)
        self._found = loop.time(), found
        if found.well:
            await self._database.write(heartbeats.beat, AUDITOR, self._clock.now())
        else:
            self._log.error("the auditor: %s", found)
        await self._do(report_who_left)
        await self._do(ask_who_decides)
        self._forgotten = await self._do(forget_old_rewrites, self._forgotten)
        if self._purged_at is None or loop.time() - self._purged_at >= PURGE_EVERY:
            while await self._do(forget_old_refused):
                pass
            if self._purged_at is not None and not self._others:  # else two would pass leads back and forth
                self._tried_under = None  # what came in by another process's agreement is fitted to this one
            self._purged_at = loop.time()

    def health(self) -> tuple[bool, str]:
        """Whether it turns, and a sentence that says so."""
        if self._clock_is_wrong:
            return False, "The engine waits: this machine's clock is wrong, as `clock` says."
        if self._gone_back:
            return False, self._gone_back
        if self._beaten_at is None:
            return False, "The engine has not run yet."
        silent = asyncio.get_running_loop().time() - self._beaten_at
        if silent > LATE_AFTER:
            return False, f"The engine has not run for {silent:.0f} s."
        return True, "The engine is running."

    def auditors_word(self) -> tuple[bool, str]:
        """Whether the last audit found all well, and what it said."""
        if self._found is None:
            return True, "The auditor has not looked yet."
        at, found = self._found
        ago = asyncio.get_running_loop().time() - at
        if ago > AUDIT_LATE_AFTER:
            return False, f"The auditor has not looked for {ago:.0f} s."
        return found.well, str(found)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._begun_at = self._begun_at or loop.time()
        due = self._is_beat_due()
        if due and self._is_clock_right is not None:
            self._clock_is_wrong = not await self._is_clock_right()
        if self._clock_is_wrong:  # nobody's clock is judged by it
            return
        if due:
            self._jumps = self._clock.jumps_believed
            await self._set_right()
            await self._beat(sla.LONGEST_BEAT * max(1.0, self._speed, self._clock.speed))
        await self._see_whether_it_went_back()
        if due or self._tried_under != self._book.current_id:
            await self._hand_off()
        await self._climb()
        await self._rekey()

    def _is_beat_due(self) -> bool:
        """Whether to beat before anything else: so that a gap is seen before what fell due in it is judged.

        The machine may have slept, for which the event loop's own clock stands still, or its clock was set.
        """
        real = self._clock.real()
        if self._beaten_at is None or self._jumps != self._clock.jumps_believed:
            return True
        by_loop = asyncio.get_running_loop().time() - self._beaten_at
        return max(by_loop, abs(real - self._beaten_real).total_seconds()) >= BEAT_EVERY

    async def _hand_off(self) -> None:
        """Let leads come back whose day has come; under a new agreement, try those that nobody has."""
        try:
            while await self._do(return_due) or await self._do(speak_of_absences):
                pass
            await self._do(look_for_nobody)
            if self._tried_under != (under := self._book.current_id):
                await self._fit_to_agreement()
                self._tried_under = under
        except DatabaseAway:
            raise
        except Exception:  # the clocks must not wait for it
            self._log.exception("leads that should go to sales did not")

    async def _rekey(self) -> None:
        """Make the next keys of companies anew after an update: a few a tick, so that no click waits."""
        if (after := self._rekeyed) is not None:
            self._rekeyed = None  # what cannot be done is tried again by the next start
            self._rekeyed = await self._database.write(renew_company_keys, after)

    async def _fit_to_agreement(self) -> None:
        """Offer what no team matched before, and what names something that the agreement no longer has."""
        tried: int | None = 0
        while tried is not None:
            tried = await self._do(route_unrouted, tried)
        renewed: int | None = 0
        while renewed is not None:
            renewed = await self._do(renew_cards, renewed)
        teams = await self._database.read(teams_astray, self._book)
        gone: int | None = 0 if teams else None
        if gone is not None:
            from bot.handoffs.team_gone import offer_to_present_teams  # seldom is a team gone

        while gone is not None:
            gone = await self._do(offer_to_present_teams, gone, teams)
        if await self._database.read(lanes.refused):
            from bot.handoffs.elsewhere import leave_refused_channels  # seldom does Slack refuse one

            while await self._do(leave_refused_channels):
                pass
        if await self._database.read(disputes.undecided):
            from bot.handoffs.dispute import ask_who_decides

            await self._do(ask_who_decides)
        for stray in await self._database.read(strays_of, self._book):
            says, remedy = stray_words(stray)
            self._log.warning("the agreement in force: %s. %s", says, remedy)

    async def _climb(self) -> None:
        """Look at due clocks until none is left; one that cannot be looked at is put off, not the others."""
        limit = BATCH[self._database.dialect]
        while True:
            try:
                ctx, since = self._context(), began()
                if self._jumps != self._clock.jumps_believed:
                    return  # the next tick beats first
                ticked = await self._database.write(tick, ctx, limit)
                if ticked.looked_at:
                    record("tick", ctx.trace, since, {Attribute.CLOCKS: ticked.looked_at})
                    self._log.info("looked at %d due clocks", ticked.looked_at)
                if not ticked.more:
                    return
            except DatabaseAway:
                raise
            except Exception:  # narrowed down to the one clock at fault, which is put off
                self._log.exception("a look at %d due clocks failed", limit)
                if limit == 1:
                    await self._do(_put_off_first)
                limit = max(1, limit // 8)

    async def _jump(self, to: datetime) -> None:
        self._clock.jump(max(to - self._clock.now(), timedelta(0)))
        await self._beat(timedelta.max)
        await self._hand_off()
        await self._climb()
        end = asyncio.get_running_loop().time() + SENT_WITHIN
        while asyncio.get_running_loop().time() < end:
            if not await self._database.read(nags.are_going, self._clock.wire()):
                return
            await asyncio.sleep(0.02)

    async def _beat(self, longest: timedelta) -> None:
        gap = await self._database.write(heartbeats.beat_noting_outage, ENGINE, self._clock.now(), longest)
        await self._say_at_work()
        self._beaten_at, self._speed = asyncio.get_running_loop().time(), self._clock.speed
        self._beaten_real = self._clock.real()
        if gap is not None:
            began, ended = gap
            self._log.warning("Baton was not running from %s to %s", began.isoformat(), ended.isoformat())

    async def _set_right(self) -> None:
        """Move what was written under a clock that ran ahead back to the time that it is."""
        now = self._clock.now()
        if await self._database.read(ahead.is_ahead, ENGINE, now, FAR_AHEAD):
            moved = await self._database.write(ahead.set_right, (ENGINE,), now)
            self._log.warning("the clock was set back: %d running clocks were moved back with it", moved)
            await self._do(_bound)

    async def _say_at_work(self) -> None:
        """Tell the other Batons by which agreement this one goes; the log says when theirs is another."""
        mine = self._book.text_hash
        await self._database.write(replicas.beat, self.name, self._clock.wire(), mine)
        others = await self._database.read(replicas.of_another_agreement, mine)
        if others and others != self._others:
            self._log.error("%s", other_agreements(others))
        self._others = others

    async def _see_whether_it_went_back(self) -> None:
        """Whether the history has lost its end: what is in it stays in it, as long as nothing is restored."""
        was, self._newest = self._newest, await self._database.read(history.newest)
        if self._newest < was and not self._gone_back:
            self._gone_back = (
                f"The database went back to an older state: its newest event was {was}, now it is "
                f"{self._newest}. It was restored, or its server failed over. What came between is only in "
                "Slack. Say so in the channels, then restart Baton."
            )
            self._log.error("%s", self._gone_back)

    async def leave(self) -> None:
        """Say that this one ends, so that the next to start does not take it for one at work."""
        with suppress(DatabaseAway):  # then that is seen within a minute
            await self._database.write(replicas.leave, self.name)

    async def _do(self, work: Callable[..., T], *args: object) -> T:
        return await self._database.write(work, self._context(), *args)

    def _context(self) -> Context:
        return Context(self._clock.now(), self._clock.wire(), self._book, BATON, begin_trace())


def _bound(tx: Connection, ctx: Context) -> int:
    return bounds.bound(tx, wire=ctx.wire, now=ctx.now)


def _put_off_first(tx: Connection, ctx: Context) -> None:
    rows = clocks.claim_due(tx, ctx.now, 1)
    clocks.postpone(tx, [row.id for row in rows], ctx.now + timedelta(minutes=1))


def _next_moments(tx: Connection, book: AgreementBook, now: datetime, wire: datetime) -> list[datetime]:
    nag = nags.next_due(tx, wire)
    found = (
        *(clocks.next_moment(tx, now), leads.next_return(tx, now), next_able(tx, book, now)),
        *(absences.next_word(tx, now), next_opening(tx, book, now)),
        nag and now + (nag - wire),
    )
    return [moment for moment in found if moment is not None]
