"""What a row of a file says to have happened: its moments, and what is said of them beside."""

from __future__ import annotations

from collections.abc import Collection, Mapping

MOMENTS = {
    "booked_at": "meeting_booked",
    "joined_at": "webinar_attended",
    "registered_at": "webinar_registered",
    "submitted_at": "form_submission",
}
"""What a moment says to have happened; of several in a row the first counts."""
SAID = frozenset({"attended", "canceled"})
"""What a row says of its moments with a yes or a no."""


def event_of(moments: Mapping[str, str], said: Collection[str], detail: str | None) -> dict[str, str] | None:
    """The activity that a row with these moments, in ISO 8601, amounts to; None for none, or one canceled.

    `said` are those of SAID with a yes. Who attended did more than register, whenever they joined.
    """
    if "canceled" in said:
        return None
    named = MOMENTS | ({"registered_at": "webinar_attended"} if "attended" in said else {})
    if (field := next((each for each in named if each in moments), None)) is None:
        return None
    return {"type": named[field], "at": moments[field]} | ({"detail": detail} if detail else {})
