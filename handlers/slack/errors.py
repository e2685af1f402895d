"""The one place that turns an error of a listener into what the person reads, and always into a 200."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from bot.errors import DomainError, InvalidInput, NotAllowed
from bot.logs import trace
from bot.pressed import SentTwice
from bot.rules.presence import to_ask
from bot.slack.errors import TOO_LATE_CODES, is_passing, verdict_on
from bot.slack.link import error_code
from bot.views import answers
from bot.views.modals.notice import notice_modal
from handlers.desk import Desk
from handlers.slack.conversation import say, tell_by_notice, tell_by_response, words
from handlers.slack.members import ASKING
from handlers.slack.payloads import Body, inputs_of, user_of
from handlers.slack.shapes import is_misshapen
from handlers.slack.steps import EVENT, fail_step
from storage.database import DatabaseAway

TOO_LATE = "Slack did not open the form in time. Please click again."
UNKNOWN = "This is from another version of Baton. Nothing was changed. Try `/lead help`."


async def answer(desk: Desk, error: Exception, body: Body) -> BoltResponse:
    """Answer for a listener that raised. Nothing is swallowed: what nobody foresaw is logged, once."""
    if isinstance(error, SentTwice):
        desk.log.info("a form came twice: %s", error)
        return BoltResponse(status=200)
    if is_misshapen(error):
        desk.log.warning("a payload that is not Slack's: %s", type(error).__name__)
        return BoltResponse(status=200)
    if isinstance(error, InvalidInput) and inputs_of(body) and body.get("type") == "view_submission":
        desk.log.info("refused: %s", type(error).__name__)
        return _json({"response_action": "errors", "errors": _faults(error, inputs_of(body))})
    place = _on_the_modal if isinstance(error, InvalidInput) and _is_in_modal(body) else _place(body)
    return place(desk, body, _words(desk, await _with_whom_to_ask(desk, error), body))


async def _with_whom_to_ask(desk: Desk, error: Exception) -> Exception:
    """The error as it is; a refusal names nobody who is away or gone, as long as somebody else is there."""
    if isinstance(error, NotAllowed):
        with suppress(DatabaseAway):
            who_can = await desk.database.read(to_ask, error.who_can, desk.clock.now())
            return NotAllowed(error.action, who_can, error.team, holder=error.holder)
    return error


async def unknown(desk: Desk, body: Body) -> BoltResponse:
    """Something was clicked or sent that no listener is for: an old message, after an update."""
    actions = body.get("actions") or [{}]
    desk.log.warning("nobody listens to %s %r", body.get("type"), actions[0].get("action_id", ""))
    return _place(body)(desk, body, UNKNOWN)


def _words(desk: Desk, error: Exception, body: Body) -> str:
    match error:
        case DomainError():
            desk.log.info("refused: %s", error)
            return answers.answer_to(error, "" if _is_a_step(body) else user_of(body))
        case DatabaseAway():
            desk.log.warning("not done, the database is away: %s", error)
            return answers.TRY_AGAIN
        case SlackApiError() if error_code(error) in TOO_LATE_CODES:
            desk.log.warning("a form came too late: %s", error_code(error))
            return TOO_LATE
        case _ if is_passing(error):
            desk.log.warning("Slack did not open a form: %s", verdict_on(error))
            return TOO_LATE
        case _:
            desk.log.error("a listener failed, reference %s", trace(), exc_info=error)
            return answers.something_wrong(trace())


def _faults(error: InvalidInput, inputs: tuple[str, ...]) -> dict[str, str]:
    """The faults at their blocks; one whose block is not in the modal yet stands at the first."""
    return {field if field in inputs else inputs[0]: fault for field, fault in error.faults.items()}


_Place = Callable[[Desk, Body, str], BoltResponse]


def _place(body: Body) -> _Place:
    """Where the person looks at this moment."""
    return next(place for is_there, place in _PLACES if is_there(body))


def _in_the_ack(_desk: Desk, _body: Body, text: str) -> BoltResponse:
    return _json({"response_type": "ephemeral", "text": text})


def _instead_of_the_modal(_desk: Desk, _body: Body, text: str) -> BoltResponse:
    return _json({"response_action": "update", "view": notice_modal(text)})


def _is_in_modal(body: Body) -> bool:
    return body.get("view", {}).get("type") == "modal" and body.get("type") != "view_submission"


def _on_the_modal(desk: Desk, body: Body, text: str) -> BoltResponse:
    """On top of a form, which keeps what was entered."""
    told = tell_by_notice(desk, str(body["trigger_id"]), user_of(body), text, over_another=True)
    desk.background.start(told, "answer in a modal")
    return BoltResponse(status=200)


def _over_the_modal(desk: Desk, body: Body, text: str) -> BoltResponse:
    drawn = desk.client.views_update(view_id=body["view"]["id"], view=notice_modal(text))
    desk.background.start(drawn, "answer in a modal")
    return BoltResponse(status=200)


def _beside_the_message(desk: Desk, body: Body, text: str) -> BoltResponse:
    told = tell_by_response(desk, str(body["response_url"]), user_of(body), text)
    desk.background.start(told, "answer a click")
    return BoltResponse(status=200)


def _in_a_notice(desk: Desk, body: Body, text: str) -> BoltResponse:
    """On Home and from a global shortcut: Slack gives no address for an answer."""
    told = tell_by_notice(desk, str(body["trigger_id"]), user_of(body), text)
    desk.background.start(told, "answer in a notice")
    return BoltResponse(status=200)


def _in_the_conversation(desk: Desk, body: Body, text: str) -> BoltResponse:
    desk.background.start(say(desk, body["event"], words(text)), "answer a message")
    return BoltResponse(status=200)


def _is_a_step(body: Body) -> bool:
    """A workflow came to a step of ours: nobody in particular waits."""
    return bool(body.get("event", {}).get("type") == EVENT)


def _in_the_step(desk: Desk, body: Body, text: str) -> BoltResponse:
    fail_step(desk, body["event"], text)
    return BoltResponse(status=200)


def _nowhere(_desk: Desk, _body: Body, _text: str) -> BoltResponse:
    """What Slack tells by itself, for which nobody waits."""
    return BoltResponse(status=200)


# The first that fits.
_PLACES: tuple[tuple[Callable[[Body], bool], _Place], ...] = (
    (lambda body: "command" in body, _in_the_ack),
    (lambda body: body.get("type") == "view_submission", _instead_of_the_modal),
    (_is_in_modal, _over_the_modal),
    (lambda body: bool(body.get("response_url")), _beside_the_message),
    (lambda body: bool(body.get("trigger_id")), _in_a_notice),
    (lambda body: body.get("event", {}).get("type") in ASKING, _in_the_conversation),
    (_is_a_step, _in_the_step),
    (lambda _body: True, _nowhere),
)


def _json(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=body)
