"""A day of events, and the changelogs that a worker at live pace has written meanwhile, as the broker keeps them."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from bench.brokers import PARTITIONS, Ground
from bench.figures import say
from bench.live_pace import TABLES, Place, Task, store
from bench.sending import send
from bench.traffic import Record
from callpulse.stream.transport.notes import note

CLEANED = {  # only how soon the broker looks; what it removes then is up to each topic's own settings
    "log.cleaner.backoff.ms": "500",
    "log.cleaner.dedupe.buffer.size": "33554432",
    "log.retention.check.interval.ms": "1000",
    "log.initial.task.delay.ms": "500",
}
SETTLED_S = 6.0  # nothing was removed for so long: the cleaner is through
CLEANING_S = 180.0
INDEXING_S = 180.0


class UncleanedError(Exception):
    """The broker did not come to rest."""


def keep(here: Ground, name: str, environment: dict[str, str], found: Sequence[tuple[int, Record]]) -> None:
    """Store the events and what follows from them, commit, and let the broker delete and compact. The topics exist,
    empty, and no worker runs."""
    assert here.apache is not None
    logs = here.apache.folder / "logs"
    topic = f"{name}.calls"
    events = ((partition, value, key, None) for _, (partition, value, key) in found)
    asyncio.run(send(topic, events, here.brokers))
    here.apache.end()
    say("writing the changelogs of a worker at live pace")
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        places = list(pool.map(store, [_task(n, logs, name, environment, found) for n in range(PARTITIONS)]))
    say(f"{size_mb(logs, changelogs(name)):,.0f} MB in {time.perf_counter() - began:.0f} s; the broker cleans them")
    here.apache.start(INDEXING_S)
    _cleaned(logs, changelogs(name))
    asyncio.run(_commit(here.brokers, f"{name}.stream", topic, places))


def changelogs(name: str) -> list[str]:
    """The topics of the tables that calls feed."""
    return [f"{name}.stream-{table}-changelog" for table in TABLES]


def size_mb(logs: Path, topics: Sequence[str]) -> float:
    """What the segments of these topics take on the broker's disk, indexes left out; in units of 1,000,000 bytes."""
    found = (path for topic in topics for n in range(PARTITIONS) for path in (logs / f"{topic}-{n}").glob("*.log"))
    return sum(path.stat().st_size for path in found) / 1e6


def _task(number: int, logs: Path, name: str, environment: dict[str, str], found: Sequence[tuple[int, Record]]) -> Task:
    mine = [(at, value) for at, (partition, value, _) in found if partition == number]
    folders = {table: logs / f"{topic}-{number}" for table, topic in zip(TABLES, changelogs(name), strict=True)}
    return Task(number, mine, folders, environment)


def _cleaned(logs: Path, topics: Sequence[str]) -> None:
    began = changed = time.perf_counter()
    before = 0.0
    while (now := time.perf_counter()) - changed < SETTLED_S:
        if now - began > CLEANING_S:
            raise UncleanedError(f"the broker still cleans after {CLEANING_S:.0f} s")
        size = _size_or_none(logs, topics)
        if size != before:
            before, changed = size if size is not None else before, now
        time.sleep(0.2)  # a broker tells nobody that its cleaner is through


def _size_or_none(logs: Path, topics: Sequence[str]) -> float | None:
    try:
        return size_mb(logs, topics)
    except FileNotFoundError:  # it is being removed at this moment
        return None


async def _commit(brokers: str, group: str, topic: str, places: Sequence[Place]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        tps = {TopicPartition(topic, place.partition): place for place in places}
        consumer.assign(list(tps))
        await consumer.commit(
            {tp: OffsetAndMetadata(place.next, note(place.next, place.clock)) for tp, place in tps.items()}
        )
    finally:
        await consumer.stop()
