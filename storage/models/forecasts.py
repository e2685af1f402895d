"""The table of forecasts; given on by models.py like every other."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class Forecast(SQLModel, table=True):
    """What a past period would have been under an agreement that was not in force yet: counts, and no names.

    `missed` SLAs of sales are expected, between `missed_low` and `missed_high` with 95 % certainty; of
    `unknown` more nobody can tell. Of the handoffs `decided` were decided, and `accepted` of those accepted.
    """

    __tablename__ = "forecast"
    hash: str = Field(primary_key=True)  # of the agreement's text, as in agreement_version
    made_at: datetime
    from_at: datetime
    to_at: datetime
    handoffs: int
    missed: int
    missed_low: int
    missed_high: int
    unknown: int
    decided: int
    accepted: int
