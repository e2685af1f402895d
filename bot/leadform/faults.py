"""What is wrong with a record at the door, field by field and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One bad field: its name (`activities[2].at` for a nested one) and what to do about it, in words."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class LeadFaults(ValueError):
    """The record cannot be taken as it is. Names every bad field, not only the first."""

    def __init__(self, faults: Iterable[FieldFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))
