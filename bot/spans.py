"""What OpenTelemetry is told: use cases, messages to Slack, rounds of due clocks, calls over HTTP.

Off unless the environment names a collector. Then nothing of OpenTelemetry is loaded, and a span is one look
at a name. Attributes are numbers, ids and words of our own: no field of a lead leaves by this way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from types import TracebackType
from typing import Protocol

COLLECTORS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""Variables that say where the collector is; one of them turns spans on."""
Attributes = Mapping[str, object]


class Attribute(StrEnum):
    """What a span says of Baton's own matters; the rest goes by OpenTelemetry's names."""

    ACTOR = "baton.actor"
    LEAD = "baton.lead.id"
    HANDOFF = "baton.handoff.id"
    DELIVERY = "baton.delivery.id"
    KIND = "baton.delivery.kind"
    ATTEMPT = "baton.delivery.attempt"
    CLOCKS = "baton.clocks"


class Span(Protocol):
    """Something that is going on."""

    def note(self, attributes: Attributes, *, name: str = "") -> None:
        """Say more of it; values that are None are left out. `name` takes the place of its name."""

    def failed(self, why: str) -> None:
        """It came to no good end; `why` in a word that is the same each time."""


class Tracer(Protocol):
    """Where spans go, while there is somewhere."""

    def span(
        self, name: str, trace: str, attributes: Attributes, *, caller: str | None, inner: bool
    ) -> AbstractContextManager[Span]:
        """See `span`."""

    def record(self, name: str, trace: str, began: int, attributes: Attributes) -> None:
        """See `record`."""

    def now(self) -> int:
        """Nanoseconds since 1970."""

    def close(self) -> None:
        """Send what is left."""


class _Nothing:
    def __enter__(self) -> _Nothing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def note(self, attributes: Attributes, *, name: str = "") -> None:
        pass

    def failed(self, why: str) -> None:
        pass


NOTHING = _Nothing()
_tracer: Tracer | None = None


def span(
    name: str, trace: str, attributes: Attributes, *, caller: str | None = None, inner: bool = False
) -> AbstractContextManager[Span]:
    """A span that lasts as long as the block. `trace` is the log's, and the trace id where it can be.

    `inner`: part of the span at hand, if there is one. Else `caller` is the `traceparent` of whoever called.
    """
    return NOTHING if _tracer is None else _tracer.span(name, trace, attributes, caller=caller, inner=inner)


def began() -> int:
    """The moment for `record`."""
    return 0 if _tracer is None else _tracer.now()


def record(name: str, trace: str, since: int, attributes: Attributes) -> None:
    """A span that is over, and began at `since`: for what is worth telling only by what came of it."""
    if _tracer is not None:
        _tracer.record(name, trace, since, attributes)


@contextmanager
def told_to(tracer: Tracer | None) -> Iterator[None]:
    """Send spans there meanwhile, and what is left at the end. None: nowhere."""
    global _tracer
    before, _tracer = _tracer, tracer
    try:
        yield
    finally:
        _tracer = before
        if tracer is not None:
            tracer.close()
