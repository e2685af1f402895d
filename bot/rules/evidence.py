"""Which of the activities that another system tells of is contact that a person had with the lead.

Pure. Whose contact it is in the history, and which clock it meets, is the use cases'.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.leadform import ActivityForm
from bot.leadform.model import AHEAD


def touches(activities: Iterable[ActivityForm], accepted_at: datetime, now: datetime) -> list[ActivityForm]:
    """The contacts after the accept, the first one first: it is the first touch, if there was none before.

    A contact has a moment of its own, not before the accept (a CRM may tell both in the same second) and not
    ahead of `now`; it is no summary and nothing automated. `by` says whose it is; without it only the other
    system says so.
    """
    found = [
        each for each in activities if each.is_touch and each.dated and accepted_at <= each.at <= now + AHEAD
    ]
    return sorted(found, key=lambda each: each.at)
