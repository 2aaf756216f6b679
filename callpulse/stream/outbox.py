"""Records that a worker sends because of what it read: kept until the broker has them.

Each belongs to an origin, the source partition it came from; a cut of that partition waits for its records (`settle`),
so that nothing is committed whose consequences could still be lost.
"""

import asyncio
import contextlib
from collections import defaultdict
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

Origin = tuple[str, int]


class _Record:
    __slots__ = ("ack", "key", "partition", "topic", "value")

    def __init__(self, topic: str, key: bytes | None, value: bytes, partition: int | None) -> None:
        self.topic, self.key, self.value, self.partition = topic, key, value, partition
        self.ack: asyncio.Future[Any] | None = None


class Outbox:
    """`add` only remembers; `post` hands over to the producer; `settle` waits for the broker."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._kept: defaultdict[Origin, list[_Record]] = defaultdict(list)
        self._locks: defaultdict[Origin, asyncio.Lock] = defaultdict(asyncio.Lock)

    def add(self, origin: Origin, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None:
        """Remember a record for its origin."""
        self._kept[origin].append(_Record(topic, key, value, partition))

    def waiting(self, origin: Origin) -> int:
        """How many records of this origin the broker has not acknowledged as far as is known."""
        return len(self._kept.get(origin, ()))

    async def post(self, origin: Origin) -> None:
        """Hand what is new to the producer, which sends it in the background. What it does not take is kept."""
        async with self._locks[origin]:
            with contextlib.suppress(KafkaError):
                await self._post(origin)

    async def settle(self, origin: Origin) -> None:
        """Return when the broker has every record of this origin; raises KafkaError if it does not take one, which is
        then tried again at the next call."""
        async with self._locks[origin]:
            await self._post(origin)
            waited = list(self._kept[origin])
            if waited:
                await asyncio.wait([record.ack for record in waited if record.ack])  # waiting never cancels an ack
            trouble = [error for error in map(_refused, waited) if error is not None]
            left = [record for record in self._kept.get(origin, []) if record.ack is None or not record.ack.done()]
            if origin in self._kept:
                self._kept[origin] = left
            if trouble:
                raise trouble[0]

    def drop(self, origin: Origin) -> None:
        """The partition is somebody else's now, who will read the same and send the same."""
        self._kept.pop(origin, None)

    async def _post(self, origin: Origin) -> None:
        for record in [record for record in self._kept[origin] if record.ack is None]:
            record.ack = await self._producer.send(
                record.topic, value=record.value, key=record.key, partition=record.partition
            )


def _refused(record: _Record) -> KafkaError | None:
    """Why the broker does not have it; such a record is sent again."""
    ack = record.ack
    if ack is None or (not ack.cancelled() and ack.exception() is None):
        return None
    record.ack = None
    error = None if ack.cancelled() else ack.exception()
    return error if isinstance(error, KafkaError) else KafkaError(f"not acknowledged: {error!r}")
