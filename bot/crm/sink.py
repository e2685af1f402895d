"""The CRM as a destination of events: each lets the record of its lead say what Baton says of it by now.

A record is read before it is written, so that what somebody changed there is seen; and what is meant to be
written is kept before the call, so that Baton knows its own words again after a kill.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.agreement.book import AgreementBook
from bot.agreement.crm import Crm as CrmTable
from bot.clock import Clock
from bot.context import CRM, Context
from bot.crm.accounts import require_same_account
from bot.crm.colleagues import Colleagues
from bot.crm.connection import Connection as CrmConnection
from bot.crm.connection import Connections
from bot.crm.differences import Differences, differences
from bot.crm.port import Change, CrmTrouble, Did, Record, Written, same
from bot.crm.saying import Said, said_of
from bot.crm.wording import Wording
from bot.crm.writing import Fit, chosen, fitted, known_of
from bot.events.sinks import Answer, Message, Subscription, Verdict
from bot.handoffs.conflict import tell_conflict
from bot.logs import trace
from storage import crm as storage
from storage.database import Database
from storage.models import CrmLink
from storage.models.upkeep import CrmLinkValues

LONGEST = timedelta(seconds=50)
"""A round ends before its lease does."""
_ARRIVED = Answer(Verdict.ARRIVED)
ANSWERS: Mapping[Did, Verdict] = {
    Did.WRITTEN: Verdict.ARRIVED,
    Did.CLOSED: Verdict.ARRIVED,
    Did.GONE: Verdict.REFUSED,
    Did.REFUSED: Verdict.REFUSED,
}


@dataclass(slots=True)
class _Job:
    """One message on its way: what there is to say, the record, what to do about it, and what came of it."""

    lead_id: int
    said: Said | None
    link: CrmLink | None
    record: Record | None = None
    fit: Fit = field(default_factory=lambda: Fit({}))
    plan: Differences = field(default_factory=Differences)
    answer: Answer | None = None

    def refuse(self, why: str) -> None:
        self.answer = Answer(Verdict.REFUSED, why)


class CrmSink:
    """Writes into one CRM what Baton says of its leads."""

    def __init__(
        self, connection: CrmConnection, database: Database, clock: Clock, book: AgreementBook
    ) -> None:
        self._connection = connection
        self._crm, self._table, self._directory = connection.crm, connection.table, connection.directory
        self._database, self._clock, self._book = database, clock, book
        self._mapping = connection.mapping

    async def send(self, batch: Sequence[Message]) -> Sequence[Answer]:
        """Write what is to be said of the leads of these messages, all at once."""
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                return await self._send(batch)
        except CrmTrouble as trouble:
            return [Answer(Verdict.RETRY, trouble.why, trouble.wait)] * len(batch)
        except TimeoutError:
            why = f"{self._crm.title} took longer than {LONGEST.total_seconds():.0f} s"
            return [Answer(Verdict.RETRY, why)] * len(batch)

    async def close(self) -> None:
        """Close the connections."""
        await self._crm.close()

    async def _send(self, batch: Sequence[Message]) -> list[Answer]:
        jobs = await self._database.read(_gather, self._book, self._table, [each.lead for each in batch])
        for job in jobs:
            if job.said is None or not self._mapping.put(job.said.values):
                job.answer = _ARRIVED  # somebody who was erased, or a lead that sales never had
        if all(job.answer for job in jobs):
            return [_ARRIVED] * len(jobs)
        await require_same_account(self._connection, self._database, self._clock.now())
        known = await self._directory.known()
        await self._find([job for job in jobs if job.answer is None], known.of_these(self._mapping.fields))
        for job in jobs:
            self._plan(job, known)
        to_write = [job for job in jobs if job.answer is None and job.plan.write]
        await self._write(to_write)
        settled = [job for job in jobs if job.record is not None and job.answer in (None, _ARRIVED)]
        if settled:
            ctx, account = self._context(), self._table.account
            await self._database.write(_settle, ctx, account, self._shown(known), settled)
        return [job.answer or _ARRIVED for job in jobs]

    async def _find(self, jobs: Sequence[_Job], fields: Sequence[str]) -> None:
        """The record of each: by its id where one is known, else by the address."""
        ids = {job.lead_id: _ids_of(job) for job in jobs}
        by_id = await self._crm.read([each for some in ids.values() for each in some], fields)
        found = {job.lead_id: [by_id[each] for each in ids[job.lead_id] if each in by_id] for job in jobs}
        emails = [job.said.person.email for job in jobs if job.said and not found[job.lead_id]]
        wanted = sorted({each for each in emails if each})
        by_email = await self._crm.find(wanted, fields) if wanted else {}
        for job in jobs:
            assert job.said is not None
            email = (job.said.person.email or "").casefold()
            records = found[job.lead_id] or list(by_email.get(email, ()))
            record = chosen(self._crm.title, job.said, job.link, records)
            if isinstance(record, Record):
                job.record = record
            elif record is not None:
                job.refuse(f"{record}, then crm replay.")
            elif not self._table.create:
                job.refuse(f"{self._crm.title} has no record of {email}; create = true lets Baton make one.")

    def _plan(self, job: _Job, known: Colleagues) -> None:
        if job.answer is not None or job.said is None:
            return
        job.fit = fitted(self._crm.title, self._mapping, job.said.values, known)
        if job.record is not None and job.record.closed:
            job.answer = _ARRIVED
            return
        theirs = job.record.fields if job.record is not None else {}
        before = known_of(job.link, job.record.id if job.record is not None else None)
        job.plan = differences(job.fit.values, before, theirs)

    async def _write(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        known = [job for job in jobs if job.record]
        await self._database.write(_intend, self._table.account, self._clock.now(), known)
        changes = [
            Change(job.said.person, job.record.id if job.record else None, job.plan.write)
            for job in jobs
            if job.said is not None
        ]
        for job, written in zip(jobs, await self._crm.write(changes), strict=True):
            self._book_in(job, written)

    def _book_in(self, job: _Job, written: Written) -> None:
        verdict = ANSWERS[written.did]
        if verdict is Verdict.REFUSED:
            job.refuse(f"{self._crm.title} did not take lead #{job.lead_id}: {written.why}")
        elif job.record is None and written.record is not None:
            job.record = Record(written.record, None, {}, self._clock.now())

    def _context(self) -> Context:
        return Context(self._clock.now(), self._clock.wire(), self._book, CRM, trace())

    def _shown(self, known: Colleagues) -> Wording:
        return Wording.of(self._crm.title, self._mapping, known)


def subscription(
    table: CrmTable, connections: Connections, database: Database, clock: Clock, book: AgreementBook
) -> Subscription:
    """The CRM of an agreement as one that hears of events."""

    def reach() -> CrmSink:
        return CrmSink(connections.to(table), database, clock, book)

    return Subscription(
        table.name, table.events, table.teams, connections.setup(table), reach, newest_alone=True
    )


def _ids_of(job: _Job) -> list[str]:
    said = job.said.records if job.said is not None else ()
    return list(dict.fromkeys([*([job.link.record] if job.link is not None else []), *said]))


def _gather(tx: Connection, book: AgreementBook, table: CrmTable, lead_ids: Sequence[int]) -> list[_Job]:
    said = [said_of(tx, book, table.ids_of, each) if each else None for each in lead_ids]
    links = storage.links(tx, table.account, {each.person.lead_id for each in said if each is not None})
    return [
        _Job(each.person.lead_id if each else lead_id, each, links.get(each.person.lead_id) if each else None)
        for lead_id, each in zip(lead_ids, said, strict=True)
    ]


def _intend(tx: Connection, account: str, now: datetime, jobs: Sequence[_Job]) -> None:
    """Keep what is about to be written, and what stood there."""
    for job in jobs:
        assert job.record is not None
        values: CrmLinkValues = {"record": job.record.id, "intended": dict(job.plan.write), "changed_at": now}
        if job.link is None or job.link.record != job.record.id:
            values |= {"seen": dict(job.record.fields), "sent": {}, "conflicts": {}}
        storage.put(tx, account, job.lead_id, values)


def _settle(tx: Connection, ctx: Context, account: str, shown: Wording, jobs: Sequence[_Job]) -> None:
    """Keep how the records stand now, and tell of what both sides changed."""
    links = storage.links(tx, account, [job.lead_id for job in jobs])  # as they are by now
    for job in jobs:
        assert job.record is not None
        known, plan = known_of(links.get(job.lead_id), job.record.id), job.plan
        ours = {**plan.agreed, **plan.write}
        first = {} if known.seen else dict(job.record.fields)
        values: CrmLinkValues = {
            "record": job.record.id,
            "seen": {**known.seen, **first, **ours},
            "sent": {**known.sent, **ours},
            "intended": {},
            "conflicts": {name: [each.ours, each.theirs] for name, each in plan.conflicts.items()},
            "trouble": "; ".join(job.fit.troubles) or None,
            "changed_at": ctx.now,
        }
        storage.put(tx, account, job.lead_id, values)
        for name, conflict in plan.conflicts.items():
            before = known.conflicts.get(name)
            if before is None or not same(before.theirs, conflict.theirs):
                tell_conflict(tx, ctx, job.lead_id, shown.words(name, conflict))
