"""What other tools are told: a cursor over the history for each of them, and who carries it there."""

from bot.events.dispatcher import Dispatcher

__all__ = ["Dispatcher"]
