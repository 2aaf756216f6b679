"""The collector: metric families built from what the worker says at the moment of the scrape.

What is told was read just now, so a queue that moved to another worker leaves no stale series here, and what has no
value is absent. `MetricsCollector` is a collector of prometheus-client like any other; whoever serves it inside an
event loop takes `gather()` and goes through `Scrape.families()` in slices (exposition.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from callpulse.settings import Settings
from callpulse.stream import metric_names as names
from callpulse.stream.core.events import Reason
from callpulse.stream.metric_names import Family
from callpulse.stream.metric_samples import Reading, edges_of, read, samples_of_queues
from callpulse.stream.metric_source import MetricsSource, PartitionHealth, QueueMetrics, WorkerHealth, not_recovered

AT_A_TIME = 3  # queues read before the event loop gets its turn

T = TypeVar("T")
Row = tuple[str, tuple[str, ...], float]  # suffix of the name, values of the labels, value


class Scrape(Struct, frozen=True):
    """All that one scrape tells, at one moment per queue."""

    readings: tuple[Reading, ...]
    health: WorkerHealth

    def families(self) -> Iterator[tuple[Family, Iterator[Sample]]]:
        """Every family of the list, in its order; samples are made as they are asked for."""
        for family in names.FAMILIES:
            if family.labels[: len(names.OF_QUEUE)] == names.OF_QUEUE:
                yield family, samples_of_queues(family, self.readings)
            else:
                yield family, _samples_of_worker(family, self.health)


class MetricsCollector(Collector):
    """`thresholds_s`: every T in use in the installation, so that all workers have the same buckets."""

    def __init__(self, source: MetricsSource, thresholds_s: Iterable[int] = ()) -> None:
        self._source = source
        self._thresholds_s = tuple(thresholds_s)
        self._last: dict[str, Reading] = {}  # of the scrape before, to count only what has changed

    def collect(self) -> Iterator[Metric]:
        """Everything at once, for a registry or a test."""
        for family, samples in self._scrape(list(self._read(list(self._source.views())))).families():
            yield metric(family, samples)

    async def gather(self) -> Scrape:
        """The same for an event loop that has other work: it gets its turn after every few queues."""
        views = [view async for view in _in_turns(self._source.views())]
        return self._scrape([reading async for reading in _in_turns(self._read(views))])

    def _read(self, views: Sequence[QueueMetrics]) -> Iterator[Reading]:
        edges_s = edges_of((view.policy for view in views), self._thresholds_s)
        return (read(view, edges_s, self._last.get(view.queue)) for view in views)

    def _scrape(self, readings: Sequence[Reading]) -> Scrape:
        self._last = {reading.view.queue: reading for reading in readings}
        return Scrape(tuple(readings), self._source.health())


async def _in_turns(things: Iterable[T]) -> AsyncIterator[T]:
    for number, thing in enumerate(things, 1):
        yield thing
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)


def thresholds_of(settings: Settings) -> tuple[int, ...]:
    """Every T that a queue of this installation may have, in order."""
    policies = [settings.policy(queue) for queue in ("", *settings.queues)]
    return tuple(sorted({policy.threshold_s for policy in policies}))


def metric(family: Family, samples: Iterable[Sample]) -> Metric:
    """The family as prometheus-client wants it: without the suffix, its unit only where the name ends in it."""
    name = family.name.removesuffix("_total").removesuffix("_info")
    unit = family.unit if family.unit and name.endswith("_" + family.unit) else ""
    built = Metric(name, family.help, family.type, unit)
    built.samples.extend(samples)
    return built


# -- the worker itself


def _at(health: WorkerHealth, value: Callable[[PartitionHealth], float | None]) -> Iterator[Row]:
    for each in health.partitions:
        found = value(each)
        if found is not None:
            yield "", (each.topic, str(each.partition)), found


def _event_time(each: PartitionHealth) -> float | None:
    return None if each.event_time_ms is None else each.event_time_ms / 1000


def _rejected(health: WorkerHealth) -> Iterator[Row]:
    """Every reason is there before its first record."""
    for topic, counts in health.rejected_total.items():
        for reason in dict.fromkeys((*(each.value for each in Reason), *counts)):
            yield "", (topic, reason), counts.get(reason, 0)


def _flushes(health: WorkerHealth) -> Iterator[Row]:
    yield "_count", (), health.flushes_total
    yield "_sum", (), health.flush_seconds_total


def _last_flush(health: WorkerHealth) -> Iterator[Row]:
    if health.last_flush_ms is not None:
        yield "", (), health.last_flush_ms / 1000


def _one(value: float) -> Iterator[Row]:
    yield "", (), value


WORKER: dict[str, Callable[[WorkerHealth], Iterable[Row]]] = {
    "build_info": lambda h: [("", (h.version, h.python), 1)],
    "event_time_seconds": lambda h: _at(h, _event_time),
    "event_lag_records": lambda h: _at(h, lambda each: each.lag),
    "partition_recovered": lambda h: _at(h, lambda each: each.recovered),
    "events_read_total": lambda h: (("", (topic,), count) for topic, count in h.events_read_total.items()),
    "events_rejected_total": _rejected,
    "events_late_total": lambda h: _one(h.late_total),
    "copies_skipped_total": lambda h: _one(h.copies_skipped_total),
    "conflicts_total": lambda h: _one(h.conflicts_total),
    "records_set_aside_total": lambda h: _one(h.records_set_aside_total),
    "source_heartbeat_timestamp_seconds": lambda h: (
        ("", (source,), at_ms / 1000) for source, at_ms in h.heartbeats_ms.items()
    ),
    "contacts_held": lambda h: _one(h.contacts_held),
    "cells_held": lambda h: (("", (table,), count) for table, count in h.cells_held.items()),
    "flush_seconds": _flushes,
    "last_flush_timestamp_seconds": _last_flush,
    "redis_writes_total": lambda h: _one(h.redis_writes_total),
    "redis_writes_refused_total": lambda h: _one(h.redis_refused_total),
    "redis_write_failures_total": lambda h: _one(h.redis_failures_total),
}


def _samples_of_worker(family: Family, health: WorkerHealth) -> Iterator[Sample]:
    for suffix, values, value in WORKER[family.name.removeprefix(names.PREFIX)](health):
        yield Sample(family.name + suffix, dict(zip(family.labels, values, strict=True)), value)


__all__ = [
    "MetricsCollector",
    "MetricsSource",
    "PartitionHealth",
    "QueueMetrics",
    "Scrape",
    "WorkerHealth",
    "metric",
    "not_recovered",
    "thresholds_of",
]
