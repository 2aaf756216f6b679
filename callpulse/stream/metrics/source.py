"""What the worker tells about itself and its queues when it is asked for metrics: plain values, nothing live."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from msgspec import Struct

from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.snapshot import Figures
from callpulse.stream.core.tally import Tally
from callpulse.stream.durations import Took
from callpulse.stream.metrics.loaded import Loaded


class QueueMetrics(Struct, frozen=True):
    """One queue. `figures` as `snapshot.figures` gives them (window -> KPI id -> figure, `now` and `all` included).

    `booked` and `taken_back` are copies that no one changes any more, and **no newer than what is stored in Kafka**:
    counts that a killed worker had shown but not stored would fall when it comes back, and Prometheus takes a counter
    that falls for one that started again at 0.
    """

    queue: str
    channel: str
    policy: Policy
    booked: Tally
    taken_back: Tally
    figures: Figures


class PartitionHealth(Struct, frozen=True):
    """One assigned partition. `event_time_ms`: its clock, None before the first event; `lag`: records that are not yet
    in the figures, None while the end is not known; `uncommitted_since_ms`: since when events are applied and not
    committed, None when all are."""

    topic: str
    partition: int
    recovered: bool
    event_time_ms: int | None = None
    lag: int | None = None
    uncommitted_since_ms: int | None = None


class WorkerHealth(Struct, frozen=True, kw_only=True):
    """The worker itself. Whatever ends in `_total` only grows while the process lives, also over rebalances.

    `rejected_total`: topic -> reason -> count; name every topic that is read, reasons may be missing. `cells_held`:
    table -> cells. `losses_total`: (topic, partition, what) -> how often. `heartbeats_ms`: source -> its last
    heartbeat. `published`: step -> how long it took.
    """

    version: str
    python: str
    partitions: tuple[PartitionHealth, ...] = ()
    events_read_total: Mapping[str, int] = {}
    rejected_total: Mapping[str, Mapping[str, int]] = {}
    late_total: int = 0
    copies_skipped_total: int = 0
    conflicts_total: int = 0
    records_set_aside_total: int = 0
    heartbeats_ms: Mapping[str, int] = {}
    queues_not_told: int = 0
    sources_not_told: int = 0
    contacts_held: int = 0
    cells_held: Mapping[str, int] = {}
    flushes: Took = Took()
    last_flush_ms: int | None = None
    published: Mapping[str, Took] = {}
    losses_total: Mapping[tuple[str, int, str], int] = {}
    events_lost_total: Mapping[tuple[str, int], int] = {}
    redis_writes_total: int = 0
    redis_refused_total: int = 0
    redis_failures_total: int = 0
    settings: Loaded = Loaded()


class MetricsSource(Protocol):
    """What the worker implements."""

    def views(self) -> Iterable[QueueMetrics]:
        """Every queue of the partitions that are recovered, once. The event loop may turn between two of them, so that
        a generator must not stand on a dictionary that changes meanwhile."""

    def health(self) -> WorkerHealth:
        """The worker at this moment."""


def not_recovered(partitions: Iterable[PartitionHealth]) -> list[str]:
    """One line for each assigned partition that is not whole yet: reasons not to be ready."""
    return [f"{each.topic}/{each.partition}: recovering" for each in partitions if not each.recovered]
