"""What became of one lead, as a row of a history tells it: which moments hold, and which cannot all be true.

A stage that has no date of its own counts from the handoff, so that it is counted and not timed. What is
written of it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from bot.leadform.dates import read_moment
from bot.leadform.faults import FieldFault, LeadFaults
from bot.leadform.model import LeadForm
from bot.leadform.pastcolumns import MOMENTS, find_past
from bot.leadform.stages import STAGE_OF_STATUS
from bot.leadform.text import BadValue, simplify
from bot.memory import remembered
from storage.models import Stage

AHEAD = timedelta(days=1)
"""How far a moment of the past may lie ahead of our clock: days have no time zone."""

_YES = frozenset({"yes", "true", "1", "y", "ja", "oui", "sí", "si", "sim"})
_ENDS = ("won_at", "lost_at", "recycled_at", "disqualified_at")
_AFTER_ACCEPT = ("first_touch_at", "sql_at", "opportunity_at", *_ENDS)
_ORDER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("created_at", ("handed_off_at", "accepted_at", "rejected_at")),
    ("handed_off_at", (*MOMENTS[1:],)),
    ("accepted_at", _AFTER_ACCEPT),
    ("sql_at", ("opportunity_at", "won_at", "lost_at")),
    ("opportunity_at", ("won_at", "lost_at")),
)
"""What cannot have happened before what."""
_OF_STAGE = {
    Stage.SAL: "accepted_at",
    Stage.SQL: "sql_at",
    Stage.OPPORTUNITY: "opportunity_at",
    Stage.WON: "won_at",
    Stage.LOST: "lost_at",
    Stage.RECYCLED: "recycled_at",
    Stage.DISQUALIFIED: "disqualified_at",
}


@dataclass(frozen=True, slots=True)
class PastForm:
    """A lead and one handoff of the past. Moments are aware UTC, None for what did not happen.

    `moments` has `handed_off_at` and whatever followed; empty where the row tells of no handoff. `deal_at` is
    the deal's own date; `reason` and `team` are as they were written. `began` is when the lead was first
    heard of, as far as the row says.
    """

    form: LeadForm
    moments: Mapping[str, datetime] = field(default_factory=dict)
    deal_at: datetime | None = None
    reason: str | None = None
    team: str | None = None
    began: datetime | None = None

    @property
    def handed_at(self) -> datetime | None:
        """When it was passed to sales."""
        return self.moments.get("handed_off_at")


def read_past(form: LeadForm, told: Mapping[str, Any], now: datetime) -> PastForm:
    """What a row tells, `told` by the names of pastcolumns.py; dates are read.

    Raises LeadFaults for what cannot be: in the wrong order, in the future, two ends, won by nobody.
    """
    moments = {name: told[name] for name in MOMENTS if name in told}
    _reach(moments, _stages(told), told.get("closed_at"))
    _settle_rejection(moments)
    begun = bool(moments)
    if begun and "handed_off_at" not in moments:
        first = min((moment for moment in moments.values() if moment is not None), default=None)
        moments["handed_off_at"] = told.get("created_at") or first
    _fill(moments)
    known = {name: moment for name, moment in moments.items() if moment is not None}
    beside = {"created_at": told["created_at"]} if "created_at" in told else {}
    ordered = _same_day({**beside, **known})
    faults = [*_faults(ordered, now), *_missing(moments, form)]
    if faults:
        raise LeadFaults(faults)
    ordered.pop("created_at", None)
    return PastForm(
        form,
        {name: ordered[name] for name in MOMENTS if name in ordered},
        deal_at=ordered.get("won_at") or ordered.get("lost_at") or told.get("closed_at"),
        reason=told.get("reason"),
        team=told.get("team"),
        began=min(filter(None, (told.get("created_at"), ordered.get("handed_off_at"))), default=None),
    )


def _stages(told: Mapping[str, Any]) -> Iterator[Stage]:
    """Where the row says that it stands."""
    for name in ("stage", "status"):
        stage = STAGE_OF_STATUS.get(simplify(told.get(name, "")))
        if stage is not None:
            yield stage
    if str(told.get("is_won", "")).casefold() in _YES:
        yield Stage.WON
    if str(told.get("is_lost", "")).casefold() in _YES:
        yield Stage.LOST


def _reach(moments: dict[str, Any], stages: Iterator[Stage], closed_at: datetime | None) -> None:
    """Add what the stage says and no date does; an end of a deal is dated by its close."""
    for stage in stages:
        name = _OF_STAGE[stage]
        if name not in moments and not (stage is Stage.DISQUALIFIED and "rejected_at" in moments):
            moments[name] = closed_at if stage in (Stage.WON, Stage.LOST) else None


def _settle_rejection(moments: dict[str, Any]) -> None:
    """Before anybody had it, it was rejected; after that, disqualified."""
    had = any(name in moments for name in ("accepted_at", "first_touch_at", "sql_at"))
    if had and "rejected_at" in moments and not any(name in moments for name in _ENDS):
        moments["disqualified_at"] = moments.pop("rejected_at")
    elif not had and "disqualified_at" in moments and "rejected_at" not in moments:
        moments["rejected_at"] = moments.pop("disqualified_at")


def _fill(moments: dict[str, Any]) -> None:
    """Whoever reached a stage went through those before it; what has no date counts from the handoff."""
    if "won_at" in moments:
        moments.setdefault("opportunity_at", moments["won_at"])
    if "opportunity_at" in moments:
        moments.setdefault("sql_at", moments["opportunity_at"])
    if any(name in moments for name in _AFTER_ACCEPT):
        moments.setdefault("accepted_at", None)
    for name in MOMENTS:
        if name in moments and moments[name] is None and name not in ("won_at", "lost_at"):
            before = (moments.get(earlier) for earlier, later in _ORDER if name in later)
            moments[name] = max(filter(None, before), default=moments["handed_off_at"])


def _same_day(moments: dict[str, datetime]) -> dict[str, datetime]:
    """A day without a time is no earlier than what else happened on it."""
    settled = dict(moments)
    for before, later in _ORDER:
        for name in later:
            if name in settled and before in settled and _is_day_of(settled[name], settled[before]):
                settled[name] = max(settled[name], settled[before])
    return settled


def _is_day_of(moment: datetime, other: datetime) -> bool:
    return _is_day(moment) and moment.date() == other.date()


def _is_day(moment: datetime) -> bool:
    return moment.time() == time.min


def _faults(moments: Mapping[str, datetime], now: datetime) -> Iterator[FieldFault]:
    for name, moment in moments.items():
        if moment > now + AHEAD:
            yield FieldFault(name, f"lies in the future, {_day(moment)}; only what has happened is history")
    yield from _out_of_order(moments, _ORDER)
    ends = [name for name in (*_ENDS, "rejected_at") if name in moments]
    if len(ends) > 1:
        yield FieldFault(ends[1], f"cannot be true together with {ends[0]}; keep the one that happened")
    elif "rejected_at" in moments and any(name in moments for name in _AFTER_ACCEPT):
        yield FieldFault("rejected_at", "cannot be true of a lead that sales worked on; give disqualified_at")


def _out_of_order(
    moments: Mapping[str, datetime], order: Sequence[tuple[str, tuple[str, ...]]]
) -> Iterator[FieldFault]:
    for before, later in order:
        for name in later:
            if before in moments and name in moments and moments[name] < moments[before]:
                yield FieldFault(
                    name,
                    f"{_day(moments[name])} lies before {before}, {_day(moments[before])}; correct one",
                )


def _missing(moments: Mapping[str, datetime | None], form: LeadForm) -> Iterator[FieldFault]:
    for name in ("won_at", "lost_at"):
        if name in moments and moments[name] is None:
            yield FieldFault(name, "is missing; say when the deal closed, there or as its close date")
    if "won_at" in moments and not (form.first_name or form.last_name):
        yield FieldFault("last_name", "is missing: the deal is won, and the row names nobody")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if _is_day(moment) else f"{moment:%Y-%m-%d %H:%M}"


def contradictions(columns: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each date among a sender's own columns that lies before the lead was created.

    Outside a history such columns are kept and mean nothing; so a contradiction costs nothing but the words.
    """
    moments: dict[str, datetime] = {}
    for name, text in columns.items():
        what = _moment_called(name)
        if what is not None:
            with suppress(BadValue):
                moments[what] = read_moment(text, any_year=True)
    return tuple(f"{fault.field}: {fault.message}" for fault in _out_of_order(moments, _ORDER[:1]))


@remembered(2048)
def _moment_called(name: str) -> str | None:
    what = find_past(name)
    return what if what in ("created_at", *_ORDER[0][1]) else None
