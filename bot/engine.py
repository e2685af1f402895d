"""The ticker: what is done over and over, for as long as the bot runs.

It remembers nothing: whatever is due is due in a row of the database. What each job does is decided where it
is written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from storage import heartbeats
from storage.database import Database, DatabaseAway

BEAT_EVERY = timedelta(seconds=10)
LATE_AFTER = timedelta(seconds=35)  # without a beat: it hangs, or cannot write
NAME = "engine"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often, in real time, once at a time; the first time at the start."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[None]]


class Engine:
    """Runs the jobs, and leaves a heartbeat in the database by which an outage is told later."""

    def __init__(self, database: Database, clock: Clock, jobs: Sequence[Job], log: logging.Logger) -> None:
        self._database, self._clock, self._log = database, clock, log
        self._jobs = (Job("heartbeat", BEAT_EVERY, self._beat), *jobs)
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._beaten_at: float | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Do everything once now, and then each at its own pace."""
        for job in self._jobs:
            trigger = IntervalTrigger(seconds=job.every.total_seconds(), timezone="UTC")
            self._scheduler.add_job(self._tick, trigger, args=(job,), id=job.name)
            self._begin(job)
        self._scheduler.start()

    async def stop(self) -> None:
        """Begin nothing new and break off what runs: between two transactions any job may be."""
        self._scheduler.pause()
        running = tuple(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)

    def health(self) -> tuple[bool, str]:
        """Whether it turns, and a sentence that says so."""
        if self._beaten_at is None:
            return False, "The engine has not turned yet."
        silent = asyncio.get_running_loop().time() - self._beaten_at
        if silent > LATE_AFTER.total_seconds():
            return False, f"The engine has not turned for {silent:.0f} s."
        return True, "The engine turns."

    async def _tick(self, job: Job) -> None:
        self._begin(job)

    def _begin(self, job: Job) -> None:
        """Let the job run, unless its last turn still does."""
        if job.name not in self._running:
            self._running[job.name] = task = asyncio.create_task(self._run(job), name=job.name)
            task.add_done_callback(lambda _: self._running.pop(job.name))

    async def _run(self, job: Job) -> None:
        try:
            await job.do()
        except DatabaseAway as away:
            self._log.warning("%s waits for the database: %s", job.name, away)
        except Exception:  # one job's fault must not stop its next turn, nor the others
            self._log.exception("%s failed", job.name)

    async def _beat(self) -> None:
        await self._database.write(heartbeats.beat, NAME, self._clock.now())
        self._beaten_at = asyncio.get_running_loop().time()
