"""The twins of tests/flush do what Apache Kafka does, as far as the state of a worker depends on it."""

import contextlib
import logging
from types import SimpleNamespace
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faust.types import TP

from callpulse.stream.transport.cut import pack
from callpulse.stream.transport.notes import Place
from callpulse.stream.transport.thread import BatchThread
from callpulse.stream.transport.writer import ChangelogWriter
from tests.flush.broker import Network, TwinBroker, TwinWriter
from tests.waiting import until_async

KEYS = [(b"k%d" % number, b"value" * 20) for number in range(40)]


class Twin:
    """The twin of both: of the broker, and of the way to it."""

    def __init__(self, topic):
        self.broker, self.topic = TwinBroker(1), TP(topic, 0)
        self.network = Network(self.broker, 0.0, kept=False)
        self.writer = TwinWriter(self.network)
        self.broker.generation = 1

    async def read(self):
        return [(record.offset, record.key, record.value) for record in self.broker.read(self.topic, 0)]

    async def commit(self, place, *, of_an_older_generation=False):
        return self.broker.commit({self.topic: place}, 0 if of_an_older_generation else 1)

    async def place(self):
        return self.broker.places.get(self.topic)


class Thread(BatchThread):
    """The worker's own thread over a consumer of ours, without the thread."""

    def __init__(self, consumer):
        self.consumer, self.log = consumer, logging.getLogger(__name__)

    def _ensure_consumer(self):
        return self.consumer

    def assignment(self):
        return {TP(*tp) for tp in self.consumer.assignment()}


class Real:
    """Apache Kafka, reached by the product's own writer and commits."""

    def __init__(self, topic, producer, consumer):
        self.topic, self.consumer, self.thread = TP(topic, 0), consumer, Thread(consumer)
        self.writer = ChangelogWriter(SimpleNamespace(producer=SimpleNamespace(_ensure_producer=lambda: producer)))

    async def read(self):
        tp, found = TopicPartition(*self.topic), []
        self.consumer.seek(tp, 0)  # seek_to_beginning loses to a ListOffsets for LATEST that is still under way
        end = (await self.consumer.end_offsets([tp]))[tp]

        async def all_of_it():
            found.extend((await self.consumer.getmany(tp, timeout_ms=500)).get(tp, []))
            return len(found) >= end

        await until_async(all_of_it, f"{end} records of {tp}", 30, lambda: found)
        return [(record.offset, record.key, record.value) for record in found]

    async def commit(self, place, *, of_an_older_generation=False):
        coordinator = self.consumer._coordinator
        member = coordinator.member_id, coordinator.generation
        coordinator.generation -= of_an_older_generation
        try:
            return await self.thread._commit_here({self.topic: place})
        finally:  # a refused member forgets who it is, and the group would wait for it until its session ends
            coordinator.member_id, coordinator.generation = member

    async def place(self):
        return (await self.thread._places_here([self.topic])).get(self.topic)


@contextlib.asynccontextmanager
async def real(bootstrap, topic):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    at, batch = {"bootstrap_servers": bootstrap}, 600
    async with (
        AIOKafkaProducer(**at, max_batch_size=batch) as producer,
        AIOKafkaConsumer(
            topic, **at, group_id=topic, enable_auto_commit=False, auto_offset_reset="earliest"
        ) as consumer,
    ):
        await until_async(consumer.assignment, "the only member gets the partition", 60)
        yield Real(topic, producer, consumer)


@pytest.fixture(params=["twin", "real"])
async def side(request):
    topic = f"twins-{uuid4().hex[:8]}"
    if request.param == "twin":
        yield Twin(topic)
        return
    async with real(request.getfixturevalue("kafka").bootstrap, topic) as found:
        yield found


async def sent(side, pairs):
    """(offset told, records) of each batch, in the order in which they were handed over."""
    batches = pack(pairs, side.writer.new_batch)
    acks = [await side.writer.send(batch, side.topic.topic, 0) for batch in batches]
    return [((await ack).offset, batch.record_count()) for ack, batch in zip(acks, batches, strict=True)]


async def test_each_acknowledgement_tells_where_its_records_stand(side):
    told = await sent(side, KEYS)
    assert len(told) > 3, "a table takes several batches"
    assert told == [(sum(count for _, count in told[:n]), told[n][1]) for n in range(len(told))]
    assert await side.read() == [(offset, *pair) for offset, pair in enumerate(KEYS)]


async def test_a_tombstone_is_a_record_and_a_record_larger_than_a_batch_gets_its_own(side):
    pairs = [(b"gone", None), (b"huge", b"x" * 2_000), (b"small", b"")]
    await sent(side, pairs)
    assert await side.read() == [(offset, *pair) for offset, pair in enumerate(pairs)]


async def test_what_was_committed_comes_back_with_its_note_and_never_from_a_generation_gone(side):
    assert await side.place() is None
    assert await side.commit(Place(7, "clock"))
    assert not await side.commit(Place(9, "zombie"), of_an_older_generation=True)
    assert await side.place() == Place(7, "clock")
