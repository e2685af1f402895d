"""Bodies as other tools send them: who may, what they say, and which leads are in them. Pure.

What becomes of the leads is bot/handoffs' business, how tools are answered the doors'.
"""

from bot.intake.bodies import Unreadable, parsed, parsed_text
from bot.intake.mapping import Mapped, NoLead, Read, Source, read_record, records_of
from bot.intake.presets import PRESETS
from bot.intake.proof import Request, address, challenged, why_not
from bot.intake.sources import Sources, sources_of

__all__ = [
    "PRESETS",
    "Mapped",
    "NoLead",
    "Read",
    "Request",
    "Source",
    "Sources",
    "Unreadable",
    "address",
    "challenged",
    "parsed",
    "parsed_text",
    "read_record",
    "records_of",
    "sources_of",
    "why_not",
]
