"""The outbox to Slack: rendered from the live state, paced, retried, and looked up when in doubt."""

from bot.delivery.sender import Sender

__all__ = ["Sender"]
