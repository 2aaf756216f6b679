"""A Faust table whose changelog is written by cuts alone: plain dictionaries per partition, Faust's store unused."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Generic

import faust
import msgspec
from faust.types import TP

from callpulse.newer import NewerStateError
from callpulse.stream.transport.app import BatchApp
from callpulse.stream.transport.cellstore import CellStore, Codec, K, V
from callpulse.stream.transport.errors import CorruptChangelogError
from callpulse.stream.transport.schema import BatchSchema

RECOVERY_BATCHES = 4  # fetches gathered before they are applied; 1 has a special meaning in Faust

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class Changelog(msgspec.Struct, frozen=True):
    """How the broker keeps a changelog; set when the topic is created, never changed afterwards.

    Faust's own choice (segments of 1 GB and 7 days) means that nothing is ever compacted, and recovery reads it all.
    `min_compaction_lag_ms` keeps both a worker's record and the older one a frozen predecessor may write after it,
    long enough for the next recovery to see the two and to write the right one again.
    """

    cleanup_policy: str = "compact"
    retention_ms: int | None = None  # of records nobody wrote again; only with "delete" in the policy
    segment_ms: int = HOUR_MS  # only closed segments are compacted
    segment_bytes: int = 8 * 1024 * 1024  # the same for a busy table: what recovery may have to read twice
    min_compaction_lag_ms: int = HOUR_MS

    def topic_config(self) -> dict[str, str]:
        config = {
            "cleanup.policy": self.cleanup_policy,
            "segment.ms": str(self.segment_ms),
            "segment.bytes": str(self.segment_bytes),
            "min.compaction.lag.ms": str(self.min_compaction_lag_ms),
        }
        if self.retention_ms is not None:
            config["retention.ms"] = str(self.retention_ms)
        return config


KEEP_NEWEST = Changelog()
FEW_KEYS = Changelog(segment_ms=10 * MINUTE_MS, min_compaction_lag_ms=10 * MINUTE_MS)  # each written every second


class CutTable(faust.Table[Any, Any], Generic[K, V]):
    """`cells[partition][key]` = value, `dirty[partition][key]` = to be written by the next cut. Both dictionaries of a
    partition stay the same objects between `on_part_ready` and `on_part_lost`. Made by `cut_table`."""

    app: BatchApp

    def __init__(self, app: BatchApp, *, codec: Codec[K, V], changelog: Changelog, name: str, **options: Any) -> None:
        super().__init__(
            app,
            name=name,
            schema=BatchSchema(),
            recovery_buffer_size=RECOVERY_BATCHES,
            extra_topic_configs=changelog.topic_config(),
            **options,
        )
        self.tails: dict[int, int] = {}  # where the next record of ours comes if nobody else writes
        self._owed: dict[int, int] = {}  # where a changelog ended that lost records, until all is written again
        limit = app.conf.producer_max_request_size
        self.store: CellStore[K, V] = CellStore(name, codec, limit, self.changelog_name())

    @property
    def cells(self) -> dict[int, dict[K, V]]:
        return self.store.cells

    @property
    def dirty(self) -> dict[int, dict[K, None]]:
        return self.store.dirty

    def delete(self, partition: int, key: K) -> None:
        """Remove a cell; the next cut writes a tombstone."""
        self.store.delete(partition, key)

    def changelog_name(self) -> str:
        return self._changelog_topic_name()

    def written(self, partition: int, base: int, count: int) -> None:
        """The changelog up to our own last record need not be read again, unless someone else wrote in between: then
        the next recovery has to see what that was. And since compaction may come before that recovery, and keeps what
        a zombie wrote last, our cells are written again."""
        tail = self.tails.get(partition, base)
        if base < tail:
            self.app.on_cut_off(self, partition, tail, base)
            self.tails[partition] = base
            self.write_again(partition, tail)
        elif base > tail:
            self.store.doubt(partition)
        self.tails[partition] = base + count
        offsets = self.app.recovery.active_offsets
        tp = TP(self.changelog_name(), partition)
        if offsets.get(tp) == base - 1:
            offsets[tp] = base + count - 1

    def tail(self, partition: int) -> int | None:
        """Where the changelog ends, as far as its whole state is stored in it: of one that lost records, where it ended
        before, until everything is written again."""
        if not self.store.is_doubted(partition):
            self._owed.pop(partition, None)
        return self._owed.get(partition, self.tails.get(partition))

    def write_again(self, partition: int, tail: int) -> None:
        """The changelog lost what it held up to `tail`: all of it is stored again, from memory."""
        self._owed[partition] = max(tail, self._owed.get(partition, 0))
        self.store.doubt(partition)
        self.app.recovery.active_offsets[TP(self.changelog_name(), partition)] = self.tails.get(partition, 0) - 1

    def open(self, partition: int) -> None:
        self.store.open(partition)

    def forget(self, partition: int) -> None:
        """Nothing is left of this partition; if it comes back, its changelog is read from the start."""
        self.store.forget(partition)
        self._owed.pop(partition, None)
        self.app.recovery.active_offsets.pop(TP(self.changelog_name(), partition), None)

    def recover_to(self, ends: Mapping[TP, int | None]) -> None:
        """Apply nothing at or beyond these offsets of the changelog."""
        self.store.ends = {tp.partition: end or 0 for tp, end in ends.items() if tp.topic == self.changelog_name()}
        self.tails = dict(self.store.ends)

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Faust may hand in batches of a table lost meanwhile: they are left alone. What could not be read it hands in
        once more while it stops, which would break the stop off."""
        if self.app.crashed:
            return
        mine, found = self.app.recovery.active_tps, defaultdict[int, list[Any]](list)
        for message in [event.message for event in batch]:
            if message.tp in mine and message.topic == self.changelog_name():
                found[message.partition] += message.value
        for partition, records in found.items():
            self._fold(partition, records)

    def _fold(self, partition: int, records: Iterable[Any]) -> None:
        self.store.open(partition)
        try:
            self.store.fold_all(partition, ((each.offset, each.key, each.value) for each in records))
        except (CorruptChangelogError, NewerStateError) as error:  # Faust would log it and wait for ever
            self.app.fail(error)
            raise


def cut_table(app: BatchApp, name: str, codec: Codec[K, V], changelog: Changelog = KEEP_NEWEST) -> CutTable[K, V]:
    """A table of `app`, to be given to one `app.batch_topic`."""
    table = CutTable(app, codec=codec, changelog=changelog, name=name, beacon=app.tables.beacon)
    app.tables.add(table)
    return table
