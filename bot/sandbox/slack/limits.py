"""Slack's rate limits, by the workspace's clock: posts by channel, methods by tier.

It only says how long to wait; the Web API turns that into 429 and `Retry-After`.
"""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
POST_SPACING = timedelta(seconds=1)
JITTER = 0.2
"""Seconds by which a post may come early, for the network's sake."""

POSTS = "chat.postMessage"
POSTS_A_MINUTE = 300
TIERS: dict[int, tuple[str, ...]] = {
    100: (
        "views.open",
        "views.push",
        "views.update",
        "views.publish",
        "users.info",
        "chat.postEphemeral",
        "conversations.members",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
        "auth.test",
    ),
    50: (
        "chat.update",
        "chat.delete",
        "users.lookupByEmail",
        "conversations.open",
        "conversations.info",
        "conversations.history",
        "conversations.replies",
        "reactions.add",
        "chat.getPermalink",
    ),
    20: ("conversations.list", "users.list", "usergroups.list", "usergroups.users.list"),
}
"""Calls a minute → the methods that may be made so often, each counted for itself."""
PER_MINUTE = {method: calls for calls, methods in TIERS.items() for method in methods} | {
    POSTS: POSTS_A_MINUTE
}


class RateLimits:
    """Counts calls and says when the next one may come. `enabled` can be switched at any time."""

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._calls: dict[str, deque[datetime]] = {}
        self._next_post: dict[str, datetime] = {}

    def wait(self, method: str, channel: str, now: datetime, *, speed: float = 1.0) -> int:
        """Whole seconds to wait before this call; 0 means that it is counted and may go on.

        `speed` is how fast the workspace's clock runs: jitter of the real network grows with it.
        """
        if not self.enabled:
            return 0
        allowance = timedelta(seconds=JITTER + 0.02 * speed)
        if method == POSTS and self._next_post.get(channel, now) - allowance > now:
            return max(1, math.ceil((self._next_post[channel] - now).total_seconds()))
        calls = self._calls.setdefault(method, deque())
        while calls and now - calls[0] >= MINUTE:
            calls.popleft()
        if len(calls) >= PER_MINUTE.get(method, len(calls) + 1):
            return max(1, math.ceil((calls[0] + MINUTE - now).total_seconds()))
        calls.append(now)
        if method == POSTS:
            self._next_post[channel] = max(self._next_post.get(channel, now), now) + POST_SPACING
        return 0
