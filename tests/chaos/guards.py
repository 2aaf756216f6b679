"""The guards of the transport and the books by name, and how a worker does without each: `--without NAME` must make
some seed fail, or the guard is not shown to be needed."""

from collections.abc import Callable
from typing import Any

from callpulse.stream import app, tables
from callpulse.stream.core import account, ageing, roster
from callpulse.stream.transport import (
    cellstore,
    consumer,
    cut,
    intake,
    lease,
    notes,
    part,
    reading,
    recovery,
    starting,
)

WITHOUT: dict[str, Callable[[], None]] = {}


def guard(remove: Callable[[], None]) -> Callable[[], None]:
    """Under its name, with dashes."""
    WITHOUT[remove.__name__.replace("_", "-")] = remove
    return remove


def set_on(owner: Any, **replaced: Any) -> None:
    for name, value in replaced.items():
        getattr(owner, name)  # a guard that has moved is not taken away
        setattr(owner, name, value)


@guard
def skipping() -> None:
    """An event that a cell holds already is booked again."""
    for books in (account, roster):
        set_on(books, is_new=lambda *_: True)


@guard
def larger_offset() -> None:
    """Recovery keeps the record that was written last."""

    def take_in(self: Any, partition: int, key: Any, found: Any) -> None:
        cells = self.cells[partition]
        cells.pop(key, None) if found is None else cells.__setitem__(key, found)

    set_on(cellstore.CellStore, _take_in=take_in, fold_all=_one_by_one)


def _one_by_one(self: Any, partition: int, records: Any) -> None:
    for record in records:
        self.fold(partition, *record)


@guard
def one_cut() -> None:
    """Contacts are encoded when their turn comes, later than the cut that notes their offset."""
    write_table = cut._write_table

    async def late(cut_: Any, table: Any, writer: Any) -> None:
        if table is cut_.tables[-1]:
            table.batches += cut.pack(table.table.store.take(cut_.partition).records, writer.new_batch)
        await write_table(cut_, table, writer)

    set_on(cut, _write_table=late)


@guard
def order_of_tables() -> None:
    """Contacts are stored before the tallies that they feed."""
    write = cut._write

    async def backwards(cut_: Any, *more: Any) -> bool:
        cut_.tables.reverse()
        return await write(cut_, *more)

    set_on(cut, _write=backwards)


@guard
def flush_before_commit() -> None:
    """What is applied is committed, whether or not it could be stored."""
    write = cut.write

    async def whatever(*arguments: Any) -> bool:
        await write(*arguments)
        return True

    set_on(cut, write=whatever)


@guard
def putting_back() -> None:
    """What a cut could not store is not tried again."""
    set_on(cut.Cut, put_back=lambda self: None)


@guard
def single_steps() -> None:
    """What comes again after a recovery is settled in whole batches."""
    derive = ageing.derive

    def hasty(book_: Any) -> None:
        derive(book_)
        book_.replayed_until = -1

    set_on(ageing, derive=hasty)


@guard
def clock_in_metadata() -> None:
    """The clock of a partition begins with the newest fact recovered."""
    set_on(starting, noted_clock=lambda *_: None)


@guard
def copies_before_cut() -> None:
    """An agent's change is stored before the broker has its copies."""

    async def at_once(self: Any, cut_: Any) -> None:
        if cut_.topic == self.calls.topic:
            self.stored.note(cut_)

    set_on(app.StreamApp, _before_flush=at_once)


@guard
def fence() -> None:
    """A worker that stood still writes on, until the broker refuses its commit."""
    set_on(lease.Lease, holds=lambda *_: True)
    set_on(consumer.BatchConsumer, _may_write=lambda *_: True)


@guard
def writing_again() -> None:
    """What a zombie wrote last stays the last."""
    set_on(cellstore.CellStore, doubt=lambda *_: None)
    take_in = cellstore.CellStore._take_in

    def quietly(self: Any, partition: int, key: Any, found: Any) -> None:
        was_dirty = key in self.dirty[partition]
        take_in(self, partition, key, found)
        if not was_dirty:
            self.dirty[partition].pop(key, None)

    set_on(cellstore.CellStore, _take_in=quietly, fold_all=_one_by_one)


@guard
def noticing_others() -> None:
    """Only recovery writes again what a zombie wrote last."""
    set_on(cellstore.CellStore, doubt=lambda *_: None)


@guard
def forgetting() -> None:
    """Cells of partitions lost are remembered when they come back."""
    set_on(recovery, continues=lambda *_: True)
    set_on(recovery.CutTables, _forget_but=lambda *_: None)


@guard
def ends_in_order() -> None:
    """Recovery applies whatever a zombie writes meanwhile."""

    def everything(self: Any, ends: Any) -> None:
        self.store.ends = {}
        self.tails = {}

    set_on(tables.CutTable, recover_to=everything)


@guard
def generation_of_fetches() -> None:
    """A batch belongs to the generation in which it is handed out, not to that in which it was fetched."""
    hand_out = intake.Intake._hand_out

    async def freshly(self: Any, fetched: Any, active: Any) -> None:
        fetched.generation = self._consumer.app.consumer_generation_id
        await hand_out(self, fetched, active)

    set_on(intake.Intake, _hand_out=freshly)


@guard
def contiguity() -> None:
    """A batch need not begin where the one before it ended."""
    set_on(reading.Reading, judge=lambda *_: reading.Step.DELIVER)

    def anything(part_: Any, batch: Any, generation: int) -> part.Verdict:
        if part_ is not None and batch.start > part_.next:
            batch.start = part_.next
        return part.admit(part_, batch, generation)

    set_on(consumer, admit=anything)


@guard
def seek_first() -> None:
    """Batches are delivered before the places of this generation are known."""

    async def one(self: Any, tp: Any, records: list[Any], generation: int) -> None:
        if tp.topic in self._consumer.app.tables.changelog_topics or tp not in self.readings:
            await self._deliver(tp, part.Batch(records, tp.topic, tp.partition, records[0].offset, generation),
                                records[-1], generation)  # fmt: skip
        else:
            await self._source(tp, self.readings[tp], records, generation)

    set_on(intake.Intake, _one=one)


@guard
def places_of_rebalance() -> None:
    """Partitions kept over a rebalance go on from where reading stopped, not from what is committed."""
    places, before = starting._places, dict[Any, int]()

    async def kept(consumer_: Any, mine: Any) -> Any:
        found = await places(consumer_, mine)
        return {tp: place if (old := before.get(tp)) is None else notes.Place(old)
                for tp, place in found.items()}  # fmt: skip

    revoke = consumer.BatchConsumer.on_partitions_revoked

    async def noting(self: Any, revoked: Any) -> None:
        before.clear()
        before.update({tp: part_.next for tp, part_ in self.parts.items()})
        await revoke(self, revoked)

    set_on(consumer.BatchConsumer, on_partitions_revoked=noting)
    set_on(starting, _places=kept)


@guard
def last_cut() -> None:
    """A rebalance does not wait for a last cut: more is read again, nothing may differ."""

    async def nothing(self: Any) -> None:
        return None

    set_on(consumer.BatchConsumer, commit_and_end_transactions=nothing)
