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
    Reason,
    Rep,
    Step,
    Targets,
    Team,
)
from bot.agreement.scoring import Priority, Qualification
from bot.agreement.vocabulary import Assign, ClockTime, Journey, NoteRule, ReasonKind, Then, Verb

__all__ = [
    "Agreement",
    "AgreementError",
    "AgreementFaults",
    "AgreementMissing",
    "Assign",
    "Campaign",
    "ClockTime",
    "Content",
    "Digest",
    "Duration",
    "Fault",
    "Goals",
    "Hours",
    "Journey",
    "LoadedAgreement",
    "NoteRule",
    "Persona",
    "Priority",
    "Qualification",
    "Reason",
    "ReasonKind",
    "Rep",
    "Step",
    "Targets",
    "Team",
    "Then",
    "Verb",
    "default_agreement",
    "load_agreement",
    "loaded",
    "parse_agreement",
]
