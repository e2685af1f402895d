"""What was right when the agreement was written and has quietly run out since: no fault, but worth a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.agreement.hours import HoursTable
from bot.agreement.model import Agreement


@dataclass(frozen=True, slots=True)
class Stale:
    """A place in the file, as a person would name it, and what to do about it."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def past_holidays(agreement: Agreement, today: date) -> Iterator[Stale]:
    """Lists of holidays that lie wholly in the past, so that nobody is off any more."""
    for place, hours in _levels(agreement):
        if hours is None or hours.holidays is None:
            continue
        last = hours.days_off.past_since()
        if last is not None and last < today:
            yield Stale(
                f"{place}holidays",
                f"the last of these days was {last}, so nobody is off any more; add the coming ones, or "
                'write a country such as "US", or yearly days such as "12-25"',
            )


def _levels(agreement: Agreement) -> Iterator[tuple[str, HoursTable | None]]:
    yield "hours.", agreement.office
    for number, team in enumerate(agreement.teams):
        place = f'teams[{number}] "{team.name}".'
        yield place, team.hours
        for index, rep in enumerate(team.reps):
            yield f"{place}reps[{index}].", rep.hours
