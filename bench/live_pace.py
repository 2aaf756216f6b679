"""What a worker has stored that followed a feed at its pace: a cut of every partition each second of event time.

The books, the cells, their codecs and the cut are the worker's own; only time passes faster. Each cut of each table is
one record batch, written at the second it belongs to.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from msgspec import Struct

from bench.segments import Segments
from callpulse.settings import Settings, load
from callpulse.stream import codecs
from callpulse.stream.calls import Calls
from callpulse.stream.tables import FEW_KEYS, KEEP_NEWEST, Changelog
from callpulse.stream.transport import Batch, Codec, Part
from callpulse.stream.transport.cellstore import CellStore

CUT_MS = 1000
TABLES: dict[str, Codec[Any, Any]] = {
    "tallies_live": codecs.LIVE,
    "tallies_interval": codecs.INTERVALS,
    "tallies_total": codecs.TOTALS,
    "contacts": codecs.CONTACTS,
}


class Task(Struct, frozen=True):
    """One partition: its events as (time, value) in their order, and the folders of its changelogs by table."""

    partition: int
    events: list[tuple[int, bytes]]
    folders: dict[str, Path]
    environment: dict[str, str]


class Place(Struct, frozen=True):
    """What is stored of a partition: events below the offset `next`; the partition clock there."""

    partition: int
    next: int
    clock: int


def store(task: Task) -> Place:
    """Write the changelogs of one partition."""
    settings = load(environment=task.environment)
    stores: dict[str, CellStore[Any, Any]] = {name: CellStore(name, codec, 1 << 20) for name, codec in TABLES.items()}
    for each in stores.values():
        each.open(task.partition)
    part = Part(0, 0, 1)
    calls = _calls(settings, tuple(stores.values()))
    calls.ready(task.partition, part)
    with ExitStack() as files:
        logs = {
            name: files.enter_context(Segments(task.folders[name], rule.segment_ms, rule.segment_bytes))
            for name, rule in _rules(settings).items()
        }
        for end_ms, batch in _seconds(task.partition, task.events):
            calls.apply(batch, part)
            for name, each in stores.items():
                if each.is_dirty(task.partition):
                    logs[name].append(each.take(task.partition).records, end_ms)
    return Place(task.partition, part.next, part.clock)


def _calls(settings: Settings, stores: Any) -> Calls:
    """Books on stores without Faust. Nothing of a simulated feed is refused."""
    nobody = cast(Any, None)
    return Calls("calls", stores, nobody, settings.limits(), settings.calendar(), settings.kafka.partitions)


def _rules(settings: Settings) -> dict[str, Changelog]:
    """Table -> how the worker has its changelog kept."""
    limits = settings.limits()
    live, intervals = codecs.kept_for(limits.live_ms), codecs.kept_for(limits.interval_ms)
    return dict(zip(TABLES, (live, intervals, FEW_KEYS, KEEP_NEWEST), strict=True))


def _seconds(partition: int, events: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Batch]]:
    """What came in each second, as the worker gets it."""
    offset = 0
    for second, found in groupby(events, lambda event: event[0] // CUT_MS):
        records = [
            SimpleNamespace(value=value, offset=offset + place, timestamp=at, partition=partition)
            for place, (at, value) in enumerate(found)
        ]
        yield (second + 1) * CUT_MS, Batch(records, "calls", partition, offset, 1)
        offset += len(records)
