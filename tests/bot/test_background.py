"""Work that fails: one line where that passes by itself, all of it where nobody foresaw it."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.background import Background
from bot.slack.errors import Unsaid, is_passing, was_closed


def refused(code: str) -> SlackApiError:
    response = SimpleNamespace(status_code=200, data={"ok": False, "error": code}, headers={})
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the SDK ships it untyped


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (Unsaid(404, '{"ok":false,"error":"used_url"}'), logging.WARNING),
        (Unsaid(503, "<html>"), logging.WARNING),
        (Unsaid(400, "invalid_blocks"), logging.ERROR),
        (aiohttp.InvalidURL("#1"), logging.WARNING),
        (TimeoutError(), logging.WARNING),
        (KeyError("lead"), logging.ERROR),
        (refused("expired_trigger_id"), logging.WARNING),
        (refused("not_found"), logging.INFO),  # it was closed meanwhile
    ],
)
async def test_only_what_nobody_foresaw_is_logged_in_full(
    error: Exception, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise error

    background = Background(is_passing, was_closed)
    with caplog.at_level(logging.INFO):
        background.start(fail(), "answer a click")
        await background.finish(timedelta(seconds=5))
    [line] = caplog.records
    assert line.getMessage().startswith("could not answer a click")
    assert (line.levelno, line.exc_info is None) == (level, level < logging.ERROR)
