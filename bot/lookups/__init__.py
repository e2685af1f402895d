"""What people ask of Baton and it answers without changing anything: status, queue, history, details."""

from bot.lookups.lists import listing, queue_teams
from bot.lookups.status import Status, history_of, status_of, status_of_handoff

__all__ = ["Status", "history_of", "listing", "queue_teams", "status_of", "status_of_handoff"]
