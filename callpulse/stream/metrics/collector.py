"""The collector: metric families built from what the worker says at the moment of the scrape.

What is told was read just now, so a queue that moved to another worker leaves no stale series here, and what has no
value is absent. `MetricsCollector` is a collector of prometheus-client like any other; whoever serves it inside an
event loop takes `gather()` and goes through `Scrape.families()` in slices (exposition.py).
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from callpulse.settings import Settings
from callpulse.stream.metrics import names
from callpulse.stream.metrics.family import Family
from callpulse.stream.metrics.queue_lines import Pieces, pieces_of_queue, samples_of_queues, texts_of_queues
from callpulse.stream.metrics.queue_samples import Reading, edges_of, read
from callpulse.stream.metrics.source import MetricsSource, QueueMetrics, WorkerHealth
from callpulse.stream.metrics.turns import in_turns
from callpulse.stream.metrics.worker_samples import samples_of_worker


class Scrape(Struct, frozen=True):
    """All that one scrape tells, at one moment per queue."""

    queues: Sequence[Pieces]
    health: WorkerHealth

    def families(self) -> Iterator[tuple[Family, Iterator[Sample | str]]]:
        """Every family of the list, in its order; those of queues are the first."""
        for number, family in enumerate(names.QUEUES):
            yield family, texts_of_queues(number, self.queues)
        for family in names.WORKER:
            yield family, samples_of_worker(family, self.health)


class MetricsCollector(Collector):
    """`thresholds_s`: every T in use in the installation, so that all workers have the same buckets."""

    def __init__(self, source: MetricsSource, thresholds_s: Iterable[int] = ()) -> None:
        self._source = source
        self._thresholds_s = tuple(thresholds_s)
        self._last: dict[str, Reading] = {}  # of the scrape before, to count only what has changed

    def collect(self) -> Iterator[Metric]:
        """Everything at once, for a registry or a test."""
        for family, samples in samples_of_queues(list(self._read(list(self._source.views())))):
            yield metric(family, samples)
        health = self._source.health()
        for family in names.WORKER:
            yield metric(family, samples_of_worker(family, health))

    async def gather(self) -> Scrape:
        """The same for an event loop that has other work: it gets its turn again and again."""
        views = [view async for view in in_turns(self._source.views())]
        queues = [pieces async for pieces in in_turns(map(pieces_of_queue, self._read(views)))]
        return Scrape(queues, self._source.health())

    def follow(self, thresholds_s: Iterable[int]) -> None:
        """Other definitions hold from now on."""
        self._thresholds_s = tuple(thresholds_s)

    def _read(self, views: Sequence[QueueMetrics]) -> Iterator[Reading]:
        edges_s = edges_of((view.policy for view in views), self._thresholds_s)
        last, self._last = self._last, {}
        for view in views:
            self._last[view.queue] = found = read(view, edges_s, last.get(view.queue))
            yield found


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
