"""What an answer from Slack means for the message that caused it.

Slack's error names are sorted here once, after the tables of errors in Slack's reference of chat.postMessage,
chat.update, conversations.history, conversations.replies and conversations.open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

FAILURES = (SlackClientError, aiohttp.ClientError, OSError)
"""Whatever a call to Slack can fail with (a timeout is an OSError): what `verdict_on` sorts."""


LONGEST_WAIT = timedelta(hours=1)
"""The longest that Slack is believed when it asks to wait."""
_LEAST_WAIT = timedelta(seconds=1)
_MOST = 1e9  # seconds: more may be more than a timedelta holds


class Verdict(StrEnum):
    """What to do next."""

    AGAIN = "again"  # certainly not shown: try again
    WAIT = "wait"  # too fast: this operation in this place waits
    DOUBT = "doubt"  # answered, but shown or not: look before anything else
    SILENCE = "silence"  # no answer: the call may take effect, now or in a moment
    PLACE = "place"  # nothing can be shown there until somebody mends it
    WORKSPACE = "workspace"  # nothing can be shown anywhere until somebody mends it
    MESSAGE = "message"  # this one cannot be shown as it is
    GONE = "gone"  # the message to be rewritten or answered was deleted


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, Slack's own name for the fault, and how long to wait if it said so.

    `says`: Slack's own explanations, each with the pointer to what it is about.
    """

    verdict: Verdict
    error: str
    wait: timedelta | None = None
    says: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The fault's name, and why, as Slack explains it."""
        return ": ".join(part for part in (self.error, "; ".join(self.says)) if part)


_CODES: dict[Verdict, frozenset[str]] = {
    Verdict.WAIT: frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"}),
    Verdict.AGAIN: frozenset({"request_timeout", "team_added_to_org"}),
    Verdict.DOUBT: frozenset({"internal_error", "fatal_error", "service_unavailable", "update_failed"}),
    Verdict.GONE: frozenset(
        {"cant_update_message", "edit_window_closed", "message_not_found", "thread_not_found"}
    ),
    Verdict.PLACE: frozenset(
        {
            "access_denied",
            "cannot_dm_bot",
            "channel_is_limited_access",
            "channel_not_found",
            "external_channel_migrating",
            "is_archived",
            "is_inactive",
            "method_not_supported_for_channel_type",
            "messages_tab_disabled",
            "missing_scope",
            "no_permission",
            "not_in_channel",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
            "user_disabled",
            "user_not_found",
            "user_not_visible",
            "users_not_found",
        }
    ),
    Verdict.WORKSPACE: frozenset(
        {
            "accesslimited",
            "account_inactive",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "invalid_auth",
            "not_allowed_token_type",
            "not_authed",
            "org_login_required",
            "team_access_not_granted",
            "team_not_found",
            "token_expired",
            "token_revoked",
            "two_factor_setup_required",
        }
    ),
}
_BY_CODE = {code: verdict for verdict, codes in _CODES.items() for code in codes}


class Unsaid(RuntimeError):
    """Slack took no answer at the address that came with a click; the text has its status and its words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"Slack answered {status} {words[:200]}")
        self.status = status


_CLOSED_CODES = frozenset({"hash_conflict", "not_found"})
TOO_LATE_CODES = _CLOSED_CODES | {
    "exchanged_trigger_id",
    "expired_trigger_id",
    "invalid_trigger_id",
    "trigger_exchanged",
    "trigger_expired",
}
"""What Slack says of a form that comes too late after the click, or was closed or redrawn meanwhile."""


def is_passing(error: BaseException) -> bool:
    """Whether a call failed for Slack's sake, the network's or time's, and not for what was sent."""
    if isinstance(error, Unsaid):  # 404: the address is spent, or too old
        return error.status in (404, 429) or error.status >= 500
    if isinstance(error, FAILURES):
        answer = verdict_on(error)
        return answer.verdict is not Verdict.MESSAGE or answer.error in TOO_LATE_CODES
    return False


def was_closed(error: BaseException) -> bool:
    """Whether a form could not be drawn again because whoever had it open closed it, or went on in it."""
    return isinstance(error, SlackApiError) and _refusal(error).error in _CLOSED_CODES


class NoPlace(Exception):
    """Slack says ok and does not say where: whether the message stands there nobody knows."""


def verdict_on(error: Exception) -> Answer:
    """What a failed call means. Raises what it was given if that is no failure of a call.

    `wait` is a second to an hour where Slack asked for one: then it is tried again, whatever was asked.
    """
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Answer(Verdict.AGAIN, type(error).__name__)  # nothing was sent
    if isinstance(error, NoPlace):
        return Answer(Verdict.DOUBT, "ok without a ts")
    if isinstance(error, FAILURES):
        return Answer(Verdict.SILENCE, type(error).__name__)
    raise error


def _refusal(error: SlackApiError) -> Answer:
    # The SDK hands over its own response, or aiohttp's where the body was no JSON.
    status = int(getattr(error.response, "status_code", 0) or getattr(error.response, "status", 200))
    data = getattr(error.response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or _BY_CODE.get(code) is Verdict.WAIT:
        after = error.response.headers.get("Retry-After", "1")
        seconds = float(after) if after.replace(".", "", 1).isdecimal() else 1.0
        wait = min(max(timedelta(seconds=min(seconds, _MOST)), _LEAST_WAIT), LONGEST_WAIT)
        return Answer(Verdict.WAIT, "ratelimited", wait)
    if status >= 500:
        return Answer(Verdict.DOUBT, f"HTTP {status}")
    if not code:
        return Answer(Verdict.DOUBT, "an answer that is not Slack's")
    return Answer(_BY_CODE.get(code, Verdict.MESSAGE), code, says=tuple(explanations(data)))


FORM_FAULTS = frozenset(
    {
        "blocks_too_long",
        "invalid_arguments",  # of a view: Home
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "too_many_blocks",
    }
)
"""What Slack calls a message that it does not take for its form: the same may be said more simply."""


def explanations(data: object) -> Iterator[str]:
    """Why Slack refused a call, in its own words, each once, with the pointer that it gives."""
    if not isinstance(data, dict):
        return
    metadata = data.get("response_metadata")
    told = [*(data.get("errors") or ()), *((metadata or {}).get("messages") or ())]
    yield from dict.fromkeys(_explanation(one) for one in told)


def _explanation(told: object) -> str:
    if isinstance(told, dict):
        pointer = f" [json-pointer:{told['pointer']}]" if told.get("pointer") else ""
        return f"{told.get('message') or told.get('code') or 'no reason'}{pointer}"
    return str(told).removeprefix("[ERROR] ")
