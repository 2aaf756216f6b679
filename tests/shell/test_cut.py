"""The cut: what is in it, in which order it is written, and that nothing is lost when it is not."""

import asyncio
import json
from collections import namedtuple

import pytest
from aiokafka.errors import KafkaTimeoutError

from callpulse.stream.transport.cellstore import CellStore, Codec
from callpulse.stream.transport.cut import pack, take, write
from callpulse.stream.transport.errors import HalfAppliedError
from callpulse.stream.transport.part import Part

Ack = namedtuple("Ack", "offset")
P = 0


def dumps(value):
    return json.dumps(value).encode()


class ATable:
    def __init__(self, name, limit=1_000):
        codec = Codec(dumps, json.loads, dumps, json.loads, lambda value: value[0])
        self.store = CellStore(name, codec, limit)
        self.store.open(P)
        self.acknowledged = 0

    def set(self, key, value):
        self.store.cells[P][key] = value
        self.store.dirty[P][key] = None

    def changelog_name(self):
        return self.store.name

    def written(self, partition, base, count):
        self.acknowledged += count


class ABatch:
    """Two records at most, as aiokafka's builder behaves when it is full."""

    def __init__(self):
        self.records, self.closed = [], False

    def append(self, *, key, value, timestamp):
        if len(self.records) == 2:
            return None
        self.records.append((key, value))
        return True

    def close(self):
        self.closed = True

    def record_count(self):
        return len(self.records)


class Disk:
    """A writer that keeps what it got; `fails` and `waits` name the topic at which it fails or never answers."""

    def __init__(self, fails=None, waits=None):
        self.fails, self.waits, self.topics, self.stored = fails, waits, [], {}
        self.waiting = asyncio.Event()

    def new_batch(self):
        return ABatch()

    async def send(self, batch, topic, partition):
        assert batch.closed
        return self.answer(batch, topic)

    async def answer(self, batch, topic):
        self.topics.append(topic)
        if topic == self.waits:
            self.waiting.set()
            await asyncio.Event().wait()
        if topic == self.fails:
            raise KafkaTimeoutError(topic)
        self.stored.setdefault(topic, {}).update(batch.records)
        return Ack(0)


@pytest.fixture
def tables():
    tallies, contacts = ATable("tallies"), ATable("contacts")
    tallies.set("q", [4, 1])
    contacts.set("c", [4, "facts"])
    return [tallies, contacts]


@pytest.fixture
def part():
    return Part(next=5, clock=99, gen=1)


def dirty(tables):
    return [list(table.store.dirty[P]) for table in tables]


def anyone(_):
    return True


async def test_tallies_are_acknowledged_before_contacts_are_sent(tables, part):
    disk = Disk()
    cut = take("calls", P, part, tables, disk.new_batch)
    assert await write(cut, disk, anyone, None)
    assert disk.topics == ["tallies", "contacts"]
    assert [table.acknowledged for table in tables] == [1, 1]
    assert dirty(tables) == [[], []]


async def test_what_changes_after_the_cut_belongs_to_the_next_one(tables, part):
    disk = Disk()
    cut = take("calls", P, part, tables, disk.new_batch)
    for table, key in zip(tables, ("q", "c"), strict=True):
        table.set(key, [7, "later"])
    part.next, part.taken, part.clock = 8, 8, 120
    assert await write(cut, disk, anyone, None)
    assert (cut.next, cut.clock) == (5, 99)
    assert disk.stored == {"tallies": {b'"q"': b"[4, 1]"}, "contacts": {b'"c"': b'[4, "facts"]'}}
    assert dirty(tables) == [["q"], ["c"]]


async def test_if_tallies_fail_contacts_are_not_sent_and_all_is_dirty_again(tables, part):
    disk = Disk(fails="tallies")
    cut = take("calls", P, part, tables, disk.new_batch)
    assert not await write(cut, disk, anyone, None)
    assert disk.topics == ["tallies"]
    assert dirty(tables) == [["q"], ["c"]]


async def test_a_lease_lost_between_two_tables_stops_the_cut(tables, part):
    disk = Disk()
    cut = take("calls", P, part, tables, disk.new_batch)
    assert not await write(cut, disk, lambda _: not disk.topics, None)
    assert disk.topics == ["tallies"]
    assert dirty(tables) == [["q"], ["c"]]


@pytest.mark.parametrize("waits", ["tallies", "contacts"])
async def test_a_cut_that_is_cancelled_leaves_all_dirty(tables, part, waits):
    disk = Disk(waits=waits)
    cut = take("calls", P, part, tables, disk.new_batch)
    writing = asyncio.create_task(write(cut, disk, anyone, None))
    await asyncio.wait_for(disk.waiting.wait(), 10)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert dirty(tables) == [["q"], ["c"]]


async def test_nothing_is_sent_before_what_must_come_first_is_done(tables, part):
    disk, seen = Disk(), []

    async def forwards(cut):
        seen.append((cut.topic, cut.partition, cut.next, list(disk.topics)))

    assert await write(take("agents", P, part, tables, disk.new_batch), disk, anyone, forwards)
    assert seen == [("agents", P, 5, [])]


async def test_if_what_must_come_first_fails_nothing_is_sent_and_all_is_dirty_again(tables, part):
    disk = Disk()

    async def forwards(_):
        raise ValueError("no acknowledgement")

    assert not await write(take("agents", P, part, tables, disk.new_batch), disk, anyone, forwards)
    assert disk.topics == []
    assert dirty(tables) == [["q"], ["c"]]


async def test_a_key_that_failed_goes_out_with_its_newest_value(tables, part):
    disk = Disk(fails="contacts")
    await write(take("calls", P, part, tables, disk.new_batch), disk, anyone, None)
    tables[1].set("c", [6, "more"])
    disk.fails = None
    await write(take("calls", P, part, tables, disk.new_batch), disk, anyone, None)
    assert disk.stored["contacts"] == {b'"c"': b'[6, "more"]'}


async def test_a_cell_deleted_leaves_a_tombstone_and_so_it_does_after_a_failure(tables, part):
    disk = Disk(fails="contacts")
    tables[1].store.delete(P, "c")
    for disk.fails in ("contacts", None):
        await write(take("calls", P, part, tables, disk.new_batch), disk, anyone, None)
    assert disk.stored["contacts"] == {b'"c"': None}
    assert dirty(tables) == [[], []]


async def test_a_partition_forgotten_during_its_cut_gets_no_marks_back(tables, part):
    disk = Disk(fails="tallies")
    cut = take("calls", P, part, tables, disk.new_batch)
    for table in tables:
        table.store.forget(P)
        table.store.open(P)
    await write(cut, disk, anyone, None)
    assert dirty(tables) == [[], []], "they would be stored as cells that do not exist"


def test_after_an_agent_died_inside_a_batch_nothing_is_cut(tables, part):
    part.taken = 9
    with pytest.raises(HalfAppliedError, match="offset 5"):
        take("calls", P, part, tables, ABatch)
    assert dirty(tables) == [["q"], ["c"]]


def test_a_value_that_cannot_be_encoded_leaves_all_dirty(tables, part):
    tables[1].set("bad", [9, object()])
    with pytest.raises(TypeError):
        take("calls", P, part, tables, ABatch)
    assert dirty(tables) == [["q"], ["c", "bad"]]


async def test_a_record_no_broker_would_take_is_set_aside_and_the_rest_goes_on(part):
    table, disk = ATable("contacts", limit=100), Disk()
    table.set("c", [4, "facts"])
    table.set("huge", [4, "x" * 200])
    cut = take("calls", P, part, [table], disk.new_batch)
    (error,) = cut.too_large()
    assert (error.table, error.key) == ("contacts", b'"huge"')
    assert "contacts" in str(error)
    assert "key of 6 bytes" in str(error)
    assert await write(cut, disk, anyone, None)
    assert disk.stored == {"contacts": {b'"c"': b'[4, "facts"]'}}
    assert dirty([table]) == [[]], "tried again only when it changes"


def test_records_fill_batches_in_their_order():
    batches = pack([(b"%d" % n, b"") for n in range(5)], ABatch)
    assert [[key for key, _ in batch.records] for batch in batches] == [[b"0", b"1"], [b"2", b"3"], [b"4"]]
    assert pack([], ABatch) == []
