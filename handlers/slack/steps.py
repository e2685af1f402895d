"""How a step of a workflow ends. Slack is told until it hears: one that never ends holds its workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.slack.errors import FAILURES, Verdict, verdict_on
from handlers.desk import Desk
from handlers.slack.conversation import BETWEEN_POSTS, TRIES

EVENT = "function_executed"
_PASSING = (
    Verdict.AGAIN,
    Verdict.WAIT,
    Verdict.DOUBT,
    Verdict.SILENCE,
)  # to end a step twice changes nothing


def complete_step(desk: Desk, event: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    """Let the step that an event began end with these outputs."""
    _end(desk, event, "functions.completeSuccess", {"outputs": dict(outputs)})


def fail_step(desk: Desk, event: Mapping[str, Any], why: str) -> None:
    """Let it end with the reason why it did nothing, for whoever built the workflow."""
    _end(desk, event, "functions.completeError", {"error": why})


def _end(desk: Desk, event: Mapping[str, Any], method: str, told: dict[str, Any]) -> None:
    """Tell Slack, beside the answer to its event. A step has a token of its own."""
    if token := event.get("bot_access_token"):
        told["token"] = token
    told["function_execution_id"] = str(event["function_execution_id"])
    desk.background.start(_until_heard(desk, method, told), "end a step of a workflow")


async def _until_heard(desk: Desk, method: str, told: dict[str, Any]) -> None:
    for left in reversed(range(TRIES)):
        try:
            await desk.client.api_call(method, json=told)
            return
        except FAILURES as error:
            found = verdict_on(error)
            if not left or found.verdict not in _PASSING:
                raise
            await asyncio.sleep(desk.clock.real_seconds(found.wait or BETWEEN_POSTS))
