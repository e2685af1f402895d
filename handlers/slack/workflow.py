"""The steps that Baton gives to Workflow Builder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs.workflow import DOOR, StepInputs, hand_off_by_step
from bot.views.workflow import NotTakenIn, failure, outputs
from handlers.desk import Desk
from handlers.slack.payloads import Body
from handlers.slack.steps import complete_step, fail_step


async def hand_off_lead(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """*Hand off a lead*: completed with the lead's number, stage and owner, or failed with the reason."""
    event: Mapping[str, Any] = body["event"]
    done = await desk.do(hand_off_by_step, StepInputs(event.get("inputs") or {}), f"api:{DOOR}")
    if isinstance(done, NotTakenIn):
        fail_step(desk, event, failure(done))
    else:
        complete_step(desk, event, outputs(done))
    await ack()
