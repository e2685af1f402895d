"""What somebody did, as the rules look at it, and whose doing it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from bot.agreement.fields import activity_name
from bot.leadform.model import is_touch


class ActivityLike(Protocol):
    """Something a lead did. `at` is aware; `detail` is whatever the source said about it.

    It may also say `summary` (a tool's word on the past) and `automated` (nobody did it by hand); what says
    neither is neither.
    """

    @property
    def type(self) -> str:
        """The kind of activity, such as `demo_request`."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def detail(self) -> Any:
        """More about it, text as a rule."""


def is_summary(activity: ActivityLike) -> bool:
    """Whether it is no activity of its own but what a tool says of the past."""
    return getattr(activity, "summary", False) is True


def is_own(activity: ActivityLike) -> bool:
    """Whether a lead did it of its own accord: no contact by a rep, nothing automated, no summary."""
    automated = getattr(activity, "automated", False) is True
    return not (automated or is_summary(activity) or is_touch(activity_name(activity.type)))
