"""What is not written as Slack writes it names nobody and leads nowhere: no listener hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.slack.payloads import number_in
from handlers.slack.shapes import misshapen_in

WELL: tuple[dict[str, Any], ...] = (
    {},
    {
        "user": {"id": "U0REP1"},
        "channel": {"id": "C0SALES"},
        "trigger_id": "1.a",
        "response_url": "https://a.b/c",
    },
    {"user_id": "W012", "channel_id": "D0REP1"},
    {"event": {"user": "U0REP1", "channel": "G012"}},
    {"event": {"user": {"id": "U0REP1"}}},
    {"event": {"type": "message", "bot_id": "B0"}},
    {"user": None},
)
ODD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"user": {"id": "[None]"}}, "user.id"),
    ({"user": {"id": 7}}, "user.id"),
    ({"user_id": "x" * 5000}, "user_id"),
    ({"event": {"user": "#1"}}, "event.user"),
    ({"event": {"user": {"id": ""}}}, "event.user.id"),
    ({"channel": {"id": "sales"}}, "channel.id"),
    ({"channel_id": []}, "channel_id"),
    ({"trigger_id": ""}, "trigger_id"),
    ({"response_url": "file:///etc/passwd"}, "response_url"),
    ({"response_url": "#1"}, "response_url"),
)


@pytest.mark.parametrize("body", WELL)
def test_what_slack_writes_is_heard(body: dict[str, Any]) -> None:
    assert list(misshapen_in(body)) == []


@pytest.mark.parametrize(("body", "place"), ODD)
def test_what_slack_never_writes_is_named(body: dict[str, Any], place: str) -> None:
    assert list(misshapen_in(body)) == [place]


@pytest.mark.parametrize("text", ["", "-1", "1.5", "#1", "\u0661", "9" * 19])
def test_what_is_no_id_is_refused_before_the_database_hears_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        number_in(text)
    assert number_in("12") == 12
