"""The scheduler: what is done over and over, for as long as the bot runs.

It remembers nothing: whatever is due is due in a row of the database. What each job does is decided where it
is written; what falls due by the clock is the ticker's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import STEP, system_time
from bot.engine.ticker import Ticker
from storage.database import DatabaseAway

AUDIT_EVERY = timedelta(minutes=1)
TICK = "tick"
PACE_CHECKED_EVERY = 1.0
"""Real seconds between two looks whether a turn has gone too far away."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often, in real time, once at a time; the first time at the start."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[None]]


class Engine:
    """Runs the ticker, the audit and the other jobs. The tick keeps pace with a clock that runs faster."""

    def __init__(self, ticker: Ticker, jobs: Sequence[Job], log: logging.Logger) -> None:
        self._ticker, self._log = ticker, log
        self._interval = ticker.interval
        self._jobs = (
            Job(TICK, timedelta(seconds=self._interval), self._tick),
            Job("audit", AUDIT_EVERY, ticker.audit),
            *jobs,
        )
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._running: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, str] = {}
        self._pacing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Do everything once now, and then each at its own pace, whatever becomes of the system's clock."""
        for job in self._jobs:
            self._scheduler.add_job(self._turn, _every(job.every), args=(job,), id=job.name)
            self._begin(job)
        self._scheduler.start()
        self._pacing = asyncio.create_task(self._keep_pace())

    async def stop(self) -> None:
        """Begin nothing new and break off what runs: between two transactions any job may be."""
        if self._pacing is not None:
            self._pacing.cancel()
        self._scheduler.pause()
        running = tuple(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await self._ticker.leave()

    async def advance(self, to: datetime) -> None:
        """Move a clock that is not the world's ahead to a moment, through every due moment on the way."""
        await self._ticker.advance(to)

    async def next_due_moment(self) -> datetime | None:
        """The next moment at which something falls due, if anything will."""
        return await self._ticker.next_due_moment()

    def health(self) -> tuple[bool, str]:
        """Whether it turns, and a sentence that says so."""
        return self._ticker.health()

    def auditors_word(self) -> tuple[bool, str]:
        """Whether the last audit found all well, and what it said."""
        return self._ticker.auditors_word()

    async def _turn(self, job: Job) -> None:
        self._begin(job)

    def _begin(self, job: Job) -> None:
        """Let the job run, unless its last turn still does."""
        if job.name not in self._running:
            self._running[job.name] = task = asyncio.create_task(self._run(job), name=job.name)
            task.add_done_callback(lambda _: self._running.pop(job.name))

    async def _run(self, job: Job) -> None:
        try:
            await job.do()
            self._waiting.pop(job.name, None)
        except DatabaseAway as away:
            if self._waiting.get(job.name) != str(away):  # said once, however long it lasts
                self._waiting[job.name] = str(away)
                self._log.warning("%s waits for the database: %s", job.name, away)
        except Exception:  # one job's fault must not stop its next turn, nor the others
            self._log.exception("%s failed", job.name)

    async def _keep_pace(self) -> None:
        """The scheduler reckons by the system's clock: where that was set back, no turn is a day away."""
        while True:
            await asyncio.sleep(PACE_CHECKED_EVERY)
            self.catch_up(system_time())

    def catch_up(self, now: datetime) -> None:
        """Let nothing wait longer from now on, by the system's clock, than its own pace."""
        for job in self._jobs:
            planned = self._scheduler.get_job(job.name)
            every = timedelta(seconds=self._interval) if job.name == TICK else job.every
            if planned is not None and planned.next_run_time - now > every + STEP:
                self._scheduler.reschedule_job(job.name, trigger=_every(every))

    async def _tick(self) -> None:
        try:
            await self._ticker.tick()
        finally:
            if self._ticker.interval != self._interval:
                self._interval = self._ticker.interval
                self._scheduler.reschedule_job(TICK, trigger=_every(timedelta(seconds=self._interval)))


def _every(interval: timedelta) -> IntervalTrigger:
    return IntervalTrigger(seconds=interval.total_seconds(), timezone="UTC")
