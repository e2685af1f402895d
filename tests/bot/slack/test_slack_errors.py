"""Slack's answers, each sorted by what it means for the message that caused it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.delivery.outcomes import LONGEST_BACKOFF, backoff
from bot.slack.errors import Verdict, explanations, verdict_on

PLACES = (
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "missing_scope",
    "no_permission",
    "user_disabled",
    "user_not_found",
    "cannot_dm_bot",
    "messages_tab_disabled",
    "is_inactive",
)
WORKSPACES = (
    "invalid_auth",
    "not_authed",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "org_login_required",
    "ekm_access_denied",
    "team_access_not_granted",
)
MESSAGES = (
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_too_long",
    "msg_blocks_too_long",
    "no_text",
    "invalid_metadata_schema",
    "an_error_of_tomorrow",
)


def refusal(code: str = "", status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    data: Any = {"ok": False, "error": code} if code else {}
    response = SimpleNamespace(status_code=status, data=data, headers=headers or {})
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the SDK ships it untyped


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(code, Verdict.PLACE) for code in PLACES]
    + [(code, Verdict.WORKSPACE) for code in WORKSPACES]
    + [(code, Verdict.MESSAGE) for code in MESSAGES]
    + [
        ("ratelimited", Verdict.WAIT),
        ("message_limit_exceeded", Verdict.WAIT),
        ("request_timeout", Verdict.AGAIN),
        ("internal_error", Verdict.DOUBT),
        ("fatal_error", Verdict.DOUBT),
        ("service_unavailable", Verdict.DOUBT),
        ("cant_update_message", Verdict.GONE),  # an open card is posted again, once
        ("edit_window_closed", Verdict.GONE),
        ("message_not_found", Verdict.GONE),
        ("thread_not_found", Verdict.GONE),
    ],
)
def test_each_of_slacks_names_has_its_verdict(code: str, verdict: Verdict) -> None:
    answer = verdict_on(refusal(code))
    assert answer.verdict is verdict
    assert answer.error in (code, "ratelimited")


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        *(("30", 30.0), ("0", 1.0), ("2.5", 2.5), ("soon", 1.0), ("", 1.0), (None, 1.0)),
        *(("1000000000", 3600.0), ("²", 1.0), ("-5", 1.0)),
    ],
)
def test_a_429_waits_as_long_as_it_says_and_at_least_a_second(after: str | None, seconds: float) -> None:
    headers = {} if after is None else {"Retry-After": after}
    answer = verdict_on(refusal("ratelimited", 429, headers))
    assert (answer.verdict, answer.wait) == (Verdict.WAIT, timedelta(seconds=seconds))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_breaks_down_leaves_a_doubt(status: int) -> None:
    assert verdict_on(refusal("", status)).verdict is Verdict.DOUBT


def test_an_answer_that_is_not_slacks_leaves_a_doubt() -> None:
    assert verdict_on(refusal("", 200)).verdict is Verdict.DOUBT


def unreachable() -> aiohttp.ClientConnectorError:
    key = aiohttp.client_reqrep.ConnectionKey("slack.example", 443, True, True, None, None, None)
    return aiohttp.ClientConnectorError(key, OSError(111, "refused"))


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (unreachable(), Verdict.AGAIN),
        (aiohttp.ConnectionTimeoutError(), Verdict.AGAIN),
        (aiohttp.ServerDisconnectedError(), Verdict.SILENCE),
        (aiohttp.ClientOSError(104, "reset by peer"), Verdict.SILENCE),
        (aiohttp.ClientPayloadError(), Verdict.SILENCE),
        (TimeoutError(), Verdict.SILENCE),
        (ConnectionResetError(), Verdict.SILENCE),
    ],
)
def test_a_broken_connection_is_a_doubt_unless_nothing_was_sent(error: Exception, verdict: Verdict) -> None:
    assert verdict_on(error).verdict is verdict


def test_a_fault_of_ours_is_no_answer_of_slacks() -> None:
    with pytest.raises(KeyError):
        verdict_on(KeyError("ts"))


def test_the_wait_doubles_up_to_half_a_minute_with_chance_in_it() -> None:
    for attempts, longest in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (50, 30), (5_000, 30)]:
        waits = {backoff(attempts) for _ in range(50)}
        assert max(waits) <= timedelta(seconds=longest) <= LONGEST_BACKOFF
        assert min(waits) >= timedelta(seconds=longest / 2)
        assert len(waits) > 10


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            {"response_metadata": {"messages": ["[ERROR] too long [json-pointer:/blocks/0/text]"]}},
            "too long [json-pointer:/blocks/0/text]",
        ),
        (
            {
                "errors": ["too long [json-pointer:/a]"],
                "response_metadata": {"messages": ["[ERROR] too long [json-pointer:/a]"]},
            },
            "too long [json-pointer:/a]",
        ),
        (
            {"errors": [{"pointer": "/0/text", "code": "c", "message": "is missing"}]},
            "is missing [json-pointer:/0/text]",
        ),
        ({"errors": [{"code": "failed_constraint"}]}, "failed_constraint"),
        ({"errors": None, "response_metadata": None}, ""),
        ("<html>", ""),
    ],
)
def test_slacks_own_explanation_is_kept_with_its_pointer(data: object, says: str) -> None:
    assert "; ".join(explanations(data)) == says
