"""One cut of one partition: the changes of all its tables, its offset and its clock, at one and the same moment.

`take` has no await: that is the whole point. A cut that encoded a table later than it noted the offset would store
contacts ahead of their tallies, and a redelivered event would then be skipped for tallies that never saw it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from aiokafka.errors import KafkaError
from faust.types import TP

from callpulse.stream.transport.cellstore import CellStore, Taken
from callpulse.stream.transport.errors import HalfAppliedError
from callpulse.stream.transport.part import Part

log = logging.getLogger(__name__)


class Writer(Protocol):
    """Where a cut is written: the producer, or a twin of it that is slow, fails or dies."""

    def new_batch(self) -> Any:
        """An empty aiokafka BatchBuilder."""

    async def send(self, batch: Any, topic: str, partition: int) -> Awaitable[Any]:
        """Hand over one batch; the result is awaited for the broker's acknowledgement."""


class Table(Protocol):
    """What the transport needs of a table; `callpulse.stream.tables.CutTable` is one."""

    store: CellStore[Any, Any]

    def changelog_name(self) -> str: ...

    def open(self, partition: int) -> None: ...

    def forget(self, partition: int) -> None: ...

    def recover_to(self, ends: Mapping[TP, int | None]) -> None:
        """Apply nothing at or beyond these offsets of the changelog."""

    def written(self, partition: int, base: int, count: int) -> None:
        """`count` records were acknowledged from changelog offset `base` on."""

    def tail(self, partition: int) -> int | None:
        """Where the changelog ends, as far as its whole state is stored in it."""

    def write_again(self, partition: int, tail: int) -> None:
        """The changelog lost what it held up to `tail`: store all of it again, from memory."""


class TableCut:
    """The changes of one table, packed for the producer."""

    __slots__ = ("batches", "table", "taken")

    def __init__(self, table: Table, taken: Taken[Any, Any], batches: list[Any]) -> None:
        self.table = table
        self.taken = taken
        self.batches = batches


class Cut:
    """`tables` in the order they are sent. Every event below `next` is in it, none above; `clock` (ms UTC) as it stood
    there; `generation` of the group it belongs to."""

    __slots__ = ("clock", "generation", "next", "partition", "tables", "topic", "topic_id")

    def __init__(self, topic: str, partition: int, part: Part) -> None:
        self.topic = topic
        self.partition = partition
        self.next = part.next
        self.clock = part.clock
        self.generation = part.gen
        self.topic_id = part.topic_id
        self.tables: list[TableCut] = []

    def put_back(self) -> None:
        for cut in self.tables:
            cut.table.store.put_back(self.partition, cut.taken)

    def too_large(self) -> list[Any]:
        return [error for cut in self.tables for error in cut.taken.too_large]


def take(topic: str, partition: int, part: Part, tables: Sequence[Table], new_batch: Callable[[], Any]) -> Cut:
    """No await in here, nor between here and the caller's promise to put back what it cannot write.

    Raises HalfAppliedError if an agent died inside a batch."""
    if part.taken != part.next:
        raise HalfAppliedError(topic, partition, part.next, part.taken)
    cut = Cut(topic, partition, part)
    try:
        for table in tables:
            taken = table.store.take(partition)
            cut.tables.append(TableCut(table, taken, []))
            cut.tables[-1].batches = pack(taken.records, new_batch)
    except BaseException:
        cut.put_back()
        raise
    return cut


def pack(records: list[tuple[bytes, bytes | None]], new_batch: Callable[[], Any]) -> list[Any]:
    """Records in as few closed batches as hold them. A record larger than a batch gets one of its own."""
    batches: list[Any] = []
    for key, value in records:
        if not batches or batches[-1].append(key=key, value=value, timestamp=None) is None:
            batches.append(new_batch())
            batches[-1].append(key=key, value=value, timestamp=None)
    for batch in batches:
        batch.close()
    return batches


async def write(
    cut: Cut,
    writer: Writer,
    may_write: Callable[[Cut], bool],
    before: Callable[[Cut], Awaitable[None]] | None,
) -> bool:
    """True when every record of the cut is acknowledged, one table after the other. However it ends otherwise
    (refused, failed, cancelled), all its keys are dirty again."""
    done = False
    try:
        done = await _write(cut, writer, may_write, before)
    except (KafkaError, TimeoutError) as error:
        log.warning("%s/%d: changelog write failed, tried again: %r", cut.topic, cut.partition, error)
    finally:
        if not done:
            cut.put_back()
    return done


async def _write(
    cut: Cut,
    writer: Writer,
    may_write: Callable[[Cut], bool],
    before: Callable[[Cut], Awaitable[None]] | None,
) -> bool:
    if before is not None and not await _prepared(cut, before):
        return False
    for table in cut.tables:
        if not may_write(cut):
            return False
        await _write_table(cut, table, writer)
    return True


async def _prepared(cut: Cut, before: Callable[[Cut], Awaitable[None]]) -> bool:
    try:
        await before(cut)
    except Exception as error:  # whatever it was, the cut must wait for it
        log.warning("%s/%d: not ready to flush, tried again: %r", cut.topic, cut.partition, error)
        return False
    return True


async def _write_table(cut: Cut, table: TableCut, writer: Writer) -> None:
    name = table.table.changelog_name()
    sent = [(batch, await writer.send(batch, name, cut.partition)) for batch in table.batches]
    acks = [asyncio.ensure_future(ack) for _, ack in sent]
    for ack in acks:
        ack.add_done_callback(_look_at)
    if acks:
        await asyncio.wait(acks)  # all of them, so that none is left behind unseen when one fails
    for (batch, _), ack in zip(sent, acks, strict=True):
        table.table.written(cut.partition, ack.result().offset, batch.record_count())


def _look_at(ack: "asyncio.Future[Any]") -> None:
    """The failure of a write nobody waits for any more is no news: its cut is dirty again."""
    if not ack.cancelled():
        ack.exception()
