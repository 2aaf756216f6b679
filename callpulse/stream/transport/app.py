"""A Faust app whose agents read batches and whose tables are written by cuts."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, cast

import faust
import msgspec
from faust.transport.drivers.aiokafka import Transport
from faust.types import TP

from callpulse.stream.transport.consumer import BatchConsumer
from callpulse.stream.transport.cut import Cut, Table, Writer
from callpulse.stream.transport.errors import RecordTooLargeError
from callpulse.stream.transport.losses import Loss, rewritten
from callpulse.stream.transport.part import Part
from callpulse.stream.transport.recovery import CutTables, OrderedRecovery
from callpulse.stream.transport.schema import BatchSchema
from callpulse.stream.transport.writer import ChangelogWriter, HastyProducer


class Source(msgspec.Struct, frozen=True):
    """A topic that agents read in batches, and what is fed by it alone."""

    tables: tuple[Table, ...] = ()
    before_flush: Callable[[Cut], Awaitable[None]] | None = None
    from_start: bool = False


class BatchTransport(Transport):
    Consumer = BatchConsumer
    Producer = HastyProducer


class BatchApp(faust.App):
    """Build it inside a running event loop, and run it with `transport.run`. `sources`: by topic name."""

    logger = logging.getLogger(__name__)  # also of subclasses: what Faust says about them is no more interesting

    def __init__(self, name: str, **settings: Any) -> None:
        self.sources: dict[str, Source] = {}
        super().__init__(name, TableManager=CutTables, **settings)

    @property
    def batches(self) -> BatchConsumer:
        """The consumer, as what it is: `app.batches.accept(batch)`."""
        return cast(BatchConsumer, self.consumer)

    def batch_topic(
        self,
        name: str,
        *,
        tables: Sequence[Table] = (),
        before_flush: Callable[[Cut], Awaitable[None]] | None = None,
        from_start: bool = False,
    ) -> Any:
        """A topic for `@app.agent`, which gets one `Batch` per (partition, fetch).

        `tables`: fed by this topic alone, in the order they are sent (tallies first, contacts last): one cut, one
        clock, one commit per partition. `before_flush(cut)` is awaited before anything of a cut is sent; if it raises,
        nothing of that cut is sent or committed. `from_start`: read from the start at every assignment, never commit;
        `Part.end` is the end offset seen then.
        """
        self.sources[name] = Source(tuple(tables), before_flush, from_start)
        return self.topic(name, schema=BatchSchema(), acks=False)

    def cut_tables(self) -> Iterator[Table]:
        return (table for source in self.sources.values() for table in source.tables)

    # -- to be overridden by the shell

    def clock_without_metadata(self, topic: str, partition: int) -> int:
        """The partition clock (ms UTC) to start from when none is stored with the committed offset: the largest event
        time among the recovered cells."""
        return 0

    def on_part_lost(self, topic: str, partition: int) -> None:
        """The cells of this partition are gone: forget what was derived from them."""

    def on_part_ready(self, topic: str, partition: int, part: Part) -> None:
        """Recovered and sought, also when the partition was kept: rebuild what is derived, the first batch follows."""

    def on_record_set_aside(self, error: RecordTooLargeError) -> None:
        """A cell was not stored."""
        self.log.error("%s", error)

    def on_loss(self, loss: Loss) -> None:
        """Kafka no longer has what we rely on. The partition is already being set right, as far as it can be."""
        self.log.error("%s", loss.sentence)

    def on_cut_off(self, table: Table, partition: int, tail: int, base: int) -> None:
        """A changelog that ended at `tail` was written to at `base`: it was made anew, or lost what was in between."""
        self.log.error(
            "%s/%d ended at %d, and is written to at %d: it was made anew or cut off; all of it is stored again",
            table.changelog_name(), partition, tail, base,
        )  # fmt: skip
        for name, source in self.sources.items():
            if table in source.tables:
                self.batches.watch.tell(rewritten(TP(name, partition), [table.store.name]))

    def new_changelog_writer(self) -> Writer:
        """Where cuts are written."""
        return ChangelogWriter(self)

    # -- for the transport

    @property
    def recovery(self) -> OrderedRecovery:
        return self.memory.recovery

    @property
    def memory(self) -> CutTables:
        return cast(CutTables, self.tables)

    def open_tables(self, tp: TP) -> None:
        for table in self.sources[tp.topic].tables:
            table.open(tp.partition)

    def ready(self, tp: TP, part: Part) -> None:
        self.memory.remembered.add(tp)
        self.on_part_ready(tp.topic, tp.partition, part)

    def fail(self, error: Exception) -> None:
        """The worker stops with `error`, which `run` raises."""
        if not self._crashed.is_set():
            self.log.critical("%s", error)
            self._crash(error)

    def _new_transport(self) -> Transport:
        return BatchTransport(self.conf.broker_consumer, self, loop=self.loop)

    def _create_directories(self) -> None:
        """Nothing is kept on disk."""
