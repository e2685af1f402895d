"""The Web API's functions methods: how a step of a workflow ends."""

from __future__ import annotations

from bot.sandbox.slack.context import Context, decoded
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import JsonDict


def complete(context: Context, args: JsonDict) -> JsonDict:
    """functions.completeSuccess"""
    return _end(context, args, {"outputs": decoded(args, "outputs", "invalid_arguments")})


def fail(context: Context, args: JsonDict) -> JsonDict:
    """functions.completeError"""
    return _end(context, args, {"error": str(args.get("error") or "")})


def _end(context: Context, args: JsonDict, end: JsonDict) -> JsonDict:
    execution = str(args.get("function_execution_id"))
    steps = context.workspace.steps
    if execution not in steps:
        raise ApiError("function_execution_not_found")
    if steps[execution]:
        raise ApiError("invalid_function_execution_state")
    steps[execution] = end
    return {}
