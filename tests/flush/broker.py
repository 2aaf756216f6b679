"""A twin of Kafka, as far as the state of workers depends on it, and of a worker's way to it.

`tests/kafka/test_twins.py` holds it against the real one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

from aiokafka.errors import KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from faust.types import TP

from callpulse.stream.partitioning import partition_of
from callpulse.stream.transport.thread import Place

BATCH_BYTES = 600  # so small that the changes of one table need several


class Record(NamedTuple):
    """As aiokafka hands it out, as far as anybody looks."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int


class Ack(NamedTuple):
    offset: int


class TwinBroker:
    """Logs that are only appended to, and what one group has committed. Nothing in here takes time."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.generation = 0
        self.logs: defaultdict[TP, list[Record]] = defaultdict(list)
        self.ends: defaultdict[TP, int] = defaultdict(int)
        self.places: dict[TP, Place] = {}

    def append(self, tp: TP, pairs: Iterable[tuple[bytes | None, bytes | None]], at_ms: int = 0) -> int:
        """Returns the offset of the first of these records."""
        base = self.ends[tp]
        self.logs[tp] += [Record(*tp, base + n, key, value, at_ms) for n, (key, value) in enumerate(pairs)]
        self.ends[tp] = self.logs[tp][-1].offset + 1
        return base

    def read(self, tp: TP, start: int, end: int | None = None) -> list[Record]:
        return [record for record in self.logs[tp] if start <= record.offset < (self.ends[tp] if end is None else end)]

    def commit(self, places: Mapping[TP, Place], generation: int) -> bool:
        """Refused to whoever no longer belongs to the group."""
        if generation == self.generation:
            self.places.update(places)
        return generation == self.generation

    def compact(self) -> None:
        """Of each key of the changelogs the record that was written last, whatever it says."""
        for tp in [tp for tp in self.logs if tp.topic.endswith("-changelog")]:
            last = {record.key: record for record in self.logs[tp]}
            kept = [record for record in self.logs[tp] if last[record.key] is record]
            self.logs[tp] = [record for record in kept if record.value is not None]

    def copy(self) -> "TwinBroker":
        twin = TwinBroker(self.partitions)
        twin.generation = self.generation
        twin.logs.update({tp: list(log) for tp, log in self.logs.items()})
        twin.ends.update(self.ends)
        twin.places.update(self.places)
        return twin

    def state(self) -> tuple[Any, ...]:
        """Tells apart any two moments of one history: logs only grow."""
        return (*sorted(self.ends.items()), *sorted((tp, place.offset) for tp, place in self.places.items()))


Action = Callable[[TwinBroker], Any]
Pair = tuple[bytes | None, bytes | None]


class Network:
    """One worker's way to the broker. A request needs `latency_s`: half of it until the broker has it, half of it
    until its answer is there. `under_way`: sent, and not with the broker yet. Writes whose number is in `fails`
    fail, after the broker has taken them (`kept`) or without; `failed` is where the last of these went."""

    def __init__(
        self, broker: TwinBroker, latency_s: float, fails: frozenset[int] = frozenset(), *, kept: bool
    ) -> None:
        self.broker = broker
        self.latency_s = latency_s
        self.under_way: list[Action] = []
        self.writes = 0
        self.failed: TP | None = None
        self._fails = fails
        self._kept = kept

    async def ask(self, action: Action) -> Any:
        """A question to the broker."""
        await asyncio.sleep(self.latency_s / 2)
        answer = action(self.broker)
        await asyncio.sleep(self.latency_s / 2)
        return answer

    async def write(self, tp: TP, pairs: list[Pair]) -> Awaitable[Ack]:
        """Like aiokafka: first it may wait (for metadata, for room), then the write is under way by itself."""
        action: Action = lambda broker: broker.append(tp, pairs)  # noqa: E731
        self.writes += 1
        failing = self.writes in self._fails
        if failing:
            self.failed = tp
        await asyncio.sleep(self.latency_s / 5)
        if not failing or self._kept:
            self.under_way.append(action)
        return asyncio.ensure_future(self._acknowledged(action, failing=failing))

    async def _acknowledged(self, action: Action, *, failing: bool) -> Ack:
        await asyncio.sleep(self.latency_s / 2)
        base = 0
        if not failing or self._kept:
            self.under_way.remove(action)
            base = action(self.broker)
        await asyncio.sleep(self.latency_s / 2)
        if failing:
            raise KafkaTimeoutError("failed on purpose")
        return Ack(base)


class TwinWriter:
    """Of `callpulse.stream.transport.writer.ChangelogWriter`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def new_batch(self) -> BatchBuilder:
        return BatchBuilder(BATCH_BYTES, 0)

    async def send(self, batch: BatchBuilder, topic: str, partition: int) -> Awaitable[Ack]:
        return await self._network.write(TP(topic, partition), list(_pairs(batch)))


class TwinProducer:
    """Of aiokafka's producer, as an outbox uses it."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def send(
        self, topic: str, *, value: bytes, key: bytes | None = None, partition: int | None = None
    ) -> Awaitable[Ack]:
        if partition is None:
            partition = 0 if key is None else partition_of(key.decode(), self._network.broker.partitions)
        return await self._network.write(TP(topic, partition), [(key, value)])


def _pairs(batch: BatchBuilder) -> Iterable[Pair]:
    records = MemoryRecords(bytes(batch._build()))
    while (found := records.next_batch()) is not None:
        yield from ((record.key, record.value) for record in found)
