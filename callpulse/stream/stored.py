"""Totals as they are stored in Kafka, for Prometheus: a counter that was shown but not stored would fall when a killed
worker comes back, and a counter that falls looks like one that started again at 0."""

from collections import defaultdict
from collections.abc import Iterator

from callpulse.stream.codecs import TOTALS
from callpulse.stream.core.cells import TotalCell
from callpulse.stream.tables import CutTable
from callpulse.stream.transport import Cut


class StoredTotals:
    """What the changelog of `tallies_total` holds of each queue, by partition. A cut counts once it is committed."""

    def __init__(self, table: CutTable[str, TotalCell]) -> None:
        self._table = table
        self._stored: dict[int, dict[bytes, bytes]] = {}
        self._noted: defaultdict[int, list[tuple[int, list[tuple[bytes, bytes | None]]]]] = defaultdict(list)

    def ready(self, partition: int) -> None:
        """All that was recovered is stored."""
        codec, cells = self._table.store.codec, self._table.cells[partition]
        self._noted.pop(partition, None)
        self._stored[partition] = {codec.encode_key(queue): codec.encode_value(cell) for queue, cell in cells.items()}

    def lost(self, partition: int) -> None:
        """Somebody else's now."""
        self._stored.pop(partition, None)
        self._noted.pop(partition, None)

    def note(self, cut: Cut) -> None:
        """A cut that is about to be written."""
        for table in cut.tables:
            if table.table is self._table:
                self._noted[cut.partition].append((cut.next, table.taken.records))

    def committed(self, partition: int, offset: int) -> None:
        """Every cut up to `offset` is in the changelog."""
        waiting = self._noted[partition]
        stored = self._stored.setdefault(partition, {})
        for place, records in waiting:
            if place <= offset:
                stored.update((key, value) for key, value in records if value is not None)
        self._noted[partition] = [note for note in waiting if note[0] > offset]

    def totals(self, partition: int) -> Iterator[tuple[str, TotalCell]]:
        """(queue, its total as stored)."""
        for key, value in list(self._stored.get(partition, {}).items()):
            yield TOTALS.decode_key(key), TOTALS.decode_value(value)
