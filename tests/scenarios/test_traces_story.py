"""What OpenTelemetry hears of a lead on its way: whose trace it is, what it says, and what not."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pydantic import SecretStr

import app
from bot.agreement import LoadedAgreement
from bot.clock import Clock
from bot.errors import CannotStart
from bot.logs import begin_trace, set_up_logs
from bot.otlp import Collector, trace_id
from bot.sandbox import FaultKind
from bot.sandbox.scenario.sentences import anything, ephemeral_to, post_in, reply_to, update_of
from bot.settings import Settings
from bot.spans import COLLECTORS, NOTHING, span, told_to
from handlers.tracing import traced
from tests.scenarios.conftest import NOBODY_SPECIAL, told

THEIRS = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def heard() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    with told_to(Collector(SimpleSpanProcessor(exporter), "test")):
        yield exporter


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logs("json", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)


def the(heard: InMemorySpanExporter, name: str) -> ReadableSpan:
    return next(each for each in heard.get_finished_spans() if each.name == name)


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


async def test_a_lead_is_followed_from_the_callers_trace_to_slack_and_to_the_click(
    heard: InMemorySpanExporter, log: io.StringIO, sqlite_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    tokens = {SecretStr("s3cret"): "crm"}
    async with told("socket", sqlite_url, agreement, clock, intake_tokens=tokens) as story:
        slack = story.slack
        lead = {**NOBODY_SPECIAL, "email": "jane@acme.example", "activities": [{"type": "demo_request"}]}
        headers = {"Authorization": "Bearer s3cret", "traceparent": f"00-{THEIRS}-{PARENT}-01"}
        async with aiohttp.ClientSession(headers=headers) as http:
            answer = await http.post(f"{story.baton.url}/leads", json=lead)
            assert (answer.status, answer.headers["X-Request-Id"]) == (201, THEIRS)
            await http.get(f"{story.baton.url}/readyz")
        card = await slack.expects(post_in("C0SALES"))
        await slack.person("U0REP1").clicks("Accept").on(card)
        await slack.expects(update_of(card))
        await slack.expects(reply_to(card))
        await story.all_is_delivered()
        clock.jump(timedelta(hours=1))
        await story.baton.engine.advance(clock.now())
        slack.ignores(anything())

    call, sent, accept = (the(heard, name) for name in ("POST /leads", "send card", "accept"))
    assert trace_of(call) == trace_of(sent) == THEIRS
    assert call.parent is not None
    assert f"{call.parent.span_id:016x}" == PARENT
    assert (call.kind, sent.kind) == (SpanKind.SERVER, SpanKind.PRODUCER)
    assert dict(call.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/leads",
        "http.response.status_code": 201,
    }
    told_of = dict(sent.attributes or {})
    assert told_of.pop("messaging.message.id") == card.ts
    assert told_of == {
        "messaging.system": "slack",
        "messaging.operation.type": "send",
        "messaging.operation.name": "post",
        "messaging.destination.name": "C0SALES",
        "baton.delivery.id": 1,
        "baton.delivery.kind": "card",
        "baton.delivery.attempt": 1,
        "baton.lead.id": 1,
        "baton.handoff.id": 1,
    }
    who = {"baton.actor": "U0REP1", "baton.lead.id": 1, "baton.handoff.id": 1}
    assert dict(accept.attributes or {}) == who
    assert (the(heard, "tick").attributes or {})["baton.clocks"] == 1
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    [line] = [line for line in lines if line.get("event") == "accept"]
    assert (line["trace"], line["actor"]) == (trace_of(accept), "U0REP1")
    assert (line["lead"], line["handoff"]) == (1, 1)
    told_of_all = " ".join(each.to_json() for each in heard.get_finished_spans())
    assert not re.search("jane|acme|/readyz|s3cret", told_of_all, re.IGNORECASE)


async def test_what_slack_refuses_is_an_error_and_what_baton_refuses_is_not(
    heard: InMemorySpanExporter, sqlite_url: str, agreement: LoadedAgreement, clock: Clock
) -> None:
    async with told("socket", sqlite_url, agreement, clock) as story:
        slack = story.slack
        slack.tolerates("internal_error")
        slack.fault("chat.postMessage", FaultKind.REFUSED, error="internal_error")
        await story.lead_comes_in()
        card = await slack.expects(post_in("C0SALES"))
        await slack.person("U0MARA").clicks("Accept").on(card)
        await slack.expects(ephemeral_to("U0MARA"))
        await story.all_is_delivered()
    first = the(heard, "send card")
    assert (first.status.status_code, (first.attributes or {})["error.type"]) == (
        StatusCode.ERROR,
        "SlackApiError",
    )
    refused = the(heard, "accept")
    assert (refused.status.status_code, (refused.attributes or {})["error.type"]) == (
        StatusCode.UNSET,
        "NotAllowed",
    )


async def test_the_logs_trace_is_the_trace_id(heard: InMemorySpanExporter) -> None:
    fresh = begin_trace()
    assert re.fullmatch("[0-9a-f]{32}", fresh)
    with span("outer", fresh, {}), span("inner", "another", {}, inner=True):
        pass
    assert {trace_of(each) for each in heard.get_finished_spans()} == {fresh}
    assert trace_id("a1b2c3d4e5f6") == 0xA1B2C3D4E5F6  # of a row from before
    assert trace_id("crm-17") == trace_id("crm-17") != trace_id("0" * 32) != 0


async def test_without_a_collector_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(app.__file__).parent
    rooms = (root / room for room in ("bot", "handlers", "storage"))
    files = [root / "app.py", *(path for room in rooms for path in room.rglob("*.py"))]
    loads = re.compile(r"^\s*(from|import) opentelemetry", re.MULTILINE)
    who = [path.name for path in files if loads.search(path.read_text("utf-8"))]
    assert who == ["otlp.py"]
    monkeypatch.setitem(sys.modules, "bot.otlp", None)  # loading it fails
    plain = Settings(slack_bot_token=SecretStr("xoxb-1"))
    with traced(plain):
        assert span("accept", "t", {}) is NOTHING
        assert len(begin_trace()) == 12
    for name in COLLECTORS:
        named = plain.model_copy(update={"variables": {name: SecretStr("http://127.0.0.1:1")}})
        with pytest.raises(CannotStart, match=r"Install baton\[otel\]"):
            traced(named)


def test_the_environment_turns_it_on_and_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "baton")
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": SecretStr("http://127.0.0.1:1")}
    settings = Settings(slack_bot_token=SecretStr("xoxb-1"), variables=variables)
    with traced(settings):
        assert span("accept", "t", {}, inner=True) is not NOTHING
    off = settings.model_copy(update={"variables": {**variables, "OTEL_SDK_DISABLED": SecretStr("true")}})
    with traced(off):
        assert span("accept", "t", {}) is NOTHING
