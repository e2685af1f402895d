"""How the fields of an outcome are read, as people write them: amounts, currencies, days, reasons.

Every fault is named at its field, all at once. Days are those of the agreement's time zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.agreement.model import Agreement, Reason
from bot.agreement.vocabulary import ReasonKind
from bot.errors import InvalidInput
from bot.leadform.values import BadValue, amount, currency
from bot.rules.worktime import hours_for
from storage.models import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entered:
    """What a form held, as text; a day is an ISO date. What an outcome does not ask for is not read."""

    amount: str | None = None
    currency: str | None = None
    deal_on: str | None = None
    until: str | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The same as values: hundredths of the currency, and the beginning of a day as aware UTC."""

    amount_minor: int | None = None
    currency: str | None = None
    deal_at: datetime | None = None
    until: datetime | None = None
    reason: Reason | None = None
    note: str | None = None


@dataclass(slots=True)
class _Reading:
    entered: Entered
    agreement: Agreement
    now: datetime
    faults: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, reader: Callable[[str], T]) -> T | None:
        """The field's value; None where it is empty or cannot be read, which is then noted."""
        text = (getattr(self.entered, name) or "").strip()
        if not text:
            return None
        try:
            return reader(text)
        except BadValue as fault:
            said = str(fault)
            self.faults[name] = f"{said}." if said.startswith('"') else f"This {said}."
            return None

    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.agreement.timezone)).date()

    def begins(self, day: date) -> datetime:
        return datetime.combine(day, time(0), ZoneInfo(self.agreement.timezone)).astimezone(UTC)


def read(entered: Entered, outcome: Outcome, agreement: Agreement, now: datetime) -> Read:
    """What an outcome asks for, of what was entered. Raises InvalidInput with every fault at its field."""
    reading = _Reading(entered, agreement, now)
    found = OUTCOME_READERS[outcome](reading)
    if reading.faults:
        raise InvalidInput(reading.faults)
    return found


def _note(reading: _Reading) -> str | None:
    return (reading.entered.note or "").strip() or None


def _nothing(reading: _Reading) -> Read:
    return Read(note=_note(reading))


def _deal(reading: _Reading, *, required: bool) -> tuple[int | None, str | None]:
    money, named = reading.take("amount", amount), reading.take("currency", currency)
    if money is None:
        if required and "amount" not in reading.faults:
            reading.faults["amount"] = "How much is the deal worth? Write a number, such as 12,000."
        return None, None
    return int(money[0] * 100), named or money[1] or "USD"


def _opportunity(reading: _Reading) -> Read:
    worth, unit = _deal(reading, required=True)
    day = reading.take("deal_on", _day)
    if day is not None and day < reading.today():
        reading.faults["deal_on"] = "That day is in the past. When do you expect the deal to close?"
    return Read(worth, unit, deal_at=reading.begins(day) if day else None, note=_note(reading))


def _won(reading: _Reading) -> Read:
    worth, unit = _deal(reading, required=True)
    return Read(worth, unit, deal_at=_ended(reading), note=_note(reading))


def _lost(reading: _Reading) -> Read:
    return Read(deal_at=_ended(reading), note=_note(reading))


def _ended(reading: _Reading) -> datetime:
    day = reading.take("deal_on", _day) or reading.today()
    if day > reading.today():
        reading.faults["deal_on"] = "That day is in the future. When was it decided?"
    return reading.begins(day)


def _recycled(reading: _Reading) -> Read:
    day = reading.take("until", _day)
    if day is None and "until" not in reading.faults:
        reading.faults["until"] = "Nurture it until when? Please choose a day."
    if day is not None and day <= reading.today():
        reading.faults["until"] = "Please choose a day in the future."
    if day is None or reading.faults:
        return Read()
    until = hours_for(reading.agreement, None).opens_next(reading.begins(day))
    return Read(until=until, note=_note(reading))


def _disqualified(reading: _Reading) -> Read:
    reason = reading.agreement.reason((reading.entered.reason or "").strip())
    if reason is None or reason.kind is not ReasonKind.DISQUALIFY:
        reading.faults["reason"] = "Why? Please choose one of the reasons in the list."
        return Read()
    note = _note(reading)
    if reason.needs_note and note is None:
        reading.faults["note"] = f"“{reason.label}” needs a note: one sentence on what you heard."
    until = reading.now + reason.recycle.wall() if reason.recycle else None  # only nurture has it
    return Read(until=until, reason=reason, note=note)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue("is not a day; write it like 2026-11-23") from None


OUTCOME_READERS: Mapping[Outcome, Callable[[_Reading], Read]] = {
    Outcome.SQL: _nothing,
    Outcome.OPPORTUNITY: _opportunity,
    Outcome.WON: _won,
    Outcome.LOST: _lost,
    Outcome.RECYCLED: _recycled,
    Outcome.DISQUALIFIED: _disqualified,
}
