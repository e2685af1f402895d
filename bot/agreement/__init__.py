"""The marketing-sales agreement: the file both sides signed, read and checked.

Import from here; the modules inside are its rooms.
"""

from __future__ import annotations

from bot.agreement.durations import Duration
from bot.agreement.hours import Hours
from bot.agreement.model import (
    Agreement,
    Campaign,
    Content,
    Digest,
    Goals,
    Persona,
    Priority,
    Qualification,
    Reason,
    Rep,
    Step,
    Targets,
    Team,
)

__all__ = [
    "Agreement",
    "Campaign",
    "Content",
    "Digest",
    "Duration",
    "Goals",
    "Hours",
    "Persona",
    "Priority",
    "Qualification",
    "Reason",
    "Rep",
    "Step",
    "Targets",
    "Team",
]
