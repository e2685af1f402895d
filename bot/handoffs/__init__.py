"""The use cases. Each is one transaction: state, history and deliveries, together or not at all."""

from bot.handoffs.accept_reject import Accept, Reject, accept, reject
from bot.handoffs.intake import Taken, note_activity, take_in
from bot.handoffs.shared import Decided

__all__ = ["Accept", "Decided", "Reject", "Taken", "accept", "note_activity", "reject", "take_in"]
