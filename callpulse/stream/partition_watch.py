"""Partitions that somebody adds while a worker runs: it ends with a sentence, since keys have moved away from their
figures. Its last cut is stored as at any stop, so that `callpulse repartition` finds everything whole."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from callpulse.settings import Settings
from callpulse.stream.topic_list import TOPICS
from callpulse.stream.transport import TransportError

PACE_S = 0.5
METADATA_AGE_MS = 5_000  # of the producer whose knowledge this is: so long may it take to be noticed


class PartitionsAddedError(TransportError):
    """A source topic has more partitions than the worker was started for."""

    def __init__(self, topic: str, found: int, expected: int) -> None:
        super().__init__(
            f"{topic}: the number of partitions is {found} now, expected {expected}. Partitions were added in place, "
            "which moves queues away from their figures. Stop sources and workers, then: callpulse repartition "
            f"--partitions {found}"
        )


async def partitions_added(producer: AIOKafkaProducer, settings: Settings) -> PartitionsAddedError:
    """Returns as soon as the producer's metadata tells of it. Fewer are no news: brokers that start say so."""
    expected = settings.kafka.partitions
    names = [topic.name(settings.kafka.prefix) for topic in TOPICS if topic.spread]
    while True:
        for name in names:
            found = await _count(producer, name)
            if found > expected:
                return PartitionsAddedError(name, found, expected)
        await asyncio.sleep(PACE_S)


async def _count(producer: AIOKafkaProducer, topic: str) -> int:
    try:
        return len(await producer.partitions_for(topic))
    except KafkaError:  # away: nobody can add partitions either
        return 0
