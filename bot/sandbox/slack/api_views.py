"""The Web API's views methods, and what a view_submission's answer does to the open modals."""

from __future__ import annotations

from bot.sandbox.slack.blockkit import check_view
from bot.sandbox.slack.context import Context, decoded, needed
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import JsonDict, View
from bot.sandbox.slack.schema import Fault
from bot.sandbox.slack.tickets import Trigger

STACK_LIMIT = 3


def checked_view(args: JsonDict, kind: str) -> JsonDict:
    """The view argument. Raises ApiError `invalid_arguments` with a pointer to each fault."""
    view = decoded(args, "view", "invalid_arguments")
    faults = check_view(view, kind=kind)
    if faults:
        raise ApiError("invalid_arguments", faults=faults)
    checked: JsonDict = view
    return checked


def open_view(context: Context, args: JsonDict) -> JsonDict:
    """views.open"""
    trigger = redeemed(context, args)
    payload = checked_view(args, "modal")
    refuse_twin(context, payload)
    return {"view": context.workspace.open_modal(trigger.user, payload).to_api()}


def push_view(context: Context, args: JsonDict) -> JsonDict:
    """views.push: on top of the modal that the trigger came from."""
    trigger = redeemed(context, args)
    payload = checked_view(args, "modal")
    refuse_twin(context, payload)
    stack = context.workspace.modals.get(trigger.user, [])
    if not stack:
        raise ApiError("not_found")
    if len(stack) >= STACK_LIMIT:
        raise ApiError("push_limit_reached")
    return {"view": context.workspace.open_modal(trigger.user, payload, push=True).to_api()}


def update_view(context: Context, args: JsonDict) -> JsonDict:
    """views.update: needs no trigger; a `hash` that is no longer the view's is refused."""
    payload = checked_view(args, "")
    view = wanted(context, args)
    if view is None:
        raise ApiError("not_found")
    if payload["type"] != view.payload["type"]:
        raise ApiError("invalid_arguments", faults=[Fault("type of a view cannot change", "/view/type")])
    check_hash(args, view)
    context.workspace.replace_view(view, payload)
    return {"view": view.to_api()}


def publish_view(context: Context, args: JsonDict) -> JsonDict:
    """views.publish"""
    payload = checked_view(args, "home")
    person = context.person(needed(args, "user_id"))
    if person.is_bot or person.deleted:
        raise ApiError("invalid_arguments")
    if person.id in context.workspace.homes:
        check_hash(args, context.workspace.homes[person.id])
    return {"view": context.workspace.publish_home(person.id, payload).to_api()}


def redeemed(context: Context, args: JsonDict) -> Trigger:
    """The trigger that a call spends; it is spent even when the view is refused afterwards."""
    return context.tickets.redeem(needed(args, "trigger_id"))


def wanted(context: Context, args: JsonDict) -> View | None:
    """The view that an update names, by either kind of id."""
    if args.get("view_id"):
        return context.workspace.view(str(args["view_id"]))
    return context.workspace.view_by_external_id(needed(args, "external_id"))


def check_hash(args: JsonDict, view: View) -> None:
    """Raise ApiError `hash_conflict` for an update of a view that has changed since it was read."""
    if args.get("hash") and args["hash"] != view.hash:
        raise ApiError("hash_conflict")


def refuse_twin(context: Context, payload: JsonDict) -> None:
    """Raise ApiError when another view has this external_id."""
    external_id = payload.get("external_id")
    if external_id and context.workspace.view_by_external_id(external_id) is not None:
        raise ApiError("duplicate_external_id")


def apply_submission(context: Context, view: View, answer: JsonDict) -> None:
    """Do what the bot answered to a submission: close, errors, update, push or clear. Raises ApiError."""
    action = answer.get("response_action")
    match action:
        case None:
            context.workspace.close_modal(view)
        case "clear":
            context.workspace.close_modal(view, clear=True)
        case "errors":
            show_errors(context, view, answer.get("errors"))
        case "update":
            context.workspace.replace_view(view, checked_view(answer, "modal"))
        case "push":
            payload = checked_view(answer, "modal")
            if len(context.workspace.modals.get(view.user, [])) >= STACK_LIMIT:
                raise ApiError("push_limit_reached")
            context.workspace.open_modal(view.user, payload, push=True)
        case _:
            raise ApiError("invalid_arguments", faults=[Fault(f"unknown: {action}", "/response_action")])


def show_errors(context: Context, view: View, errors: object) -> None:
    """Show faults beside a modal's inputs. Raises ApiError unless each names an input block of the view."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise ApiError("invalid_arguments", faults=[Fault("missing required field: errors", "/errors")])
    strangers = [Fault("no such input block", f"/errors/{name}") for name in errors if name not in inputs]
    if strangers:
        raise ApiError("invalid_arguments", faults=strangers)
    view.errors = {name: str(text) for name, text in errors.items()}
    context.workspace.tell_modals(view.user)
