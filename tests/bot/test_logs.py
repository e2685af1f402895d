"""The log: one line a record, tied together by a trace, without tokens and e-mail addresses."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from bot.logs import Redactor, begin_trace, set_up_logs, trace

SECRETS = [
    "xoxb-123-abc-XyZ",
    "xoxe.xoxb-1-abc",
    "xapp-1-A0-9-ff00",
    "Bearer abcdef123456",
    "https://hooks.slack.com/actions/T1/2/abc",
    "wss://host/link?ticket=abc-def&app_id=1",
    "jane.doe+news@example.co.uk",
    "JÖRG@müller.example",
    "jane%40example.com",
]


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield logging.getLogger("baton.test")
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)


def stream(form: Literal["text", "json"], *known: str) -> io.StringIO:
    out = io.StringIO()
    set_up_logs(form, known_secrets=known, stream=out)
    return out


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_survives(secret: str) -> None:
    hidden = Redactor()(f"before {secret} after")
    kept = {
        "wss://host/link?ticket=abc-def&app_id=1": "abc-def",
        "https://hooks.slack.com/actions/T1/2/abc": "abc",
    }
    assert kept.get(secret, secret.split()[-1]) not in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")


@pytest.mark.parametrize(
    "text",
    [
        "accept by U0REP1: Decided(handoff_id=1)",
        "delivered card 12 after 0.20 s",
        "http://127.0.0.1:3000",
        "a @ b",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor()(text) == text


@pytest.mark.parametrize("long", ["a" * 500_000, "a%40" * 100_000, "a.b-" * 100_000, "Bearer " * 50_000])
def test_a_word_of_any_length_is_looked_at_once(long: str) -> None:
    assert Redactor()(f"{long} jane@acme.example").endswith(" [e-mail]")


def test_known_secrets_go_wherever_they_stand(log: logging.Logger) -> None:
    out = stream("text", "signing-s3cret")
    log.info("signed with %s", "signing-s3cret")
    assert "s3cret" not in out.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_is_redacted_too(log: logging.Logger, form: Literal["text", "json"]) -> None:
    out = stream(form)
    try:
        raise ValueError("no lead jane@example.com with xoxb-1-2")
    except ValueError:
        log.exception("could not find %s", "joe@example.com")
    assert "ValueError: no lead [e-mail] with [token]" in out.getvalue()
    assert "could not find [e-mail]" in out.getvalue()


def test_a_json_line_is_one_object(log: logging.Logger) -> None:
    out = stream("json")
    log.warning("two\nlines", extra={"trace": "abc"})
    line = json.loads(out.getvalue())
    assert (line["level"], line["logger"], line["trace"]) == ("warning", "baton.test", "abc")
    assert line["message"] == "two\nlines"


def test_a_text_line_is_one_line(log: logging.Logger) -> None:
    out = stream("text")
    log.info("two\nlines")
    assert out.getvalue().count("\n") == 1


async def test_a_task_has_one_trace_and_its_log_lines_carry_it(log: logging.Logger) -> None:
    out = stream("json")

    async def click() -> str:
        log.info("clicked")
        first = trace()
        log.info("done")
        assert trace() == first
        return first

    traces = await asyncio.gather(asyncio.create_task(click()), asyncio.create_task(click()))
    assert len(set(traces)) == 2
    lines = [json.loads(line)["trace"] for line in out.getvalue().splitlines()]
    assert set(lines[2:]) <= {*traces, "-"}
    assert set(traces) <= set(lines)


async def test_a_new_trace_replaces_the_old_one() -> None:
    assert begin_trace() != begin_trace()


def test_slacks_library_reports_a_lost_connection_without_a_traceback(log: logging.Logger) -> None:
    out = stream("text")
    try:
        raise ConnectionError("refused")
    except ConnectionError:
        logging.getLogger("slack_sdk").exception("Failed to connect (error: refused); Retrying...")
    assert "Traceback" not in out.getvalue()


@pytest.mark.parametrize(
    "name", ["aiohttp.client", "slack_sdk.web", "apscheduler.scheduler", "uvicorn.error"]
)
def test_libraries_are_quiet_unless_something_is_wrong(log: logging.Logger, name: str) -> None:
    out = stream("text")
    logging.getLogger(name).info("chatter")
    logging.getLogger(name).warning("trouble")
    assert out.getvalue().count("\n") == 1
