"""Totals as they are stored in Kafka, for Prometheus: a counter that was shown but not stored would fall when a killed
worker comes back, and a counter that falls looks like one that started again at 0."""

from collections import defaultdict
from typing import NamedTuple

from callpulse.stream.codecs import TOTALS
from callpulse.stream.core.cells import TotalCell
from callpulse.stream.tables import CutTable
from callpulse.stream.transport import Cut


class _Note(NamedTuple):
    next: int
    clock_ms: int
    records: list[tuple[bytes, bytes | None]]


class StoredTotals:
    """What the changelog of `tallies_total` holds of each queue, by partition. A cut counts once it is committed."""

    def __init__(self, table: CutTable[str, TotalCell]) -> None:
        self._table = table
        self._stored: dict[int, dict[bytes, bytes | TotalCell]] = {}  # decoded once somebody asks
        self._noted: defaultdict[int, list[_Note]] = defaultdict(list)
        self._clock_ms: dict[int, int] = {}

    def ready(self, partition: int, clock_ms: int) -> None:
        """All that was recovered is stored; `clock_ms` belongs to the committed offset. A partition that was kept may
        hold more than is stored: what was stored of it stays as it is."""
        self._clock_ms[partition] = clock_ms
        if partition in self._stored:
            return
        codec, cells = self._table.store.codec, self._table.cells[partition]
        self._stored[partition] = {codec.encode_key(queue): codec.encode_value(cell) for queue, cell in cells.items()}

    def lost(self, partition: int) -> None:
        """Somebody else's now."""
        self._stored.pop(partition, None)
        self._noted.pop(partition, None)
        self._clock_ms.pop(partition, None)

    def clock_ms(self, partition: int) -> int:
        """The partition clock as it is committed: what a restart begins with."""
        return self._clock_ms.get(partition, 0)

    def note(self, cut: Cut) -> None:
        """A cut that is about to be written."""
        for table in cut.tables:
            if table.table is self._table:
                self._noted[cut.partition].append(_Note(cut.next, cut.clock, table.taken.records))

    def committed(self, partition: int, offset: int) -> None:
        """Every cut up to `offset` is in the changelog."""
        waiting = self._noted[partition]
        stored = self._stored.setdefault(partition, {})
        for note in waiting:
            if note.next <= offset:
                stored.update((key, value) for key, value in note.records if value is not None)
                self._clock_ms[partition] = note.clock_ms
        self._noted[partition] = [note for note in waiting if note.next > offset]

    def total(self, partition: int, queue: str) -> TotalCell | None:
        """What is stored of a queue."""
        stored, key = self._stored.get(partition, {}), TOTALS.encode_key(queue)
        value = stored.get(key)
        if isinstance(value, bytes):
            value = stored[key] = TOTALS.decode_value(value)
        return value
