"""What Slack tells twice is heard once."""

from __future__ import annotations

from collections import OrderedDict

KEPT_EVENTS = 1_000


class Once:
    """The events that were heard: Slack repeats one whose answer it missed."""

    def __init__(self) -> None:
        self._heard: OrderedDict[str, None] = OrderedDict()

    def is_new(self, event_id: str) -> bool:
        """Whether it was not heard before; from now on it was."""
        if event_id in self._heard:
            return False
        self._heard[event_id] = None
        while len(self._heard) > KEPT_EVENTS:
            self._heard.popitem(last=False)
        return True
