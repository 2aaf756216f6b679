"""The collector: metric families built from what the worker says at the moment of the scrape.

What is told was read just now, so a queue that moved to another worker leaves no stale series here, and what has no
value is absent. `MetricsCollector` is a collector of prometheus-client like any other; whoever serves it inside an
event loop takes `gather()` and goes through `Scrape.families()` in slices (exposition.py).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from callpulse.settings import Settings
from callpulse.stream.metrics import names
from callpulse.stream.metrics.names import Family
from callpulse.stream.metrics.queue_samples import Reading, edges_of, read, samples_of_queues
from callpulse.stream.metrics.source import MetricsSource, QueueMetrics, WorkerHealth
from callpulse.stream.metrics.worker_samples import samples_of_worker

AT_A_TIME = 3  # queues read before the event loop gets its turn

T = TypeVar("T")


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
                yield family, samples_of_worker(family, self.health)


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

    def follow(self, thresholds_s: Iterable[int]) -> None:
        """Other definitions hold from now on."""
        self._thresholds_s = tuple(thresholds_s)

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
