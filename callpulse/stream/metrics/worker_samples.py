"""From what the worker says of itself to the samples of each metric family.

What is not known is not there at all.
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.samples import Sample

from callpulse.stream.core.events import Reason
from callpulse.stream.durations import Took
from callpulse.stream.metrics.family import Family
from callpulse.stream.metrics.loaded import failed, loaded_at
from callpulse.stream.metrics.rows import Row, plain, timed
from callpulse.stream.metrics.source import PartitionHealth, WorkerHealth


def _at(health: WorkerHealth, value: Callable[[PartitionHealth], float | None]) -> Iterator[Row]:
    for each in health.partitions:
        found = value(each)
        if found is not None:
            yield (each.topic, str(each.partition)), found


def _event_time(each: PartitionHealth) -> float | None:
    return None if each.event_time_ms is None else each.event_time_ms / 1000


def _uncommitted(each: PartitionHealth) -> float | None:
    return None if each.uncommitted_since_ms is None else each.uncommitted_since_ms / 1000


def _rejected(health: WorkerHealth) -> Iterator[Row]:
    """Every reason is there before its first record."""
    for topic, counts in health.rejected_total.items():
        for reason in dict.fromkeys((*(each.value for each in Reason), *counts)):
            yield (topic, reason), counts.get(reason, 0)


def _last_flush(health: WorkerHealth) -> Iterator[Row]:
    if health.last_flush_ms is not None:
        yield (), health.last_flush_ms / 1000


def _one(value: float) -> Iterator[Row]:
    yield (), value


WORKER: dict[str, Callable[[WorkerHealth], Iterable[Row]]] = {
    "build_info": lambda h: [((h.version, h.python), 1)],
    "event_time_seconds": lambda h: _at(h, _event_time),
    "event_lag_records": lambda h: _at(h, lambda each: each.lag),
    "partition_recovered": lambda h: _at(h, lambda each: each.recovered),
    "events_read_total": lambda h: (((topic,), count) for topic, count in h.events_read_total.items()),
    "events_rejected_total": _rejected,
    "events_late_total": lambda h: _one(h.late_total),
    "copies_skipped_total": lambda h: _one(h.copies_skipped_total),
    "conflicts_total": lambda h: _one(h.conflicts_total),
    "records_set_aside_total": lambda h: _one(h.records_set_aside_total),
    "source_heartbeat_timestamp_seconds": lambda h: (
        ((source,), at_ms / 1000) for source, at_ms in h.heartbeats_ms.items()
    ),
    "queues_not_told": lambda h: _one(h.queues_not_told),
    "sources_not_told": lambda h: _one(h.sources_not_told),
    "contacts_held": lambda h: _one(h.contacts_held),
    "cells_held": lambda h: (((table,), count) for table, count in h.cells_held.items()),
    "last_flush_timestamp_seconds": _last_flush,
    "uncommitted_since_timestamp_seconds": lambda h: _at(h, _uncommitted),
    "kafka_losses_total": lambda h: (((t, str(p), what), n) for (t, p, what), n in h.losses_total.items()),
    "events_lost_total": lambda h: (((t, str(p)), n) for (t, p), n in h.events_lost_total.items()),
    "redis_writes_total": lambda h: _one(h.redis_writes_total),
    "redis_writes_refused_total": lambda h: _one(h.redis_refused_total),
    "redis_write_failures_total": lambda h: _one(h.redis_failures_total),
    "settings_reload_failed": lambda h: failed(h.settings),
    "settings_loaded_timestamp_seconds": lambda h: loaded_at(h.settings),
}


TIMED: dict[str, Callable[[WorkerHealth], Iterable[tuple[tuple[str, ...], Took]]]] = {
    "flush_seconds": lambda h: [((), h.flushes)],
    "publish_seconds": lambda h: (((step,), took) for step, took in h.published.items()),
}


def samples_of_worker(family: Family, health: WorkerHealth) -> Iterator[Sample]:
    """The samples of a family of the worker."""
    if family.stem in TIMED:
        return timed(family, TIMED[family.stem](health))
    return plain(family, WORKER[family.stem](health))
