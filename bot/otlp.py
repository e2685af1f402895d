"""Spans sent to a collector over OTLP, by OpenTelemetry's own SDK, which reads the variables OTEL_* itself.

Whoever imports this loads the SDK: only where the environment names a collector.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b

from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanKind, StatusCode, use_span

from bot.errors import DomainError
from bot.logs import use_long_traces
from bot.spans import Attributes

_HEX = re.compile(r"(?=.*[1-9a-f])[0-9a-f]{1,32}")
_wanted: ContextVar[str | None] = ContextVar("wanted", default=None)


class Collector:
    """Sends spans by a processor. The log's traces are as long as trace ids until it is closed."""

    def __init__(self, processor: SpanProcessor, version: str) -> None:
        use_long_traces()
        resource = Resource.create({"service.version": version})
        self._provider = TracerProvider(resource=resource, id_generator=_Ids())
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("baton", version)

    @classmethod
    def over_http(cls, variables: Mapping[str, str], version: str) -> Collector:
        """The collector that the variables OTEL_* name."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        for name, value in variables.items():  # those of .env, which the SDK does not read
            if name.startswith("OTEL_"):
                os.environ.setdefault(name, value)
        os.environ.setdefault("OTEL_SERVICE_NAME", "baton")
        return cls(BatchSpanProcessor(OTLPSpanExporter()), version)

    @contextmanager
    def span(
        self, name: str, trace: str, attributes: Attributes, *, caller: str | None, inner: bool
    ) -> Iterator[_AtHand]:
        """See `bot.spans.span`."""
        context = None if inner else Context()
        if caller is not None:
            context = propagate.extract({"traceparent": caller}, Context())
        span = self._begun(name, trace, attributes, context)
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            at_hand = _AtHand(span)
            try:
                yield at_hand
            except BaseException as error:
                at_hand.ended_by(error)
                raise

    def record(self, name: str, trace: str, since: int, attributes: Attributes) -> None:
        """See `bot.spans.record`."""
        self._begun(name, trace, attributes, Context(), since).end()

    def now(self) -> int:
        """Nanoseconds since 1970."""
        return time.time_ns()

    def close(self) -> None:
        """Send what is left."""
        use_long_traces(False)
        self._provider.shutdown()

    def _begun(
        self,
        name: str,
        trace: str,
        attributes: Attributes,
        context: Context | None,
        since: int | None = None,
    ) -> Span:
        token = _wanted.set(trace)
        try:
            return self._tracer.start_span(
                name, context, _kind(attributes), attributes=_given(attributes), start_time=since
            )
        finally:
            _wanted.reset(token)


class _Ids(RandomIdGenerator):
    """A span that begins a trace has the log's trace for its id."""

    def generate_trace_id(self) -> int:
        wanted = _wanted.get()
        return super().generate_trace_id() if wanted is None else trace_id(wanted)


class _AtHand:
    def __init__(self, span: Span) -> None:
        self._span = span

    def note(self, attributes: Attributes, *, name: str = "") -> None:
        self._span.set_attributes(_given(attributes))
        if name:
            self._span.update_name(name)

    def failed(self, why: str) -> None:
        self._span.set_attribute("error.type", why)
        self._span.set_status(StatusCode.ERROR)

    def ended_by(self, error: BaseException) -> None:
        """A refusal is an answer; only what nobody foresaw is an error. Its text stays here."""
        if isinstance(error, DomainError):
            self._span.set_attribute("error.type", type(error).__name__)
        else:
            self.failed(type(error).__name__)


def trace_id(trace: str) -> int:
    """A trace of the log as a trace id: itself where it is one, else always the same one."""
    if _HEX.fullmatch(trace):
        return int(trace, 16)
    return int.from_bytes(blake2b(trace.encode(), digest_size=16).digest())


def _kind(attributes: Attributes) -> SpanKind:
    if "http.request.method" in attributes:
        return SpanKind.SERVER
    return SpanKind.PRODUCER if "messaging.system" in attributes else SpanKind.INTERNAL


def _given(attributes: Attributes) -> dict[str, str | int | float | bool]:
    return {
        str(name): value if isinstance(value, bool | int | float) else str(value)
        for name, value in attributes.items()
        if value is not None
    }
