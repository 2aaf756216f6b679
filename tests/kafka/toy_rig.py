"""What the tests around the toy worker share: topics, a producer with known totals, workers as processes, and readers
of what is stored."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import Counter, defaultdict

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from callpulse.clock import monotonic_s
from callpulse.demo import children
from callpulse.kafka.stopping import stopped
from callpulse.stream.tables import Changelog
from callpulse.stream.transport.notes import noted_clock
from tests.kafka import toy_core as core
from tests.kafka.toy_worker import PARTITIONS
from tests.waiting import until_async

HORIZON_MS = 60_000
STUCK_S = 30


def partition_of(queue):
    return (murmur2(queue.encode()) & 0x7FFFFFFF) % PARTITIONS


class Rig:
    """One topic, one group, and the processes that work on it. `worker("a")` starts worker a."""

    def __init__(self, bootstrap, name, folder, **options):
        self.bootstrap = bootstrap
        self.topic = f"{name}-calls"
        self.folder = folder
        self.options = {
            "bootstrap": bootstrap, "id": name, "topic": self.topic, "folder": str(folder), **options,
        }  # fmt: skip
        self.logs = defaultdict(list)
        self.workers = {}
        self.starts = {}
        self.marks = {}

    async def __aenter__(self):
        self.admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await self.admin.start()
        await self.admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)])
        return self

    async def __aexit__(self, *_):
        for name in list(self.workers):
            self.kill(name)
        await self.admin.close()

    # -- workers

    def worker(self, member, **options):
        argv = json.dumps({**self.options, "member": member, **options})
        self.marks[member] = self.starts[member] = len(self.log(member))
        program = [sys.executable, "-m", "tests.kafka.toy_worker", argv]
        self.workers[member] = child = children.start(program, self.folder / f"{member}.log")
        return child

    def kill(self, member):
        children.kill(self.workers.pop(member))

    async def end(self, member, grace_s=20.0):
        """SIGTERM; returns what the worker held."""
        child = self.workers[member]
        child.terminate()
        await until_async(lambda: child.poll() is not None, f"{member} ends", grace_s, self.said)
        self.kill(member)
        assert child.returncode == 0, self.said()
        return json.loads((self.folder / f"{member}.json").read_text())

    def said(self):
        return "\n".join(f"--- {log.name}\n{log.read_text()[-6_000:]}" for log in self.folder.glob("*.log"))

    # -- events

    async def produce(self, events, pace=None):
        """Into the partition of each queue, in order; remembered in `logs`. `pace` = events between two pauses of
        50 ms."""
        async with self._producer(linger_ms=5) as producer:
            for number, event in enumerate(events, 1):
                partition = partition_of(event.queue)
                await producer.send(self.topic, core.encode(event), partition=partition)
                self.logs[partition].append(event)
                if pace and number % pace == 0:
                    await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def _producer(self, **options):
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, **options)
        try:
            await asyncio.wait_for(producer.start(), 60)
            yield producer
        finally:
            assert await stopped(producer.stop, 60), "the broker does not take everything"

    # -- what is stored

    async def has_committed(self, timeout_s):
        """Waits until the group commits something new."""
        before = await self._committed()
        await until_async(lambda: self._newer(before), "the group commits", timeout_s, self.said)

    async def _newer(self, before):
        return await self._committed() != before

    async def _committed(self):
        """{partition: place} of the group."""
        asked = [TopicPartition(self.topic, p) for p in range(PARTITIONS)]
        try:
            found = await self.admin.list_consumer_group_offsets(self.options["id"], partitions=asked)
        except KafkaError:  # a new broker makes its topic of offsets when first asked
            return {}
        return {tp.partition: place for tp, place in found.items() if place.offset >= 0}

    async def serves(self, member, partitions, timeout_s):
        """Waits until a worker is made ready for at least so many partitions at once, since its start or since it was
        last asked for."""

        def ready():
            lines = [line.split() for line in self.log(member)[self.marks[member] :].splitlines()]
            rounds = [line[4] for line in lines if line[:1] == ["ready"]]
            return rounds and rounds.count(rounds[-1]) >= partitions

        await until_async(ready, f"{member} serves {partitions} partitions", timeout_s, self.said)
        self.marks[member] = len(self.log(member))

    async def ready(self, member, timeout_s=20):
        """Waits until a worker has served something since its start."""
        await until_async(lambda: self.ready_at(member), f"{member} is ready", timeout_s, self.said)

    def ready_at(self, member):
        """{partition: [offset, clock]} from which it went on, the last time since its start."""
        lines = [line.split() for line in self.log(member)[self.starts[member] :].splitlines()]
        return {int(p): [int(at), int(clock)] for _, p, at, clock, *_ in (x for x in lines if x[:1] == ["ready"])}

    def log(self, member):
        """The whole lines a worker has written."""
        log = self.folder / f"{member}.log"
        text = log.read_text() if log.exists() else ""
        return text[: text.rfind("\n") + 1]

    async def empty_changelog(self, table):
        """As retention would: its records are gone, its end offsets are not."""
        topic = f"{self.options['id']}-{table}-changelog"
        tps = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as consumer:
            ends = await consumer.end_offsets(tps)
        await self.admin.delete_records({tp: RecordsToDelete(before_offset=end) for tp, end in ends.items()})

    async def compact_soon(self, table):
        """From now on a segment is closed at once and compacted as soon as it is closed: with the next write."""
        topic = f"{self.options['id']}-{table}-changelog"
        eager = {"segment.ms": "1", "min.compaction.lag.ms": "0", "min.cleanable.dirty.ratio": "0.001"}
        whole = {**Changelog().topic_config(), **eager}  # what is not named goes back to the broker's default
        answer = await self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, whole)])
        assert all(code == 0 for reply in answer for code, *_ in reply.resources), answer

    async def largest_number_of_records(self, table, keys):
        """That any of these keys has in the changelog."""
        counts = Counter()
        async for record in self._records(f"{self.options['id']}-{table}-changelog"):
            counts[tuple(json.loads(record.key))] += 1
        return max(counts[key] for key in keys)

    async def write_older(self, table):
        """As a zombie would: after the newest record of every key, in a transaction, whose end marker is an offset that
        no record has."""
        topic = f"{self.options['id']}-{table}-changelog"
        found = [record async for record in self._records(topic)]
        async with (
            asyncio.timeout(60),
            self._producer(transactional_id="zombie") as producer,
            producer.transaction(),
        ):
            for record in found:
                older = core.decode_contact(record.value)
                older[0] = -1
                await producer.send(topic, core.encode(older), key=record.key, partition=record.partition)

    async def all_committed(self, timeout_s=60.0):
        """Waits until the group has committed the end of every partition; returns {partition: (offset, clock)}."""

        async def committed():
            places = await self._committed()
            done = all(places[p].offset == len(log) for p, log in self.logs.items() if p in places)
            return places if done and places.keys() >= self.logs.keys() else None

        places = await until_async(committed, "the group commits everything", timeout_s, self.said)
        return {p: (place.offset, noted_clock(place.metadata, place.offset)) for p, place in places.items()}

    async def changelog(self, table, largest_offset=True):
        """Cells as recovery would read them: of each key the record with the larger source offset, or, if not
        `largest_offset`, the one written last."""
        cells = {}
        topic = f"{self.options['id']}-{table}-changelog"
        async for record in self._records(topic):
            key = tuple(json.loads(record.key))
            if record.value is None:
                cells.pop(key, None)
                continue
            value = (core.decode_tally if table == "tallies" else core.decode_contact)(record.value)
            if key not in cells or not largest_offset or value[0] >= cells[key][0]:
                cells[key] = value
        return cells

    async def _records(self, topic):
        tps = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest") as consumer:
            consumer.assign(tps)
            ends, moved_s = await consumer.end_offsets(tps), monotonic_s()
            for tp, first in (await consumer.beginning_offsets(tps)).items():
                consumer.seek(tp, first)
            while any([await consumer.position(tp) < ends[tp] for tp in tps]):
                assert monotonic_s() - moved_s < STUCK_S, f"{topic} cannot be read to its ends {ends}"
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    moved_s = monotonic_s()
                    for record in records:  # those beyond an end too: the embedded broker lists it too low
                        yield record


def freeze(child):
    os.kill(child.pid, signal.SIGSTOP)


def thaw(child):
    os.kill(child.pid, signal.SIGCONT)
