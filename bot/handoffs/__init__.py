"""The use cases. Each is one transaction: state, history and deliveries, together or not at all."""

from bot.handoffs.accept import Accept, accept
from bot.handoffs.intake import note_activity, take_in
from bot.handoffs.reject import Reject, reject
from bot.handoffs.shared import Decided
from bot.handoffs.taken import Taken

__all__ = ["Accept", "Decided", "Reject", "Taken", "accept", "note_activity", "reject", "take_in"]
