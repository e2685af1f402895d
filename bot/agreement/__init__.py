"""The marketing-sales agreement: the file both sides signed, read and checked.

Import from here; the modules inside are its rooms.
"""

from __future__ import annotations

from bot.agreement.durations import Duration
from bot.agreement.faults import AgreementError, AgreementFaults, AgreementMissing, Fault
from bot.agreement.hours import Hours
from bot.agreement.loader import (
    LoadedAgreement,
    default_agreement,
    load_agreement,
    loaded,
    parse_agreement,
)
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
    Verb,
)

__all__ = [
    "Agreement",
    "AgreementError",
    "AgreementFaults",
    "AgreementMissing",
    "Campaign",
    "Content",
    "Digest",
    "Duration",
    "Fault",
    "Goals",
    "Hours",
    "LoadedAgreement",
    "Persona",
    "Priority",
    "Qualification",
    "Reason",
    "Rep",
    "Step",
    "Targets",
    "Team",
    "Verb",
    "default_agreement",
    "load_agreement",
    "loaded",
    "parse_agreement",
]
