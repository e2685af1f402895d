"""What makes two records, or two activities of one lead, the same: keys that are equal where they are."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

from bot.leadform.model import ActivityForm, LeadForm


def activity_key(activity: ActivityForm) -> str:
    """What makes two activities of one lead the same: type and moment, or where undated type and detail.

    Case and spacing of the detail do not matter. An undated activity whose key is known for the lead was told
    before: it is no event and no news, whenever it comes again. At most 100 characters.
    """
    if activity.dated:
        moment = activity.at.astimezone(UTC).replace(tzinfo=None)
        return f"{activity.type}@{moment.isoformat(timespec='microseconds')}Z"
    detail = " ".join((activity.detail or "").split()).casefold()
    return f"{activity.type}#{hashlib.sha256(detail.encode()).hexdigest()[:32]}"


def record_digest(system: str, form: LeadForm) -> str:
    """What makes two records the same: the system, and all that they say but the moment they were read."""
    fields = form.__dict__
    said = {name: fields[name] for name in sorted(form.model_fields_set) if name not in _READ_OTHERWISE}
    activities = sorted(
        f"{activity_key(each)} {each.detail} {each.automated} {each.by}" for each in form.activities
    )
    content = _AS_JSON.encode([system, said, sorted(form.extra.items()), activities])
    return hashlib.sha256(content.encode()).hexdigest()[:40]


_AS_JSON = json.JSONEncoder(default=str)
_READ_OTHERWISE = frozenset(("activities", "extra"))
