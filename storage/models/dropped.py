"""The table of files that somebody dropped into the form and that are still being read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from storage.models.columns import key


class DroppedFile(SQLModel, table=True):
    """A file in Slack that is being read. It goes once whoever dropped it knows what became of it."""

    __tablename__ = "dropped_file"
    id: int = key()
    user_id: str  # who dropped it
    file_id: str
    name: str
    size: int  # bytes
    url: str
    asked_at: datetime
    lease_until: datetime  # by the system's clock; then its reader has died, and another takes over
    tries: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    told: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )  # the summary is out
