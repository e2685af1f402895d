"""The ladders that running clocks climb: what is due, whom to tell, whom to pass a lead to; the audit."""

from bot.ladder.ticking import BATCH, Ticked, tick

__all__ = ["BATCH", "Ticked", "tick"]
