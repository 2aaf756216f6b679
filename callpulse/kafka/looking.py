"""Looking into Kafka by a client that belongs to no group: connecting, and which topics there are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from callpulse.kafka.log import heard
from callpulse.kafka.stopping import stopped

CONNECTED_WITHIN_S = 8.0


class NoKafkaError(Exception):
    """It does not answer, or does not let us in; the text says which, and what to look at."""


@contextlib.asynccontextmanager
async def looking(client: dict[str, Any], where: str) -> AsyncIterator[tuple[Any, Any]]:
    """An admin and a consumer that begins at the start of what it is given. `client`: aiokafka's settings of the
    connection. Raises NoKafkaError."""
    admin = AIOKafkaAdminClient(**client)
    consumer = AIOKafkaConsumer(**client, auto_offset_reset="earliest", fetch_max_wait_ms=100)
    try:
        for part in (admin, consumer):
            await start_client(part, where)
        yield admin, consumer
    finally:
        for stop in (consumer.stop, admin.close):
            await stopped(stop)


async def start_client(part: Any, where: str) -> None:
    """One of aiokafka's clients. Raises NoKafkaError."""
    with heard() as log:
        try:
            await asyncio.wait_for(part.start(), CONNECTED_WITHIN_S)
        except (KafkaConnectionError, TimeoutError) as error:
            raise NoKafkaError(log.no_kafka(where)) from error


async def partitions(admin: Any) -> dict[str, Sequence[int]]:
    """Topic -> its partitions, of all topics: asking for one by name would have some brokers create it."""
    return {
        topic["topic"]: [each["partition"] for each in topic["partitions"]] for topic in await admin.describe_topics()
    }


def missing(name: str, where: str) -> str:
    """A topic, in a sentence."""
    return (
        f"no topic {name!r} at {where}, or no right to read it; is kafka.prefix right? `callpulse topics` creates what "
        "is missing"
    )
