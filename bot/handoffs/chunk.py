"""Many records at once, as a file or a batch brings them: asked of the database together, written together.

What most come to, somebody new or a known lead that sales never had, is decided by the rules over what was
fetched for all. Whatever is more than that, or concerns a lead of an earlier record of the same chunk, is
taken in by itself, in its turn: each record comes to what it would come to alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs.arriving import Arriving, Newcomer, activity_row, taken_of, unknown_of, verdict_of
from bot.handoffs.forgotten import perhaps_forgotten
from bot.handoffs.identity import whose_record
from bot.handoffs.intake import take_in
from bot.handoffs.lead_changes import Merged
from bot.handoffs.taken import KNOWN_RECORD, Door, Taken, as_past
from bot.leadform import ActivityForm, LeadFaults, LeadForm
from bot.lookups.judgement import facts_about, moments_of
from bot.rules.arrivals import Before, came_by_record
from bot.rules.identity import Outcome as Whose
from bot.rules.identity import Verdict
from bot.rules.news import Outcome, Standing, news
from bot.rules.qualification import ActivityLike, Judgement, facts_of, judge
from bot.rules.unknown import notes_on
from storage import crowd, history, leads, rotations
from storage.crowd import Crowd
from storage.database.sql import columns_of
from storage.leads import BY_ID, FORMER, PRESENT, Found
from storage.models import EventKind, Lead, Stage
from storage.models.upkeep import AliasValues, RecordValues
from storage.models.values import ActivityValues, EventValues, LeadValues, changes
from storage.newest import NEWEST

MOST = 500
"""So many records make a chunk, and stand in one transaction."""
ONE_BY_ONE = 50
"""After so many that were taken in by themselves a chunk ends: nobody waits longer for its transaction."""


def take_many(
    tx: Connection,
    ctx: Context,
    read: Sequence[LeadForm | LeadFaults],
    door: Door,
    *,
    alone: int | None = None,
) -> list[Taken | LeadFaults]:
    """What becomes of records, as `take_in` has it of each in its turn; faults are given, not raised.

    A record that could not be read stays what it is. Of the first so many, at least one: the rest is for
    another transaction. `alone` is after how many that were taken in by themselves it ends, `ONE_BY_ONE` if
    not told.
    """
    most_alone = ONE_BY_ONE if alone is None else alone
    chunk = _Chunk.of(tx, ctx, read[:MOST], door)
    for number in range(len(chunk.came)):
        if chunk.alone == most_alone:
            break
        chunk.take(number)
    chunk.write()
    return chunk.judged


@dataclass(frozen=True, slots=True)
class _InCrowd:
    """The leads that a record may be about, among those that were fetched."""

    crowd: Crowd

    def candidates(self, _system: str, external_id: str | None, key: str | None) -> list[Found]:
        by_id = self.crowd.by_id.get(external_id) if external_id is not None else None
        return [
            *([Found(by_id, BY_ID)] if by_id is not None else []),
            *(Found(each, PRESENT) for each in self.crowd.at_address.get(key or "", ())),
            *(Found(each, FORMER) for each in self.crowd.formerly.get(key or "", ())),
        ]

    def by_phone_key(self, _key: str) -> tuple[int, ...]:
        return ()  # asked for who has neither id nor address alone, who is taken in by themselves

    def survivor(self, lead_id: int) -> int:
        return lead_id  # whoever was merged is taken in by themselves

    def get(self, lead_id: int) -> Lead | None:
        return self.crowd.rows.get(lead_id)

    def ids_in(self, lead_id: int, system: str) -> frozenset[str]:
        return frozenset(each for of, each in self.crowd.aliases.get(lead_id, ()) if of == system)

    def told_before(self, lead_ids: Collection[int], digest: str) -> set[int]:
        return {each for each in lead_ids if (each, digest) in self.crowd.told}


@dataclass(slots=True)
class _Writing:
    """What is to be written of one record. `lead_id` is None for somebody new, whose row `columns` are."""

    number: int
    came: Arriving
    lead_id: int | None
    columns: LeadValues
    added: tuple[ActivityForm, ...] = ()
    external_id: str | None = None
    former_address: str | None = None
    told: bool = False
    line: EventValues | None = None


@dataclass(slots=True)
class _Chunk:
    tx: Connection
    ctx: Context
    door: Door
    came: list[Arriving | LeadFaults]
    doubtful: set[int]
    crowd: Crowd
    alone: int = 0
    judged: list[Taken | LeadFaults] = field(default_factory=list)
    waiting: list[_Writing] = field(default_factory=list)
    claimed: set[tuple[str, str]] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, tx: Connection, ctx: Context, read: Sequence[LeadForm | LeadFaults], door: Door) -> _Chunk:
        came = [each if isinstance(each, LeadFaults) else Arriving.of(each, door) for each in read]
        there = {number: each for number, each in enumerate(came) if isinstance(each, Arriving)}
        ids = {each.form.external_id for each in there.values() if each.form.external_id is not None}
        keys = {key for each in there.values() if (key := each.columns.get("email_key")) is not None}
        found = crowd.gather(tx, door.system, ids, keys, {each.digest for each in there.values()})
        doubts = perhaps_forgotten(tx, [(each.form, each.columns) for each in there.values()], door)
        doubtful = {number for number, doubt in zip(there, doubts, strict=True) if doubt}
        return cls(tx, ctx, door, came, doubtful, found)

    def take(self, number: int) -> None:
        """Judge a record; what is to be written of it waits, unless it is taken in by itself."""
        came = self.came[number]
        if isinstance(came, LeadFaults):
            self.judged.append(came)
            return
        met = self._met(came)
        outcome = None
        if not self._is_rare(number, came, met):
            outcome = self._judge(number, came, met) if met else self._new(number, came)
        if outcome is None:
            self.write()
            outcome = self._take_alone(came.form)
        elif isinstance(outcome, Taken) and (notes := notes_on(self.ctx.book.current, came.form)):
            outcome = replace(outcome, notes=(*outcome.notes, *notes))
        self.judged.append(outcome)
        self.claimed.update(_claims(came))
        self.touched.update(met)

    def _take_alone(self, form: LeadForm) -> Taken | LeadFaults:
        if self.alone == 0 and self.door.hands_off:
            rotations.lock_all(self.tx)
        self.alone += 1
        try:
            return take_in(self.tx, self.ctx, form, self.door)
        except LeadFaults as bad:  # found before anything was written
            return bad

    def _met(self, came: Arriving) -> set[int]:
        found = _InCrowd(self.crowd).candidates(
            self.door.system, came.form.external_id, came.columns.get("email_key")
        )
        return {each.lead_id for each in found}

    def _is_rare(self, number: int, came: Arriving, met: set[int]) -> bool:
        """Whether more is to be known of a record than was fetched, or an earlier one has changed that."""
        key = came.columns.get("email_key")
        if came.tells_of_work or number in self.doubtful or (came.form.external_id is None and key is None):
            return True
        if key in self.crowd.crowded or not self.claimed.isdisjoint(_claims(came)):
            return True
        return not self.touched.isdisjoint(met) or any(
            (row := self.crowd.rows.get(each)) is None or row.merged_into is not None for each in met
        )

    def _judge(self, number: int, came: Arriving, met: set[int]) -> Taken | LeadFaults | None:
        """What becomes of a record; None where more than a row of the lead follows from it."""
        if len(met) == 1 and all((each, came.digest) in self.crowd.told for each in met):
            verdict = Verdict(Whose.KNOWN, "It is the same record again.", lead=min(met))
        else:
            try:
                verdict = whose_record(
                    _InCrowd(self.crowd), self.door.system, came.form.external_id, came.columns, came.digest
                )
            except LeadFaults as bad:
                return bad
        if verdict.lead is None:
            return self._new(number, came)
        known = self.crowd.rows[verdict.lead]
        if known.id in self.crowd.handed or known.stage is not Stage.INQUIRY:
            return None
        if len(self.crowd.did[known.id]) + len(came.form.activities) >= NEWEST:
            return None
        if (known.id, came.digest) in self.crowd.told:
            return self._again(number, came, known)
        return self._update(number, came, known, verdict)

    def _new(self, number: int, came: Arriving) -> Taken | None:
        new = Newcomer.of(self.ctx, came)
        if new.judged.qualifies and self.door.hands_off:
            return None
        external_id, added = came.form.external_id, unknown_of(came.form.activities, ())
        detail = came.detail(None, new.given, len(added), external_id)
        line = history.new_line(self.ctx.stamp, EventKind.CREATED, detail=detail)
        self.waiting.append(
            _Writing(number, came, None, new.columns, added, external_id, told=True, line=line)
        )
        return taken_of(0, Stage.INQUIRY, external_id, new.judged, created=True)

    def _again(self, number: int, came: Arriving, known: Lead) -> Taken:
        """The same record again: no event and no news, but time has passed."""
        judged = self._judgement(columns_of(known), self.crowd.did[known.id], qualified=known.qualified)
        changed = changes(known, verdict_of(judged))
        if changed:
            self.waiting.append(_Writing(number, came, known.id, changed))
        return self._taken(came, known, judged, KNOWN_RECORD, (KNOWN_RECORD,))

    def _update(self, number: int, came: Arriving, known: Lead, verdict: Verdict) -> Taken | None:
        form, before = came.form, self.crowd.did[known.id]
        merged = Merged.of(known, came.columns, verdict, self.ctx.now)
        added = unknown_of(form.activities, {row.key for row in before})
        agreement, now, given = self.ctx.book.current, self.ctx.now, dict(merged.columns)
        stood = Before(columns_of(known), known.stage, before)
        brought = came_by_record(agreement, stood, given, form.qualified, added, facts_about(known), now)
        written: LeadValues = {**merged.columns}
        if merged.columns:
            written["updated_at"] = self.ctx.now
        columns = {**columns_of(known), **written}
        did: list[ActivityLike] = sorted([*reversed(added), *before], key=lambda each: each.at, reverse=True)
        judged = self._judgement(columns, did, qualified=brought.qualified)
        judged = as_past(self.ctx, self.door, judged, added)
        found = news(agreement, Standing.NEW, brought.told, qualifies=judged.qualifies)
        if found.outcome is not Outcome.NOTHING and self.door.hands_off and brought.any:
            return None
        written |= changes(known, verdict_of(judged))
        new_id = came.new_id(self._ids_of(known))
        line = None
        if merged.columns or added or new_id is not None:
            detail = came.detail(known, merged.columns, len(added), new_id)
            line = history.new_line(self.ctx.stamp, EventKind.UPDATED, lead_id=known.id, detail=detail)
        former = merged.former_address
        self.waiting.append(
            _Writing(number, came, known.id, written, added, new_id, former, told=True, line=line)
        )
        return self._taken(came, known, judged, found.reason)

    def _ids_of(self, known: Lead) -> frozenset[str]:
        return _InCrowd(self.crowd).ids_in(known.id, self.door.system)

    def _judgement(
        self, columns: dict[str, Any], did: Sequence[ActivityLike], *, qualified: bool | None
    ) -> Judgement:
        facts = {**facts_of(columns), **({} if qualified is None else {"qualified": qualified})}
        told_at = moments_of(columns["told_at"])
        return judge(self.ctx.book.current, facts, did, self.ctx.now, told_at=told_at)

    def _taken(
        self, came: Arriving, known: Lead, judged: Judgement, reason: str, notes: tuple[str, ...] = ()
    ) -> Taken:
        name = came.form.external_id or next((each for _, each in self.crowd.aliases[known.id]), None)
        return replace(taken_of(known.id, known.stage, name, judged), reason=reason, notes=notes)

    def write(self) -> None:
        """Write what waits, table by table, and let those who are new have their ids."""
        waiting, self.waiting = self.waiting, []
        new = [each for each in waiting if each.lead_id is None]
        known = [each for each in waiting if each.lead_id is not None]
        if new:
            for each, lead_id in zip(new, crowd.add(self.tx, [each.columns for each in new]), strict=True):
                each.lead_id = lead_id
                self.judged[each.number] = _with_id(self.judged[each.number], lead_id)
        crowd.change(self.tx, {each.lead_id or 0: each.columns for each in known if each.columns})
        for each in known:
            if each.former_address is not None:
                leads.add_former_address(self.tx, each.lead_id or 0, each.former_address)
        crowd.add_aliases(self.tx, [row for each in waiting for row in _alias(each)])
        crowd.add_activities(self.tx, [row for each in waiting for row in _activities(each)])
        crowd.add_records(self.tx, [row for each in waiting for row in _record(each, self.ctx)])
        history.record_all(self.tx, [row for each in waiting for row in _line(each)])


def _claims(came: Arriving) -> list[tuple[str, str]]:
    """What no later record may be about without being asked by itself."""
    told = (("id", came.form.external_id), ("key", came.columns.get("email_key")))
    return [(what, value) for what, value in told if value is not None]


def _with_id(judged: Taken | LeadFaults, lead_id: int) -> Taken | LeadFaults:
    return replace(judged, id=lead_id) if isinstance(judged, Taken) else judged


def _alias(each: _Writing) -> list[AliasValues]:
    if each.external_id is None:
        return []
    system = each.came.door.system
    return [{"system": system, "external_id": each.external_id, "lead_id": each.lead_id or 0}]


def _activities(each: _Writing) -> list[ActivityValues]:
    return [activity_row(each.lead_id or 0, activity, each.came.door) for activity in each.added]


def _record(each: _Writing, ctx: Context) -> list[RecordValues]:
    return [{"lead_id": each.lead_id or 0, "digest": each.came.digest, "at": ctx.now}] if each.told else []


def _line(each: _Writing) -> list[EventValues]:
    return [{**each.line, "lead_id": each.lead_id}] if each.line is not None else []
