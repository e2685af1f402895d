"""Work that fails: one line where that passes by itself, all of it where nobody foresaw it."""

from __future__ import annotations

import logging
from datetime import timedelta

import aiohttp
import pytest

from bot.background import Background
from bot.slack.errors import Unsaid, is_passing


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Unsaid(404, '{"ok":false,"error":"used_url"}'), True),
        (Unsaid(503, "<html>"), True),
        (Unsaid(400, "invalid_blocks"), False),
        (aiohttp.InvalidURL("#1"), True),
        (TimeoutError(), True),
        (KeyError("lead"), False),
    ],
)
async def test_only_what_nobody_foresaw_is_logged_in_full(
    error: Exception, passes: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise error

    background = Background(is_passing)
    with caplog.at_level(logging.WARNING):
        background.start(fail(), "answer a click")
        await background.finish(timedelta(seconds=5))
    [line] = caplog.records
    assert line.getMessage().startswith("could not answer a click")
    assert (line.levelno == logging.WARNING, line.exc_info is None) == (passes, passes)
