"""The use cases. Each is one transaction: state, history and deliveries, together or not at all."""

from bot.handoffs.acting import Decided
from bot.handoffs.decisions import Accept, Reject, accept, reject
from bot.handoffs.intake import Taken, note_activity, take_in

__all__ = ["Accept", "Decided", "Reject", "Taken", "accept", "note_activity", "reject", "take_in"]
