"""How fast Slack may be asked, and so how long what waits will take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from storage.models import DeliveryOp
from storage.outbox.drain import Waiting
from storage.outbox.gates import Pace

# One message a second in a channel and under 300 a minute in all; chat.update allows 50 a minute (tier 3), of
# which 15 may come at once, and views.publish 100 (tier 4).
PACE: Mapping[str, Pace] = {
    DeliveryOp.POST: Pace(timedelta(seconds=1.05)),
    f"{DeliveryOp.POST}:*": Pace(timedelta(seconds=0.25), burst=50),
    DeliveryOp.UPDATE: Pace(),
    f"{DeliveryOp.UPDATE}:*": Pace(timedelta(seconds=1.75), burst=15),
    DeliveryOp.PUBLISH: Pace(timedelta(seconds=2)),
    f"{DeliveryOp.PUBLISH}:*": Pace(timedelta(seconds=0.65), burst=20),
}


def drain_time(waiting: Sequence[Waiting]) -> timedelta:
    """How long until the outbox is empty, were nothing to come and Slack to take all of it at its pace."""
    own = (PACE[each.op].every * each.longest for each in waiting)
    whole = (PACE[f"{each.op}:*"].every * each.calls for each in waiting)
    return max((*own, *whole), default=timedelta(0))
