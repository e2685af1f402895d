"""What Prometheus reads at `/metrics`, in a registry of its own.

What the database knows is counted there at each scrape, so that it is true after a restart and the same for
all replicas. Only how fast this process delivers is kept in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client import Counter as Counted
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from storage.models.vocabulary import ClockKind, DeliveryState
from storage.stats import Figures

_MOST_SOURCES = 30  # the rest counts as "other": sources are free text, and each is a series of its own
_LONGEST_LABEL = 60
_SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
_OPEN_STATES = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.UNKNOWN, DeliveryState.PARKED)


class Instruments:
    """The gauges and counters of one process. `delivered` is told by the sender, the rest at each scrape."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._deliveries = Counted(
            "baton_deliveries",
            "Deliveries that this process carried to Slack, by outcome",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._turned_away = Counted(
            "baton_http_turned_away",
            "Calls over a limit of size or pace, or at a door that is closed or gone, by door and status",
            ["door", "status"],
            registry=self.registry,
        )
        self._strangers = Counted(
            "baton_http_refused",
            "Unknown callers and connections turned away, by reason",
            ["why"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "baton_delivery_seconds",
            "From the commit that asked for it until Slack accepted it",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._beat = Gauge(
            "baton_sender_beat_timestamp",
            "When this process last looked at the outbox, in seconds since 1970",
            registry=self.registry,
        )

    def sender_looked(self, at: datetime) -> None:
        """Note that the sender has looked at the outbox."""
        self._beat.set(at.timestamp())

    def refused_stranger(self, why: str) -> None:
        """Count one call that was turned away before anybody was known."""
        self._strangers.labels(why).inc()

    def turned_away(self, door: str, status: int) -> None:
        """Count one call that was over a limit."""
        self._turned_away.labels(door, str(status)).inc()

    def delivered(self, kind: str, outcome: str, after: timedelta | None = None) -> None:
        """Count what became of one call to Slack; `after`: how long ago it was asked for, once it is sent."""
        self._deliveries.labels(kind, outcome).inc()
        if after is not None:
            self._seconds.observe(after.total_seconds())

    def render(
        self,
        figures: Figures | None,
        ready: bool,
        agreement: tuple[str, str] | None = None,
        drain: timedelta | None = None,
    ) -> bytes:
        """The text that Prometheus scrapes; without figures (the database is away) only the rest of it.

        `agreement` is the version in force and its text's hash, `drain` how long until the outbox is empty.
        """
        scrape = CollectorRegistry()
        scrape.register(_Scrape(figures, ready, agreement, drain))
        return generate_latest(self.registry) + generate_latest(scrape)


class _Scrape(Collector):
    def __init__(
        self,
        figures: Figures | None,
        ready: bool,
        agreement: tuple[str, str] | None,
        drain: timedelta | None,
    ) -> None:
        self._figures, self._ready, self._agreement, self._drain = figures, ready, agreement, drain

    def collect(self) -> Iterator[Metric]:
        """Every metric that comes from the database, and whether Baton is ready."""
        yield GaugeMetricFamily("baton_ready", "1 when everything that Baton needs is available", self._ready)
        if self._agreement is not None:
            words = "The agreement in force"
            info = GaugeMetricFamily("baton_agreement_info", words, labels=["version", "hash"])
            info.add_metric(self._agreement, 1)
            yield info
        if self._drain is not None:
            words, seconds = "Until the outbox is empty, at Slack's pace", self._drain.total_seconds()
            yield GaugeMetricFamily("baton_outbox_drain_seconds", words, seconds)
        if self._figures is not None:
            yield from _families(self._figures)


def _families(figures: Figures) -> Iterator[Metric]:
    yield _counter("baton_leads", "Leads stored", ["source"], _fewer(figures.leads))
    yield _counter("baton_handoffs", "Leads handed off to sales", ["team", "priority"], figures.handoffs)
    yield _counter("baton_decisions", "Handoffs decided by sales", ["team", "decision"], figures.decisions)
    breaches = {(kind.value,): 0 for kind in ClockKind} | figures.breaches
    yield _counter(
        "baton_clock_breaches", "SLAs missed: clocks that fell due before they were met", ["kind"], breaches
    )
    outbox = GaugeMetricFamily("baton_outbox", "Deliveries not yet done", labels=["state"])
    for state in _OPEN_STATES:
        outbox.add_metric([state.value], figures.outbox.get(state.value, 0))
    yield outbox
    refused = GaugeMetricFamily(
        "baton_refused", "Refused bodies and rows that are kept", labels=["door", "cause"]
    )
    for values, count in sorted(figures.refused.items()):
        refused.add_metric([value[:_LONGEST_LABEL] for value in values], count)
    yield refused
    webhooks = GaugeMetricFamily(
        "baton_webhook_events", "Events not yet delivered to a webhook", labels=["webhook", "state"]
    )
    for values, count in sorted(figures.webhooks.items()):
        webhooks.add_metric([value[:_LONGEST_LABEL] for value in values], count)
    yield webhooks
    beats = GaugeMetricFamily("baton_heartbeat_timestamp", "When a part last beat", labels=["part"])
    for part, at in figures.beats.items():
        beats.add_metric([part], at.timestamp())
    yield beats


def _counter(
    name: str, words: str, labels: Iterable[str], counts: Mapping[tuple[str, ...], int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, words, labels=list(labels))
    for values, count in sorted(counts.items()):
        family.add_metric([value[:_LONGEST_LABEL] for value in values], count)
    return family


def _fewer(counts: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """The most frequent labels, shortened, and all others as one."""
    short: Counter[tuple[str, ...]] = Counter()
    for (source,), count in counts.items():
        short[(source[:_LONGEST_LABEL],)] += count
    common = dict(short.most_common(_MOST_SOURCES))
    rest = short.total() - sum(common.values())
    if rest:
        common[("other",)] = common.get(("other",), 0) + rest
    return common
