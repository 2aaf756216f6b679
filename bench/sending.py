"""A fast way to get records into a topic: whole batches at a time."""

import logging
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

Timed = tuple[int, bytes | None, bytes | None, int | None]  # partition, value, key, timestamp (ms; None: now)


async def send_to_new(topic: str, partitions: int, found: Iterable[Timed], brokers: str) -> None:
    """Create an ordinary topic and send the records."""
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1)])
    finally:
        await admin.close()
    await send(topic, found, brokers)


async def send(topic: str, found: Iterable[Timed], brokers: str) -> None:
    """Send the records; returns when the broker has them."""
    async with Batches(brokers) as batches:
        for partition, value, key, at in found:
            await batches.add(topic, partition, value, key, at)


class Batches:
    """Records of several topics, sent as batches fill up; all of them are with the broker when it is left."""

    def __init__(self, brokers: str) -> None:
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it says what it tries again by itself
        self._producer = AIOKafkaProducer(
            bootstrap_servers=brokers, max_request_size=4_194_304, max_batch_size=1_000_000
        )
        self._open: dict[tuple[str, int], Any] = {}
        self._sent: list[Any] = []

    async def __aenter__(self) -> "Batches":
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.flush()
        finally:
            await self._producer.stop()

    async def flush(self) -> None:
        """All that was added is with the broker."""
        for where in list(self._open):
            await self._close(where)
        for each in self._sent:
            await each
        self._sent.clear()

    async def add(self, topic: str, partition: int, value: bytes | None, key: bytes | None, at: int | None) -> None:
        """Records of one partition keep their order."""
        where = (topic, partition)
        batch = self._open.get(where)
        if batch is None or batch.append(key=key, value=value, timestamp=at) is None:
            await self._close(where)
            batch = self._open[where] = self._producer.create_batch()
            batch.append(key=key, value=value, timestamp=at)

    async def _close(self, where: tuple[str, int]) -> None:
        batch = self._open.pop(where, None)
        if batch is not None:
            topic, partition = where
            self._sent.append(await self._producer.send_batch(batch, topic, partition=partition))
